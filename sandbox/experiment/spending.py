"""When a pilot may be stopped early for its effect: two-sided group-sequential boundaries by alpha spending.

Looking at a result several times and stopping at the first that seems significant finds differences that are not
there. A spending function says how much of alpha may have been used by each look; the boundary follows from it and
keeps the whole test at alpha (K. K. G. Lan and D. L. DeMets, "Discrete sequential boundaries for clinical trials",
Biometrika 70, 1983, 659-663). Crossing probabilities come from the recursion of P. Armitage, C. K. McPherson and
B. C. Rowe, "Repeated significance tests on accumulating data", Journal of the Royal Statistical Society A 132, 1969,
235-244, integrated on Gauss-Legendre nodes.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import lru_cache
from itertools import pairwise
from statistics import NormalDist
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from sandbox.errors import BadInput

_NODES = 100
"""Integration nodes between the boundaries; 200 give the same boundary to six digits."""

_Z_MAX = 9.0
"""A boundary further out is never crossed (less than one chance in 10**18)."""

_NORMAL = NormalDist()

Spending = Callable[[float, float], float]
"""From (information fraction, alpha) to alpha spent by then; 0 at 0 and alpha at 1."""

Column = npt.NDArray[np.float64]


class Look(NamedTuple):
    """One look at the result.

    Attributes:
        fraction: information gathered by then, 0..1.
        spent: alpha spent by then, this look included.
        z: stop when the difference stands this many standard errors or more from nought, on either side.
    """

    fraction: float
    spent: float
    z: float

    @property
    def nominal_p(self) -> float:
        """Two-sided p-value at the boundary."""
        return 2.0 * _NORMAL.cdf(-self.z)


def obrien_fleming(fraction: float, alpha: float) -> float:
    """Alpha spent like O'Brien and Fleming's boundary: next to nothing early, nearly all at the end."""
    if fraction <= 0.0:
        return 0.0
    # Each side spends alpha / 2 by Lan and DeMets' formula for a one-sided test.
    line = _NORMAL.inv_cdf(1.0 - alpha / 4.0)
    return 4.0 * _NORMAL.cdf(-line / math.sqrt(min(fraction, 1.0)))


def linear(fraction: float, alpha: float) -> float:
    """Alpha spent in proportion to information: for harm, which should be seen early (Kim and DeMets 1987, rho 1)."""
    return alpha * min(max(fraction, 0.0), 1.0)


def boundaries(
    fractions: Sequence[float], alpha: float, spending: Spending = obrien_fleming
) -> tuple[Look, ...]:
    """Return the two-sided boundary at each look.

    Args:
        fractions: information by each look, rising, above 0, the last 1.
        alpha: two-sided level of the whole test.
        spending: see `Spending`.

    Raises:
        BadInput: the fractions or alpha are not as asked.
    """
    _check(fractions, alpha)
    looks: list[Look] = []
    walk = _Walk(0.0)
    before = 0.0
    for fraction in fractions:
        spent = spending(fraction, alpha)
        z = _solve(lambda z, at=fraction: walk.leaving(at, z)[0], spent - before)  # type: ignore[misc]
        walk.go_on(fraction, z)
        looks.append(Look(fraction, spent, z))
        before = spent
    return tuple(looks)


def crossing(looks: Sequence[Look], drift: float = 0.0) -> list[tuple[float, float]]:
    """Chance to stop at each look: (on either side, on the upper side).

    Args:
        looks: boundaries.
        drift: expected z at full information; 0 is no difference at all.
    """
    walk, found = _Walk(drift), []
    for look in looks:
        found.append(walk.leaving(look.fraction, look.z))
        walk.go_on(look.fraction, look.z)
    return found


def drift_for(looks: Sequence[Look], power: float) -> float:
    """Expected z at full information with which the boundaries are crossed on its own side with this chance.

    Raises:
        BadInput: power is not between 0 and 1.
    """
    if not 0.0 < power < 1.0:
        raise BadInput([f"power: found {power!r}; allowed is above 0 and below 1"])
    low, high = 0.0, 20.0
    for _ in range(30):
        middle = (low + high) / 2.0
        if math.fsum(upper for _, upper in crossing(looks, middle)) < power:
            low = middle
        else:
            high = middle
    return high


class _Walk:
    """The score's density at the last look among paths that have not stopped."""

    def __init__(self, drift: float) -> None:
        self._drift = drift
        self._at = 0.0
        self._scores: Column = np.zeros(1)
        self._weights: Column = np.ones(1)

    def leaving(self, fraction: float, z: float) -> tuple[float, float]:
        """Chance to stand at or beyond +-z at this look, not having stopped before; and the upper part of it."""
        from scipy.special import ndtr  # type: ignore[import-untyped]  # late: start-up time

        step = fraction - self._at
        edge, middle, spread = z * math.sqrt(fraction), self._scores + self._drift * step, math.sqrt(step)
        upper = float(self._weights @ ndtr((middle - edge) / spread))
        lower = float(self._weights @ ndtr((-edge - middle) / spread))
        return upper + lower, upper

    def go_on(self, fraction: float, z: float) -> None:
        """Keep the paths inside +-z at this look."""
        step = fraction - self._at
        edge = z * math.sqrt(fraction)
        nodes, weights = _quadrature()
        scores: Column = nodes * edge
        middle = self._scores + self._drift * step
        gaps = (scores[:, None] - middle[None, :]) / math.sqrt(step)
        density = np.exp(-0.5 * gaps**2) @ self._weights / math.sqrt(2.0 * math.pi * step)
        self._scores, self._weights, self._at = scores, weights * edge * density, fraction


@lru_cache(maxsize=1)
def _quadrature() -> tuple[Column, Column]:
    nodes, weights = np.polynomial.legendre.leggauss(_NODES)
    return nodes, weights


def _solve(chance: Callable[[float], float], wanted: float) -> float:
    """The boundary left with the wanted chance; the chance falls as the boundary rises."""
    low, high = 0.0, _Z_MAX
    for _ in range(40):
        middle = (low + high) / 2.0
        if chance(middle) > wanted:
            low = middle
        else:
            high = middle
    return high


def _check(fractions: Sequence[float], alpha: float) -> None:
    rising = all(0.0 < a < b for a, b in pairwise(fractions))
    if not fractions or not rising or not fractions[0] > 0.0 or abs(fractions[-1] - 1.0) > 1e-9:
        raise BadInput(
            [f"looks: found {list(fractions)}; allowed is rising fractions above 0 that end with 1"]
        )
    if not 0.0 < alpha < 1.0:
        raise BadInput([f"alpha: found {alpha!r}; allowed is above 0 and below 1"])
