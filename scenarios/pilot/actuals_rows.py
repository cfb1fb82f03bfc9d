"""What a pilot reported, from a CSV file: metrics, or a funnel by day. Dirty rows are named, never guessed at."""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from sandbox.errors import BadInput
from sandbox.scorecard.outcome import FUNNEL
from scenarios.files.csv_text import columns_found, csv_lines, days_apart, noted_text
from scenarios.files.places import did_you_mean

ALIASES = {
    "cases": "triggered",
    "eligible": "triggered",
    "sent": "messaged",
    "opens": "opened",
    "clicks": "clicked",
    "verified": "identified",
    "completed": "acted",
    "posted": "recorded",
}
"""Names of stages as message providers write them."""

_STAGES = tuple(stage for stage in FUNNEL if stage not in ("opened", "closed", "exceptions"))
"""Stages on the way; what stands beside it explains no loss."""

_GROUPED = re.compile(r"\d{1,3}(,\d{3})+(\.\d+)?")
"""A number whose commas part thousands; "9,5" has a decimal comma, and read without it would be 95."""

_DAY_DIGITS = 4
"""Of the number of a pilot's day; longer ones are dates."""

_USUAL = {"messaged": "sent", "identified": "verified", "recorded": "posted"}
"""What a stage is called by whoever exports it, where that is not its name here."""

SHAPES = (
    "metric,value[,n][,day]; or a funnel: day and a column per stage "
    f"({', '.join(_USUAL.get(stage, stage) for stage in _STAGES)}), or stage,count[,day]"
)
"""Stages go by these names, by those here (messaged, identified, recorded) and by those of ALIASES."""


@dataclass(frozen=True, slots=True)
class ActualMetric:
    """One reported metric: its value in its own unit, base (None when not given) and days it comes from."""

    value: float
    n: int | None
    days: int | None


@dataclass(frozen=True, slots=True)
class Actuals:
    """What was read.

    Attributes:
        metrics: by name.
        funnel: count by stage, in the order of the way.
        days: days the funnel comes from; None where the file names none.
        rows: data rows of the file.
        dirty: rows left out and why, one sentence each.
    """

    metrics: dict[str, ActualMetric]
    funnel: dict[str, int]
    days: int | None
    rows: int
    dirty: tuple[str, ...] = ()


@dataclass(slots=True)
class _Reader:
    """Rows of one file under our names, what the file itself calls its columns, and what was wrong with rows."""

    header: dict[str, str]
    rows: list[tuple[int, dict[str, str]]]
    refused: list[tuple[int, str]] = field(default_factory=list)

    def word(self, stage: str) -> str:
        """What the file calls a stage."""
        return self.header.get(stage, stage)

    def refuse(self, line: int, why: str) -> None:
        self.refused.append((line, f"line {line}: {why}"))

    @property
    def dirty(self) -> tuple[str, ...]:
        """What was refused, in the file's order."""
        return tuple(text for _, text in sorted(self.refused, key=lambda one: one[0]))


def read_actuals(path: str, units: Mapping[str, str]) -> Actuals:
    """Read a file of actuals.

    Args:
        path: of a CSV file with a header; columns in any order, names in any case.
        units: unit of every known metric.

    Raises:
        BadInput: the file cannot be read, has none of the shapes, or no row is usable.
    """
    reader = _opened(path)
    rows, columns = len(reader.rows), set(reader.header)
    _date(reader)
    stages = [name for name in reader.header if name in _STAGES]
    if {"metric", "value"} <= columns:
        found = Actuals(_metrics(reader, units), {}, None, rows, reader.dirty)
    elif {"stage", "count"} <= columns:
        counts, days = _long_funnel(reader)
        found = Actuals({}, counts, days, rows, reader.dirty)
    elif len(stages) >= 2:
        counts, days = _wide_funnel(reader, stages)
        found = Actuals({}, counts, days, rows, reader.dirty)
    else:
        raise BadInput(
            [f"{path}: found the columns {columns_found(list(reader.header.values()))}; allowed: {SHAPES}"]
        )
    if not found.metrics and len(found.funnel) < 2:
        told = "; ".join(found.dirty[:5]) or "no row"
        raise BadInput([f"{path}: nothing usable in {rows} rows ({told}); allowed: {SHAPES}"])
    return found


