"""Intervals over units: values known by hand, exactness where it must hold, and coverage."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import stdtrit  # type: ignore[import-untyped]

from sandbox.errors import BadInput, RuleBroken
from sandbox.experiment.exact_share import exact_share_interval
from sandbox.experiment.intervals import (
    Estimate,
    batch_means_interval,
    mean_interval,
    paired_mean_difference,
    paired_ratio_difference,
    ratio_contrast,
    ratio_interval,
    student_t,
)
from sandbox.experiment.verdict import judge

VALUES = st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=20)


def test_student_t_agrees_with_scipy() -> None:
    """Odd and even, few and many degrees of freedom, up to levels nobody asks for."""
    for units in (1, 2, 3, 4, 9, 30, 61, 400, 2_001):
        for level in (0.5, 0.8, 0.95, 0.99, 0.9999):
            assert student_t(level, units) == pytest.approx(stdtrit(units, 0.5 + level / 2), rel=1e-11)


def test_student_t_matches_the_printed_table() -> None:
    """95 % and 99 % quantiles are those of every printed t table."""
    assert student_t(0.95, 1) == pytest.approx(12.706, abs=5e-4)
    assert student_t(0.95, 9) == pytest.approx(2.262, abs=5e-4)
    assert student_t(0.99, 30) == pytest.approx(2.750, abs=5e-4)


def test_mean_interval_by_hand() -> None:
    """Mean 3, standard deviation sqrt(2.5) over 5 values: half width t(4) x sqrt(0.5) = 1.963."""
    estimate = mean_interval([1, 2, 3, 4, 5])
    assert estimate.value == 3
    assert estimate.half_width == pytest.approx(2.7764451 * math.sqrt(0.5))
    assert (estimate.low, estimate.high) == pytest.approx((1.0367568, 4.9632432))
    assert estimate.n_units == 5


def test_ratio_interval_by_hand() -> None:
    """Days of 10, 20 and 30 calls with 1, 4 and 4 abandoned: 9/60 with residuals -0.5, 1 and -0.5."""
    estimate = ratio_interval([1, 4, 4], [10, 20, 30])
    assert estimate.value == pytest.approx(0.15)
    standard_error = math.sqrt(3 / 2 * 1.5) / 60
    assert estimate.half_width == pytest.approx(4.3026527 * standard_error)


def test_the_ratio_weighs_units_by_their_base() -> None:
    """A busy bad day counts by its calls: the value is the ratio of sums, not the mean of daily rates."""
    assert ratio_interval([0, 90], [100, 100]).value == pytest.approx(0.45)
    assert ratio_interval([0, 90], [900, 100]).value == pytest.approx(0.09)


@given(VALUES)
def test_equal_bases_reduce_the_ratio_to_the_mean(values: list[float]) -> None:
    """With equal bases the ratio interval is the mean's, divided by the base."""
    ratio, mean = ratio_interval(values, [4.0] * len(values)), mean_interval(values)
    assert ratio.value is not None
    assert mean.value is not None
    assert ratio.half_width is not None
    assert mean.half_width is not None
    assert ratio.value * 4 == pytest.approx(mean.value, abs=1e-6)
    assert ratio.half_width * 4 == pytest.approx(mean.half_width, abs=1e-6)


def test_one_unit_has_a_value_and_no_interval() -> None:
    """A single day shows no spread, so no end is invented."""
    assert ratio_interval([5], [50]) == Estimate(0.1, None, None, 1, None)
    assert paired_ratio_difference([5], [50], [2], [40]) == Estimate(0.1 - 0.05, None, None, 1, None)


@pytest.mark.parametrize("units", [0, 1, 3])
def test_an_empty_base_has_no_value(units: int) -> None:
    """A rate of nothing is not 0: value and interval are missing."""
    empty = [0.0] * units
    assert ratio_interval(empty, empty) == Estimate(None, None, None, units, None)
    assert paired_ratio_difference([1.0] * units, [2.0] * units, empty, empty).value is None


def test_units_that_agree_give_zero_width() -> None:
    """Zero variance is an interval of width zero, not an error."""
    assert ratio_interval([1, 2, 3], [10, 20, 30]) == Estimate(0.1, 0.1, 0.1, 3, 0.0)


def test_clamping_cuts_the_ends_and_not_the_half_width() -> None:
    """A clamped rate stays in 0..1 while the half width a stopping rule reads is the whole one."""
    free = ratio_interval([0, 1, 5], [10, 10, 10])
    cut = ratio_interval([0, 1, 5], [10, 10, 10], share=True)
    assert free.low is not None
    assert free.low < 0
    assert cut.low == 0.0
    assert cut.high == free.high
    assert cut.half_width == free.half_width
    assert ratio_interval([10, 9, 5], [10, 10, 10], share=True).high == 1.0


