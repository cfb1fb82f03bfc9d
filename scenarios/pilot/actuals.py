"""After a pilot: predicted against actual, and which assumption of the scenario broke."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from sandbox.errors import BadInput
from sandbox.experiment.attribution import Attribution
from sandbox.experiment.intervals import Estimate
from sandbox.journey.design import compile_design
from sandbox.scorecard.case_table import ARMS
from sandbox.scorecard.outcome import FUNNEL, RunOutcome
from scenarios.explain.pitfalls import checked_replications
from scenarios.pilot.actuals_held import (
    LEVEL,
    Held,
    figure_of,
    hold_funnel,
    hold_metrics,
    level_for,
    ranked,
    recorded_rate,
)
from scenarios.pilot.actuals_levers import Advice, Lever, fit, levers_for
from scenarios.pilot.actuals_rows import read_actuals
from scenarios.progress import OnProgress, ShouldStop
from scenarios.rollout import why_not_mixed
from scenarios.run import CompareRequest, chosen_designs, prepare
from scenarios.variants import Variant, VariantRun, run_variants
from scenarios.wiring.plan import busy_hours
from scenarios.world.library import metrics_document
from scenarios.world.spec import Scenario, load_scenario

REPLICATIONS_DEFAULT = 3

_LEVERS_TRIED = 2
_CLOSE_ENOUGH = 0.05
"""A fitted setting is said to explain a figure when it gives it within this share."""


@dataclass(frozen=True, slots=True)
class World:
    """What the pilot was run in.

    Attributes:
        design: that was piloted.
        against: everybody else's design; None is the scenario's baseline.
        share: of the customers in the pilot; 1 is everybody.
    """

    design: str | None = None
    against: str | None = None
    share: float = 1.0


@dataclass(frozen=True, slots=True)
class Report:
    """What actuals say; `held` is in the file's order, `ranking` names the broken ones, the worst first.

    `whole` is the whole funnel, the last stage of the first; None of metrics, and where the file has two stages.
    `joint_p` is the chance that any figure lies as far out as the furthest one; None where none could be judged.
    `not_held` says of each stage of the file that was left aside why; `notes` what has to be said of the customers.
    """

    scenario: str
    design: str
    share: float
    seed: int
    replications: int
    days: int | None
    level: float
    held: tuple[Held, ...]
    ranking: tuple[str, ...]
    whole: Held | None
    gap: Attribution | None
    gap_of: str
    advice: Advice | None
    rows: int
    dirty: tuple[str, ...]
    not_held: tuple[str, ...]
    notes: tuple[str, ...]

    @property
    def figures(self) -> tuple[Held, ...]:
        """Everything that is judged: stages or metrics, and the whole funnel."""
        return self.held if self.whole is None else (*self.held, self.whole)

    @property
    def together(self) -> float:
        """Chance that all figures lie inside their intervals if the scenario is right, 0..1."""
        return LEVEL

    @property
    def end(self) -> Held:
        """The last stage of the first, whether or not these are neighbours."""
        return self.whole or self.held[0]

    @property
    def joint_p(self) -> float | None:
        """The smallest joint p of all figures."""
        return min((one.p_joint for one in self.figures if one.p_joint is not None), default=None)

    @property
    def broken(self) -> bool:
        """Whether a figure lies outside what was predicted."""
        return any(one.inside is False for one in self.figures)


@dataclass(slots=True)
class _Runner:
    """Runs the pilot's world with other settings, one replication, for the search of a lever."""

    request: CompareRequest
    where: World
    hours: frozenset[int]
    on_progress: OnProgress
    should_stop: ShouldStop

    def run(self, scenario: Scenario, design: str, against: str, replications: int) -> list[RunOutcome]:
        share = self.where.share
        variant = Variant("pilot", scenario, design)
        if share < 1.0:
            variant = Variant("pilot", scenario, against, (design, share))
        how = VariantRun(self.hours, replications, self.request.jobs, keep_cases=True)
        return run_variants([variant], how, self.on_progress, self.should_stop)["pilot"]

    def loaded(self, extra: tuple[str, ...] = ()) -> tuple[Scenario, str, str]:
        """Return the scenario with its designs: the piloted and the other."""
        where = self.where
        named = tuple(name for name in (where.against, where.design) if name is not None)
        settings = (*self.request.settings, *extra)
        scenario, _ = prepare(
            replace(self.request, settings=settings, designs=named or None, replications=None)
        )
        against = where.against or scenario.document.baseline
        return scenario, where.design or scenario.document.baseline, against


