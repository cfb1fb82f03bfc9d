"""Intervals of what an interval report shows, its days the units; see `sandbox.experiment.day_levels`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from math import fsum
from typing import NamedTuple

from sandbox.experiment.day_levels import Ends, level_ends, positive_ratio, spread_ends
from sandbox.experiment.intervals import Estimate, ratio_interval
from scenarios.calibration.acd_profile import Totals, WorkingDay, totals_of
from scenarios.calibration.acd_rows import AcdReport, IntervalRow


class DayIntervals(NamedTuple):
    """95 % intervals; without ends where a single day, or none of a kind twice, leaves nothing to see a spread by.

    Attributes:
        figures: of the working days, by their name: calls and the share abandoned by Student's t over the days, mean
            times by the same on the logarithm.
        aht_s, patience_s: of all days with a clean row, seconds, on the logarithm.
        day_cv, day_cv_in_weekday: chi-squared's, less Poisson noise.
        weekday_factors: t over the days within their weekdays; Monday is 0.
        all_days: days with a clean row, the working days and the others.
    """

    figures: Mapping[str, Estimate]
    aht_s: Estimate
    patience_s: Estimate
    day_cv: Ends | None
    day_cv_in_weekday: Ends | None
    weekday_factors: Mapping[int, Ends]
    all_days: int


def intervals_of(report: AcdReport, day: WorkingDay) -> DayIntervals:
    """Intervals of a report's figures.

    Args:
        report: as read.
        day: its working days.
    """
    has_wait = report.has_abandoned_wait
    every, working = _by_day(report.rows, has_wait), _by_day(day.rows, has_wait)
    weekdays = [one.weekday() for one in day.days]
    levels = day.weekday_levels
    own = [usual * levels[weekday] for usual, weekday in zip(day.usual, weekdays, strict=True)]
    per_day = fsum(slot.offered_per_day for slot in day.slots)
    # What was seen of a day over what a mean day shows there: for days seen whole, their calls over the mean's.
    offered = ratio_interval([calls * per_day for calls in day.calls], day.usual)
    waits = _over(working, _waits, lambda one: one.offered)
    return DayIntervals(
        figures={
            "offered_per_day": offered,
            "abandonment_rate": ratio_interval(
                [one.abandoned for one in working], [one.offered for one in working], share=True
            ),
            **({"mean_wait_s": waits} if has_wait else {}),
            "asa_s": _over(working, lambda one: one.answered_wait_s, lambda one: one.answered),
            "aht_s": _over(working, lambda one: one.handling_s, lambda one: one.answered),
        },
        aht_s=_over(every, lambda one: one.handling_s, lambda one: one.answered),
        patience_s=_over(every, _waits, lambda one: one.abandoned),
        day_cv=spread_ends(day.calls, day.usual),
        day_cv_in_weekday=spread_ends(day.calls, own, len(levels)),
        weekday_factors=dict(sorted(level_ends(weekdays, day.calls, day.usual).items())),
        all_days=len(every),
    )


def _by_day(rows: Sequence[IntervalRow], has_abandoned_wait: bool) -> list[Totals]:
    days: dict[date, list[IntervalRow]] = defaultdict(list)
    for row in rows:
        days[row.start.date()].append(row)
    return [totals_of(part, has_abandoned_wait=has_abandoned_wait) for _, part in sorted(days.items())]


def _over(
    days: Sequence[Totals], above: Callable[[Totals], float], below: Callable[[Totals], float]
) -> Estimate:
    return positive_ratio([above(one) for one in days], [below(one) for one in days])


def _waits(one: Totals) -> float:
    """Waits of all callers; of the answered where the others' are not reported, which bounds patience from below."""
    return one.answered_wait_s + (one.abandoned_wait_s or 0.0)
