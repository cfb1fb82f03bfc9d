"""A hash-chained trail whose head is kept outside it."""
