"""Intervals over days: by hand, by SciPy, and by how often they hold the truth they were drawn from."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import chi2
from scipy.stats import t as student

from sandbox.experiment.day_levels import level_ends, positive_ratio, spread_ends
from sandbox.experiment.fits import spread_beyond_poisson
from sandbox.experiment.intervals import ratio_interval

WEEK = [1.1, 1.0, 0.97, 0.92, 1.01]
TRIALS = 400
HOLDS = 0.95 - 3 * math.sqrt(0.95 * 0.05 / TRIALS)
"""Fewest of so many intervals that hold the truth, were each to hold it with 95 %; three errors below."""


def test_a_time_is_as_far_off_on_either_side_by_factor() -> None:
    """The half width over the value, taken as the logarithm's: both ends by hand, and above nought always."""
    found = positive_ratio([100.0, 300.0, 5.0], [1.0, 2.0, 1.0])
    plain = ratio_interval([100.0, 300.0, 5.0], [1.0, 2.0, 1.0])
    assert found.value == plain.value == pytest.approx(405 / 4)
    assert plain.half_width is not None
    assert plain.low is not None
    assert plain.low < 0.0
    assert found.low == pytest.approx(405 / 4 * math.exp(-plain.half_width / (405 / 4)))
    assert found.high == pytest.approx((405 / 4) ** 2 / (found.low or 0.0))
    assert positive_ratio([4.0, 4.0], [2.0, 2.0])[1:3] == (2.0, 2.0)


def test_a_single_day_or_no_time_at_all_has_no_interval() -> None:
    """One unit shows no spread, and the logarithm of nought is none."""
    assert positive_ratio([4.0], [2.0])[:3] == (2.0, None, None)
    assert positive_ratio([0.0, 0.0], [2.0, 3.0])[:3] == (0.0, None, None)
    assert positive_ratio([0.0], [0.0]).value is None


@pytest.mark.parametrize(
    ("leavers", "days", "least"), [(150, 40, HOLDS), (8, 20, 0.90)]
)  # few: see the module
def test_patience_is_held_by_its_interval(leavers: int, days: int, least: float) -> None:
    """Exponential patience of 300 s: who waits leaves with that rate, however long a day's callers wait in all."""
    rng = np.random.default_rng(4)
    held = []
    for _ in range(TRIALS):
        waited = rng.gamma(2.0, leavers * 150.0, days)
        found = positive_ratio(waited.tolist(), rng.poisson(waited / 300.0).tolist())
        assert found.low is not None
        assert found.high is not None
        held.append(found.low <= 300.0 <= found.high)
    assert least <= np.mean(held) < 1.0


def test_how_days_differ_lies_between_chi_squareds_ends() -> None:
    """Squares over its quantiles less the Poisson noise, by SciPy; the estimate lies between."""
    counts, usual = [80.0, 130.0, 95.0, 110.0, 85.0], [100.0] * 5
    found = spread_ends(counts, usual)
    assert found is not None
    squares = sum((count / 100 - 1) ** 2 for count in counts)
    ends = [math.sqrt(squares / quantile - 0.01) for quantile in chi2.ppf([0.975, 0.025], 4)]
    assert found == pytest.approx(ends)
    assert found.low < spread_beyond_poisson(counts, usual) < found.high
    assert spread_ends([80.0], [100.0]) is None
    assert spread_ends([80.0, 90.0], [100.0, 100.0], groups=2) is None


@pytest.mark.parametrize(("weeks", "cv"), [(2, 0.2), (4, 0.05), (4, 0.3)])
def test_levels_and_how_days_differ_are_held_by_their_intervals(weeks: int, cv: float) -> None:
    """Weeks of five weekdays, gamma levels of days, Poisson calls: each interval holds what was drawn from."""
    rng = np.random.default_rng(5)
    levels = np.array(WEEK) / np.mean(WEEK)
    kinds = list(range(5)) * weeks
    spreads, held = [], []
    for _ in range(TRIALS):
        calls = rng.poisson(1_000 * np.tile(levels, weeks) * rng.gamma(1 / cv**2, cv**2, 5 * weeks))
        usual = [float(calls.mean())] * len(kinds)
        seen = calls.reshape(weeks, 5).sum(axis=0) / (calls.mean() * weeks)
        spread = spread_ends(calls.tolist(), [usual[0] * seen[kind] for kind in kinds], 5)
        assert spread is not None
        spreads.append(spread.low <= cv <= spread.high)
        found = level_ends(kinds, calls.tolist(), usual)
        held.append([found[kind].low <= levels[kind] <= found[kind].high for kind in range(5)])
    assert HOLDS <= np.mean(spreads) < 1.0
    assert HOLDS <= np.mean(held) < 0.99


def test_poisson_days_may_not_differ_at_all() -> None:
    """Days that differ as counts do: the lower end is nought in most, and the upper below a tenth."""
    rng = np.random.default_rng(6)
    found = [spread_ends(rng.poisson(1_000, 20).tolist(), [1_000.0] * 20) for _ in range(100)]
    assert np.mean([one.low == 0.0 for one in found if one is not None]) > 0.9
    assert max(one.high for one in found if one is not None) < 0.1


def test_two_kinds_of_day_by_hand() -> None:
    """Levels of 1.2 and 0.8 on two days each: the days' relative variance over both kinds, t with two degrees."""
    found = level_ends("aabb", [1_100.0, 1_300.0, 800.0, 800.0], [1_000.0] * 4)
    variance = 2 * (1 / 12) ** 2 / 2  # of one day, relative, over two degrees of freedom
    width = student.ppf(0.975, 2) * math.sqrt(variance * (0.4**2 / 2 + 0.4**2 / 2))
    assert found["a"] == pytest.approx((1.2 * math.exp(-width), 1.2 * math.exp(width)))
    assert level_ends("ab", [11.0, 8.0], [10.0] * 2) == {}
    assert level_ends("aa", [11.0, 8.0], [10.0] * 2) == {}
    alike = level_ends("aabb", [120.0, 120.0, 80.0, 80.0], [100.0] * 4)
    noise = (2 / 120 + 2 / 80) / 4  # days that agree better than counts do were lucky
    width = student.ppf(0.975, 2) * math.sqrt(noise * (0.4**2 / 2 + 0.4**2 / 2))
    assert alike["a"] == pytest.approx((1.2 * math.exp(-width), 1.2 * math.exp(width)))
