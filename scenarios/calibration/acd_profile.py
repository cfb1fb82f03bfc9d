"""The working day in an interval report: calls per half hour of the day, and how days differ.

Rules, all stated to the user:

- A weekday is a working day when its mean daily calls reach WORKING_SHARE of the busiest weekday's. Days
  without any call in a clean row are not counted.
- A half hour without a row had no calls, as reports leave empty intervals out; but a half hour whose row was
  left out as dirty is unknown, and does not count as a day observed.
- Hourly rows are split evenly over their two half hours; shorter rows are added up.
- A weekday's level is its calls over those that mean days would have shown in the parts of them that were seen.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import NamedTuple

from sandbox.errors import BadInput
from sandbox.experiment.fits import spread_beyond_poisson
from sandbox.experiment.survival import exponential_mean_censored
from scenarios.calibration.acd_rows import CELL_MINUTES, AcdReport, IntervalRow, cells_of

SLOT_MINUTES = 30
SLOTS_PER_DAY = 48

WORKING_SHARE = 0.5
"""A product choice. In one bank's month (Anonymous Bank, January 1999) the two weekend days carry 12 and 26 %
of the busiest weekday's calls, and the quietest working weekday 83 %."""

MONDAY_TO_FRIDAY = tuple(range(5))
"""The week of a scenario."""

_CELLS_PER_DAY = 1440 // CELL_MINUTES
_CELLS_PER_SLOT = SLOT_MINUTES // CELL_MINUTES


class Slot(NamedTuple):
    """One half hour of the working day, over all working days.

    Attributes:
        number: half hours since midnight, 0..47.
        offered: calls, all days together.
        abandoned: of these, abandoned.
        days: days on which it was seen; a day on which half of it was lost to a dirty row counts half.
    """

    number: int
    offered: float
    abandoned: float
    days: float

    @property
    def start(self) -> str:
        """Clock time, "HH:MM"."""
        return f"{self.number // 2:02d}:{self.number % 2 * SLOT_MINUTES:02d}"

    @property
    def offered_per_day(self) -> float:
        """Mean calls of a working day."""
        return self.offered / self.days


class WorkingDay(NamedTuple):
    """What the report says about its working days.

    Attributes:
        weekdays: weekdays taken as working days, Monday is 0.
        weekdays_left_out: other weekdays with calls.
        days: the working days with calls, in order.
        days_missing: working weekdays between the first and the last that have no call.
        rows: clean rows of the working days.
        slots: half hours with calls, in order of the clock.
        calls: of each day.
        usual: calls a mean day would have shown in what was seen of each day.
        weekday_levels: calls of each working weekday over the usual ones; Monday is 0.
        day_cv: coefficient of variation of the day's load net of Poisson noise (weekday differences and trend
            included); None with fewer than two days.
        day_cv_in_weekday: the same net of weekday differences; None where no weekday was seen twice.
    """

    weekdays: tuple[int, ...]
    weekdays_left_out: tuple[int, ...]
    days: tuple[date, ...]
    days_missing: tuple[date, ...]
    rows: tuple[IntervalRow, ...]
    slots: tuple[Slot, ...]
    calls: tuple[int, ...]
    usual: tuple[float, ...]
    weekday_levels: dict[int, float]
    day_cv: float | None
    day_cv_in_weekday: float | None

    @property
    def weekday_factors(self) -> dict[int, float]:
        """Level of each working weekday, their mean 1; Monday is 0."""
        middle = math.fsum(self.weekday_levels.values()) / len(self.weekday_levels)
        return {weekday: level / middle for weekday, level in self.weekday_levels.items()}

    @property
    def weekdays_apart(self) -> bool:
        """Whether Monday to Friday and no other day work, and their levels can be told from how days differ."""
        return self.weekdays == MONDAY_TO_FRIDAY and self.day_cv_in_weekday is not None


