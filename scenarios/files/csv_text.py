"""Files of comma-separated values as banks export them: text, records with their lines, and columns by name.

Semicolons and tabs part cells as well as commas: whichever the header has most of. A column goes by our name for it,
by one of the names exports use for it, or by the name a user gives.
"""

from __future__ import annotations

import csv
import difflib
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

from sandbox.errors import BadInput
from scenarios.files import input_files

MAX_BYTES = 50_000_000
"""Largest file read: twenty years of quarter hours are under 50 MB, and the text is held in memory once."""

_SEPARATORS = (",", ";", "\t")
_APART = re.compile(r"[^a-z0-9]+")
_SHOWN = 20

PLAIN_NUMBER = re.compile(r"-?\d+(\.\d*)?", re.ASCII)
"""A number as exports write it; no exponents, no thousands separators."""

NAMED_ROWS = 5
"""How many rows a refusal names."""


APART_DAYS = 183
"""Days without any row beyond which a file's days are two files, or one with a slip in its dates. Half a year: the
commonest slip, January with last year's number or next year's, is a whole one."""


@dataclass(frozen=True, slots=True)
class DirtyLine:
    """One record left out.

    Attributes:
        line: line of the file, from 1.
        problems: everything wrong with it, each with what was found.
    """

    line: int
    problems: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Column:
    """A column a kind of file may have.

    Attributes:
        name: ours.
        also: what exports call it, folded as `folded` does.
        required: whether the kind cannot be read without it.
    """

    name: str
    also: tuple[str, ...] = ()
    required: bool = True


@dataclass(frozen=True, slots=True)
class Columns:
    """Where the columns of a file stand.

    Attributes:
        position: our name to place.
        headers: our name to the file's own.
        guessed: our names that were found under another name without being told.
        ignored: columns that are not read, as the file spells them.
        width: cells of a record.
    """

    position: dict[str, int]
    headers: dict[str, str]
    guessed: tuple[str, ...]
    ignored: tuple[str, ...]
    width: int


def csv_text(path: Path) -> str:
    """Return a whole file as text.

    Raises:
        BadInput: missing, no file, above MAX_BYTES, unreadable, or not UTF-8 text.
    """
    return text_of(_bytes(path), path.name)


def noted_text(path: Path) -> str:
    """Return a whole file as text, and let it belong to the saved run: for figures, never for cases of customers.

    Raises:
        BadInput: as `csv_text`.
    """
    raw = input_files.stand_in(path)
    if raw is None:
        raw = _bytes(path)
        input_files.note(path, raw)
    return text_of(raw, path.name)


def _bytes(path: Path) -> bytes:
    if not path.is_file():
        found = "a folder or device" if path.exists() else "nothing"
        raise BadInput([f"{path.name}: found {found} at {path}; allowed is a CSV file"])
    try:
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise BadInput([f"{path.name}: found {size:,} bytes; allowed are at most {MAX_BYTES:,}"])
        return path.read_bytes()
    except OSError as error:
        raise BadInput(
            [f"{path.name}: cannot be read ({error.strerror}); allowed is a readable CSV file"]
        ) from error


def text_of(raw: bytes, name: str) -> str:
    """Return the text of a file's bytes.

    Raises:
        BadInput: not UTF-8 text.
    """
    if b"\0" in raw:
        raise BadInput(
            [f"{name}: found binary data (a spreadsheet or UTF-16?); allowed is CSV text in UTF-8"]
        )
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        problem = f"{name}: byte {error.start:,} is not UTF-8; allowed is CSV text in UTF-8"
        raise BadInput([problem]) from error


def csv_lines(text: str, name: str) -> Iterator[tuple[int, list[str]]]:
    """Yield the records that are not blank, each with the line it ends on.

    Raises:
        BadInput: while reading: not CSV.
    """
    head = next((line for line in text.splitlines() if line.strip()), "")
    separator = max(_SEPARATORS, key=head.count)
    reader = csv.reader(io.StringIO(text, newline=""), strict=True, delimiter=separator)
    try:
        for cells in reader:
            if cells:
                yield reader.line_num, [cell.strip() for cell in cells]
    except csv.Error as error:
        problem = f"{name}: line {reader.line_num} is not CSV ({error}); allowed is comma-separated text"
        raise BadInput([problem]) from error


def csv_columns(
    path: Path, known: Sequence[Column], named: Mapping[str, str]
) -> tuple[Columns, Iterator[tuple[int, list[str]]]]:
    """Open a file and find its columns.

    Args:
        path: the file.
        known: columns that may be there.
        named: our name to the file's header, as the user says.

    Returns:
        Where the columns stand, and the records below the header.

    Raises:
        BadInput: the file cannot be read, or a column is missing; while reading: not CSV.
    """
    lines = csv_lines(csv_text(path), path.name)
    header = next(lines, (0, []))[1]
    columns, problems = match(header, known, named)
    if problems:
        told = [f"{path.name}: {problem}" for problem in problems]
        found = f"{path.name}: columns found: {columns_found(header)}; --column NAME=HEADER maps one"
        raise BadInput([*told, found])
    return columns, lines


