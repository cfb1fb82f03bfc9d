"""Explain designs: every decision rule with its evidence, where they leak, the tests, and go, hold or stop."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from sandbox.errors import BadInput
from sandbox.journey.shape import ClosedWorkflow
from sandbox.scorecard.judgement import (
    Answer,
    Decision,
    Leak,
    Limits,
    Maturity,
    Reading,
    RuleVerdict,
    answer,
    decide,
    find_leaks,
    judge_rules,
    place,
    service_of,
    worst,
)
from sandbox.scorecard.ledger import Ending
from sandbox.scorecard.rules import LEVELS, DecisionDefinition, PilotStage, RulesDocument, Service
from scenarios.examining import Examined, examine
from scenarios.metric_decisions import reading_of
from scenarios.progress import OnProgress, ShouldStop
from scenarios.result import Comparison, DesignResult, FunnelStage
from scenarios.rulebook import limits_of, read_rules
from scenarios.run import CompareRequest, compare, prepare
from scenarios.wiring.plan import busy_hours
from scenarios.world.spec import load_scenario

ENGAGED_STAGE = "engaged"
"""Up to this stage of the funnel it is outreach, from here on resolution; the two are never mixed."""


@dataclass(frozen=True, slots=True)
class Drop:
    """The biggest drop between two stages of the funnel.

    Attributes:
        before, after: titles of the stages.
        lost: cases, mean of a replication.
        share: of the stage before.
    """

    before: str
    after: str
    lost: float
    share: float


@dataclass(frozen=True, slots=True)
class AssistedService:
    """What a person does in a design whose outcome a person must post; it is staffed, measured and costed as such.

    Attributes:
        steps: steps of the normal path that a person does.
        mislabelled: the design's file calls the normal path self-service.
        figures: metric names to what was found: agent hours, occupancy, cost per resolution.
    """

    steps: tuple[str, ...]
    mislabelled: bool
    figures: dict[str, Reading]


@dataclass(frozen=True, slots=True)
class DesignDiagnosis:
    """One design, judged.

    Attributes:
        design, title: which.
        service: self-service or assisted.
        decision: go, hold or stop, with what decided.
        verdicts: every rule.
        leaks: every pattern of loss.
        reach_drop, resolution_drop: the biggest drop before and after customers engage; None without one.
        biggest_loss: the step and reason at which most cases were lost; None when none was.
        engaged: cases that engaged, in the replication that was looked at.
        closed: the closed-workflow test.
        assisted: what the people in it do; None for self-service.
        maturity: where it stands.
        answers: the questions.
        worst: the failed rule that weighs most, or None.
        example_case: a case worth tracing where the record is in question.
        readings: everything the judgement rests on, by quantity.
    """

    design: str
    title: str
    service: Service
    decision: Decision
    verdicts: tuple[RuleVerdict, ...]
    leaks: tuple[Leak, ...]
    reach_drop: Drop | None
    resolution_drop: Drop | None
    biggest_loss: Ending | None
    engaged: float
    closed: ClosedWorkflow
    assisted: AssistedService | None
    maturity: Maturity
    answers: tuple[Answer, ...]
    worst: RuleVerdict | None
    example_case: int
    readings: dict[str, Reading]


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """Designs of one scenario, judged by one set of rules.

    Attributes:
        scenario, title, seed, replications: what was run.
        stage: where the project stands, as the rules say.
        rules: the file they came from.
        designs: in the order of the scenario.
        baseline: the scenario's baseline.
        notes: what the comparison says of itself, such as a history that is not reproduced.
        decisions: what makes a go, a hold or a stop, as the rules say.
    """

    scenario: str
    title: str
    seed: int
    replications: int
    stage: PilotStage
    rules: str
    designs: tuple[DesignDiagnosis, ...]
    baseline: str
    notes: tuple[str, ...] = ()
    decisions: tuple[DecisionDefinition, ...] = ()

    @property
    def weightiest(self) -> tuple[DesignDiagnosis, RuleVerdict] | None:
        """The failed rule that weighs most of all designs, with its design; None when no rule failed."""
        failed = [(one, one.worst) for one in self.designs if one.worst is not None]
        order = [verdict.rule for verdict in self.designs[0].verdicts]
        return min(
            failed,
            key=lambda pair: (LEVELS.index(pair[1].rule.fails), order.index(pair[1].rule)),
            default=None,
        )


def diagnose(
    request: CompareRequest, rules: str | None, on_progress: OnProgress, should_stop: ShouldStop
) -> Diagnosis:
    """Run a comparison, look closely at one replication of each design, and judge.

    Args:
        request: scenario, settings, designs, seed, replications, workers.
        rules: a rules file; None takes the shipped one.
        on_progress: told about every run's progress.
        should_stop: polled; True stops everything.

    Raises:
        BadInput: wrong file, setting, design or rule.
        NotReproduced: the call centre without the campaign does not come back to the history given.
        Cancelled: stopped on request.
        RuleBroken: an invariant failed: our bug.
    """
    book, tree = read_rules(rules)
    scenario, _ = prepare(request)
    limits_of(book, tree, scenario.settings)  # refuses before anything runs
    return diagnose_compared(
        request, compare(request, on_progress, should_stop), rules, on_progress, should_stop
    )


def diagnose_compared(
    request: CompareRequest,
    comparison: Comparison,
    rules: str | None,
    on_progress: OnProgress,
    should_stop: ShouldStop,
) -> Diagnosis:
    """Look closely at one replication of each design of a comparison that was made before, and judge.

    Args:
        request: what the comparison was made from.
        comparison: what it gave.
        rules: a rules file; None takes the shipped one.
        on_progress: told about every run's progress.
        should_stop: polled; True stops everything.

    Raises:
        BadInput: wrong file or rule, or the scenario is not any more what was compared.
        Cancelled: stopped on request.
        RuleBroken: an invariant failed: our bug.
    """
    book, tree = read_rules(rules)
    scenario, _ = prepare(request)
    limits = limits_of(book, tree, scenario.settings)
    hours = busy_hours(load_scenario(request.scenario).document)
    proofs = dict(book.document.evidence)
    judged = []
    for name, result in comparison.designs.items():
        if name not in scenario.designs:
            raise BadInput([_changed(name)])
        seen = examine(scenario, name, hours, proofs, on_progress, should_stop)
        if result.digests[:1] != (seen.digest,):
            raise BadInput([_changed(name)])
        judged.append(judged_design(result, seen, book.document, limits))
    return Diagnosis(
        comparison.scenario,
        comparison.title,
        comparison.seed,
        comparison.replications,
        book.document.stage,
        book.source,
        tuple(judged),
        comparison.baseline,
        tuple(comparison.notes),
        book.document.decisions,
    )


def _changed(design: str) -> str:
    return (
        f"design {design} is not any more what was compared: the scenario or the product has changed since; "
        "allowed: compare again, then diagnose"
    )


def judged_design(
    result: DesignResult, seen: Examined, rules: RulesDocument, limits: Limits
) -> DesignDiagnosis:
    """Judge one design from what was estimated over all replications and seen in one."""
    readings = {
        **seen.readings,
        **{name: reading_of(metric) for name, metric in result.metrics.items()},
    }
    service = service_of(
        person_steps=len(seen.person_steps),
        person_waits=len(seen.closed.person_waits),
        declared_assisted=seen.declared_assisted,
    )
    verdicts = judge_rules(rules.rules, readings, limits, service, rules.stage)
    answers = answer(rules.questions, readings, limits)
    at_engaged = next((at for at, stage in enumerate(result.funnel) if stage.stage == ENGAGED_STAGE), 0)
    losses = [ending for ending in seen.endings if ending.step]
    return DesignDiagnosis(
        design=result.name,
        title=result.title,
        service=service,
        decision=decide(rules.decisions, verdicts, answers),
        verdicts=verdicts,
        leaks=find_leaks(rules.leaks, readings, limits),
        reach_drop=biggest_drop(result.funnel[: at_engaged + 1]),
        resolution_drop=biggest_drop(result.funnel[at_engaged:]),
        biggest_loss=losses[0] if losses else None,
        engaged=seen.readings["acted_of_engaged_rate"].n,
        closed=seen.closed,
        assisted=_assisted(seen, readings) if service == "assisted" else None,
        maturity=place(rules.maturity, readings, limits),
        answers=answers,
        worst=worst(verdicts),
        example_case=seen.example_case,
        readings=readings,
    )


def biggest_drop(stages: list[FunnelStage]) -> Drop | None:
    """Return the biggest loss of cases between two neighbouring stages; None when nothing is lost."""
    seen = [(stage.title, stage.count) for stage in stages if stage.count is not None and not stage.beside]
    drops = [
        Drop(before, after, count - left, (count - left) / count)
        for (before, count), (after, left) in pairwise(seen)
        if count > left
    ]
    return max(drops, key=lambda drop: drop.lost, default=None)


def _assisted(seen: Examined, readings: dict[str, Reading]) -> AssistedService:
    figures = ("agent_hours", "agent_occupancy", "cost_per_resolution", "rekeyed_rate")
    steps = tuple(dict.fromkeys([*seen.person_steps, *seen.closed.person_waits]))
    return AssistedService(
        steps, not seen.declared_assisted, {name: readings[name] for name in figures if name in readings}
    )
