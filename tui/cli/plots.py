"""Line plots in plain text: curves with their intervals over one axis, a line to stay under, meaning by glyph."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from math import log
from typing import NamedTuple

from tui.cli.tables import INDENT

MARKS = "●○◆◇▲△■□"
"""One for each curve, in order; who sees no colour tells them apart all the same."""

HEIGHT = 14
_WHISKER, _BETWEEN, _LINE = "│", "·", "┈"

Write = Callable[[float], str]


class PlotPoint(NamedTuple):
    """One point of a curve: where, the estimate, and its interval or None."""

    x: float
    y: float
    low: float | None
    high: float | None


class _Frame(NamedTuple):
    """Maps values to cells; row 0 is the lowest."""

    x_low: float
    x_high: float
    y_low: float
    y_high: float
    width: int
    height: int
    logarithmic: bool

    def column(self, x: float) -> int:
        ends = (x, self.x_low, self.x_high)
        at, low, high = map(log, ends) if self.logarithmic else ends
        return round((at - low) / (high - low) * (self.width - 1)) if high > low else 0

    def row(self, y: float) -> int:
        span = self.y_high - self.y_low
        share = (y - self.y_low) / span if span > 0 else 0.0
        return round(min(max(share, 0.0), 1.0) * (self.height - 1))


def line_plot(
    curves: Mapping[str, Sequence[PlotPoint]],
    width: int,
    write_x: Write,
    write_y: Write,
    *,
    line: float | None = None,
    height: int = HEIGHT,
) -> list[str]:
    """Draw curves over one axis, from nought up where nothing is below it.

    The axis is logarithmic where the last value is ten times the first or more. Points are joined by dots; whiskers
    are their intervals.

    Args:
        curves: points by rising x, by the curve's name.
        width: columns of the whole plot.
        write_x: how a value of the axis is written.
        write_y: how a value of a curve is written.
        line: a threshold to draw across.
        height: rows of the plot itself.

    Returns:
        The plot, its axis and a legend; nothing without a point.
    """
    points = [point for curve in curves.values() for point in curve]
    if not points:
        return []
    frame = _frame(points, line, height)
    labels = {
        row: write_y(frame.y_low + (frame.y_high - frame.y_low) * row / (height - 1))
        for row in _ticks(height)
    }
    if line is not None:
        labels = {row: text for row, text in labels.items() if abs(row - frame.row(line)) > 1}
        labels[frame.row(line)] = write_y(line)
    margin = max(map(len, labels.values()))
    frame = frame._replace(width=width - len(INDENT) - margin - 2)
    cells = _draw(curves, frame, line)
    rows = [
        f"{INDENT}{labels.get(row, ''):>{margin}} {'┤' if row in labels else '│'}{''.join(cells[row])}".rstrip()
        for row in reversed(range(height))
    ]
    axis = f"{INDENT}{' ' * margin} └{'─' * frame.width}"
    scale = f"{INDENT}{' ' * (margin + 2)}{_scale(points, frame, write_x)}".rstrip()
    legend = "   ".join(f"{mark} {name}" for mark, name in zip(MARKS, curves, strict=False))
    threshold = "" if line is None else f"   {_LINE}{_LINE} {write_y(line)}"
    return [*rows, axis, scale, f"{INDENT}{legend}{threshold}"]


def _frame(points: Sequence[PlotPoint], line: float | None, height: int) -> _Frame:
    xs = [point.x for point in points]
    ys = [end for point in points for end in (point.y, point.low, point.high) if end is not None]
    ys += [] if line is None else [line]
    low, high = min(0.0, *ys), max(ys)
    logarithmic = min(xs) > 0 and max(xs) >= 10 * min(xs)
    return _Frame(min(xs), max(xs), low, high if high > low else low + 1.0, 1, height, logarithmic)


def _ticks(height: int) -> list[int]:
    return [0, (height - 1) // 2, height - 1]


def _draw(curves: Mapping[str, Sequence[PlotPoint]], frame: _Frame, line: float | None) -> list[list[str]]:
    """Lowest layer first: the threshold, what lies between points, whiskers, then the points themselves."""
    cells = [[" "] * frame.width for _ in range(frame.height)]
    if line is not None:
        cells[frame.row(line)] = [_LINE] * frame.width
    for curve in curves.values():
        for left, right in pairwise(curve):
            _join(cells, frame, left, right)
    for point in (one for curve in curves.values() for one in curve):
        if point.low is not None and point.high is not None:
            for row in range(frame.row(point.low), frame.row(point.high) + 1):
                cells[row][frame.column(point.x)] = _WHISKER
    for mark, curve in zip(MARKS, curves.values(), strict=False):
        for point in curve:
            cells[frame.row(point.y)][frame.column(point.x)] = mark
    return cells


def _join(cells: list[list[str]], frame: _Frame, left: PlotPoint, right: PlotPoint) -> None:
    start, end = frame.column(left.x), frame.column(right.x)
    for column in range(start + 1, end):
        share = (column - start) / (end - start)
        cells[frame.row(left.y + share * (right.y - left.y))][column] = _BETWEEN


def _scale(points: Sequence[PlotPoint], frame: _Frame, write_x: Write) -> str:
    """As many values under the axis as do not touch each other, both ends first."""
    room = [" "] * frame.width
    xs = sorted({point.x for point in points})
    for x in dict.fromkeys([xs[0], xs[-1], *xs]):
        text = write_x(x)
        start = min(max(0, frame.column(x) - len(text) // 2), frame.width - len(text))
        around = room[max(0, start - 2) : start + len(text) + 2]
        if start >= 0 and not "".join(around).strip():
            room[start : start + len(text)] = text
    return "".join(room)
