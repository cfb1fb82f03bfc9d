"""When the calls of a log come: its half hours as an interval report, its working days, and how much days differ."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple

from sandbox.experiment.fits import variance_to_mean
from scenarios.calibration.acd_profile import SLOT_MINUTES, SLOTS_PER_DAY, Slot, WorkingDay, working_day
from scenarios.calibration.acd_rows import AcdReport, DirtyRow, IntervalRow
from scenarios.calibration.call_log import CallLog, LoggedCall


class Arrivals(NamedTuple):
    """When calls come, over the working days.

    Attributes:
        day: the working days, their profile and how they differ.
        calls_by_day: calls of every day of the log.
        variance_to_mean: of the calls in a half hour from day to day; 1 is Poisson.
        variance_to_mean_in_day: the same once each day's own level is taken out.
    """

    day: WorkingDay
    calls_by_day: dict[date, int]
    variance_to_mean: float | None
    variance_to_mean_in_day: float | None


def as_report(log: CallLog) -> AcdReport:
    """A log as the interval report an ACD would make of it, half hour by half hour."""
    cells: dict[datetime, list[LoggedCall]] = defaultdict(list)
    for call in log.calls:
        at = call.arrived_at
        cells[at.replace(minute=at.minute // SLOT_MINUTES * SLOT_MINUTES, second=0, microsecond=0)].append(
            call
        )
    rows = tuple(_interval(start, calls) for start, calls in sorted(cells.items()))
    dirty = tuple(DirtyRow(row.line, row.problems, None, None) for row in log.dirty)
    return AcdReport(log.name, rows, dirty, log.columns.ignored, has_abandoned_wait=True)


def _interval(start: datetime, calls: Sequence[LoggedCall]) -> IntervalRow:
    answered = [call for call in calls if call.answered]
    left = [call.wait_s for call in calls if not call.answered]
    return IntervalRow(
        calls[0].line,
        start,
        SLOT_MINUTES,
        len(calls),
        len(answered),
        len(left),
        mean_of([call.wait_s for call in answered]),
        mean_of(left),
        mean_of([call.handling_s for call in answered]),
    )


def mean_of(values: Sequence[float]) -> float | None:
    """Mean of some values; None of none."""
    return math.fsum(values) / len(values) if values else None


def arrivals_of(report: AcdReport, calls: Sequence[LoggedCall]) -> Arrivals:
    """Describe when calls come, by the report made of them and by the calls themselves."""
    day = working_day(report)
    by_day = Counter(call.arrived_at.date() for call in calls)
    table = _table(calls, day)
    return Arrivals(
        day, dict(sorted(by_day.items())), variance_to_mean(table), variance_to_mean(_at_one_level(table))
    )


def _table(calls: Sequence[LoggedCall], day: WorkingDay) -> list[list[float]]:
    """Calls per working day and half hour with calls."""
    places = {slot.number: place for place, slot in enumerate(day.slots)}
    rows = {one: [0.0] * len(places) for one in day.days}
    for call in calls:
        row = rows.get(call.arrived_at.date())
        if row is not None:
            row[places[slot_of(call.arrived_at)]] += 1.0
    return list(rows.values())


def _at_one_level(table: Sequence[Sequence[float]]) -> list[list[float]]:
    level = math.fsum(map(sum, table)) / len(table)
    return [[count * level / (sum(row) or 1.0) for count in row] for row in table]


def slot_of(at: datetime) -> int:
    """Number of the half hour of the day, from 0."""
    return (at.hour * 60 + at.minute) // SLOT_MINUTES % SLOTS_PER_DAY


def without(day: WorkingDay, calls: Sequence[LoggedCall], lines: frozenset[int]) -> tuple[Slot, ...]:
    """The profile of the working days once some calls are taken out of it."""
    taken: Counter[int] = Counter(
        slot_of(call.arrived_at)
        for call in calls
        if call.line in lines and call.arrived_at.date() in set(day.days)
    )
    return tuple(slot._replace(offered=slot.offered - taken[slot.number]) for slot in day.slots)
