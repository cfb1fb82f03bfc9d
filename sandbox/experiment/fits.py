"""Small fits to counts and times: lognormal, shares with their intervals, and how much days differ."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from sandbox.errors import RuleBroken

Z_95 = 1.959963984540054
"""Normal quantile of a two-sided 95 % interval."""


class LognormalFit(NamedTuple):
    """A lognormal by maximum likelihood: mean and standard deviation of the logarithms.

    Attributes:
        n: values it rests on.
        mu: mean of the logarithms of seconds.
        sigma: their standard deviation (divisor n).
        sigma_low, sigma_high: large-sample 95 % interval of sigma.
    """

    n: int
    mu: float
    sigma: float
    sigma_low: float
    sigma_high: float

    @property
    def mean(self) -> float:
        """Mean of the distribution, in the unit of the values."""
        return math.exp(self.mu + self.sigma**2 / 2.0)

    @property
    def cv(self) -> float:
        """Coefficient of variation of the distribution."""
        return math.sqrt(math.expm1(self.sigma**2))


class Share(NamedTuple):
    """A share with its 95 % interval.

    Attributes:
        hits, base: counts.
        value, low, high: 0..1; None without a base.
        dispersion: how many times more the share varies from day to day than a coin of the same share would; None
            with fewer than two days. The interval is widened by its root where it is above 1.
    """

    hits: int
    base: int
    value: float | None
    low: float | None
    high: float | None
    dispersion: float | None


def lognormal_fit(values: Sequence[float]) -> LognormalFit | None:
    """Fit a lognormal; None with fewer than two values.

    Raises:
        RuleBroken: a value is not above 0.
    """
    if len(values) < 2:
        return None
    if not np.greater(values, 0).all():
        raise RuleBroken("a lognormal needs values above 0")
    logs = np.log(np.asarray(values, dtype=float))
    sigma = float(logs.std())
    spread = Z_95 / math.sqrt(2.0 * len(logs))
    return LognormalFit(len(logs), float(logs.mean()), sigma, sigma * (1.0 - spread), sigma * (1.0 + spread))


def wilson(hits: int, base: int, widened: float = 1.0) -> tuple[float, float]:
    """95 % interval of a share (Wilson, JASA 22, 1927): inside 0..1 and honest near both ends.

    Args:
        hits: how many did, 0 to `base`.
        base: out of how many, at least 1.
        widened: factor on the variance, at least 1: counts that vary more than a coin are worth fewer.

    Raises:
        RuleBroken: the counts are no share.
    """
    if base < 1 or not 0 <= hits <= base:
        raise RuleBroken(f"{hits!r} of {base!r} is no share")
    n, share = base / max(1.0, widened), hits / base
    squared = Z_95 * Z_95
    centre = (share + squared / (2.0 * n)) / (1.0 + squared / n)
    half = Z_95 / (1.0 + squared / n) * math.sqrt(share * (1.0 - share) / n + squared / (4.0 * n * n))
    return max(0.0, centre - half), min(1.0, centre + half)


def share_over_days(hits: Sequence[int], bases: Sequence[int]) -> Share:
    """A share from daily counts, its interval widened by what the days differ beyond chance.

    The dispersion is Pearson's chi-squared over its degrees of freedom, the quasi-binomial's (McCullagh and Nelder,
    "Generalized Linear Models", 1989, section 4.5). Days without a base are passed over.

    Args:
        hits: per day, how many did.
        bases: per day, out of how many.

    Raises:
        RuleBroken: lengths differ, or the counts are no share.
    """
    days = [(hit, base) for hit, base in zip(hits, bases, strict=True) if base]
    hit, base = sum(h for h, _ in days), sum(b for _, b in days)
    if not base:
        return Share(0, 0, None, None, None, None)
    share = hit / base
    dispersion = None
    if len(days) > 1:
        variance = share * (1.0 - share)
        squares = math.fsum((h - b * share) ** 2 / (b * variance) for h, b in days) if variance else 0.0
        dispersion = squares / (len(days) - 1)
    low, high = wilson(hit, base, dispersion or 1.0)
    return Share(hit, base, share, low, high, dispersion)


def variance_to_mean(table: Sequence[Sequence[float]]) -> float | None:
    """How many times more counts of one cell differ from day to day than Poisson counts would.

    Args:
        table: a row a day, a column a cell (a half hour); cells without any count are passed over.

    Returns:
        Variance over mean, averaged over the cells by their mean; 1 for Poisson counts, None with fewer than two
        days.
    """
    if len(table) < 2:
        return None
    counts = np.asarray(table, dtype=float)
    total = counts.mean(axis=0).sum()
    return float(counts.var(axis=0, ddof=1).sum() / total) if total else None


def spread_beyond_poisson(counts: Sequence[float], expected: Sequence[float], groups: int = 1) -> float:
    """Coefficient of variation of a day's level, net of what Poisson counts alone would show.

    Args:
        counts: calls of each day.
        expected: what a day of its kind shows on average, above 0.
        groups: kinds of day whose averages were taken from the same counts.

    Returns:
        0 where the days differ no more than Poisson counts, or there are too few to tell.
    """
    freedom = len(counts) - groups
    if freedom < 1:
        return 0.0
    factors = [seen / usual for seen, usual in zip(counts, expected, strict=True)]
    variance = math.fsum((factor - 1.0) ** 2 for factor in factors) / freedom
    noise = math.fsum(1.0 / usual for usual in expected) / len(expected)
    return math.sqrt(max(0.0, variance - noise))


class Elasticity(NamedTuple):
    """How one quantity follows another in proportion: y = level * x ** exponent.

    Attributes:
        exponent: 0 where it does not follow, 1 where it keeps pace.
        level: y where x is 1.
    """

    exponent: float
    level: float

    def at(self, x: float) -> float:
        """The fitted y at an x above 0."""
        return self.level * math.pow(x, self.exponent)


def elasticity(x: Sequence[float], y: Sequence[float], least: int = 4) -> Elasticity:
    """Fit it by least squares of the logarithms, the exponent kept between 0 and 1.

    Args:
        x: above 0.
        y: above 0, one for each x.
        least: fewer points than this, or points of one x only, give the geometric mean of y and an exponent of 0.

    Raises:
        RuleBroken: nothing to fit, lengths differ, or a number is not above 0.
    """
    if not x or len(x) != len(y) or not (np.greater(x, 0).all() and np.greater(y, 0).all()):
        raise RuleBroken("an elasticity needs pairs of numbers above 0")
    across, up = np.log(np.asarray(x, dtype=float)), np.log(np.asarray(y, dtype=float))
    spread = float(((across - across.mean()) ** 2).sum())
    exponent = 0.0
    if len(x) >= least and spread > 0.0:
        slope = float(((across - across.mean()) * (up - up.mean())).sum()) / spread
        exponent = min(1.0, max(0.0, slope))
    return Elasticity(exponent, math.exp(float(up.mean()) - exponent * float(across.mean())))
