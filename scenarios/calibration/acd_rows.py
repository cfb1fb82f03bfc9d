"""Reading an ACD interval report: every row ends up clean or dirty with a reason, none disappears.

The CSV has one row per interval and queue, UTF-8, comma separated, columns in any order and any case:

    interval_start         local clock time, "2026-03-02 09:30" or with seconds
    interval_min           length, minutes: 5, 10, 15, 30 or 60
    offered                calls that asked for an agent
    answered, abandoned    how they ended; together they are the offered
    asa_s                  mean wait of the answered, seconds
    mean_wait_abandoned_s  mean wait of the abandoned, seconds (the one optional column)
    aht_s                  mean handling time of the answered, seconds

A mean over no calls may hold anything and is not read. Blank lines are not rows.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from sandbox.errors import BadInput
from scenarios.files.csv_text import (
    MAX_BYTES,
    PLAIN_NUMBER,
    csv_lines,
    days_apart,
    folded,
    local_time,
    noted_text,
)

__all__ = ["MAX_BYTES", "AcdReport", "DirtyRow", "IntervalRow", "cells_of", "read_report"]

MAX_COUNT = 1_000_000
"""Most calls believed in one interval; above it a cell is taken for a slip."""

MAX_SECONDS = 86_400.0
"""Longest mean wait or handling time believed: a day."""

CELL_MINUTES = 5
"""Intervals are compared on a grid this fine; every allowed length is a multiple of it."""

INTERVAL_MINUTES = (5, 10, 15, 30, 60)

REQUIRED = ("interval_start", "interval_min", "offered", "answered", "abandoned", "asa_s", "aht_s")
OPTIONAL = ("mean_wait_abandoned_s",)


class IntervalRow(NamedTuple):
    """One clean row. A mean over no calls is None, and so is a mean whose column is absent.

    Attributes:
        line: line of the file, from 1.
        start: local clock time.
        minutes: length of the interval.
        offered, answered, abandoned: calls.
        asa_s, mean_wait_abandoned_s, aht_s: means, seconds.
    """

    line: int
    start: datetime
    minutes: int
    offered: int
    answered: int
    abandoned: int
    asa_s: float | None
    mean_wait_abandoned_s: float | None
    aht_s: float | None


class DirtyRow(NamedTuple):
    """One row left out.

    Attributes:
        line: line of the file, from 1.
        problems: everything wrong with it, each with what was found.
        start: its time, None when that cannot be told.
        minutes: its length, None when that cannot be told.
    """

    line: int
    problems: tuple[str, ...]
    start: datetime | None
    minutes: int | None


@dataclass(frozen=True, slots=True)
class AcdReport:
    """A report as read.

    Attributes:
        name: the file's name, without its folder.
        rows: clean rows in the file's order; at least one.
        dirty: rows left out, in the file's order.
        ignored_columns: columns of the file that are not read, as the file spells them.
        has_abandoned_wait: whether the optional column mean_wait_abandoned_s is there.
    """

    name: str
    rows: tuple[IntervalRow, ...]
    dirty: tuple[DirtyRow, ...]
    ignored_columns: tuple[str, ...]
    has_abandoned_wait: bool


class _Calls(NamedTuple):
    """The counts of one row."""

    offered: int
    answered: int
    abandoned: int


class _Header(NamedTuple):
    """Where the known columns stand."""

    width: int
    position: dict[str, int]
    ignored: tuple[str, ...]


def read_report(path: Path, headers: Mapping[str, str] | None = None) -> AcdReport:
    """Read one interval report.

    Args:
        path: the file.
        headers: our name of a column to the file's own, where they differ.

    Raises:
        BadInput: the file is missing, empty, not text, above MAX_BYTES, lacks a column or has no clean row;
            names what was found and what is allowed.
    """
    lines = csv_lines(noted_text(path), path.name)
    header = _header(_renamed(next(lines, None), headers or {}), path.name)
    rows: list[IntervalRow] = []
    dirty: list[DirtyRow] = []
    line_of_cell: dict[int, int] = {}
    for line, cells in lines:
        row = _row(line, cells, header)
        if isinstance(row, IntervalRow) and (earlier := _claim(row, line_of_cell)) is not None:
            problem = f"interval_start: {row.start} repeats or overlaps the interval of line {earlier}"
            row = DirtyRow(line, (problem,), row.start, row.minutes)
        if isinstance(row, IntervalRow):
            rows.append(row)
        else:
            dirty.append(row)
    if not rows:
        raise BadInput(_no_clean_row(dirty, path.name))
    rows, far = _parted(rows)
    dirty = sorted([*dirty, *far], key=lambda row: row.line)
    return AcdReport(path.name, tuple(rows), tuple(dirty), header.ignored, OPTIONAL[0] in header.position)


def _parted(rows: list[IntervalRow]) -> tuple[list[IntervalRow], list[DirtyRow]]:
    """Part off rows far from all others: a slip in one date would stretch a month over years."""
    apart, told = days_apart([row.start.date() for row in rows])
    near = [row for row in rows if row.start.date() not in apart]
    far = [
        DirtyRow(row.line, (f"interval_start: {row.start:%Y-%m-%d} is {told}",), row.start, row.minutes)
        for row in rows
        if row.start.date() in apart
    ]
    return near, far


def cells_of(start: datetime, minutes: int) -> range:
    """Numbers of the grid cells an interval covers; consecutive over midnight, CELL_MINUTES each."""
    first = (start.toordinal() * 1440 + start.hour * 60 + start.minute) // CELL_MINUTES
    return range(first, first + minutes // CELL_MINUTES)


def _renamed(first: tuple[int, list[str]] | None, headers: Mapping[str, str]) -> tuple[int, list[str]] | None:
    """The header with our names in place of the file's own."""
    if first is None:
        return None
    ours = {folded(header): name for name, header in headers.items()}
    return first[0], [ours.get(folded(cell), cell) for cell in first[1]]


