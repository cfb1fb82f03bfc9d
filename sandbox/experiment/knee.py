"""The knee of a measured curve: where it begins to rise steeply.

Kneedle (V. Satopää, J. Albrecht, D. Irwin, B. Raghavan, "Finding a 'Kneedle' in a Haystack", ICDCS Workshops 2011)
takes the point furthest below the straight line from the first to the last point, both axes scaled to 0..1. A rate
that rises and then saturates would hide its knee behind its flat top, so the line is drawn to the end of the steepest
stretch only. The knee is always a point that was run, never one between.
"""

from __future__ import annotations

from collections.abc import Sequence

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
    if len(xs) < 3:
        return None
    slopes = [(ys[at + 1] - ys[at]) / (xs[at + 1] - xs[at]) for at in range(len(xs) - 1)]
    steepest = max(range(len(slopes)), key=slopes.__getitem__)
    end = steepest + 1
    if slopes[steepest] <= 0 or end < 2 or ys[end] <= ys[0]:
        return None
    depths = [
        (xs[at] - xs[0]) / (xs[end] - xs[0]) - (ys[at] - ys[0]) / (ys[end] - ys[0]) for at in range(end)
    ]
    deepest = max(range(end), key=depths.__getitem__)
    return xs[deepest] if depths[deepest] >= DEPTH_MIN else None
