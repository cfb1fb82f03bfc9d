"""A line at the bottom to type one answer into; hidden until something is asked."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.widgets import Input, Static

from tui.messages import Answered
from tui.widgets.ordered_input import OrderedInput


class AskLine(Horizontal):
    """Asks one thing at a time; Enter answers, Escape takes the question back."""

    DEFAULT_CSS = """
    AskLine { height: 1; padding: 0 1; background: $panel; display: none; }
    AskLine Static { width: auto; max-width: 70%; text-style: bold; }
    AskLine Input { width: 1fr; height: 1; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "escape", "leave", "Leave", id="ask.leave", show=False, tooltip="Leave the line being typed."
        ),
    ]

    _what = ""

    def compose(self) -> ComposeResult:
        """Lay out the question and the line."""
        yield Static("", markup=False)
        yield OrderedInput(compact=True)

    def ask(self, what: str, label: str, text: str) -> None:
        """Open the line.

        Args:
            what: comes back with the answer.
            label: before the line.
            text: what stands in it.
        """
        self._what = what
        self.display = True
        self.query_one(Static).update(label)
        line = self.query_one(Input)
        line.value = text
        line.cursor_position = len(text)
        self.screen.set_focus(line)

    @property
    def asked(self) -> str:
        """What is being asked, or empty."""
        return self._what if self.display else ""

    @property
    def text(self) -> str:
        """What stands in the line."""
        return self.query_one(Input).value

    def action_leave(self) -> None:
        """Take the question back."""
        self.display = False
        self.post_message(Answered(self._what, None))

    @on(Input.Submitted)
    def _answered(self, event: Input.Submitted) -> None:
        event.stop()
        self.display = False
        self.post_message(Answered(self._what, event.value))
