"""Accounts of a core nobody else can open: records of fixed size in this process, 30 bytes an account.

A month's run reads every account with its neighbours, then one in three twice more, and changes it. From a table each
of these is a statement over twelve columns, together a tenth of the whole run; from a record it is one C call.
Accounts that do not fit (with a workflow's own details, or out of order) are left to the table.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from sandbox.errors import BadInput
from sandbox.model import NO_DETAILS, AccountFacts, record_of

_RECORD = struct.Struct("<BBqqi???i?")
"""Status and band as places among the words, balance, overdue, broken promises, vulnerable, disputed, payment method,
version, complete."""


class Sums(NamedTuple):
    """How many cases of these accounts are complete, and what they owe in all, minor units."""

    completed: int
    balance_minor: int


class PackedAccounts:
    """Accounts numbered from 0 without a gap, as the core's books have them."""

    __slots__ = ("_details", "_full", "_places", "_records", "_words")

    def __init__(self) -> None:
        """Start with none."""
        self._records = bytearray()
        self._full = False
        self._words: list[str] = []
        self._places: dict[str, int] = {}
        self._details: dict[int, str] = {}  # of those that got some after they were loaded

    def __len__(self) -> int:
        return len(self._records) // _RECORD.size

    def __contains__(self, account_id: int) -> bool:
        return 0 <= account_id * _RECORD.size < len(self._records)

    def take(self, accounts: Iterable[AccountFacts]) -> Iterator[AccountFacts]:
        """Take accounts up to the first that does not fit, yield it and all that follow, of this and later loads.

        Raises:
            BadInput: a number was taken before.
        """
        records, size = self._records, _RECORD.size
        for account in accounts:
            if account[0] * size != len(records) or account[-1] != NO_DETAILS:
                if account[0] in self:
                    raise BadInput(["accounts: a number occurs twice"])
                self._full = True
            if not self._full:
                try:
                    records += self._packed(account)
                    continue
                except struct.error:
                    self._full = True
            yield account

    def mark(self) -> tuple[int, bool]:
        """Where a load begins, for `back_to`."""
        return len(self), self._full

    def back_to(self, mark: tuple[int, bool]) -> None:
        """Lose what was taken since a mark."""
        count, self._full = mark
        del self._records[count * _RECORD.size :]

    def put(self, accounts: Iterable[AccountFacts]) -> None:
        """Change those of the accounts that are kept here."""
        records, size = self._records, _RECORD.size
        for account in accounts:
            number, details = account[0], account[-1]
            place = number * size
            if 0 <= place < len(records):
                records[place : place + size] = self._packed(account)
                if details != NO_DETAILS or number in self._details:
                    self._details[number] = details

    def get(self, account_id: int) -> AccountFacts | None:
        """Return an account, or None if it is none of these."""
        records, place = self._records, account_id * _RECORD.size
        if not 0 <= place < len(records):
            return None
        status, band, owed, overdue, broken, frail, disputed, method, version, complete = _RECORD.unpack_from(
            records, place
        )
        words, details = self._words, self._details.get(account_id, NO_DETAILS)
        status, band = words[status], words[band]
        # Written out: a star in a tuple makes a list on the way, which costs more than the record.
        return record_of(
            AccountFacts,
            (
                account_id,
                status,
                band,
                owed,
                overdue,
                broken,
                frail,
                disputed,
                method,
                version,
                complete,
                details,
            ),
        )

    def between(self, first: int, end: int) -> list[AccountFacts]:
        """Return those numbered first to end - 1, in order."""
        numbers = range(max(first, 0), min(end, len(self)))
        return [facts for facts in map(self.get, numbers) if facts is not None]

    def sums(self) -> Sums:
        """Add up what checkers compare."""
        completed = balance_minor = 0
        for _, _, owed, *_, complete in _RECORD.iter_unpack(self._records):
            completed += complete
            balance_minor += owed
        return Sums(completed, balance_minor)

    def _packed(self, account: AccountFacts) -> bytes:
        _, status, band, owed, overdue, broken, frail, disputed, method, version, complete, _ = account
        places = self._places
        if status not in places or band not in places:
            self._learn(status, band)
        at, months = places[status], places[band]
        return _RECORD.pack(at, months, owed, overdue, broken, frail, disputed, method, version, complete)

    def _learn(self, *said: str) -> None:
        for word in said:
            if word not in self._places:
                self._places[word] = len(self._words)
                self._words.append(word)
