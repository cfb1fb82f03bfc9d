"""How long a call lasts, by its shape: lognormal (see `distributions`), exponential, or as somebody observed it.

Every shape takes the same standard normal draw and rises with it, so that a caller with a long story has one under
every shape, and changing the shape changes nobody's rank.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from itertools import pairwise
from math import erfc, fsum, log, sqrt
from typing import Protocol

_MS = 1_000.0
_ROOT_2 = sqrt(2.0)


class TalkTime(Protocol):
    """A distribution of time on the phone."""

    def ms(self, z: float) -> int:
        """Return the time for a standard normal draw, milliseconds."""
        ...


class ExponentialTalk:
    """Exponential by its mean, seconds."""

    __slots__ = ("_mean_ms",)

    def __init__(self, mean_s: float) -> None:
        """Bind the mean, seconds."""
        self._mean_ms = mean_s * _MS

    def ms(self, z: float) -> int:
        """Time for a standard normal draw: -ln(1 - Phi(z)) means, exact in the upper tail too."""
        return round(-log(0.5 * erfc(z / _ROOT_2)) * self._mean_ms)


class ObservedTalk:
    """Every observed time, as often as it was observed.

    Args:
        seconds: observed times in any order, at least one, none negative, not all 0.
        mean_s: the mean to stretch them to, seconds; None keeps their own.
    """

    __slots__ = ("_ms", "mean_s")

    def __init__(self, seconds: Sequence[float], mean_s: float | None = None) -> None:
        """Sort once."""
        own_s = fsum(seconds) / len(seconds)
        self.mean_s = own_s if mean_s is None else mean_s
        self._ms = [round(one * self.mean_s / own_s * _MS) for one in sorted(seconds)]

    def ms(self, z: float) -> int:
        """Time for a standard normal draw: the observation at that rank."""
        places = len(self._ms)
        return self._ms[min(int(_below(z) * places), places - 1)]


class QuantileTalk:
    """Straight lines between quantiles, for who has a report and no log.

    Args:
        points: (share of calls, seconds within which that share ends), rising in both, from share 0 to share 1.
        mean_s: the mean to stretch them to, seconds; None keeps the one the lines have.
    """

    __slots__ = ("_ms", "_shares", "mean_s")

    def __init__(self, points: Sequence[tuple[float, float]], mean_s: float | None = None) -> None:
        """Lay the quantiles out; the mean of straight lines is that of their middles."""
        own_s = fsum((right[0] - left[0]) * (left[1] + right[1]) / 2.0 for left, right in pairwise(points))
        self.mean_s = own_s if mean_s is None else mean_s
        self._shares = [share for share, _ in points]
        self._ms = [seconds * self.mean_s / own_s * _MS for _, seconds in points]

    def ms(self, z: float) -> int:
        """Time for a standard normal draw, between the two quantiles around it."""
        share, shares, times = _below(z), self._shares, self._ms
        place = min(bisect_right(shares, share), len(shares) - 1)
        left, right = shares[place - 1], shares[place]
        return round(times[place - 1] + (share - left) / (right - left) * (times[place] - times[place - 1]))


def _below(z: float) -> float:
    """Share of standard normal draws below `z`."""
    return 0.5 * erfc(-z / _ROOT_2)
