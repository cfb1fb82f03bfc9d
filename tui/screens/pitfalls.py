"""The Pitfalls screen: what each of the seven failure modes costs, in the words of the command."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import TYPE_CHECKING, ClassVar, cast

from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widget import Widget

from tui.messages import News, RunFinished, RunRequested
from tui.screens.base import ModeScreen
from tui.widgets.lines import LinesPanel
from tui.work import PitfallsWork

if TYPE_CHECKING:
    from scenarios.pitfalls import Pitfalls


class PitfallsScreen(ModeScreen):
    """Asks for the failure modes of the scenario in hand, with its changes."""

    MODE = "pitfalls"
    TITLE_WORDS = "Pitfalls"
    EXPLAINS = (
        "Each of the seven failure modes is switched on in the in-message design, and off in a design that has all "
        "of them, for the same customers with the same luck. The ranking says what each costs by itself and what is "
        "won by mending it alone; where the two differ, the modes stand in each other's way. Sixteen runs each."
    )
    IDLE = "r switches each failure mode on and off: sixteen variants, some minutes."
    CSS_PATH = "pitfalls.tcss"
    AUTO_FOCUS = "#pitfalls-scroll"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("r", "run", "Run", id="pitfalls.run", tooltip="Find what each failure mode costs."),
    ]

    def middle(self) -> Iterable[Widget]:
        """Hold the report."""
        yield VerticalScroll(LinesPanel(id="pitfalls"), id="pitfalls-scroll", classes="frame")

    def set_up(self) -> None:
        """Name the panel."""
        self.query_one("#pitfalls-scroll").border_title = "Seven failure modes"
        self.query_one("#pitfalls", LinesPanel).say([self.EXPLAINS])
        self._show_command()

    def hear(self, news: News) -> None:
        """Show what was found."""
        if isinstance(news, RunFinished) and isinstance(news.work, PitfallsWork):
            from tui.cli.pitfalls import pitfalls_text

            self.strip.show_state(f"✔ {news.work.label()}: done")
            draw = partial(pitfalls_text, cast("Pitfalls", news.result), news.work.order, news.work.command())
            text = self.query_one("#pitfalls", LinesPanel)
            text.draw(lambda width: [Content(line) for line in draw(max(60, width)).splitlines()])
        self._show_command()

    def on_screen_resume(self) -> None:
        """Show the command for what is in hand now."""
        self._show_command()

    def action_run(self) -> None:
        """Run every variant."""
        order = self.session.order("pitfalls")
        if order is not None:
            self.post_message(RunRequested(PitfallsWork(order)))

    def _show_command(self) -> None:
        order = self.session.order("pitfalls")
        if order is not None:
            self.show_command(PitfallsWork(order).command())
