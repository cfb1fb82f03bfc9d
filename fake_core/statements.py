"""What the core asks of its tables: every statement, compiled once from the tables themselves."""

from __future__ import annotations

from typing import Any, NamedTuple

from sqlalchemy import Table, bindparam, func, insert, literal_column, select, update
from sqlalchemy.schema import CreateIndex
from sqlalchemy.sql import Select

from fake_core.driver import sql_text
from fake_core.tables import POSTING_BY_CASE, TABLES
from sandbox.model import AccountFacts, LedgerEffect


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
    """Sums for checkers, read from the tables alone.

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


_ACCOUNT, _POSTING, _STORED = TABLES["account"], TABLES["posting"], TABLES["idempotency"]
_AUDIT, _EVENT = TABLES["core_audit"], TABLES["core_event"]
_CHANGED = ("balance_minor", "overdue_minor", "disputed", "version", "complete")


def _numbered(table: Table, *names: str) -> str:
    """Return an insert into a table that numbers its rows itself."""
    return sql_text(insert(table).values({name: bindparam(name) for name in names}), *names)


LOAD_ACCOUNT = sql_text(insert(_ACCOUNT), *AccountFacts._fields)
ADD_POSTING = sql_text(insert(_POSTING), *PostingRow._fields)
ADD_STORED = sql_text(insert(_STORED), "posting_id", "response", "stored_at_ms")
ADD_AUDIT = _numbered(_AUDIT, "at_ms", "kind", "key", "fingerprint", "case_id", "account_id")
ADD_EVENT = _numbered(_EVENT, "account_id", "kind", "payload", "at_ms")
CHANGE_ACCOUNT = sql_text(
    update(_ACCOUNT)
    .where(_ACCOUNT.c.account_id == bindparam("id"), _ACCOUNT.c.version == bindparam("decided_on"))
    .values({name: bindparam(name) for name in _CHANGED}),
    *_CHANGED,
    "id",
    "decided_on",
)
CHANGE_DETAILS = sql_text(
    update(_ACCOUNT)
    .where(_ACCOUNT.c.account_id == bindparam("id"))
    .values({"details": bindparam("details")}),
    "details",
    "id",
)
READ_ACCOUNT = sql_text(select(_ACCOUNT).where(_ACCOUNT.c.account_id == bindparam("id")), "id")
READ_COMPLETE = sql_text(select(_ACCOUNT.c.complete).where(_ACCOUNT.c.account_id == bindparam("id")), "id")
READ_ACCOUNTS = sql_text(
    select(_ACCOUNT)
    .where(_ACCOUNT.c.account_id >= bindparam("first"), _ACCOUNT.c.account_id < bindparam("end"))
    .order_by(_ACCOUNT.c.account_id),
    "first",
    "end",
)
READ_STORED = sql_text(
    select(_POSTING.c.fingerprint, _STORED.c.response, _STORED.c.stored_at_ms)
    .join_from(_POSTING, _STORED)
    .where(_POSTING.c.key == bindparam("id")),
    "id",
)
READ_POSTINGS = sql_text(
    select(_POSTING).where(_POSTING.c.case_id == bindparam("id")).order_by(_POSTING.c.posting_id), "id"
)
INDEX_POSTINGS = sql_text(CreateIndex(POSTING_BY_CASE, if_not_exists=True))
READ_LAST_POSTING = sql_text(select(func.coalesce(func.max(_POSTING.c.posting_id), literal_column("0"))))
COUNT_ACCOUNTS = sql_text(select(func.count()).select_from(_ACCOUNT))


def _total(column: Any) -> Any:
    return func.coalesce(func.sum(column), literal_column("0"))


def _totals() -> Select[Any]:
    """One statement with the columns of CoreTotals."""
    paid = _POSTING.c.effect == literal_column(f"'{LedgerEffect.PAYMENT.value}'")
    applied = _AUDIT.c.kind == literal_column("'applied'")
    repeated = (
        select(_AUDIT.c.key).where(applied).group_by(_AUDIT.c.key).having(func.count() > literal_column("1"))
    ).subquery()
    columns = (
        select(func.count()).select_from(_POSTING),
        select(_total(_ACCOUNT.c.complete)),
        select(_total(_POSTING.c.amount_minor)),
        select(_total(_POSTING.c.amount_minor)).where(paid),
        select(_total(_ACCOUNT.c.balance_minor)),
        select(func.count()).select_from(repeated),
        select(func.count()).select_from(_AUDIT).where(applied),
        select(func.count()).select_from(_EVENT),
    )
    return select(*(column.scalar_subquery() for column in columns))


READ_TOTALS = sql_text(_totals())
