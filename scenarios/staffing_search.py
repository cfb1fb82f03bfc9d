"""Fewest agents per half hour that keep conditions: theory lays out an order, the simulation decides along it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import fsum

from sandbox.errors import BadInput
from sandbox.experiment.intervals import LEVEL
from sandbox.experiment.limits import CONFIDENCE, Kind, LimitFound, find_limit
from sandbox.experiment.marginal_staffing import IntervalLoad, Loss, staffings
from sandbox.experiment.verdict import Condition, judge
from sandbox.scorecard.definitions import MetricDefinition
from sandbox.scorecard.outcome import RunOutcome
from scenarios.library import metrics_document
from scenarios.preview import METHOD, PREVIEWED, DesignPreview, left_out_by, preview
from scenarios.progress import OnProgress, ShouldStop
from scenarios.result import HalfHour, Metric
from scenarios.run import CompareRequest, chosen_designs, prepare
from scenarios.searching import Lane, SearchRun, held, run_searches, search_run
from scenarios.spec import Scenario, load_scenario
from scenarios.summarise import half_hours, metric_at
from scenarios.variants import Variant, VariantRun, run_variants
from scenarios.wiring.plan import busy_hours

HALF_HOUR_H = 0.5

PLACES_MAX = 120
"""Staffings on the search's grid: steps of one agent for half an hour, or of about a hundredth of them all."""

_AMPLE = 3.0
"""Times today's agents at which first calls are counted, so that hardly anybody has to call again."""


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
class StaffFound:
    """The answer.

    Attributes:
        scenario, design, seed, replications: what was run.
        keep, definitions: the conditions and their metrics.
        kind: "within" or "beyond" where a staffing was confirmed; see `sandbox.experiment.limits`.
        starts: clock time of every half hour.
        agents: scheduled agents by half hour, None where nothing was confirmed.
        theory: those of the preview alone.
        today: those of the scenario.
        step: agents for half an hour by which `leaner` has less; 0 without it.
        shrinkage: share of scheduled time that is lost.
        theory_metrics: what the preview says of the answer, one for each condition, None where it knows nothing.
        confirmed: the conditions' metrics at the answer, on the replications that confirmed it.
        leaner: the same at the nearest leaner staffing that could not be confirmed; empty if none was tried.
        at_today: the conditions' metrics with today's agents, on the first replications.
        half_hours, half_hours_today: calls, abandonment and wait by half hour, simulated, on the first replications.
        left_out: what of the scenario the preview leaves out.
        settings: "path=value" texts that set the answer.
        confidence: one-sided.
        method: name of the preview.
    """

    scenario: str
    design: str
    seed: int
    replications: int
    keep: tuple[Condition, ...]
    definitions: dict[str, MetricDefinition]
    kind: Kind
    starts: tuple[str, ...]
    agents: tuple[int, ...] | None
    theory: tuple[int, ...] | None
    today: tuple[float, ...]
    step: int
    shrinkage: float
    theory_metrics: tuple[float | None, ...]
    confirmed: tuple[Metric, ...]
    leaner: tuple[Metric, ...]
    at_today: tuple[Metric, ...]
    half_hours: tuple[HalfHour, ...]
    half_hours_today: tuple[HalfHour, ...]
    left_out: tuple[str, ...]
    settings: tuple[str, ...]
    confidence: float = CONFIDENCE
    method: str = METHOD

    @staticmethod
    def hours(agents: Sequence[float] | None) -> float | None:
        """Agent hours a day."""
        return None if agents is None else fsum(agents) * HALF_HOUR_H


@dataclass(frozen=True, slots=True)
class StaffPlan:
    """A request, validated and ready to run."""

    request: StaffRequest
    scenario: Scenario
    design: str
    how: SearchRun

    @property
    def runs(self) -> int:
        """About how many runs it takes: one to count calls, eight searched, four confirmed, two shown."""
        return 9 * self.how.search_replications + 6 * self.how.replications

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
    scenario, _ = prepare(request.world)
    names = request.world.designs or (scenario.document.baseline,)
    design = chosen_designs(scenario, names)[0]
    if not any(step.kind == "call_queue" for step in scenario.designs[design].steps):
        raise BadInput([f"design {design}: nobody calls; allowed: a design with a step call_queue"])
    if scenario.document.call_centre.shrinkage >= 1.0:
        raise BadInput(["call_centre.shrinkage: found 1; allowed: below 1, so that somebody is at work"])
    hours = busy_hours(load_scenario(request.world.scenario).document)
    return StaffPlan(request, scenario, design, search_run(scenario, request.keep, hours, request.world.jobs))


def find_staffing(plan: StaffPlan, on_progress: OnProgress, should_stop: ShouldStop) -> StaffFound:
    """Search the leanest staffing that keeps the conditions.

    Theory lays out an order of staffings for the calls it expects; one run at theory's own answer counts the calls
    that really come by half hour (redials and calls the back office causes included), the order is laid out again for
    those, and the search goes along it.

    Raises:
        Cancelled: stopped on request.
    """
    ample = [max(1.0, _AMPLE * one) for one in _scheduled(plan)]
    expected = _preview(plan, ample).half_hours
    order = _order(plan, [IntervalLoad(one.offered, one.handling_s, one.patience_s) for one in expected])
    theory = _theory_place(plan, order)
    start = len(order) // 2 if theory is None else theory
    counted = _counted(plan, order[start], on_progress, should_stop)
    order = _order(
        plan,
        [
            IntervalLoad(real.offered, one.handling_s, one.patience_s)
            for real, one in zip(counted, expected, strict=True)
        ],
    )
    again = _theory_place(plan, order)
    places = find_limit(len(order), plan.how.conditions, start if again is None else again, plan.how.gain)
    lane = Lane(plan.design, plan.design, lambda place: plan.world(order[place]), places)
    found = run_searches([lane], plan.how, on_progress, should_stop)[plan.design]
    agents = None if found.place is None else order[found.place]
    return _told(
        plan, found, (agents, None if again is None else order[again]), order, on_progress, should_stop
    )


