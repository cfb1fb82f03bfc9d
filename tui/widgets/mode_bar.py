"""The bar on top: the screens by their digit, and the scenario in hand. A click shows a screen."""

from __future__ import annotations

from rich.cells import cell_len
from textual import events
from textual.content import Content
from textual.geometry import Size
from textual.widget import Widget

from tui.chartmath import fit_right
from tui.messages import ModeRequested
from tui.modes import tab_spans
from tui.session import Session

_GAP = 2


class ModeBar(Widget):
    """The names in one row, or in more where they do not fit; the active one stands out by brackets and by colour.

    Args:
        session: whose scenario is named on the right.
        active: the screen the bar belongs to.
    """

    DEFAULT_CSS = "ModeBar { height: auto; width: 1fr; }"

    def __init__(self, session: Session, active: str) -> None:
        """Remember whose bar it is."""
        super().__init__()
        self._session = session
        self._active = active

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """Take the rows the names need, and one more where what is in hand does not fit beside them."""
        del container, viewport
        return len(bar_rows(width, self._active, hand_words(self._session)))

    def render(self) -> Content:
        """Draw the names, and what is in hand."""
        return Content("\n").join(bar_rows(self.size.width, self._active, hand_words(self._session)))

    def on_click(self, event: events.Click) -> None:
        """Show the screen whose name was clicked."""
        for span in tab_spans(self.size.width):
            if span.row == event.y and span.start <= event.x < span.end:
                self.post_message(ModeRequested(span.mode))


def bar_rows(width: int, active: str, hand: str) -> list[Content]:
    """Return the bar's rows; what is in hand stands on the right of the first it fits into, else below them all."""
    spans = tab_spans(width)
    rows: list[Content] = []
    said = not hand
    for row in range(spans[-1].row + 1):
        names = [span for span in spans if span.row == row]
        parts: list[tuple[str, str]] = []
        for span in names:
            here = span.mode == active
            text = f"[{span.text[1:-1]}]" if here else span.text
            parts.append((text, "bold $accent" if here else "$foreground-muted"))
        room = width - names[-1].end - _GAP
        if not said and cell_len(hand) <= room:
            parts.append((" " * _GAP + fit_right(hand, room), "$foreground-muted"))
            said = True
        rows.append(Content.assemble(*parts))
    return rows if said else [*rows, Content.styled(fit_right(hand, width), "$foreground-muted")]


def hand_words(session: Session) -> str:
    """Say which scenario is in hand and how much of it was changed."""
    if session.scenario is None:
        return ""
    changes = len(session.settings)
    return f"{changes} changed · {session.scenario}" if changes else session.scenario
