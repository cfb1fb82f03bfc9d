"""The app: starts and stops work, passes news to the screens and routes between them; it shows nothing."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable
from functools import partial
from typing import ClassVar

from textual import on, work
from textual.app import App, SystemCommand
from textual.binding import Binding, BindingType
from textual.dom import DOMNode
from textual.events import Event, Key
from textual.notifications import Notification, Notify
from textual.screen import Screen
from textual.signal import Signal
from textual.widgets import Input

from sandbox.errors import SandboxError
from tui.cli.saving import SaveOptions
from tui.clock import Clock, monotonic_s
from tui.keyboard import Keyboard
from tui.keys import KEYS_VARIABLE, keymap_of, keys_of
from tui.library import Library, load_library, with_named
from tui.messages import (
    CancelRequested,
    FailurePutAway,
    LibraryFailed,
    LibraryLoaded,
    ModeRequested,
    News,
    RunEnded,
    RunRequested,
    RunStarted,
    RunStopping,
)
from tui.modes import mode_bindings
from tui.palette import PaletteProvider, commands_of
from tui.ports import Runner
from tui.runner import LibraryRunner, describe, prepare_process_pools, run_and_report
from tui.screens.base import RUNS_NOTHING, SILENT, ModeScreen
from tui.screens.cases import CasesScreen
from tui.screens.compare import CompareScreen
from tui.screens.export import ExportScreen
from tui.screens.flips import FlipsScreen
from tui.screens.help import HelpScreen
from tui.screens.limits import LimitsScreen
from tui.screens.live import LiveScreen
from tui.screens.page import PageScreen
from tui.screens.phone import PhoneScreen
from tui.screens.pitfalls import PitfallsScreen
from tui.screens.prelaunch import PrelaunchScreen
from tui.screens.runs import RunsScreen
from tui.screens.scenarios import ScenariosScreen
from tui.screens.whatif import WhatIfScreen
from tui.session import Session
from tui.themes import THEMES
from tui.widgets.panel import PickPanel
from tui.widgets.phone_form import PhoneForm
from tui.widgets.typed_line import TypedLine
from tui.work import Work

LoadLibrary = Callable[[], Library]
"""Reads what there is before a run; called on a worker thread, after the first frame."""

SCREENS: tuple[type[ModeScreen], ...] = (
    CompareScreen,
    WhatIfScreen,
    CasesScreen,
    PhoneScreen,
    LimitsScreen,
    RunsScreen,
    LiveScreen,
    PitfallsScreen,
    ScenariosScreen,
    ExportScreen,
)


PARTS: tuple[type[DOMNode], ...] = (
    HelpScreen,
    PageScreen,
    FlipsScreen,
    PrelaunchScreen,
    PickPanel,
    TypedLine,
    PhoneForm,
)
"""What stands on or over a screen and has keys of its own."""

_UNREADY = tuple(
    Binding(
        key,
        f"unready('{name}')",
        system=True,
        show=False,
        id=f"app.unready.{name}",
        tooltip="Say why not now.",
    )
    for key, name in (("x", "cancel"), ("r", "run"))
)
"""Where a screen's own key is out of use, or it has none, something is said; only then does the key come this far."""


