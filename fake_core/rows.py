"""What the core's tables hand out, as records."""

from __future__ import annotations

from typing import NamedTuple


class PostingRow(NamedTuple):
    """One accepted change as the core keeps it; `key` is None in a core that does not honour keys.

    `effect` is what it did in the ledger: payment, promise, dispute or change.
    """

    posting_id: int
    key: str | None
    fingerprint: str
    case_id: int
    account_id: int
    action: str
    amount_minor: int
    due_day_offset: int
    status: str
    note: str
    source: str
    version: int
    posted_at_ms: int
    effect: str


class CoreTotals(NamedTuple):
    """Sums for checkers, read from the core's own books alone.

    Attributes:
        postings: accepted changes.
        completed: accounts whose case is complete.
        amount_minor: sum of all posted amounts, minor units.
        paid_minor: sum of posted payments, minor units.
        balance_minor: sum of all balances, minor units; falls by exactly `paid_minor`.
        duplicate_keys: keys that took effect more than once, by the core's audit rows.
        audit_rows: evidence of accepted changes; equals `postings`.
        events: events of accepted changes; equals `postings`.
    """

    postings: int
    completed: int
    amount_minor: int
    paid_minor: int
    balance_minor: int
    duplicate_keys: int
    audit_rows: int
    events: int
