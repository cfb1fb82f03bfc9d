"""What a share of counted things proves by itself, however alike its days were.

Days without a single event agree, and their spread is nought; ten successes out of ten still do not prove 98 %.
The exact interval of C. J. Clopper and E. S. Pearson ("The use of confidence or fiducial limits illustrated in the
case of the binomial", Biometrika 26, 1934) asks which true shares would leave so few, or so many, by chance alone.
"""

from __future__ import annotations

import math
from functools import lru_cache

from sandbox.errors import RuleBroken

_STEPS = 200
"""Newton's steps settle in about ten; where one would leave the bracket it is halved, as in plain bisection."""

_FRACTION_TERMS = 100_000
"""Terms of the continued fraction; it needs about the square root of the larger parameter."""


@lru_cache(maxsize=4096)
def exact_share_interval(events: int, base: int, level: float) -> tuple[float, float]:
    """Clopper-Pearson interval of `events` out of `base`.

    Args:
        events: what was counted, from 0 to `base`.
        base: out of how many, at least 1.
        level: two-sided confidence level, above 0 and below 1; each end leaves out half of the rest.

    Raises:
        RuleBroken: `events` is not within 0 to `base`, or `base` is below 1.
    """
    if not 0 <= events <= base or base < 1:
        raise RuleBroken(f"{events} events out of {base}")
    tail = (1.0 - level) / 2.0
    low = _beta_quantile(tail, events, base - events + 1) if events else 0.0
    high = 1.0 - _beta_quantile(tail, base - events, events + 1) if events < base else 1.0
    return low, high


def _beta_quantile(chance: float, a: int, b: int) -> float:
    """Where the beta distribution with whole parameters has `chance` below it."""
    if b == 1:
        return math.exp(math.log(chance) / a)
    if a == 1:
        return -math.expm1(math.log1p(-chance) / b)
    low, high = 0.0, 1.0
    x = a / (a + b)
    scale = math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b)
    for _ in range(_STEPS):
        apart = beta_below(x, a, b) - chance
        low, high = (x, high) if apart < 0.0 else (low, x)
        density = math.exp(scale + (a - 1) * math.log(x) + (b - 1) * math.log1p(-x))
        following = x - apart / density if density > 0.0 else low
        if not low < following < high:
            following = (low + high) / 2.0
        if abs(following - x) <= 1e-13 * x:
            return following
        x = following
    return x


def beta_below(x: float, a: float, b: float) -> float:
    """Regularised incomplete beta function I_x(a, b), the chance that a beta variable is at most `x`.

    SciPy has it too; loading SciPy costs every command more time than all its quantiles together.

    Args:
        x: from 0 to 1.
        a: above 0.
        b: above 0.
    """
    if x <= 0.0 or x >= 1.0:
        return 0.0 if x <= 0.0 else 1.0
    if x > (a + 1.0) / (a + b + 2.0):  # the fraction converges quickly on this side of the mean only
        return 1.0 - beta_below(1.0 - x, b, a)
    front = math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log1p(-x)
    return math.exp(front) * _continued_fraction(x, a, b) / a


def _continued_fraction(x: float, a: float, b: float) -> float:
    """Lentz's way through the fraction of the incomplete beta function (DLMF 8.17.22)."""
    tiny = 1e-300
    c, d = 1.0, 1.0 / (1.0 - (a + b) * x / (a + 1.0) or tiny)
    found = d
    for m in range(1, _FRACTION_TERMS):
        for term in (
            m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)),
            -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)),
        ):
            d = 1.0 / (1.0 + term * d or tiny)
            c = 1.0 + term / c or tiny
            found *= c * d
        if abs(c * d - 1.0) < 1e-14:
            return found
    raise RuleBroken(f"incomplete beta function at {x!r} ({a!r}, {b!r}) did not settle")
