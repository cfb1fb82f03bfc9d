"""The error panel: what broke a run and how to see it again."""

from __future__ import annotations

from textual.widgets import Static

from tui.work import Work


class ErrorPanel(Static):
    """Shows a failed run: the message, the seed and the command; hidden until needed."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's own name
        """Start hidden."""
        super().__init__(id=id, markup=False)
        self.display = False

    def on_mount(self) -> None:
        """Name the panel in its border."""
        self.border_title = "✘ The run failed"

    def show(self, work: Work, reason: str) -> None:
        """Show a failure."""
        self.update(failure_words(work, reason))
        self.display = True

    def clear(self) -> None:
        """Hide the panel."""
        self.display = False


def failure_words(work: Work, reason: str) -> str:
    """Say what failed, with which seed, and the command that repeats it."""
    order = work.order
    seed = "the scenario's own" if order.seed is None else str(order.seed)
    return f"{reason}\nscenario {order.scenario} · seed {seed}\nrepeat with: {work.command()}"
