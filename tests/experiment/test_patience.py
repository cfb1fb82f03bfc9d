"""Patience under censoring: against SciPy's censored fits, and on waits drawn from known parameters."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from sandbox.errors import BadInput, RuleBroken
from sandbox.experiment.patience import (
    bands_log_likelihood,
    exponential_log_likelihood,
    hazard_bands,
    information_criterion,
    weibull_censored,
)
from sandbox.simulation.hazard import Piece, PiecewiseHazard


def waits(patience: np.ndarray, offered: np.ndarray) -> tuple[list[float], list[float]]:
    """Who left and who was answered, when patience runs against the wait that was offered."""
    gone = patience < offered
    return patience[gone].tolist(), offered[~gone].tolist()


def test_the_weibull_fit_is_scipys() -> None:
    """Shape, scale and log-likelihood agree with SciPy's general-purpose censored fit."""
    generator = np.random.default_rng(7)
    left, answered = waits(generator.weibull(0.8, 400) * 300, generator.exponential(150, 400))
    fit = weibull_censored(left, answered)
    assert fit is not None
    data = stats.CensoredData(uncensored=left, right=answered)
    shape, _, scale = stats.weibull_min.fit(data, floc=0)
    assert fit.shape == pytest.approx(shape, rel=2e-3)
    assert fit.scale_s == pytest.approx(scale, rel=2e-3)
    exact = stats.weibull_min(fit.shape, scale=fit.scale_s)
    assert fit.log_likelihood == pytest.approx(exact.logpdf(left).sum() + exact.logsf(answered).sum())
    assert fit.mean_s == pytest.approx(exact.mean())
    assert fit.median_s == pytest.approx(exact.median())


def test_the_weibull_fit_recovers_what_drew_the_waits() -> None:
    """With 20,000 callers the true shape and scale come back within three standard errors or so."""
    generator = np.random.default_rng(3)
    left, answered = waits(generator.weibull(1.3, 20_000) * 240, generator.exponential(120, 20_000))
    fit = weibull_censored(left, answered)
    assert fit is not None
    assert fit.shape == pytest.approx(1.3, abs=0.04)
    assert fit.scale_s == pytest.approx(240, rel=0.05)


def test_exponential_waits_have_a_weibull_of_shape_one_and_no_better_criterion() -> None:
    """Where the hazard is constant the extra parameter buys next to nothing."""
    generator = np.random.default_rng(5)
    left, answered = waits(generator.exponential(300, 20_000), generator.exponential(100, 20_000))
    fit = weibull_censored(left, answered)
    assert fit is not None
    assert fit.shape == pytest.approx(1.0, abs=0.03)
    waited = sum(left) + sum(answered)
    exponential = exponential_log_likelihood(len(left), waited)
    exact = stats.expon(scale=waited / len(left))
    assert exponential == pytest.approx(exact.logpdf(left).sum() + exact.logsf(answered).sum())
    assert abs(information_criterion(exponential, 1) - information_criterion(fit.log_likelihood, 2)) < 6


def test_the_bands_recover_a_hazard_with_a_bump() -> None:
    """A hazard that is high at first, low, and high again at an announcement comes back band by band."""
    truth = PiecewiseHazard([Piece(20, 4.0), Piece(45, 2.0), Piece(60, 6.0), Piece(None, 1.5)])
    generator = np.random.default_rng(11)
    patience = np.array([truth.ms(u) / 1000 for u in generator.random(60_000)])
    left, answered = waits(patience, generator.exponential(90, 60_000))
    bands = hazard_bands(left, answered, edges_s=(0, 20, 45, 60))
    assert [(band.from_s, band.until_s) for band in bands] == [(0, 20), (20, 45), (45, 60), (60, None)]
    assert [band.per_1000_s for band in bands] == pytest.approx([4.0, 2.0, 6.0, 1.5], rel=0.06)
    assert bands_log_likelihood(bands) > exponential_log_likelihood(len(left), sum(left) + sum(answered))


def test_bands_by_hand() -> None:
    """Three leavers and two answered over two bands: exposure is what each waited within a band."""
    bands = hazard_bands([5, 10, 30], [10, 40], edges_s=(0, 10), least=1)
    assert [(band.leavers, band.waited_s) for band in bands] == [(2, 45.0), (1, 50.0)]
    assert bands[0].per_1000_s == pytest.approx(2000 / 45)


def test_thin_bands_join_the_one_before_and_keep_every_leaver() -> None:
    """No band is left with fewer than asked, and leavers and waits still add up."""
    left, answered = [1.0] * 60 + [15.0] * 10 + [200.0] * 55, [50.0] * 100
    bands = hazard_bands(left, answered)
    assert all(band.leavers >= 50 for band in bands)
    assert sum(band.leavers for band in bands) == 125
    assert math.fsum(band.waited_s for band in bands) == pytest.approx(sum(left) + sum(answered))
    assert bands[0].from_s == 0
    assert bands[-1].until_s is None


def test_waits_of_nothing_say_nothing_of_the_shape() -> None:
    """Calls answered or lost at 0 s change neither fit; nobody left, or always after one wait, gives none."""
    assert weibull_censored([3, 9, 0], [0, 5, 0]) == weibull_censored([3, 9], [5])
    assert hazard_bands([3, 9, 0], [0, 5], least=1) == hazard_bands([3, 9], [5], least=1)
    assert weibull_censored([], [5, 6]) is None
    assert weibull_censored([4, 4], [9]) is None
    assert hazard_bands([], [5]) == []


def test_impossible_waits_and_edges_are_refused() -> None:
    """A negative wait is our bug; edges that do not rise from 0 are the caller's."""
    with pytest.raises(RuleBroken):
        weibull_censored([-1, 4], [2])
    with pytest.raises(BadInput, match="rising from 0"):
        hazard_bands([1], [2], edges_s=(5, 10))
