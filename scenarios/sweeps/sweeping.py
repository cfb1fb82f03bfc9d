"""Run a scenario over a grid of settings: every point faces the same customers with the same luck."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from sandbox.errors import BadInput
from sandbox.experiment.crossing import Crossing, CurvePoint, crossings
from sandbox.experiment.grid import Axis, parse_axis, points, rounded
from sandbox.experiment.verdict import parse_that
from sandbox.scorecard.definitions import MetricDefinition
from sandbox.scorecard.judgement import Decision
from sandbox.scorecard.outcome import RunOutcome
from scenarios.calls import CallsReport
from scenarios.cuts import WHOLE
from scenarios.files.places import instead_of
from scenarios.metric_decisions import MetricRules
from scenarios.progress import OnProgress, ShouldStop
from scenarios.result import Metric, PairedDifference
from scenarios.run import FREE, CompareRequest, chosen_designs, prepare, through_gate
from scenarios.summarise import measured, paired
from scenarios.variants import Variant, VariantRun, run_variants
from scenarios.wiring.plan import busy_hours
from scenarios.world.given_cases import notes_of_fullest
from scenarios.world.library import metrics_document
from scenarios.world.spec import Scenario, load_scenario

METRICS_DEFAULT = ("call_abandonment_rate", "completion_rate")
"""What the headline case turns on: whether the lines cope, and whether customers get through."""

_NAMES_AND_PROSE = ("scenario", "title", "story", "designs", "expect")

_FAULTS_TOLD = 3
"""Faults of points told one by one; the others are of the same kind."""


@dataclass(frozen=True, slots=True)
class SweepRequest:
    """What a front end asks for.

    Attributes:
        world: scenario, settings, designs, seed, replications and workers, as for a comparison.
        over: one or two `--over` texts.
        metrics: names of metrics.
    """

    world: CompareRequest
    over: tuple[str, ...]
    metrics: tuple[str, ...] = METRICS_DEFAULT


@dataclass(frozen=True, slots=True)
class SweepPoint:
    """What was found at one point of the grid.

    Attributes:
        values: one per axis.
        metrics: by design and metric; those asked for, then those the rules need.
        differences: design minus baseline at this point, by design and metric; empty without the baseline.
        decisions: go, hold or stop by the rules a run's metrics answer.
    """

    values: tuple[float, ...]
    metrics: dict[str, dict[str, Metric]]
    differences: dict[str, dict[str, PairedDifference]]
    decisions: dict[str, Decision]


@dataclass(frozen=True, slots=True)
class LineCrossed:
    """Where a design's metric crosses its decision rule along an axis.

    Attributes:
        design, metric, rule: whose, what, and the line ("< 0.1").
        beside: the value of the other axis, or None.
        crossing: where, interpolated.
    """

    design: str
    metric: str
    rule: str
    beside: float | None
    crossing: Crossing


@dataclass(frozen=True, slots=True)
class Sweep:
    """A whole sweep.

    Attributes:
        scenario, title, seed, replications, baseline: what was run.
        axes: what was varied.
        metrics: definitions of the metrics asked for, by name.
        designs: titles by name, the baseline first if it was run.
        points: in the order of the grid, the last axis fastest.
        crossings: along the first axis, design by design.
        crossings_down: along the second axis of a grid, the same way.
        notes: what has to be said of it: a history that is not reproduced, customers of a case file.
    """

    scenario: str
    title: str
    seed: int
    replications: int
    baseline: str
    axes: tuple[Axis, ...]
    metrics: dict[str, MetricDefinition]
    designs: dict[str, str]
    points: tuple[SweepPoint, ...]
    crossings: tuple[LineCrossed, ...]
    crossings_down: tuple[LineCrossed, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SweepPlan:
    """A sweep, validated and ready to run.

    Attributes:
        request: what was asked for.
        base: the scenario without what is varied.
        axes, metrics: what is varied and what is asked for.
        worlds: the scenario at every point of the grid.
        designs: names to run.
        calls: the interval report the base was taken from, or None.
    """

    request: SweepRequest
    base: Scenario
    axes: tuple[Axis, ...]
    metrics: dict[str, MetricDefinition]
    worlds: dict[tuple[float, ...], Scenario]
    designs: tuple[str, ...]
    calls: CallsReport | None = None

    @property
    def runs(self) -> int:
        """Runs in all."""
        return len(self.worlds) * len(self.designs) * self.base.document.replications


def planned(request: SweepRequest) -> SweepPlan:
    """Validate a sweep; nothing is run.

    Raises:
        BadInput: wrong scenario, design, metric, setting or value, in the words of the settings themselves.
    """
    base, calls = prepare(request.world)
    metrics = known_metrics(request.metrics)
    axes = tuple(_fitting(parse_axis(text), request.world, base) for text in request.over)
    worlds: dict[tuple[float, ...], Scenario] = {}
    problems: list[str] = []
    for values in points(axes):
        try:
            worlds[values] = _world(request.world, axes, values)
        except BadInput as refused:
            problems += [problem for problem in refused.problems if problem not in problems]
    if problems:
        more = len(problems) - _FAULTS_TOLD
        raise BadInput(
            problems[:_FAULTS_TOLD] + ([f"--over: {more} more values are refused"] if more > 0 else [])
        )
    designs = tuple(chosen_designs(base, request.world.designs))
    return SweepPlan(request, base, axes, metrics, worlds, designs, calls)


def known_metrics(names: Sequence[str]) -> dict[str, MetricDefinition]:
    """Return the definitions of metrics, in the order given.

    Raises:
        BadInput: a name nothing has, or no name at all.
    """
    known = metrics_document().metrics
    problems = [
        f"metric {name!r}: unknown{instead_of(name, known, 'those of `sandbox metrics`')}"
        for name in names
        if name not in known
    ]
    if problems or not names:
        raise BadInput(problems or ["no metric given; allowed: those of `sandbox metrics`"])
    return {name: known[name] for name in names}


def sweep(plan: SweepPlan, on_progress: OnProgress, should_stop: ShouldStop) -> Sweep:
    """Run a planned sweep.

    Args:
        plan: from `planned`.
        on_progress: told about every run's progress.
        should_stop: polled; True stops everything.

    Raises:
        NotReproduced: the call centre without the campaign does not come back to the history given.
        Cancelled: stopped on request.
        RuleBroken: an invariant failed: our bug.
    """
    document, world = plan.base.document, plan.request.world
    passed = through_gate(world, (plan.base, plan.calls), plan.designs[0], on_progress, should_stop)
    how = VariantRun(busy_hours(load_scenario(world.scenario).document), document.replications, world.jobs)
    variants = {
        (values, design): Variant(_name(design, values), scenario, design)
        for values, scenario in plan.worlds.items()
        for design in plan.designs
    }
    outcomes = run_variants(tuple(variants.values()), how, on_progress, should_stop)
    rules = MetricRules.shipped()
    found = tuple(
        _point(plan, values, {design: outcomes[_name(design, values)] for design in plan.designs}, rules)
        for values in plan.worlds
    )
    return Sweep(
        plan.base.name,
        plan.base.title,
        document.seed,
        document.replications,
        document.baseline,
        plan.axes,
        plan.metrics,
        {name: plan.base.designs[name].title for name in plan.designs},
        found,
        lines_crossed(plan.axes, tuple(plan.metrics), plan.designs, found),
        lines_crossed(plan.axes, tuple(plan.metrics), plan.designs, found, along=1),
        (*passed.notes, *notes_of_fullest(plan.worlds.values())),
    )


def lines_crossed(
    axes: Sequence[Axis],
    metrics: Sequence[str],
    designs: Sequence[str],
    found: Sequence[SweepPoint],
    along: int = 0,
) -> tuple[LineCrossed, ...]:
    """Return where every metric with a decision rule crosses it along an axis, for each design.

    Args:
        axes: one or two.
        metrics: names.
        designs: names.
        found: every point, in the order of the grid.
        along: place of the axis; nothing is crossed along one there is not.
    """
    if along >= len(axes):
        return ()
    beside: Sequence[float | None] = axes[1 - along].values if len(axes) > 1 else (None,)
    crossed = []
    for design in designs:
        for name in metrics:
            for value in beside:
                row = [
                    (point.values[along], point.metrics[design][name])
                    for point in found
                    if value is None or point.values[1 - along] == value
                ]
                rule, curve = _against_rule(name, row)
                crossed += [
                    LineCrossed(design, name, rule, value, crossing)
                    for crossing in crossings(curve, 0.0, log=axes[along].log)
                ]
    return tuple(crossed)


def _against_rule(name: str, row: Sequence[tuple[float, Metric]]) -> tuple[str, list[CurvePoint]]:
    """A metric minus the line of its rule, which may move where the sweep varies the setting it names."""
    rules = [metric.rule for _, metric in row if metric.rule and metric.value is not None]
    curve = []
    for at, metric in row:
        if not metric.rule or metric.value is None:
            continue
        line = parse_that(f"{name} {metric.rule}").threshold
        ends = [None if end is None else end - line for end in (metric.low, metric.high)]
        curve.append(CurvePoint(at, metric.value - line, ends[0], ends[1]))
    return (rules[0] if len(set(rules)) == 1 else "its rule, which moves with the setting", curve)


def _point(
    plan: SweepPlan, values: tuple[float, ...], runs: Mapping[str, list[RunOutcome]], rules: MetricRules
) -> SweepPoint:
    world, baseline = plan.worlds[values], plan.base.document.baseline
    definitions = plan.metrics | rules.definitions()
    metrics = {design: measured(world, found, definitions, WHOLE) for design, found in runs.items()}
    differences = {
        design: {row.metric: row for row in paired(world, design, dict(runs), plan.metrics)}
        for design in runs
        if design != baseline and baseline in runs
    }
    decisions = {design: rules.decide(world, design, metrics[design]) for design in runs}
    return SweepPoint(values, metrics, differences, decisions)


def _fitting(axis: Axis, world: CompareRequest, base: Scenario) -> Axis:
    """The axis with values the setting takes: whole ones where it takes no others and they were only reckoned."""
    path = axis.setting
    if path in FREE:
        raise BadInput([f"--over {axis.text}: {path} changes the luck, not the world; give it as --{path}"])
    now = (base.settings | base.inner).get(path)
    whole = path in _NAMES_AND_PROSE
    if isinstance(now, bool | str) or whole:
        told = "no number" if whole else str(now).lower() if isinstance(now, bool) else repr(now)
        raise BadInput([f"--over {axis.text}: {path}: found {told}; allowed: a setting that holds a number"])
    if axis.factor:
        return axis
    broken = next((value for value in axis.values if not float(value).is_integer()), None)
    if broken is None or not axis.spaced or _taken(axis, world, broken):
        return axis
    return rounded(axis) if _taken(axis, world, round(broken)) else axis


def _taken(axis: Axis, world: CompareRequest, value: float) -> bool:
    try:
        _world(world, (axis,), (value,))
    except BadInput:
        return False
    return True


def _world(world: CompareRequest, axes: Sequence[Axis], values: Sequence[float]) -> Scenario:
    """The scenario at one point; what is wrong with it is told of the option that asked for it."""
    settings = {f"{axis.path}={value!r}": axis for axis, value in zip(axes, values, strict=True)}
    try:
        return prepare(replace(world, settings=(*world.settings, *settings)))[0]
    except BadInput as refused:
        problems = []
        for problem in refused.problems:
            for setting, axis in settings.items():
                problem = problem.replace(f"--set {setting}:", f"--over {axis.text}:")  # noqa: PLW2901
            problems.append(problem)
        raise BadInput(problems) from None


def _name(design: str, values: Sequence[float]) -> str:
    return f"{design} at {', '.join(map(repr, values))}"
