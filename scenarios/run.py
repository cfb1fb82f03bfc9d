"""Compare designs of a scenario: load, run every (design, replication), estimate, judge."""

from __future__ import annotations

from dataclasses import dataclass, replace
from importlib.metadata import version
from shlex import quote
from typing import TYPE_CHECKING

from sandbox.errors import BadInput
from sandbox.experiment.verdict import judge, parse_that
from scenarios.costing import costs_of
from scenarios.executor import Jobs
from scenarios.files.places import instead_of
from scenarios.history import OPTION, Gate, Passed, has_history, pass_gate
from scenarios.metric_decisions import MetricRules
from scenarios.precision import Precisely, words
from scenarios.progress import OnProgress, ShouldStop
from scenarios.replications import Replications
from scenarios.result import Comparison, DesignResult, ExpectationResult, Stopping
from scenarios.summarise import design_result, paired
from scenarios.wiring.plan import busy_hours
from scenarios.world.expectations import ExpectationSpec
from scenarios.world.library import metrics_document
from scenarios.world.library import shipped as shipped_names
from scenarios.world.person_route import without_person_route
from scenarios.world.population import messages_most
from scenarios.world.setting_texts import in_effect
from scenarios.world.spec import Scenario, load_scenario

if TYPE_CHECKING:
    from scenarios.calls import CallsReport

_NAMED = 3
"""Differing settings named in a reason; the rest are counted."""

FREE = frozenset({"seed", "replications"})
"""Settings that change the luck and the precision, not the world: expectations hold whatever they are."""


@dataclass(frozen=True, slots=True)
class CompareRequest:
    """What a front end asks for.

    Attributes:
        scenario: shipped name or path.
        settings: "path=value" texts.
        designs: names to run, of the scenario or shipped; None runs all of the scenario's.
            Paired differences need the baseline among them.
        seed, replications: instead of the scenario's.
        jobs: worker processes, or who else runs it; None uses all cores.
        calls: an ACD interval report to take the call centre from.
        core_db: SQLite URL of a file the fake core keeps; None keeps it in memory.
        until: run as many replications as it takes to know this closely; `replications` is then not looked at.
        despite_history: run although the baseline does not reproduce the history given.
    """

    scenario: str
    settings: tuple[str, ...] = ()
    designs: tuple[str, ...] | None = None
    seed: int | None = None
    replications: int | None = None
    jobs: Jobs | None = None
    calls: str | None = None
    core_db: str | None = None
    until: Precisely | None = None
    despite_history: bool = False


def prepare(request: CompareRequest) -> tuple[Scenario, CallsReport | None]:
    """Load the scenario a request is about, with its report, settings, seed and replications applied.

    Raises:
        BadInput: everything wrong with file, settings, report or designs.
    """
    calls = None
    if request.calls is not None:
        from scenarios.calls import read_calls  # late: what reads a report is needed where there is one

        calls = read_calls(request.calls, load_scenario(request.scenario))
    data = {} if calls is None else calls.beside(request.settings)
    asked = {"seed": request.seed, "replications": request.replications}
    data |= {name: value for name, value in asked.items() if value is not None}
    further = tuple(name for name in request.designs or () if name in shipped_names("design"))
    return load_scenario(
        request.scenario, request.settings, settings_data=data, further_designs=further
    ), calls


def chosen_designs(scenario: Scenario, names: tuple[str, ...] | None) -> list[str]:
    """The designs to run: the baseline first, then the others in the scenario's order."""
    known = list(scenario.designs)
    wanted = known if names is None else list(names)
    allowed = list(dict.fromkeys([*known, *shipped_names("design")]))
    problems = [
        f"design {name!r} is not in scenario {scenario.name}{instead_of(name, allowed)}"
        for name in wanted
        if name not in known
    ]
    if problems or not wanted:
        raise BadInput(problems or [f"no design given; allowed: {', '.join(allowed)}"])
    return [name for name in known if name in wanted]


def compare(request: CompareRequest, on_progress: OnProgress, should_stop: ShouldStop) -> Comparison:
    """Run a comparison.

    Args:
        request: see CompareRequest.
        on_progress: told about every run's progress.
        should_stop: polled; True stops everything.

    Raises:
        BadInput: wrong file, setting, design or report.
        NotReproduced: the call centre without the campaign does not come back to the history given.
        Cancelled: stopped on request.
        RuleBroken: an invariant failed: our bug.
    """
    scenario, calls = prepare(request)
    designs = chosen_designs(scenario, request.designs)
    shipped = load_scenario(request.scenario)
    passed = through_gate(request, (scenario, calls), designs[0], on_progress, should_stop)
    hours = busy_hours(shipped.document)
    runs = Replications(scenario, designs, hours, request.jobs, request.until, request.core_db)
    scenario, stop = runs.run(on_progress, should_stop)
    by_design = runs.by_design
    definitions = metrics_document().metrics
    rules = MetricRules.shipped()
    reported = {
        name: decided(rules, scenario, design_result(scenario, name, by_design[name], definitions))
        for name in designs
    }
    baseline = scenario.document.baseline
    comparisons = [
        row
        for name in designs
        if name != baseline and baseline in by_design
        for row in paired(scenario, name, by_design, definitions)
    ]
    return Comparison(
        scenario=scenario.name,
        title=scenario.title,
        settings=scenario.told_settings,
        seed=scenario.document.seed,
        replications=scenario.document.replications,
        baseline=baseline,
        designs=reported,
        comparisons=comparisons,
        expectations=[_judge(scenario, shipped, expected, reported) for expected in scenario.expectations],
        provenance=scenario.provenance
        if calls is None
        else calls.provenance(scenario.provenance, request.settings),
        baseline_check=passed.check,
        notes=[
            *passed.notes,
            *_notes(scenario, request, stop),
            *without_person_route(scenario.designs, designs),
        ],
        replay=replay_line(request, scenario),
        costs=costs_of(scenario, by_design),
        stopping=stop,
        messages_most=messages_most(scenario.document, scenario.population),
    )


