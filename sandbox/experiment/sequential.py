"""Adding independent batches until every metric is known closely enough, within a bound.

Stopping when the interval looks narrow favours batches that happened to agree, so a minimum number of batches
comes first; with it the loss of coverage is small (Y. S. Chow and H. Robbins, "On the Asymptotic Theory of
Fixed-Width Sequential Confidence Intervals", Annals of Mathematical Statistics 36, 1965, for the large-sample
result).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import NamedTuple

from sandbox.errors import BadInput, RuleBroken
from sandbox.experiment.intervals import LEVEL, Estimate, ratio_interval

RELATIVE_HALF_WIDTH = 0.02
"""A metric is close enough within 2 % of its value; a product choice: finer than any decision rule here
needs."""

PROBABILITY_HALF_WIDTH = 0.002
"""Or, for probabilities, within 0.2 points: 2 % of a rate near zero would never be reached."""

MIN_BATCHES = 10
"""Batches always run: fewer leave the spread itself unknown (Student t at 9 degrees of freedom is 2.26)."""

Batch = Mapping[str, tuple[float, float]]
"""Per metric, the numerator and denominator one batch contributes."""


class Precision(NamedTuple):
    """When to stop.

    Attributes:
        relative: largest half width as a share of the value.
        probability: half width that is always good enough for a probability.
        min_batches: batches always run, at least 2.
        max_batches: batches never passed.
        level: two-sided confidence level.
    """

    relative: float = RELATIVE_HALF_WIDTH
    probability: float = PROBABILITY_HALF_WIDTH
    min_batches: int = MIN_BATCHES
    max_batches: int = 200
    level: float = LEVEL


class SequentialResult(NamedTuple):
    """What was reached.

    Attributes:
        estimates: one interval per metric, not clamped.
        batches: batches run.
        unmet: metrics still wider than asked when the bound was reached, in the batches' order; empty is
            success.
    """

    estimates: dict[str, Estimate]
    batches: int
    unmet: tuple[str, ...]


def run_until_precise(
    run_batch: Callable[[int], Batch],
    probabilities: Collection[str] = (),
    precision: Precision | None = None,
) -> SequentialResult:
    """Run batches 0, 1, 2 .. until every metric's half width is small enough or the bound is reached.

    Args:
        run_batch: gives batch i's numerator and denominator per metric; batches must be independent and name
            the same metrics.
        probabilities: the metrics that are probabilities, for which `precision.probability` is always enough.
        precision: when to stop; the defaults of `Precision` when None.

    Raises:
        BadInput: `precision` contradicts itself.
        RuleBroken: a batch names other metrics than the first, or `probabilities` names one that none
            reports.
    """
    rule = precision or Precision()
    _check(rule)
    batches: list[Batch] = []
    while True:
        batches.append(run_batch(len(batches)))
        if batches[-1].keys() != batches[0].keys():
            raise RuleBroken(f"batch {len(batches) - 1} reports other metrics than batch 0")
        if len(batches) == 1 and (unknown := set(probabilities) - batches[0].keys()):
            raise RuleBroken(f"probabilities that no batch reports: {', '.join(sorted(unknown))}")
        if len(batches) < rule.min_batches:
            continue
        estimates = {metric: _estimate(metric, batches, rule.level) for metric in batches[0]}
        unmet = tuple(
            metric
            for metric, estimate in estimates.items()
            if not is_precise(estimate, rule, probability=metric in probabilities)
        )
        if not unmet or len(batches) >= rule.max_batches:
            return SequentialResult(estimates, len(batches), unmet)


def is_precise(estimate: Estimate, precision: Precision, *, probability: bool) -> bool:
    """Whether an interval is narrow enough; an estimate without one never is."""
    if estimate.value is None or estimate.half_width is None:
        return False
    allowed = precision.relative * abs(estimate.value)
    return estimate.half_width <= (max(allowed, precision.probability) if probability else allowed)


def _estimate(metric: str, batches: list[Batch], level: float) -> Estimate:
    pairs = [batch[metric] for batch in batches]
    return ratio_interval([pair[0] for pair in pairs], [pair[1] for pair in pairs], level)


def _check(rule: Precision) -> None:
    problems = []
    if not 2 <= rule.min_batches <= rule.max_batches:
        problems.append(
            f"batches: found at least {rule.min_batches} and at most {rule.max_batches}; "
            "allowed is a minimum of 2 or more that is not above the maximum"
        )
    problems += [
        f"{name}: found {share!r}; allowed is above 0"
        for name, share in (("relative", rule.relative), ("probability", rule.probability))
        if not share > 0
    ]
    if problems:
        raise BadInput(problems)
