"""The knee of a searched curve, named only where the runs can tell it from noise."""

from __future__ import annotations

from collections.abc import Sequence

from sandbox.experiment.knee import knee
from sandbox.experiment.room import roomier
from sandbox.experiment.verdict import Condition
from scenarios.limit_grid import Number
from scenarios.result import Metric


def knee_of(points: Sequence[tuple[Number, Metric]], condition: Condition) -> Number | None:
    """Return the value from which a condition's metric rises steeply, or None.

    None too where no run beyond it differs from the knee by more than their intervals: noise has a steepest stretch
    as well.

    Args:
        points: what was run, by value, each once.
        condition: the condition; a metric that is to stay above its line is turned over first.
    """
    sign = 1.0 if condition.comparator in ("<", "<=") else -1.0
    curve = [(value, sign * metric.value) for value, metric in points if metric.value is not None]
    falling = len(curve) > 1 and curve[0][1] > curve[-1][1]  # more of it helps: read from the other end
    xs = [-value if falling else value for value, _ in curve]
    ys = [figure for _, figure in curve]
    found = knee(xs[::-1], ys[::-1]) if falling else knee(xs, ys)
    if found is None:
        return None
    at, here = next((value, metric) for value, metric in points if value == (-found if falling else found))
    beyond = [metric for value, metric in points if (value < at if falling else value > at)]
    return at if any(roomier(condition, here, one) for one in beyond) else None
