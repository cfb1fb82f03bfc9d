"""Go, hold or stop from metrics alone: the rules of rules.yaml that a run's metrics can answer.

`sandbox diagnose` holds a design against more: what its facts and its trail prove, and questions about its structure.
Those cost a close look at a run of their own; a sweep or a tornado asks for hundreds of decisions.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sandbox.journey.design import compile_design
from sandbox.journey.shape import closed_workflow
from sandbox.scorecard.definitions import MetricDefinition
from sandbox.scorecard.judgement import Decision, decide, judge_rules, service_of
from sandbox.scorecard.rules import Service
from scenarios.diagnosis import reading_of
from scenarios.examining import person_steps
from scenarios.library import metrics_document
from scenarios.places import Tree
from scenarios.result import Metric
from scenarios.rulebook import Rulebook, limits_of, read_rules
from scenarios.spec import Scenario


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
        document = self.book.document
        verdicts = judge_rules(
            document.rules,
            {name: reading_of(metric) for name, metric in metrics.items()},
            limits_of(self.book, self.tree, scenario.settings),
            _service(scenario, design),
            document.stage,
        )
        return decide(document.decisions, verdicts, ())


def _service(scenario: Scenario, name: str) -> Service:
    design = compile_design(scenario.designs[name])
    return service_of(
        person_steps=len(person_steps(design)),
        person_waits=len(closed_workflow(design).person_waits),
        declared_assisted=design.assisted,
    )
