"""Drives the app without a terminal: no animation, no plugin, no sleeping; waits on workers and idle queues."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from textual.color import Color
from textual.events import Key
from textual.message import Message
from textual.pilot import Pilot
from textual.screen import ModalScreen
from textual.widgets import Footer

from tests.tui.canned import CannedRunner, read
from tui.app import SandboxApp
from tui.library import Library
from tui.runner import Runner

WIDE = (120, 40)
SMALL = (80, 24)
LARGE = (200, 60)

_TRIES = 100
"""Hundredths of a second a foot may take to be true; one that never is shows in what the test reads."""


@dataclass
class Stage:
    """An app under test: its pilot, and every message any part of it received."""

    app: SandboxApp
    pilot: Pilot[None]
    messages: list[Message] = field(default_factory=list)

    async def settle(self) -> None:
        """Wait until no worker runs and every queue is empty."""
        await self.pilot.pause()
        await self.app.workers.wait_for_complete()
        await self.app.keyboard.quiet()
        await self.pilot.pause()
        await self._foot()

    async def press(self, *keys: str) -> None:
        """Press keys, settling after each."""
        for key in keys:
            await self.pilot.press(key)
            await self.app.workers.wait_for_complete()
            await self.app.keyboard.quiet()
            await self.pilot.pause()
        await self._foot()

    def type_ahead(self, *keys: str) -> None:
        """Type keys as somebody does who knows the way: all of them before any has acted."""
        for key in keys:
            self.app.post_message(Key(key, key if len(key) == 1 else None))

    async def _foot(self) -> None:
        """Wait until the foot shows the keys there are: it is composed anew some refreshes after a change."""
        for _ in range(_TRIES):
            screen = self.app.screen
            wanted = {found.binding.action for found in screen.active_bindings.values() if found.binding.show}
            shown = {key.action for key in screen.query("FooterKey") if not key.has_class("-command-palette")}
            if shown == wanted or not screen.query(Footer):
                return
            await self.pilot.pause(0.01)

    async def shows(self, words: str) -> bool:
        """Wait until the screen shows these words, for what is drawn or scrolled some refreshes after its message."""
        for _ in range(_TRIES):
            if words in self.text():
                return True
            await self.pilot.pause(0.01)
        return False

    async def start_and_wait(self, running: threading.Event) -> None:
        """Press r and wait until the run's thread says it is under way and its news has arrived."""
        await self.pilot.press("r")
        assert await asyncio.to_thread(running.wait, 10.0)
        await self.pilot.pause()
        await self.pilot.pause()

    def heard(self, kind: type[Message]) -> int:
        """Count the messages of a kind that the app itself received."""
        return len({id(message) for message in self.messages if isinstance(message, kind)})

    def text(self) -> str:
        """Return the screen as text, each line without its trailing blanks."""
        return "\n".join(strip.text.rstrip() for strip in self._strips())

    def line(self, index: int) -> str:
        """Return one line of the screen; negative counts from below."""
        return self.text().splitlines()[index]

    def notices(self) -> str:
        """Return everything the app has said in passing."""
        return "\n".join(notice.message for notice in self.app._notifications)

    def colours(self) -> set[Color]:
        """Return every colour on the screen as it would reach the terminal."""
        return {colour for _, colour, ground in self.coloured() for colour in (colour, ground)}

    def coloured(self) -> list[tuple[str, Color, Color]]:
        """Return every run of text that can be read, with its colour and its ground as they reach the terminal.

        Under a page that stands over the screen nothing can be read: of that, only the page is told.
        """
        screen = self.app.screen
        pages = [child.region for child in screen.children if isinstance(screen, ModalScreen)]
        found = []
        for y, strip in enumerate(self._strips()):
            shown = strip
            for line_filter in self.app._filters:
                shown = shown.apply_filter(line_filter, screen.styles.background)
            spans = [(page.x, page.right) for page in pages if page.y <= y < page.bottom]
            for part in (shown.crop(*span) for span in spans) if pages else [shown]:
                for text, style, _ in part:
                    if style and style.color and style.bgcolor and text.strip():
                        pair = Color.from_rich_color(style.color), Color.from_rich_color(style.bgcolor)
                        found.append((text, *(reversed(pair) if style.reverse else pair)))
        return found

    def _strips(self) -> list:
        # The only reach into Textual's private parts: it has no public way to read the screen as text.
        return self.app.screen._compositor.render_strips()


def drive(
    script: Callable[[Stage], Awaitable[None]],
    runner: Runner | None = None,
    size: tuple[int, int] = WIDE,
    library: Callable[[], Library] = read,
    scenario: str | None = None,
    *,
    settled: bool = True,
) -> SandboxApp:
    """Run `script` against an app with canned parts; return the closed app.

    Args:
        script: presses keys and looks.
        runner: does the work; canned if None.
        size: columns and rows.
        library: reads what there is.
        scenario: the one to highlight.
        settled: begin when the library is read; otherwise with the first frame.
    """
    app = SandboxApp(runner or CannedRunner(), library, scenario)
    app.animation_level = "none"
    messages: list[Message] = []

    async def play() -> None:
        async with app.run_test(size=size, message_hook=messages.append) as pilot:
            stage = Stage(app, pilot, messages)
            if settled:
                await stage.settle()
            await script(stage)

    asyncio.run(play())
    return app


def tour(size: tuple[int, int], *stops: str, runner: Runner | None = None) -> dict[str, tuple[str, bool]]:
    """The screen at the start ("") and after each stop, and whether any colour on it is not grey.

    Args:
        size: columns and rows.
        stops: keys parted by blanks, pressed one after the other; the screen after the last of them is kept.
        runner: does the work; canned if None.
    """
    shown: dict[str, tuple[str, bool]] = {}

    async def script(stage: Stage) -> None:
        for stop in ("", *stops):
            await stage.press(*stop.split())
            coloured = any(max(colour.rgb) - min(colour.rgb) > 2 for colour in stage.colours())
            shown[stop] = (stage.text(), coloured)

    drive(script, runner, size)
    return shown
