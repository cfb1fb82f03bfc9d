"""What was taken from an interval report and how, in plain sentences; nothing inferred is called measured."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date

from sandbox.experiment.staffing import POOL_CALLS
from scenarios.calibration.acd_profile import (
    MONDAY_TO_FRIDAY,
    SLOT_MINUTES,
    WORKING_SHARE,
    Slot,
    Totals,
    WorkingDay,
)
from scenarios.calibration.acd_rows import AcdReport, DirtyRow
from scenarios.percent import in_percent

_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

# How many rows or days a sentence names before it only counts them; the report object keeps all.
_NAMED = 5


def statements_of(
    report: AcdReport, day: WorkingDay, totals: Totals, groups: Sequence[range], unseen_cv: float
) -> list[str]:
    """Say what an estimate rests on.

    Args:
        report: the report as read.
        day: its working days.
        totals: sums over all its clean rows.
        groups: index ranges of the half hours whose agents were inferred together.
        unseen_cv: how days were taken to differ where a single one cannot show it.
    """
    return [
        *_rows(report),
        *_working_days(day, unseen_cv),
        *weekdays_told(day, totals),
        *_callers(totals),
        *(_agents(day, groups) if totals.can_infer_agents else []),
    ]


def weekday_names(weekdays: Sequence[int]) -> tuple[str, ...]:
    """English names; Monday is 0."""
    return tuple(_WEEKDAYS[weekday] for weekday in weekdays)


def weekdays_told(day: WorkingDay, totals: Totals) -> list[str]:
    """Warn where the traffic is of fewer weekdays than the file covers, or than a scenario has.

    Args:
        day: the working days.
        totals: sums over all clean rows.
    """
    names = listed(weekday_names(day.weekdays))
    told = []
    if day.weekdays_left_out:
        covered = len(day.weekdays) + len(day.weekdays_left_out)
        share = 1.0 - sum(row.offered for row in day.rows) / totals.offered
        warning = "" if set(day.weekdays_left_out).isdisjoint(MONDAY_TO_FRIDAY) else "WARNING: "
        told.append(
            f"{warning}Traffic and agents are of {len(day.weekdays)} of the {covered} weekdays with calls ({names}): "
            f"{listed(weekday_names(day.weekdays_left_out))} had under {in_percent(WORKING_SHARE, 0)} of the busiest "
            f"weekday's calls; {in_percent(share, 0)} of all calls came then and count in patience and handling "
            "times alone."
        )
    lacking = [weekday for weekday in MONDAY_TO_FRIDAY if weekday not in day.weekdays]
    if lacking:
        told.append(
            f"A scenario's week is Monday to Friday: on {listed(weekday_names(lacking))} it has the calls and "
            f"agents of the mean working day here ({names})."
        )
    return told


def listed(names: Sequence[str]) -> str:
    """Names in running text: "Monday, Tuesday and Friday"."""
    *first, last = names
    return f"{', '.join(first)} and {last}" if first else last


def _rows(report: AcdReport) -> list[str]:
    first, last = min(row.start for row in report.rows), max(row.start for row in report.rows)
    offered = sum(row.offered for row in report.rows)
    read = f"{offered:,} offered calls in {_counted(len(report.rows), 'clean row')}"
    lines = [f"{report.name}: {read}, {first:%Y-%m-%d} to {last:%Y-%m-%d}."]
    if report.dirty:
        lines.append(_dirty(report.dirty, len(report.rows) + len(report.dirty)))
    if report.ignored_columns:
        lines.append(f"Columns not read: {', '.join(report.ignored_columns)}.")
    if idle := sum(bool(row.answered) and not row.aht_s for row in report.rows):
        lines.append(
            f"{_counted(idle, 'row')} with answered calls and a handling time of 0 s: kept as reported."
        )
    return lines


def _dirty(dirty: Sequence[DirtyRow], rows: int) -> str:
    named = "; ".join(f"line {row.line}: {', '.join(row.problems)}" for row in dirty[:_NAMED])
    more = f"; and {len(dirty) - _NAMED:,} more" if len(dirty) > _NAMED else ""
    line = (
        f"Left out as dirty: {len(dirty):,} of {_counted(rows, 'row')} ({named}{more}). "
        "Their half hours count as not observed on those days unless another row covers them"
    )
    unplaced = sum(row.start is None or row.minutes is None for row in dirty)
    if unplaced:
        line += f"; the time of {unplaced:,} cannot be told, so their calls are missing from the traffic"
    return line + "."


def _working_days(day: WorkingDay, unseen_cv: float) -> list[str]:
    names = ", ".join(weekday_names(day.weekdays))
    lines = [f"Working days: {names}; {_counted(len(day.days), 'day')} with calls."]
    if day.days_missing:
        missing = _counted(len(day.days_missing), "working day")
        lines.append(f"No calls on {missing}, not counted: {_dates(day.days_missing)}.")
    per_day = math.fsum(slot.offered_per_day for slot in day.slots)
    lines.append(
        f"Traffic: {per_day:,.1f} calls per working day in {_counted(len(day.slots), 'half hour')} between "
        f"{day.slots[0].start} and {_end(day.slots[-1])}; a redial counts as a call, "
        "a half hour without a row as empty."
    )
    return [*lines, *_variation(day, unseen_cv)]


def _variation(day: WorkingDay, unseen_cv: float) -> list[str]:
    cv = "coefficient of variation"
    if day.day_cv is None:
        told = f"unknown from a single day; the scenario's stays, a {cv} of {unseen_cv:.3f}"
    elif day.weekdays_apart:
        told = f"{cv} {day.day_cv_in_weekday:.3f} net of Poisson noise and of weekdays, trend included"
    else:
        told = f"{cv} {day.day_cv:.3f} net of Poisson noise, weekday differences and trend included"
    levels = ", ".join(
        f"{name} {level:.2f}"
        for name, level in zip(weekday_names(day.weekdays), day.weekday_factors.values(), strict=True)
    )
    weekdays = [f"Weekdays, their mean 1: {levels}."] if day.weekdays_apart else []
    return [*weekdays, f"Day-to-day variation: {told}."]


def _callers(totals: Totals) -> list[str]:
    if not totals.aht_s:
        return ["Handling time and agents: unknown, since the report shows no time spent on answered calls."]
    lines = [f"Handling time: {totals.aht_s:.1f} s, the mean weighted by answered calls."]
    if totals.patience_s is None:
        lines.append("Patience and agents: unknown, since nobody is seen to abandon after a wait.")
    elif totals.mean_wait_s is None:
        lines.append(
            f"Patience: at least {totals.patience_s:.0f} s, inferred as the waits of answered callers / "
            "abandoned calls; biased low, because the report has no mean_wait_abandoned_s."
        )
    else:
        lines.append(
            f"Patience: {totals.patience_s:.0f} s, inferred as mean wait of all callers "
            f"({totals.mean_wait_s:.1f} s) / share abandoned ({in_percent(totals.abandonment_rate, 2)})."
        )
    return lines


def _agents(day: WorkingDay, groups: Sequence[range]) -> list[str]:
    rule = (
        "the number with which Erlang-A, averaged over the days' loads, gives back the reported abandonment"
    )
    fraction = "7.3 agents means 7, and 8 for 30 % of the time"
    lines = [f"Agents per half hour: inferred, not measured; {rule}. {fraction}."]
    pooled = [group for group in groups if len(group) > 1]
    if pooled:
        lines.append(
            f"Pooled until a group has {POOL_CALLS} calls in the report, sharing one number of agents: "
            f"{_spans(day, pooled)}."
        )
    thin = [group for group in groups if math.fsum(day.slots[index].offered for index in group) < POOL_CALLS]
    if thin:
        lines.append(
            f"Fewer than {POOL_CALLS} calls and no neighbour to pool with, so agents are uncertain: "
            f"{_spans(day, thin)}."
        )
    unlost = [group for group in groups if not any(day.slots[index].abandoned for index in group)]
    if unlost:
        lines.append(f"Nobody abandoned, taken as half a call, so agents are a guess: {_spans(day, unlost)}.")
    return lines


def _spans(day: WorkingDay, groups: Sequence[range]) -> str:
    return ", ".join(f"{day.slots[group[0]].start}-{_end(day.slots[group[-1]])}" for group in groups)


def _dates(days: Sequence[date]) -> str:
    more = f" and {len(days) - _NAMED:,} more" if len(days) > _NAMED else ""
    return ", ".join(day.isoformat() for day in days[:_NAMED]) + more


def _end(slot: Slot) -> str:
    minutes = (slot.number + 1) * SLOT_MINUTES
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def _counted(count: int, noun: str) -> str:
    return f"{count:,} {noun}" + ("" if count == 1 else "s")
