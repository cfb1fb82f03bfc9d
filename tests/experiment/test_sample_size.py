"""How many cases and days a pilot needs: closed forms recomputed by SciPy, and pilots played out at random."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import norm

from sandbox.errors import BadInput
from sandbox.experiment.sample_size import (
    Arms,
    between_day_variance,
    between_day_variance_of_difference,
    days_needed,
    design_effect,
    fixed_drift,
    power_of,
    smallest_effect,
    smallest_share,
)

ARMS = Arms(0.20, 0.25, 300.0, 100.0)


def test_cases_in_equal_arms_are_those_of_the_textbook() -> None:
    """50 % against 40 %, 5 % two-sided, 80 % power: (1.96 + 0.8416)^2 (0.25 + 0.24) / 0.01 = 385 in each arm."""
    arms = Arms(0.50, 0.40, 1.0, 1.0)
    z = norm.ppf(0.975) + norm.ppf(0.80)
    wanted = z**2 * (0.5 * 0.5 + 0.4 * 0.6) / 0.1**2
    assert days_needed(arms, fixed_drift(0.05, 0.80)) == pytest.approx(wanted)
    assert math.ceil(wanted) == 385


@pytest.mark.parametrize("share", [0.05, 0.10, 0.25, 0.50])
def test_unequal_arms_follow_their_variances(share: float) -> None:
    """The days needed are z^2 (pq/n + pq/n) / effect^2, whatever the split."""
    arms = ARMS.with_share(share)
    z = norm.ppf(0.975) + norm.ppf(0.90)
    variance = 0.2 * 0.8 / (400 * (1 - share)) + 0.25 * 0.75 / (400 * share)
    assert days_needed(arms, fixed_drift(0.05, 0.90)) == pytest.approx(z**2 * variance / 0.05**2)


def test_power_at_the_days_needed_is_the_power_asked_for() -> None:
    """The two formulas are inverse to each other, with and without days that differ."""
    for arms in (ARMS, ARMS._replace(day_variance=0.0004)):
        days = days_needed(arms, fixed_drift(0.05, 0.80))
        assert power_of(arms, days, 0.05) == pytest.approx(0.80, abs=1e-9)


def test_days_that_differ_cost_their_design_effect() -> None:
    """A day variance as large as the sampling variance doubles the days; more cases a day no longer help much."""
    sampling = 0.2 * 0.8 / 300 + 0.25 * 0.75 / 100
    noisy = ARMS._replace(day_variance=sampling)
    assert design_effect(noisy) == pytest.approx(2.0)
    drift = fixed_drift(0.05, 0.80)
    assert days_needed(noisy, drift) == pytest.approx(2 * days_needed(ARMS, drift))
    crowded = noisy._replace(control_per_day=3e6, pilot_per_day=1e6)
    assert days_needed(crowded, drift) == pytest.approx(days_needed(ARMS, drift), rel=1e-3)


def played(days: int, day_sd: float, runs: int = 4000) -> float:
    """Share of pilots played out at random in which the stated test sees the effect."""
    rng = np.random.default_rng(7)
    control = rng.binomial(300, 0.20, size=(runs, days)) / 300
    true = np.clip(0.25 + rng.normal(0.0, day_sd, size=(runs, days)), 0.0, 1.0)
    pilot = rng.binomial(100, true) / 100
    apart = (pilot - control).mean(axis=1)
    spread = math.sqrt((0.2 * 0.8 / 300 + 0.25 * 0.75 / 100 + day_sd**2) / days)
    return float(np.mean(apart / spread > norm.ppf(0.975)))


@pytest.mark.parametrize("day_sd", [0.0, 0.03])
def test_pilots_played_out_have_the_stated_power(day_sd: float) -> None:
    """Bernoulli customers in days with luck of their own: the stated power is met within three standard errors."""
    days = 8
    stated = power_of(ARMS._replace(day_variance=day_sd**2), days, 0.05)
    assert 0.5 < stated < 0.97
    assert played(days, day_sd) == pytest.approx(
        stated, abs=3 * math.sqrt(stated * (1 - stated) / 4000) + 0.01
    )


def test_ignoring_days_that_differ_overstates_power() -> None:
    """Were the day variance left out, the plan would promise far more than pilots played out give."""
    assert power_of(ARMS, 8, 0.05) - played(8, 0.06) > 0.15


def test_the_variance_between_days_is_recovered() -> None:
    """Days drawn around a mean with a known spread give it back; days alike give next to none."""
    rng = np.random.default_rng(3)
    n = np.full(4000, 500.0)
    spread = rng.binomial(500, rng.normal(0.3, 0.02, size=4000))
    alike = rng.binomial(500, 0.3, size=4000)
    assert between_day_variance(spread, n) == pytest.approx(0.02**2, rel=0.15)
    assert between_day_variance(alike, n) < 0.02**2 / 10


def test_what_a_day_does_to_both_arms_cancels() -> None:
    """Luck shared by both arms is no variance of the difference; luck of one arm is."""
    rng = np.random.default_rng(4)
    n = np.full(3000, 500.0)
    day = rng.normal(0.0, 0.04, size=3000)
    control = rng.binomial(500, 0.3 + day)
    shared = between_day_variance_of_difference((control, n), (rng.binomial(500, 0.35 + day), n))
    own = between_day_variance_of_difference((control, n), (rng.binomial(500, 0.35, size=3000), n))
    assert shared < 0.0003
    assert own == pytest.approx(0.04**2, rel=0.2)


@pytest.mark.parametrize("rising", [True, False])
def test_the_smallest_effect_is_the_one_that_needs_the_days(rising: bool) -> None:
    """At the smallest visible rise, and at the smallest fall, the days needed are the days there are."""
    drift = fixed_drift(0.05, 0.80)
    change = smallest_effect(ARMS, 10, drift, rising=rising)
    assert (change > 0.0) == rising
    assert days_needed(ARMS.with_effect(change), drift) == pytest.approx(10, rel=1e-6)


def test_the_holdout_is_the_smallest_that_still_sees_the_effect() -> None:
    """One step less would not do; an effect too small for half of the customers has no holdout."""
    drift = fixed_drift(0.05, 0.80)
    kept = smallest_share(ARMS, 20, drift)
    assert kept is not None
    assert (
        days_needed(ARMS.with_share(1 - kept), drift)
        <= 20
        < days_needed(ARMS.with_share(1.005 - kept), drift)
    )
    assert smallest_share(ARMS.with_effect(0.0001), 20, drift) is None


def test_an_arm_has_to_have_its_fewest_cases() -> None:
    """Where the formula asks for an hour, the days are those until the smaller arm has thirty; else it stands."""
    drift = fixed_drift(0.05, 0.80)
    plain = Arms(0.0, 0.95, 27.0, 3.0)
    assert days_needed(plain, drift) < 1
    assert days_needed(plain, drift, fewest=30) == pytest.approx(10.0)
    assert days_needed(ARMS, drift, fewest=30) == days_needed(ARMS, drift)
    assert smallest_share(plain, 11, drift) == 0.005
    assert smallest_share(plain, 11, drift, fewest=30) == pytest.approx(0.095)


def test_a_base_that_does_not_divide_as_the_customers_do_keeps_what_a_customer_brings() -> None:
    """Half of the piloted and a tenth of the others engage; of 1,000 a day, a quarter piloted."""
    arms = Arms(0.5, 0.6, 75.0, 125.0, share=0.25)
    even = arms.with_share(0.5)
    assert (even.control_per_day, even.pilot_per_day) == pytest.approx((50.0, 250.0))
    assert even.with_share(0.25) == pytest.approx(arms)


def test_no_effect_and_no_cases_are_refused() -> None:
    """A pilot cannot be large enough to see nothing, nor see anything in an empty arm."""
    with pytest.raises(BadInput, match="allowed is a difference"):
        days_needed(ARMS.with_effect(0.0), 2.8)
    with pytest.raises(BadInput, match="above 0 in both"):
        days_needed(ARMS.with_share(0.0), 2.8)
    with pytest.raises(BadInput, match="power: found 1"):
        fixed_drift(0.05, 1.0)
