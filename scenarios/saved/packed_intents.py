"""The outbox of a temporary store: intents that have ended, packed a block at a time, as its trail is.

Of a bulk run's postings nearly all have ended before they are written at all, and nobody reads them again.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from typing import Any

from fake_core.keyed_blocks import BlockTexts, KeyedBlocks
from scenarios.saved import sql

_TEXTS = BlockTexts(sql.ADD_INTENTS, sql.READ_INTENTS, sql.CLEAR_INTENTS)


class PackedIntents:
    """Blocks of intents that have ended; an intent is the values of its row in the outbox, its key first.

    Args:
        cursor: of the store's own connection; blocks belong to its open transaction.
    """

    def __init__(self, cursor: sqlite3.Cursor) -> None:
        """Begin empty, as a temporary store does."""
        self._blocks = KeyedBlocks(cursor, _TEXTS)

    def add(self, intents: list[list[Any]]) -> bool:
        """Add a block; False, and nothing added, if a value is none of the interpreter's own plain kinds."""
        return self._blocks.add([values[0] for values in intents], intents)

    def find(self, key: str) -> list[Any] | None:
        """Return an intent by key; None if it is not here."""
        for block in self._blocks.with_key(key):
            for values in block:
                if values[0] == key:
                    return values  # type: ignore[no-any-return]
        return None

    def take(self) -> Iterator[list[list[Any]]]:
        """Return all intents, a block at a time, and keep none."""
        return self._blocks.take()
