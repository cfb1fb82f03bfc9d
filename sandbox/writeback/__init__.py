"""Idempotent posting to the core: keys, outbox, backoff, breaker, settlement of unknowns."""
