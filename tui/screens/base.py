"""What every screen has: the bar, the state and the command, the error panel, help, copy and cancel."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.events import Key
from textual.reactive import reactive
from textual.screen import Screen
from textual.signal import Signal
from textual.widget import Widget
from textual.widgets import Footer

from scenarios.notes import NOT_REPRODUCED
from tui.cli.orders import Order
from tui.keys import keys_of
from tui.live_reading import elsewhere_words
from tui.messages import (
    CancelRequested,
    FailurePutAway,
    News,
    RunEnded,
    RunFailed,
    RunFinished,
    RunProgressed,
    RunRequested,
    RunStarted,
    RunStopped,
    RunStopping,
    WorldChanged,
)
from tui.screens.help import HelpScreen
from tui.session import Session
from tui.widgets.error_panel import ErrorPanel
from tui.widgets.mode_bar import ModeBar
from tui.widgets.run_strip import RunStrip, begun, progress_words
from tui.work import CompareWork, LiveWork, Work, despite_history

WIDTHS = [(0, "-narrow"), (100, "-wide"), (140, "-spacious")]
"""Columns from which a class holds: stacked, side by side, side by side with room."""

HEIGHTS = [(0, "-short"), (38, "-usual"), (52, "-tall")]
"""Rows from which a class holds: the page scrolls, fits, fits with high charts."""

SILENT = {
    "run": "A run is under way; x stops it.",
    "cancel": "Nothing runs, so there is nothing to stop.",
    "open": "Nothing here can be opened; the scorecard's rows and the funnel's stages can.",
}
"""Why an action that is not offered now is not; its key would be silent otherwise."""


RUNS_NOTHING = "This screen runs nothing; r does in 1 Compare."
"""Said where a screen has no key to run with, and nothing is under way."""

STOPPING = "■ stopping …"
"""Said from the moment a run is asked to stop until it has."""

NO_SCENARIO = "No scenario is in hand: 9 Scenarios lists what there is."
"""Said where a key needs one."""


class ModeScreen(Screen[None]):
    """One screen of the app; subclasses say what stands in the middle and what news mean to them.

    Args:
        session: what is open.
        news: what happens in the app.
    """

    MODE: ClassVar[str]
    TITLE_WORDS: ClassVar[str]
    EXPLAINS: ClassVar[str]
    IDLE: ClassVar[str]
    HORIZONTAL_BREAKPOINTS = WIDTHS
    VERTICAL_BREAKPOINTS = HEIGHTS
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "question_mark",
            "help",
            "Help",
            key_display="?",
            id="screen.help",
            tooltip="Explain this screen, its keys and its numbers.",
        ),
        Binding("x", "cancel", "Cancel", id="screen.cancel", tooltip="Stop the work under way."),
        Binding(
            "y",
            "copy_command",
            "Copy",
            id="screen.copy",
            show=False,  # the line with the command says so, and a narrow foot has no room to say it twice
            tooltip="Copy the command line that gives the same result.",
        ),
        Binding(
            "h",
            "despite_history",
            "Run despite history, or not",
            id="screen.history",
            show=False,
            tooltip="Run although the baseline does not reproduce its history; every output says so. Again: not so.",
        ),
    ]

    running: reactive[bool] = reactive(False, bindings=True)

    def __init__(self, session: Session, news: Signal[News]) -> None:
        """Remember what to show and what to listen to."""
        super().__init__()
        self.session = session
        self._news = news
        self._command = ""

    def compose(self) -> ComposeResult:
        """Lay out what all screens have around the middle."""
        yield ModeBar(self.session, self.MODE)
        yield RunStrip(id="run")
        yield ErrorPanel(id="error")
        yield from self.middle()
        yield Footer()

    def middle(self) -> Iterable[Widget]:
        """Return the widgets in the middle."""
        raise NotImplementedError

    def on_mount(self) -> None:
        """Start listening, and show what is open already."""
        self._news.subscribe(self, self._hear)
        self.running = self.session.work is not None
        self.rest()
        if self.session.work is not None:
            self._say_running(self.session.work)
        self.set_up()
        if self.session.failed is not None:
            self._show_failure(self.session.failed)

    def on_screen_resume(self) -> None:
        """Come back to a state line that is true now."""
        if isinstance(self.session.work, LiveWork):
            self._say_running(self.session.work)
        self.rest()

    def set_up(self) -> None:
        """Show what is open; called once, when the widgets stand."""

    @property
    def shown(self) -> Order | None:
        """The order whose numbers stand on the screen; None while there are none, or none of a run."""
        return None

    def resting(self) -> str:
        """Return the state line while nothing runs."""
        return self.IDLE

    def rest(self) -> None:
        """Say where the screen stands while nothing runs, and whether its numbers are of what is in hand."""
        if self.running:
            return
        shown, hand = self.shown, self.session.order()
        if shown is None or hand is None or same_world(shown, hand):
            self.strip.show_state(self.resting())
        else:
            self.strip.show_state(f"△ numbers of {in_words(shown)} · in hand: {in_words(hand)}")

    def hear(self, news: News) -> None:
        """Take in what happened, after the strip has; subclasses say what it means to them."""

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer cancel only during a run, and run only outside one."""
        del parameters
        if action == "cancel":
            return self.running
        return not self.running if action == "run" else True

    def on_key(self, event: Key) -> None:
        """Say why a key does nothing now, where its action is not offered."""
        actions = [binding.action for binding in keys_of(type(self)) if binding.key == event.key]
        for action in actions:
            if event.key not in self.active_bindings and action in SILENT:
                self.notify(SILENT[action], severity="warning")

    def action_help(self) -> None:
        """Open the help for what has the keyboard."""
        title, explains = self.help_words()
        compared = self.session.compared
        result = compared[1] if compared is not None and self.MODE == "compare" else None
        bindings = [*keys_of(type(self)), *keys_of(type(self.app))]
        self.app.push_screen(HelpScreen(title, explains, bindings, result, self.session.words))

    def help_words(self) -> tuple[str, str]:
        """Return the title of the help and what it explains first."""
        return self.TITLE_WORDS, self.EXPLAINS

    def action_cancel(self) -> None:
        """Ask for the work to stop."""
        self.post_message(CancelRequested())

    def action_copy_command(self) -> None:
        """Copy the command that is shown."""
        if self._command:
            self.app.copy_to_clipboard(self._command)
            self.notify(self._command, title="Copied")
        else:
            self.cannot("There is no command to copy yet.")

    def cannot(self, why: str) -> None:
        """Say in a line why a key does nothing now: a key that is silent seems broken."""
        self.notify(why, severity="warning")

    def action_despite_history(self) -> None:
        """Do what was refused all the same; where nothing was, turn the switch for the scenario in hand."""
        refused, session = self.session.refused, self.session
        if refused is None or refused.order.scenario == session.scenario:
            session.despite_history = refused is not None or not session.despite_history
            self.post_message(WorldChanged())
        if refused is not None:
            self.post_message(RunRequested(despite_history(refused)))
        elif session.despite_history:
            self.notify(f"From here on, where it applies: {NOT_REPRODUCED}.", title="Despite history")
        else:
            self.notify(
                "Runs are refused again until the baseline reproduces its history.", title="By history"
            )

    @property
    def failure_shown(self) -> bool:
        """Whether the screen says why a run failed."""
        return self.query_one(ErrorPanel).display

    @property
    def strip(self) -> RunStrip:
        """The two lines of state and command."""
        return self.query_one(RunStrip)

    def show_command(self, command: str) -> None:
        """Show the command line that gives what is on the screen."""
        self._command = command
        self.strip.show_command(command)

    def _hear(self, news: News) -> None:
        self._follow(news)
        if isinstance(news, WorldChanged):
            self.query_one(ModeBar).refresh(layout=True)
        if isinstance(news, WorldChanged | FailurePutAway):
            self.query_one(ErrorPanel).clear()
            self.rest()
        self.hear(news)

    def _follow(self, news: News) -> None:
        """Keep the strip and the error panel true, whichever screen is shown."""
        if isinstance(news, RunStarted):
            self.running = True
            self.query_one(ErrorPanel).clear()
            self._say_running(news.work)
        elif isinstance(news, RunProgressed) and not self.session.stopping and begun(news.progress):
            self.strip.show_state(progress_words(news.progress))
        elif isinstance(news, RunStopping):
            self.strip.show_state(STOPPING)
        elif isinstance(news, RunEnded):
            self.running = False
            self._ended(news)

    def _ended(self, news: RunEnded) -> None:
        if isinstance(news, RunFailed):
            self.strip.show_state(f"✘ failed: {news.work.label()}")
            self._show_failure(news)
        elif isinstance(news, RunStopped):
            self.strip.show_state("■ stopped")
        elif isinstance(news, RunFinished):
            elsewhere = type(news.work) is CompareWork and self.MODE != "compare"
            self.strip.show_state(
                f"✔ {news.work.label()}: done{' · 1 Compare shows it' if elsewhere else ''}"
            )

    def _show_failure(self, failed: RunFailed) -> None:
        self.query_one(ErrorPanel).show(failed.work, failed.reason, history=failed.history)

    def _say_running(self, work: Work) -> None:
        self.strip.show_state(STOPPING if self.session.stopping else self.running_words(work))

    def running_words(self, work: Work) -> str:
        """Return the state line while something is under way."""
        progress = self.session.progress
        if isinstance(work, LiveWork):
            return elsewhere_words(work.order.scenario, work.control)
        known = progress is not None and begun(progress)
        return progress_words(progress) if known and progress else f"▶ {work.label()}: preparing …"


def same_world(one: Order, other: Order) -> bool:
    """Whether two orders are about the same scenario with the same changes."""
    return (one.scenario, one.settings) == (other.scenario, other.settings)


def in_words(order: Order) -> str:
    """Name a scenario and what was changed in it."""
    changes = ", ".join(order.settings) if len(order.settings) < 3 else f"{len(order.settings)} changes"
    return f"{order.scenario} with {changes}" if changes else f"{order.scenario} as in its file"
