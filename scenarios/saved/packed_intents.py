"""The outbox of a temporary store: intents that have ended, packed a block at a time, as its trail is.

Of a bulk run's postings nearly all have ended before they are written at all, and nobody reads them again. A row with
a key of its own costs six times what a place in a block costs.
"""

from __future__ import annotations

import marshal
import sqlite3
from array import array
from bisect import bisect_left
from collections.abc import Iterator
from typing import Any

from sqlalchemy import bindparam, delete, insert, select

from fake_core.driver import sql_text
from scenarios.saved.packed_trail import WITHOUT_REFERENCES
from scenarios.saved.tables import TABLES

_BLOCK = TABLES["intent_block"]
_ADD = sql_text(insert(_BLOCK), "number", "intents")
_CLEAR = sql_text(delete(_BLOCK))
_READ = sql_text(select(_BLOCK.c.intents).where(_BLOCK.c.number == bindparam("nth")), "nth")


class PackedIntents:
    """Blocks of intents that have ended; an intent is the values of its row in the outbox, its key first.

    Eight bytes an intent stay in memory: the hash of its key, by which a block is looked into.

    Args:
        cursor: of the store's own connection; blocks belong to its open transaction.
    """

    def __init__(self, cursor: sqlite3.Cursor) -> None:
        """Begin empty, as a temporary store does."""
        self._cursor = cursor
        self._marks: list[array[int]] = []

    def add(self, intents: list[list[Any]]) -> bool:
        """Add a block; False, and nothing added, if a value is none of the interpreter's own plain kinds."""
        try:
            packed = marshal.dumps(intents, WITHOUT_REFERENCES)
        except ValueError:
            return False
        self._marks.append(array("q", sorted([hash(values[0]) for values in intents])))
        self._cursor.execute(_ADD, (len(self._marks), packed))
        return True

    def find(self, key: str) -> list[Any] | None:
        """Return an intent by key; None if it is not here."""
        mark = hash(key)
        for number, marks in enumerate(self._marks, 1):
            place = bisect_left(marks, mark)
            if place < len(marks) and marks[place] == mark:
                for values in self._block(number):
                    if values[0] == key:
                        return values
        return None

    def take(self) -> Iterator[list[list[Any]]]:
        """Return all intents, a block at a time, and keep none."""
        for number in range(1, len(self._marks) + 1):
            yield self._block(number)
        self._cursor.execute(_CLEAR)
        self._marks.clear()

    def _block(self, number: int) -> list[list[Any]]:
        (packed,) = self._cursor.execute(_READ, (number,)).fetchone()
        intents: list[list[Any]] = marshal.loads(packed)  # noqa: S302 - this process packed it into a private file
        return intents
