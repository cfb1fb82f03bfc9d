"""What became of an outcome on its way to the core, and in it."""

from __future__ import annotations

from typing import NamedTuple


class PostingTried(NamedTuple):
    """One call to the core for one idempotency key."""

    case_id: int
    at_ms: int
    attempt: int
    outcome: str


class Recorded(NamedTuple):
    """The outcome stands in the core with status, note, timestamp and evidence: it counts.

    `attempts` is the number of core calls needed (1 = first try). `manual` means a person posted it. A promise is
    due so many days after the day of its record; 0 for other actions.
    """

    case_id: int
    at_ms: int
    action: str
    amount_minor: int
    attempts: int
    manual: bool
    due_day_offset: int = 0


class PromiseKept(NamedTuple):
    """A recorded promise fell due and the money came."""

    case_id: int
    at_ms: int
    amount_minor: int


class PromiseBroken(NamedTuple):
    """A recorded promise fell due and the money did not come."""

    case_id: int
    at_ms: int
    amount_minor: int


class PostingRefused(NamedTuple):
    """The core refused for a business reason (a declined payment, a stale version after re-reading)."""

    case_id: int
    at_ms: int
    reason: str


class PostingQueued(NamedTuple):
    """The core could not be reached in the bounded tries; the durable outbox keeps the intent."""

    case_id: int
    at_ms: int


class BreakerMoved(NamedTuple):
    """The breaker in front of the core changed its state: "closed", "open" or "half_open". It is nobody's case.

    It comes to "half_open" with the first call that asks once its open time is over.
    """

    at_ms: int
    state: str


class DuplicateEffect(NamedTuple):
    """The core took effect once more for a decision that stood in it already."""

    case_id: int
    at_ms: int
