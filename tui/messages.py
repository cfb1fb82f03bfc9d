"""Every message of the screens. Requests go up to the app; news comes back to whoever listens."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.message import Message

if TYPE_CHECKING:
    from scenarios.result import Comparison
    from tui.cli.orders import Order
    from tui.library import Library
    from tui.runner import RunProgress


class ScenarioHighlighted(Message):
    """The picker's highlight moved."""

    def __init__(self, name: str) -> None:
        """Carry the scenario's name."""
        super().__init__()
        self.name = name


class ScenarioPicked(Message):
    """The user chose a scenario in the picker and wants it run."""

    def __init__(self, name: str) -> None:
        """Carry the scenario's name."""
        super().__init__()
        self.name = name


class RunRequested(Message):
    """A screen asks the app to start a run."""

    def __init__(self, order: Order) -> None:
        """Carry what to run."""
        super().__init__()
        self.order = order


class CancelRequested(Message):
    """A screen asks the app to stop the run under way."""


class News(Message):
    """Something happened that any screen may want to show; the app publishes it to its listeners."""


class LibraryLoaded(News):
    """The scenario library was read."""

    def __init__(self, library: Library) -> None:
        """Carry what was read."""
        super().__init__()
        self.library = library


class LibraryFailed(News):
    """The scenario library could not be read."""

    def __init__(self, reason: str) -> None:
        """Carry what was wrong, one problem per line."""
        super().__init__()
        self.reason = reason


class RunStarted(News):
    """A run has begun."""

    def __init__(self, order: Order) -> None:
        """Carry what runs."""
        super().__init__()
        self.order = order


class RunProgressed(News):
    """A run moved on; absolute totals, so a lost message does no harm."""

    def __init__(self, progress: RunProgress) -> None:
        """Carry the totals so far."""
        super().__init__()
        self.progress = progress


class RunStopping(News):
    """The user asked the run to stop; it is winding down."""


class RunEnded(News):
    """A run is over, one way or another."""


class RunFinished(RunEnded):
    """A run came to its end."""

    def __init__(self, order: Order, comparison: Comparison) -> None:
        """Carry what was asked and what came out."""
        super().__init__()
        self.order = order
        self.comparison = comparison


class RunStopped(RunEnded):
    """A run stopped because the user asked for it."""


class RunFailed(RunEnded):
    """A run broke off with an error."""

    def __init__(self, order: Order, reason: str) -> None:
        """Carry what was asked and why it failed."""
        super().__init__()
        self.order = order
        self.reason = reason
