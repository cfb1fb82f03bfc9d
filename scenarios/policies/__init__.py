"""Policies read, explained to one customer, and two editions held against each other."""
