"""Intervals of what days show: a time over its days, how days differ, and the level of each kind of day.

Calls of one day share that day's luck, so the unit is the day. Times and levels cannot be negative and are skewed
between days; their interval is symmetrical on the logarithm, with the delta method and Student's t. How days differ
is a variance of few numbers: the interval is chi-squared's, of days normal around their mean, less the Poisson noise
(A. M. Law, "Simulation Modeling and Analysis", ch. 9; S. R. Searle, G. Casella and C. E. McCulloch, "Variance
Components", 1992, ch. 3). Days far from normal, such as a holiday among them, make it too narrow.

Measured on Mondays to Fridays, 2,000 times each: how often the 95 % interval holds the truth, in %. Days' levels are
gamma, calls Poisson, 1,400 a day unless said; patience is exponential with eight leavers a day, the time waited in a
day exponential too; handling times differ by 5 % from day to day and by a coefficient of variation of 1.25 within it.

    days, their coefficient of variation    that coefficient    a weekday's level    patience    handling
    10, 0.20                                      95.0                 94.4            91.8        94.8
    20, 0.20                                      95.7                 95.3            93.2        95.5
    20, 0.20, 100 calls a day                     95.8                 95.1            93.0        95.5
    20, 0.40                                      95.9                 94.7            92.7        94.5
    40, 0.20                                      95.9                 95.0            94.0        95.5
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Hashable, Mapping, Sequence
from typing import NamedTuple, TypeVar

from sandbox.experiment.intervals import LEVEL, Estimate, ratio_interval, student_t

_Kind = TypeVar("_Kind", bound=Hashable)


class Ends(NamedTuple):
    """Two-sided interval at `LEVEL`, in the unit of what it is of."""

    low: float
    high: float


def positive_ratio(numerators: Sequence[float], denominators: Sequence[float]) -> Estimate:
    """Interval of sum over sum of what cannot be negative, such as a mean time, over days.

    Args:
        numerators: what was summed, per day.
        denominators: its base, per day, not negative.

    Raises:
        RuleBroken: lengths differ, a number is not finite or a denominator is negative.
    """
    found = ratio_interval(numerators, denominators)
    if not found.value or found.half_width is None:
        return found._replace(low=None, high=None)
    width = math.exp(found.half_width / found.value)
    return found._replace(low=found.value / width, high=found.value * width)


def spread_ends(counts: Sequence[float], expected: Sequence[float], groups: int = 1) -> Ends | None:
    """Interval of how days differ beyond Poisson counts (`fits.spread_beyond_poisson`).

    Args:
        counts: calls of each day.
        expected: what a day of its kind shows on average, above 0.
        groups: kinds of day whose averages were taken from the same counts.

    Returns:
        None with too few days to tell.
    """
    freedom = len(counts) - groups
    if freedom < 1:
        return None
    from scipy.stats import chi2  # type: ignore[import-untyped]  # late: start-up time

    squares = math.fsum((seen / usual - 1.0) ** 2 for seen, usual in zip(counts, expected, strict=True))
    noise = math.fsum(1.0 / usual for usual in expected) / len(expected)
    tail = (1.0 - LEVEL) / 2.0
    variances = (squares / float(chi2.ppf(share, freedom)) - noise for share in (1.0 - tail, tail))
    return Ends(*(math.sqrt(max(0.0, variance)) for variance in variances))


def level_ends(
    kinds: Sequence[_Kind], counts: Sequence[float], expected: Sequence[float]
) -> Mapping[_Kind, Ends]:
    """Interval of each kind of day's level over the mean of the kinds' levels.

    What days of one kind differ by is taken to be the same share for all kinds, so that a kind seen twice is known
    by the others too, and no less than Poisson counts would; with as many degrees of freedom as there are days beyond
    one of each kind.

    Args:
        kinds: of each day, such as its weekday.
        counts: calls of each.
        expected: what a mean day would have shown in what was seen of each, above 0.

    Returns:
        Empty where no kind was seen twice, or there is one kind.
    """
    calls, usual, squared = (defaultdict[_Kind, list[float]](list) for _ in range(3))
    for kind, count, mean in zip(kinds, counts, expected, strict=True):
        calls[kind].append(count)
        usual[kind].append(mean)
        squared[kind].append(mean * mean)
    freedom = len(kinds) - len(calls)
    if freedom < 1 or len(calls) < 2:
        return {}
    levels = {kind: math.fsum(calls[kind]) / math.fsum(usual[kind]) for kind in calls}
    total = math.fsum(levels.values())
    own = [mean * levels[kind] for kind, mean in zip(kinds, expected, strict=True)]
    seen = [(count, usual_of_kind) for count, usual_of_kind in zip(counts, own, strict=True) if usual_of_kind]
    squares = math.fsum((count / usual_of_kind - 1.0) ** 2 for count, usual_of_kind in seen)
    # Counts differ at least as Poisson's do; days that agree better were lucky.
    noise = math.fsum(1.0 / usual_of_kind for _, usual_of_kind in seen) / len(kinds)
    variance = max(squares / freedom, noise)
    # One over the number of its days, where all were seen whole.
    thin = {kind: math.fsum(squared[kind]) / math.fsum(usual[kind]) ** 2 for kind in calls}
    found = {}
    for kind, level in levels.items():
        itself = (1.0 - level / total) ** 2 * thin[kind]
        others = math.fsum((levels[one] / total) ** 2 * thin[one] for one in levels if one != kind)
        width = math.exp(student_t(LEVEL, freedom) * math.sqrt(variance * (itself + others)))
        factor = level * len(levels) / total
        found[kind] = Ends(factor / width, factor * width)
    return found
