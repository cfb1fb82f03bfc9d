"""The hours of sending that load the lines least: proposed by theory, confirmed by simulation beside today's."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import fsum

import numpy as np

from sandbox.errors import BadInput
from sandbox.experiment.erlang_a_rows import Floats
from sandbox.experiment.intervals import LEVEL, Estimate, paired_ratio_difference
from sandbox.experiment.send_shape import Lines, abandonment, best_shape, peak_load
from sandbox.journey.steps.message import Message
from sandbox.scorecard.outcome import SCALES, RunOutcome
from scenarios.files.values import minutes
from scenarios.limits.limit import DesignLimit, LimitPlan, plan_limits, search_limits
from scenarios.lines.expected_calls import expected_calls, response_kernel
from scenarios.progress import OnProgress, ShouldStop
from scenarios.result import Metric
from scenarios.run import prepare
from scenarios.summarise import metric_at, pooled
from scenarios.variants import Variant, VariantRun, run_variants
from scenarios.wiring.centre import centre_of
from scenarios.wiring.message import people_facing
from scenarios.wiring.people import people_of
from scenarios.wiring.plan import plan_of
from scenarios.world.document import ScenarioDocument
from scenarios.world.library import metrics_document
from scenarios.world.spec import Scenario

_HOUR_MIN = 60
_DIGITS = 3
"""A share of a day's sends to a thousandth is finer than any dispatcher works."""

_BESIDE = ("call_abandonment_rate", "call_wait_busy_s", "call_wait_worst_half_hour_s")
"""What is shown of both shapes beside the conditions."""


@dataclass(frozen=True, slots=True)
class Shape:
    """Hours of sending and what theory says of them.

    Attributes:
        send_from: clock time of the first hour, "HH:MM".
        weights: share of a day's sends in each hour from then on.
        peak_load: highest offered load per agent in a half hour, erlangs per agent.
        abandonment_rate: by Erlang-A, first calls only.
    """

    send_from: str
    weights: tuple[float, ...]
    peak_load: float
    abandonment_rate: float


@dataclass(frozen=True, slots=True)
class ShapeCheck:
    """Today's hours and the proposed ones, for one design.

    Attributes:
        design: its name.
        messages: volume at which both were simulated.
        today, proposed: the shapes.
        settings: "path=value" texts of the proposal.
        simulated: by metric, today's and the proposal's estimate, same customers.
        differences: proposal minus today, paired, by metric; ratios only.
        limit_today, limit: the limit under each.
    """

    design: str
    messages: int
    today: Shape
    proposed: Shape
    settings: tuple[str, ...]
    simulated: dict[str, tuple[Metric, Metric]]
    differences: dict[str, Estimate]
    limit_today: DesignLimit
    limit: DesignLimit


def shape_runs(plan: LimitPlan) -> int:
    """About how many runs checking the shapes takes."""
    return 2 * len(plan.designs) * plan.how.replications + plan.runs


def propose(scenario: Scenario, design: str) -> tuple[Shape, Shape]:
    """Return today's shape and the one theory prefers, within contact window and opening hours.

    Raises:
        BadInput: no whole hour is left to send in, or the design sends at an hour of its own.
    """
    document = scenario.document
    message = scenario.designs[design].steps[0]
    assert isinstance(message, Message)  # noqa: S101 - a design that was loaded begins with its message
    if message.timing != "rules":
        raise BadInput([f"--send-shape: design {design} sends at a fixed hour; allowed: timing by the rules"])
    start, hours = _allowed(document)
    now = document.campaign
    total = fsum(now.send_weights)
    shares = np.array(now.send_weights) / total
    today = _lines(scenario, design, message, now.send_from_minute, len(now.send_weights))
    there = _lines(scenario, design, message, start, hours)
    found = np.round(best_shape(there), _DIGITS)
    kept = np.flatnonzero(found)
    first, weights = int(kept[0]), found[kept[0] : kept[-1] + 1]
    spread = np.where(found > 0, found, 0.0) / found.sum()
    return _shape(now.send_from, shares, today, shares), _shape(
        _clock(start + _HOUR_MIN * first), weights, there, spread
    )