def decided(rules: MetricRules, scenario: Scenario, found: DesignResult) -> DesignResult:
    """Return what was measured with what the rules that metrics answer decide on it."""
    return replace(found, decision=rules.decision(scenario, found.name, found.metrics))


def through_gate(
    request: CompareRequest,
    world: tuple[Scenario, CallsReport | None],
    design: str,
    on_progress: OnProgress,
    should_stop: ShouldStop,
) -> Passed:
    """Hold the call centre without the campaign against its history before anything is concluded from a baseline.

    Args:
        request: what was asked for.
        world: what is about to run, as `prepare` gives it.
        design: one of its designs; nobody goes through it.
        on_progress: told about every run's progress.
        should_stop: polled; True stops everything.

    Raises:
        NotReproduced: it does not come back to the history given, and nobody said to run all the same.
        Cancelled: stopped on request.
    """
    if not has_history(*world):
        return Passed(None, [])
    what_ifs = tuple(text for text in request.settings if not text.strip().startswith("history."))
    kept = tuple(text for text in request.settings if text not in what_ifs)
    gate = Gate(
        *world,
        design,
        busy_hours(load_scenario(request.scenario).document),
        request.jobs,
        request.despite_history,
        what_ifs,
        lambda: prepare(replace(request, settings=kept)),
    )
    return pass_gate(gate, on_progress, should_stop)


def differing(scenario: Scenario, shipped: Scenario, expected: ExpectationSpec) -> list[str]:
    """Settings under which this expectation is not judged.

    An expectation belongs to the scenario as written with its `when` on top: any other setting that was changed
    makes this a what-if about which the author said nothing.
    """
    named = [path for path, value in expected.when.items() if scenario.settings.get(path) != value]
    others = [
        path
        for path, value in scenario.settings.items()
        if path not in expected.when and path not in FREE and shipped.settings.get(path) != value
    ]
    return named + others + _inner_overrides(scenario, shipped, expected.design)


def _inner_overrides(scenario: Scenario, shipped: Scenario, design: str) -> list[str]:
    """What was set inside the policy, or inside the design an expectation speaks of, and changed it."""
    changed = []
    if scenario.policy != shipped.policy:
        changed.append("policy.")
    if scenario.designs[design] != shipped.designs.get(design):
        changed.append(f"designs.{design}.")
    return [path for path in scenario.overrides if path.startswith(tuple(changed))]


def _judge(
    scenario: Scenario, shipped: Scenario, expected: ExpectationSpec, designs: dict[str, DesignResult]
) -> ExpectationResult:
    condition = parse_that(expected.that)
    others = differing(scenario, shipped, expected)
    result = designs.get(expected.design)
    metric = None if result is None else result.metrics[condition.metric]
    reason = ""
    if others:
        more = f" and {len(others) - 3} more" if len(others) > 3 else ""
        reason = f"settings differ: {', '.join(others[:3])}{more}"
    elif metric is None:
        reason = f"design {expected.design} was not run"
    elif metric.value is None:
        reason = metric.note or "the metric does not apply"
    judged = metric is not None and not reason
    return ExpectationResult(
        design=expected.design,
        that=expected.that,
        when=dict(expected.when),
        verdict=judge(metric, condition.comparator, condition.threshold)
        if judged and metric
        else "not judged",
        value=metric.value if metric else None,
        low=metric.low if metric else None,
        high=metric.high if metric else None,
        threshold=condition.threshold,
        reason=reason,
    )


def _notes(scenario: Scenario, request: CompareRequest, stop: Stopping | None) -> list[str]:
    document = scenario.document
    days = document.calendar.working_days * document.replications
    notes = [
        (
            f"95 % intervals; the unit is a day ({days} campaign days over {document.replications} replications)"
            ", for times to resolution a case"
        ),
        "differences are paired: every design faces the same customers and the same other calls",
    ]
    if stop is not None:
        notes.append(words(stop))
    notes += scenario.notes
    if request.core_db:
        notes.append(f"the fake core's records are kept in {request.core_db} (one file a run)")
    return notes


def replay_line(request: CompareRequest, scenario: Scenario) -> str:
    """The command that repeats this run, and the version it was made with."""
    parts = ["sandbox", "compare", quote(request.scenario)]
    if request.designs:
        parts += ["--designs", ",".join(request.designs)]
    for setting in in_effect(request.settings):
        parts += ["--set", quote(setting)]
    if request.calls:
        parts += ["--calls", quote(request.calls)]
    if request.despite_history:
        parts.append(OPTION)
    document = scenario.document
    parts += ["--seed", str(document.seed)]
    if request.until is None:
        parts += ["--replications", str(document.replications)]
    else:
        parts += ["--replications", "auto", "--replications-max", str(request.until.most)]
        parts += [word for text in request.until.half_widths for word in ("--half-width", quote(text))]
    return f"{' '.join(parts)}  # resolution-sandbox {version('resolution-sandbox')}"
