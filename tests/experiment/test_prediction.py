"""Prediction intervals cover what future pilots report, and a gap in a funnel is shared without remainder."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import beta
from scipy.stats import t as student

from sandbox.errors import BadInput
from sandbox.experiment.attribution import attribute
from sandbox.experiment.intervals import ratio_interval
from sandbox.experiment.prediction import (
    joint_p,
    mean_prediction,
    mean_tail,
    moved,
    rate_gap,
    rate_prediction,
    rate_tail,
)


@pytest.mark.parametrize(("rate", "day_sd"), [(0.2, 0.0), (0.2, 0.02), (0.98, 0.0)])
def test_a_future_rate_falls_inside_about_as_often_as_said(rate: float, day_sd: float) -> None:
    """Simulated and future days drawn alike: 95 % intervals hold 93 % or more of the future rates, not all."""
    rng = np.random.default_rng(2)
    held = []
    for _ in range(300):
        past = np.clip(rng.normal(rate, day_sd, size=30), 0, 1)
        future = np.clip(rng.normal(rate, day_sd, size=5), 0, 1)
        n = [400] * 30
        actual = int(rng.binomial(60, future).sum())
        held.append(rate_prediction(rng.binomial(400, past).tolist(), n, 300, 5).holds(actual / 300))
    assert 0.93 <= np.mean(held) < 1.0


def test_a_prediction_is_wider_than_a_confidence_interval() -> None:
    """The pilot's own sampling comes on top, the more the smaller the pilot is."""
    series = [200, 210, 190, 205] * 5, [1000] * 20
    known = ratio_interval(*series)
    small, large = rate_prediction(*series, 200, 5), rate_prediction(*series, 5000, 5)
    assert known.high is not None
    assert small.high is not None
    assert large.high is not None
    assert known.high < large.high < small.high


def test_a_rate_never_seen_still_allows_an_event() -> None:
    """No event in 3,000 does not forbid one in 3,000, but twenty of them it does."""
    prediction = rate_prediction([0] * 3, [1000] * 3, 3000, 3)
    assert prediction.holds(1 / 3000)
    assert prediction.holds(20 / 3000) is False


def test_a_mean_is_predicted_by_students_t() -> None:
    """Mean of m future days: mean +- t s sqrt(1/k + 1/m), recomputed by SciPy."""
    values = [10.0, 12.0, 11.0, 15.0, 9.0]
    found = mean_prediction(values, [1.0] * 5, 3)
    half = student.ppf(0.975, 4) * np.std(values, ddof=1) * math.sqrt(1 / 5 + 1 / 3)
    assert found == pytest.approx((np.mean(values), np.mean(values) - half, np.mean(values) + half))


def test_what_cannot_be_predicted_says_so() -> None:
    """An empty base has no value, a single day no interval, and a pilot without items is refused."""
    assert rate_prediction([0], [0], 10, 1).value is None
    assert mean_prediction([3.0], [1.0], 1).holds(3.0) is None
    with pytest.raises(BadInput, match="at least 1"):
        rate_prediction([1], [2], 0, 1)


RATES = st.lists(st.tuples(st.floats(0.0, 1.0), st.floats(0.0, 1.0)), min_size=1, max_size=6)


@given(RATES)
def test_shares_sum_to_the_gap_and_what_is_left_is_told(rates: list[tuple[float, float]]) -> None:
    """Shapley's shares add up to actual minus predicted; the single replacements do with their remainder."""
    found = attribute([one for one, _ in rates], [other for _, other in rates])
    assert math.fsum(found.shares) == pytest.approx(found.gap, abs=1e-12)
    assert math.fsum(found.alone) + found.remainder == pytest.approx(found.gap, abs=1e-12)


def test_two_stages_share_by_hand() -> None:
    """0.5 x 0.4 became 0.4 x 0.5: first -0.1 x (0.4 + 0.5)/2, second +0.1 x (0.5 + 0.4)/2, alone -0.04 and +0.05."""
    found = attribute([0.5, 0.4], [0.4, 0.5])
    assert found.shares == pytest.approx((-0.045, 0.045))
    assert found.alone == pytest.approx((-0.04, 0.05))
    assert found.remainder == pytest.approx(-0.01)


def test_a_stage_as_predicted_explains_nothing() -> None:
    """Only the stage that changed has a share, and it is the whole gap, even when it ends everything."""
    found = attribute([0.9, 0.5, 0.8], [0.9, 0.0, 0.8])
    assert found.shares == pytest.approx((0.0, -0.36, 0.0))
    with pytest.raises(BadInput, match="the same number"):
        attribute([0.5], [0.5, 0.5])


