"""What the app can be asked to work at, as data: its name, the command that does the same, how it is done."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Protocol, cast

from scenarios.progress import ShouldStop
from tui.cli.orders import Order, cases_command, command_line
from tui.ports import Varied

if TYPE_CHECKING:
    from scenarios.evidence.cases import Cases
    from scenarios.explain.diagnosis import Diagnosis
    from scenarios.explain.flips import Flips
    from scenarios.explain.pitfalls import Pitfalls
    from scenarios.limits.limit import Limits
    from scenarios.limits.staffing_search import StaffFound
    from scenarios.live import LiveControl, LiveMoment
    from scenarios.rehearsal.prelaunch import Review
    from scenarios.result import Comparison
    from tui.ports import Runner, Told


class Work(Protocol):
    """One piece of work for a runner."""

    @property
    def order(self) -> Order:
        """The scenario, settings, seed and effort it is about."""
        ...

    def label(self) -> str:
        """Say what is done, for the state line: "comparing retail-bank-200k"."""
        ...

    def command(self) -> str:
        """Return the command line that does the same."""
        ...

    def do(self, runner: Runner, told: Told, should_stop: ShouldStop) -> object:
        """Do it on this thread and return what came out.

        Raises:
            Cancelled: `should_stop` said so.
            BadInput: the order or the scenario is wrong.
        """
        ...


def despite_history(work: Work) -> Work:
    """Return the same work, to be done although history is not reproduced."""
    order = replace(work.order, despite_history=True)
    return cast("Work", replace(cast("Any", work), order=order))  # every work is a record


@dataclass(frozen=True, slots=True)
class CompareWork:
    """All designs of a scenario side by side."""

    order: Order

    def label(self) -> str:
        """Name the scenario, and say when it is not as its file has it."""
        changed = f", {len(self.order.settings)} changed" if self.order.settings else ""
        return f"comparing {self.order.scenario}{changed}"

    def command(self) -> str:
        """Return the `sandbox compare` line."""
        return self.order.command()

    def do(self, runner: Runner, told: Told, should_stop: ShouldStop) -> object:
        """Run the comparison."""
        return runner.compare(self.order, told.progress, should_stop)


@dataclass(frozen=True, slots=True)
class QuickWork(CompareWork):
    """A few days of the designs, for a first look; its result takes no other's place."""

    def label(self) -> str:
        """Say that it is a look."""
        return f"simulating a few days of {self.order.scenario}"


@dataclass(frozen=True, slots=True)
class CasesWork:
    """The cases of one run of each of some designs, to be looked through; None is the scenario's baseline."""

    order: Order
    designs: tuple[str | None, ...]

    def label(self) -> str:
        """Name the designs."""
        return f"keeping every case of {', '.join(name or 'the baseline' for name in self.designs)}"

    def command(self) -> str:
        """Return the `sandbox cases` line of the first design."""
        return cases_command(self.order, self.designs[0])

    def do(self, runner: Runner, told: Told, should_stop: ShouldStop) -> tuple[Cases, ...]:
        """Run the designs one after the other."""
        return tuple(runner.cases(self.order, name, told.progress, should_stop) for name in self.designs)


@dataclass(frozen=True, slots=True)
class FlipsWork:
    """The same customers in two designs."""

    order: Order
    before: str
    after: str

    def label(self) -> str:
        """Name the two."""
        return f"following every customer from {self.before} to {self.after}"

    def command(self) -> str:
        """Return the `sandbox flips` line."""
        given = [("--set", setting) for setting in self.order.settings]
        options = [("--from", self.before), ("--to", self.after), *given, ("--seed", self.order.seed)]
        return command_line("flips", self.order.scenario, [*options, *self.order.history()])

    def do(self, runner: Runner, told: Told, should_stop: ShouldStop) -> Flips:
        """Run both designs and compare them case by case."""
        return runner.flips(self.order, self.before, self.after, told.progress, should_stop)


@dataclass(frozen=True, slots=True)
class DiagnoseWork:
    """A closer look at every design of a comparison that was made, and the decision it leads to.

    Attributes:
        order: what the comparison was made from.
        comparison: what it gave.
    """

    order: Order
    comparison: Comparison

    def label(self) -> str:
        """Name the scenario."""
        return f"diagnosing {self.order.scenario}"

    def command(self) -> str:
        """Return the `sandbox diagnose` line that gives the same decisions."""
        found = self.comparison
        return replace(
            self.order,
            verb="diagnose",
            seed=found.seed,
            replications=found.replications,
            until=None,
            core_db=None,
        ).command()

    def do(self, runner: Runner, told: Told, should_stop: ShouldStop) -> Diagnosis:
        """Look at the facts and the audit trail of one replication of each design."""
        return runner.diagnose(self.order, self.comparison, told.progress, should_stop)


