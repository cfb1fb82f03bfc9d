"""The plan of a pilot, from simulated variance: cases, days, looks, holdout, guardrails, and what it can see."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import ceil, isfinite, sqrt

import numpy as np

from sandbox.errors import BadInput
from sandbox.experiment.intervals import Estimate, paired_ratio_difference
from sandbox.experiment.sample_size import (
    Arms,
    between_day_variance,
    between_day_variance_of_difference,
    days_needed,
    design_effect,
    fixed_drift,
    power_of,
    sampling_variance,
    smallest_effect,
    smallest_share,
)
from sandbox.experiment.spending import Look, boundaries, drift_for
from sandbox.model import MS_PER_DAY
from sandbox.scorecard.outcome import RunOutcome, int64s
from scenarios.calls import CallsReport
from scenarios.explain.pitfalls import checked_replications
from scenarios.files.places import instead_of
from scenarios.pilot.guardrails import Guardrail, guardrails
from scenarios.pilot.ramp import STEPS, Ramp, StepWorld, arm_metric, run_ramp, steps_of
from scenarios.pilot.sights import Sight, sights_of
from scenarios.progress import OnProgress, ShouldStop
from scenarios.result import Metric
from scenarios.run import CompareRequest, chosen_designs, prepare, through_gate
from scenarios.variants import VariantRun
from scenarios.wiring.plan import busy_hours, plan_of
from scenarios.world.library import metrics_document
from scenarios.world.spec import Scenario, load_scenario

REPLICATIONS_DEFAULT = 3
WEEK_DAYS = 5
"""Working days: whole weeks, so that Mondays and Fridays are in both halves of what is read."""

LOOKS_MAX = 5
WEEKS_MAX = 520
"""Ten years; whatever needs longer is told as out of reach."""

EFFECTS = (0.005, 0.01, 0.02, 0.05)
SHARES = (0.05, 0.10, 0.25, 0.50)
FEWEST = 30
"""Base items each arm needs whatever the formula says: below, rates are not normal enough for it."""

RECORDED_SHARE = 0.95
"""Share of the records awaited after the last enrolment before the last look."""


@dataclass(frozen=True, slots=True)
class PilotAim:
    """What a pilot is to show.

    Attributes:
        design: to be piloted.
        against: design of all the others; None is the scenario's baseline.
        metrics: what is to differ; the first is the one that decides.
        effect: difference to be seen, in the metric's unit, as a size; None is the simulated difference.
        share: of the customers in the pilot, above 0 and below 1.
        power: chance to see the effect.
        alpha: two-sided chance to see one that is not there.
    """

    design: str
    against: str | None = None
    metrics: tuple[str, ...] = ("completion_rate",)
    effect: float | None = None
    share: float = 0.10
    power: float = 0.80
    alpha: float = 0.05


@dataclass(frozen=True, slots=True)
class MetricPlan:
    """What one metric needs.

    Attributes:
        metric: its name.
        control, pilot: as simulated in the arms of a pilot of the planned share.
        difference: pilot minus control within that pilot, same days.
        total: everybody in the new design minus nobody, same customers.
        effect: difference planned for, with its sign; None where there is none to plan for.
        arms: rates and base items a day at the planned share, with that effect. The share drawn in the simulation is
            not quite that: what a customer of either arm brings is read off it.
        design_effect: by how much days that differ multiply the cases.
        days: working days of enrolment needed with one look, not rounded, with at least FEWEST base items in each
            arm; None where out of reach.
        control_cases, pilot_cases: base items in by then, divided as the planned share divides them.
        visible: smallest change, with the sign of the effect, that the recommended days can see.
        worse: the simulated difference is a loss, and its interval does not reach nought.
        day_sd: standard deviation of the control's daily rate beyond sampling: what another month's days add.
    """

    metric: str
    control: Metric
    pilot: Metric
    difference: Estimate
    total: Estimate
    effect: float | None
    arms: Arms
    design_effect: float
    days: float | None
    control_cases: int | None
    pilot_cases: int | None
    visible: float
    worse: bool
    day_sd: float


@dataclass(frozen=True, slots=True)
class LookPlan:
    """A look at the deciding metric: after which enrolment day, its boundary, and the difference that crosses it."""

    day: int
    look: Look
    difference: float


@dataclass(frozen=True, slots=True)
class PilotPlan:
    """A plan; see the parts. `weeks` and `days` are of enrolment; `wait_days` are calendar days after its end.

    `notes` is what has to be said of it: a history that is not reproduced, customers of a case file.
    """

    scenario: str
    title: str
    aim: PilotAim
    against: str
    seed: int
    replications: int
    cases_per_day: float
    sends_per_day: float
    campaign_days: int
    metrics: tuple[MetricPlan, ...]
    days: int | None
    days_needed: float | None
    wait_days: int | None
    looks: tuple[LookPlan, ...]
    effects: tuple[float, ...]
    shares: tuple[float, ...]
    power: dict[float, dict[float, float]]
    days_for: dict[float, dict[float, float]]
    holdout: float | None
    guardrails: tuple[Guardrail, ...]
    sights: tuple[Sight, ...]
    blind: tuple[Sight, ...]
    steps: tuple[StepWorld, ...]
    not_mixed: tuple[str, ...]
    notes: tuple[str, ...] = ()


def steps_run(aim: PilotAim) -> tuple[float, ...]:
    """Return the shares a plan simulates between none and all."""
    return tuple(sorted({*STEPS, aim.share} - {1.0}))


def plan_pilot(
    request: CompareRequest, aim: PilotAim, on_progress: OnProgress, should_stop: ShouldStop
) -> PilotPlan:
    """Simulate a ramp and plan the pilot.

    Args:
        request: scenario, settings, seed, replications (3 unless said, at least 2) and workers.
        aim: what the pilot is to show.
        on_progress: told about every run.
        should_stop: polled; True stops everything.

    Raises:
        BadInput: wrong file, setting, design, metric or number.
        NotReproduced: the call centre without the campaign does not come back to the history given.
        Cancelled: stopped on request.
    """
    _check(aim)
    replications = checked_replications(request.replications, REPLICATIONS_DEFAULT)
    named = tuple(name for name in (aim.against, aim.design) if name is not None)
    asked = replace(request, designs=named, replications=replications)
    scenario, calls, against = _world(asked, aim)
    passed = through_gate(asked, (scenario, calls), against, on_progress, should_stop)
    hours = busy_hours(load_scenario(request.scenario).document)
    how = VariantRun(hours, replications, request.jobs)
    ramp = run_ramp(scenario, (against, aim.design), steps_run(aim), how, on_progress, should_stop)
    plan = plan_from(ramp, aim, replications)
    return replace(plan, notes=(*passed.notes, *scenario.notes))


def plan_from(ramp: Ramp, aim: PilotAim, replications: int) -> PilotPlan:
    """Plan a pilot from worlds that were run.

    Args:
        ramp: with the aim's share among its steps, unless the designs cannot be mixed.
        aim: what the pilot is to show.
        replications: runs of each step.
    """
    scenario, primary = ramp.scenario, aim.metrics[0]
    first = _metric_plan(ramp, aim, primary, WEEK_DAYS)
    needed, days, looks = _duration(first, aim)
    told_days = days or WEEK_DAYS
    watched = _spread(told_days, min(LOOKS_MAX, told_days))
    effects = tuple(sorted({*EFFECTS, *([abs(first.effect)] if first.effect else [])}))
    shares = tuple(sorted({*SHARES, aim.share}))
    signed = {effect: _signed(effect, primary, first.effect) for effect in effects}
    at = {
        effect: {share: first.arms.with_share(share).with_effect(signed[effect]) for share in shares}
        for effect in effects
    }
    drift = fixed_drift(aim.alpha, aim.power)
    document = scenario.document
    sights, blind = sights_of(ramp, aim.share, told_days)
    return PilotPlan(
        scenario=scenario.name,
        title=scenario.title,
        aim=aim,
        against=ramp.against,
        seed=document.seed,
        replications=replications,
        cases_per_day=plan_of(document).cases / document.cohort_days,
        sends_per_day=document.campaign.messages / document.calendar.working_days,
        campaign_days=document.cohort_days,
        metrics=tuple(_metric_plan(ramp, aim, metric, told_days) for metric in aim.metrics),
        days=days,
        days_needed=needed,
        wait_days=_wait_days([*ramp.outcomes[0.0], *ramp.outcomes[1.0]]),
        looks=looks,
        effects=effects,
        shares=shares,
        power={
            e: {s: power_of(arms, told_days, aim.alpha) for s, arms in row.items()} for e, row in at.items()
        },
        days_for={
            e: {s: days_needed(arms, drift, FEWEST) for s, arms in row.items()} for e, row in at.items()
        },
        holdout=_holdout(ramp, first, drift),
        guardrails=guardrails(ramp, aim.share, watched, aim.alpha),
        sights=sights,
        blind=blind,
        steps=steps_of(ramp, primary, WEEK_DAYS),
        not_mixed=ramp.not_mixed,
    )


def _check(aim: PilotAim) -> None:
    problems = [
        f"--{name} {value:g}: allowed is above 0 and below 1"
        for name, value in (("share", aim.share), ("power", aim.power), ("alpha", aim.alpha))
        if not 0.0 < value < 1.0
    ]
    if aim.effect is not None and not (0.0 < aim.effect < 1.0 and isfinite(aim.effect)):
        problems.append(
            f"--effect {aim.effect:g}: allowed is above 0 and below 1, such as 0.02 for two points"
        )
    definitions = metrics_document().metrics
    rates = [
        name
        for name, one in definitions.items()
        if one.kind == "ratio" and one.unit == "rate" and one.family not in ("call_centre", "cost")
    ]
    for metric in aim.metrics:
        if metric in definitions and definitions[metric].family == "call_centre":
            text = "belongs to the lines both arms share; a pilot has none of its own"
            problems.append(f"--metric {metric}: {text}; allowed: {', '.join(rates)}")
        elif metric not in rates:
            problems.append(f"--metric {metric}: found {metric!r}{instead_of(metric, rates)}")
    if problems:
        raise BadInput(problems)


def _world(request: CompareRequest, aim: PilotAim) -> tuple[Scenario, CallsReport | None, str]:
    scenario, calls = prepare(request)
    against = aim.against or scenario.document.baseline
    chosen_designs(scenario, (against, aim.design))
    if against == aim.design:
        raise BadInput(
            [f"--design {aim.design}: is what it is compared with; name another by --design or --against"]
        )
    return scenario, calls, against


def _metric_plan(ramp: Ramp, aim: PilotAim, metric: str, days: int) -> MetricPlan:
    control, pilot = ramp.pair(aim.share, metric)
    for name, (_, base) in ((ramp.against, control), (ramp.design, pilot)):
        if not sum(base):
            raise BadInput([f"--metric {metric}: does not apply to {name}: nothing in its base"])
    definition = metrics_document().metrics[metric]
    shares = definition.unit == "rate"
    difference = paired_ratio_difference(*pilot, *control, shares=shares)
    total = paired_ratio_difference(*ramp.shared(1.0, metric), *ramp.shared(0.0, metric), shares=shares)
    stayed, moved = ramp.drawn(aim.share)
    arms = Arms(
        sum(control[0]) / sum(control[1]),
        sum(pilot[0]) / sum(pilot[1]),
        sum(control[1]) / len(control[1]) * (1.0 - aim.share) / stayed,
        sum(pilot[1]) / len(pilot[1]) * aim.share / moved,
        between_day_variance_of_difference(control, pilot),
        aim.share,
    )
    simulated = arms.pilot_rate - arms.control_rate
    effect = simulated if aim.effect is None else _signed(aim.effect, metric, simulated)
    planned = arms.with_effect(effect)
    drift = fixed_drift(aim.alpha, aim.power)
    needed = None if effect == 0.0 else days_needed(planned, drift, FEWEST)
    return MetricPlan(
        metric=metric,
        control=arm_metric(ramp, metric, control),
        pilot=arm_metric(ramp, metric, pilot),
        difference=difference,
        total=total,
        effect=effect or None,
        arms=planned,
        design_effect=design_effect(planned),
        days=needed,
        control_cases=None if needed is None else _whole(needed * planned.control_per_day),
        pilot_cases=None if needed is None else _whole(needed * planned.pilot_per_day),
        visible=smallest_effect(arms, days, drift, rising=(effect or _signed(1.0, metric, None)) > 0.0),
        worse=_is_loss(difference, definition.better),
        day_sd=sqrt(between_day_variance(*control)),
    )


def _is_loss(difference: Estimate, better: str) -> bool:
    low, high = difference.low, difference.high
    if low is None or high is None or better == "neither":
        return False
    return high < 0.0 if better == "up" else low > 0.0


def _whole(cases: float) -> int:
    """Whole cases, rounded up; what is whole but for the last digits of its sums stays."""
    return ceil(round(cases, 6))


def _signed(effect: float, metric: str, simulated: float | None) -> float:
    """A size with the sign of the simulated difference, or of the better direction where there is none."""
    if simulated:
        return effect if simulated > 0 else -effect
    return -effect if metrics_document().metrics[metric].better == "down" else effect


def _duration(first: MetricPlan, aim: PilotAim) -> tuple[float | None, int | None, tuple[LookPlan, ...]]:
    """Days needed with the looks that are planned, whole weeks of them, and the looks."""
    if first.days is None:
        return None, None, ()
    weeks = max(1, ceil(first.days / WEEK_DAYS))
    while weeks <= WEEKS_MAX:
        count = max(2, min(LOOKS_MAX, weeks))
        days = _spread(weeks * WEEK_DAYS, count)
        looks = boundaries([day / days[-1] for day in days], aim.alpha)
        needed = days_needed(first.arms, drift_for(looks, aim.power), FEWEST)
        if needed <= weeks * WEEK_DAYS:
            spread = sampling_variance(first.arms) + first.arms.day_variance
            plans = [
                LookPlan(day, look, look.z * sqrt(spread / day))
                for day, look in zip(days, looks, strict=True)
            ]
            return needed, weeks * WEEK_DAYS, tuple(plans)
        weeks = max(weeks + 1, ceil(needed / WEEK_DAYS))
    return first.days, None, ()


def _spread(days: int, count: int) -> list[int]:
    """`count` days, as evenly as whole days allow, the last one last."""
    return sorted({round(days * place / count) for place in range(1, count + 1)} - {0})


def _wait_days(outcomes: Sequence[RunOutcome]) -> int | None:
    """Calendar days from the trigger until most of what is ever recorded is recorded, in the slower design."""
    found = [
        float(np.quantile(np.asarray(times), RECORDED_SHARE)) / MS_PER_DAY
        for outcome in outcomes
        if len(times := int64s(outcome.resolved_ms))
    ]
    return ceil(max(found)) if found else None


def _holdout(ramp: Ramp, first: MetricPlan, drift: float) -> float | None:
    """Share to keep in the old design at full rollout so that one campaign still sees the planned effect."""
    if first.effect is None:
        return None
    return smallest_share(first.arms, ramp.scenario.document.cohort_days, drift, FEWEST)
