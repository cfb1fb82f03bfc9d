"""Fewest agents per half hour that keep conditions: theory lays out an order, the simulation decides along it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import fsum
from typing import NamedTuple

from sandbox.experiment.intervals import LEVEL
from sandbox.experiment.limits import CONFIDENCE, Ask, Kind, LimitFound, find_limit
from sandbox.experiment.marginal_staffing import IntervalLoad
from sandbox.experiment.verdict import Condition
from sandbox.scorecard.definitions import MetricDefinition
from sandbox.scorecard.outcome import RunOutcome
from scenarios.executor import workers_held
from scenarios.limits.searching import Lane, held, run_searches
from scenarios.limits.staffing_plan import StaffPlan, texts
from scenarios.limits.staffing_theory import Mending, lines_with, mendings, ordered, rising, theory_place
from scenarios.lines.preview import METHOD, left_out_by
from scenarios.progress import OnAhead, OnProgress, ShouldStop
from scenarios.result import HalfHour, Metric
from scenarios.run import through_gate
from scenarios.summarise import half_hours, metric_at
from scenarios.variants import Variant, VariantRun, run_variants
from scenarios.world.library import metrics_document
from scenarios.world.spec import Scenario

HALF_HOUR_H = 0.5

_AMPLE = 3.0
"""Times today's agents at which first calls are counted, so that hardly anybody has to call again."""


@dataclass(frozen=True, slots=True)
class StaffFound:
    """The answer.

    Attributes:
        scenario, design, seed, replications, search_replications: what was run.
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
        at_today: the conditions' metrics with today's agents, on the search's replications.
        half_hours: calls, abandonment and wait by half hour, simulated, on the replications of the confirmation.
        half_hours_today: the same with today's agents, on the search's replications.
        left_out: what of the scenario the preview leaves out.
        settings: "path=value" texts that set the answer.
        confidence: one-sided.
        method: name of the preview.
        notes: what has to be said of it: a history that is not reproduced, customers of a case file.
    """

    scenario: str
    design: str
    seed: int
    replications: int
    search_replications: int
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
    notes: tuple[str, ...] = ()

    @staticmethod
    def hours(agents: Sequence[float] | None) -> float | None:
        """Agent hours a day."""
        return None if agents is None else fsum(agents) * HALF_HOUR_H


