"""The knee of a curve, on curves whose knee is plain to see."""

from __future__ import annotations

import pytest

from sandbox.experiment.knee import knee

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
