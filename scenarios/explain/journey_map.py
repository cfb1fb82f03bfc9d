"""A design's path from trigger to writeback: its handoffs, what is lost at each, and whether it closes the case."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

from sandbox.errors import RuleBroken
from sandbox.journey.design import Design, compile_design
from sandbox.journey.shape import ClosedWorkflow, closed_workflow, normal_path
from sandbox.journey.steps.base import Step
from sandbox.scorecard.ledger import BY_LETTER, EXCLUDED, NO_REACTION, NO_RECEIPT, NOT_SENT, Ending, Ledger
from scenarios.lines.capacity import capacity_per_h
from scenarios.progress import OnProgress, ShouldStop
from scenarios.run import CompareRequest, chosen_designs, prepare, through_gate
from scenarios.task import Task
from scenarios.wiring.plan import busy_hours, plan_of
from scenarios.worker import run_task

_NOT_ENGAGED = (NOT_SENT, BY_LETTER, NO_RECEIPT, NO_REACTION, EXCLUDED)


@dataclass(frozen=True, slots=True)
class MapStep:
    """One step with what passed through it.

    Attributes:
        step, kind: its id and kind.
        handoff: from whom to whom the case passes here, or empty.
        on_normal_path: a visit in which everything goes well comes through here.
        routes: outcome to the step that follows.
        entered: visits that reached it; None for the message.
        left: visits that ended here without going on.
        lost: cases whose last visit ended here, not recorded.
        lost_share: of all engaged cases.
        minutes: mean minutes a visit spent here, None where nobody was seen to leave.
        capacity_per_h: cases it can take in a working hour, None where there is no limit.
    """

    step: str
    kind: str
    handoff: str
    on_normal_path: bool
    routes: dict[str, str]
    entered: int | None
    left: int
    lost: int
    lost_share: float
    minutes: float | None
    capacity_per_h: float | None


@dataclass(frozen=True, slots=True)
class JourneyMap:
    """A design drawn from one run.

    Attributes:
        scenario, design, title, seed: what was drawn.
        cases: all cases of the campaign.
        engaged: cases that clicked, replied or called.
        steps: in the order of the design.
        endings: every way cases ended; they sum to `cases`.
        closed: the closed-workflow test.
        notes: what has to be said of it; first a history that is not reproduced.
    """

    scenario: str
    design: str
    title: str
    seed: int
    cases: int
    engaged: int
    steps: tuple[MapStep, ...]
    endings: tuple[Ending, ...]
    closed: ClosedWorkflow
    notes: tuple[str, ...] = ()


def map_design(
    request: CompareRequest,
    name: str | None,
    on_progress: OnProgress,
    should_stop: ShouldStop,
    *,
    gated: bool = True,
) -> JourneyMap:
    """Run one replication of a design and draw its map.

    Args:
        request: scenario, report, settings and seed.
        name: the design; the scenario's baseline if None.
        on_progress: told as the run goes on.
        should_stop: polled; True ends the run with Cancelled.
        gated: hold the call centre against its history first; not where the same world has been held already.

    Raises:
        BadInput: wrong scenario, setting, design or report.
        NotReproduced: the call centre without the campaign does not come back to the history given.
        Cancelled: stopped on request.
        RuleBroken: cases were lost or counted twice.
    """
    asked = replace(request, designs=None if name is None else (name,))
    world = prepare(asked)
    scenario = world[0]
    (chosen,) = chosen_designs(scenario, (name or scenario.document.baseline,))
    notes = through_gate(asked, world, chosen, on_progress, should_stop).notes if gated else []
    cases = plan_of(scenario.document).cases
    ledger = Ledger(cases)
    run_task(Task(scenario, chosen, 0, busy_hours(scenario.document)), on_progress, should_stop, ledger.emit)
    design, endings = compile_design(scenario.designs[chosen]), ledger.endings()
    if sum(ending.cases for ending in endings) != cases:
        raise RuleBroken(f"the ledger of {chosen} accounts for other than its {cases} cases: {endings}")
    engaged = sum(ending.cases for ending in endings if ending.step or ending.reason not in _NOT_ENGAGED)
    return JourneyMap(
        scenario.name,
        chosen,
        design.title,
        scenario.document.seed,
        cases,
        engaged,
        _steps(design, ledger, endings, engaged, partial(capacity_per_h, document=scenario.document)),
        tuple(endings),
        closed_workflow(design),
        (*notes, *scenario.notes),
    )


def _steps(
    design: Design,
    ledger: Ledger,
    endings: list[Ending],
    engaged: int,
    capacity: Callable[[Step], float | None],
) -> tuple[MapStep, ...]:
    path = {step.id for step in normal_path(design)}
    traffic = ledger.traffic(design.steps)
    found = []
    for step in design.steps.values():
        lost = sum(ending.cases for ending in endings if ending.step == step.id)
        passed = traffic[step.id]
        found.append(
            MapStep(
                step.id,
                str(getattr(step, "kind", "")),
                step.handoff,
                step.id in path,
                {"done": step.next, **{outcome: step.on.get(outcome, "end") for outcome in step.outcomes}},
                None if step is design.message else passed.entered,
                passed.left,
                lost,
                lost / engaged if engaged else 0.0,
                passed.minutes,
                capacity(step),
            )
        )
    return tuple(found)
