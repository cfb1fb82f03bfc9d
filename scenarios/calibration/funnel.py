"""A message funnel by day and channel: rates with intervals, and the settings of a scenario that give them back.

day, channel                        "2026-03-02"; sms, whatsapp or email
sent, delivered, clicked            messages; delivered by receipt
opened, verified, acted, posted     optional: read receipts; identity proven, action submitted, recorded in the core
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import NamedTuple

from sandbox.experiment.fits import Share, share_over_days
from scenarios.files.csv_text import (
    PLAIN_NUMBER,
    Column,
    Columns,
    DirtyLine,
    csv_columns,
    days_apart,
    nothing_clean,
)

MAX_COUNT = 100_000_000
CHANNELS = ("sms", "whatsapp", "email")
STAGES = ("sent", "delivered", "opened", "clicked", "verified", "acted", "posted")
_REPORTS_OPENS = frozenset({"whatsapp", "email"})
_WAY = ("sent", "delivered", "clicked", "verified", "acted", "posted")

COLUMNS = (
    Column("day", ("date", "send_date", "sent_on", "send_day")),
    Column("channel", ("route", "medium")),
    Column("sent", ("sends", "messages", "messages_sent")),
    Column("delivered", ("deliveries", "messages_delivered")),
    Column("opened", ("opens", "read", "reads"), required=False),
    Column("clicked", ("clicks", "link_clicks")),
    Column("verified", ("verifications", "identified", "authenticated"), required=False),
    Column("acted", ("actions", "completed_action", "submitted"), required=False),
    Column("posted", ("recorded", "writebacks", "posted_to_core"), required=False),
)


def bases(stages: Collection[str]) -> dict[str, str]:
    """Each stage and the one it is a share of: the one before on the way, of those there are.

    An open is beside the way, for an SMS reports none.
    """
    way = [stage for stage in _WAY if stage in stages]
    before = dict(zip(way[1:], way, strict=False))
    return before | ({"opened": "delivered"} if "opened" in stages else {})


class FunnelRow(NamedTuple):
    """One clean row; a stage the file does not have is None."""

    line: int
    day: date
    channel: str
    counts: dict[str, int]


@dataclass(frozen=True, slots=True)
class FunnelEstimate:
    """What a funnel shows.

    Attributes:
        name: the file's name.
        rows: clean rows.
        dirty: rows left out.
        columns: where the columns stand.
        rates: by channel, then by stage; "all" holds every channel together.
    """

    name: str
    rows: tuple[FunnelRow, ...]
    dirty: tuple[DirtyLine, ...]
    columns: Columns
    rates: dict[str, dict[str, Share]]

    @property
    def days(self) -> list[date]:
        """Days with a clean row, in order."""
        return sorted({row.day for row in self.rows})

    @property
    def stages(self) -> list[str]:
        """Stages the file has, in order."""
        return [stage for stage in STAGES if stage in self.columns.position]


def read_funnel(path: Path, named: Mapping[str, str] | None = None) -> FunnelEstimate:
    """Read one funnel and estimate its rates.

    Raises:
        BadInput: the file cannot be read, lacks a column or has no clean row.
    """
    columns, lines = csv_columns(path, COLUMNS, named or {})
    rows: list[FunnelRow] = []
    dirty: list[DirtyLine] = []
    claimed: dict[tuple[date, str], int] = {}
    for line, cells in lines:
        row = _row(line, cells, columns)
        if isinstance(row, FunnelRow):
            earlier = claimed.setdefault((row.day, row.channel), line)
            if earlier == line:
                rows.append(row)
                continue
            row = [f"{row.day} {row.channel} stands on line {earlier} already"]
        dirty.append(DirtyLine(line, tuple(row)))
    if not rows:
        raise nothing_clean(path.name, dirty)
    apart, told = days_apart([row.day for row in rows])
    far = [DirtyLine(row.line, (f"day: {row.day} is {told}",)) for row in rows if row.day in apart]
    near = [row for row in rows if row.day not in apart]
    dirty = sorted([*dirty, *far], key=lambda row: row.line)
    return FunnelEstimate(path.name, tuple(near), tuple(dirty), columns, _rates(near))


def _row(line: int, cells: Sequence[str], columns: Columns) -> FunnelRow | list[str]:
    if len(cells) != columns.width:
        return [f"{len(cells)} cells found; {columns.width} expected"]
    cell = {name: cells[at] for name, at in columns.position.items()}
    problems: list[str] = []
    channel = cell["channel"].lower()
    if channel not in CHANNELS:
        problems.append(f"channel: found {cell['channel'][:20]!r}; allowed: {', '.join(CHANNELS)}")
    day = None
    try:
        day = date.fromisoformat(cell["day"][:10])
    except ValueError:
        problems.append(f"day: found {cell['day'][:20]!r}; allowed: a date such as 2026-03-02")
    counts = {stage: _count(stage, cell[stage], problems) for stage in STAGES if stage in cell}
    if problems or day is None:
        return problems
    problems = [
        f"{stage}: found {counts[stage]}, above {base} {counts[base]}; allowed: at most that many"
        for stage, base in bases(counts).items()
        if counts[stage] > counts[base]
    ]
    return problems or FunnelRow(line, day, channel, counts)


def _count(name: str, text: str, problems: list[str]) -> int:
    number = float(text) if PLAIN_NUMBER.fullmatch(text) else -1.0
    if not (0 <= number <= MAX_COUNT and number.is_integer()):
        problems.append(f"{name}: found {text[:20]!r}; allowed: a whole number from 0 to {MAX_COUNT:,}")
        return 0
    return int(number)


def _rates(rows: Sequence[FunnelRow]) -> dict[str, dict[str, Share]]:
    parts: dict[str, list[FunnelRow]] = defaultdict(list)
    for row in rows:
        parts[row.channel].append(row)
    if len(parts) > 1:
        parts["all"] = list(rows)
    return {
        channel: {
            stage: _share(parts[channel], stage, base)
            for stage, base in bases(rows[0].counts).items()
            if stage != "opened" or channel in _REPORTS_OPENS
        }
        for channel in (*CHANNELS, "all")
        if channel in parts
    }


def _share(rows: Sequence[FunnelRow], stage: str, base: str) -> Share:
    hits: dict[date, int] = defaultdict(int)
    tries: dict[date, int] = defaultdict(int)
    for row in rows:
        hits[row.day] += row.counts[stage]
        tries[row.day] += row.counts[base]
    days = sorted(tries)
    return share_over_days([hits[day] for day in days], [tries[day] for day in days])
