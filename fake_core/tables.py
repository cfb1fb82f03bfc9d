"""The core's tables. Money is integer minor units, time integer milliseconds.

They have their own metadata, so creating them never creates anybody else's.
"""

from __future__ import annotations

from sqlalchemy import Index, MetaData
from sqlmodel import Field, SQLModel


class CoreTable(SQLModel):
    """Base of every table of the core."""

    metadata = MetaData()


class Account(CoreTable, table=True):
    """What the core knows of one account; columns in the order of `sandbox.model.AccountFacts`."""

    __tablename__ = "account"

    account_id: int = Field(primary_key=True)
    status: str
    arrears_band: str
    balance_minor: int
    overdue_minor: int
    broken_promises: int
    vulnerable: bool
    disputed: bool
    payment_method_ok: bool
    version: int
    complete: bool
    details: str


class Posting(CoreTable, table=True):
    """One accepted change. `key` is empty only in a core that does not honour idempotency keys."""

    __tablename__ = "posting"

    posting_id: int | None = Field(default=None, primary_key=True)
    key: str | None = Field(unique=True)
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


class StoredResponse(CoreTable, table=True):
    """The answer once given, kept byte for byte for every repetition; key and fingerprint are its posting's."""

    __tablename__ = "idempotency"

    posting_id: int = Field(primary_key=True, foreign_key="posting.posting_id")
    response: str
    stored_at_ms: int


class CoreAudit(CoreTable, table=True):
    """The core's own evidence, written in the savepoint of the change it speaks of."""

    __tablename__ = "core_audit"

    seq: int | None = Field(default=None, primary_key=True)
    at_ms: int
    kind: str
    key: str
    fingerprint: str
    case_id: int
    account_id: int


class CoreEvent(CoreTable, table=True):
    """The core's outbox: what it would tell the rest of the bank."""

    __tablename__ = "core_event"

    seq: int | None = Field(default=None, primary_key=True)
    account_id: int
    kind: str
    payload: str
    at_ms: int


TABLES = CoreTable.metadata.tables
"""Core tables by name, for building statements."""

POSTING_BY_CASE = Index("posting_by_case", TABLES["posting"].c.case_id)
"""Made on the first look-up of a case: bulk runs never ask, so they should not pay for it."""
TABLES["posting"].indexes.discard(POSTING_BY_CASE)


class BlockTable(SQLModel):
    """Base of the one table only a temporary core has."""

    metadata = MetaData()


class PostingBlock(BlockTable, table=True):
    """Groups of postings with all their rows, packed together until a table is asked; see `open_group`."""

    __tablename__ = "posting_block"

    number: int = Field(primary_key=True)
    postings: bytes


class RecordTable(SQLModel):
    """Base of the one table only such a core has; other cores never make it."""

    metadata = MetaData()


class Record(RecordTable, table=True):
    """A record as it was written. Two may share a reference: this core does not mind."""

    __tablename__ = "record"

    posting_id: int = Field(primary_key=True)
    reference: str
    record: str


Index("record_by_reference", RecordTable.metadata.tables["record"].c.reference)
