"""Lines with their intervals on one scale, as rows of text. Pure: numbers in, text out; no colour, no state.

Every line has a mark of its own, so that it can be told apart without colour; `│` spans the interval of a point, `·`
leads from one point to the next, and `╌` is the line a rule draws.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import NamedTuple

from tui.chartmath import fit, fit_right

RULE, INTERVAL, BETWEEN = "╌", "│", "·"


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


def line_chart(lines: Sequence[Line], scale: Scale) -> list[str]:
    """Return the chart, the highest row first, labels and axis included; nothing without a point.

    Args:
        lines: later ones are drawn over earlier ones.
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
    for line in lines:
        _draw(canvas, line, row, column)
    labels = {row(high): high, row(low): low}
    if scale.rule is not None:
        labels[row(scale.rule)] = scale.rule
    written = {place: scale.write(value) for place, value in labels.items()}
    margin = max(map(len, written.values()))
    drawn = [
        f"{fit_right(written.get(place, ''), margin)} ┤{''.join(cells)}".rstrip()
        for place, cells in enumerate(canvas)
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
    canvas: list[list[str]], line: Line, row: Callable[[float], int], column: Callable[[float], int]
) -> None:
    for left, right in pairwise(line.dots):
        begin, end = column(left.at), column(right.at)
        for place in range(begin + 1, end):
            share = (place - begin) / (end - begin)
            canvas[row(left.value + share * (right.value - left.value))][place] = BETWEEN
    for dot in line.dots:
        if dot.low is not None and dot.high is not None:
            for place in range(row(dot.high), row(dot.low) + 1):
                canvas[place][column(dot.at)] = INTERVAL
    for dot in line.dots:
        canvas[row(dot.value)][column(dot.at)] = line.mark


def _axis(places: Sequence[float], column: Callable[[float], int], margin: int, scale: Scale) -> list[str]:
    """The line below, with a tick at every point, and as many labels as have room."""
    ticks = ["─"] * scale.width
    labels = ""
    for at in places:
        ticks[column(at)] = "┬"
    for at in (places[-1], *places[:-1]):  # the last one first: both ends are always told
        text = scale.write_at(at)
        begin = min(column(at), scale.width - len(text))
        if not labels:
            labels = " " * begin + text
        elif not fit(labels, scale.width)[max(begin - 2, 0) : begin + len(text) + 2].strip():
            labels = labels[:begin] + text + labels[begin + len(text) :]
    blank = " " * margin
    return [f"{blank} └{''.join(ticks)}", f"{blank}  {labels}".rstrip()]
