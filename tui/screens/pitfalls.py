"""The Pitfalls screen: what each of the seven failure modes costs, in the words of the command."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import TYPE_CHECKING, ClassVar, cast

from textual import on
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.events import Resize
from textual.widget import Widget
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from tui.messages import News, RunFinished, RunRequested
from tui.pitfall_reading import WHOLE, ranking_head, ranking_rows, title_width
from tui.screens.base import NO_SCENARIO, ModeScreen
from tui.widgets.lines import LinesPanel
from tui.work import PitfallsWork

if TYPE_CHECKING:
    from scenarios.explain.pitfalls import Pitfalls

_FRAME = 8
"""Cells of a row that are not the list's own: frames, padding and the bar of a list that scrolls."""


class PitfallsScreen(ModeScreen):
    """Asks for the failure modes of the scenario in hand, with its changes."""

    MODE = "pitfalls"
    TITLE_WORDS = "Pitfalls"
    EXPLAINS = (
        "Each of the seven failure modes is switched on in the in-message design, and off in a design that has all "
        "of them, for the same customers with the same luck. The ranking says what each costs by itself and what is "
        "won by mending it alone; where the two differ, the modes stand in each other's way. Sixteen variants, five "
        "replications each. The cursor chooses what is told below the ranking: one mode, or everything; Enter moves "
        "the keyboard there, Escape back. ≈ marks an interval that holds nought."
    )
    IDLE = "r switches each failure mode on and off: sixteen variants, some minutes."
    CSS_PATH = "pitfalls.tcss"
    AUTO_FOCUS = "#pitfalls-scroll"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("r", "run", "Run", id="pitfalls.run", tooltip="Find what each failure mode costs."),
        Binding(
            "escape", "leave", "Ranking", id="pitfalls.leave", show=False, tooltip="Go back to the ranking."
        ),
    ]

    _found: tuple[Pitfalls, PitfallsWork] | None = None

    def middle(self) -> Iterable[Widget]:
        """Hold the ranking over what is told of it."""
        yield OptionList(id="ranking", classes="frame")
        yield VerticalScroll(LinesPanel(id="pitfalls"), id="pitfalls-scroll", classes="frame")

    def set_up(self) -> None:
        """Name the panels; there is no ranking yet."""
        self.query_one("#ranking").border_title = "Seven failure modes"
        self.query_one("#ranking").display = False
        self.query_one("#pitfalls-scroll").border_title = "Seven failure modes"
        self.query_one("#pitfalls", LinesPanel).say([self.EXPLAINS])
        self._show_command()

    def hear(self, news: News) -> None:
        """Show what was found."""
        if isinstance(news, RunFinished) and isinstance(news.work, PitfallsWork):
            self.strip.show_state(f"✔ {news.work.label()}: done")
            self._found = cast("Pitfalls", news.result), news.work
            self._fill()
        self._show_command()

    def on_screen_resume(self) -> None:
        """Show the command for what is in hand now."""
        self._show_command()

    def action_run(self) -> None:
        """Run every variant."""
        order = self.session.order("pitfalls")
        if order is None:
            self.cannot(NO_SCENARIO)
        else:
            self.post_message(RunRequested(PitfallsWork(order)))

    def action_leave(self) -> None:
        """Go back to the ranking."""
        if self._found is None:
            self.cannot("There is no ranking yet: r makes one.")
        else:
            self.set_focus(self.query_one("#ranking"))

    @on(OptionList.OptionHighlighted, "#ranking")
    def _moved(self, message: OptionList.OptionHighlighted) -> None:
        self._tell(message.option_index)

    @on(OptionList.OptionSelected, "#ranking")
    def _picked(self) -> None:
        self.set_focus(self.query_one("#pitfalls-scroll"))

    def _fill(self) -> None:
        """List the modes under the row of the whole report, and put the keyboard there."""
        if self._found is None:
            return
        self._list(self._found[0], 1)
        ranking = self.query_one("#ranking", OptionList)
        ranking.display = True
        self._tell(1)
        self.query_one("#pitfalls-scroll").border_title = "What it costs, and what that rests on"
        if self.is_current:
            self.set_focus(ranking)

    def _list(self, found: Pitfalls, highlighted: int | None) -> None:
        """Draw the rows as wide as the window is."""
        ranking = self.query_one("#ranking", OptionList)
        title = title_width(found, self.size.width - _FRAME)
        ranking.clear_options()
        ranking.add_option(Option(Content(ranking_head(found, title)), disabled=True))
        ranking.add_options(Option(Content(row)) for row in [f"   {WHOLE}", *ranking_rows(found, title)])
        ranking.highlighted = highlighted

    @on(Resize)
    def _widen(self) -> None:
        if self._found is not None:
            self._list(self._found[0], self.query_one("#ranking", OptionList).highlighted)

    def _tell(self, row: int) -> None:
        """Tell what a row of the list is about."""
        if self._found is None:
            return
        draw = partial(_report, row - 1, *self._found)
        self.query_one("#pitfalls", LinesPanel).draw(draw)
        self.query_one("#pitfalls-scroll", VerticalScroll).scroll_home(animate=False)

    def _show_command(self) -> None:
        order = self.session.order("pitfalls")
        if order is not None:
            self.show_command(PitfallsWork(order).command())


def _report(place: int, found: Pitfalls, work: PitfallsWork, width: int) -> list[Content]:
    """The part of the command's report that is about the mode in a place; all of it for place 0."""
    from tui.cli.pitfalls import mode_lines, pitfalls_text

    room = max(60, width)
    if place:
        lines = list(mode_lines(place, found.pitfalls[place - 1], found, room))
    else:
        lines = pitfalls_text(found, work.order, work.command(), room).splitlines()
    return [part for line in lines for part in _whole(line, width)]


def _whole(line: str, width: int) -> list[Content]:
    """Return a line as it is, or in parts where the width does not hold it: a command is never cut."""
    content = Content(line)
    return [content] if content.cell_length <= width else content.wrap(width)
