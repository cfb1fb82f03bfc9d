"""A system of record to test against."""
