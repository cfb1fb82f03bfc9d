"""Small fits against SciPy, closed forms and data drawn from known parameters."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from sandbox.errors import RuleBroken
from sandbox.experiment.fits import (
    elasticity,
    lognormal_fit,
    share_over_days,
    spread_beyond_poisson,
    variance_to_mean,
    wilson,
)


def test_the_lognormal_fit_is_scipys_maximum_likelihood() -> None:
    """Mu and sigma are SciPy's with the location held at 0; mean and CV follow."""
    times = np.random.default_rng(1).lognormal(4.8, 0.93, 5_000)
    fit = lognormal_fit(times.tolist())
    assert fit is not None
    sigma, _, scale = stats.lognorm.fit(times, floc=0)
    assert fit.sigma == pytest.approx(sigma, rel=1e-5)
    assert fit.mu == pytest.approx(np.log(scale), rel=1e-5)
    exact = stats.lognorm(sigma, scale=scale)
    assert fit.mean == pytest.approx(exact.mean(), rel=1e-4)
    assert fit.cv == pytest.approx(exact.std() / exact.mean(), rel=1e-4)
    assert fit.sigma_low < 0.93 < fit.sigma_high


def test_the_interval_of_sigma_holds_the_truth_as_often_as_it_says() -> None:
    """Of 400 samples from one lognormal, about 95 % of the intervals hold its sigma."""
    generator = np.random.default_rng(2)
    held = 0
    for _ in range(400):
        fit = lognormal_fit(generator.lognormal(5, 0.8, 200).tolist())
        assert fit is not None
        held += fit.sigma_low <= 0.8 <= fit.sigma_high
    assert 0.91 <= held / 400 <= 0.98


def test_too_few_or_impossible_times_have_no_lognormal() -> None:
    """One time has no spread; a time of 0 has no logarithm."""
    assert lognormal_fit([12.0]) is None
    with pytest.raises(RuleBroken):
        lognormal_fit([0.0, 3.0])


@pytest.mark.parametrize(("hits", "base"), [(0, 10), (10, 10), (3, 17), (1, 2_000), (985, 1_000)])
def test_the_wilson_interval_is_scipys(hits: int, base: int) -> None:
    """Both ends agree with SciPy's, at the edges too."""
    ends = stats.binomtest(hits, base).proportion_ci(method="wilson")
    assert wilson(hits, base) == pytest.approx((ends.low, ends.high), abs=1e-9)


def test_days_that_differ_widen_the_interval_and_alike_ones_do_not() -> None:
    """Binomial days have a dispersion about 1; days with rates of their own have more, and a wider interval."""
    generator = np.random.default_rng(4)
    bases = [1_000] * 60
    alike = share_over_days(generator.binomial(1_000, 0.2, 60).tolist(), bases)
    apart = share_over_days([int(generator.binomial(1_000, p)) for p in generator.beta(20, 80, 60)], bases)
    assert alike.dispersion == pytest.approx(1.0, abs=0.4)
    assert apart.dispersion is not None
    assert apart.dispersion > 4
    assert apart.high - apart.low > 1.8 * (alike.high - alike.low)  # type: ignore[operator]


def test_a_share_by_hand() -> None:
    """Two days of 10: 2 and 6 of them; Pearson's chi-squared is 16 / 4.8 over one degree of freedom."""
    share = share_over_days([2, 6, 0], [10, 10, 0])
    assert (share.hits, share.base, share.value) == (8, 20, 0.4)
    assert share.dispersion == pytest.approx(8 / 2.4)
    assert share_over_days([0], [0]).value is None
    assert share_over_days([3], [9]).dispersion is None


def test_poisson_counts_vary_as_much_as_their_mean_and_levels_more() -> None:
    """The ratio is about 1 for Poisson half hours, and above it once whole days have a level of their own."""
    generator = np.random.default_rng(5)
    profile = np.linspace(5, 40, 20)
    assert variance_to_mean(generator.poisson(profile, (300, 20)).tolist()) == pytest.approx(1.0, abs=0.1)
    levels = generator.gamma(1 / 0.04, 0.04, 300)[:, None]  # coefficient of variation 0.2
    apart = variance_to_mean(generator.poisson(profile * levels).tolist())
    assert apart == pytest.approx(1 + 0.04 * (profile**2).sum() / profile.sum(), rel=0.15)
    assert variance_to_mean([[1, 2]]) is None


def test_the_spread_of_days_is_net_of_poisson_noise() -> None:
    """A gamma level of 0.2 comes back through Poisson counts; without one hardly anything is left."""
    generator = np.random.default_rng(6)
    counts = generator.poisson(1_400 * generator.gamma(25, 1 / 25, 800)).tolist()
    assert spread_beyond_poisson(counts, [1_400.0] * 800) == pytest.approx(0.2, abs=0.02)
    assert spread_beyond_poisson(generator.poisson(1_400, 800).tolist(), [1_400.0] * 800) < 0.01
    assert spread_beyond_poisson([7.0], [7.0]) == 0.0


def test_an_elasticity_is_the_slope_of_logarithms_kept_between_nought_and_one() -> None:
    """Points on a power law give it back; a falling or steeper law is held at the ends; few points give a mean."""
    x = [0.5, 0.8, 1.0, 1.4, 2.0]
    fit = elasticity(x, [1.2 * value**0.6 for value in x])
    assert (fit.exponent, fit.level) == pytest.approx((0.6, 1.2))
    assert fit.at(3.0) == pytest.approx(1.2 * 3**0.6)
    assert elasticity(x, [1 / value for value in x]).exponent == 0.0
    assert elasticity(x, [value**2 for value in x]).exponent == 1.0
    few = elasticity([1.0, 2.0], [1.0, 4.0])
    assert (few.exponent, few.level) == pytest.approx((0.0, 2.0))
    with pytest.raises(RuleBroken):
        elasticity([], [])
