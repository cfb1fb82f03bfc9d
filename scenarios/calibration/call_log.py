"""Reading a call-level log: a row a call, every row clean or dirty with its reason.

arrived_at   local clock time the call joined the queue, "2026-03-02 09:30:05"
wait_s       seconds from then until an agent answered or the caller left
outcome      answered or abandoned, or a word exports use for them
handling_s   seconds the agent spent; blank (or 0) for who left
call_type    optional: why they called
priority     optional: class of priority
caller_id    optional, and masked: tells callers apart, so that redials are seen; it is never shown
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from scenarios.files.csv_text import (
    PLAIN_NUMBER,
    Column,
    Columns,
    DirtyLine,
    csv_columns,
    local_time,
    nothing_clean,
)

MAX_SECONDS = 86_400.0
"""Longest wait or handling time believed: a day."""

COLUMNS = (
    Column(
        "arrived_at",
        ("arrival", "arrival_time", "arrived", "queue_start", "q_start", "call_start", "start_time"),
    ),
    Column(
        "wait_s", ("wait", "wait_time", "waiting_time", "wait_seconds", "queue_s", "queue_time", "q_time")
    ),
    Column("outcome", ("result", "disposition", "call_outcome", "status")),
    Column(
        "handling_s",
        ("handling", "handle_time", "handling_time", "aht", "ser_time", "service_s", "service_time"),
    ),
    Column("call_type", ("type", "intent", "reason", "skill"), required=False),
    Column("priority", ("prio", "priority_class"), required=False),
    Column("caller_id", ("customer_id", "caller", "customer", "ani", "caller_hash"), required=False),
)

_DAYS_AROUND = 366
"""A log covers two years at most."""

_ANSWERED = frozenset({"answered", "agent", "handled", "served", "connected"})
_ABANDONED = frozenset({"abandoned", "abandon", "hang", "hangup", "hang_up", "lost", "left"})
_NOBODY = frozenset({"", "0", "none", "null", "anonymous", "unknown"})
"""What stands for a caller who cannot be told from others."""


class LoggedCall(NamedTuple):
    """One clean row.

    Attributes:
        line: line of the file, from 1.
        arrived_at: local clock time.
        wait_s: seconds.
        answered: by an agent; else abandoned.
        handling_s: seconds; 0 for who left.
        call_type, priority: as the file spells them, or empty.
        caller_id: as the file spells it, or empty where the caller is unknown.
    """

    line: int
    arrived_at: datetime
    wait_s: float
    answered: bool
    handling_s: float
    call_type: str
    priority: str
    caller_id: str


@dataclass(frozen=True, slots=True)
class CallLog:
    """A log as read.

    Attributes:
        name: the file's name, without its folder.
        calls: clean rows by time of arrival; at least one.
        dirty: rows left out, in the file's order.
        columns: where the columns stand.
    """

    name: str
    calls: tuple[LoggedCall, ...]
    dirty: tuple[DirtyLine, ...]
    columns: Columns

    @property
    def rows(self) -> int:
        """Rows of the file, clean and dirty."""
        return len(self.calls) + len(self.dirty)


def read_call_log(path: Path, named: Mapping[str, str] | None = None) -> CallLog:
    """Read one call-level log.

    Args:
        path: the file.
        named: our name of a column to the file's own, as the user says.

    Raises:
        BadInput: the file cannot be read, lacks a column or has no clean row.
    """
    columns, lines = csv_columns(path, COLUMNS, named or {})
    calls: list[LoggedCall] = []
    dirty: list[DirtyLine] = []
    first_line: dict[tuple[str, ...], int] = {}
    for line, cells in lines:
        earlier = first_line.setdefault(tuple(cells), line)
        read = _call(line, cells, columns) if earlier == line else f"repeats line {earlier} in every cell"
        if isinstance(read, LoggedCall):
            calls.append(read)
        else:
            dirty.append(DirtyLine(line, (read,) if isinstance(read, str) else tuple(read)))
    if not calls:
        raise nothing_clean(path.name, dirty)
    calls.sort(key=lambda call: call.arrived_at)
    near, far = _parted_by_year(calls)
    dirty = sorted([*dirty, *far], key=lambda row: row.line)
    return CallLog(path.name, tuple(near), tuple(dirty), columns)


def _parted_by_year(calls: Sequence[LoggedCall]) -> tuple[list[LoggedCall], list[DirtyLine]]:
    """Part off calls of another year than the rest: a slip in one date would stretch the log over decades."""
    middle = calls[len(calls) // 2].arrived_at
    near = [call for call in calls if abs((call.arrived_at - middle).days) <= _DAYS_AROUND]
    told = f"more than {_DAYS_AROUND} days from the middle of the log, {middle:%Y-%m-%d}"
    far = [
        DirtyLine(call.line, (f"arrived_at: {call.arrived_at:%Y-%m-%d} is {told}",))
        for call in calls
        if abs((call.arrived_at - middle).days) > _DAYS_AROUND
    ]
    return near, far


def _call(line: int, cells: Sequence[str], columns: Columns) -> LoggedCall | list[str]:
    """Read one record, or say everything that is wrong with it."""
    if len(cells) != columns.width:
        return [f"{len(cells)} cells found; {columns.width} expected"]
    cell = {name: cells[at] for name, at in columns.position.items()}
    problems: list[str] = []
    arrived_at = local_time("arrived_at", cell["arrived_at"], problems)
    wait_s = _seconds("wait_s", cell["wait_s"], problems)
    answered = _answered(cell["outcome"], problems)
    handling_s = 0.0
    if answered:
        handling_s = _seconds("handling_s", cell["handling_s"], problems)
    elif answered is False and not _is_nothing(cell["handling_s"]):
        problems.append(
            f"handling_s: found {cell['handling_s'][:20]!r} for a caller who left; allowed is none"
        )
    if problems or arrived_at is None or answered is None:
        return problems
    caller = cell.get("caller_id", "")
    kind, priority = cell.get("call_type", ""), cell.get("priority", "")
    known = "" if caller.lower() in _NOBODY else caller
    return LoggedCall(line, arrived_at, wait_s, answered, handling_s, kind, priority, known)


def _seconds(name: str, text: str, problems: list[str]) -> float:
    number = float(text) if PLAIN_NUMBER.fullmatch(text) else -1.0
    if not 0.0 <= number <= MAX_SECONDS:
        what = f"found {text[:20]!r}" if text else "missing"
        problems.append(f"{name}: {what}; allowed is 0 to {MAX_SECONDS:,.0f} seconds")
    return number


def _answered(text: str, problems: list[str]) -> bool | None:
    word = text.lower()
    if word in _ANSWERED or word in _ABANDONED:
        return word in _ANSWERED
    problems.append(f"outcome: found {text[:40]!r}; allowed are answered and abandoned")
    return None


def _is_nothing(text: str) -> bool:
    return text in {"", "-"} or (bool(PLAIN_NUMBER.fullmatch(text)) and float(text) == 0.0)
