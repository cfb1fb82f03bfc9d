"""What metrics.yaml says, as records; the file itself is read by the scenario layer.

How rules stand in the file, for whoever judges by them:

    rule: ">= 0.98"            the main rule: its verdict stands beside the metric everywhere
    when_failed: hold          what the main rule's failing calls for
    meaning: ...               what its failing says, in a few words
    inspect: ...               what to look at next
    further_rules:             lines drawn elsewhere on the same metric, each a Rule
      - {name: volume, rule: ">= 0.95", verdict_when_failed: stop, meaning: ..., inspect: ...}

`MetricDefinition.rules()` returns all of them alike, the main one first under the name "main". A rule is a comparator
and a number in the metric's own unit, or the path of a scenario setting that holds the number.
"""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

Family = Literal["resolution", "outreach", "call_centre", "cost", "quality"]
"""What a metric speaks of; figures of two families are never shown in one table without a line between them."""

WhenFailed = Literal["note", "hold", "stop"]
"""What a failed rule calls for: worth knowing, not yet, or not at all."""

MAIN = "main"
"""The name of a metric's main rule among `rules()`."""

FAMILIES: dict[Family, str] = {
    "resolution": "Resolution",
    "quality": "Quality of the record and of exceptions",
    "outreach": "Outreach",
    "call_centre": "Call centre",
    "cost": "Cost and money",
}
"""Families in the order they are shown, with their titles."""


class Rule(BaseModel):
    """One line drawn on a metric.

    Attributes:
        name: tells it from the metric's other rules.
        rule: what passes ("<= 0.15", or "< SETTING").
        verdict_when_failed: what failing calls for.
        meaning: what failing says.
        inspect: what to look at next, or empty.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    rule: str
    verdict_when_failed: WhenFailed
    meaning: str
    inspect: str = ""


class MetricDefinition(BaseModel):
    """One metric's definition.

    Attributes:
        title: short name for tables.
        definition: exact meaning.
        base: what it is a share or mean of.
        n_unit: what the base is counted in: count, or ms where it is time.
        unit: rate, s, min, h, messages, count, per 1,000 or currency.
        kind: how it is estimated.
        better: which direction is better.
        family: what it speaks of.
        main: whether the short scorecard shows it.
        rule: what passes ("<= 0.20", or "< SETTING"), or empty.
        when_failed: what the main rule's failing calls for.
        meaning: what the main rule's failing says, or empty.
        inspect: what to look at when it fails, or empty.
        further_rules: other lines drawn on the same metric.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: str
    definition: str
    base: str
    n_unit: Literal["count", "ms"] = "count"
    unit: Literal["rate", "s", "min", "h", "messages", "count", "per 1,000", "currency"]
    kind: Literal["ratio", "worst_ratio", "total", "quantile"]
    better: Literal["up", "down", "neither"]
    family: Family
    main: bool = False
    rule: str = ""
    when_failed: WhenFailed = "hold"
    meaning: str = ""
    inspect: str = ""
    further_rules: tuple[Rule, ...] = ()

    def rules(self) -> tuple[Rule, ...]:
        """Every rule of the metric, the main one first; none when it has none."""
        if not self.rule:
            return self.further_rules
        main = Rule(
            name=MAIN,
            rule=self.rule,
            verdict_when_failed=self.when_failed,
            meaning=self.meaning or self.inspect,
            inspect=self.inspect,
        )
        return (main, *self.further_rules)


class MetricsDocument(BaseModel):
    """The whole file: metrics by name, in the order they are shown."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    metrics: dict[str, MetricDefinition]
