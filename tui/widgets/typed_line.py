"""A line to type into: while it has the keyboard the foot shows the keys that work there."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.keys import KEY_NAME_REPLACEMENTS

from tui.messages import LineLeft
from tui.widgets.ordered_input import OrderedInput

_RENAMED = frozenset(KEY_NAME_REPLACEMENTS.values())
"""Keys that are typed although Textual, which calls them by a name of its own, finds no character for it."""


class TypedLine(OrderedInput):
    """An input whose two keys stand in the foot; the screen's letters are gone from there, for they are typed."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "submit", "Take it", key_display="enter", id="line.take", tooltip="Take what is typed."),
        Binding("escape", "leave", "Leave it", id="line.leave", tooltip="Leave the line being typed."),
    ]  # fmt: skip

    def check_consume_key(self, key: str, character: str | None) -> bool:
        """Tell whether a key is typed here, and so is none of the screen's: `/`, `+` and `-` too."""
        return key in _RENAMED or super().check_consume_key(key, character)

    def action_leave(self) -> None:
        """Say that the line is left; whoever owns it knows where the keyboard goes."""
        self.post_message(LineLeft())
