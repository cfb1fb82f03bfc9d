"""What the core has accepted since it last wrote to its tables: read before them, written together in one savepoint.

A posting is a changed account, its record, the stored response, an audit row and an event. Written one by one they
cost a savepoint and three statements each; written a group at a time they cost a place in a bulk statement, and a
crash still loses whole postings or none. Whoever reads tables directly writes the group first.
"""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from typing import Any

from fake_core import sql
from fake_core.driver import add_rows
from fake_core.packed_accounts import PackedAccounts
from sandbox.errors import RuleBroken
from sandbox.model import AccountFacts


class OpenGroup:
    """Accepted changes that no table holds yet.

    Attributes:
        accounts: accounts as they stand now, where they differ from their table, or from what is packed.
        stored: fingerprint, response and time of its postings, by idempotency key.
        references: references among its postings, in a core that knows no keys.

    Args:
        cursor: of the core's own connection.
        packed: accounts that are in no table, if there are such.
    """

    __slots__ = ("_cursor", "_details", "_packed", "_rows", "_versions", "accounts", "references", "stored")

    def __init__(self, cursor: sqlite3.Cursor, packed: PackedAccounts | None = None) -> None:
        """Start with nothing to write."""
        self._cursor = cursor
        self._packed = packed
        self.accounts: dict[int, AccountFacts] = {}
        self.stored: dict[str, tuple[str, str, int]] = {}
        self.references: set[str] = set()
        self._versions: dict[int, int] = {}
        self._details: set[int] = set()
        self._rows: defaultdict[str, list[tuple[Any, ...]]] = defaultdict(list)
        for text in (sql.ADD_POSTING, sql.ADD_STORED, sql.ADD_AUDIT, sql.ADD_EVENT):
            self._rows[text] = []  # in this order

    def change(self, account_id: int, before: AccountFacts, after: AccountFacts) -> None:
        """Change an account; `before` is what `accounts`, or else where it is kept, says of it."""
        if account_id not in self._versions:
            self._versions[account_id] = before.version
        if after.details is not before.details:
            self._details.add(account_id)
        self.accounts[account_id] = after

    def add(self, statement: str, row: tuple[Any, ...]) -> None:
        """Add a row for a one-row INSERT; statements are written in the order in which they first came."""
        self._rows[statement].append(row)

    def write(self) -> None:
        """Write everything, all or nothing, and start anew.

        Raises:
            RuleBroken: somebody else changed an account or took a number or a key: nothing is written.
        """
        if not self.accounts and not any(self._rows.values()):
            return
        execute = self._cursor.execute
        execute("SAVEPOINT postings")
        try:
            self._write_accounts()
            for statement, rows in self._rows.items():
                add_rows(self._cursor, statement, rows)
        except BaseException as error:
            execute("ROLLBACK TO postings")
            execute("RELEASE postings")
            if isinstance(error, sqlite3.IntegrityError):
                raise RuleBroken(f"core: a number or a key was taken behind its back ({error})") from error
            raise
        execute("RELEASE postings")
        if self._packed is not None:
            self._packed.put(self.accounts.values())
        self.forget()

    def forget(self) -> None:
        """Lose everything, as a crash would."""
        self.accounts.clear()
        self.stored.clear()
        self.references.clear()
        self._versions.clear()
        self._details.clear()
        for rows in self._rows.values():
            rows.clear()

    def _write_accounts(self) -> None:
        packed = self._packed or ()
        in_table = {number: after for number, after in self.accounts.items() if number not in packed}
        changes = [_change(after, self._versions[number]) for number, after in in_table.items()]
        if changes and self._cursor.executemany(sql.CHANGE_ACCOUNT, changes).rowcount != len(changes):
            raise RuleBroken("core: an account of the open group was changed behind its back")
        changed = [(in_table[number].details, number) for number in sorted(self._details & in_table.keys())]
        if changed:
            self._cursor.executemany(sql.CHANGE_DETAILS, changed)


def _change(after: AccountFacts, version: int) -> tuple[Any, ...]:
    # Truth as SQLite keeps it, made an integer by its sign: the driver sends a bool through its adapters.
    _, _, _, owed, overdue, _, _, disputed, _, now, complete, _ = after
    return owed, overdue, +disputed, now, +complete, after.account_id, version
