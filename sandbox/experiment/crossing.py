"""Where a simulated curve crosses a line, between its points: always interpolated, never simulated.

The curve runs straight from one estimate to the next. The interval is the inversion of the band between the interval
ends: all places around the crossing at which the band holds the line. Where the band still holds it at the last point
that was run, the interval is open there. The band holds at each point for itself; between two points it is no more
than a straight line, so both are as good as the points are close.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple


class CurvePoint(NamedTuple):
    """An estimate at one value of what is varied.

    Attributes:
        at: the value varied.
        value: the estimate.
        low, high: its interval, or None.
    """

    at: float
    value: float
    low: float | None
    high: float | None


class Crossing(NamedTuple):
    """One crossing.

    Attributes:
        at: where the interpolated estimate meets the line.
        low, high: ends of the interval; None where it reaches beyond what was run, or where there is none.
        rising: the estimate rises through the line.
        bounded: the points on both sides have intervals, so that an open end means "beyond what was run".
    """

    at: float
    low: float | None
    high: float | None
    rising: bool
    bounded: bool


def crossings(points: Sequence[CurvePoint], threshold: float, *, log: bool = False) -> tuple[Crossing, ...]:
    """Return where a curve crosses a line, in order.

    Args:
        points: by rising `at`, each once.
        threshold: the line, in the estimates' unit.
        log: interpolate on the logarithm of `at`, which must be above 0.
    """
    places = [math.log(point.at) if log else point.at for point in points]
    above = [point.value - threshold for point in points]
    found = []
    for left in range(len(points) - 1):
        if (above[left] < 0) == (above[left + 1] < 0):  # exactly on the line counts as above it
            continue
        share = above[left] / (above[left] - above[left + 1])
        at = places[left] + share * (places[left + 1] - places[left])
        bounded = None not in (*points[left][2:], *points[left + 1][2:])
        low = _end(points, places, threshold, at, -1) if bounded else None
        high = _end(points, places, threshold, at, +1) if bounded else None
        found.append(
            Crossing(
                _back(at, log=log),
                None if low is None else _back(low, log=log),
                None if high is None else _back(high, log=log),
                above[left] < 0,
                bounded,
            )
        )
    return tuple(found)


def _end(
    points: Sequence[CurvePoint], places: Sequence[float], threshold: float, at: float, step: int
) -> float | None:
    """Walk from a crossing in one direction to where the band leaves the line; None if it never does."""
    inside = [place for place in range(len(points)) if (places[place] - at) * step > 0]
    before = at
    margins_before = _margins_at(points, places, threshold, at)
    for place in inside if step > 0 else reversed(inside):
        margins = _margins(points[place], threshold)
        if margins is None:
            return None
        for left, right in zip(margins_before, margins, strict=True):
            if right > 0:  # this side of the band has passed the line on the way here
                share = left / (left - right)
                return before + share * (places[place] - before)
        before, margins_before = places[place], margins
    return None


def _margins(point: CurvePoint, threshold: float) -> tuple[float, float] | None:
    """By how much each end of the interval is beyond the line; both not above 0 while the band holds it."""
    if point.low is None or point.high is None:
        return None
    return point.low - threshold, threshold - point.high


def _margins_at(
    points: Sequence[CurvePoint], places: Sequence[float], threshold: float, at: float
) -> tuple[float, float]:
    """The same at a place between two points that have intervals."""
    right = next(place for place in range(1, len(points)) if places[place] >= at)
    share = (at - places[right - 1]) / (places[right] - places[right - 1])
    ends = [_margins(points[place], threshold) or (0.0, 0.0) for place in (right - 1, right)]
    low, high = (before + share * (after - before) for before, after in zip(*ends, strict=True))
    return min(low, 0.0), min(high, 0.0)


def _back(place: float, *, log: bool) -> float:
    return math.exp(place) if log else place
