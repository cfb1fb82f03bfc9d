"""The case's state table and the steps a design is built from."""
