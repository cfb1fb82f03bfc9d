"""Talk time by its shape against closed forms, from the same standard normal draw."""

from __future__ import annotations

from itertools import pairwise
from math import log, sqrt

import numpy as np
import pytest

from sandbox.draws import Draws
from sandbox.simulation.distributions import Lognormal
from sandbox.simulation.handling import ExponentialTalk, ObservedTalk, QuantileTalk

MANY = 100_000
SIGMAS = 3.9  # one in ten thousand
LOG = (30, 45, 45, 60, 120, 180, 240, 400, 900, 1_980)
QUARTILES = ((0, 10), (0.25, 60), (0.5, 120), (0.75, 300), (1, 1_800))

SHAPES = (Lognormal(240, 0.8), ExponentialTalk(240), ObservedTalk(LOG), QuantileTalk(QUARTILES))


def sample(talk) -> np.ndarray:
    """A hundred thousand talk times, seconds."""
    return np.array([talk.ms(z) for z in Draws(1).normals("talk", 1, 0, MANY)]) / 1_000


def test_exponential_talk_has_its_mean_its_spread_and_its_median():
    """Mean and standard deviation 240 s within chance; the median draw gives ln 2 of it."""
    found = sample(ExponentialTalk(240))
    assert found.mean() == pytest.approx(240, abs=SIGMAS * 240 / sqrt(MANY))
    assert found.std() == pytest.approx(240, rel=SIGMAS * sqrt(2.0 / MANY))
    assert ExponentialTalk(240).ms(0.0) == round(240_000 * log(2))


def test_exponential_talk_keeps_its_tail():
    """Six sigma up, where 1 - Phi is one in a billion, the time is still that many means, not a rounding."""
    assert ExponentialTalk(100).ms(6.0) == round(-log(9.865876450377018e-10) * 100_000)


def test_observed_calls_come_back_as_often_as_they_were_observed():
    """Each rank of the draw is one observation: each tenth of the callers has one, and the mean is theirs."""
    found = sample(ObservedTalk(LOG))
    assert ObservedTalk(LOG).mean_s == 400
    assert set(found) == {float(one) for one in LOG}
    assert found.mean() == pytest.approx(400, abs=SIGMAS * np.std(LOG) / sqrt(MANY))
    assert (found == 45).mean() == pytest.approx(0.2, abs=SIGMAS * sqrt(0.16 / MANY))


def test_observed_calls_give_their_own_mean_exactly_over_evenly_spread_callers():
    """One caller in the middle of each tenth: the sum is the sum of the log."""
    from scipy.stats import norm

    middles = [float(norm.ppf((place + 0.5) / len(LOG))) for place in range(len(LOG))]
    assert [ObservedTalk(LOG[::-1]).ms(z) for z in middles] == [one * 1_000 for one in LOG]


@pytest.mark.parametrize("talk", [ObservedTalk(LOG, 200), QuantileTalk(QUARTILES, 200)])
def test_a_stated_mean_stretches_what_was_observed(talk):
    """The log gives the shape, the setting the level: half the mean is half of every time."""
    own = type(talk)(LOG if isinstance(talk, ObservedTalk) else QUARTILES)
    assert sample(talk).mean() == pytest.approx(200, rel=0.02)
    for z in (-2.0, -0.3, 0.0, 1.1, 3.0):
        assert talk.ms(z) == pytest.approx(own.ms(z) * 200 / own.mean_s, abs=1)


def test_quantiles_come_back_and_lie_on_straight_lines():
    """The median is the median, half way between two quantiles is half of both; the mean is that of the middles."""
    talk = QuantileTalk(QUARTILES)
    assert talk.ms(0.0) == 120_000
    assert talk.mean_s == 0.25 * (35 + 90 + 210 + 1_050)
    found = np.sort(sample(talk))
    assert found.mean() == pytest.approx(talk.mean_s, abs=SIGMAS * found.std() / sqrt(MANY))
    assert found[int(0.875 * MANY)] == pytest.approx(1_050, rel=0.03)
    assert found[0] >= 10
    assert found[-1] <= 1_800


@pytest.mark.parametrize("talk", SHAPES)
def test_a_long_story_is_long_under_every_shape(talk):
    """Time rises with the draw, so the same callers stay the longest whatever the shape."""
    times = [talk.ms(z) for z in sorted(Draws(3).normals("talk", 1, 0, 2_000).tolist())]
    assert all(shorter <= longer for shorter, longer in pairwise(times))
    assert talk.ms(-8.6) <= talk.ms(8.6)