def _header(first: tuple[int, list[str]] | None, name: str) -> _Header:
    """Find the known columns, or say which are missing and what they may be called here."""
    if first is None:
        raise BadInput(
            [f"{name}: found an empty file; allowed is a header with {', '.join(REQUIRED)} and rows"]
        )
    found = first[1]
    folded = [cell.lower() for cell in found]
    known = REQUIRED + OPTIONAL
    spare = [cell for cell in folded if cell not in known]
    problems = [_missing_column(name, column, spare) for column in REQUIRED if column not in folded]
    problems += [
        f"{name}: column {column!r} found {folded.count(column)} times; allowed is once"
        for column in known
        if folded.count(column) > 1
    ]
    if problems:
        shown = ", ".join(repr(cell[:40]) for cell in found[:20])
        allowed = f"{', '.join(REQUIRED)} and optionally {', '.join(OPTIONAL)}, separated by commas"
        raise BadInput([*problems, f"{name}: columns found: {shown}; allowed are {allowed}"])
    position = {column: folded.index(column) for column in known if column in folded}
    return _Header(len(found), position, tuple(cell for cell in found if cell.lower() not in known))


def _missing_column(name: str, column: str, spare: list[str]) -> str:
    close = difflib.get_close_matches(column, spare, n=1)
    return f"{name}: column {column!r} is missing" + (f" (is it {close[0]!r} here?)" if close else "")


def _row(line: int, cells: list[str], header: _Header) -> IntervalRow | DirtyRow:
    """Read one record."""
    if len(cells) != header.width:
        return DirtyRow(line, (f"{len(cells)} cells found; {header.width} expected",), None, None)
    cell = {column: cells[at] for column, at in header.position.items()}
    problems: list[str] = []
    start, minutes = local_time("interval_start", cell["interval_start"], problems), _minutes(cell, problems)
    if start is not None and minutes is not None and not _is_aligned(start, minutes):
        problems.append(f"interval_start: {cell['interval_start']!r} is not on a whole {minutes} minutes")
        start = None
    calls = _calls(cell, problems)
    asa_s = _mean_s(cell, "asa_s", calls.answered, problems)
    abandoned_s = _mean_s(cell, OPTIONAL[0], calls.abandoned, problems) if OPTIONAL[0] in cell else None
    aht_s = _mean_s(cell, "aht_s", calls.answered, problems)
    if problems or start is None or minutes is None:
        return DirtyRow(line, tuple(problems), start, minutes)
    return IntervalRow(line, start, minutes, *calls, asa_s, abandoned_s, aht_s)


def _calls(cell: dict[str, str], problems: list[str]) -> _Calls:
    """The three counts, which must add up; a count that cannot be read is 0 and a problem."""
    faults = len(problems)
    calls = _Calls(*(_count(cell, column, problems) for column in _Calls._fields))
    if len(problems) == faults and calls.answered + calls.abandoned != calls.offered:
        found = f"answered {calls.answered} + abandoned {calls.abandoned}"
        problems.append(f"offered: found {calls.offered}; allowed is {found}")
    return calls


def _is_aligned(start: datetime, minutes: int) -> bool:
    return start.minute % minutes == 0 and start.second == 0 and start.microsecond == 0


def _minutes(cell: dict[str, str], problems: list[str]) -> int | None:
    text = cell["interval_min"]
    number = float(text) if PLAIN_NUMBER.fullmatch(text) else None
    if number not in INTERVAL_MINUTES:
        allowed = ", ".join(map(str, INTERVAL_MINUTES))
        problems.append(f"interval_min: found {text!r}; allowed are {allowed}")
        return None
    return int(number)


def _count(cell: dict[str, str], column: str, problems: list[str]) -> int:
    text = cell[column]
    number = float(text) if PLAIN_NUMBER.fullmatch(text) else -1.0
    if not (0 <= number <= MAX_COUNT and number.is_integer()):
        problems.append(f"{column}: found {text!r}; allowed is a whole number from 0 to {MAX_COUNT:,}")
        return 0
    return int(number)


def _mean_s(cell: dict[str, str], column: str, over_calls: int, problems: list[str]) -> float | None:
    """A mean in seconds; None where it is over no calls, whatever the cell holds."""
    if not over_calls:
        return None
    text = cell[column]
    number = float(text) if PLAIN_NUMBER.fullmatch(text) else -1.0
    if not 0.0 <= number <= MAX_SECONDS:
        what = f"found {text!r}" if text else "missing"
        problems.append(
            f"{column}: {what} for {over_calls} calls; allowed is 0 to {MAX_SECONDS:,.0f} seconds"
        )
        return None
    return number


def _claim(row: IntervalRow, line_of_cell: dict[int, int]) -> int | None:
    """Mark a row's time as taken; the earlier line when some of it already is."""
    cells = cells_of(row.start, row.minutes)
    for cell in cells:
        if cell in line_of_cell:
            return line_of_cell[cell]
    line_of_cell.update(dict.fromkeys(cells, row.line))
    return None


def _no_clean_row(dirty: list[DirtyRow], name: str) -> list[str]:
    if not dirty:
        return [f"{name}: found a header and no rows; allowed is one row per interval"]
    shown = [f"{name}: line {row.line}: {'; '.join(row.problems)}" for row in dirty[:5]]
    return [f"{name}: none of its {len(dirty):,} rows is usable; the first are listed", *shown]
