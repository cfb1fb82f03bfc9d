"""The app: starts and stops runs, passes news to the screens and routes between them; it shows nothing."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from functools import partial
from typing import ClassVar

from textual import on, work
from textual.app import App, SystemCommand
from textual.binding import Binding, BindingType
from textual.screen import Screen
from textual.signal import Signal

from sandbox.errors import SandboxError
from tui.cli.orders import Order
from tui.clock import Clock, monotonic_s
from tui.library import Library, load_library, with_named
from tui.messages import (
    CancelRequested,
    LibraryFailed,
    LibraryLoaded,
    News,
    RunEnded,
    RunRequested,
    RunStarted,
    RunStopping,
)
from tui.runner import (
    LibraryRunner,
    Runner,
    describe,
    prepare_process_pools,
    run_and_report,
)
from tui.screens.compare import CompareScreen
from tui.themes import THEMES

LoadLibrary = Callable[[], Library]
"""Reads what there is before a run; called on a worker thread, after the first frame."""


class SandboxApp(App[None]):
    """Routes messages between the screens and the run under way.

    Args:
        runner: runs comparisons.
        read: reads the library.
        scenario: the scenario to highlight; None for the first.
        clock: paces progress messages.
    """

    TITLE = "Resolution sandbox"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("q", "quit", "Quit", id="app.quit", tooltip="Stop the run under way and leave."),
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
        self._runner = runner
        self._load_library = read
        self._scenario = scenario
        self._run_clock = clock
        self._stop: threading.Event | None = None
        self.add_mode("compare", partial(CompareScreen, self.news, scenario))
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

    async def action_quit(self) -> None:
        """Leave; the run is told first, so that it winds down while the screen closes."""
        self._raise_stop()
        await super().action_quit()

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """Offer every binding of the screen and the app in the palette, then Textual's own commands."""
        ours = list(_binding_commands(self, screen))
        yield from ours
        titles = {command.title for command in ours}
        for command in super().get_system_commands(screen):
            if command.title not in titles:
                yield command

    @on(RunRequested)
    def _start(self, message: RunRequested) -> None:
        if self._stop is not None:
            self.notify("A run is under way; x stops it.", severity="warning")
            return
        self._stop = threading.Event()
        self.news.publish(RunStarted(message.order))
        self._work(message.order, self._stop)

    @on(CancelRequested)
    def _cancel(self) -> None:
        if self._stop is not None:
            self._stop.set()
            self.news.publish(RunStopping())

    @on(News)
    def _pass_on(self, message: News) -> None:
        if isinstance(message, RunEnded):
            self._stop = None
        self.news.publish(message)

    def _raise_stop(self) -> None:
        if self._stop is not None:
            self._stop.set()

    @work(thread=True, exclusive=True, group="run", exit_on_error=False)
    def _work(self, order: Order, stop: threading.Event) -> None:
        run_and_report(self._runner, order, self.post_message, self._run_clock, stop.is_set)

    @work(thread=True, group="library", exit_on_error=False)
    def _read_library(self) -> None:
        try:
            library = self._load_library()
        except (SandboxError, OSError) as fault:
            self.post_message(LibraryFailed(describe(fault)))
            return
        self.post_message(LibraryLoaded(with_named(library, self._scenario)))


def _binding_commands(app: App[None], screen: Screen[object]) -> Iterable[SystemCommand]:
    for owner in (screen, app):
        for binding in type(owner).BINDINGS:
            if isinstance(binding, Binding) and binding.id:
                run = partial(app.run_action, binding.action, owner)
                yield SystemCommand(binding.description, binding.tooltip, run)


def run_app(scenario: str | None = None) -> None:
    """Open the screens on the real library.

    Args:
        scenario: a library name or a path to a scenario file to highlight; None for the first.
    """
    prepare_process_pools()
    SandboxApp(LibraryRunner(), load_library, scenario).run()
