"""A metric set against itself in other worlds, unit by unit; and what would be decided from it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from sandbox.experiment.intervals import Estimate, ratio_contrast
from sandbox.scorecard.definitions import MetricDefinition
from sandbox.scorecard.outcome import SCALES, RunOutcome, Series
from sandbox.scorecard.rules import Decide
from scenarios.cuts import WHOLE
from scenarios.metric_decisions import MetricRules
from scenarios.summarise import measured
from scenarios.world.library import metrics_document
from scenarios.world.spec import Scenario

NEITHER = "neither"
"""The interval of the difference holds nought, or the metric has no better direction."""

_Signed = tuple[int, Sequence[RunOutcome]]


class Standing(NamedTuple):
    """What is decided.

    Attributes:
        decision: go, hold or stop for the design, by the rules that metrics answer.
        ground: the rule that weighs most, or empty.
        winner: the design that is better on the metric, "neither", or empty with one design only.
        verdict: of the metric's own rule on the design; empty where it has none.
    """

    decision: Decide
    ground: str
    winner: str
    verdict: str = ""

    def differs(self, other: Standing) -> bool:
        """Say whether something else is decided; another ground for the same is no other decision."""
        return (self.decision, self.winner, self.verdict) != (other.decision, other.winner, other.verdict)


def contrast(metric: str, definition: MetricDefinition, terms: Sequence[_Signed]) -> Estimate:
    """Return the signed sum of a metric over the runs of several worlds, with its paired 95 % interval.

    The unit is a day wherever all worlds have the same days, else a replication.

    Args:
        metric: a ratio or a total.
        definition: the metric's.
        terms: sign and outcomes of each, replication by replication.
    """
    total = definition.kind == "total"
    series = [[_series(outcome, metric, total=total) for outcome in outcomes] for _, outcomes in terms]
    days = {tuple(len(numerators) for numerators, _ in runs) for runs in series}
    scale = SCALES.get(metric, 1.0)
    if len(days) > 1:
        series = [[_summed(one, total=total) for one in runs] for runs in series]
    elif total:  # the mean of a day, times the days of a campaign
        scale *= next(iter(days))[0]
    estimate = ratio_contrast(
        [
            (sign, [y for one in runs for y in one[0]], [x for one in runs for x in one[1]])
            for (sign, _), runs in zip(terms, series, strict=True)
        ],
        shares=definition.unit == "rate",
    )
    value, low, high, half = (
        None if one is None else one * scale
        for one in (estimate.value, estimate.low, estimate.high, estimate.half_width)
    )
    return Estimate(value, low, high, estimate.n_units, half)


def standing(
    scenario: Scenario,
    designs: Sequence[str],
    runs: Mapping[str, Sequence[RunOutcome]],
    rules: MetricRules,
    metric: str,
) -> Standing:
    """Return what is decided on the first design, and which of two designs wins on a metric.

    Args:
        scenario: the world that was run.
        designs: the design judged, then the one it is held against, if any.
        runs: outcomes by design.
        rules: what decides.
        metric: what two designs are compared by.
    """
    found = measured(scenario, runs[designs[0]], rules.definitions(metric), WHOLE)
    decision = rules.decide(scenario, designs[0], found)
    ground = decision.grounds[0].name if decision.grounds else ""
    verdict = found[metric].verdict or ""
    if len(designs) < 2:
        return Standing(decision.decide, ground, "", verdict)
    definition = metrics_document().metrics[metric]
    ours, theirs = (runs[name] for name in designs)
    difference = contrast(metric, definition, [(1, ours), (-1, theirs)])
    return Standing(decision.decide, ground, _winner(difference, definition, designs), verdict)


def _winner(difference: Estimate, definition: MetricDefinition, designs: Sequence[str]) -> str:
    low, high = difference.low, difference.high
    if low is None or high is None or low <= 0.0 <= high or definition.better == "neither":
        return NEITHER
    return designs[0] if (low > 0.0) == (definition.better == "up") else designs[1]


def _series(outcome: RunOutcome, metric: str, *, total: bool) -> Series:
    if not total:
        return outcome.ratios[metric]
    values = outcome.totals[metric]
    return values, [1] * len(values)


def _summed(series: Series, *, total: bool) -> Series:
    return [sum(series[0])], [1 if total else sum(series[1])]
