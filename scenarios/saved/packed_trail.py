"""The audit trail of a temporary store: packed a block at a time, until somebody asks for one case.

A bulk run writes a million rows and mostly reads none of them, or all of them once, in order. A row of its own in a
table costs it four times what a place in a block costs. A store that outlives its process keeps rows.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from sandbox.audit.sealed import SealedRows
from sandbox.ports import AuditRow
from scenarios.saved import sql

_BETWEEN = "\n"
"""Stands between two texts: canonical JSON has no line break, and rows that have one are not packed."""


class PackedTrail:
    """Blocks of audit rows, in order of sequence.

    Args:
        cursor: of the store's own connection; blocks belong to its open transaction.
    """

    def __init__(self, cursor: sqlite3.Cursor) -> None:
        """Begin empty, as a temporary store does."""
        self._cursor = cursor
        self._last_seq = 0

    def append(self, rows: Sequence[AuditRow]) -> bool:
        """Add a block; False, and nothing added, if the rows leave a gap behind the last one or have line breaks."""
        sealed = SealedRows.of(rows)
        if sealed is None or sealed.first_seq != self._last_seq + 1 or _BETWEEN in "".join(sealed.texts):
            return False
        self._last_seq += len(sealed)
        self._cursor.execute(sql.ADD_BLOCK, (self._last_seq, _BETWEEN.join(sealed.texts), sealed.digests))
        return True

    def after(self, seq: int) -> Sequence[AuditRow]:
        """Return the rows after a sequence number that stand in the first block that has some; none at the end."""
        found = self._cursor.execute(sql.READ_NEXT_BLOCK, (seq,)).fetchone()
        if found is None:
            return []
        last_seq, joined, digests = found
        texts = joined.split(_BETWEEN)
        rows = SealedRows(last_seq - len(texts) + 1, texts, digests)
        return rows[seq - last_seq :] if last_seq - seq < len(rows) else rows
