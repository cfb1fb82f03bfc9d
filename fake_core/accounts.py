"""The account table, and in a core nobody else can write to a memory of what was lately read of it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping
from operator import itemgetter
from typing import Any

from fake_core import statements as sql
from fake_core.driver import add_rows
from sandbox.errors import BadInput, RuleBroken
from sandbox.model import AccountFacts, record_of

_NUMBER = itemgetter(AccountFacts._fields.index("account_id"))


class Accounts:
    """Accounts as their table has them.

    Args:
        cursor: of the core's own connection.
        remembered: accounts kept in memory, at least; up to twice as many. 0 where others may write to the table.
    """

    __slots__ = ("_cursor", "_earlier", "_lately", "_remembered")

    def __init__(self, cursor: sqlite3.Cursor, remembered: int) -> None:
        self._cursor = cursor
        self._remembered = remembered
        # Two spans of memory instead of an order kept per account: a full one makes the one before it forgotten.
        self._lately: dict[int, AccountFacts] = {}
        self._earlier: dict[int, AccountFacts] = {}

    def load(self, accounts: Iterable[AccountFacts]) -> int:
        """Insert accounts, all or none; returns how many.

        Raises:
            BadInput: an account number occurs twice.
        """
        cursor = self._cursor
        cursor.execute("SAVEPOINT load")
        try:
            return add_rows(cursor, sql.LOAD_ACCOUNT, map(_values, accounts))
        except BaseException as error:
            cursor.execute("ROLLBACK TO load")
            if isinstance(error, sqlite3.IntegrityError):
                raise BadInput(
                    [f"accounts: a number occurs twice or a value is missing ({error})"]
                ) from error
            raise
        finally:
            cursor.execute("RELEASE load")

    def read(self, account_id: int) -> AccountFacts | None:
        """Return an account, or None."""
        facts = self._lately.get(account_id) or self._earlier.get(account_id)
        if facts is not None:
            return facts
        found = _facts(self._cursor.execute(sql.READ_ACCOUNT, (account_id,)))
        self._remember(found)
        return found[0] if found else None

    def read_many(self, first: int, count: int) -> list[AccountFacts]:
        """Return the accounts numbered first to first + count - 1 that exist, in order."""
        found = _facts(self._cursor.execute(sql.READ_ACCOUNTS, (first, first + count)))
        self._remember(found)
        return found

    def is_complete(self, account_id: int) -> bool | None:
        """Say whether an account's case is complete; None if there is no such account."""
        facts = self._lately.get(account_id) or self._earlier.get(account_id)
        if facts is not None:
            return facts.complete
        row = self._cursor.execute(sql.READ_COMPLETE, (account_id,)).fetchone()
        return None if row is None else row[0] == 1

    def change(self, changed: Mapping[int, AccountFacts], versions: Mapping[int, int]) -> None:
        """Write accounts as they stand now, all but their details.

        Args:
            changed: the accounts by number.
            versions: what the table says of their versions.

        Raises:
            RuleBroken: somebody else changed one of them.
        """
        changes = [_change(after, versions[number]) for number, after in changed.items()]
        if self._cursor.executemany(sql.CHANGE_ACCOUNT, changes).rowcount != len(changes):
            raise RuleBroken("core: an account of the open group was changed behind its back")

    def change_details(self, changed: Iterable[AccountFacts]) -> None:
        """Write what else is known of accounts; few postings change it."""
        self._cursor.executemany(sql.CHANGE_DETAILS, [(facts.details, facts.account_id) for facts in changed])

    def forget(self, numbers: Iterable[int]) -> None:
        """Read accounts anew when next asked for: the table has changed. Hardly anybody asks for a finished case."""
        if self._remembered:
            for number in numbers:
                self._lately.pop(number, None)
                self._earlier.pop(number, None)

    def _remember(self, found: list[AccountFacts]) -> None:
        if not self._remembered:
            return
        if len(self._lately) >= self._remembered:
            self._lately, self._earlier = {}, self._lately
        self._lately.update(zip(map(_NUMBER, found), found, strict=True))


def _facts(rows: Iterable[tuple[Any, ...]]) -> list[AccountFacts]:
    # SQLite keeps truth as 0 and 1.
    return [
        record_of(
            AccountFacts,
            (
                number,
                status,
                band,
                owed,
                overdue,
                broken,
                frail == 1,
                disputed == 1,
                method == 1,
                version,
                complete == 1,
                details,
            ),
        )
        for number, status, band, owed, overdue, broken, frail, disputed, method, version, complete, details in rows
    ]


def _values(facts: AccountFacts) -> tuple[Any, ...]:
    # Truth as SQLite keeps it, made an integer by its sign: the driver sends a bool through its adapters, four of
    # them cost as much as the row.
    number, status, band, owed, overdue, broken, frail, disputed, method, version, complete, details = facts
    return (
        number,
        status,
        band,
        owed,
        overdue,
        broken,
        +frail,
        +disputed,
        +method,
        version,
        +complete,
        details,
    )


def _change(after: AccountFacts, version: int) -> tuple[Any, ...]:
    # Truth as SQLite keeps it, made an integer by its sign: the driver sends a bool through its adapters.
    _, _, _, owed, overdue, _, _, disputed, _, now, complete, _ = after
    return owed, overdue, +disputed, now, +complete, after.account_id, version
