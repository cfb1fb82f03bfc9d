from __future__ import annotations

from math import exp, log, sqrt

import numpy as np
import pytest

from sandbox.draws import Draws
from sandbox.simulation.distributions import Lognormal, exponential_ms, lognormal_ms, picks

MANY = 100_000
SIGMAS = 3.9  # one in ten thousand


def test_exponential_draws_have_their_mean_and_its_spread():
    """Mean 190 s and standard deviation 190 s, within chance; never negative."""
    sample = np.array([exponential_ms(u, 190.0) for u in Draws(1).uniforms("patience", 1, 0, MANY)])
    assert sample.min() >= 0
    assert sample.mean() == pytest.approx(190_000, abs=SIGMAS * 190_000 / sqrt(MANY))
    assert sample.std() == pytest.approx(190_000, rel=SIGMAS * sqrt(2.0 / MANY))


def test_an_exponential_draw_is_the_inverse_of_its_distribution():
    """The median is ln 2 of the mean, zero maps to zero, the largest draw stays finite."""
    assert exponential_ms(0.0, 100.0) == 0
    assert exponential_ms(0.5, 100.0) == round(log(2) * 100_000)
    assert exponential_ms(1.0 - 2**-53, 100.0) == round(53 * log(2) * 100_000)


@pytest.mark.parametrize(("mean_s", "cv"), [(240.0, 0.8), (360.0, 1.0), (255.0, 1.24), (100.0, 0.0)])
def test_a_lognormal_by_mean_has_that_mean_and_that_coefficient_of_variation(mean_s, cv):
    """Planners state handling time by mean and CV; both come back from the draws."""
    talk = Lognormal(mean_s, cv)
    sample = np.array([talk.ms(z) for z in Draws(1).normals("talk", 1, 0, MANY)])
    assert sample.mean() == pytest.approx(
        mean_s * 1000, abs=max(1.0, SIGMAS * cv * mean_s * 1000 / sqrt(MANY))
    )
    # The CV of a heavy-tailed sample spreads widely: at CV 1.24 its standard error is 2 % with this many.
    assert sample.std() / sample.mean() == pytest.approx(cv, rel=0.08)


def test_a_lognormal_by_mean_has_the_median_that_follows():
    """At the median draw: mean / sqrt(1 + cv^2)."""
    assert Lognormal(240.0, 0.8).ms(0.0) == round(240_000 / sqrt(1 + 0.8**2))


def test_no_handling_time_is_no_time():
    """A mean of zero switches the activity off."""
    assert Lognormal(0.0, 1.0).ms(3.0) == 0


def test_a_lognormal_by_median_is_half_below_it():
    """The median draw gives the median, one sigma up multiplies by e to the sigma."""
    assert lognormal_ms(0.0, 690.0, 1.5) == 690_000
    assert lognormal_ms(1.0, 690.0, 1.5) == round(690_000 * exp(1.5))


@pytest.mark.parametrize(
    ("u", "entry"),
    [(0.0, "a"), (0.249, "a"), (0.25, "b"), (0.749, "b"), (0.75, "d"), (0.9999999, "d")],
)
def test_a_share_is_picked_by_where_the_draw_falls(u, entry):
    """Shares are laid end to end; an entry without a share is never picked, the last takes what rounding leaves."""
    (place,) = picks(np.array([u]), (("a", 0.25), ("b", 0.5), ("c", 0.0), ("d", 0.25)))
    assert "abcd"[place] == entry