@dataclass(frozen=True, slots=True)
class ReviewWork:
    """The pre-launch cases of a design, rehearsed."""

    order: Order
    design: str

    def label(self) -> str:
        """Name the design."""
        return f"rehearsing the pre-launch cases of {self.design}"

    def command(self) -> str:
        """Return the `sandbox prelaunch` line."""
        given = [("--set", setting) for setting in self.order.settings]
        options = [("--design", self.design), *given, ("--seed", self.order.seed)]
        return command_line("prelaunch", self.order.scenario, options)

    def do(self, runner: Runner, told: Told, should_stop: ShouldStop) -> Review:
        """Rehearse them; a case takes milliseconds, so progress is not told."""
        del told
        return runner.review(self.order, self.design, should_stop)


@dataclass(frozen=True, slots=True)
class LimitWork:
    """How far a setting may go before each design breaks a condition.

    Attributes:
        order: the world.
        keep: what must hold, as `--keep` takes it.
        vary: the setting.
        between: "LOW:HIGH" as `--between` takes it, or None for the setting's own range.
    """

    order: Order
    keep: str
    vary: str
    between: str | None = None

    def label(self) -> str:
        """Name the setting."""
        return f"finding how far {self.vary} may go"

    def command(self) -> str:
        """Return the `sandbox limit` line."""
        from tui.cli.limiting import world_options

        asked = [("--keep", self.keep), ("--vary", self.vary), ("--between", self.between)]
        return command_line("limit", self.order.scenario, [*asked, *world_options(self.order)])

    def do(self, runner: Runner, told: Told, should_stop: ShouldStop) -> Limits:
        """Search by theory, then by simulation."""
        return runner.limits(self.order, self.keep, Varied(self.vary, self.between), told, should_stop)


@dataclass(frozen=True, slots=True)
class StaffWork:
    """The fewest agents per half hour that keep a condition in one design."""

    order: Order
    keep: str
    design: str

    def label(self) -> str:
        """Name the design."""
        return f"finding the fewest agents for {self.design}"

    def command(self) -> str:
        """Return the `sandbox staff` line."""
        given = [("--set", setting) for setting in self.order.settings]
        options = [("--keep", self.keep), *given, ("--design", self.design), ("--seed", self.order.seed)]
        return command_line("staff", self.order.scenario, [*options, *self.order.history()])

    def do(self, runner: Runner, told: Told, should_stop: ShouldStop) -> StaffFound:
        """Search by theory, then by simulation."""
        return runner.staff(self.order, self.keep, self.design, told, should_stop)


@dataclass(frozen=True, slots=True)
class PitfallsWork:
    """What each of the seven failure modes costs."""

    order: Order

    def label(self) -> str:
        """Say what is switched."""
        return f"switching the seven failure modes of {self.order.scenario} on and off"

    def command(self) -> str:
        """Return the `sandbox pitfalls` line."""
        given = [("--set", setting) for setting in self.order.settings]
        options = [*given, ("--seed", self.order.seed), *self.order.history()]
        return command_line("pitfalls", self.order.scenario, options)

    def do(self, runner: Runner, told: Told, should_stop: ShouldStop) -> Pitfalls:
        """Run every variant and rank the modes."""
        return runner.pitfalls(self.order, told.progress, should_stop)


@dataclass(frozen=True, slots=True)
class LiveWork:
    """The designs of a scenario watched side by side.

    Attributes:
        order: the world; its first replication is watched.
        control: pace and pause.
        on_moment: told at every mark, from the thread that does the work.
    """

    order: Order
    control: LiveControl
    on_moment: Callable[[LiveMoment], object]

    def label(self) -> str:
        """Name the scenario."""
        return f"watching {self.order.scenario}"

    def command(self) -> str:
        """Return the `sandbox compare` line whose first replication is watched."""
        return replace(self.order, verb="compare", replications=1).command()

    def do(self, runner: Runner, told: Told, should_stop: ShouldStop) -> LiveMoment:
        """Run all designs on one clock."""
        del told
        return runner.live(self.order, self.control, self.on_moment, should_stop)
