"""Our own durable tables: intents to change the core, and the audit trail. Time is integer milliseconds.

They have their own metadata, so creating them never creates anybody else's.
"""

from __future__ import annotations

from sqlalchemy import Index, MetaData, text
from sqlmodel import Field, SQLModel

from sandbox.ports import OutboxState


class CaseTable(SQLModel):
    """Base of every table of the case store."""

    metadata = MetaData()


class OutboxIntent(CaseTable, table=True):
    """One intent: the fields of `ports.PostCommand`, then where it stands."""

    __tablename__ = "outbox"

    key: str = Field(primary_key=True)
    fingerprint: str
    case_id: int
    account_id: int
    action: str
    amount_minor: int
    due_day_offset: int
    expected_version: int
    note: str
    source: str
    inputs: str
    effect: str
    state: str
    attempts: int
    created_at_ms: int
    next_try_at_ms: int
    link: str


class AuditLink(CaseTable, table=True):
    """One link of the audit chain; columns in the order of `ports.AuditRow`."""

    __tablename__ = "audit"

    seq: int = Field(primary_key=True)
    case_id: int
    at_ms: int
    kind: str
    body: str
    digest: bytes


class AuditBlock(CaseTable, table=True):
    """Links of the audit chain packed together; in a temporary store only, see `packed_trail`."""

    __tablename__ = "audit_block"

    last_seq: int = Field(primary_key=True)
    texts: str
    digests: bytes


class IntentBlock(CaseTable, table=True):
    """Intents that have ended, packed together; in a temporary store only, see `packed_intents`."""

    __tablename__ = "intent_block"

    number: int = Field(primary_key=True)
    intents: bytes


TABLES = CaseTable.metadata.tables
"""Tables of the case store by name, for building statements."""

UNFINISHED = text(f"state IN ('{OutboxState.PENDING.value}', '{OutboxState.UNKNOWN.value}')")
"""The condition of an unfinished intent; SQLite uses the index below only for these very words."""

ACT_BY_LINK = text(f"link <> '' AND state <> '{OutboxState.REFUSED.value}'")
"""The condition of an intent that is the one act of a link, unless nothing came of it."""

OUTBOX_DUE = Index("outbox_due", TABLES["outbox"].c.next_try_at_ms, sqlite_where=UNFINISHED)
"""Holds unfinished intents only, so it stays small whatever the number of postings."""

AUDIT_BY_CASE = Index("audit_by_case", TABLES["audit"].c.case_id)
"""Made on the first look at one case: bulk runs never look, so they should not pay for it on every row."""
TABLES["audit"].indexes.discard(AUDIT_BY_CASE)
