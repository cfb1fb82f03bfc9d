"""The queue panel: people waiting for an agent over the day, all designs on one scale and one time axis."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.content import Content

from scenarios.result import Comparison
from tui.chartmath import OVER_LIMIT, column_rows, fit, fit_right, spread, time_axis
from tui.figures import number
from tui.library import Words
from tui.readings import Band, Day, band_words, day_of, shape
from tui.widgets.panel import LinesView, Panel

_SIDE_WIDTH = 24
_SCALE_WIDTH = 6
_AXIS_ROWS = 2
_TOP_LEAST = 1.0
"""Fewer than one person waiting on average must not fill the chart."""

_BAND_LEAST = 3
_BAND_MOST = 8
_BAND_USUAL = 4


class QueueView(LinesView):
    """Draws one band of columns per design above a shared time axis."""

    names: tuple[str, ...] = ()
    day: Day | None = None

    def lines(self, width: int, height: int | None) -> list[Content]:
        """Return the chart for a size; without a height, four rows per design."""
        if self.day is None:
            return []
        return chart_lines(self.names, self.day, width, band_height(len(self.names), height))


class QueuePanel(Panel):
    """Who waits when, and when waiting breaks the limit."""

    KEY = "u"
    TITLE = "Call queue over the day"
    EXPLAINS = (
        "People waiting for an agent, time-averaged per half hour, mean over days and replications. All "
        f"designs share one scale and one clock. {OVER_LIMIT} marks half hours that break the limit named in "
        "the lower border; it comes from the call wait rules of the scorecard, or from the abandonment rule "
        "where no wait has one."
    )

    def compose(self) -> ComposeResult:
        """Hold the chart."""
        yield QueueView()

    def show(self, comparison: Comparison, words: Words) -> None:
        """Show a result in place of the one before."""
        del words  # a queue is no metric
        view = self.query_one(QueueView)
        view.names = tuple(comparison.designs)
        view.day = day_of(comparison)
        view.refresh(layout=True)
        limit = f"{OVER_LIMIT} {view.day.limit}" if view.day.limit else "no limit set"
        self.border_subtitle = f"people waiting, one scale  {limit}"


def band_height(designs: int, height: int | None) -> int:
    """Return the rows each design gets: what the panel has, within three to eight."""
    if height is None or designs == 0:
        return _BAND_USUAL
    return min(_BAND_MOST, max(_BAND_LEAST, (height - _AXIS_ROWS) // designs))


def chart_lines(names: tuple[str, ...], day: Day, width: int, rows: int) -> list[Content]:
    """Return the bands and the axis, every line at most `width` cells.

    Args:
        names: design names, in the order of the bands.
        day: the queues.
        width: cells.
        rows: rows per band.
    """
    columns = width - _SIDE_WIDTH - _SCALE_WIDTH - 1
    if columns < len(day.starts) or not day.starts:
        return [Content("no calls" if not day.starts else "too narrow for a chart")]
    lines: list[Content] = []
    for index, (name, band) in enumerate(zip(names, day.bands, strict=True)):
        lines += _band_lines(f"{shape(index)} {name}", band, day, columns, rows)
    ticks, labels = time_axis(day.starts, columns)
    margin = " " * (_SIDE_WIDTH + _SCALE_WIDTH)
    return [*lines, Content(f"{margin}└{ticks}"), Content(f"{margin} {labels}")]


def _band_lines(title: str, band: Band, day: Day, columns: int, rows: int) -> list[Content]:
    values, over = spread(band.waiting, columns), spread(band.over, columns)
    top = max(day.top, _TOP_LEAST)
    side = [title, *(f"  {words}" for words in band_words(band, day.limit))]
    lines: list[Content] = []
    for row, text in enumerate(column_rows(values, top, rows, over)):
        scale = number(top) if row == 0 else "0" if row == rows - 1 else ""
        lines.append(
            Content.assemble(
                (fit(side[row] if row < len(side) else "", _SIDE_WIDTH), "bold" if row == 0 else ""),
                (fit_right(scale, _SCALE_WIDTH), "$foreground-muted"),
                "│",
                *_coloured(text, over),
            )
        )
    return lines


def _coloured(text: str, over: list[bool]) -> list[tuple[str, str]]:
    """Colour the columns over the limit; neighbours of one kind share a span."""
    spans: list[tuple[str, str]] = []
    for character, flag in zip(text, over, strict=True):
        style = "$error" if flag else "$primary"
        if spans and spans[-1][1] == style:
            spans[-1] = (spans[-1][0] + character, style)
        else:
            spans.append((character, style))
    return spans
