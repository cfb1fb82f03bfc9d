"""The few days simulated on What-if, and of what: numbers of another world never stand there."""

from __future__ import annotations

from collections.abc import Mapping

from scenarios.result import Comparison
from tui.whatif_reading import simulated_lines
from tui.widgets.lines import LinesPanel


class FewDaysPanel(LinesPanel):
    """Remembers which world was asked for, and shows what comes back only while that one is in hand.

    A world is whatever tells two apart: scenario, settings and edition.
    """

    _of: tuple[object, ...] | None = None

    def on_mount(self) -> None:
        """Say what the panel is for."""
        self.border_title = "A few days simulated"
        self.say(["f simulates a week at the same sends a day"])

    def asked(self, world: tuple[object, ...]) -> None:
        """A week of this world is being simulated."""
        self._of = world

    def now(self, world: tuple[object, ...]) -> None:
        """Take away the days of anything that is no longer in hand."""
        if self._of is not None and self._of != world:
            self._of = None
            self.say(["f simulates a week of what is in hand"])

    def finished(
        self, world: tuple[object, ...], result: object, limits: Mapping[str, float] | None, command: str
    ) -> None:
        """Show a week, if it is of the world in hand.

        Args:
            world: in hand now.
            result: of the run.
            limits: what theory says each metric may reach, or nothing.
            command: gives the same result.
        """
        if self._of != world:
            self.say(["simulated, but not what is in hand now: 6 Runs has it, f simulates this"])
        elif isinstance(result, Comparison):
            held = dict(limits or {})
            self.draw(lambda width: simulated_lines(result, held, command, width))
            self.call_after_refresh(self.scroll_visible, animate=False)
