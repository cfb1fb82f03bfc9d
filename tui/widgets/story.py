"""The story of one case: a timeline in a panel that scrolls."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content

from tui.case_reading import story_lines
from tui.widgets.panel import LinesView

if TYPE_CHECKING:
    from scenarios.evidence.trace import CaseTrace

OTHERS = "same customer: d next design · o all designs"
"""Which keys show what becomes of the customer elsewhere; short enough for the panel at 120 columns."""


class StoryView(LinesView):
    """Draws the timeline for the width at hand."""

    story: CaseTrace | None = None
    evidence = False

    def lines(self, width: int, height: int | None) -> list[Content]:
        """Return the timeline's lines."""
        del height
        if self.story is None:
            return [Content("")]
        return story_lines(self.story, width, evidence=self.evidence)


class StoryPanel(VerticalScroll):
    """Holds the timeline; the keyboard scrolls it."""

    def compose(self) -> ComposeResult:
        """Hold the view."""
        yield StoryView()

    def on_mount(self) -> None:
        """Name the panel."""
        self.border_title = "From trigger to record"

    def tell(self, story: CaseTrace) -> None:
        """Show a case, from its beginning, and say how to see the same customer elsewhere."""
        self.border_subtitle = OTHERS
        view = self.query_one(StoryView)
        view.story = story
        view.refresh(layout=True)
        self.scroll_home(animate=False)

    def clear(self) -> None:
        """Show nothing."""
        self.border_subtitle = ""
        view = self.query_one(StoryView)
        view.story = None
        view.refresh(layout=True)

    def turn_evidence(self) -> None:
        """Show the rows of evidence, or leave them out."""
        view = self.query_one(StoryView)
        view.evidence = not view.evidence
        view.refresh(layout=True)
