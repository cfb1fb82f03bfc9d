"""The knee of a searched curve: named where the runs show it beyond their noise, with the range it may lie in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from sandbox.draws import generator
from sandbox.experiment.knee import Days, Draw, KneeRange, knee, knee_range
from sandbox.experiment.room import roomier
from sandbox.experiment.verdict import Condition
from sandbox.scorecard.definitions import MetricDefinition
from sandbox.scorecard.outcome import RunOutcome
from scenarios.limits.grid import Number
from scenarios.result import Metric
from scenarios.summarise import pooled


class Knee(NamedTuple):
    """Where a condition's metric turns worse steeply.

    Attributes:
        at: the value run from which it does.
        low, high: values run between which the knee lies with 95 %; None where the runs cannot tell.
        share: of the curves drawn anew from the days run that have a knee; None where there are no days to draw from.
        falling: it turns worse below the knee, not above it.
    """

    at: Number
    low: Number | None
    high: Number | None
    share: float | None
    falling: bool


def knee_of(
    points: Sequence[tuple[Number, Metric]],
    condition: Condition,
    days: Mapping[Number, Days] | None = None,
    seed: int = 0,
) -> Knee | None:
    """Return the value from which a condition's metric turns worse steeply, or None.

    None too where no run beyond it differs from the knee by more than their intervals: noise has a steepest stretch
    as well.

    Args:
        points: what was run, by value, each once.
        condition: the condition; a metric that is to stay above its line is turned over first.
        days: what each of the values is made of, for the range; None where it is made of no days.
        seed: of the days drawn again.
    """
    sign = 1.0 if condition.comparator in ("<", "<=") else -1.0
    curve = [(value, sign * metric.value) for value, metric in points if metric.value is not None]
    falling = len(curve) > 1 and curve[0][1] > curve[-1][1]  # more of it helps: read from the other end
    turn = -1 if falling else 1
    curve = curve[::turn]
    found = knee([turn * value for value, _ in curve], [figure for _, figure in curve])
    if found is None:
        return None
    at, here = next((value, metric) for value, metric in points if value == turn * found)
    beyond = [metric for value, metric in points if (value < at if falling else value > at)]
    if not any(roomier(condition, here, one) for one in beyond):
        return None
    range_ = None
    if days is not None and all(value in days for value, _ in curve):
        own = [days[value] for value, _ in curve]
        range_ = knee_range([turn * value for value, _ in curve], own, _drawn(seed), sign)
    return _told(at, range_, [value for value, _ in curve], turn)


def _drawn(seed: int) -> Draw:
    draws = generator(seed, "knee", 0)
    return lambda below, table: draws.integers(below, size=table)


def _told(at: Number, range_: KneeRange | None, values: Sequence[Number], turn: int) -> Knee:
    if range_ is None or range_.low is None or range_.high is None:
        return Knee(at, None, None, None if range_ is None else range_.share, turn < 0)
    low, high = (next(value for value in values if turn * value == end) for end in (range_.low, range_.high))
    return Knee(at, min(low, high, at), max(low, high, at), range_.share, turn < 0)


def days_of(runs: Sequence[RunOutcome], name: str, definition: MetricDefinition) -> Days | None:
    """Return what a metric of some runs is made of, day by day; None for one that is no sum over days."""
    if definition.kind == "ratio":
        return Days(*pooled(runs, name))
    if definition.kind == "total":
        values = [value for one in runs for value in one.totals[name]]
        return Days(values, [1] * len(values))
    return None
