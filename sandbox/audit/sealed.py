"""Links of the audit chain as they were hashed: a run seals a million of them and reads back few."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import overload

from sandbox.model import record_of
from sandbox.ports import AuditRow

DIGEST_BYTES = 32


def spelling(seq: int, case_id: int, at_ms: int, kind: str, body: str) -> str:
    """Return what is hashed of a row.

    The length of kind keeps two different rows from spelling the same bytes.
    """
    return f"{seq}|{case_id}|{at_ms}|{len(kind)}|{kind}|{body}"


class SealedRows(Sequence[AuditRow]):
    """Consecutive rows in their hashed spelling; a row is made when somebody reads it.

    Attributes:
        first_seq: sequence number of the first row.
        texts: `spelling` of each row.
        digests: their digests, 32 bytes each, in one piece.
    """

    __slots__ = ("digests", "first_seq", "texts")

    def __init__(self, first_seq: int, texts: list[str], digests: bytes) -> None:
        """Take rows as they were sealed."""
        self.first_seq, self.texts, self.digests = first_seq, texts, digests

    @classmethod
    def of(cls, rows: Sequence[AuditRow]) -> SealedRows | None:
        """Return rows as such a piece; None if they do not follow each other without a gap, or lack a digest."""
        if isinstance(rows, SealedRows):
            return rows
        if not rows or any(len(row.digest) != DIGEST_BYTES for row in rows):
            return None
        first = rows[0].seq
        if [row.seq for row in rows] != list(range(first, first + len(rows))):
            return None
        texts = [spelling(*row[:-1]) for row in rows]
        return cls(first, texts, b"".join([row.digest for row in rows]))

    def __len__(self) -> int:
        return len(self.texts)

    @overload
    def __getitem__(self, place: int) -> AuditRow: ...
    @overload
    def __getitem__(self, place: slice) -> list[AuditRow]: ...
    def __getitem__(self, place: int | slice) -> AuditRow | list[AuditRow]:
        if isinstance(place, slice):
            return [self._row(nth) for nth in range(*place.indices(len(self)))]
        return self._row(range(len(self))[place])

    def __iter__(self) -> Iterator[AuditRow]:
        return map(self._row, range(len(self)))

    def _row(self, nth: int) -> AuditRow:
        seq, case_id, at_ms, length, rest = self.texts[nth].split("|", 4)
        ends = int(length)
        digest = self.digests[nth * DIGEST_BYTES : (nth + 1) * DIGEST_BYTES]
        what = int(case_id), int(at_ms), rest[:ends], rest[ends + 1 :]
        return record_of(AuditRow, (int(seq), *what, digest))
