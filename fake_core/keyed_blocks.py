"""Rows that nobody is likely to ask for again, packed many at a time, and found by key all the same.

A bulk run writes a row for everything that happens and mostly reads none of them again. A row of its own in a table
costs a private store, gone with its process, six times what a place in a block costs. What is packed never leaves the
process, so the packing is the interpreter's own.
"""

from __future__ import annotations

import marshal
import sqlite3
from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple


class BlockTexts(NamedTuple):
    """Statements on the table of the blocks: add a numbered one, read one by number, clear them all."""

    add: str
    read: str
    clear: str


class KeyedBlocks:
    """Blocks of plain values, each with the keys it can be found by.

    Eight bytes a key stay in memory: its hash, by which a block is looked into.

    Args:
        cursor: of the store's own connection; blocks belong to its open transaction.
        texts: on a table of the store, which is empty.
    """

    __slots__ = ("_cursor", "_marks", "_texts")

    def __init__(self, cursor: sqlite3.Cursor, texts: BlockTexts) -> None:
        """Begin empty, as a temporary store does."""
        self._cursor = cursor
        self._texts = texts
        self._marks: list[array[int]] = []

    def add(self, keys: Iterable[str], block: Any) -> bool:
        """Add a block; False, and nothing added, if a value is none of the interpreter's own plain kinds."""
        try:
            packed = marshal.dumps(block)  # rows repeat their words, keys and texts: each is written once
        except ValueError:
            return False
        self._cursor.execute(self._texts.add, (len(self._marks) + 1, packed))
        self._marks.append(array("q", sorted(map(hash, keys))))
        return True

    def with_key(self, key: str) -> Iterator[Any]:
        """Return the blocks that may hold a key, oldest first: all that do, seldom one more."""
        mark = hash(key)
        for number, marks in enumerate(self._marks, 1):
            place = bisect_left(marks, mark)
            if place < len(marks) and marks[place] == mark:
                yield self._block(number)

    def take(self) -> Iterator[Any]:
        """Return all blocks, oldest first, and keep none."""
        for number in range(1, len(self._marks) + 1):
            yield self._block(number)
        self._cursor.execute(self._texts.clear)
        self._marks.clear()

    def _block(self, number: int) -> Any:
        (packed,) = self._cursor.execute(self._texts.read, (number,)).fetchone()
        return marshal.loads(packed)  # noqa: S302 - this process packed it into a private file
