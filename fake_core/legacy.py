"""A batch core of the old kind: records of fixed fields, no keys, found by reference, closed at night.

It takes every record that reaches it, looks at no key, no version and nothing it recorded before. The books are the
ones of `FakeCore`; beside each posting stands the record as it came, in the posting's own savepoint.
"""

from __future__ import annotations

from sqlalchemy import Index, MetaData, bindparam, insert, literal_column, select
from sqlalchemy.schema import CreateIndex, CreateTable
from sqlmodel import Field, SQLModel

from fake_core.driver import sql_text
from fake_core.faults import POST, READ, FaultPlan
from fake_core.profiles import CoreProfile
from fake_core.store import FakeCore
from fake_core.tables import TABLES
from sandbox.adapters.by_reference import Entry, KeylessReply
from sandbox.adapters.mapping import DoesNotFit, RecordMapping, days_between
from sandbox.errors import BadInput
from sandbox.model import AccountFacts
from sandbox.ports import AT_FACE_VALUE, CoreOutcome, PostCommand, Receipt


class RecordTable(SQLModel):
    """Base of the one table only such a core has; other cores never make it."""

    metadata = MetaData()


class Record(RecordTable, table=True):
    """A record as it was written. Two may share a reference: this core does not mind."""

    __tablename__ = "record"

    posting_id: int = Field(primary_key=True)
    reference: str
    record: str


_RECORD, _POSTING = RecordTable.metadata.tables["record"], TABLES["posting"]
_BY_REFERENCE = Index("record_by_reference", _RECORD.c.reference)
_MAKE = (
    sql_text(CreateTable(_RECORD, if_not_exists=True)),
    sql_text(CreateIndex(_BY_REFERENCE, if_not_exists=True)),
)
_ADD = sql_text(insert(_RECORD), "posting_id", "reference", "record")
_FIND = sql_text(
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


class RecordBook(FakeCore):
    """The books of a core without keys; a command's key is its reference, its fingerprint the record itself."""

    def keep_records(self) -> None:
        """Make the place where records stand."""
        for text in _MAKE:
            self._cursor.execute(text)
        self._commit()

    def find(self, reference: str, at_ms: int) -> KeylessReply:
        """Look a reference up; see `KeylessCore.find`."""
        # A question after a write is another call than the one before it: its luck is its own.
        asked = f"{reference}/{self._faulted[POST].get(reference, 0)}"
        fate = self._fate(READ, asked, at_ms)
        if fate.instead is not None:
            return KeylessReply(fate.instead, fate.latency_ms, None, fate.reason)
        if reference in self._open.references:
            self._open.write()
        row = self._cursor.execute(_FIND, (reference,)).fetchone()
        if row is None:
            return KeylessReply(CoreOutcome.NOT_FOUND, fate.latency_ms, None, "")
        entry = Entry(*row)
        without = self._without_answer(entry.booked_at_ms, at_ms, fate.latency_ms)
        if without is not None:
            return KeylessReply(without.outcome, fate.latency_ms, None, without.reason)
        return KeylessReply(CoreOutcome.APPLIED, fate.latency_ms, entry, "")

    def _apply(self, command: PostCommand, facts: AccountFacts, at_ms: int) -> Receipt:
        receipt = super()._apply(command, facts, at_ms)
        self._open.references.add(command.key)
        self._open.add(_ADD, (receipt.posting_id, command.key, command.fingerprint))
        return receipt


class LegacyCore:
    """A batch core behind `sandbox.adapters.by_reference.KeylessCore`.

    Args:
        url: any SQLite URL.
        profile: how it answers; it must not honour keys.
        faults: what goes wrong; nothing by default.
        mapping: the layout of its records.
        commit_every: postings per durable commit.

    Attributes:
        book: its tables, for whoever loads accounts or checks what was booked.

    Raises:
        BadInput: the profile honours keys, or the URL cannot be opened.
    """

    def __init__(
        self,
        url: str,
        profile: CoreProfile,
        faults: FaultPlan | None,
        mapping: RecordMapping,
        commit_every: int = 500,
    ) -> None:
        if profile.honours_keys:
            raise BadInput(["core: a batch core honours no keys; allowed: a profile with honours_keys False"])
        self.book = RecordBook(url, profile, faults, commit_every)
        self.book.keep_records()
        self._mapping = mapping
        self.read_account = self.book.read_account
        self.is_complete = self.book.is_complete
        self.read_accounts = self.book.read_accounts
        self.find = self.book.find

    def submit(self, record: str, at_ms: int) -> KeylessReply:
        """Take one record; see `KeylessCore.submit`."""
        try:
            command = self._command(record)
        except DoesNotFit as unfit:
            return KeylessReply(CoreOutcome.REFUSED, 0, None, f"record_rejected: {unfit}")
        reply = self.book.post(command, at_ms)
        receipt = reply.receipt
        if receipt is None:
            return KeylessReply(reply.outcome, reply.latency_ms, None, reply.reason)
        entry = Entry(receipt.posting_id, record, receipt.status, receipt.version, receipt.posted_at_ms)
        return KeylessReply(reply.outcome, reply.latency_ms, entry, "")

    def _command(self, record: str) -> PostCommand:
        held = self._mapping.read(record)
        return PostCommand(
            key=held["reference"],
            fingerprint=record,
            case_id=int(held["case_id"]),
            account_id=int(held["account_id"]),
            action=held["action"],
            amount_minor=int(held["amount_minor"]),
            due_day_offset=days_between(held["value_date"], held["due_date"]),
            expected_version=AT_FACE_VALUE,
            note=held["note"],
            source=held["source"],
            effect=held["effect"],
        )