class SandboxApp(App[None]):
    """Routes messages between the screens and the work under way.

    Args:
        runner: does the work.
        read: reads the library.
        scenario: the scenario to highlight; None for the first.
        clock: paces progress messages.
    """

    TITLE = "Resolution sandbox"
    CSS_PATH = "app.tcss"
    COMMANDS: ClassVar = {PaletteProvider}
    BINDINGS: ClassVar[list[BindingType]] = [
        *mode_bindings(),
        Binding("q", "quit", "Quit", id="app.quit", tooltip="Stop the run under way and leave."),
        Binding(
            "escape",
            "put_away",
            "Put the failure away",
            id="app.put_away",
            show=False,
            priority=True,  # a failure in the way comes before what Esc means to the screen below it
            tooltip="Close the panel that says why a run failed.",
        ),
        *_UNREADY,
    ]

    def __init__(
        self,
        runner: Runner,
        read: LoadLibrary,
        scenario: str | None = None,
        clock: Clock = monotonic_s,
    ) -> None:
        """Wire the app; nothing is read or run yet."""
        super().__init__()
        self.news: Signal[News] = Signal(self, "news")
        self.session = Session(runner, scenario)
        self.keyboard = Keyboard(self, lambda: self.session.unread)
        self._load_library = read
        self._run_clock = clock
        self._stop: threading.Event | None = None
        self._said: dict[tuple[str, str], Notification] = {}
        for screen in SCREENS:
            self.add_mode(screen.MODE, partial(screen, self.session, self.news))
        for theme in THEMES:
            self.register_theme(theme)
        self.theme = THEMES[0].name

    async def on_mount(self) -> None:
        """Show the first screen; the library is read once it stands."""
        await self.switch_mode("compare")
        self.call_after_refresh(self._read_library)

    def on_unmount(self) -> None:
        """Tell a run under way to stop, whichever way the app was left."""
        self._raise_stop()
        self.keyboard.close()

    async def on_event(self, event: Event) -> None:
        """Let a key act once those typed before it have."""
        if not isinstance(event, Key) or event.is_forwarded or self.keyboard.takes(event):
            await super().on_event(event)

    async def action_quit(self) -> None:
        """Leave; the run is told first, so that it winds down while the screen closes."""
        self._raise_stop()
        await super().action_quit()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer to put a failure away only where one stands and nothing is being typed."""
        del parameters
        if action != "put_away":
            return True
        screen = self.screen
        typing = isinstance(screen.focused, Input)
        return isinstance(screen, ModeScreen) and screen.failure_shown and not typing

    def action_put_away(self) -> None:
        """Close the panel with the failure on every screen."""
        self.session.note(put_away := FailurePutAway())
        self.news.publish(put_away)

    def action_unready(self, wanted: str) -> None:
        """Say why nothing is run or stopped now."""
        idle = self.session.work is None
        self.notify(RUNS_NOTHING if idle and wanted == "run" else SILENT[wanted], severity="warning")

    async def action_show_mode(self, mode: str) -> None:
        """Show another screen; what was open on it stays open."""
        if mode != self.current_mode:
            await self.switch_mode(mode)

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """Offer every binding of the screen and the app in the palette, then Textual's own commands."""
        ours = list(commands_of(self, screen))
        yield from ours
        titles = {command.title for command in ours}
        for command in super().get_system_commands(screen):
            if command.title not in titles:
                yield command

    @on(Notify)
    def _replace(self, message: Notify) -> None:
        """Take away what was last said of the same kind: only the newest of it is worth reading."""
        said = message.notification
        kind = said.severity, said.title
        if kind in self._said:
            self._said[kind].timeout = 0.0
        self._said[kind] = said

    @on(ModeRequested)
    async def _show(self, message: ModeRequested) -> None:
        await self.action_show_mode(message.mode)

    @on(RunRequested)
    def _start(self, message: RunRequested) -> None:
        if self._stop is not None:
            self.notify("A run is under way; x stops it.", severity="warning")
            return
        self._stop = threading.Event()
        self.session.work, self.session.stopping, self.session.progress = message.work, False, None
        self.session.refused = self.session.failed = None
        self.news.publish(RunStarted(message.work))
        self._work(message.work, self._stop)

    @on(CancelRequested)
    def _cancel(self) -> None:
        if self._stop is not None:
            self._stop.set()
            self.session.stopping = True
            self.news.publish(RunStopping())

    @on(News)
    def _pass_on(self, message: News) -> None:
        if isinstance(message, RunEnded):
            self._stop = None
        self.session.note(message)
        self.news.publish(message)

    def _raise_stop(self) -> None:
        if self._stop is not None:
            self._stop.set()

    @work(thread=True, exclusive=True, group="run", exit_on_error=False)
    def _work(self, wanted: Work, stop: threading.Event) -> None:
        run_and_report(self.session.runner, wanted, self.post_message, self._run_clock, stop.is_set)

    @work(thread=True, group="library", exit_on_error=False)
    def _read_library(self) -> None:
        try:
            library = self._load_library()
        except (SandboxError, OSError) as fault:
            self.post_message(LibraryFailed(describe(fault)))
            return
        self.post_message(LibraryLoaded(with_named(library, self.session.scenario)))


def run_app(scenario: str | None = None) -> None:
    """Open the screens on the real library.

    Args:
        scenario: a library name or a path to a scenario file to highlight; None for the first.

    Raises:
        BadInput: SANDBOX_KEYS names a key that is not there to be bound.
    """
    owners: tuple[type[DOMNode], ...] = (SandboxApp, *SCREENS, *PARTS)
    ids = {binding.id for owner in owners for binding in keys_of(owner) if binding.id}
    keys = keymap_of(os.environ.get(KEYS_VARIABLE, ""), ids)
    prepare_process_pools()
    app = SandboxApp(LibraryRunner(SaveOptions()), load_library, scenario)
    app.set_keymap(keys)
    app.run()
