"""`--replications auto`: how closely a comparison is to be known, and whether it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil, isfinite

from sandbox.errors import BadInput
from sandbox.experiment.intervals import ratio_interval
from sandbox.experiment.sequential import MIN_BATCHES, Looks, Width
from sandbox.scorecard.definitions import MetricDefinition
from sandbox.scorecard.outcome import SCALES, RunOutcome
from scenarios.cuts import WHOLE
from scenarios.files.places import instead_of
from scenarios.result import PrecisionTarget, Stopping
from scenarios.summarise import Definitions, measured, pooled
from scenarios.world.spec import Scenario

RATE_HALF_WIDTH = 0.01
"""One point; a product choice: closer than most figures here stand to their rule."""

RELATIVE_HALF_WIDTH = 0.05
"""5 % of the value, for what is no rate: nobody decides on the twentieth part of a wait or a cost."""

FIRST = 3
"""Replications before the first look; more where the days of three are fewer than MIN_BATCHES."""

WITHOUT_EXPECTATIONS = ("completion_rate", "call_abandonment_rate")
"""What is to be known where neither the user nor the scenario says: the two sides of every design here."""


@dataclass(frozen=True, slots=True)
class Precisely:
    """When a comparison has run enough.

    Attributes:
        half_widths: "METRIC=NUMBER" texts, in the metric's unit; empty takes the metrics of the scenario's
            expectations with the half widths of this module.
        most: replications never passed.
    """

    half_widths: tuple[str, ...] = ()
    most: int = 40


@dataclass(frozen=True, slots=True)
class Target:
    """A metric that is to be known this closely in every design; None takes this module's half widths."""

    metric: str
    half_width: float | None


def targets_of(scenario: Scenario, asked: Precisely, definitions: Definitions) -> list[Target]:
    """Return what is to be known how closely.

    Raises:
        BadInput: a text that is no METRIC=NUMBER, an unknown metric, a width that is not above 0.
    """
    if not asked.half_widths:
        expected = [item.that.split(" ", 1)[0] for item in scenario.expectations]
        return [Target(metric, None) for metric in dict.fromkeys(expected or WITHOUT_EXPECTATIONS)]
    problems: list[str] = []
    targets: list[Target] = []
    for text in asked.half_widths:
        metric, _, number = (part.strip() for part in text.partition("="))
        width = _number(number)
        if metric not in definitions:
            problems.append(f"--half-width {text}: metric {metric!r}{instead_of(metric, list(definitions))}")
        elif width is None:
            allowed = (
                "METRIC=NUMBER above 0 in the metric's unit, rates as shares, such as completion_rate=0.005"
            )
            problems.append(f"--half-width {text}: found {number!r}; allowed: {allowed}")
        else:
            targets.append(Target(metric, width))
    if problems:
        raise BadInput(problems)
    return targets


def first_look(scenario: Scenario, asked: Precisely) -> int:
    """Return the replications before the first look: three, or more where a replication has few days.

    Raises:
        BadInput: the bound is below that.
    """
    least = max(FIRST, ceil(MIN_BATCHES / scenario.document.calendar.working_days))
    if asked.most < least:
        raise BadInput(
            [f"--replications-max {asked.most}: allowed: {least} or more with --replications auto"]
        )
    return least


def widths(
    scenario: Scenario,
    by_design: Mapping[str, Sequence[RunOutcome]],
    targets: Sequence[Target],
    known: Definitions,
) -> dict[tuple[str, str], Width]:
    """Return how wide each target's interval is in each design; what does not apply to a design is left out."""
    found = {
        (name, target.metric): _width(scenario, outcomes, target, known[target.metric])
        for name, outcomes in by_design.items()
        for target in targets
    }
    return {place: width for place, width in found.items() if width is not None}


def stopping(looks: Looks, found: Mapping[tuple[str, str], Width], asked: Precisely) -> Stopping:
    """Return how many replications were run and why no more, for the result."""
    targets = [
        PrecisionTarget(
            design, metric, width.half_width, width.allowed, f"{design} {metric}" not in looks.unmet
        )
        for (design, metric), width in found.items()
    ]
    return Stopping("bound" if looks.unmet else "met", asked.most, list(looks.looks), targets)


def words(stop: Stopping) -> str:
    """Return one sentence on how many replications were run and why no more."""
    runs = f"replications auto: {stop.looks[-1]} run, looked at after {', '.join(map(str, stop.looks))}"
    unmet = [target for target in stop.targets if not target.met]
    if not unmet:
        return f"{runs}; every half width asked for is met"
    named = ", ".join(
        f"{target.metric} of {target.design} (±{target.half_width:.3g}, asked ±{target.asked:.3g})"
        if target.half_width is not None
        else f"{target.metric} of {target.design} (no interval)"
        for target in unmet
    )
    return f"{runs}; stopped at the bound of {stop.most} with wider intervals than asked for: {named}"


def _width(
    scenario: Scenario, outcomes: Sequence[RunOutcome], target: Target, definition: MetricDefinition
) -> Width | None:
    name = target.metric
    if definition.kind == "ratio":
        estimate = ratio_interval(*pooled(outcomes, name), share=definition.unit == "rate")
        scale = SCALES.get(name, 1.0)
        value, half = estimate.value, estimate.half_width  # not cut at 0 and 1, which would look narrower
        value, half = (None if number is None else number * scale for number in (value, half))
    else:
        metric = measured(scenario, outcomes, {name: definition}, WHOLE)[name]
        value = metric.value
        half = None if metric.low is None or metric.high is None else (metric.high - metric.low) / 2
    if value is None:
        return None
    if target.half_width is not None:
        return Width(half, target.half_width)
    rate = definition.unit == "rate"
    # A value of nought has no twentieth part; its interval has no width either.
    return Width(half, RATE_HALF_WIDTH if rate else RELATIVE_HALF_WIDTH * abs(value) or RATE_HALF_WIDTH)


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if isfinite(number) and number > 0 else None