def test_a_higher_level_widens_the_interval() -> None:
    """99 % is wider than 95 %, by the quotient of the t quantiles."""
    narrow, wide = mean_interval([1, 2, 4]), mean_interval([1, 2, 4], 0.99)
    assert wide.half_width == pytest.approx(
        (narrow.half_width or 0) * student_t(0.99, 2) / student_t(0.95, 2)
    )


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(50, 200)), min_size=2, max_size=12))
def test_a_design_never_differs_from_itself(units: list[tuple[int, int]]) -> None:
    """The same numbers in both designs give exactly zero, however variable the days."""
    y, x = [unit[0] for unit in units], [unit[1] for unit in units]
    assert paired_ratio_difference(y, x, y, x) == Estimate(0.0, 0.0, 0.0, len(units), 0.0)


def test_pairing_removes_shared_luck() -> None:
    """Two designs a constant apart over wild days differ by that constant, without spread."""
    wild = [3.0, 80.0, 41.0, 7.0]
    difference = paired_mean_difference([value + 2 for value in wild], wild)
    assert difference == Estimate(2.0, 2.0, 2.0, 4, 0.0)


def test_paired_ratio_difference_with_equal_bases_is_the_paired_mean() -> None:
    """With the same base every day the paired ratio difference is the mean difference over that base."""
    a, b, base = [5.0, 9.0, 2.0], [4.0, 6.0, 3.0], [20.0] * 3
    ratio, mean = paired_ratio_difference(a, base, b, base), paired_mean_difference(a, b)
    assert ratio.value == pytest.approx((mean.value or 0) / 20)
    assert ratio.half_width == pytest.approx((mean.half_width or 0) / 20)


def test_swapping_designs_turns_the_sign() -> None:
    """Exchanging the designs negates the difference and exchanges its ends."""
    ya, xa, yb, xb = [1, 4, 4], [10, 20, 30], [2, 2, 9], [11, 22, 33]
    forward, back = paired_ratio_difference(ya, xa, yb, xb), paired_ratio_difference(yb, xb, ya, xa)
    assert (forward.value, forward.low, forward.high) == pytest.approx(
        (-(back.value or 0), -(back.high or 0), -(back.low or 0))
    )


def test_batch_means_weigh_batches_by_their_length() -> None:
    """The value is the mean of all values, and the batches are the units."""
    estimate = batch_means_interval([[1, 2], [3, 4, 5, 6]])
    assert estimate.value == pytest.approx(3.5)
    assert estimate.n_units == 2
    assert batch_means_interval([[1, 3], [5, 7], [0, 2]]) == mean_interval([2, 6, 1])


def test_coverage_of_a_clustered_rate_is_near_its_level() -> None:
    """Over 2,000 draws of 20 differing days, 95 % intervals hold the truth 93 to 97 % of the time."""
    generator = np.random.default_rng(1)
    held = 0
    for _ in range(2000):
        calls = generator.poisson(200, 20)
        abandoned = generator.binomial(calls, generator.beta(2, 18, 20))
        estimate = ratio_interval(abandoned.tolist(), calls.tolist())
        held += (estimate.low or 0) <= 0.1 <= (estimate.high or 0)
    assert 0.93 <= held / 2000 <= 0.97


@pytest.mark.parametrize("level", [0.0, 1.0, 95, -0.5, math.nan])
def test_a_level_must_be_a_share(level: float) -> None:
    """A level such as 95 is refused and 0.95 suggested, with one unit as with many."""
    with pytest.raises(BadInput, match=r"such as 0\.95"):
        mean_interval([1, 2, 3], level)
    with pytest.raises(BadInput, match=r"such as 0\.95"):
        mean_interval([1], level)


@pytest.mark.parametrize(
    ("numerators", "denominators"),
    [([1, 2], [1]), ([1, math.nan], [1, 1]), ([1, 1], [1, math.inf]), ([1, 1], [3, -1])],
)
def test_impossible_units_are_our_own_fault(numerators: list[float], denominators: list[float]) -> None:
    """Unequal lengths, non-finite numbers and negative bases can only come from a bug, and say so."""
    with pytest.raises(RuleBroken):
        ratio_interval(numerators, denominators)


def test_unpaired_designs_are_our_own_fault() -> None:
    """Designs with different numbers of units cannot be paired."""
    with pytest.raises(RuleBroken, match="2 in one design, 3 in the other"):
        paired_mean_difference([1, 2], [1, 2, 3])
    with pytest.raises(RuleBroken, match="2 in one design, 3 in the other"):
        paired_ratio_difference([1, 2], [1, 2], [1, 2, 3], [1, 2, 3])


