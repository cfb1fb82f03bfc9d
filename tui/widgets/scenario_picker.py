"""The scenario picker: a list with each scenario's story; one line high once there is a result to look at."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Label, OptionList, Static
from textual.widgets.option_list import Option

from tui.library import ScenarioListing
from tui.messages import ScenarioHighlighted, ScenarioPicked


class ScenarioPicker(Vertical):
    """Lists the scenarios; the highlighted one is what a run takes.

    Attributes:
        KEY: the letter that focuses it.
        TITLE: what it shows.
        EXPLAINS: shown by the help screen.
    """

    KEY: ClassVar[str] = "s"
    TITLE: ClassVar[str] = "Scenario"
    EXPLAINS: ClassVar[str] = (
        "Up and down choose a scenario; Enter or r runs it with its own seed and replications. A scenario is "
        "a file that describes the customers, the call centre and the designs to compare."
    )

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's own name
        """Start empty; `fill` brings the scenarios."""
        super().__init__(id=id)
        self._entries: tuple[ScenarioListing, ...] = ()

    def compose(self) -> ComposeResult:
        """Lay out the title, the list and the story."""
        yield Label(f"{self.KEY} {self.TITLE}", id="picker-title")
        yield OptionList(id="picker-list")
        yield Static("Reading the scenario library …", id="picker-story", markup=False)

    def fill(self, entries: Sequence[ScenarioListing], chosen: str | None) -> None:
        """Show the scenarios and highlight `chosen`, or the first."""
        self._entries = tuple(entries)
        options = self.query_one(OptionList)
        options.clear_options()
        options.add_options(Option(Content(f"{entry.name}  {entry.title}")) for entry in self._entries)
        if not self._entries:
            self.say("No scenario found.")
            return
        names = [entry.name for entry in self._entries]
        options.highlighted = names.index(chosen) if chosen in names else 0

    def fill_anew(self, entries: Sequence[ScenarioListing], chosen: str | None) -> bool:
        """Show the scenarios if they are others than are listed; False, and nothing changed, if they are not."""
        if tuple(entries) == self._entries:
            return False
        self.fill(entries, chosen)
        return True

    def mark(self, name: str | None) -> None:
        """Highlight a scenario that was chosen elsewhere."""
        names = [entry.name for entry in self._entries]
        if name in names:
            self.query_one(OptionList).highlighted = names.index(name)

    def say(self, text: str) -> None:
        """Show a sentence in place of the story."""
        self.query_one("#picker-story", Static).update(text)

    @property
    def chosen(self) -> ScenarioListing | None:
        """The highlighted scenario, or None while there is none."""
        index = self.query_one(OptionList).highlighted
        return self._entries[index] if index is not None and index < len(self._entries) else None

    def on_resize(self) -> None:
        """Keep the highlighted scenario in sight when the list shrinks to one line."""
        self.call_after_refresh(self.query_one(OptionList).scroll_to_highlight)

    @on(OptionList.OptionHighlighted)
    def _tell_story(self, event: OptionList.OptionHighlighted) -> None:
        event.stop()
        if self.chosen is not None:
            self.say(" ".join(self.chosen.story.split()))
            self.post_message(ScenarioHighlighted(self.chosen.name))

    @on(OptionList.OptionSelected)
    def _pick(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        if self.chosen is not None:
            self.post_message(ScenarioPicked(self.chosen.name))
