"""What the core asks of its tables: every statement, compiled from the tables themselves.

What runs is their text, shipped in `sql.py`; a test holds it equal to what is written here.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Table, bindparam, delete, func, insert, literal_column, select, update
from sqlalchemy.schema import CreateIndex
from sqlalchemy.sql import Select

from fake_core.compiling import creation, sql_text
from fake_core.rows import PostingRow
from fake_core.tables import POSTING_BY_CASE, TABLES, BlockTable, CoreTable, RecordTable
from sandbox.model import AccountFacts, LedgerEffect

_ACCOUNT, _POSTING, _STORED = TABLES["account"], TABLES["posting"], TABLES["idempotency"]
_AUDIT, _EVENT = TABLES["core_audit"], TABLES["core_event"]
_CHANGED = ("balance_minor", "overdue_minor", "disputed", "version", "complete")


def _numbered(table: Table, *names: str) -> str:
    """Return an insert into a table that numbers its rows itself."""
    return sql_text(insert(table).values({name: bindparam(name) for name in names}), *names)


CREATE = creation(CoreTable.metadata)
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

_BLOCK = BlockTable.metadata.tables["posting_block"]

CREATE_BLOCKS = creation(BlockTable.metadata)
ADD_POSTING_BLOCK = sql_text(insert(_BLOCK), "number", "postings")
READ_POSTING_BLOCK = sql_text(select(_BLOCK.c.postings).where(_BLOCK.c.number == bindparam("nth")), "nth")
CLEAR_POSTING_BLOCKS = sql_text(delete(_BLOCK))

_RECORD = RecordTable.metadata.tables["record"]

CREATE_RECORD = creation(RecordTable.metadata)
ADD_RECORD = sql_text(insert(_RECORD), "posting_id", "reference", "record")
FIND_RECORD = sql_text(
    select(
        _RECORD.c.posting_id, _RECORD.c.record, _POSTING.c.status, _POSTING.c.version, _POSTING.c.posted_at_ms
    )
    .join_from(_RECORD, _POSTING, _RECORD.c.posting_id == _POSTING.c.posting_id)
    .where(_RECORD.c.reference == bindparam("id"))
    .order_by(_RECORD.c.posting_id)
    .limit(literal_column("1"))
    .offset(literal_column("0")),
    "id",
)
