"""The Compare screen: pick a scenario, run it, and see which design holds and why."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, VerticalScroll
from textual.reactive import reactive
from textual.screen import Screen
from textual.signal import Signal
from textual.widgets import Footer, OptionList

from scenarios.result import Comparison
from tui.library import Words
from tui.messages import (
    CancelRequested,
    LibraryFailed,
    LibraryLoaded,
    News,
    RunEnded,
    RunFailed,
    RunFinished,
    RunProgressed,
    RunRequested,
    RunStarted,
    RunStopped,
    RunStopping,
    ScenarioHighlighted,
    ScenarioPicked,
)
from tui.runner import order_of, replay_command
from tui.screens.help import HelpScreen
from tui.widgets.decision import DecisionPanel
from tui.widgets.error_panel import ErrorPanel
from tui.widgets.funnel import FunnelPanel
from tui.widgets.panel import Panel
from tui.widgets.queue_chart import QueuePanel
from tui.widgets.run_strip import RunStrip, progress_words, result_words
from tui.widgets.scenario_picker import ScenarioPicker
from tui.widgets.scorecard import ScorecardPanel

_PANELS: tuple[type[Panel], ...] = (DecisionPanel, ScorecardPanel, FunnelPanel, QueuePanel)

_WIDTHS = [(0, "-narrow"), (100, "-wide"), (140, "-spacious")]
"""Columns from which a class holds: stacked, side by side, side by side with room."""

_HEIGHTS = [(0, "-short"), (38, "-usual"), (52, "-tall")]
"""Rows from which a class holds: the page scrolls, fits, fits with a high queue chart."""


def _panel_bindings() -> list[Binding]:
    """One hidden digit per panel, listed in the palette and the help."""
    panels: tuple[type[Panel] | type[ScenarioPicker], ...] = (ScenarioPicker, *_PANELS)
    return [
        Binding(
            str(panel.NUMBER),
            f"focus_panel({panel.NUMBER})",
            f"Go to panel {panel.NUMBER}: {panel.TITLE}",
            id=f"compare.panel.{panel.NUMBER}",
            show=False,
            tooltip=f"Move the keyboard to the panel “{panel.TITLE}”.",
        )
        for panel in panels
    ]


class CompareScreen(Screen[None]):
    """Shows one comparison at a time; listens to the app's news and asks it for runs.

    Args:
        news: what happens in the app.
        scenario: the scenario to highlight first; None for the first of the library.
    """

    CSS_PATH = "compare.tcss"
    HORIZONTAL_BREAKPOINTS = _WIDTHS
    VERTICAL_BREAKPOINTS = _HEIGHTS
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "question_mark",
            "help",
            "Help",
            key_display="?",
            id="compare.help",
            tooltip="Explain the focused panel, its keys and its numbers.",
        ),
        Binding("r", "run", "Run", id="compare.run", tooltip="Run the highlighted scenario."),
        Binding("x", "cancel", "Cancel", id="compare.cancel", tooltip="Stop the run under way."),
        Binding(
            "y",
            "copy_command",
            "Copy command",
            id="compare.copy",
            tooltip="Copy the command line that gives the same numbers.",
        ),
        *_panel_bindings(),
    ]

    comparison: reactive[Comparison | None] = reactive(None, init=False)
    running: reactive[bool] = reactive(False, bindings=True)

    def __init__(self, news: Signal[News], scenario: str | None) -> None:
        """Remember what to listen to."""
        super().__init__()
        self._news = news
        self._scenario = scenario
        self._words: Words = {}
        self._command = ""
        self._stopping = False

    def compose(self) -> ComposeResult:
        """Lay out the picker, the strip and the panels; the stylesheet arranges them by size."""
        yield ScenarioPicker(id="scenarios")
        yield RunStrip(id="run")
        yield ErrorPanel(id="error")
        with VerticalScroll(id="body", can_focus=False), Container(id="panels"):
            with Container(id="top"):
                yield DecisionPanel()
                yield ScorecardPanel()
            yield FunnelPanel()
            yield QueuePanel()
        yield Footer()

    def on_mount(self) -> None:
        """Start listening, with the picker under the keyboard."""
        self._news.subscribe(self, self._hear)
        self.query_one(OptionList).focus()

    def watch_comparison(self, comparison: Comparison | None) -> None:
        """Fill the panels with a new result."""
        if comparison is None:
            return
        self.set_class(True, "-result")
        for panel in _PANELS:
            self.query_one(panel).show(comparison, self._words)
        self._strip.show_state(result_words(comparison))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer cancel only during a run, and run only outside one."""
        del parameters
        if action == "cancel":
            return self.running
        return not self.running if action == "run" else True

    def action_help(self) -> None:
        """Open the help for the focused panel."""
        self.app.push_screen(HelpScreen(self._focused_panel(), self.BINDINGS, self.comparison, self._words))

    def action_run(self) -> None:
        """Ask for a run of the highlighted scenario."""
        chosen = self.query_one(ScenarioPicker).chosen
        if chosen is None:
            self.notify("There is no scenario to run.", severity="warning")
            return
        self.post_message(RunRequested(order_of(chosen.name)))

    def action_cancel(self) -> None:
        """Ask for the run to stop."""
        self.post_message(CancelRequested())

    def action_copy_command(self) -> None:
        """Copy the command that is shown."""
        if self._command:
            self.app.copy_to_clipboard(self._command)
            self.notify(self._command, title="Copied")

    def action_focus_panel(self, number: int) -> None:
        """Move the keyboard to a panel by its digit."""
        if number == ScenarioPicker.NUMBER:
            self.query_one(OptionList).focus()
        elif self.comparison is not None:
            panel = next(panel for panel in _PANELS if number == panel.NUMBER)
            self.query_one(panel).focus()

    @property
    def _strip(self) -> RunStrip:
        return self.query_one(RunStrip)

    @on(ScenarioPicked)
    def _run_picked(self, message: ScenarioPicked) -> None:
        self.post_message(RunRequested(order_of(message.name)))

    @on(ScenarioHighlighted)
    def _preview(self, message: ScenarioHighlighted) -> None:
        if self.comparison is None:
            self._show_command(order_of(message.name).command())

    def _show_command(self, command: str) -> None:
        self._command = command
        self._strip.show_command(command)

    def _focused_panel(self) -> type[Panel] | type[ScenarioPicker]:
        focused = self.focused
        return type(focused) if isinstance(focused, Panel) else ScenarioPicker

    def _hear(self, news: News) -> None:
        if isinstance(news, LibraryLoaded):
            self.query_one(ScenarioPicker).fill(news.library.scenarios, self._scenario)
            self._words = news.library.words
        elif isinstance(news, LibraryFailed):
            self.query_one(ScenarioPicker).say(news.reason)
        elif isinstance(news, RunEnded):
            self._end(news)
        else:
            self._follow(news)

    def _follow(self, news: News) -> None:
        if isinstance(news, RunStarted):
            self.running, self._stopping = True, False
            self.query_one(ErrorPanel).clear()
            self._strip.show_state(f"▶ running {news.order.scenario}: starting …")
        elif isinstance(news, RunProgressed) and not self._stopping:
            self._strip.show_state(progress_words(news.progress))
        elif isinstance(news, RunStopping):
            self._stopping = True
            self._strip.show_state("■ stopping …")

    def _end(self, news: RunEnded) -> None:
        self.running = False
        if isinstance(news, RunFinished):
            self.comparison = news.comparison
            self._show_command(replay_command(news.order, news.comparison))
            self.query_one(DecisionPanel).focus()
        elif isinstance(news, RunFailed):
            self._strip.show_state("✘ failed; r runs again")
            self._show_command(news.order.command())
            self.query_one(ErrorPanel).show(news.order, news.reason)
        elif isinstance(news, RunStopped):
            self._strip.show_state("■ stopped; r runs again")