def nothing_clean(name: str, dirty: Sequence[DirtyLine]) -> BadInput:
    """Return the refusal of a file without a row that can be used; the first are listed."""
    shown = [f"{name}: line {row.line}: {'; '.join(row.problems)}" for row in dirty[:NAMED_ROWS]]
    if not dirty:
        return BadInput([f"{name}: found a header and no rows; allowed: rows below it"])
    return BadInput([f"{name}: none of its {len(dirty):,} rows can be used", *shown])


def local_time(column: str, text: str, problems: list[str]) -> datetime | None:
    """Read a local clock time; what is none is told among the problems."""
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        time = None
    if time is None or ":" not in text or time.tzinfo is not None:
        allowed = 'local clock time such as "2026-03-02 09:30", without an offset'
        problems.append(f"{column}: found {text[:40]!r}; allowed is {allowed}")
        return None
    return time


def days_apart(days: Sequence[date]) -> tuple[frozenset[date], str]:
    """Find days that more than APART_DAYS without a row part from the middle of a file.

    Args:
        days: of every row, in any order, a day as often as it has rows.

    Returns:
        Those days, and why they are left out.
    """
    if not days:
        return frozenset(), ""
    ordered = sorted(days)
    low = high = len(ordered) // 2
    most = timedelta(days=APART_DAYS)
    while low > 0 and ordered[low] - ordered[low - 1] <= most:
        low -= 1
    while high < len(ordered) - 1 and ordered[high + 1] - ordered[high] <= most:
        high += 1
    told = f"more than {APART_DAYS} days without a row from the rest, {ordered[low]} to {ordered[high]}"
    return frozenset([*ordered[:low], *ordered[high + 1 :]]), told


def folded(header: str) -> str:
    """Return a header without its case and without what parts its words."""
    return _APART.sub("_", header.lower()).strip("_")


def named_by_user(texts: Iterable[str], known: Sequence[str]) -> dict[str, str]:
    """Read "NAME=HEADER" texts, as given to `--column`.

    Args:
        texts: one for each column.
        known: names columns may have.

    Raises:
        BadInput: a text without a name or header, or an unknown name; all of them are told.
    """
    problems, named = [], {}
    for text in texts:
        name, equals, header = (part.strip() for part in text.partition("="))
        if not equals or not name or not header:
            problems.append(
                f"--column {text}: found {text!r}; allowed: NAME=HEADER, such as wait_s=Queue Time"
            )
        elif name not in known:
            close = difflib.get_close_matches(name, known, n=1)
            guess = f"; did you mean {close[0]!r}?" if close else ";"
            problems.append(f"--column {text}: unknown column {name!r}{guess} allowed: {', '.join(known)}")
        else:
            named[name] = header
    if problems:
        raise BadInput(problems)
    return named


def match(
    header: Sequence[str], known: Sequence[Column], named: Mapping[str, str]
) -> tuple[Columns, list[str]]:
    """Find known columns in a header.

    Args:
        header: the file's.
        known: what may be there.
        named: our name to the file's header, as the user says; it goes before every guess.

    Returns:
        The columns, and what is wrong: one that is missing, there twice, or named and not there.
    """
    cells = [folded(cell) for cell in header]
    position: dict[str, int] = {}
    problems: list[str] = []
    guessed: list[str] = []
    taken = {folded(own) for own in named.values()}
    for column in known:
        wanted = (folded(named[column.name]),) if column.name in named else (column.name, *column.also)
        name = next(
            (one for one in wanted if one in cells and (column.name in named or one not in taken)), None
        )
        if name is None:
            if column.name in named:
                problems.append(f"column {named[column.name]!r} for {column.name} is not in the file")
            elif column.required:
                problems.append(_missing(column.name, header, position))
            continue
        if cells.count(name) > 1:
            problems.append(f"column {name!r} found {cells.count(name)} times; allowed is once")
        position[column.name] = cells.index(name)
        if name != column.name and column.name not in named:
            guessed.append(column.name)
    headers = {name: header[at] for name, at in position.items()}
    used = set(position.values())
    ignored = tuple(cell for at, cell in enumerate(header) if at not in used)
    return Columns(position, headers, tuple(guessed), ignored, len(header)), problems


def columns_found(header: Sequence[str]) -> str:
    """Name a file's columns in a refusal."""
    more = f" and {len(header) - _SHOWN} more" if len(header) > _SHOWN else ""
    return ", ".join(repr(cell[:40]) for cell in header[:_SHOWN]) + more


def _missing(name: str, header: Sequence[str], position: Mapping[str, int]) -> str:
    spare = [cell for at, cell in enumerate(header) if at not in position.values()]
    close = difflib.get_close_matches(name, [folded(cell) for cell in spare], n=1)
    guess = f" (is it {close[0]!r} here?)" if close else ""
    return f"column {name!r} is missing{guess}"
