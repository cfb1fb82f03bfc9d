"""Turn a uniform or standard normal draw into a duration, rounded once to integer milliseconds."""

from __future__ import annotations

from array import array
from math import exp, log, log1p, sqrt

import numpy as np


def exponential_ms(u: float, mean_s: float) -> int:
    """Exponential with the given mean, from a uniform draw in [0, 1)."""
    return round(-log1p(-u) * mean_s * 1000.0)


def lognormal_ms(z: float, median_s: float, sigma: float) -> int:
    """Lognormal by median and sigma of the logarithm, from a standard normal draw."""
    return round(median_s * exp(sigma * z) * 1000.0)


def lognormals_ms(z: np.ndarray, median_s: float, sigma: float) -> array[int]:
    """What `lognormal_ms` makes of each of many draws."""
    return array("q", np.rint(median_s * np.exp(sigma * z) * 1000.0).astype(np.int64).tobytes())


class Lognormal:
    """Lognormal by mean and coefficient of variation, as planners state handling times."""

    __slots__ = ("_mu", "_sigma")

    def __init__(self, mean_s: float, cv: float) -> None:
        """Convert once: sigma^2 = ln(1 + cv^2), mu = ln(mean) - sigma^2 / 2."""
        variance = log1p(cv * cv)
        self._sigma = sqrt(variance)
        self._mu = log(mean_s * 1000.0) - variance / 2.0 if mean_s > 0 else float("-inf")

    def ms(self, z: float) -> int:
        """Duration for a standard normal draw, milliseconds."""
        return round(exp(self._mu + self._sigma * z))


def picks(u: np.ndarray, shares: tuple[tuple[object, float], ...]) -> array[int]:
    """Which entry, by place, of a list of (value, share) each of many uniform draws falls on; shares sum to 1."""
    left, places = u, np.zeros(len(u), dtype=np.uint8)
    for _, share in shares[:-1]:
        left = left - share
        places += left >= 0.0
    return array("B", places.tobytes())
