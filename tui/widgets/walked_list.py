"""A list to walk whose Enter answers even where it holds nothing."""

from __future__ import annotations

from typing import ClassVar

from textual.widgets import OptionList


class WalkedList(OptionList):
    """Says why there is nothing to open instead of keeping silent."""

    NOTHING: ClassVar[str]

    def action_select(self) -> None:
        """Select what the cursor is on, or say why it is on nothing."""
        if self.highlighted is None:
            self.notify(self.NOTHING, severity="warning")
        else:
            super().action_select()
