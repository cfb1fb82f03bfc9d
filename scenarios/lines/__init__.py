"""The call lines by theory alone: what a design puts on them, what they can take, and the test of our own queue."""
