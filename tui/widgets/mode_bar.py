"""The bar on top: the screens by their digit, and the scenario in hand. A click shows a screen."""

from __future__ import annotations

from textual import events
from textual.content import Content
from textual.widget import Widget

from tui.chartmath import fit, fit_right
from tui.messages import ModeRequested
from tui.modes import tab_spans
from tui.session import Session

_GAP = 2


class ModeBar(Widget):
    """One line; the active screen stands out by brackets and by colour.

    Args:
        session: whose scenario is named on the right.
        active: the screen the bar belongs to.
    """

    DEFAULT_CSS = "ModeBar { height: 1; width: 1fr; }"

    def __init__(self, session: Session, active: str) -> None:
        """Remember whose bar it is."""
        super().__init__()
        self._session = session
        self._active = active

    def render(self) -> Content:
        """Draw the names, then what is in hand as far as there is room."""
        return bar_text(self.size.width, self._active, hand_words(self._session))

    def on_click(self, event: events.Click) -> None:
        """Show the screen whose name was clicked."""
        for span in tab_spans(self.size.width, self._active):
            if span.start <= event.x < span.end:
                self.post_message(ModeRequested(span.mode))


def bar_text(width: int, active: str, hand: str) -> Content:
    """Return the bar in exactly `width` columns."""
    parts: list[tuple[str, str]] = []
    used = 0
    for span in tab_spans(width, active):
        here = span.mode == active
        text = f"[{span.text[1:-1]}]" if here else span.text
        parts.append((text, "bold $accent" if here else "$foreground-muted"))
        used = span.end
    room = width - used - _GAP
    if room > 0:
        parts.append((" " * _GAP + fit_right(fit(hand, min(room, len(hand))), room), "$foreground-muted"))
    return Content.assemble(*parts)


def hand_words(session: Session) -> str:
    """Say which scenario is in hand and how much of it was changed."""
    if session.scenario is None:
        return ""
    changes = len(session.settings)
    return f"{changes} changed · {session.scenario}" if changes else session.scenario
