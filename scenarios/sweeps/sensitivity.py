"""Which assumption could change the decision: each at both ends of its range, one at a time, with the same luck.

Hundreds of full runs would take hours, so there are two rounds. The first screens every assumption once on a short
campaign with the same load a day; the second runs at full length, in all replications, those that could change the
decision there or move the figure most. What was only screened is called so, and says nothing final of the decision.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from sandbox.errors import BadInput
from sandbox.experiment.intervals import Estimate
from sandbox.experiment.tornado import shortlist
from sandbox.scorecard.definitions import MetricDefinition
from sandbox.scorecard.outcome import RunOutcome
from scenarios.calls import CallsReport
from scenarios.executor import workers_held
from scenarios.explain.pitfalls import checked_replications
from scenarios.history import LABEL, Passed, has_history
from scenarios.metric_decisions import MetricRules
from scenarios.progress import OnProgress, ShouldStop
from scenarios.run import CompareRequest, chosen_designs, prepare, through_gate
from scenarios.sweeps.assumptions import (
    SCREENING_DAYS,
    Assumption,
    LeftOut,
    assumptions_of,
    short_campaign,
    world_at,
)
from scenarios.sweeps.contrasts import Standing, contrast, standing
from scenarios.sweeps.sweeping import known_metrics
from scenarios.sweeps.tornado import End, Round, Sensitivity, Varied
from scenarios.variants import Variant, VariantRun, run_variants
from scenarios.wiring.plan import busy_hours
from scenarios.world.spec import Scenario, load_scenario

METRIC_DEFAULT = "completion_rate"
REPLICATIONS_DEFAULT = 2
LIMIT_DEFAULT = 8
"""Assumptions run at full length unless said: with 2 replications, 32 runs of a design."""

_PAIRED = ("ratio", "total")
"""Kinds of metric that can be paired unit by unit; a quantile or a worst half hour cannot."""


@dataclass(frozen=True, slots=True)
class SensitivityRequest:
    """What a front end asks for.

    Attributes:
        world: scenario, settings, seed, replications and workers; its designs are not looked at.
        metric: the figure that is watched.
        design: whose; the scenario's baseline if None.
        against: the figure is the difference to this design; None watches the design alone.
        only: assumptions, or blocks of them, to vary; empty for all.
        limit: assumptions run at full length at most.
    """

    world: CompareRequest
    metric: str = METRIC_DEFAULT
    design: str | None = None
    against: str | None = None
    only: tuple[str, ...] = ()
    limit: int = LIMIT_DEFAULT


@dataclass(frozen=True, slots=True)
class _World:
    """A world to run: the scenario, and where its outcomes go."""

    scenario: Scenario
    designs: tuple[str, ...]


Runs = Mapping[str, list[RunOutcome]]
"""Outcomes by design."""


@dataclass(frozen=True, slots=True)
class SensitivityPlan:
    """A tornado, validated and ready to run."""

    request: SensitivityRequest
    scenario: Scenario
    definition: MetricDefinition
    designs: tuple[str, ...]
    replications: int
    assumptions: tuple[Assumption, ...]
    left_out: tuple[LeftOut, ...]
    short: tuple[str, ...]
    calls: CallsReport | None = None


def planned(request: SensitivityRequest) -> SensitivityPlan:
    """Validate a tornado; nothing is run.

    Raises:
        BadInput: wrong scenario, design, metric, path, limit or number of replications.
    """
    replications = checked_replications(request.world.replications, REPLICATIONS_DEFAULT)
    world = replace(request.world, replications=replications)
    wanted = tuple(name for name in (request.design, request.against) if name is not None)
    scenario, calls = prepare(replace(world, designs=wanted or None))
    design = request.design or scenario.document.baseline
    (definition,) = known_metrics((request.metric,)).values()
    problems = []
    if definition.kind not in _PAIRED:
        problems.append(f"metric {request.metric!r}: found a {definition.kind}; allowed: a ratio or a total")
    if request.against == design:
        problems.append(f"--against {design}: found the design itself; allowed: another one")
    if request.limit < 1:
        problems.append(f"--limit {request.limit}: found {request.limit}; allowed: at least 1")
    if problems:
        raise BadInput(problems)
    designs = (design,) if request.against is None else (design, request.against)
    chosen_designs(scenario, designs)
    taken, left = assumptions_of(scenario, designs, definition, request.only)
    short = short_campaign(scenario, world) if len(taken) > request.limit else ()
    asked = replace(request, world=replace(world, designs=wanted or None))
    return SensitivityPlan(asked, scenario, definition, designs, replications, taken, left, short, calls)


def sensitivity(
    plan: SensitivityPlan,
    on_round: Callable[[Round], OnProgress],
    should_stop: ShouldStop,
) -> Sensitivity:
    """Run a planned tornado.

    Args:
        plan: from `planned`.
        on_round: told before each batch of runs; returns who is told of their progress.
        should_stop: polled; True stops everything.

    Raises:
        NotReproduced: the call centre without the campaign does not come back to the history given.
        Cancelled: stopped on request.
        RuleBroken: an invariant failed: our bug.
    """
    request = plan.request
    with workers_held(request.world.jobs) as workers:  # the same ones for every round
        held = replace(request, world=replace(request.world, jobs=workers))
        return _tornado(replace(plan, request=held), on_round, should_stop)


def _tornado(
    plan: SensitivityPlan, on_round: Callable[[Round], OnProgress], should_stop: ShouldStop
) -> Sensitivity:
    passed = _through_gate(plan, on_round, should_stop)
    bench = _Bench(plan, on_round, should_stop)
    base = bench.run_base()
    few = len(plan.assumptions) <= plan.request.limit  # all of them are run at full length anyway
    rows = [] if few else bench.screen(base)
    best = shortlist(rows, plan.request.limit, lambda row: bool(row.changes), lambda row: row.swing)
    chosen = plan.assumptions if few else [row.assumption for row in best]
    full = bench.run_full(chosen, base)
    done = {row.assumption.path for row in full}
    screened = [row for row in rows if row.assumption.path not in done]
    here = bench.standing(plan.scenario, base)
    figure = bench.contrast([(1, base)])
    return Sensitivity(
        plan.scenario.name,
        plan.scenario.title,
        plan.scenario.document.seed,
        plan.replications,
        plan.request.metric,
        plan.definition,
        plan.designs[0],
        plan.request.against,
        plan.scenario.document.costs.currency if plan.definition.unit == "currency" else plan.definition.unit,
        figure,
        here,
        (*_by_swing(full), *_by_swing(screened)),
        plan.left_out,
        SCREENING_DAYS if screened and plan.short else 0,
        (*passed.notes, *plan.scenario.notes),
    )


def _through_gate(
    plan: SensitivityPlan, on_round: Callable[[Round], OnProgress], should_stop: ShouldStop
) -> Passed:
    world = plan.scenario, plan.calls
    gated = has_history(*world)
    told = on_round(Round(LABEL, plan.replications, 0.0, 0.0)) if gated else lambda _: None
    return through_gate(plan.request.world, world, plan.designs[0], told, should_stop)


def _by_swing(rows: Sequence[Varied]) -> list[Varied]:
    return sorted(rows, key=lambda row: (-row.swing, row.assumption.path))


class _Bench:
    """Runs worlds in batches and reads figures and decisions off them."""

    def __init__(
        self, plan: SensitivityPlan, on_round: Callable[[Round], OnProgress], should_stop: ShouldStop
    ) -> None:
        self._plan, self._on_round, self._should_stop = plan, on_round, should_stop
        self._rules = MetricRules.shipped()
        self._definitions = self._rules.definitions(plan.request.metric)
        self._hours = busy_hours(load_scenario(plan.request.world.scenario).document)
        self._later = (
            min(len(plan.assumptions), plan.request.limit) * 2 * len(plan.designs) * plan.replications
        )

    def run_base(self) -> Runs:
        """Everything as it is, at full length."""
        plan = self._plan
        worlds = {"as it is": _World(plan.scenario, plan.designs)}
        return self._run("as it is", worlds, plan.replications, 1.0)["as it is"]

    def screen(self, base: Runs) -> list[Varied]:
        """Every assumption once: on the short campaign, or where that is none or impossible, at full length."""
        plan = self._plan
        short = prepare(replace(plan.request.world, settings=(*plan.request.world.settings, *plan.short)))[0]
        worlds, refused = self._worlds(plan.assumptions, lambda one: () if one.changes_length else plan.short)
        first = {name: runs[:1] for name, runs in base.items()}
        if plan.short:
            worlds[""] = _World(short, plan.designs)
        share = short.document.calendar.working_days / plan.scenario.document.calendar.working_days
        found = self._run("screening", worlds, 1, share)
        by_length = {False: found.pop("", first), True: first}
        here = {
            length: self.standing(plan.scenario if length else short, runs)
            for length, runs in by_length.items()
        }
        return [
            self._varied(
                one,
                worlds,
                found,
                refused,
                (by_length[one.changes_length], here[one.changes_length]),
                screened=True,
            )
            for one in plan.assumptions
        ]

    def run_full(self, chosen: Sequence[Assumption], base: Runs) -> list[Varied]:
        """The chosen assumptions at full length, in all replications."""
        self._later = 0
        worlds, refused = self._worlds(chosen, lambda _: ())
        found = self._run("at full length", worlds, self._plan.replications, 1.0)
        here = self.standing(self._plan.scenario, base)
        return [self._varied(one, worlds, found, refused, (base, here), screened=False) for one in chosen]

    def standing(self, scenario: Scenario, runs: Runs) -> Standing:
        """What is decided from some runs."""
        return standing(scenario, self._plan.designs, runs, self._rules, self._plan.request.metric)

    def contrast(self, terms: Sequence[tuple[int, Runs]]) -> Estimate:
        """A signed sum of the figure over some runs: each the design's metric, or its difference to the other's."""
        signs = (1, -1)
        signed = [
            (sign * own, runs[name])
            for sign, runs in terms
            for own, name in zip(signs, self._plan.designs, strict=False)
        ]
        return contrast(self._plan.request.metric, self._plan.definition, signed)

    def _worlds(
        self, chosen: Sequence[Assumption], further: Callable[[Assumption], tuple[str, ...]]
    ) -> tuple[dict[str, _World], dict[str, str]]:
        """The world at every end by name, and why an end cannot be run."""
        worlds: dict[str, _World] = {}
        refused: dict[str, str] = {}
        for one in chosen:
            for name, value in one.ends().items():
                try:
                    scenario = world_at(self._plan.request.world, one.path, value, further(one))
                    worlds[_key(one, name)] = _World(scenario, one.used_by)
                except BadInput as fault:
                    refused[_key(one, name)] = fault.problems[0]
        return worlds, refused

    def _varied(
        self,
        one: Assumption,
        worlds: Mapping[str, _World],
        found: Mapping[str, Runs],
        refused: Mapping[str, str],
        base: tuple[Runs, Standing],
        *,
        screened: bool,
    ) -> Varied:
        ends = {}
        for name, value in one.ends().items():
            key = _key(one, name)
            if key in refused:
                ends[name] = End(value, None, None, refused[key])
                continue
            runs = {**base[0], **found[key]}  # a design that does not use it is as it was
            effect = self.contrast([(1, runs), (-1, base[0])])
            ends[name] = End(value, effect, self.standing(worlds[key].scenario, runs))
        return Varied(one, ends, screened, base[1])

    def _run(
        self, name: str, worlds: Mapping[str, _World], replications: int, share: float
    ) -> dict[str, Runs]:
        variants = {
            (key, design): Variant(f"{key or 'as it is'}, {design}", world.scenario, design)
            for key, world in worlds.items()
            for design in world.designs
        }
        on_progress = self._on_round(Round(name, len(variants) * replications, share, self._later))
        how = VariantRun(self._hours, replications, self._plan.request.world.jobs)
        found = run_variants(tuple(variants.values()), how, on_progress, self._should_stop)
        return {
            key: {design: found[variants[key, design].name] for design in world.designs}
            for key, world in worlds.items()
        }


def _key(one: Assumption, end: str) -> str:
    return f"{one.path} {end}"
