"""The numbered panel every figure stands in, and the view that draws its lines."""

from __future__ import annotations

from typing import ClassVar

from textual.containers import VerticalScroll
from textual.content import Content
from textual.geometry import Size
from textual.widget import Widget

from scenarios.result import Comparison
from tui.library import Words


class LinesView(Widget):
    """A widget that is a list of ready lines; subclasses say which lines fit a width and a height."""

    DEFAULT_CSS = """
    LinesView {
        width: 1fr;
        height: auto;
        text-wrap: nowrap;
        text-overflow: clip;
    }
    """

    def lines(self, width: int, height: int | None) -> list[Content]:
        """Return the lines to show.

        Args:
            width: cells.
            height: rows to fill, or None to take what is needed.
        """
        raise NotImplementedError

    def get_content_width(self, container: Size, viewport: Size) -> int:
        """Take all the width there is."""
        del viewport
        return container.width

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """Take a row per line."""
        del container, viewport
        return max(1, len(self.lines(width, None)))

    def render(self) -> Content:
        """Draw the lines for the size at hand."""
        return Content("\n").join(self.lines(self.content_size.width, self.content_size.height))


class Panel(VerticalScroll):
    """A bordered, focusable, scrolling box with its digit in the title.

    Attributes:
        NUMBER: the digit that focuses it.
        TITLE: what it shows, in a word or two.
        EXPLAINS: what the reader is looking at and how it comes about; shown by the help screen.
    """

    NUMBER: ClassVar[int]
    TITLE: ClassVar[str]
    EXPLAINS: ClassVar[str] = ""

    def on_mount(self) -> None:
        """Write the title into the border."""
        self.border_title = f"{self.NUMBER} {self.TITLE}"

    def show(self, comparison: Comparison, words: Words) -> None:
        """Show a result in place of the one before.

        Args:
            comparison: the result.
            words: the metrics in words.
        """
        raise NotImplementedError