class Totals(NamedTuple):
    """Sums over rows and the means made of them.

    Attributes:
        offered, answered, abandoned: calls.
        answered_wait_s: waits of the answered, summed, seconds.
        abandoned_wait_s: waits of the abandoned, summed, seconds; None when the report lacks the column.
        handling_s: handling times, summed, seconds.
    """

    offered: int
    answered: int
    abandoned: int
    answered_wait_s: float
    abandoned_wait_s: float | None
    handling_s: float

    @property
    def abandonment_rate(self) -> float:
        """Abandoned / offered, 0..1."""
        return self.abandoned / self.offered

    @property
    def asa_s(self) -> float | None:
        """Mean wait of the answered, seconds; None without any."""
        return self.answered_wait_s / self.answered if self.answered else None

    @property
    def mean_wait_s(self) -> float | None:
        """Mean wait of all callers, seconds; None when the waits of the abandoned are not reported."""
        if self.abandoned_wait_s is None:
            return None
        return (self.answered_wait_s + self.abandoned_wait_s) / self.offered

    @property
    def aht_s(self) -> float | None:
        """Mean handling time of the answered, seconds; None without any."""
        return self.handling_s / self.answered if self.answered else None

    @property
    def patience_s(self) -> float | None:
        """Mean patience: waits of all callers / abandoned calls, seconds.

        That is mean wait of all / abandonment rate, the maximum-likelihood mean of an exponential patience,
        and exact in Erlang-A. Without the waits of the abandoned only those of the answered are summed: a
        lower bound. None when nobody abandoned or nobody waited.
        """
        waits = self.answered_wait_s + (self.abandoned_wait_s or 0.0)
        return exponential_mean_censored(waits, self.abandoned) or None

    @property
    def can_infer_agents(self) -> bool:
        """Whether handling time and patience are known, without which staff cannot be inferred."""
        return bool(self.aht_s and self.patience_s)


def totals_of(rows: Sequence[IntervalRow], *, has_abandoned_wait: bool) -> Totals:
    """Sum rows; a mean over no calls adds nothing."""
    abandoned_wait = math.fsum(row.abandoned * (row.mean_wait_abandoned_s or 0.0) for row in rows)
    return Totals(
        offered=sum(row.offered for row in rows),
        answered=sum(row.answered for row in rows),
        abandoned=sum(row.abandoned for row in rows),
        answered_wait_s=math.fsum(row.answered * (row.asa_s or 0.0) for row in rows),
        abandoned_wait_s=abandoned_wait if has_abandoned_wait else None,
        handling_s=math.fsum(row.answered * (row.aht_s or 0.0) for row in rows),
    )


def working_day(report: AcdReport) -> WorkingDay:
    """Find the working days and their profile.

    Raises:
        BadInput: no clean row has a call.
    """
    calls_of_day: dict[date, int] = defaultdict(int)
    for row in report.rows:
        calls_of_day[row.start.date()] += row.offered
    calls_of_day = {day: calls for day, calls in sorted(calls_of_day.items()) if calls}
    if not calls_of_day:
        raise BadInput([f"{report.name}: found no offered call in any row; allowed is a report with calls"])
    weekdays, left_out = _working_weekdays(calls_of_day)
    days = tuple(day for day in calls_of_day if day.weekday() in weekdays)
    known = set(days)
    rows = tuple(row for row in report.rows if row.start.date() in known)
    unseen = _unseen_shares(report, known)
    slots = _slots(rows, len(days), unseen)
    seen = tuple(calls_of_day[day] for day in days)
    usual = tuple(_expected(day, slots, unseen) for day in days)
    return WorkingDay(
        weekdays,
        left_out,
        days,
        _missing(days, weekdays),
        rows,
        slots,
        seen,
        usual,
        *_levels(days, seen, usual),
    )


