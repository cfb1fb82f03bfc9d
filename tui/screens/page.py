"""A page over the screen: something explained at length, with the command that says the same."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Footer

from tui.widgets.panel import LinesView

Draw = Callable[[int], list[Content]]
"""From a width in columns to the lines of the page."""


class PageView(LinesView):
    """Draws what it is given for the width at hand."""

    def __init__(self, draw: Draw) -> None:
        """Remember how to draw."""
        super().__init__()
        self._draw = draw

    def lines(self, width: int, height: int | None) -> list[Content]:
        """Return the page's lines."""
        del height
        wrapped: list[Content] = []
        for line in self._draw(width):
            wrapped += line.wrap(width) if line.cell_length > width else [line]
        return wrapped


class PageScreen(ModalScreen[None]):
    """A scrollable page; Escape closes it, `y` copies its command.

    Args:
        title: of the page.
        draw: its lines for a width.
        command: the command line that gives the same, or empty.
    """

    CSS_PATH = "page.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,enter", "dismiss", "Close", id="page.close", tooltip="Go back to the screen."),
        Binding("y", "copy", "Copy", id="page.copy", tooltip="Copy the command that says the same."),
    ]

    def __init__(self, title: str, draw: Draw, command: str = "") -> None:
        """Remember what to show."""
        super().__init__()
        self._title = title
        self._draw = draw
        self._command = command

    def compose(self) -> ComposeResult:
        """Hold the page over its own keys: those of the screen beneath are out of use."""
        with VerticalScroll(id="page"):
            yield PageView(self._draw)
        yield Footer()

    def on_mount(self) -> None:
        """Name the page and its command; the foot says how to leave it."""
        page = self.query_one("#page")
        page.border_title = self._title
        page.border_subtitle = f"$ {self._command}" if self._command else ""
        page.focus()

    def action_copy(self) -> None:
        """Copy the command."""
        if self._command:
            self.app.copy_to_clipboard(self._command)
            self.notify(self._command, title="Copied")
        else:
            self.notify("There is no command for this page.", severity="warning")
