"""The knee of a searched curve: named where the runs show it, not where noise has a steepest stretch."""

from __future__ import annotations

import pytest

from sandbox.experiment.knee import Days
from sandbox.experiment.verdict import Condition, parse_that
from scenarios.limits.knee import knee_of
from scenarios.result import Metric

BELOW, ABOVE = parse_that("m < 0.1"), parse_that("m > 0.5")


def curve(half: float, *points: tuple[float, float]) -> list[tuple[float, Metric]]:
    """Estimates by value, each with the same half width."""
    return [(at, Metric(value, "rate", 9, value - half, value + half, "")) for at, value in points]


RISES = ((1000, 0.008), (2000, 0.01), (3000, 0.02), (4000, 0.3))
NOISE = ((1000, 0.008), (2000, 0.008), (3000, 0.0085), (4000, 0.009))


def named(points: list[tuple[float, Metric]], condition: Condition) -> tuple[float, bool] | None:
    """Where the knee is, and whether things turn worse below it."""
    found = knee_of(points, condition)
    return None if found is None else (found.at, found.falling)


def test_a_knee_that_stands_out_is_named() -> None:
    """The rise beyond it is larger than the intervals; whichever way the metric is better and the setting helps."""
    assert named(curve(0.005, *RISES), BELOW) == (3000, False)
    assert named(curve(0.005, *((at, 1 - value) for at, value in RISES)), ABOVE) == (3000, False)
    turned = [(-at, value) for at, value in reversed(RISES)]
    assert named(curve(0.005, *turned), BELOW) == (-3000, True)


@pytest.mark.parametrize("points", [NOISE, RISES])
def test_a_knee_within_the_intervals_is_not(points: tuple[tuple[float, float], ...]) -> None:
    """0.8, 0.8, 0.85, 0.9 %: a straight line could be drawn through every interval."""
    assert knee_of(curve(0.2, *points), BELOW) is None
    without = [(at, Metric(value, "rate", 1, None, None, "")) for at, value in points]
    assert knee_of(without, BELOW) is None


@pytest.mark.parametrize("turn", [1, -1])
@pytest.mark.parametrize("condition", [BELOW, ABOVE])
def test_the_range_is_read_in_the_direction_of_the_curve(turn: int, condition: Condition) -> None:
    """Rising or falling, better low or high: the same knee, its range low to high, none without days."""
    shown = [(turn * at, value if condition is BELOW else 1 - value) for at, value in RISES][::turn]
    days = {at: Days([100 * value + (-1) ** day for day in range(20)], [100] * 20) for at, value in shown}
    found = knee_of(curve(0.005, *shown), condition, days, 1)
    assert found is not None
    assert (found.at, found.falling) == (turn * 3000, turn < 0)
    assert (found.low, found.high) == ((2000, 4000) if turn > 0 else (-4000, -2000))
    assert found.share == 1.0
    del days[turn * 2000]
    untold = knee_of(curve(0.005, *shown), condition, days, 1)
    assert untold is not None
    assert (untold.low, untold.high, untold.share) == (None, None, None)