def _opened(path: str) -> _Reader:
    lines = csv_lines(noted_text(Path(path)), path)
    first = next(lines, None)
    if first is None:
        raise BadInput([f"{path}: found an empty file; allowed: {SHAPES}"])
    names = [_stage_name(name) for name in first[1]]
    if twice := [name for name, count in Counter(names).items() if count > 1]:
        raise BadInput([f"{path}: the column {', '.join(twice)} stands there twice; allowed: each once"])
    reader = _Reader(dict(zip(names, first[1], strict=True)), [])
    for line, row in lines:
        if any(row):
            cells = dict(zip(names, row, strict=False))
            reader.rows.append((line, {name: cells.get(name, "") for name in names}))
    return reader


def _date(reader: _Reader) -> None:
    """Leave out rows whose day is none, or lies far from all others; write the others' days in one way."""
    days: dict[int, date | int] = {}
    kept = []
    for line, row in reader.rows:
        if text := row.get("day", ""):
            day = _day(text)
            if day is None:
                reader.refuse(
                    line,
                    f"day: found {text[:20]!r}; allowed: a date such as 2026-03-02, or the number of the day",
                )
                continue
            days[line] = day
            row["day"] = str(day)
        kept.append((line, row))
    apart: set[date | int] = set()
    for kind in (date, int):  # a number counts the days of one pilot, a date those of the calendar
        alike = {day: _on_a_calendar(day) for day in days.values() if isinstance(day, kind)}
        lone, told = days_apart([alike[day] for day in days.values() if day in alike])
        if kind is int:
            told = told.partition(",")[0]
        for line, day in days.items():
            if alike.get(day) in lone:
                apart.add(day)
                reader.refuse(line, f"day: {day} is {told}")
    reader.rows = [(line, row) for line, row in kept if days.get(line) not in apart]


def _on_a_calendar(day: date | int) -> date:
    """A day's date; a numbered one's distance to other numbered ones is all that counts."""
    return day if isinstance(day, date) else date.fromordinal(day + 1)


def _day(text: str) -> date | int | None:
    if text.isdecimal() and len(text) <= _DAY_DIGITS:
        return int(text)
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        return None


def _words(row: Mapping[str, str]) -> tuple[str, ...]:
    """What tells rows of one day apart: channel, segment, but no figure."""
    return tuple(
        text.lower()
        for name, text in row.items()
        if name not in {"day", "stage", "count", *FUNNEL}
        and text
        and _number(text.removesuffix("%"), float) is None
    )


def _stage_name(text: str) -> str:
    name = text.strip().lower().replace(" ", "_")
    return ALIASES.get(name, name)


def _metrics(reader: _Reader, units: Mapping[str, str]) -> dict[str, ActualMetric]:
    kept: dict[str, list[tuple[float, int | None]]] = defaultdict(list)
    seen: set[tuple[str, str]] = set()
    days: dict[str, set[str]] = defaultdict(set)
    for line, row in reader.rows:
        name, day = row["metric"], row.get("day", "")
        if name not in units:
            reader.refuse(line, f"unknown metric {name!r}{did_you_mean(name, units)}")
            continue
        value = _value(row["value"], rate=units[name] == "rate")
        n = _whole(row["n"]) if row.get("n") else None
        if value is None:
            wanted = "a share from 0 to 1, or a percentage with %" if units[name] == "rate" else "a number"
            reader.refuse(
                line, f"{name}: found {row['value']!r}; allowed: {wanted}{_comma_told(row['value'])}"
            )
        elif row.get("n") and not n:
            told = _comma_told(row["n"])
            reader.refuse(line, f"{name}: found n {row['n']!r}; allowed: a whole number above 0{told}")
        elif (name, day) in seen:
            reader.refuse(line, f"{name} stands there twice{f' for {day}' if day else ''}; the first counts")
        else:
            seen.add((name, day))
            days[name] |= {day} - {""}
            kept[name].append((value, n))
    return {name: _pooled(rows, len(days[name]) or None) for name, rows in kept.items()}


def _pooled(rows: Sequence[tuple[float, int | None]], days: int | None) -> ActualMetric:
    """Rows of one metric brought together: weighed by their base where every row has one."""
    bases = [n for _, n in rows if n is not None]
    if len(bases) < len(rows):
        return ActualMetric(math.fsum(value for value, _ in rows) / len(rows), None, days)
    base = sum(bases)
    return ActualMetric(math.fsum(value * (n or 0) for value, n in rows) / base, base, days)


