"""The knee of a measured curve: where it begins to rise steeply.

Kneedle (V. Satopää, J. Albrecht, D. Irwin, B. Raghavan, "Finding a 'Kneedle' in a Haystack", ICDCS Workshops 2011)
takes the point furthest below the straight line from the first to the last point, both axes scaled to 0..1. A rate
that rises and then saturates would hide its knee behind its flat top, so the line is drawn to the end of the steepest
stretch only. The knee is always a point that was run, never one between.

How sure it is the days say that were run: they are drawn again with replacement, the same days at every point (they
had the same luck there), and the knee is looked for in each such curve (B. Efron, R. Tibshirani, "An Introduction to
the Bootstrap", 1993, percentile interval). As the true knee may lie between two points, the range reaches to the next
point on either side.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import fsum
from statistics import NormalDist
from typing import NamedTuple

import numpy as np

DEPTH_MIN = 0.1
"""A point less than a tenth of the scale below the line is no knee: the curve rises evenly."""


def knee(xs: Sequence[float], ys: Sequence[float]) -> float | None:
    """Return where a rising curve turns steep, or None where it has no knee.

    Args:
        xs: values of what was varied, rising, each once.
        ys: the metric at each; larger is worse.

    Returns:
        One of `xs`, or None with fewer than three points, a curve that does not rise, or one that rises evenly.
    """
    found = _bent(xs, ys)
    return None if found is None else xs[found.at]


class _Bent(NamedTuple):
    """A knee by its place, and the place of the end of the steepest stretch."""

    at: int
    end: int


def _bent(xs: Sequence[float], ys: Sequence[float]) -> _Bent | None:
    if len(xs) < 3:
        return None
    slopes = [(ys[at + 1] - ys[at]) / (xs[at + 1] - xs[at]) for at in range(len(xs) - 1)]
    steepest = max(range(len(slopes)), key=slopes.__getitem__)
    end = steepest + 1
    if slopes[steepest] <= 0 or end < 2 or ys[end] <= ys[0]:
        return None
    depths = [_depth(xs, ys, at, end) for at in range(end)]
    deepest = max(range(end), key=depths.__getitem__)
    return _Bent(deepest, end) if depths[deepest] >= DEPTH_MIN else None


def _depth(xs: Sequence[float], ys: Sequence[float], at: int, end: int) -> float:
    """How far a point lies below the line from the first point to the end, as a share of the rise."""
    return (xs[at] - xs[0]) / (xs[end] - xs[0]) - (ys[at] - ys[0]) / (ys[end] - ys[0])


RESAMPLES = 400
"""Curves drawn anew: the ends of a 95 % range are then known to a percent or so of the curves."""

LEVEL = 0.95
"""Of the range, and the share of curves that must have a knee for there to be a range at all; and of the knee itself,
over all points that may be deepest by luck (Bonferroni)."""


Draw = Callable[[int, tuple[int, int]], np.ndarray]
"""Gives a table of whole numbers from 0 to below the first argument, of so many rows and columns."""


class Days(NamedTuple):
    """What one point of a curve is made of: the sum of one divided by the sum of the other.

    Attributes:
        numerators, denominators: one each day.
    """

    numerators: Sequence[float]
    denominators: Sequence[float]


class KneeRange(NamedTuple):
    """How sure a knee is.

    Attributes:
        low, high: points between which it lies in 95 of 100 curves; None where noise may have made it.
        share: of the curves that have a knee.
    """

    low: float | None
    high: float | None
    share: float


def knee_range(xs: Sequence[float], days: Sequence[Days], draw: Draw, sign: float = 1.0) -> KneeRange | None:
    """Return where the knee lies when the days that were run are drawn again.

    Args:
        xs: values of what was varied, rising, each once.
        days: what was seen at each; day by day the same luck at all of them.
        draw: where the days of each curve come from.
        sign: -1 where a smaller metric is worse.

    Returns:
        None where the points do not have the same days, or fewer than two.
    """
    counts = {len(one.numerators) for one in days}
    if len(counts) != 1 or (drawn := counts.pop()) < 2:
        return None
    which = draw(drawn, (RESAMPLES, drawn))
    sums = [
        (np.asarray(one.numerators)[which].sum(1), np.asarray(one.denominators)[which].sum(1)) for one in days
    ]
    whole = np.all([below > 0 for _, below in sums], axis=0)
    curves = [[sign * float(one) for one in curve] for curve in _divided(sums)[whole]]
    found = [knee(xs, curve) for curve in curves]
    knees = sorted(at for at in found if at is not None)
    share = len(knees) / RESAMPLES
    seen = [(np.array([fsum(one.numerators)]), np.array([fsum(one.denominators)])) for one in days]
    measured = [sign * float(one) for one in _divided(seen)[0]]
    if share < LEVEL or not _stands_out(xs, measured, curves):
        return KneeRange(None, None, share)
    outside = int((1.0 - LEVEL) / 2.0 * len(knees))
    low, high = xs.index(knees[outside]), xs.index(knees[-1 - outside])
    return KneeRange(xs[max(0, low - 1)], xs[min(len(xs) - 1, high + 1)], share)


def _divided(sums: Sequence[tuple[np.ndarray, np.ndarray]]) -> np.ndarray:
    """Curve by curve what each point is; nought where nothing is in its base."""
    return np.array([above / np.where(below > 0, below, 1) for above, below in sums]).T


def _stands_out(xs: Sequence[float], measured: Sequence[float], curves: Sequence[Sequence[float]]) -> bool:
    """Whether the knee lies below the line by more than the days' noise would put the deepest of all points there."""
    bent = _bent(xs, measured)
    if bent is None:
        return False
    depths = [_depth(xs, curve, *bent) for curve in curves if curve[bent.end] > curve[0]]
    if len(depths) < LEVEL * len(curves):
        return False
    beyond = NormalDist().inv_cdf(1.0 - (1.0 - LEVEL) / 2.0 / len(xs))
    return _depth(xs, measured, *bent) > beyond * float(np.std(depths))
