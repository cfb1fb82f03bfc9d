"""How long callers are ready to wait, from waits of which most were cut off by an answer.

An answered caller shows patience of at least their wait and no more: their wait is censored, not dropped. Three
shapes are fitted by maximum likelihood under that censoring: exponential (`survival.exponential_mean_censored`),
Weibull, and a hazard of leaving that is constant within bands of the wait. That the hazard of real callers is not
constant, and that censoring must be undone: Brown, Gans, Mandelbaum, Sakov, Shen, Zeltyn, Zhao, JASA 100(469), 2005.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from sandbox.errors import BadInput, RuleBroken

BAND_EDGES_S = (0, 10, 20, 30, 45, 60, 90, 120, 180, 240, 300, 420, 600)
"""Where bands of the wait may begin, seconds: fine where announcements come, wide where few are left."""

BAND_LEAVERS = 50
"""Fewest leavers in a band; 50 leave a standard error of 14 % of its hazard. Thinner bands join the one before."""

_SHAPE_LEAST, _SHAPE_MOST = 0.05, 20.0
_SHAPE_STEPS = 200


class WeibullFit(NamedTuple):
    """Patience with survival exp(-(t / scale) ** shape); a shape below 1 means the hazard falls with the wait.

    Attributes:
        shape: no unit.
        scale_s: seconds.
        mean_s: seconds.
        median_s: seconds.
        log_likelihood: of the waits above 0.
    """

    shape: float
    scale_s: float
    mean_s: float
    median_s: float
    log_likelihood: float


class Band(NamedTuple):
    """The hazard of leaving in one band of the wait.

    Attributes:
        from_s: where it begins, seconds of waiting.
        until_s: where it ends; None for the last band.
        leavers: callers who left in it.
        waited_s: time all callers together waited in it, seconds.
    """

    from_s: float
    until_s: float | None
    leavers: int
    waited_s: float

    @property
    def per_1000_s(self) -> float:
        """Leavers per 1,000 seconds waited, the maximum-likelihood hazard."""
        return 1000.0 * self.leavers / self.waited_s


def weibull_censored(left: Sequence[float], answered: Sequence[float]) -> WeibullFit | None:
    """Fit a Weibull distribution to waits; waits of 0 say nothing of its shape and are passed over.

    The shape solves the likelihood equation in one unknown, the scale follows (Kalbfleisch and Prentice, "The
    Statistical Analysis of Failure Time Data", 2002, section 3.3).

    Args:
        left: waits of callers who left, seconds.
        answered: waits of callers who were answered, seconds.

    Returns:
        The fit, or None with fewer than two different waits of leavers above 0.

    Raises:
        RuleBroken: a wait is negative or not a number.
    """
    gone, kept = _above_zero(left), _above_zero(answered)
    if len(np.unique(gone)) < 2:
        return None
    waits = np.concatenate([gone, kept])
    logs, mean_log = np.log(waits), float(np.log(gone).mean())
    largest = float(logs.max())

    def slope(shape: float) -> float:
        weights = np.exp(shape * (logs - largest))
        return float((weights * logs).sum() / weights.sum()) - 1.0 / shape - mean_log

    shape = _root(slope)
    scaled = float(np.exp(shape * (logs - largest)).sum()) / len(gone)
    scale = math.exp(largest) * scaled ** (1.0 / shape)
    leavers = len(gone)
    log_likelihood = (
        leavers * (math.log(shape) - shape * math.log(scale)) + (shape - 1.0) * mean_log * leavers - leavers
    )
    return WeibullFit(
        shape,
        scale,
        scale * math.gamma(1.0 + 1.0 / shape),
        scale * math.log(2.0) ** (1.0 / shape),
        log_likelihood,
    )


def hazard_bands(
    left: Sequence[float],
    answered: Sequence[float],
    edges_s: Sequence[float] = BAND_EDGES_S,
    least: int = BAND_LEAVERS,
) -> list[Band]:
    """Hazard of leaving by band of the wait; bands with too few leavers are joined to the one before.

    Leavers of all bands over their hazards give back the waits, so the fit keeps the number of leavers exactly.

    Args:
        left: waits of callers who left, seconds.
        answered: waits of callers who were answered, seconds.
        edges_s: where bands begin, rising from 0; the last has no end.
        least: fewest leavers in a band.

    Returns:
        The bands in order; empty when nobody left after a wait.

    Raises:
        BadInput: the edges do not rise from 0.
        RuleBroken: a wait is negative or not a number.
    """
    if not edges_s or edges_s[0] != 0 or any(b <= a for a, b in pairwise(edges_s)):
        raise BadInput([f"edges_s: found {list(edges_s)}; allowed: seconds rising from 0"])
    gone, kept = _above_zero(left), _above_zero(answered)
    if not len(gone):
        return []
    waits = np.concatenate([gone, kept])
    bands: list[Band] = []
    for low, high in pairwise([*edges_s, math.inf]):
        # A wait that ends on an edge was at risk up to it, so it belongs to the band before.
        leavers = int(((gone > low) & (gone <= high)).sum())
        waited = float(np.clip(waits - low, 0.0, high - low).sum())
        band = Band(low, None if math.isinf(high) else high, leavers, waited)
        if bands and (leavers < least or bands[-1].leavers < least):
            before = bands.pop()
            band = Band(before.from_s, band.until_s, before.leavers + leavers, before.waited_s + waited)
        bands.append(band)
    return bands


def exponential_log_likelihood(leavers: int, waited_s: float) -> float:
    """Log-likelihood of the exponential at its maximum."""
    return leavers * (math.log(leavers / waited_s) - 1.0)


def bands_log_likelihood(bands: Sequence[Band]) -> float:
    """Log-likelihood of a banded hazard at its maximum: each band is an exponential of its own."""
    return math.fsum(
        exponential_log_likelihood(band.leavers, band.waited_s) for band in bands if band.leavers
    )


def information_criterion(log_likelihood: float, parameters: int) -> float:
    """Akaike's criterion; of fits to the same waits the smallest describes them best for its parameters."""
    return 2.0 * parameters - 2.0 * log_likelihood


def _above_zero(waits: Sequence[float]) -> np.ndarray:
    values = np.asarray(waits, dtype=float)
    if not np.greater_equal(values, 0).all():
        raise RuleBroken("a wait is negative or not a number")
    return values[values > 0]


def _root(slope: Callable[[float], float]) -> float:
    """Where a rising function crosses 0, by bisection between the least and the greatest shape believed."""
    low, high = _SHAPE_LEAST, _SHAPE_MOST
    for _ in range(_SHAPE_STEPS):
        middle = (low + high) / 2.0
        if middle in {low, high}:
            break
        low, high = (middle, high) if slope(middle) < 0.0 else (low, middle)
    return (low + high) / 2.0