def _long_funnel(reader: _Reader) -> tuple[dict[str, int], int | None]:
    by_day: dict[str, dict[str, str]] = defaultdict(dict)
    first: dict[str, int] = {}
    totals: Counter[tuple[str, str]] = Counter()
    stood: dict[tuple[str, ...], int] = {}
    for line, row in reader.rows:
        stage, day = _stage_name(row["stage"]), row.get("day", "")
        count = _whole(row["count"])
        reader.header.setdefault(stage, row["stage"])
        if stage not in FUNNEL:
            reader.refuse(line, f"unknown stage {row['stage']!r}{did_you_mean(stage, FUNNEL)}")
        elif count is None:
            told = _comma_told(row["count"])
            reader.refuse(
                line, f"{row['stage']}: found {row['count']!r}; allowed: a whole number, 0 or more{told}"
            )
        elif day and (earlier := stood.setdefault((day, stage, *_words(row)), line)) != line:
            reader.refuse(
                line, f"{row['stage']} of day {day} stands on line {earlier} already; the first counts"
            )
        else:  # several channels of one day are one day
            first.setdefault(day, line)
            totals[day, stage] += count
            by_day[day][stage] = str(totals[day, stage])
    stages = [stage for stage in _STAGES if any(stage in cells for cells in by_day.values())]
    rows = [(first[day], cells | {"day": day}) for day, cells in by_day.items()]
    return _summed(reader, rows, stages)


def _wide_funnel(reader: _Reader, stages: Sequence[str]) -> tuple[dict[str, int], int | None]:
    stood: dict[tuple[str, ...], int] = {}
    once = []
    for line, row in reader.rows:
        day = row.get("day", "")
        earlier = stood.setdefault((day, *_words(row)), line)
        if day and earlier != line:
            reader.refuse(line, f"day {day} stands on line {earlier} already; the first counts")
        else:
            once.append((line, row))
    return _summed(reader, once, [stage for stage in _STAGES if stage in stages])


def _summed(
    reader: _Reader, rows: Sequence[tuple[int, Mapping[str, str]]], stages: Sequence[str]
) -> tuple[dict[str, int], int | None]:
    sums: Counter[str] = Counter()
    days: set[str] = set()
    for line, row in rows:
        counts = {stage: _whole(row.get(stage, "")) for stage in stages}
        lacking = [stage for stage, count in counts.items() if count is None]
        if lacking:
            found = ", ".join(f"{reader.word(stage)} {row.get(stage, '')!r}" for stage in lacking)
            told = _comma_told("".join(row.get(stage, "") for stage in lacking))
            reader.refuse(line, f"found {found}; allowed: whole numbers, 0 or more{told}")
            continue
        if grows := _growing([(stage, count or 0) for stage, count in counts.items()], reader.word):
            reader.refuse(line, grows)
            continue
        days |= {row.get("day", "")} - {""}
        sums.update({stage: count or 0 for stage, count in counts.items()})
    return {stage: sums[stage] for stage in stages if stage in sums}, len(days) or None


def _growing(counts: Sequence[tuple[str, int]], word: Callable[[str], str]) -> str:
    """Why a day's counts cannot be a funnel; the same case may call as well as click, so `engaged` may exceed."""
    before = counts[0]
    for stage, count in counts[1:]:
        if count > before[1] and stage != "engaged":
            return (
                f"{word(stage)} {count:,} is more than {word(before[0])} {before[1]:,}; "
                "a case cannot come from nowhere"
            )
        before = (stage, count)
    return ""


def _value(text: str, *, rate: bool) -> float | None:
    percent = text.endswith("%")
    value = _number(text.removesuffix("%"), float)
    if value is None or not math.isfinite(value) or value < 0:
        return None
    value = value / 100.0 if percent else value
    return None if rate and value > 1.0 else value


def _whole(text: str) -> int | None:
    value = _number(text, float)
    return int(value) if value is not None and value >= 0 and value.is_integer() else None


def _number(text: str, read: Callable[[str], float]) -> float | None:
    text = text.strip().replace("\N{THIN SPACE}", "")
    if "," in text and not _GROUPED.fullmatch(text):
        return None
    try:
        return read(text.replace(",", ""))
    except ValueError:
        return None


def _comma_told(text: str) -> str:
    return " (decimals behind a point; a comma parts thousands, as in 1,200)" if "," in text else ""
