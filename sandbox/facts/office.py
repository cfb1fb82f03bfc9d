"""What happened in the back office, and what it made customers do."""

from __future__ import annotations

from typing import NamedTuple


class HandedToBackOffice(NamedTuple):
    """A note was left for the back office; a note left again after a customer asked is one more item."""

    case_id: int
    at_ms: int


class BackOfficeDone(NamedTuple):
    """A clerk has keyed one item in; `error` says that it is wrong, whether anybody finds out or not.

    `touch_ms` is clerk time: reading and keying at the first keying, keying alone when it is done again.
    """

    case_id: int
    at_ms: int
    touch_ms: int
    error: bool


class ReconciliationItem(NamedTuple):
    """Somebody has to find out by hand what became of an outcome.

    `cause` says why the record does not tell: rekeyed_wrongly (the next day's reconciliation found an item keyed
    wrongly; it is done again), evidence_scattered or unacknowledged.
    """

    case_id: int
    at_ms: int
    cause: str = "rekeyed_wrongly"


class ItemFailed(NamedTuple):
    """An item ended with nothing in the core and nobody in the back office aware of it.

    `reason` is "lost" (the note) or "wrong" (the keying). Only the customer's call brings such an item back.
    """

    case_id: int
    at_ms: int
    step: str
    reason: str


class FailureDemand(NamedTuple):
    """A customer calls because of the back office; `cause` is "late", "lost" or "wrong"."""

    case_id: int
    at_ms: int
    cause: str
