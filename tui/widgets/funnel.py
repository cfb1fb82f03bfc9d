"""The funnel panel: how many cases reach each stage of each design, side by side on one scale."""

from __future__ import annotations

from collections.abc import Collection
from itertools import zip_longest

from textual.app import ComposeResult
from textual.content import Content

from scenarios.result import Comparison, DesignResult
from tui.chartmath import bar, fit, fit_right
from tui.figures import MINUS, MISSING, number
from tui.library import Words
from tui.readings import FunnelStep, funnel_steps, funnel_top, most_lost, shape, stages_shown
from tui.widgets.panel import LinesView, Panel

_COLUMN_LEAST = 36
_GAP = " │ "
_COUNT_WIDTH = 8
_CHANGE_WIDTH = 5
_LABEL_MOST = 18
_NO_FLOW = "no cases"


class FunnelView(LinesView):
    """Draws one column per design, or one below the other where they do not fit."""

    comparison: Comparison | None = None

    def lines(self, width: int, height: int | None) -> list[Content]:
        """Return the funnels for a width; the height follows."""
        del height
        return [] if self.comparison is None else funnel_lines(self.comparison, width)


class FunnelPanel(Panel):
    """Bar, count, loss against the stage before, and where most are lost."""

    NUMBER = 4
    TITLE = "Funnels"
    EXPLAINS = (
        "Cases that reach each stage, mean per replication; all bars share one scale. The percentage is the "
        "change against the stage before; a stage no design can observe (an SMS open), or in which nothing changes, "
        "is left out here and stands in the report. ▼ names the step between two stages that loses most cases."
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
        self.border_subtitle = "cases per replication, one scale"


def funnel_lines(comparison: Comparison, width: int) -> list[Content]:
    """Return all funnels: side by side when every design keeps a readable column, else stacked."""
    designs = list(comparison.designs.values())
    top, shown = funnel_top(designs), stages_shown(designs)
    column = (width - len(_GAP) * (len(designs) - 1)) // max(1, len(designs))
    if column < _COLUMN_LEAST:
        stacked = [
            design_lines(shape(index), design, top, width, shown) for index, design in enumerate(designs)
        ]
        return [line for lines in stacked for line in lines]
    columns = [design_lines(shape(index), design, top, column, shown) for index, design in enumerate(designs)]
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
    bar_width = width - label_width - 1 - _COUNT_WIDTH - _CHANGE_WIDTH - 1
    change = "" if step.change is None else f"{_signed_percent(step.change)}"
    return Content.assemble(
        fit(_short(step.title, label_width), label_width),
        " ",
        (bar(step.count or 0.0, top, bar_width), "$primary"),
        fit_right(MISSING if step.count is None else f"{step.count:,.0f}", _COUNT_WIDTH),
        " ",
        (fit_right(change, _CHANGE_WIDTH), "$foreground-muted"),
    )


def _short(title: str, width: int) -> str:
    """Drop the remark in brackets behind a title that is too long: "Delivered (receipt)"."""
    return title if len(title) <= width else title.partition(" (")[0]


def _signed_percent(share: float) -> str:
    percent = round(share * 100)
    return f"{MINUS}{-percent}%" if percent < 0 else f"+{percent}%" if percent else "0%"


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