def _working_weekdays(calls_of_day: Mapping[date, int]) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Weekdays at or above the share of the busiest, and the others that have calls."""
    daily: dict[int, list[int]] = defaultdict(list)
    for day, calls in calls_of_day.items():
        daily[day.weekday()].append(calls)
    means = {weekday: sum(calls) / len(calls) for weekday, calls in sorted(daily.items())}
    least = WORKING_SHARE * max(means.values())
    working = tuple(weekday for weekday, mean in means.items() if mean >= least)
    return working, tuple(weekday for weekday in means if weekday not in working)


def _missing(days: tuple[date, ...], weekdays: Iterable[int]) -> tuple[date, ...]:
    known, working = set(days), set(weekdays)
    between = (days[0] + timedelta(days=step) for step in range((days[-1] - days[0]).days))
    return tuple(day for day in between if day.weekday() in working and day not in known)


def _unseen_shares(report: AcdReport, days: set[date]) -> dict[tuple[date, int], float]:
    """Share of a day's half hour that only dirty rows cover, for those with any."""
    dirty = {
        cell
        for row in report.dirty
        if row.start is not None and row.minutes is not None and row.start.date() in days
        for cell in cells_of(row.start, row.minutes)
    }
    if not dirty:
        return {}
    clean = {cell for row in report.rows for cell in cells_of(row.start, row.minutes)}
    unseen: dict[tuple[date, int], float] = defaultdict(float)
    for cell in sorted(dirty - clean):
        slot = cell % _CELLS_PER_DAY // _CELLS_PER_SLOT
        unseen[date.fromordinal(cell // _CELLS_PER_DAY), slot] += 1.0 / _CELLS_PER_SLOT
    return dict(unseen)


def _slots(
    rows: tuple[IntervalRow, ...], days: int, unseen: Mapping[tuple[date, int], float]
) -> tuple[Slot, ...]:
    offered, abandoned = [0.0] * SLOTS_PER_DAY, [0.0] * SLOTS_PER_DAY
    for row in rows:
        first = (row.start.hour * 60 + row.start.minute) // SLOT_MINUTES
        halves = max(1, row.minutes // SLOT_MINUTES)
        for slot in range(first, first + halves):
            offered[slot] += row.offered / halves
            abandoned[slot] += row.abandoned / halves
    seen = [float(days)] * SLOTS_PER_DAY
    for (_, slot), share in unseen.items():
        seen[slot] -= share
    return tuple(
        Slot(number, offered[number], abandoned[number], seen[number])
        for number in range(SLOTS_PER_DAY)
        if offered[number] > 0.0
    )


def _expected(day: date, slots: tuple[Slot, ...], unseen: Mapping[tuple[date, int], float]) -> float:
    """Calls a mean day would have shown in the part of this day that was seen."""
    return math.fsum(slot.offered_per_day * (1.0 - unseen.get((day, slot.number), 0.0)) for slot in slots)


def _levels(
    days: Sequence[date], seen: Sequence[int], expected: Sequence[float]
) -> tuple[dict[int, float], float | None, float | None]:
    """Level of each weekday, and how days differ: weekdays included, and within a weekday.

    Args:
        days: the working days.
        seen: calls of each.
        expected: calls a mean day would have shown in what was seen of each.
    """
    calls: dict[int, list[float]] = defaultdict(list)
    usual: dict[int, list[float]] = defaultdict(list)
    for day, count, mean in zip(days, seen, expected, strict=True):
        calls[day.weekday()].append(count)
        usual[day.weekday()].append(mean)
    levels = {weekday: math.fsum(calls[weekday]) / math.fsum(usual[weekday]) for weekday in sorted(calls)}
    within = None
    if len(days) > len(levels):
        own = [mean * levels[day.weekday()] for day, mean in zip(days, expected, strict=True)]
        within = spread_beyond_poisson(seen, own, len(levels))
    return (
        levels,
        spread_beyond_poisson(seen, expected) if len(days) > 1 else None,
        within,
    )
