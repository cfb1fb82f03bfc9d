"""Keys in the order they were typed: each is done with, on the screen it asked for, before the next acts."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING

from textual.widgets import Input

if TYPE_CHECKING:
    from textual.app import App
    from textual.dom import DOMNode
    from textual.events import Key

MOST_HELD = 4_096
"""Keys that wait at most: as many as a terminal's own line holds. More is no typing, and is dropped."""

PATIENCE_S = 5.0
"""How long keys wait for what a screen reads at first: reading takes tenths of a second; a disk that hangs must not
make the keyboard useless."""

LAPS = 5
"""How often word is sent the way a key goes. A key asks a widget, which tells its screen, which asks the app, which
changes the screen: each of these stands in its own queue behind the word of the lap before."""

AT_ONCE = frozenset({"ctrl+q", "ctrl+c"})
"""Keys that are never part of what is typed, and must work whatever is waited for."""

AWAITED = frozenset({"study", "runs", "phone", "theory"})
"""Groups of workers that read what a screen is about: before they are done its keys would find it empty."""

MOVES = frozenset({"up", "down", "left", "right", "pageup", "pagedown", "home", "end"})
"""Keys that move within what has the keyboard, and are held down: nothing is waited for behind them."""

EDITS = MOVES | {"backspace", "delete"}
"""Keys that, beside what is typed, stay in a line."""

_LOOK_S = 0.02
"""How often it is looked whether a queue still stands, and whether reading is over."""


class Keyboard:
    """Lets one key act at a time; the others wait until everything it set off has been done.

    Without it a key goes to whatever has the keyboard when it is read, which is the screen that is about to be left
    while the one asked for is still being built.

    Args:
        app: whose keys these are.
        unread: whether what every screen is about is still to be read.
    """

    def __init__(self, app: App[None], unread: Callable[[], bool]) -> None:
        """Hold nothing."""
        self._app = app
        self._unread = unread
        self._held: deque[Key] = deque()
        self._freed: set[Key] = set()
        self._waiting: asyncio.Task[None] | None = None
        self._given_up: set[object] = set()

    def takes(self, key: Key) -> bool:
        """Tell whether a key may act now; one that may not is kept, and sent to the app again in its turn."""
        if key.key in AT_ONCE:
            return True
        if key in self._freed:
            self._freed.remove(key)
            return True
        free = self._waiting is None and not self._held and not self._reading()
        if free and self._stays(key):
            return True
        if not free and len(self._held) < MOST_HELD:
            self._held.append(key)
        if self._waiting is None:
            self._waiting = asyncio.create_task(self._follow())
        return free

    def close(self) -> None:
        """Forget what is held: the app is left."""
        self._held.clear()
        if self._waiting is not None:
            self._waiting.cancel()

    async def quiet(self) -> None:
        """Wait until every key has acted."""
        while self._waiting is not None:
            await asyncio.wait({self._waiting})

    async def _follow(self) -> None:
        """Wait for the key that acts, then let the next one act, until none is left."""
        try:
            await self._settled()
            while self._held:
                key = self._held.popleft()
                stays = self._stays(key)
                self._freed.add(key)
                self._app.post_message(key)
                if not stays:
                    await self._settled()
        finally:
            self._waiting = None

    def _stays(self, key: Key) -> bool:
        """Whether the next key goes where this one does, so that their order is kept anyway."""
        focused = self._app.focused
        if isinstance(focused, Input):
            return key.key in EDITS or focused.check_consume_key(key.key, key.character)
        return key.key in MOVES

    async def _settled(self) -> None:
        """Wait until what a key set off has been done and the screen in sight has read what it is about."""
        await self._laps()
        if not self._reading():
            return
        for _ in range(round(PATIENCE_S / _LOOK_S)):
            await asyncio.sleep(_LOOK_S)
            if not self._reading():
                break
        self._given_up |= self._reading()
        await self._laps()

    async def _laps(self) -> None:
        """Wait, lap by lap, until every queue from what has the keyboard up to the app has had its turn."""
        for _ in range(LAPS):
            if self._app.screen_stack:
                for node in (self._app.focused or self._app.screen).ancestors_with_self:
                    await self._turn(node)

    def _reading(self) -> set[object]:
        """What is still being read for the screen in sight, and is worth waiting for."""
        found: set[object] = {
            worker
            for worker in self._app.workers
            if worker.group in AWAITED
            and not worker.is_finished
            and worker.node in self._app.screen_stack[-1:]
        }
        if self._unread():
            found.add(self._unread)
        return found - self._given_up

    async def _turn(self, node: DOMNode) -> None:
        """Wait until a queue has come to what stands in it now; one that is taken away has no turn."""
        come = asyncio.Event()
        if not node.call_later(come.set):
            return
        while not come.is_set() and (node is self._app or node.is_attached):
            with suppress(TimeoutError):
                await asyncio.wait_for(come.wait(), _LOOK_S)
