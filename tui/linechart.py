"""Lines with their intervals on one scale, as rows of text. Pure: numbers in, text out; no colour, no state.

Every line has a mark of its own, so that it can be told apart without colour; `│` spans the interval of a point, `·`
leads from one point to the next, and `╌` is the line a rule draws.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import NamedTuple

from tui.chartmath import fit_right

RULE, INTERVAL, BETWEEN = "╌", "│", "·"

ROWS = 12
"""Rows of a drawing in a report."""

MARGIN = 16
"""Columns beside a drawing in a report: its labels and an indent."""


class Dot(NamedTuple):
    """One point of a line: where it stands, the estimate, and its interval or None."""

    at: float
    value: float
    low: float | None
    high: float | None


class Line(NamedTuple):
    """A line and the mark its points are drawn with."""

    mark: str
    dots: tuple[Dot, ...]


class Scale(NamedTuple):
    """How a chart is laid out.

    Attributes:
        width, height: of the drawing, without labels.
        log: places along the width are those of the logarithm.
        rule: where a dashed line is drawn, or None.
        write: how a number on the scale is written.
        write_at: how a number along the width is written.
    """

    width: int
    height: int
    log: bool
    rule: float | None
    write: Callable[[float], str]
    write_at: Callable[[float], str]


def by_ratio(places: Sequence[float]) -> bool:
    """Whether places lie so far apart that equal ratios tell more than equal distances: from ten times on."""
    return min(places) > 0 and max(places) >= 10 * min(places)


def line_chart(lines: Sequence[Line], scale: Scale) -> list[str]:
    """Return the chart, the highest row first, labels and axis included; nothing without a point.

    What lies between points is drawn first, then the intervals, then the points, so that no point is hidden by an
    interval.

    Args:
        lines: where two points fall on one place, the later line's is seen.
        scale: the layout.
    """
    dots = [dot for line in lines for dot in line.dots]
    if not dots:
        return []
    low, high = _ends(dots, scale.rule)
    places = sorted({dot.at for dot in dots})

    def row(value: float) -> int:
        return round((high - value) / (high - low) * (scale.height - 1))

    def column(at: float) -> int:
        first, last, here = (math.log(one) if scale.log else one for one in (places[0], places[-1], at))
        return round((here - first) / (last - first) * (scale.width - 1)) if last > first else 0

    canvas = [[" "] * scale.width for _ in range(scale.height)]
    if scale.rule is not None:
        canvas[row(scale.rule)] = [RULE] * scale.width
    _draw(canvas, lines, row, column)
    middle = scale.height // 2
    labels = {0: high, middle: high - (high - low) * middle / (scale.height - 1), scale.height - 1: low}
    if scale.rule is not None:
        labels = {place: value for place, value in labels.items() if abs(place - row(scale.rule)) > 1}
        labels[row(scale.rule)] = scale.rule
    written = {place: scale.write(value) for place, value in labels.items()}
    margin = max(map(len, written.values()))
    drawn = [
        f"{fit_right(written.get(at, ''), margin)} {'┤' if at in written else '│'}{''.join(cells)}".rstrip()
        for at, cells in enumerate(canvas)
    ]
    return [*drawn, *_axis(places, column, margin, scale)]


def _ends(dots: Sequence[Dot], rule: float | None) -> tuple[float, float]:
    """Lowest and highest value to be drawn, never the same."""
    shown = [end for dot in dots for end in (dot.value, dot.low, dot.high) if end is not None]
    shown += [] if rule is None else [rule]
    low, high = min(shown), max(shown)
    if low >= 0 and low < high / 2:  # a scale that nearly begins at nought begins there
        low = 0.0
    return (low, high) if low < high else (low - 0.5 * abs(low or 1.0), high + 0.5 * abs(high or 1.0))


def _draw(
    canvas: list[list[str]],
    lines: Sequence[Line],
    row: Callable[[float], int],
    column: Callable[[float], int],
) -> None:
    for left, right in (pair for line in lines for pair in pairwise(line.dots)):
        begin, end = column(left.at), column(right.at)
        for place in range(begin + 1, end):
            share = (place - begin) / (end - begin)
            canvas[row(left.value + share * (right.value - left.value))][place] = BETWEEN
    for dot in (dot for line in lines for dot in line.dots):
        if dot.low is not None and dot.high is not None:
            for place in range(row(dot.high), row(dot.low) + 1):
                canvas[place][column(dot.at)] = INTERVAL
    for line in lines:
        for dot in line.dots:
            canvas[row(dot.value)][column(dot.at)] = line.mark


def _axis(places: Sequence[float], column: Callable[[float], int], margin: int, scale: Scale) -> list[str]:
    """The line below, with a tick at every point, and as many labels as have room: both ends first."""
    ticks, labels = ["─"] * scale.width, [" "] * scale.width
    for at in places:
        ticks[column(at)] = "┬"
    for at in dict.fromkeys([places[0], places[-1], *places]):
        text = scale.write_at(at)
        begin = min(max(0, column(at) - len(text) // 2), scale.width - len(text))
        around = labels[max(0, begin - 2) : begin + len(text) + 2]
        if begin >= 0 and not "".join(around).strip():
            labels[begin : begin + len(text)] = text
    blank = " " * margin
    return [f"{blank} └{''.join(ticks)}", f"{blank}  {''.join(labels)}".rstrip()]