def test_no_event_is_no_proof() -> None:
    """Ten of ten on as many days: days agree, and the exact interval still reaches down to 69 %."""
    estimate = ratio_interval([1] * 10, [1] * 10, share=True)
    assert (estimate.low, estimate.high) == pytest.approx((0.6915, 1.0), abs=5e-5)
    assert estimate.half_width == pytest.approx(0.3085, abs=5e-5)
    assert judge(estimate, ">=", 0.98) == "unsure"
    assert judge(ratio_interval([0] * 9, [1] * 9, share=True), "<=", 0.02) == "unsure"


def test_many_cases_without_an_event_are_proof() -> None:
    """20,000 of 20,000 over 20 days: what is not proven is two hundredths of a point."""
    estimate = ratio_interval([1_000] * 20, [1_000] * 20, share=True)
    assert estimate.low == pytest.approx(1 - 3.69 / 20_000, abs=1e-6)
    assert judge(estimate, ">=", 0.98) == "pass"


def test_a_share_is_never_narrower_than_days_or_the_exact_interval() -> None:
    """With few events the wider of the two holds at each end; with many the days alone speak."""
    few, days = ([0, 0, 3, 0], [50, 40, 60, 50])
    free, kept = ratio_interval(few, days), ratio_interval(few, days, share=True)
    low, high = exact_share_interval(3, 200, 0.95)
    assert free.low is not None
    assert free.high is not None
    assert (kept.low, kept.high) == (max(min(low, free.low), 0.0), pytest.approx(max(high, free.high)))
    many = ([100, 100, 90, 120], [10 * cases for cases in days])
    assert ratio_interval(*many, share=True)[:3] == pytest.approx(ratio_interval(*many)[:3])
    rare = ([9, 11, 10, 10], [1_000] * 4)  # days almost alike: forty events are known no better than forty
    assert ratio_interval(*rare, share=True)[1:3] == pytest.approx(exact_share_interval(40, 4_000, 0.95))
    differing = ([0, 40, 2, 1], [1_000] * 4)  # the days say more than the events do, at both ends
    assert ratio_interval(*differing, share=True).half_width == ratio_interval(*differing).half_width
    alike = ratio_interval([5, 5, 10], [10, 10, 20], share=True)  # many events, and days that all agree
    assert (alike.low, alike.high) == pytest.approx(exact_share_interval(20, 40, 0.95))


def test_a_ratio_that_passes_one_is_no_share() -> None:
    """Occupancy of agents whose calls outlast the shift keeps its interval, uncut."""
    assert ratio_interval([11, 12], [10, 10], share=True) == ratio_interval([11, 12], [10, 10])


def test_a_difference_of_two_shares_without_events_has_an_interval() -> None:
    """All ten against none of 40: square-and-add of the exact intervals, and no end past 1."""
    ya, xa, yb, xb = [2] * 5, [2] * 5, [0] * 5, [8] * 5
    difference = paired_ratio_difference(ya, xa, yb, xb, shares=True)
    (low, _), (_, high) = exact_share_interval(10, 10, 0.95), exact_share_interval(0, 40, 0.95)
    assert difference.value == difference.high == 1.0
    assert difference.low == pytest.approx(1.0 - math.hypot(1.0 - low, high))
    back = paired_ratio_difference(yb, xb, ya, xa, shares=True)
    assert (back.low, back.high) == (-1.0, pytest.approx(-(difference.low or 0.0)))


def test_equal_days_of_equal_people_cancel() -> None:
    """Shares equal unit by unit differ by nought: what was changed touched nobody who is counted."""
    y, x = [1, 0, 1], [5, 6, 7]
    assert paired_ratio_difference(y, x, y, x, shares=True) == Estimate(0.0, 0.0, 0.0, 3, 0.0)
    terms = [(1, [3, 2, 4], x), (-1, y, x), (-1, [3, 2, 4], x), (1, y, x)]
    assert ratio_contrast(terms, shares=True)[:3] == (0.0, 0.0, 0.0)


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9), st.integers(9, 12)), min_size=2, max_size=6))
def test_differences_of_shares_stay_within_one(units: list[tuple[int, int, int]]) -> None:
    """Whatever the days, the ends lie in -1..1, hold the value and are no narrower than the days'."""
    ya, yb, x = (list(column) for column in zip(*units, strict=True))
    free, kept = paired_ratio_difference(ya, x, yb, x), paired_ratio_difference(ya, x, yb, x, shares=True)
    assert kept.value == free.value
    assert kept.low is not None
    assert kept.high is not None
    assert free.low is not None
    assert free.high is not None
    assert -1.0 <= kept.low <= max(free.low, -1.0) + 1e-12
    assert min(free.high, 1.0) - 1e-12 <= kept.high <= 1.0
