"""The flip list: whose case ends worse, whose better, when one design takes the place of another."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Footer, OptionList, Static
from textual.widgets.option_list import Option

from tui.cli.remarks import overriding
from tui.flip_reading import FlipRow, flip_rows, segment_lines

if TYPE_CHECKING:
    from scenarios.explain.flips import Flips


class FlipsScreen(ModalScreen[int | None]):
    """A list over the screen; leaves with the case to follow, or with None.

    Args:
        found: the two designs.
        command: the command line that says the same.
    """

    CSS_PATH = "flips.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss", "Close", id="flips.close", tooltip="Go back to the comparison."),
        Binding("y", "copy", "Copy", id="flips.copy", tooltip="Copy the command that says the same."),
    ]

    def __init__(self, found: Flips, command: str) -> None:
        """Lay the rows out."""
        super().__init__()
        self._found = found
        self._command = command
        self._rows: list[FlipRow] = flip_rows(found)

    def compose(self) -> ComposeResult:
        """Hold the list and the segments."""
        with Vertical(id="flips"):
            runs = self._found.replications
            yield Static(
                f"The same {self._found.cases:,} customers with the same luck; {runs} replications.",
                markup=False,
            )
            for text in overriding(self._found.notes):
                yield Static(text, markup=False)
            yield OptionList(
                *(Option(Content(row.text), disabled=row.case_id is None) for row in self._rows),
                id="flip-list",
            )
            yield Static("\n".join(segment_lines(self._found)), id="flip-segments", markup=False)
        yield Footer()

    def on_mount(self) -> None:
        """Name the page and say how to leave it."""
        page = self.query_one("#flips")
        page.border_title = f"From {self._found.before} to {self._found.after}: who is better off"
        page.border_subtitle = "Enter follows a case · y copies the command · Esc closes"
        self.query_one(OptionList).focus()

    def action_copy(self) -> None:
        """Copy the command."""
        self.app.copy_to_clipboard(self._command)
        self.notify(self._command, title="Copied")

    @on(OptionList.OptionSelected)
    def _follow(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(self._rows[event.option_index].case_id)
