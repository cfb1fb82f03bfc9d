"""What the screens need of whoever does the work; `tui.runner` has the real one, tests have others."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple, Protocol

from scenarios.progress import OnAhead, OnProgress, ShouldStop
from tui.cli.orders import Order

if TYPE_CHECKING:
    from scenarios.evidence.cases import Cases
    from scenarios.explain.diagnosis import Diagnosis
    from scenarios.explain.flips import Flips
    from scenarios.explain.pitfalls import Pitfalls
    from scenarios.limits.limit import Limits, TheoryLimit
    from scenarios.limits.staffing_search import StaffFound
    from scenarios.lines.agents_by_theory import TheoryAgents
    from scenarios.live import LiveControl, LiveMoment
    from scenarios.rehearsal.phone import Phone
    from scenarios.rehearsal.prelaunch import Review
    from scenarios.result import Comparison
    from scenarios.saved.runs import SavedRun
    from scenarios.whatif import WhatIf
    from scenarios.world.spec import CheckReport


class ReadBack(NamedTuple):
    """A saved run read back; order and comparison are None where it was no comparison."""

    run: SavedRun
    order: Order | None
    comparison: Comparison | None


class Varied(NamedTuple):
    """What a search varies.

    Attributes:
        path: the setting.
        between: "LOW:HIGH", or None for the setting's own range.
    """

    path: str
    between: str | None = None


class Told(NamedTuple):
    """Who hears how work goes.

    Attributes:
        progress: of every run.
        ahead: how many runs a search still takes, with every round.
    """

    progress: OnProgress
    ahead: OnAhead


class Runner(Protocol):
    """Does each kind of work to its end, on the calling thread."""

    def compare(self, order: Order, on_progress: OnProgress, should_stop: ShouldStop) -> Comparison:
        """Return the result.

        Raises:
            Cancelled: `should_stop` said so.
            BadInput: the order or the scenario is wrong.
        """
        ...

    def cases(
        self, order: Order, design: str | None, on_progress: OnProgress, should_stop: ShouldStop
    ) -> Cases:
        """Return the cases of one run; raises as `compare` does."""
        ...

    def flips(
        self, order: Order, before: str, after: str, on_progress: OnProgress, should_stop: ShouldStop
    ) -> Flips:
        """Return two designs case by case; raises as `compare` does."""
        ...

    def diagnose(
        self, order: Order, comparison: Comparison, on_progress: OnProgress, should_stop: ShouldStop
    ) -> Diagnosis:
        """Return the diagnosis of a comparison that was made from an order; raises as `compare` does."""
        ...

    def study(self, scenario: str) -> WhatIf:
        """Read a scenario to be questioned.

        Raises:
            BadInput: it has faults.
        """
        ...

    def phone(self, order: Order, design: str | None) -> Phone:
        """Take a phone; it belongs to the calling thread.

        Raises:
            BadInput: wrong scenario, setting or design.
        """
        ...

    def review(self, order: Order, design: str, should_stop: ShouldStop) -> Review:
        """Return the pre-launch cases of a design; raises as `compare` does."""
        ...

    def theory(self, order: Order, keep: str, vary: Varied) -> dict[str, TheoryLimit]:
        """Return how far a setting may go by theory, for each design it knows of.

        Raises:
            BadInput: wrong scenario, condition, setting or range.
        """
        ...

    def agents(self, order: Order, keep: str) -> dict[str, TheoryAgents | None]:
        """Return every design there is with its fewest agents by theory, None where theory cannot tell.

        Raises:
            BadInput: wrong scenario or condition.
        """
        ...

    def limits(self, order: Order, keep: str, vary: Varied, told: Told, should_stop: ShouldStop) -> Limits:
        """Return how far a setting may go; raises as `compare` does."""
        ...

    def staff(self, order: Order, keep: str, design: str, told: Told, should_stop: ShouldStop) -> StaffFound:
        """Return the fewest agents that keep a condition; raises as `compare` does."""
        ...

    def pitfalls(self, order: Order, on_progress: OnProgress, should_stop: ShouldStop) -> Pitfalls:
        """Return what each failure mode costs; raises as `compare` does."""
        ...

    def live(
        self,
        order: Order,
        control: LiveControl,
        on_moment: Callable[[LiveMoment], object],
        should_stop: ShouldStop,
    ) -> LiveMoment:
        """Watch all designs side by side to their end; raises as `compare` does."""
        ...

    def control(self) -> LiveControl:
        """Return a new control for a watched run."""
        ...

    def check(self, scenario: str) -> CheckReport:
        """Read a scenario's file and say everything that is wrong with it; raises nothing for its faults."""
        ...

    def written(self, order: Order, comparison: Comparison) -> str:
        """Return what the command writes of a comparison to `order.out`: the report, or JSON.

        Raises:
            BadInput: the scenario is no longer there to tell its story.
        """
        ...

    def saved_runs(self) -> list[SavedRun]:
        """Return the saved runs, newest first, without what they gave.

        Raises:
            BadInput: they cannot be read.
        """
        ...

    def reopened(self, number: int) -> ReadBack:
        """Return a saved run with what it gave.

        Raises:
            BadInput: there is no such run, or it is of another version.
        """
        ...

    def save(self, source: str, target: str, settings: tuple[str, ...]) -> None:
        """Write a copy of a scenario with settings in it.

        Raises:
            BadInput: it cannot be copied, or the file is there already.
            OSError: the file cannot be written.
        """
        ...