def hold_against(
    request: CompareRequest, where: World, path: str, on_progress: OnProgress, should_stop: ShouldStop
) -> Report:
    """Simulate what was piloted and hold a file of actuals against it.

    Args:
        request: scenario, settings, seed, replications (3 unless said, at least 2) and workers.
        where: what the pilot was run in.
        path: the file; see `actuals_rows`.
        on_progress: told about every run.
        should_stop: polled; True stops everything.

    Raises:
        BadInput: wrong file, setting, design or share.
        Cancelled: stopped on request.
    """
    definitions = metrics_document().metrics
    actuals = read_actuals(path, {name: one.unit for name, one in definitions.items()})
    replications = checked_replications(request.replications, REPLICATIONS_DEFAULT)
    hours = busy_hours(load_scenario(request.scenario).document)
    runner = _Runner(request, where, hours, on_progress, should_stop)
    scenario, design, against = runner.loaded()
    _check(scenario, where, design, against)
    outcomes = runner.run(scenario, design, against, replications)
    arm = ARMS[1] if where.share < 1.0 else None
    whole = gap = None
    if actuals.funnel:
        funnel = hold_funnel(actuals, outcomes, arm)
        held, whole, gap = funnel.stages, funnel.whole, funnel.gap
    else:
        held = hold_metrics(actuals, outcomes, arm, definitions, scenario.document.costs.currency)
    compiled = compile_design(scenario.designs[design])
    levers = {one.name: levers_for(one.name, compiled, scenario.settings) for one in held}
    held = tuple(replace(one, levers=tuple(lever.path for lever in levers[one.name])) for one in held)
    ranking = ranked(held)
    advice = _advise(runner, outcomes, held, ranking, levers) if ranking else None
    stages = [FUNNEL[stage][0].lower() for stage in (held[0].of, held[-1].name)] if actuals.funnel else []
    return Report(
        scenario=scenario.name,
        design=design,
        share=where.share,
        seed=scenario.document.seed,
        replications=replications,
        days=actuals.days,
        level=level_for(len(held) + (whole is not None)),
        held=held,
        ranking=ranking,
        whole=whole,
        gap=gap,
        gap_of=" of ".join(reversed(stages)),
        advice=advice,
        rows=actuals.rows,
        dirty=actuals.dirty,
        not_held=_not_held(tuple(actuals.funnel), held, design),
        notes=scenario.notes,
    )


def _not_held(stages: Sequence[str], held: Sequence[Held], design: str) -> tuple[str, ...]:
    """Say of each stage of the file that no rate was made of why."""
    used = {stage for one in held for stage in (one.of, one.name)}
    return tuple(
        f"{stage}: who clicked is engaged, and the clicks are held"
        if stage == "engaged" and "clicked" in used
        else f"{stage}: does not occur in {design}"
        for stage in stages
        if stage not in used
    )


def _check(scenario: Scenario, where: World, design: str, against: str) -> None:
    chosen_designs(scenario, tuple(dict.fromkeys((against, design))))
    if not 0.0 < where.share <= 1.0:
        raise BadInput([f"--share {where.share:g}: allowed is above 0, at most 1 (everybody)"])
    if where.share == 1.0:
        if where.against is not None:
            raise BadInput(
                [f"--against {where.against}: goes only with --share; without it everybody has --design's"]
            )
        return
    if design == against:
        raise BadInput(
            [f"--share {where.share:g}: {design} is everybody's design; name the piloted by --design"]
        )
    if reasons := why_not_mixed(scenario, against, design):
        raise BadInput(
            [f"--share {where.share:g}: {against} and {design} cannot be mixed: {'; '.join(reasons)}"]
        )


def _advise(
    runner: _Runner,
    outcomes: Sequence[RunOutcome],
    held: Sequence[Held],
    ranking: Sequence[str],
    levers: Mapping[str, Sequence[Lever]],
) -> Advice | None:
    """Fit the settings behind the worst broken figure, on its first replication, until one gives what was seen."""
    by_name = {one.name: one for one in held}
    name = next((name for name in ranking if levers[name]), None)
    if name is None:
        return None
    target = by_name[name]
    arm = ARMS[1] if runner.where.share < 1.0 else None
    first = [outcomes[0]]
    given = figure_of(target, first, arm).value
    scenario, design, against = runner.loaded()
    seen: dict[float, list[RunOutcome]] = {}

    def gives(path: str, value: float) -> float | None:
        changed, _, _ = runner.loaded((f"{path}={value:.4g}",))
        seen[value] = runner.run(changed, design, against, 1)
        return figure_of(target, seen[value], arm).value

    best: Advice | None = None
    for lever in levers[name][:_LEVERS_TRIED]:
        seen.clear()
        old = float(scenario.settings[lever.path])  # type: ignore[arg-type]  # levers_for takes numbers only
        # The other replications' mean is the prediction; the search is paired with the first run's luck.
        aim = target.actual if given is None else target.actual + given - (target.prediction.value or given)
        found = None if given is None else fit(lever, (old, given), aim, partial(gives, lever.path))
        if found is None:
            continue
        fitted = figure_of(target, seen[found[0]], arm)
        advice = Advice(
            path=lever.path,
            old=old,
            new=found[0],
            of=name,
            gives=_by(fitted, target.actual - aim, share=target.unit == "rate"),
            primary=recorded_rate(seen[found[0]], arm),
            met=abs(found[1] - aim) <= _CLOSE_ENOUGH * abs(aim),
            in_range=_in_range(scenario, lever, found[0]),
        )
        if advice.met:
            return advice
        if best is None or _off(advice, target) < _off(best, target):
            best = advice
    return best


def _off(advice: Advice, target: Held) -> float:
    return abs((advice.gives.value or 0.0) - target.actual)


def _by(found: Estimate, step: float, *, share: bool) -> Estimate:
    """The estimate moved by a step; one of a share stays one."""
    if found.value is None:
        return found
    value, low, high = (None if end is None else end + step for end in found[:3])
    if share and low is not None and high is not None:
        low, high = max(low, 0.0), min(high, 1.0)
    return found._replace(value=value, low=low, high=high)


def _in_range(scenario: Scenario, lever: Lever, value: float) -> bool | None:
    for origin in scenario.provenance:
        if origin.path == lever.path and origin.range is not None:
            return origin.range[0] <= value <= origin.range[1]
    return None
