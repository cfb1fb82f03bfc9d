"""The parameters of a scenario as a list to walk: found by words, changed ones marked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from textual.content import Content
from textual.widgets.option_list import Option

from tui.whatif_reading import Row, rows
from tui.widgets.fitted_row import FittedRow
from tui.widgets.walked_list import WalkedList

if TYPE_CHECKING:
    from scenarios.whatif import Parameter

START = "campaign.messages"
"""The parameter most questions begin with; the cursor starts there."""


class ParameterList(WalkedList):
    """Lists parameters under their groups."""

    NOTHING = "No parameter is listed: the scenario is being read, has faults, or holds no such words (/)."

    _rows: Sequence[Row] = ()

    def fill(self, parameters: Sequence[Parameter], settings: Sequence[str], words: str) -> None:
        """List those that hold every word; the cursor stays on the one it was on."""
        one = self.chosen
        self._rows = rows(parameters, settings, words)
        self.clear_options()
        self.add_options(
            Option(Content.styled(row.group, "bold"), disabled=True)
            if row.parameter is None
            else Option(FittedRow(row.lines))
            for row in self._rows
        )
        if words and not self._rows:
            self.add_option(Option(f"nothing holds “{words}”; / changes the words", disabled=True))
        places = {row.parameter.path: at for at, row in enumerate(self._rows) if row.parameter is not None}
        if places:
            first = places.get(START, min(places.values()))
            self.highlighted = places.get(one.path, first) if one is not None else first

    def empty(self) -> None:
        """List nothing: there is no scenario to list the parameters of."""
        self._rows = ()
        self.clear_options()

    @property
    def chosen(self) -> Parameter | None:
        """The parameter the cursor is on."""
        place = self.highlighted
        return self._rows[place].parameter if place is not None and place < len(self._rows) else None
