"""The numbered panel every figure stands in, and the view that draws its lines."""

from __future__ import annotations

from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.geometry import Region, Size
from textual.widget import Widget

from scenarios.result import Comparison
from tui.library import Words
from tui.messages import RowOpened


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
    """A bordered, focusable, scrolling box with its letter in the title.

    Attributes:
        KEY: the letter that focuses it.
        TITLE: what it shows, in a word or two.
        EXPLAINS: what the reader is looking at and how it comes about; shown by the help screen.
    """

    KEY: ClassVar[str]
    TITLE: ClassVar[str]
    EXPLAINS: ClassVar[str] = ""

    def on_mount(self) -> None:
        """Write the title into the border."""
        self.border_title = f"{self.KEY} {self.TITLE}"

    def show(self, comparison: Comparison, words: Words) -> None:
        """Show a result in place of the one before.

        Args:
            comparison: the result.
            words: the metrics in words.
        """
        raise NotImplementedError


class PickPanel(Panel):
    """A panel whose lines can be walked through; Enter or a click opens the one the cursor is on."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "step(-1)", "Up", id="panel.up", show=False, tooltip="Move to the line above."),
        Binding("down", "step(1)", "Down", id="panel.down", show=False, tooltip="Move to the line below."),
        Binding(
            "left", "aside(-1)", "Left", id="panel.left", show=False, tooltip="Move to the design before."
        ),
        Binding(
            "right", "aside(1)", "Right", id="panel.right", show=False, tooltip="Move to the next design."
        ),
    ]

    def picks(self) -> PickView:
        """Return the view that knows the lines."""
        return self.query_one(PickView)

    def action_step(self, by: int) -> None:
        """Move the cursor up or down and keep it in sight."""
        view = self.picks()
        view.move(by, 0)
        self.scroll_to_region(Region(0, view.line_of_cursor(), 1, 1), animate=False)

    def action_aside(self, by: int) -> None:
        """Move the cursor to another design."""
        self.picks().move(0, by)

    def open_picked(self) -> None:
        """Ask for what the cursor is on to be opened."""
        self.post_message(RowOpened(self.picks().picked))

    def on_focus(self) -> None:
        """Show the cursor while the panel has the keyboard."""
        self.picks().show_cursor(True)

    def on_blur(self) -> None:
        """Hide it otherwise."""
        self.picks().show_cursor(False)


class PickView(LinesView):
    """Lines with a cursor; subclasses say how many rows and columns there are to pick from and where they stand."""

    row = 0
    column = 0
    cursor_shown = False

    def extent(self) -> tuple[int, int]:
        """Return how many rows and columns can be picked from."""
        raise NotImplementedError

    def line_of_cursor(self) -> int:
        """Return the line the cursor stands on."""
        raise NotImplementedError

    def cell_at(self, x: int, y: int) -> tuple[int, int] | None:
        """Return the row and column drawn at a place, None where there is nothing to pick."""
        raise NotImplementedError

    @property
    def picked(self) -> tuple[str, str]:
        """What the cursor is on: a name, and a design or an empty text."""
        raise NotImplementedError

    @property
    def cursor(self) -> tuple[int, int] | None:
        """Row and column of the cursor while it is shown."""
        return (self.row, self.column) if self.cursor_shown else None

    def move(self, rows: int, columns: int) -> None:
        """Move the cursor within its bounds."""
        most = self.extent()
        self.row = max(0, min(most[0] - 1, self.row + rows))
        self.column = max(0, min(most[1] - 1, self.column + columns))
        self.refresh()

    def show_cursor(self, shown: bool) -> None:
        """Show or hide the cursor."""
        self.cursor_shown = shown
        self.refresh()

    def on_click(self, event: events.Click) -> None:
        """Move the cursor to the line; a second click opens it."""
        place = self.cell_at(event.x, event.y)
        if place is None:
            return
        again = place == (self.row, self.column) and self.cursor_shown
        self.row, self.column = place
        self.refresh()
        if again:
            self.post_message(RowOpened(self.picked))
