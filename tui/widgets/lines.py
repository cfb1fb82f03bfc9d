"""A framed box of ready lines that takes the height it needs."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from textual.content import Content

from tui.widgets.panel import LinesView


class LinesPanel(LinesView):
    """Shows what it is told to draw; its frame and title come from the stylesheet and its owner."""

    _draw: Callable[[int], list[Content]] | None = None

    def draw(self, lines: Callable[[int], list[Content]]) -> None:
        """Show lines that depend on the width at hand."""
        self._draw = lines
        self.refresh(layout=True)

    def say(self, texts: Sequence[str]) -> None:
        """Show plain texts, wrapped."""
        self.draw(lambda width: [part for text in texts for part in Content(text).wrap(max(1, width))])

    def lines(self, width: int, height: int | None) -> list[Content]:
        """Return the lines for a width."""
        del height
        return [] if self._draw is None else self._draw(width)