def _scheduled(plan: StaffPlan) -> tuple[float, ...]:
    """Today's agents before shrinkage."""
    block = plan.scenario.document.call_centre
    return tuple(one / (1.0 - block.shrinkage) for one in plan.scenario.document.agents_per_half_hour)


def _order(plan: StaffPlan, loads: list[IntervalLoad]) -> tuple[tuple[int, ...], ...]:
    block = plan.scenario.document.call_centre
    loss: Loss = "waited" if "wait" in plan.how.conditions[0].metric else "abandoned"
    found = staffings(loads, loss, balk_rate=block.balk_rate, shrinkage=block.shrinkage)
    stride = -(-len(found) // PLACES_MAX)
    return found[::-stride][::-1] if len(found) > 1 else (*found, tuple(one + 1 for one in found[0]))


def _preview(plan: StaffPlan, agents: Sequence[float]) -> DesignPreview:
    settings = plan.settings(agents)
    return preview(plan.scenario, settings, designs=(plan.design,), hours=plan.how.hours).designs[plan.design]


def _theory_place(plan: StaffPlan, order: Sequence[tuple[int, ...]]) -> int | None:
    """The leanest staffing that keeps by theory what it knows of; None where it knows nothing or none does."""
    known = [one for one in plan.how.conditions if one.metric in PREVIEWED]

    def keeps(place: int) -> bool:
        metrics = _preview(plan, order[place]).metrics
        return all(_holds(one, metrics[one.metric]) for one in known)

    if not known or not keeps(len(order) - 1):
        return None
    low, high = -1, len(order) - 1
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if keeps(middle) else (middle, high)
    return high


def _holds(condition: Condition, value: float) -> bool:
    return judge(Metric(value, "", 1, value, value, ""), condition.comparator, condition.threshold) == "pass"


def _counted(
    plan: StaffPlan, agents: Sequence[float], on_progress: OnProgress, should_stop: ShouldStop
) -> list[HalfHour]:
    variant = Variant(f"{plan.design} counted", plan.world(agents), plan.design)
    how = VariantRun(plan.how.hours, plan.how.search_replications, plan.how.jobs)
    runs = run_variants([variant], how, on_progress, should_stop)[variant.name]
    return half_hours(variant.scenario, runs)


def _told(
    plan: StaffPlan,
    found: LimitFound,
    answers: tuple[tuple[int, ...] | None, tuple[int, ...] | None],
    order: Sequence[tuple[int, ...]],
    on_progress: OnProgress,
    should_stop: ShouldStop,
) -> StaffFound:
    agents, theory = answers
    variants = [Variant(f"{plan.design} today", plan.scenario, plan.design)]
    if agents is not None:
        variants.append(Variant(f"{plan.design} staffed", plan.world(agents), plan.design))
    how = VariantRun(plan.how.hours, plan.how.replications, plan.how.jobs)
    runs = list(run_variants(variants, how, on_progress, should_stop).values())
    shown = [tuple(half_hours(one.scenario, outcomes)) for one, outcomes in zip(variants, runs, strict=True)]
    definitions = metrics_document().metrics
    metrics: list[float | None] = [None] * len(plan.how.conditions)
    if agents is not None:
        expected = _preview(plan, agents).metrics
        metrics = [expected.get(one.metric) for one in plan.how.conditions]
    document = plan.scenario.document
    leaner = _refused(found)
    return StaffFound(
        scenario=plan.scenario.name,
        design=plan.design,
        seed=document.seed,
        replications=plan.how.replications,
        keep=plan.how.conditions,
        definitions={one.metric: definitions[one.metric] for one in plan.how.conditions},
        kind=found.kind,
        starts=tuple(one.start for one in shown[0]),
        agents=agents,
        theory=theory,
        today=_scheduled(plan),
        step=0 if leaner is None or agents is None else sum(agents) - sum(order[leaner]),
        shrinkage=document.call_centre.shrinkage,
        theory_metrics=tuple(metrics),
        confirmed=_confirmed(plan, found, found.place),
        leaner=_confirmed(plan, found, leaner),
        at_today=_measured(plan, runs[0]),
        half_hours=shown[-1] if agents is not None else (),
        half_hours_today=shown[0],
        left_out=left_out_by(document, plan.scenario.designs[plan.design]),
        settings=() if agents is None else texts(plan.settings(agents)),
    )


def _refused(found: LimitFound) -> int | None:
    """The nearest place below the answer whose confirmation failed."""
    tried = {one.ask.place for one in found.seen if one.ask.stage == "confirm"}
    return max((place for place in tried if found.place is not None and place < found.place), default=None)


def _confirmed(plan: StaffPlan, found: LimitFound, place: int | None) -> tuple[Metric, ...]:
    for one in found.seen:
        if one.ask.stage == "confirm" and one.ask.place == place:
            pairs = zip(plan.how.conditions, one.readings, strict=True)
            return tuple(held(condition, reading) for condition, reading in pairs)
    return ()


def _measured(plan: StaffPlan, runs: list[RunOutcome]) -> tuple[Metric, ...]:
    definitions = metrics_document().metrics
    return tuple(
        held(one, metric_at(plan.scenario, one.metric, definitions[one.metric], runs, LEVEL))
        for one in plan.how.conditions
    )
