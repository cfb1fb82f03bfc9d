"""Idempotent posting to the core: keys, outbox, backoff, breaker, settlement of unknowns."""

from sandbox.writeback.backoff import BackoffRules
from sandbox.writeback.breaker import Breaker, BreakerRules, BreakerState, answered
from sandbox.writeback.desk import PostingFlow, PostingResult, PostingState, WritebackDesk
from sandbox.writeback.keys import fingerprint, idempotency_key
from sandbox.writeback.workflow import post, settle

__all__ = [
    "BackoffRules",
    "Breaker",
    "BreakerRules",
    "BreakerState",
    "PostingFlow",
    "PostingResult",
    "PostingState",
    "WritebackDesk",
    "answered",
    "fingerprint",
    "idempotency_key",
    "post",
    "settle",
]
