"""What the case store asks of its tables: every statement, compiled from the tables themselves.

What runs is their text, shipped in `sql.py`; a test holds it equal to what is written here.
"""

from __future__ import annotations

from sqlalchemy import Integer, bindparam, delete, insert, literal_column, select, update
from sqlalchemy.schema import CreateIndex

from fake_core.compiling import creation, sql_text
from sandbox.ports import AuditRow, OutboxRow, PostCommand
from scenarios.saved.tables import ACT_BY_LINK, AUDIT_BY_CASE, TABLES, UNFINISHED, CaseTable

_OUTBOX, _AUDIT, _BLOCK = (TABLES[name] for name in ("outbox", "audit", "audit_block"))
_NOTHING = literal_column("0", Integer)  # SQLAlchemy would otherwise bind an offset of its own after a limit

CREATE = creation(CaseTable.metadata)
ADD_INTENT = sql_text(insert(_OUTBOX), *PostCommand._fields, *OutboxRow._fields[1:])
HAS_INTENT = sql_text(select(_OUTBOX.c.key).where(_OUTBOX.c.key == bindparam("id")), "id")
READ_INTENT = sql_text(select(_OUTBOX).where(_OUTBOX.c.key == bindparam("id")), "id")
MOVE_INTENT = sql_text(
    update(_OUTBOX)
    .where(_OUTBOX.c.key == bindparam("id"))
    .values({name: bindparam(name) for name in ("state", "attempts", "next_try_at_ms")}),
    "state",
    "attempts",
    "next_try_at_ms",
    "id",
)
READ_DUE = sql_text(
    select(_OUTBOX)
    .where(UNFINISHED, _OUTBOX.c.next_try_at_ms <= bindparam("at_ms"))
    .order_by(_OUTBOX.c.created_at_ms, _OUTBOX.c.key)
    .limit(bindparam("count"))
    .offset(_NOTHING),
    "at_ms",
    "count",
)
READ_ACTS = sql_text(
    select(_OUTBOX)
    .where(ACT_BY_LINK, _OUTBOX.c.created_at_ms >= bindparam("since_ms"))
    .order_by(_OUTBOX.c.created_at_ms, _OUTBOX.c.key),
    "since_ms",
)
ADD_AUDIT = sql_text(insert(_AUDIT), *AuditRow._fields)
INDEX_AUDIT = sql_text(CreateIndex(AUDIT_BY_CASE, if_not_exists=True))
_AUDIT_PAGE = select(_AUDIT).where(_AUDIT.c.seq > bindparam("after")).order_by(_AUDIT.c.seq).offset(_NOTHING)
READ_AUDIT = sql_text(_AUDIT_PAGE.limit(bindparam("count")), "after", "count")
READ_AUDIT_OF_CASE = sql_text(
    _AUDIT_PAGE.where(_AUDIT.c.case_id == bindparam("id")).limit(bindparam("count")), "after", "id", "count"
)
ADD_BLOCK = sql_text(insert(_BLOCK), "last_seq", "texts", "digests")
READ_NEXT_BLOCK = sql_text(
    select(_BLOCK.c.last_seq, _BLOCK.c.texts, _BLOCK.c.digests)
    .where(_BLOCK.c.last_seq > bindparam("after"))
    .order_by(_BLOCK.c.last_seq)
    .limit(literal_column("1"))
    .offset(literal_column("0")),
    "after",
)
_INTENTS = TABLES["intent_block"]
ADD_INTENTS = sql_text(insert(_INTENTS), "number", "intents")
CLEAR_INTENTS = sql_text(delete(_INTENTS))
READ_INTENTS = sql_text(select(_INTENTS.c.intents).where(_INTENTS.c.number == bindparam("nth")), "nth")
