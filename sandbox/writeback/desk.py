"""What a posting needs besides the core, and what its caller learns."""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from sandbox.effects import Answer, Effect
from sandbox.errors import BadInput
from sandbox.model import MS_PER_HOUR, MS_PER_MINUTE
from sandbox.ports import AuditSink, CaseStore, FactSink, Receipt
from sandbox.writeback.backoff import BackoffRules
from sandbox.writeback.breaker import Breaker

NEVER_DUE_MS = 2**62
"""`next_try_at_ms` of an intent no sweep takes: ended, or unknown and left to a person."""


class PostingState(StrEnum):
    """How a posting ended for the caller."""

    RECORDED = "recorded"  # the outcome stands in the core
    REFUSED = "refused"  # a definite no: nothing was written
    STALE = "stale"  # the account moved on: read again, decide again, post under a NEW key
    QUEUED = "queued"  # not known yet: the outbox keeps it; the customer is told so, never "done" or "failed"
    LOST = "lost"  # without idempotency only: no answer, and nobody tries again or asks


class PostingResult(NamedTuple):
    """What a caller learns.

    Attributes:
        state: see PostingState.
        receipt: the core's stored answer when recorded (None if a duplicate could not fetch it again).
        attempts: core calls made for this key, reads by key included.
        reason: why refused, stale or queued; "duplicate" for a repeated submission of something that ended.
        at_ms: when this was known.
    """

    state: PostingState
    receipt: Receipt | None
    attempts: int
    reason: str
    at_ms: int


@dataclass(frozen=True, slots=True)
class WritebackDesk:
    """Everything a posting needs besides the core itself.

    Attributes:
        store: outbox rows, and the transaction they share with the audit trail.
        audit: where evidence goes; it must write to the same store.
        facts: listeners.
        breaker: the one breaker in front of the core.
        backoff: waits and number of tries.
        jitter: (key, attempt) -> uniform draw in [0, 1).
        outbox_retry_ms: lease of a row and pause between its settlements, milliseconds. Longer than the
            longest backoff plus a call's timeout, so that a sweep does not take rows from a posting still at
            work.
        outbox_give_up_ms: age at which an unsettled intent goes to a person, milliseconds.
        whole_bundles: who takes a case over gets what its trail knows; False where evidence is scattered.

    Raises:
        BadInput: a duration is not positive, or the lease does not outlast the backoff.
    """

    store: CaseStore
    audit: AuditSink
    facts: FactSink
    breaker: Breaker
    backoff: BackoffRules
    jitter: Callable[[str, int], float]
    outbox_retry_ms: int = 5 * MS_PER_MINUTE
    outbox_give_up_ms: int = 24 * MS_PER_HOUR
    whole_bundles: bool = True

    def __post_init__(self) -> None:
        problems = []
        cap_ms = self.backoff.cap_ms
        if self.outbox_retry_ms <= cap_ms:
            problems.append(
                f"writeback.outbox_retry_ms: {self.outbox_retry_ms} is not above backoff.cap_ms {cap_ms}"
            )
        if self.outbox_give_up_ms < 1:
            problems.append(f"writeback.outbox_give_up_ms: {self.outbox_give_up_ms} is not at least 1")
        if problems:
            raise BadInput(problems)


PostingFlow = Generator[Effect, Answer, PostingResult]
"""A workflow that ends in a PostingResult."""
