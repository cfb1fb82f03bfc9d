"""Where two lines of cost meet: known numbers, open ends, and how often the interval holds the truth."""

from __future__ import annotations

import numpy as np
import pytest

from sandbox.errors import RuleBroken
from sandbox.experiment.break_even import Sum, volumes_left_open
from sandbox.experiment.intervals import mean_interval, student_t


def known(value: float, units: int) -> Sum:
    """A number without error."""
    return Sum(value, (0.0,) * units)


def test_a_known_gap_is_divided_by_the_ends_of_the_gain() -> None:
    """2,000 a month against 40 pence a message, give or take 10: 4,000 to 6,667 messages, by hand."""
    daily = [0.30, 0.40, 0.50, 0.40]
    gain = Sum.of(daily).times(1 / 4)
    spread = mean_interval(daily)
    assert (spread.low, spread.high) == pytest.approx((0.40 - 0.1299, 0.40 + 0.1299), abs=1e-4)
    low, high = volumes_left_open(known(2_000.0, 4), gain)
    assert (low, high) == pytest.approx((2_000 / (spread.high or 0.0), 2_000 / (spread.low or 0.0)))
    assert gain.value == pytest.approx(0.40)
    turned = volumes_left_open(known(-2_000.0, 4), gain.times(-1.0))
    assert turned == pytest.approx((low, high))


def test_where_the_gain_may_be_nought_the_interval_is_open() -> None:
    """40 pence give or take 52: from 2,000 over the upper end on, whatever the slope turns out to be."""
    daily = [0.0, 0.40, 0.80, 0.40]
    spread = mean_interval(daily)
    assert (spread.low or 0.0) < 0.0
    low, high = volumes_left_open(known(2_000.0, 4), Sum.of(daily).times(1 / 4))
    assert low == pytest.approx(2_000 / (spread.high or 0.0))
    assert high is None


def test_lines_that_part_leave_no_volume_open_unless_the_runs_are_unsure() -> None:
    """Dearer from the start and with every message: none; with a slope that may fall, from some volume on."""
    clear, unsure = [-0.30, -0.40, -0.50, -0.40], [-0.9, 0.5, -0.6, 0.4]
    assert volumes_left_open(known(2_000.0, 4), Sum.of(clear).times(1 / 4)) == (None, None)
    low, high = volumes_left_open(known(2_000.0, 4), Sum.of(unsure).times(1 / 4))
    assert (low, high) == (pytest.approx(2_000 / (mean_interval(unsure).high or 0.0)), None)


def test_lines_that_start_level_meet_nowhere_or_anywhere() -> None:
    """With no gap the only meeting is at nought, unless the slopes cannot be told apart."""
    assert volumes_left_open(known(0.0, 4), Sum.of([0.3, 0.4, 0.5, 0.4])) == (None, None)
    assert volumes_left_open(known(0.0, 4), Sum.of([-0.9, 0.5, -0.6, 0.9])) == (0.0, None)


def test_without_any_spread_the_interval_is_the_point() -> None:
    """Days that agree: the volume itself; equal lines anywhere; parallel ones nowhere; one unit says nothing."""
    assert volumes_left_open(known(2_000.0, 3), known(0.4, 3)) == pytest.approx((5_000.0, 5_000.0))
    assert volumes_left_open(known(0.0, 3), known(0.0, 3)) == (0.0, None)
    assert volumes_left_open(known(1.0, 3), known(0.0, 3)) == (None, None)
    assert volumes_left_open(known(2_000.0, 1), Sum.of([0.4])) == (None, None)
    with pytest.raises(RuleBroken, match="2 of the gap, 3 of the gain"):
        volumes_left_open(known(1.0, 2), known(1.0, 3))


def test_a_gap_and_a_gain_that_err_together_are_taken_together() -> None:
    """Fieller's quadratic at its ends: the distance from nought is t standard errors of `gap - V gain`, exactly."""
    gap, gain = Sum.of([90.0, 110.0, 120.0, 80.0, 100.0]), Sum.of([0.9, 1.1, 1.3, 0.8, 0.9])
    ends = volumes_left_open(gap, gain)
    for volume in ends:
        assert volume is not None
        errors = [ours - volume * theirs for ours, theirs in zip(gap.errors, gain.errors, strict=True)]
        spread = (5 / 4 * sum(error**2 for error in errors)) ** 0.5
        assert abs(gap.value - volume * gain.value) == pytest.approx(student_t(0.95, 4) * spread)
    apart = volumes_left_open(Sum(gap.value, gap.errors[::-1]), gain)
    assert (ends[1] or 0.0) - (ends[0] or 0.0) < 0.5 * ((apart[1] or 0.0) - (apart[0] or 0.0))


def test_products_carry_the_error_of_both() -> None:
    """The linearised error of a product is each factor's error times the other; differences subtract unit by unit."""
    ours, theirs = Sum.of([1.0, 3.0]), Sum.of([4.0, 6.0])
    assert ours.by(theirs) == Sum(40.0, (-4.0 - 10.0, 4.0 + 10.0))
    assert theirs.less(ours) == Sum(6.0, (0.0, 0.0))


@pytest.mark.parametrize("noise", [0.4, 1.2, 3.0])
def test_the_interval_holds_the_true_volume_as_often_as_it_says(noise: float) -> None:
    """Costs and resolutions drawn for 22 days: the true break-even is held in 95 of 100 trials, open ends or not."""
    # The true volume is where (2,000 + 0.2 V) 0.3 = (0 + 0.6 V) 0.5, that is 2,500.
    trials, days, held, opened = 2_000, 22, 0, 0
    rng = np.random.default_rng(5)
    for _ in range(trials):
        shared = rng.normal(0.0, noise, days)
        cost = [
            Sum.of(mean + shared + rng.normal(0.0, noise / 2, days)).times(1 / days) for mean in (0.2, 0.6)
        ]
        solved = [Sum.of(rng.normal(mean, 0.02, days)).times(1 / days) for mean in (0.5, 0.3)]
        gap = solved[1].times(2_000.0)
        gain = cost[1].by(solved[0]).less(cost[0].by(solved[1]))
        low, high = volumes_left_open(gap, gain)
        held += low is not None and low <= 2_500.0 and (high is None or high >= 2_500.0)
        opened += high is None
    assert held / trials == pytest.approx(0.95, abs=3 * (0.05 * 0.95 / trials) ** 0.5)
    assert (opened > 0) is (noise > 0.4)
