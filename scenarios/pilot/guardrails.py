"""Stop lines of a pilot, from the rules of metrics.yaml: how many bad outcomes of how many end it, look by look."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sandbox.experiment.count_limits import chance_of_stop, count_limits
from sandbox.experiment.verdict import parse_that
from sandbox.scorecard.definitions import MetricDefinition, Rule, WhenFailed
from scenarios.pilot.ramp import Ramp
from scenarios.world.library import metrics_document

SOURCE = (
    "exact binomial counts; alpha spent in proportion to the cases seen (Lan and DeMets 1983), shared equally by the "
    "guardrails (Bonferroni)"
)


@dataclass(frozen=True, slots=True)
class CountLine:
    """Bad outcomes that end the pilot at a look; `limit` is None where no number could.

    Attributes:
        day: working day of enrolment after which the look takes place.
        cases: of the metric's base expected in the pilot's arm by then.
        limit: fewest bad outcomes among them that stop.
    """

    day: int
    cases: int
    limit: int | None


@dataclass(frozen=True, slots=True)
class Guardrail:
    """One rule watched during the pilot.

    Attributes:
        metric, title, rule: what is watched and the line in the metric's own unit (">= 0.95").
        calls_for: what crossing it calls for, "stop" or "hold".
        means: what crossing says.
        bad: what is counted, in words.
        line: rate of bad outcomes just still allowed.
        expected: simulated rate of bad outcomes in the pilot's arm; None without any base.
        alpha: one-sided chance to cross although the true rate is on the line.
        looks: counts; none where the first bad outcome crosses or nothing is in the base.
        first: the first bad outcome crosses.
        false_alarm: chance to cross at the simulated rate.
    """

    metric: str
    title: str
    rule: str
    calls_for: WhenFailed
    means: str
    bad: str
    line: float
    expected: float | None
    alpha: float
    looks: tuple[CountLine, ...]
    first: bool
    false_alarm: float | None


def guardrails(ramp: Ramp, share: float, days: Sequence[int], alpha: float) -> tuple[Guardrail, ...]:
    """Return the guardrails of a pilot: every rule that calls for a stop or a hold on what an arm has of its own.

    Args:
        ramp: the simulated worlds.
        share: of the customers in the pilot.
        days: working days of enrolment after which the counts are looked at, rising.
        alpha: one-sided chance that any of them crosses although all true rates stand on their lines.
    """
    definitions = metrics_document().metrics
    rules = [
        (name, definition, rule)
        for name, definition in definitions.items()
        for rule in definition.rules()
        if rule.verdict_when_failed in ("stop", "hold") and _has_arms(ramp, name, definition)
    ]
    counted = sum(definition.kind == "ratio" for _, definition, _ in rules)
    found = [_guardrail(ramp, share, days, alpha / max(counted, 1), one) for one in rules]
    return tuple(sorted(found, key=lambda one: (one.calls_for != "stop", not one.first)))


def _has_arms(ramp: Ramp, name: str, definition: MetricDefinition) -> bool:
    part = ramp.outcomes[0.0][0].parts["route"]["person"]
    if definition.kind == "ratio":
        return definition.unit == "rate" and name in part.ratios
    return definition.kind == "total" and name in part.totals


def _guardrail(
    ramp: Ramp, share: float, days: Sequence[int], alpha: float, one: tuple[str, MetricDefinition, Rule]
) -> Guardrail:
    name, definition, rule = one
    condition = parse_that(f"{name} {rule.rule}")
    told = name, definition.title, rule.rule, rule.verdict_when_failed, rule.meaning
    if definition.kind == "total":
        expected = sum(sum(outcome.totals[name]) for outcome in ramp.outcomes[1.0]) / len(ramp.outcomes[1.0])
        return Guardrail(*told, f"{definition.title.lower()}, any", 0.0, expected, 0.0, (), True, None)
    up = condition.comparator in (">", ">=")
    line = 1.0 - condition.threshold if up else condition.threshold
    nums, dens = ramp.pair(share, name)[1]
    base = sum(dens)
    rate = sum(nums) / base if base else None
    expected_bad = None if rate is None else 1.0 - rate if up else rate
    bad = f"{definition.title.lower()}: {'not so' if up else 'so'}, of {definition.base}"
    per_day = base / len(dens) * share / ramp.drawn(share)[1]
    cases = [round(day * per_day) for day in days]
    kept = [place for place, count in enumerate(cases) if count > (cases[place - 1] if place else 0)]
    if expected_bad is None or not kept or not 0.0 < line < 1.0:
        return Guardrail(*told, bad, line, expected_bad, alpha, (), False, None)
    bases = [cases[place] for place in kept]
    limits = count_limits(bases, line, alpha)
    looks = tuple(
        CountLine(days[place], cases[place], limit) for place, limit in zip(kept, limits, strict=True)
    )
    false_alarm = chance_of_stop(bases, limits, expected_bad)
    return Guardrail(*told, bad, line, expected_bad, alpha, looks, False, false_alarm)
