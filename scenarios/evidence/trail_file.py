"""An audit trail as a file: JSON Lines, one row a line, each spelt in the one way this module writes it.

Because there is one spelling, a file differs from what was exported as soon as a single byte does: the check compares
every line with the spelling of the row it holds, then the row with the chain.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from sandbox.audit.chain import ChainCheck, Head, verify
from sandbox.errors import BadInput
from sandbox.evidence import canonical
from sandbox.ports import AuditRow
from scenarios.files.sealing import SealBroken

_LINE_BYTES_MAX = 1_000_000
"""A row is some 250 bytes; a line this long is no row, and is not gathered in memory any further."""

_FIELDS = ("seq", "case_id", "at_ms", "kind", "body", "digest")


class TrailFault(BadInput):
    """A line that is no row of a trail.

    Attributes:
        line: its number, from 1.
    """

    def __init__(self, line: int, problem: str) -> None:
        """Name the line and what is wrong with it, without repeating what it says."""
        super().__init__([problem])
        self.line = line


@dataclass(frozen=True, slots=True)
class TrailCheck:
    """What a pass over an exported trail found.

    Attributes:
        rows: rows that stand in order, as exported, from the first.
        cases: different cases among them.
        problem: the first thing wrong, in words, or empty.
        at_row: the row it shows at, or 0.
        head_checked: an outside head was compared.
        note: what this check cannot tell, or empty.
    """

    rows: int
    cases: int
    problem: str
    at_row: int
    head_checked: bool
    note: str

    @property
    def ok(self) -> bool:
        """Whether nothing wrong was found."""
        return not self.problem


def row_line(row: AuditRow) -> str:
    """Return a row as one line, without its line break; the body is JSON in JSON, not a text in a text."""
    return (
        f'{{"seq":{row.seq},"case_id":{row.case_id},"at_ms":{row.at_ms},"kind":{json.dumps(row.kind)},'
        f'"body":{row.body},"digest":"{row.digest.hex()}"}}'
    )


def rows_in(pieces: Iterable[bytes]) -> Iterator[AuditRow]:
    """Read rows from a file that comes in pieces.

    Raises:
        TrailFault: a line that is not spelt as a row is.
    """
    for number, line in enumerate(_lines(pieces), 1):
        yield _row(number, line)


def check_trail(pieces: Iterable[bytes], head: Head | None) -> TrailCheck:
    """Check an exported trail in one pass.

    Args:
        pieces: the file's bytes, unsealed.
        head: the head kept outside it, or None.
    """
    rows, cases = 0, set[int]()

    def counted() -> Iterator[AuditRow]:
        nonlocal rows
        for row in rows_in(pieces):
            yield row
            rows += 1  # counted when the chain asks for the next one: this one fitted
            cases.add(row.case_id)

    checked = head is not None
    try:
        found = verify(counted(), head)
    except TrailFault as fault:
        found = ChainCheck(False, rows, str(fault), fault.line, checked)
    except SealBroken as fault:
        found = ChainCheck(False, rows, str(fault), rows + 1, checked)
    problem = found.problem
    if not problem and not rows and not checked:
        problem = (
            "the file holds no row: without the head a trail cut down to nothing looks like an empty one"
        )
    return TrailCheck(found.rows, len(cases), problem, found.at_seq, checked, found.note)


def _lines(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Cut a stream at its line breaks; what follows the last one is a line of its own, and too long a one ends it."""
    held, number = b"", 1
    for piece in pieces:
        *whole, held = (held + piece).split(b"\n")
        for line in whole:
            yield line
            number += 1
        if len(held) > _LINE_BYTES_MAX:
            raise TrailFault(number, f"row {number} is longer than any row: not an audit trail")
    if held:
        raise TrailFault(number, f"row {number} is cut short: its line does not end")


def _row(number: int, line: bytes) -> AuditRow:
    try:
        text = line.decode("ascii")
        row = _parsed(json.loads(text))
        if row_line(row) == text:
            return row
    except (ValueError, TypeError, KeyError, RecursionError):
        pass
    raise TrailFault(number, f"row {number} is not written as an export writes it: it was changed")


def _parsed(data: Any) -> AuditRow:
    seq, case_id, at_ms, kind, body, digest = (data[name] for name in _FIELDS)
    if not all(type(number) is int for number in (seq, case_id, at_ms)) or not isinstance(kind, str):
        raise TypeError
    return AuditRow(seq, case_id, at_ms, kind, canonical(body).text, bytes.fromhex(digest))