def find_staffing(
    plan: StaffPlan, on_progress: OnProgress, should_stop: ShouldStop, on_ahead: OnAhead = lambda _: None
) -> StaffFound:
    """Search the leanest staffing that keeps the conditions.

    Theory lays out an order of staffings for the calls it expects. One run at theory's own answer counts the calls
    that really come by half hour (redials and calls the back office causes included) and shows by how much theory is
    off there; the order is laid out again for those calls, and the search goes along it from where theory so mended
    expects the answer.

    Args:
        plan: see `plan_staffing`.
        on_progress: told about every run's progress.
        should_stop: polled; True stops everything.
        on_ahead: told with every round how many runs still come.

    Raises:
        NotReproduced: the call centre of today does not come back to the history given without the campaign.
        Cancelled: stopped on request.
    """
    world = plan.scenario, plan.calls
    passed = through_gate(plan.request.world, world, plan.design, on_progress, should_stop)
    on_ahead(plan.ahead)
    ample = [max(1.0, _AMPLE * one) for one in _scheduled(plan)]
    expected = lines_with(plan, ample).half_hours
    order = ordered(plan, [IntervalLoad(one.offered, one.handling_s, one.patience_s) for one in expected])
    theory = theory_place(plan, order)
    agents = order[len(order) // 2 if theory is None else theory]
    with workers_held(plan.how.jobs) as workers:
        plan = replace(plan, how=replace(plan.how, jobs=workers))
        today, counted = _first_runs(plan, agents, on_progress, should_stop)
        order = ordered(
            plan,
            [
                IntervalLoad(real.offered, one.handling_s, one.patience_s)
                for real, one in zip(counted.half_hours, expected, strict=True)
            ],
        )
        confirmed: dict[int, list[HalfHour]] = {}
        lane = _lane(plan, order, mendings(plan, agents, counted.metrics), confirmed)
        found = run_searches([lane], plan.how, on_progress, should_stop, on_ahead)[plan.design]
    told = _told(plan, found, order, today, confirmed)
    return replace(told, notes=(*passed.notes, *plan.scenario.notes))


class _Shown(NamedTuple):
    """What runs of one staffing showed: the conditions' metrics, and the half hours."""

    metrics: tuple[Metric, ...]
    half_hours: list[HalfHour]


def _first_runs(
    plan: StaffPlan, agents: Sequence[float], on_progress: OnProgress, should_stop: ShouldStop
) -> tuple[_Shown, _Shown]:
    """Run today's agents and theory's, side by side."""
    variants = [
        Variant(f"{plan.design} today", plan.scenario, plan.design),
        Variant(f"{plan.design} by theory", plan.world(agents), plan.design),
    ]
    how = VariantRun(plan.how.hours, plan.how.search_replications, plan.how.jobs)
    runs = run_variants(variants, how, on_progress, should_stop)
    today, counted = (
        _Shown(_measured(plan, runs[one.name]), half_hours(one.scenario, runs[one.name])) for one in variants
    )
    return today, counted


def _lane(
    plan: StaffPlan,
    order: Sequence[tuple[int, ...]],
    mending: Mapping[str, Mending],
    confirmed: dict[int, list[HalfHour]],
) -> Lane:
    """The search along an order; the half hours of what it confirms are noted."""
    search = find_limit(
        len(order),
        plan.how.conditions,
        theory_place(plan, order, mending),
        plan.how.gain,
        rising=rising(plan, order),
        abreast=plan.how.abreast,
    )

    def world(place: int) -> Scenario:
        return plan.world(order[place])

    def said(place: int) -> str:
        return f"{sum(order[place]) / 2:,g} agent hours"

    def heard(ask: Ask, runs: list[RunOutcome]) -> None:
        if ask.stage == "confirm":
            confirmed[ask.place] = half_hours(plan.scenario, runs)

    return Lane(plan.design, plan.design, world, search, said, heard)


def _scheduled(plan: StaffPlan) -> tuple[float, ...]:
    """Today's agents before shrinkage."""
    block = plan.scenario.document.call_centre
    return tuple(one / (1.0 - block.shrinkage) for one in plan.scenario.document.agents_per_half_hour)


def _told(
    plan: StaffPlan,
    found: LimitFound,
    order: Sequence[tuple[int, ...]],
    today: _Shown,
    confirmed: Mapping[int, list[HalfHour]],
) -> StaffFound:
    agents = None if found.place is None else order[found.place]
    theory = theory_place(plan, order)
    definitions = metrics_document().metrics
    metrics: list[float | None] = [None] * len(plan.how.conditions)
    if agents is not None:
        expected = lines_with(plan, agents).metrics
        metrics = [expected.get(one.metric) for one in plan.how.conditions]
    document = plan.scenario.document
    leaner = _refused(found)
    return StaffFound(
        scenario=plan.scenario.name,
        design=plan.design,
        seed=document.seed,
        replications=plan.how.replications,
        search_replications=plan.how.search_replications,
        keep=plan.how.conditions,
        definitions={one.metric: definitions[one.metric] for one in plan.how.conditions},
        kind=found.kind,
        starts=tuple(one.start for one in today.half_hours),
        agents=agents,
        theory=None if theory is None else order[theory],
        today=_scheduled(plan),
        step=0 if leaner is None or agents is None else sum(agents) - sum(order[leaner]),
        shrinkage=document.call_centre.shrinkage,
        theory_metrics=tuple(metrics),
        confirmed=_confirmed(plan, found, found.place),
        leaner=_confirmed(plan, found, leaner),
        at_today=today.metrics,
        half_hours=() if found.place is None else tuple(confirmed[found.place]),
        half_hours_today=tuple(today.half_hours),
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
