"""The error panel: what broke a run and how to see it again."""

from __future__ import annotations

from textual.widgets import Static

from scenarios.notes import NOT_REPRODUCED
from tui.work import Work, despite_history


class ErrorPanel(Static):
    """Shows a failed run: the message, the seed and the command; hidden until needed."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's own name
        """Start hidden."""
        super().__init__(id=id, markup=False)
        self.border_subtitle = "Esc closes"
        self.display = False

    def show(self, work: Work, reason: str, *, history: bool = False) -> None:
        """Show a failure.

        Args:
            work: what was asked for.
            reason: why it failed.
            history: it was refused because history is not reproduced, so it can be run all the same.
        """
        self.border_title = "✘ Not run: history is not reproduced" if history else "✘ The run failed"
        self.update(refusal_words(work, reason) if history else failure_words(work, reason))
        self.display = True

    def clear(self) -> None:
        """Hide the panel."""
        self.display = False


def failure_words(work: Work, reason: str) -> str:
    """Say what failed, with which seed, and the command that repeats it."""
    order = work.order
    seed = "the scenario's own" if order.seed is None else str(order.seed)
    return f"{reason}\nscenario {order.scenario} · seed {seed}\nrepeat with: {work.command()}"


def refusal_words(work: Work, reason: str) -> str:
    """Say how to run all the same, with the words that every output then carries; then what is off."""
    anyway = despite_history(work).command()
    offer = f"h runs all the same; every output then says “{NOT_REPRODUCED}”"
    return f"{offer}\nby: {anyway}\n{failure_words(work, reason)}"
