"""One row of a list whose columns depend on the width the list has; what has no room in its column goes on below."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from textual.content import Content
from textual.strip import Strip
from textual.visual import Visual

if TYPE_CHECKING:
    from textual.css.styles import RulesMap
    from textual.style import Style
    from textual.visual import RenderOptions


class FittedRow(Visual):
    """Is written anew for every width, so that a list need not be filled again when its room changes."""

    def __init__(self, write: Callable[[int], list[str]]) -> None:
        """Remember how to write the lines for a width in cells."""
        self.lines = write

    def render_strips(
        self, width: int, height: int | None, style: Style, options: RenderOptions
    ) -> list[Strip]:
        """Return the lines."""
        return Content("\n".join(self.lines(width))).render_strips(width, height, style, options)

    def get_optimal_width(self, rules: RulesMap, container_width: int) -> int:
        """Return all the width there is."""
        del rules
        return container_width

    def get_height(self, rules: RulesMap, width: int) -> int:
        """Return the lines it takes at a width."""
        del rules
        return len(self.lines(width))
