"""The funnel panel: how many cases reach each stage of each design, side by side on one scale."""

from __future__ import annotations

from collections.abc import Collection
from itertools import zip_longest

from textual.app import ComposeResult
from textual.content import Content

from scenarios.result import Comparison, DesignResult
from tui.chartmath import bar, fit, fit_right
from tui.cli.numbers import change as change_text
from tui.figures import MINUS, MISSING, number
from tui.library import Words
from tui.readings import FunnelStep, funnel_steps, funnel_top, most_lost, shape, stages_shown
from tui.widgets.panel import PickPanel, PickView

_COLUMN_LEAST = 36
_GAP = " │ "
_COUNT_WIDTH = 8
_CHANGE_WIDTH = 7
"""Room for a small change that is told with more digits: "+0.03 %"."""

_LABEL_MOST = 18
_NO_FLOW = "no cases"
_FRAME = 2
"""Lines around the stages: the design's name above, the worst loss below."""


class FunnelView(PickView):
    """Draws one column per design, or one below the other where they do not fit; a row is a stage."""

    comparison: Comparison | None = None

    def lines(self, width: int, height: int | None) -> list[Content]:
        """Return the funnels for a width; the height follows."""
        del height
        return [] if self.comparison is None else funnel_lines(self.comparison, width, self.cursor)

    def extent(self) -> tuple[int, int]:
        """Return the number of stages and of designs."""
        return (len(self._stages), len(self._designs))

    def line_of_cursor(self) -> int:
        """Return the line of the picked stage."""
        first = 0 if self._column_width >= _COLUMN_LEAST else self.column * (len(self._stages) + _FRAME)
        return first + 1 + self.row

    def cell_at(self, x: int, y: int) -> tuple[int, int] | None:
        """Return stage and design at a place."""
        width, rows = self._column_width, len(self._stages) + _FRAME
        side_by_side = width >= _COLUMN_LEAST
        design, line = (x // (width + len(_GAP)), y) if side_by_side else divmod(y, rows)
        fits = 0 < line <= len(self._stages) and design < len(self._designs)
        return (line - 1, design) if fits else None

    @property
    def picked(self) -> tuple[str, str]:
        """The stage's name in the result, and the design's."""
        design = self._designs[self.column]
        title = self._stages[self.row]
        return next(stage.stage for stage in design.funnel if stage.title == title), design.name

    @property
    def _designs(self) -> list[DesignResult]:
        return [] if self.comparison is None else list(self.comparison.designs.values())

    @property
    def _stages(self) -> list[str]:
        return stages_shown(self._designs)

    @property
    def _column_width(self) -> int:
        return column_width(self.content_size.width, len(self._designs))


class FunnelPanel(PickPanel):
    """Bar, count, loss against the stage before, and where most are lost."""

    KEY = "f"
    TITLE = "Funnels"
    EXPLAINS = (
        "Cases that reach each stage, mean per replication; all bars share one scale. The percentage is the "
        "change against the stage before; a stage no design can observe (an SMS open), or in which nothing changes, "
        "is left out here and stands in the report. ▼ names the step between two stages that loses most cases. "
        "Arrows move to a stage; Enter, or a second click, lists the customers who came that far and no further."
    )

    def compose(self) -> ComposeResult:
        """Hold the funnels."""
        yield FunnelView()

    def show(self, comparison: Comparison, words: Words) -> None:
        """Show a result in place of the one before."""
        del words  # stages carry their own titles
        view = self.query_one(FunnelView)
        view.comparison = comparison
        view.refresh(layout=True)
        self.border_subtitle = "cases per replication, one scale · Enter: who was lost there"


def column_width(width: int, designs: int) -> int:
    """Return how wide each design's column is when they stand side by side."""
    return (width - len(_GAP) * (designs - 1)) // max(1, designs)


def funnel_lines(comparison: Comparison, width: int, cursor: tuple[int, int] | None = None) -> list[Content]:
    """Return all funnels: side by side when every design keeps a readable column, else stacked.

    Args:
        comparison: the result.
        width: cells.
        cursor: stage and design the cursor is on, or None.
    """
    designs = list(comparison.designs.values())
    top, shown = funnel_top(designs), stages_shown(designs)
    column = column_width(width, len(designs))
    side_by_side = column >= _COLUMN_LEAST
    each = [
        design_lines(shape(index), design, top, column if side_by_side else width, shown)
        for index, design in enumerate(designs)
    ]
    if cursor is not None and shown:
        row, place = cursor
        each[place][row + 1] = Content("▸").append(each[place][row + 1][1:]).stylize("reverse")
    if not side_by_side:
        return [line for lines in each for line in lines]
    columns = each
    blank = Content(" " * column)
    return [Content(_GAP).join(row) for row in zip_longest(*columns, fillvalue=blank)]


def design_lines(
    mark: str, design: DesignResult, top: float, width: int, shown: Collection[str]
) -> list[Content]:
    """Return one design's funnel with the stages shown, every line exactly `width` cells."""
    steps = [step for step in funnel_steps(design) if step.title in shown]
    label_width = min(_LABEL_MOST, max((len(step.title) for step in steps), default=0), width // 3)
    lines = [Content.styled(fit(f"{mark} {design.name}", width), "bold")]
    lines += [_step_line(step, top, label_width, width) for step in steps]
    lines.append(Content.styled(fit(_lost_text(design, width), width), "$error"))
    return lines


def _step_line(step: FunnelStep, top: float, label_width: int, width: int) -> Content:
    bar_width = width - label_width - 2 - _COUNT_WIDTH - _CHANGE_WIDTH - 1
    change = "" if step.change is None else f"{change_text(step.change * 100, 0)} %"
    return Content.assemble(
        " " + fit(_short(step.title, label_width), label_width),
        " ",
        (bar(step.count or 0.0, top, bar_width), "$primary"),
        fit_right(MISSING if step.count is None else f"{step.count:,.0f}", _COUNT_WIDTH),
        " ",
        (fit_right(change, _CHANGE_WIDTH), "$foreground-muted"),
    )


def _short(title: str, width: int) -> str:
    """Drop the remark in brackets behind a title that is too long: "Delivered (receipt)"."""
    return title if len(title) <= width else title.partition(" (")[0]


def _lost_text(design: DesignResult, width: int) -> str:
    lost = most_lost(design)
    if lost is None:
        return "  nobody is lost" if design.funnel else f"  {_NO_FLOW}"
    before, after, cases = lost
    step = f"▼ most lost: {before} → {after}"
    long = f"{step} ({MINUS}{number(cases, 0)})"
    if len(long) <= width:
        return long
    return step if len(step) <= width else f"▼ most lost: {_short(before, 0)} → {_short(after, 0)}"
