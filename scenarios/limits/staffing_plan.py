"""What `sandbox staff` is asked for: read, checked and ready to be searched."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sandbox.errors import BadInput
from sandbox.experiment.intervals import LEVEL
from sandbox.experiment.limits import Ask
from scenarios.calls import CallsReport
from scenarios.limits.searching import Rounds, SearchRun, runs_ahead, search_run
from scenarios.progress import RunsAhead
from scenarios.run import CompareRequest, chosen_designs, prepare
from scenarios.wiring.plan import busy_hours
from scenarios.world.spec import Scenario, load_scenario


@dataclass(frozen=True, slots=True)
class StaffRequest:
    """What a front end asks for.

    Attributes:
        world: scenario, settings, seed, replications and workers; the first of its designs is staffed, by default
            the scenario's baseline.
        keep: conditions, in the grammar of `expect`.
    """

    world: CompareRequest
    keep: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StaffPlan:
    """A request, validated and ready to run."""

    request: StaffRequest
    scenario: Scenario
    design: str
    how: SearchRun
    calls: CallsReport | None = None

    @property
    def ahead(self) -> RunsAhead:
        """Runs of the whole search: today's agents and theory's, then two looks to begin with and what follows."""
        asks = runs_ahead([Rounds((Ask(0, "search", LEVEL),) * 2)], self.how)
        first = 2 * self.how.search_replications
        return RunsAhead(first + asks.likely, first + asks.most)

    def settings(self, agents: Sequence[float]) -> dict[str, object]:
        """The settings that put scheduled agents on the lines, instead of shifts where there are any."""
        shifts = self.scenario.document.call_centre.shifts is not None
        gone: dict[str, object] = {"call_centre.shifts": None} if shifts else {}
        return {**gone, "call_centre.agents": list(agents)}

    def world(self, agents: Sequence[float]) -> Scenario:
        """The scenario with these agents."""
        world = self.request.world
        return prepare(replace(world, settings=(*world.settings, *texts(self.settings(agents)))))[0]


def texts(settings: dict[str, object]) -> tuple[str, ...]:
    """Settings as `--set` takes them."""
    return tuple(f"{path}={'null' if value is None else value}" for path, value in settings.items())


def plan_staffing(request: StaffRequest) -> StaffPlan:
    """Read and check everything a request says.

    Raises:
        BadInput: wrong scenario, setting, design or condition; nobody calls; everybody's time is lost.
    """
    scenario, calls = prepare(request.world)
    names = request.world.designs or (scenario.document.baseline,)
    design = chosen_designs(scenario, names)[0]
    if not any(step.kind == "call_queue" for step in scenario.designs[design].steps):
        raise BadInput([f"design {design}: nobody calls; allowed: a design with a step call_queue"])
    if scenario.document.call_centre.shrinkage >= 1.0:
        raise BadInput(["call_centre.shrinkage: found 1; allowed: below 1, so that somebody is at work"])
    hours = busy_hours(load_scenario(request.world.scenario).document)
    how = search_run(scenario, request.keep, hours, request.world.jobs, searches=1)
    return StaffPlan(request, scenario, design, how, calls)
