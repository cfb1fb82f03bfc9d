"""Adding independent batches until every metric is known closely enough, within a bound.

Stopping when the interval looks narrow favours batches that happened to agree, so a minimum number of batches
comes first; with it the loss of coverage is small (Y. S. Chow and H. Robbins, "On the Asymptotic Theory of
Fixed-Width Sequential Confidence Intervals", Annals of Mathematical Statistics 36, 1965, for the large-sample
result).
"""

from __future__ import annotations

import math
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


class Width(NamedTuple):
    """How wide an interval is.

    Attributes:
        half_width: half of it; None where there is no interval yet.
        allowed: half width that is good enough, in the same unit.
    """

    half_width: float | None
    allowed: float


class Looks(NamedTuple):
    """How a run to a half width went.

    Attributes:
        runs: runs in all.
        looks: after how many runs the widths were looked at, in order; the last is `runs`.
        unmet: names still wider than allowed when the bound was reached; empty is success.
    """

    runs: int
    looks: tuple[int, ...]
    unmet: tuple[str, ...]


def run_to_width(widths_after: Callable[[int], Mapping[str, Width]], first: int, most: int) -> Looks:
    """Run on until every interval is narrow enough, looking only where the last look says it may be worth while.

    The next look is where the widest interval would be narrow enough if widths went on shrinking with the root of the
    number of runs, but never further than twice as many. Few looks favour lucky agreement less, and where they are
    depends on results alone, never on who computes them.

    Args:
        widths_after: brings the runs to so many in all and gives the widths after them, by name.
        first: runs before the first look, at least 1.
        most: runs never passed, at least `first`.

    Raises:
        BadInput: the bounds contradict each other, or a width that is not above 0 is asked for.
    """
    if not 1 <= first <= most:
        raise BadInput(
            [f"replications: found at least {first} and at most {most}; allowed: 1 <= least <= most"]
        )
    looks = [first]
    while True:
        widths = widths_after(looks[-1])
        wrong = [name for name, width in widths.items() if not width.allowed > 0]
        if wrong:
            raise BadInput([f"half width of {', '.join(wrong)}: allowed is above 0"])
        unmet = tuple(name for name, width in widths.items() if not _narrow(width))
        if not unmet or looks[-1] >= most:
            return Looks(looks[-1], tuple(looks), unmet)
        looks.append(min(most, max(_enough(widths[name], looks[-1]) for name in unmet)))


def _narrow(width: Width) -> bool:
    return width.half_width is not None and width.half_width <= width.allowed


def _enough(width: Width, runs: int) -> int:
    """Runs at which an interval should be narrow enough: more than now, and at most twice as many."""
    if width.half_width is None:
        return 2 * runs
    wanted = runs * (width.half_width / width.allowed) ** 2
    return max(runs + 1, math.ceil(min(wanted, 2 * runs)))


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
