"""Go, hold or stop from metrics alone: the rules of rules.yaml that a run's metrics can answer.

`sandbox diagnose` holds a design against more: what its facts and its trail prove, and questions about its structure.
Those cost a close look at a run of their own; a comparison says at once what its metrics decide, and a sweep or a
tornado asks for hundreds of decisions. The two cannot contradict each other: a rule comes out the same in both, and
further verdicts only ever add grounds, so what metrics decide is the best a diagnosis can still come to.
"""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass

from sandbox.journey.design import compile_design
from sandbox.journey.shape import closed_workflow
from sandbox.scorecard.definitions import MetricDefinition
from sandbox.scorecard.judgement import (
    NO_READING,
    Decision,
    Reading,
    RuleVerdict,
    decide,
    judge_rules,
    service_of,
)
from sandbox.scorecard.rules import RulesDocument, Service
from scenarios.examining import person_steps
from scenarios.files.places import Tree
from scenarios.result import Metric, MetricDecision, RuleOutcome
from scenarios.rulebook import Rulebook, limits_of, read_rules
from scenarios.world.library import metrics_document
from scenarios.world.spec import Scenario


@dataclass(frozen=True, slots=True)
class MetricRules:
    """The shipped rules, ready to decide by metrics.

    Attributes:
        book: the rules.
        tree: where they stand.
    """

    book: Rulebook
    tree: Tree

    @classmethod
    def shipped(cls) -> MetricRules:
        """Read the shipped rules."""
        return cls(*read_rules())

    def definitions(self, *further: str) -> dict[str, MetricDefinition]:
        """Return the definitions of the metrics the rules name, and of some further ones, in the file's order."""
        wanted = {rule.metric for rule in self.book.document.rules} | set(further)
        return {name: one for name, one in metrics_document().metrics.items() if name in wanted}

    def decide(self, scenario: Scenario, design: str, metrics: Mapping[str, Metric]) -> Decision:
        """Decide on a design from its metrics.

        Args:
            scenario: the world they were measured in; lines may name its settings.
            design: which of its designs.
            metrics: at least those of `definitions`.

        Raises:
            BadInput: a line names a setting that the scenario has not.
        """
        return decide(self.book.document.decisions, self._verdicts(scenario, design, metrics), ())

    def decision(self, scenario: Scenario, design: str, metrics: Mapping[str, Metric]) -> MetricDecision:
        """Decide as `decide` does, with every rule and its margin, and what metrics cannot answer.

        Args:
            scenario: the world they were measured in; lines may name its settings.
            design: which of its designs.
            metrics: at least those of `definitions`.

        Raises:
            BadInput: a line names a setting that the scenario has not.
        """
        return metric_decision(self.book.document, self._verdicts(scenario, design, metrics), metrics)

    def _verdicts(
        self, scenario: Scenario, design: str, metrics: Mapping[str, Metric]
    ) -> tuple[RuleVerdict, ...]:
        document = self.book.document
        return judge_rules(
            document.rules,
            {name: reading_of(metric) for name, metric in metrics.items()},
            limits_of(self.book, self.tree, scenario.settings),
            _service(scenario, design),
            document.stage,
        )


def metric_decision(
    document: RulesDocument, verdicts: Sequence[RuleVerdict], metrics: Container[str]
) -> MetricDecision:
    """Return what verdicts decide, with the rules these metrics answer, and the names of the others."""
    found = decide(document.decisions, verdicts, ())
    answered = [one for one in verdicts if one.rule.metric in metrics]
    further = [one.rule.rule for one in verdicts if one.rule.metric not in metrics and _in_scope(one)]
    questions = [one.question for one in document.questions]
    return MetricDecision(
        found.decide, found.grounds, tuple(map(rule_outcome, answered)), (*further, *questions)
    )


def reading_of(metric: Metric) -> Reading:
    """Return a metric as the rules read it."""
    told = metric.n, metric.unit, metric.base, metric.note, metric.n_unit
    return Reading(metric.value, metric.low, metric.high, *told)


def rule_outcome(one: RuleVerdict) -> RuleOutcome:
    """Return a judged rule as a result keeps it."""
    held, rule = one.held, one.rule
    return RuleOutcome(
        rule.rule,
        rule.metric,
        rule.fails,
        one.verdict,
        one.line.comparator,
        held.threshold,
        held.margin,
        held.half_widths,
        held.reason,
        rule.means,
        rule.inspect,
        one.reading,
    )


def _in_scope(one: RuleVerdict) -> bool:
    """Whether a rule is for this design at this stage: then only the reading is missing."""
    return one.held.reason == NO_READING


def _service(scenario: Scenario, name: str) -> Service:
    design = compile_design(scenario.designs[name])
    return service_of(
        person_steps=len(person_steps(design)),
        person_waits=len(closed_workflow(design).person_waits),
        declared_assisted=design.assisted,
    )
