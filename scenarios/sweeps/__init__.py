"""The same world under many settings: grids, ranges of assumptions, sequences of messages."""
