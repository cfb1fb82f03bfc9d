"""A row of a list that is never cut: what does not fit hangs below where the words begin."""

from __future__ import annotations

import textwrap

from textual.content import Content
from textual.css.styles import RulesMap
from textual.strip import Strip
from textual.style import Style
from textual.visual import RenderOptions, Visual

_ROOM_LEAST = 10
"""Columns the words have however narrow the list is: below that a word a line would fill the screen."""


class HangingRow(Visual):
    """Figures in front, words behind them; the words wrap, the figures stand alone.

    Args:
        head: what stands in front, blanks included.
        words: what may take several lines.
        command: they are a command line, parted at blanks alone.
    """

    def __init__(self, head: str, words: str, *, command: bool = False) -> None:
        """Remember both parts."""
        self._head = head
        self._command = command
        self._words = words

    @property
    def plain(self) -> str:
        """The row as it reads in one line."""
        return self._head + self._words

    def render_strips(
        self, width: int, height: int | None, style: Style, options: RenderOptions
    ) -> list[Strip]:
        """Draw the row for a width."""
        return Content("\n".join(self._lines(width))).render_strips(width, height, style, options)

    def get_optimal_width(self, rules: RulesMap, container_width: int) -> int:
        """Ask for the columns of one line."""
        del rules, container_width
        return Content(self.plain).cell_length

    def get_height(self, rules: RulesMap, width: int) -> int:
        """Return the lines it takes at a width."""
        del rules
        return len(self._lines(width))

    def _lines(self, width: int) -> list[str]:
        room = max(_ROOM_LEAST, width - len(self._head))
        parts = textwrap.wrap(self._words, room, break_on_hyphens=not self._command) or [""]
        return [self._head + parts[0], *(" " * len(self._head) + part for part in parts[1:])]
