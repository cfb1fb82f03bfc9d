"""Nothing a screen says is cut at 120 columns: no ellipsis for want of room, no line that runs out of its panel."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

import pytest
from rich.cells import cell_len
from textual.visual import visualize
from textual.widget import Widget
from textual.widgets import OptionList

from tests.tui.canned import read
from tests.tui.canned_worlds import WorldRunner, saved
from tests.tui.driving import WIDE, Stage, drive
from tui.library import Library, load_library
from tui.messages import WorldChanged
from tui.widgets.fitted_row import FittedRow
from tui.widgets.panel import LinesView

if TYPE_CHECKING:
    from scenarios.saved.runs import SavedRun

pytestmark = pytest.mark.wide

_CUT = re.compile(r"\w…")
"""An ellipsis that ends no sentence of ours, which have a blank before theirs."""

STOPS = {
    "compare": ("r",),
    "compare, scorecard": ("r", "c"),
    "what-if": ("2",),
    "what-if, a few days": ("2", "f"),
    "what-if, the end of the list": ("2", "end", "up"),
    "runs": ("6",),
    "a run": ("6", "down"),
    "cases": ("3", "r", "a", "slash", "escape"),
    "cases, evidence": ("3", "r", "n", "n", "e"),
    "the same customer elsewhere": ("3", "r", "n", "o"),
    "phone": ("4", "enter", "enter"),
    "phone in the message": ("4", "d", "d", "enter", "enter"),
    "phone at the end": ("4", "d", "d", "k", "enter", "enter", "enter"),
    "review": ("4", "v"),
    "help of the review": ("4", "v", "question_mark"),
    "pitfalls": ("8",),
    "ranking": ("8", "r", "r"),
    "scenarios": ("9",),
    "a faulty scenario": ("9", "down"),
    "export": ("r", "0", "j"),
    "a failure": ("8", "r"),
    "help": ("9", "question_mark"),
}


LONG = "sandbox compare canned-bank --set campaign.messages=50000 --set call_centre.agents=12 --set seed=7 --seed 43"
"""A command that takes more than a line of the list it stands in."""


class LongRunner(WorldRunner):
    """Has a run whose command is long."""

    def saved_runs(self) -> list[SavedRun]:
        """The others below it."""
        return [saved(4, LONG), *super().saved_runs()]


@cache
def in_words() -> Library:
    """The canned scenarios with the shipped metrics in words, which are longer than the canned ones."""
    return read()._replace(words=load_library().words)


def cut(stage: Stage) -> list[str]:
    """Return everything on the screen that does not read to its end."""
    found = [line for line in stage.text().splitlines() if _CUT.search(line)]
    for view in stage.app.screen.query(LinesView):
        if not view.display or not view.region:
            continue
        width, height = view.content_size
        lines = view.lines(width, height)
        found += [line.plain for line in lines if line.cell_length > width or _CUT.search(line.plain)]
        if len(lines) > height and not scrolls(view):
            found.append(f"{view.id}: {len(lines)} lines in {height}")
    for listed in stage.app.screen.query(OptionList):
        if listed.display and listed.region and listed.styles.text_wrap == "wrap":
            width = listed.scrollable_content_region.width
            needed = sum(
                visualize(listed, option.prompt, markup=False).get_height(listed.styles, width)
                for option in listed.options
            )
            if needed != listed.virtual_size.height:
                found.append(f"{listed.id}: {needed} lines in {listed.virtual_size.height}")
            rows = [option.prompt for option in listed.options if isinstance(option.prompt, FittedRow)]
            lines = [line for row in rows for line in row.lines(width)]
            found += [line for line in lines if cell_len(line) > width or _CUT.search(line)]
    return found


def scrolls(view: Widget) -> bool:
    """Whether what does not fit can be scrolled into sight."""
    return any(node.allow_vertical_scroll for node in view.ancestors if isinstance(node, Widget))


@pytest.mark.parametrize("stop", STOPS)
def test_nothing_is_cut_at_120_columns(stop: str, tmp_path: object, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a change in hand, so that the bar has most to say."""
    monkeypatch.chdir(str(tmp_path))

    async def script(stage: Stage) -> None:
        stage.app.session.settings = ("campaign.messages=7000", "call_centre.agents=12")
        stage.app.screen.post_message(WorldChanged())
        await stage.settle()
        await stage.press(*STOPS[stop])
        assert cut(stage) == []

    drive(script, LongRunner(), WIDE, library=in_words)


def test_the_measure_finds_what_is_cut() -> None:
    """A list that cuts its rows, and a panel with a line that is too long, are both found."""

    async def script(stage: Stage) -> None:
        await stage.press("9")
        listed = stage.app.screen.query_one("#all-scenarios")
        listed.styles.text_wrap = "nowrap"
        listed.styles.text_overflow = "ellipsis"
        listed.clear_options()
        listed.add_options(["a title that goes on " * 9])
        stage.app.screen.query_one("#scenario-text").say([])
        await stage.settle()
        assert len(cut(stage)) == 1

    drive(script, WorldRunner(), WIDE)
