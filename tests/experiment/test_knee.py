"""The knee of a curve, on curves whose knee is plain to see."""

from __future__ import annotations

import math

import numpy as np
import pytest

from sandbox.experiment.knee import Days, Draw, KneeRange, knee, knee_range

XS = [10.0, 20.0, 30.0, 40.0, 50.0, 60.0, 70.0, 80.0]


def test_two_straight_pieces_meet_at_the_knee() -> None:
    """Flat, then steep: the knee is where they meet."""
    assert knee(XS, [max(0.0, x - 40.0) for x in XS]) == 40.0


def test_a_flat_top_does_not_hide_the_knee() -> None:
    """Flat, steep, flat again (a rate that saturates): the line ends with the steepest stretch, so the knee stays."""
    assert knee(XS, [0.0, 0.0, 0.0, 0.01, 0.5, 0.6, 0.61, 0.615]) == 40.0


@pytest.mark.parametrize(
    "ys",
    [
        [x / 100 for x in XS],
        [-x for x in XS],
        [0.5] * 8,
        [1 - 1 / x for x in XS],
    ],
    ids=["straight", "falling", "level", "steep at once"],
)
def test_a_curve_without_a_knee_has_none(ys: list[float]) -> None:
    """Even, falling, level and saturating from the start."""
    assert knee(XS, ys) is None


def test_it_does_not_depend_on_units() -> None:
    """Both axes are scaled: percent instead of shares, thousands instead of ones, the same knee."""
    ys = [0.0, 0.01, 0.02, 0.05, 0.2, 0.5, 0.9, 1.0]
    assert knee([1000 * x for x in XS], [100 * y for y in ys]) == 1000 * (knee(XS, ys) or 0.0)


def test_two_points_have_no_knee() -> None:
    """Between two points there is a line and nothing below it."""
    assert knee([1.0, 2.0], [0.0, 1.0]) is None


def drawn(seed: int) -> Draw:
    """Days of each curve."""
    rng = np.random.default_rng(seed)
    return lambda below, table: rng.integers(below, size=table)


def searched(
    seed: int, at: float, noise: float, *, slope: float = 0.01, days: int = 22, own: float = 0.3
) -> KneeRange | None:
    """The range of a curve that is flat up to `at` and then rises, seen through the noise of days that share luck."""
    rng = np.random.default_rng(seed)
    shared = rng.normal(size=days)
    seen = []
    for x in XS:
        luck = math.sqrt(1 - own) * shared + math.sqrt(own) * rng.normal(size=days)
        seen.append(Days((100 * (0.02 + max(0.0, x - at) * slope + noise * luck)).tolist(), [100] * days))
    return knee_range(XS, seen, drawn(seed))


@pytest.mark.parametrize("at", [37.0, 40.0, 44.0, 58.0])
@pytest.mark.parametrize("noise", [0.01, 0.05, 0.12])
def test_the_range_holds_a_known_knee(at: float, noise: float) -> None:
    """Two straight pieces that meet between or on the points: at most 5 in 100 ranges miss (plus luck)."""
    found = [searched(seed, at, noise) for seed in range(200)]
    ranges = [
        (one.low, one.high)
        for one in found
        if one is not None and one.low is not None and one.high is not None
    ]
    assert len(ranges) >= 190
    missed = sum(not low <= at <= high for low, high in ranges) / len(ranges)
    assert missed <= 0.05 + 3 * math.sqrt(0.05 * 0.95 / 200)


def test_the_range_is_as_wide_as_the_runs_are_noisy() -> None:
    """Next to no noise: the neighbouring points; much of it: more of the curve, and a straight line has no range."""
    quiet = searched(1, 40.0, 1e-6)
    assert quiet == (30.0, 50.0, 1.0)
    widths = []
    for noise in (0.01, 0.12):
        found = [searched(seed, 40.0, noise) for seed in range(50)]
        widths.append(np.mean([one.high - one.low for one in found if one and one.high and one.low]))
    assert widths[0] < widths[1]
    straight = [searched(seed, -1e3, 0.05, slope=0.0005) for seed in range(50)]
    assert sum(one is not None and one.low is not None for one in straight) <= 5


def test_curves_of_other_days_have_no_range() -> None:
    """Points that do not share their days, or of one day: nothing can be drawn again."""
    draws = drawn(1)
    assert knee_range([1.0, 2.0, 3.0], [Days([1, 2], [1, 1]), Days([1], [1]), Days([1], [1])], draws) is None
    assert knee_range([1.0, 2.0, 3.0], [Days([1], [1])] * 3, draws) is None
