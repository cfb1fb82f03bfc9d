"""Swings, what moves a figure, and the shortlist."""

from __future__ import annotations

import numpy as np
import pytest

from sandbox.errors import RuleBroken
from sandbox.experiment.intervals import (
    Estimate,
    paired_mean_difference,
    paired_ratio_difference,
    ratio_contrast,
)
from sandbox.experiment.tornado import Ends, moves, shortlist, swing


def estimate(value: float | None, half: float | None = None) -> Estimate:
    """An effect with its interval."""
    ends = (None, None) if value is None or half is None else (value - half, value + half)
    return Estimate(value, *ends, 10, half)


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (estimate(-2), estimate(3), 5),
        (estimate(-2), estimate(-5), 5),
        (estimate(4), None, 4),
        (None, None, 0),
        (estimate(None), estimate(0), 0),
    ],
)
def test_the_swing_is_the_spread_with_the_figure_as_it_is(
    low: Estimate, high: Estimate, expected: float
) -> None:
    """Both ends on one side of nought swing by the further one; an end that was not run counts as unmoved."""
    assert swing(Ends(low, high)) == expected


def test_what_moves_a_figure_has_an_interval_without_nought() -> None:
    """One certain end is enough; an exact nought never moves; without an interval any difference does."""
    assert moves(Ends(estimate(0.1, 0.2), estimate(1, 0.5)))
    assert not moves(Ends(estimate(0.1, 0.2), estimate(-1, 1.5)))
    assert not moves(Ends(estimate(0, 0), None))
    assert moves(Ends(estimate(0.1), None))


def test_the_shortlist_takes_what_decides_first_then_the_largest() -> None:
    """Bounded, in the order it came, and nothing that moves nothing unless it decides."""
    items = [("a", 1.0, False), ("b", 9.0, False), ("c", 0.1, True), ("d", 5.0, False), ("e", 0.0, False)]

    def chosen(most: int) -> str:
        """Names on a shortlist of some length."""
        found = shortlist(items, most, lambda one: one[2], lambda one: one[1])
        return "".join(name for name, _, _ in found)

    assert [chosen(most) for most in (1, 2, 3, 9)] == ["c", "bc", "bcd", "abcd"]


def test_a_contrast_is_the_signed_sum_of_ratios_with_one_interval() -> None:
    """With bases of one it is the mean of (a - b) - (c - d) and Student's interval of it, by numpy and scipy."""
    from scipy import stats

    a, b, c, d = np.random.Generator(np.random.PCG64(3)).normal(5, 1, (4, 12))
    one = [1.0] * 12
    found = ratio_contrast([(1, a, one), (-1, b, one), (-1, c, one), (1, d, one)])
    values = a - b - c + d
    low, high = stats.t.interval(0.95, 11, values.mean(), stats.sem(values))
    assert (found.value, found.low, found.high) == pytest.approx((values.mean(), low, high))
    assert found.n_units == 12


def test_a_contrast_of_two_is_the_paired_difference() -> None:
    """The same estimator: differences of ratios and of means are special cases, to the last bit for means."""
    y, z = np.random.Generator(np.random.PCG64(4)).uniform(1, 9, (2, 8)).tolist()
    x = [2.0, 3.0, 1.0, 5.0, 2.0, 2.0, 4.0, 1.0]
    assert ratio_contrast([(1, y, x), (-1, z, x)]) == paired_ratio_difference(y, x, z, x)
    by_mean = paired_mean_difference(y, z)
    assert ratio_contrast([(1, y, [1.0] * 8), (-1, z, [1.0] * 8)])[:3] == pytest.approx(by_mean[:3])


def test_a_contrast_without_a_base_or_with_other_units_is_none() -> None:
    """An empty base gives no value; units that do not match are our own fault."""
    assert ratio_contrast([(1, [0.0, 0.0], [0.0, 0.0]), (-1, [1.0, 1.0], [2.0, 2.0])]).value is None
    with pytest.raises(RuleBroken, match="units differ"):
        ratio_contrast([(1, [1.0], [1.0]), (-1, [1.0, 2.0], [1.0, 1.0])])
