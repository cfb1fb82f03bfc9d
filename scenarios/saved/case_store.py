"""The outbox and the audit trail on SQLite: a named file that outlives a crash, or a private temporary one."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from fake_core.driver import Driver, add_rows, database_in
from fake_core.new_keys import NewKeys
from sandbox.errors import RuleBroken
from sandbox.ports import AuditRow, OutboxRow, OutboxState, PostCommand
from scenarios.saved import sql
from scenarios.saved.packed_intents import PackedIntents
from scenarios.saved.packed_trail import PackedTrail

_AUDIT_ROWS_BUFFERED = 2_000
"""Audit rows held back until one bulk insert; 2,000 of them are about a megabyte."""

_AUDIT_ROWS_READ = 1_000
"""Audit rows fetched at once: a long trail is read in little memory, and may grow meanwhile."""

_INTENTS_PACKED = 200
"""Ended intents that a temporary store packs at once; fewer wait: some 200 kB."""

_ENDED = frozenset({str(OutboxState.DONE), str(OutboxState.REFUSED)})

_NAMED_PRAGMAS = ("journal_mode = WAL", "synchronous = NORMAL")
_TEMPORARY_PRAGMAS = ("journal_mode = OFF", "synchronous = OFF", "cache_size = -2048")  # KiB, then it spills

_COMMAND_WIDTH = len(PostCommand._fields)
_STATE, _ATTEMPTS, _NEXT_TRY = _COMMAND_WIDTH, _COMMAND_WIDTH + 1, _COMMAND_WIDTH + 3


class SqliteCaseStore:
    """`ports.CaseStore` on SQLite.

    What was written since the last `commit` belongs together and becomes durable together; `commit_every`
    says how many such groups share one durable commit. Reads always see everything written so far.

    Args:
        path: a database file, made if missing; None for a private temporary file that is gone when closed.
            The temporary one keeps no journal: it need not survive a crash.
        commit_every: groups per durable commit; 1 where a crash must lose nothing that was committed.

    Raises:
        BadInput: the file cannot be opened as a database, or `commit_every` is below 1.
    """

    def __init__(self, path: str | None, commit_every: int = 500) -> None:
        # An empty name is SQLite's for a temporary file, unlinked at once, used when the cache is full.
        database = database_in("" if path is None else path)
        pragmas = _TEMPORARY_PRAGMAS if path is None else _NAMED_PRAGMAS
        self._driver = Driver(database, sql.CREATE, pragmas, commit_every)
        self._cursor = self._driver.cursor
        self._audit_buffer: list[AuditRow] = []
        self._new_intents: dict[str, list[Any]] = {}
        self._new_keys = NewKeys() if path is None else None  # a temporary store begins empty
        self._packed = PackedTrail(self._cursor) if path is None else None
        self._packed_intents = PackedIntents(self._cursor) if path is None else None
        self._before_flush: Callable[[], None] = _nothing_gathered

    def before_flush(self, callback: Callable[[], None]) -> None:
        """Call back before anything is written or read."""
        self._before_flush = callback

    def add_intent(self, row: OutboxRow) -> bool:
        """Store an intent; False (and no change) if its key is already there."""
        key = row.command.key
        if self._has_intent(key):
            return False
        self._new_intents[key] = [
            *row.command,
            str(row.state),
            row.attempts,
            row.created_at_ms,
            row.next_try_at_ms,
            row.link,
        ]
        return True

    def _has_intent(self, key: str) -> bool:
        """Say whether a key is there; the caller adds it if not."""
        if self._new_keys is not None and self._new_keys.surely_new(key):
            return False
        if key in self._new_intents or self._cursor.execute(sql.HAS_INTENT, (key,)).fetchone() is not None:
            return True
        return self._packed_intents is not None and self._packed_intents.find(key) is not None

    def intent(self, key: str) -> OutboxRow | None:
        """Return an intent by key."""
        values: Sequence[Any] | None = self._new_intents.get(key)
        if values is None:
            values = self._cursor.execute(sql.READ_INTENT, (key,)).fetchone()
        if values is None and self._packed_intents is not None:
            values = self._packed_intents.find(key)
        return None if values is None else _outbox_row(values)

    def update_intent(self, key: str, state: OutboxState, attempts: int, next_try_at_ms: int) -> None:
        """Move an intent on.

        Raises:
            RuleBroken: there is no such intent.
        """
        new = self._new_intents.get(key)
        if new is not None:  # not written yet: most intents end in the group they began in
            new[_STATE], new[_ATTEMPTS], new[_NEXT_TRY] = str(state), attempts, next_try_at_ms
            return
        move = str(state), attempts, next_try_at_ms, key
        if self._cursor.execute(sql.MOVE_INTENT, move).rowcount != 1:
            self._unpack_intents()  # what has ended stays as it is, unless somebody knows better
            self._cursor.execute(sql.MOVE_INTENT, move)
        if self._cursor.rowcount != 1:
            raise RuleBroken(f"case store: no intent {key}")

    def due_intents(self, at_ms: int, limit: int) -> list[OutboxRow]:
        """Unfinished intents whose next try is due, oldest first."""
        self._flush()
        return [_outbox_row(values) for values in self._cursor.execute(sql.READ_DUE, (at_ms, limit))]

    def acts_by_link(self, since_ms: int) -> Iterator[OutboxRow]:
        """Intents since a moment that are the one act of a link, oldest first; those that were refused are none."""
        self._flush()
        self._unpack_intents()
        return (_outbox_row(values) for values in self._cursor.execute(sql.READ_ACTS, (since_ms,)).fetchall())

    def append_audit(self, rows: Sequence[AuditRow]) -> None:
        """Append audit rows, in order."""
        if self._packed is not None:
            if self._packed.append(rows):
                return
            self._unpack()
        self._audit_buffer.extend(rows)
        if len(self._audit_buffer) >= _AUDIT_ROWS_BUFFERED:
            self._write()

    def audit_rows(self, case_id: int | None = None) -> Iterator[AuditRow]:
        """Rows in order of sequence, of one case or of all; rows appended while reading are seen too."""
        if case_id is not None:
            self._flush()
            self._unpack()
            self._cursor.execute(sql.INDEX_AUDIT)
        after = -1
        while True:
            self._flush()
            found = self._audit_after(after, case_id)
            if not found:
                return
            yield from found
            after = found[-1].seq

    def _audit_after(self, seq: int, case_id: int | None) -> Sequence[AuditRow]:
        if self._packed is not None:
            return self._packed.after(max(seq, 0))
        if case_id is None:
            found = self._cursor.execute(sql.READ_AUDIT, (seq, _AUDIT_ROWS_READ))
        else:
            found = self._cursor.execute(sql.READ_AUDIT_OF_CASE, (seq, case_id, _AUDIT_ROWS_READ))
        return [AuditRow._make(values) for values in found]

    def commit(self) -> None:
        """End the group of everything since the last commit; durable now or with the next durable commit."""
        if self._driver.end_group():
            self._flush()
            self._driver.commit()

    def close(self) -> None:
        """Make everything durable (unless temporary) and close; closing twice is harmless."""
        self._flush()
        self._driver.close()

    def abandon(self) -> None:
        """Lose what was not committed and close, as a crash would."""
        self._audit_buffer.clear()
        self._new_intents.clear()
        self._before_flush = _nothing_gathered
        self._driver.abandon()

    def _flush(self) -> None:
        """Write everything gathered, here and by whoever asked to be called back."""
        self._before_flush()
        self._write()

    def _write(self) -> None:
        rows, intents = self._audit_buffer, self._intents_to_write()
        try:
            if intents:
                self._cursor.executemany(sql.ADD_INTENT, intents)
            if rows:
                self._write_audit(rows)
        except sqlite3.IntegrityError as error:
            raise RuleBroken(f"case store: a key or sequence number was used twice ({error})") from error
        finally:
            rows.clear()

    def _intents_to_write(self) -> list[list[Any]]:
        """Take new intents that need a row of their own now; in a temporary store those that have ended do not."""
        new, self._new_intents = self._new_intents, {}
        if self._packed_intents is None:
            return list(new.values())
        ended = {key: values for key, values in new.items() if values[_STATE] in _ENDED}
        rows = [values for key, values in new.items() if key not in ended]
        if len(ended) < _INTENTS_PACKED:
            self._new_intents = ended
        elif not self._packed_intents.add(list(ended.values())):
            rows += ended.values()
        return rows

    def _unpack_intents(self) -> None:
        """Give every intent a row of its own: what is asked for, or changed, is not to be found by its key alone."""
        if self._packed_intents is not None:
            waiting, self._new_intents = list(self._new_intents.values()), {}
            self._cursor.executemany(sql.ADD_INTENT, waiting)
            for intents in self._packed_intents.take():
                self._cursor.executemany(sql.ADD_INTENT, intents)

    def _unpack(self) -> None:
        """Give every row of the trail a row of its own, from now on: what is asked for is the rows of one case."""
        if self._packed is None:
            return
        packed, self._packed, after = self._packed, None, 0
        while found := packed.after(after):
            self._write_audit(found)
            after = found[-1].seq

    def _write_audit(self, rows: Sequence[AuditRow]) -> None:
        add_rows(self._cursor, sql.ADD_AUDIT, map(_bound, rows))


def _bound(row: AuditRow) -> tuple[Any, ...]:
    # The driver binds a bytearray straight and sends bytes through its adapters: half of an insert.
    seq, case_id, at_ms, kind, body, digest = row
    return seq, case_id, at_ms, kind, body, bytearray(digest)


def _nothing_gathered() -> None:
    """Before anybody gathers anything."""


def _outbox_row(values: Sequence[Any]) -> OutboxRow:
    command = PostCommand._make(values[:_COMMAND_WIDTH])
    state, *rest = values[_COMMAND_WIDTH:]
    return OutboxRow._make((command, OutboxState(state), *rest))