def check_shapes(
    plan: LimitPlan, limits: dict[str, DesignLimit], on_progress: OnProgress, should_stop: ShouldStop
) -> list[ShapeCheck]:
    """Simulate both shapes of every design at the scenario's volume, and search the limit under the proposed one.

    Args:
        plan: the search that was made.
        limits: its answers by design.
        on_progress: told about every run's progress.
        should_stop: polled; True stops everything.

    Raises:
        BadInput: a design whose hours cannot be chosen.
        Cancelled: stopped on request.
    """
    shapes = {name: propose(plan.scenario, name) for name in plan.designs}
    checks = []
    for name, (today, proposed) in shapes.items():
        settings = (
            f'campaign.send_from="{proposed.send_from}"',
            f"campaign.send_weights=[{', '.join(f'{one:g}' for one in proposed.weights)}]",
        )
        world = plan.request.world
        world = replace(world, settings=(*world.settings, *settings), designs=(name,))
        other, _ = prepare(world)
        variants = [
            Variant(f"{name} as today", plan.scenario, name),
            Variant(f"{name} reshaped", other, name),
        ]
        how = VariantRun(plan.how.hours, plan.how.replications, plan.how.jobs)
        runs = list(run_variants(variants, how, on_progress, should_stop).values())
        again = search_limits(plan_limits(replace(plan.request, world=world)), on_progress, should_stop)
        checks.append(
            ShapeCheck(
                name,
                plan.scenario.document.campaign.messages,
                today,
                proposed,
                settings,
                _metrics(plan, runs),
                _differences(plan, runs),
                limits[name],
                again.designs[name],
            )
        )
    return checks


def _names(plan: LimitPlan) -> list[str]:
    return list(dict.fromkeys([*(one.metric for one in plan.how.conditions), *_BESIDE]))


def _metrics(plan: LimitPlan, runs: list[list[RunOutcome]]) -> dict[str, tuple[Metric, Metric]]:
    definitions = metrics_document().metrics
    found = {}
    for name in _names(plan):
        today, proposed = (metric_at(plan.scenario, name, definitions[name], one, LEVEL) for one in runs)
        found[name] = (today, proposed)
    return found


def _differences(plan: LimitPlan, runs: list[list[RunOutcome]]) -> dict[str, Estimate]:
    definitions, (today, proposed) = metrics_document().metrics, runs
    found = {}
    for name in _names(plan):
        if definitions[name].kind == "ratio":
            shares = definitions[name].unit == "rate"
            estimate = paired_ratio_difference(*pooled(proposed, name), *pooled(today, name), shares=shares)
            scale = SCALES.get(name, 1.0)
            value, low, high = (None if end is None else end * scale for end in estimate[:3])
            found[name] = Estimate(value, low, high, estimate.n_units, None)
    return found


def _allowed(document: ScenarioDocument) -> tuple[int, int]:
    """First minute and number of whole hours in which contact is allowed and the lines are open."""
    opens, closes = map(minutes, document.outreach.windows.weekday)
    start = max(opens, document.calendar.open_minute)
    hours = (min(closes, document.calendar.close_minute) - start) // _HOUR_MIN
    if hours < 1:
        raise BadInput(["--send-shape: no whole hour lies in both the contact window and the opening hours"])
    return start, hours


def _lines(scenario: Scenario, design: str, message: Message, start: int, hours: int) -> Lines:
    document = scenario.document
    centre = centre_of(document)
    calls = expected_calls(document, scenario.policy, scenario.designs[design], centre)
    plan = replace(plan_of(document), send_from_min=start, send_weights=(1.0,) * hours)
    people = people_facing(message, people_of(document))
    days = calls.days / calls.days.sum()
    return Lines(
        float((calls.campaign.sum(1) * days).sum()),
        response_kernel(document, plan, people),
        (calls.other * days[:, None]).sum(0),
        np.array(centre.agents),
        calls.campaign_handling_s,
        calls.campaign_patience_s,
        calls.other_handling_s,
        calls.other_patience_s,
        centre.balk_rate,
    )


def _shape(send_from: str, weights: Floats, lines: Lines, shares: Floats) -> Shape:
    told = tuple(round(float(weight), _DIGITS) for weight in weights)
    return Shape(send_from, told, peak_load(lines, shares), abandonment(lines, shares))


def _clock(minute: int) -> str:
    return f"{minute // _HOUR_MIN:02d}:{minute % _HOUR_MIN:02d}"