@pytest.mark.parametrize("series", [([30] * 4, [30] * 4), ([0] * 4, [30] * 4), ([20, 25, 18, 22], [30] * 4)])
def test_the_tail_agrees_with_the_interval(series: tuple[list[int], list[int]]) -> None:
    """A count is outside exactly when its tail chance is below what the level leaves out; so also for a rate of 1."""
    for level in (0.95, 0.99):
        prediction = rate_prediction(*series, 60, 4, level)
        for count in range(61):
            assert prediction.holds(count / 60) is (rate_tail(*series, count, 60, 4) > 1.0 - level)


@pytest.mark.parametrize("series", [([30] * 4, [30] * 4), ([0] * 4, [30] * 4), ([20, 25, 18, 22], [30] * 4)])
def test_a_gap_may_be_none_exactly_where_the_figure_is_inside(series: tuple[list[int], list[int]]) -> None:
    """Interval of the gap, interval of the prediction and tail are one test, told in three ways."""
    for level in (0.95, 0.99):
        prediction = rate_prediction(*series, 60, 4, level)
        for count in range(61):
            gap = rate_gap(*series, count, 60, 4, level)
            assert gap.value == pytest.approx(count / 60 - sum(series[0]) / 120)
            assert gap.low is not None
            assert gap.high is not None
            assert gap.low <= gap.value <= gap.high
            assert (gap.low < 0.0 < gap.high) is prediction.holds(count / 60)


def test_a_gap_without_luck_of_days_is_clopper_and_pearsons_interval() -> None:
    """With a prediction as good as known the ends are the beta quantiles of the exact interval, less the rate."""
    days = [20_000_000] * 40, [100_000_000] * 40
    gap = rate_gap(*days, 30, 100, 5)
    ends = beta.ppf(0.025, 30, 71) - 0.2, beta.ppf(0.975, 31, 70) - 0.2
    assert gap == pytest.approx((0.1, *ends), abs=1e-5)


@pytest.mark.parametrize(
    ("predicted", "true", "day_sd"), [(0.2, 0.2, 0.02), (0.2, 0.1, 0.0), (0.95, 0.8, 0.01)]
)
def test_a_gaps_interval_holds_the_true_gap(predicted: float, true: float, day_sd: float) -> None:
    """Whether or not the pilot does as simulated, 95 % intervals hold the true difference in 93 % or more."""
    rng = np.random.default_rng(3)
    held = []
    for _ in range(300):
        past = np.clip(rng.normal(predicted, day_sd, size=30), 0, 1)
        future = np.clip(rng.normal(true, day_sd, size=5), 0, 1)
        count = int(rng.binomial(60, future).sum())
        gap = rate_gap(rng.binomial(400, past).tolist(), [400] * 30, count, 300, 5)
        assert gap.low is not None
        assert gap.high is not None
        held.append(gap.low <= true - predicted <= gap.high)
    assert 0.93 <= np.mean(held) < 1.0


def test_a_mean_has_its_tail_and_gap_from_the_same_t() -> None:
    """At the ends of the interval the tail is what the level leaves out; the gap is the interval moved, by hand."""
    series = [10.0, 12.0, 11.0, 15.0, 9.0], [1.0] * 5
    found = mean_prediction(*series, 3)
    assert found.low is not None
    assert found.high is not None
    for end in (found.low, found.high):
        assert mean_tail(*series, end, 3) == pytest.approx(0.05)
    assert mean_tail(*series, 11.4, 3) == 1.0
    assert moved(found, 15.0) == pytest.approx((15.0 - 11.4, 15.0 - found.high, 15.0 - found.low))
    assert mean_tail([3.0], [1.0], 3.0, 1) is None
    assert (mean_tail([3.0] * 4, [1.0] * 4, 3.0, 1), mean_tail([3.0] * 4, [1.0] * 4, 2.0, 1)) == (1.0, 0.0)


def test_a_small_chance_on_the_far_side_is_not_lost() -> None:
    """A count far above has the tail of the mirrored count far below, not nought from one less a chance of one."""
    above, below = rate_tail([5] * 20, [100] * 20, 90, 100, 5), rate_tail([95] * 20, [100] * 20, 10, 100, 5)
    assert 0.0 < above < 1e-20
    assert above == pytest.approx(below, rel=1e-9)
    assert joint_p(0.01, 6) == pytest.approx(0.06)
    assert joint_p(0.4, 6) == 1.0


def test_a_rate_simulated_as_one_does_not_make_a_miss_impossible() -> None:
    """One case short of 65 where all of 120 were simulated: inside, and nothing rare."""
    assert rate_tail([30] * 4, [30] * 4, 64, 65, 4) > 0.2
