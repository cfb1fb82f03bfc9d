"""What a report shows of a call centre, as text: its working days, how they differ, and its figures over the days."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.chartmath import column_rows
from tui.cli.numbers import figure, fixed
from tui.cli.tables import aligned, wrapped

if TYPE_CHECKING:
    from sandbox.experiment.day_levels import Ends
    from sandbox.experiment.intervals import Estimate
    from scenarios.calibration.acd_intervals import DayIntervals
    from scenarios.calibration.acd_profile import WorkingDay
    from scenarios.calibration.acd_report import CallCentreEstimate

_INTERVALS = (
    "95 % intervals, a day the unit: Student's t over the days, of times and weekdays on the logarithm; of how days "
    "differ chi-squared's."
)

_ROWS_NAMED = 5
"""Days without a call that are named; more are counted."""


def day_lines(day: WorkingDay, intervals: DayIntervals, width: int, by_half_hour: str = "") -> list[str]:
    """Which days the traffic is of, and how those in it differ; which were left out stands among the limits.

    Args:
        day: the working days.
        intervals: of what they show.
        width: columns.
        by_half_hour: how half hours differ from day to day, where single calls can tell.
    """
    lines = _levels(day, intervals, width)
    if day.days_missing:
        named = ", ".join(one.isoformat() for one in day.days_missing[:_ROWS_NAMED])
        more = len(day.days_missing) - _ROWS_NAMED
        named += f" and {more:,} more" if more > 0 else ""
        lines += wrapped(f"working days without a call: {named}", width, hanging="  ")
    if day.day_cv is None:
        spread = f"one working day: how days differ{by_half_hour} cannot be told"
    else:
        spread = (
            "days differ by a coefficient of variation of "
            f"{_spread(day.day_cv, intervals.day_cv)} net of Poisson noise"
        )
        if day.day_cv_in_weekday is not None and len(day.weekdays) > 1:
            spread += f", {_spread(day.day_cv_in_weekday, intervals.day_cv_in_weekday)} within a weekday"
        spread += by_half_hour
    return lines + wrapped(spread, width, hanging="  ")


def _levels(day: WorkingDay, intervals: DayIntervals, width: int) -> list[str]:
    """The weekdays' levels, where they can be told from the days' own: seen once, a weekday is a day."""
    from scenarios.calibration.acd_statements import weekday_names

    if not intervals.weekday_factors:
        names = ", ".join(name[:3] for name in weekday_names(day.weekdays))
        return wrapped(f"working weekdays: {names}", width, hanging="  ")
    levels = ", ".join(
        f"{name[:3]} {factor:.2f} [{ends.low:.2f}, {ends.high:.2f}]"
        for name, factor, ends in zip(
            weekday_names(day.weekdays),
            day.weekday_factors.values(),
            (intervals.weekday_factors[weekday] for weekday in day.weekday_factors),
            strict=True,
        )
    )
    taken = "" if day.weekdays_apart else " (inside how days differ, not taken: see below)"
    return wrapped(f"working weekdays, their mean 1{taken}: {levels}", width, hanging="  ")


def _spread(value: float, ends: Ends | None) -> str:
    return f"{value:.3f}" if ends is None else f"{value:.3f} [{ends.low:.3f}, {ends.high:.3f}]"


def centre_lines(estimate: CallCentreEstimate, width: int, *, tell_days: bool) -> list[str]:
    """Return the figures of the working days, and which days these are where no section above says it."""
    from tui.cli.report import REPORT_TITLES

    figures, ends = estimate.figures, estimate.intervals.figures
    rows = [
        [REPORT_TITLES.get(name, title), _between(figures[name], unit, ends.get(name))]
        for name, title, unit in (
            ("offered_per_day", "Offered per working day", "count"),
            ("abandonment_rate", "Abandonment", "rate"),
            ("mean_wait_s", "Mean wait of all callers", "s"),
            ("asa_s", "", "s"),
            ("aht_s", "", "s"),
        )
    ]
    lines = ["CALL CENTRE   working days; agents are inferred, not measured", *aligned(rows, "<<")]
    if tell_days:
        lines.append(f"  of {counted(len(estimate.day.days), 'working day')}")
        lines += day_lines(estimate.day, estimate.intervals, width)
        lines += _over_all_days(estimate, width)
    if len(estimate.day.days) > 1:
        lines += wrapped(_INTERVALS, width)
    staffed = [slot for slot in estimate.slots if slot.agents is not None]
    if staffed:
        agents = [slot.agents or 0.0 for slot in staffed]
        most = max(staffed, key=lambda slot: slot.agents or 0.0)
        lines.append(f"  Agents per half hour, most {fixed(most.agents or 0.0, 1)} at {most.start}:")
        lines += [f"  {row}" for row in column_rows(agents, max(agents), 1)]
    return lines


def _between(value: float | None, unit: str, ends: Estimate | None) -> str:
    return figure(value, unit) if ends is None else figure(value, unit, ends.low, ends.high)


def _over_all_days(estimate: CallCentreEstimate, width: int) -> list[str]:
    """Patience and handling time, of every clean row: what the settings take."""
    intervals, told = estimate.intervals, []
    if estimate.patience_s is not None:
        ends = None if estimate.patience_biased_low else intervals.patience_s
        bound = "at least " if estimate.patience_biased_low else ""
        told.append(f"patience, exponential mean: {bound}{_between(estimate.patience_s, 's', ends)}")
    if estimate.aht_s is not None:
        told.append(f"handling time {_between(estimate.aht_s, 's', intervals.aht_s)}")
    days = "that day" if intervals.all_days == 1 else f"all {intervals.all_days} days with a row"
    return wrapped(f"of {days}: {'; '.join(told)}", width, hanging="  ") if told else []


def counted(count: int, noun: str) -> str:
    """Write "1 day" or "19 days"."""
    return f"{count:,} {noun}" + ("" if count == 1 else "s")
