"""The knee of a searched curve: named where the runs show it, not where noise has a steepest stretch."""

from __future__ import annotations

import pytest

from sandbox.experiment.verdict import parse_that
from scenarios.limit_knee import knee_of
from scenarios.result import Metric

BELOW, ABOVE = parse_that("m < 0.1"), parse_that("m > 0.5")


def curve(half: float, *points: tuple[float, float]) -> list[tuple[float, Metric]]:
    """Estimates by value, each with the same half width."""
    return [(at, Metric(value, "rate", 9, value - half, value + half, "")) for at, value in points]


RISES = ((1000, 0.008), (2000, 0.01), (3000, 0.02), (4000, 0.3))
NOISE = ((1000, 0.008), (2000, 0.008), (3000, 0.0085), (4000, 0.009))


def test_a_knee_that_stands_out_is_named() -> None:
    """The rise beyond it is larger than the intervals; whichever way the metric is better and the setting helps."""
    assert knee_of(curve(0.005, *RISES), BELOW) == 3000
    assert knee_of(curve(0.005, *((at, 1 - value) for at, value in RISES)), ABOVE) == 3000
    turned = [(-at, value) for at, value in reversed(RISES)]
    assert knee_of(curve(0.005, *turned), BELOW) == -3000


@pytest.mark.parametrize("points", [NOISE, RISES])
def test_a_knee_within_the_intervals_is_not(points: tuple[tuple[float, float], ...]) -> None:
    """0.8, 0.8, 0.85, 0.9 %: a straight line could be drawn through every interval."""
    assert knee_of(curve(0.2, *points), BELOW) is None
    without = [(at, Metric(value, "rate", 1, None, None, "")) for at, value in points]
    assert knee_of(without, BELOW) is None
