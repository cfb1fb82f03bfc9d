"""Effective agents behind an observed abandonment when the load differs from day to day.

Erlang-A's abandonment is convex in the load where queues begin: a day at twice the load loses far more than
twice the calls. Staff inferred from the mean load alone would therefore lose more calls, over real days, than
the report it came from. So the curve that is inverted here is Erlang-A averaged over a gamma day multiplier,
weighted by calls, as a report's abandoned / offered is. That calls are Poisson given a gamma day rate: Brown,
Zhao, Shen, Mandelbaum, "Multifactor Poisson and Gamma-Poisson models for call center arrival times", 2004.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from sandbox.errors import BadInput, RuleBroken
from sandbox.experiment.erlang_a import SECONDS_PER_HOUR, erlang_a, solve_agents

DAY_POINTS = 15
"""Equally likely kinds of day in the average; 60 points move the inferred staff by less than 1 %."""

MAX_DAY_CV = 10.0
"""Largest day-to-day variation accepted; at 1 already one day in seven has under a seventh of the mean load."""

# Days that differ by less than one in ten thousand are alike: 15 slices of so narrow a gamma are rounding.
_ALIKE = 1e-4

POOL_CALLS = 200
"""Half hours with fewer calls than this are pooled: at 10 % abandoned, 200 calls leave a standard error of 2
points."""


class Demand(NamedTuple):
    """Queue parameters that half hours share.

    Attributes:
        handling_s: mean handling time, seconds.
        patience_s: mean patience, seconds.
        day_multipliers: equally likely factors on the load, mean 1.
    """

    handling_s: float
    patience_s: float
    day_multipliers: tuple[float, ...]


@lru_cache(maxsize=256)
def day_multipliers(day_cv: float, points: int = DAY_POINTS) -> tuple[float, ...]:
    """Equally likely day factors, mean exactly 1, that stand for a gamma distribution.

    Each is the mean of the gamma over one of `points` equally likely slices, so the mean is kept whatever the
    number of slices and no factor is negative. With 15 slices the spread is kept to 5 % up to a `day_cv` of 1 and
    falls increasingly short beyond.

    Args:
        day_cv: coefficient of variation of the day rate, 0 (all days alike) to MAX_DAY_CV.
        points: number of slices, at least 1.

    Raises:
        BadInput: an argument is out of its range.
    """
    if not 0.0 <= day_cv <= MAX_DAY_CV or points < 1:
        allowed = f"0 to {MAX_DAY_CV:g}, in 1 point or more"
        raise BadInput([f"day_cv: found {day_cv!r} in {points!r} points; allowed is {allowed}"])
    if day_cv < _ALIKE:
        return (1.0,)
    # Late: SciPy costs start-up time that most commands need not pay.
    from scipy.special import gammainc, gammaincinv  # type: ignore[import-untyped]

    shape = day_cv**-2.0
    edges = [float(gammaincinv(shape, i / points)) for i in range(points)]
    # For a gamma of mean 1, the mean's share below an edge is the same gamma's with shape + 1.
    shares = [float(gammainc(shape + 1.0, edge)) for edge in edges] + [1.0]
    return tuple(points * (high - low) for low, high in pairwise(shares))


def averaged_abandonment(calls_per_hour: Sequence[float], demand: Demand, agents: int) -> float:
    """Abandoned / offered over all kinds of day and all given half hours, each with the same agents.

    Args:
        calls_per_hour: mean load of each half hour, above 0, in calls per hour.
        demand: what they share.
        agents: agents in each half hour, at least 1.

    Raises:
        BadInput: an argument is out of its range.
    """
    loads = [calls * factor for calls in calls_per_hour for factor in demand.day_multipliers if factor > 0.0]
    lost = math.fsum(
        load * erlang_a(load, demand.handling_s, demand.patience_s, agents).abandonment_rate for load in loads
    )
    return lost / math.fsum(loads)


def effective_agents(calls_per_hour: Sequence[float], demand: Demand, abandonment_rate: float) -> float:
    """Agents, the same in each given half hour, whose averaged abandonment is the observed one.

    Fractions mean the same as in `agents_from_abandonment`. Inferred, never measured.

    Args:
        calls_per_hour: mean load of each half hour, above 0, in calls per hour.
        demand: what they share.
        abandonment_rate: observed abandoned / offered over them, above 0 and at most 1.

    Raises:
        BadInput: an argument is out of its range.
    """
    if not calls_per_hour:
        raise BadInput(["calls_per_hour: found no half hour; allowed is one or more"])
    mean_load = math.fsum(calls_per_hour) / len(calls_per_hour) / SECONDS_PER_HOUR * demand.handling_s
    return solve_agents(
        lambda agents: averaged_abandonment(calls_per_hour, demand, agents), abandonment_rate, mean_load
    )


def pool_thin(slots: Sequence[int], calls: Sequence[float], least: float = POOL_CALLS) -> list[range]:
    """Group neighbouring half hours until each group has enough calls to infer staff from.

    Walks forward in time and closes a group when it holds `least` calls; what is left over at the end of a
    run joins the group before it. A gap in the clock ends a run, since a closed line says nothing about an
    open one; a run that is too thin as a whole stays one group.

    Args:
        slots: numbers of the half hours with calls, rising; 0 is midnight.
        calls: calls observed in each.
        least: calls that make a group.

    Returns:
        Index ranges into `slots` that cover it in order.

    Raises:
        RuleBroken: lengths differ, or the slots do not rise.
    """
    if len(slots) != len(calls) or any(b <= a for a, b in pairwise(slots)):
        raise RuleBroken("half hours to pool must rise, with one call count each")
    groups: list[range] = []
    start, held, run_start = 0, 0.0, 0
    for index, count in enumerate(calls):
        held += count
        run_ends = index + 1 == len(slots) or slots[index + 1] != slots[index] + 1
        if held < least and not run_ends:
            continue
        if held < least and start > run_start:
            start = groups.pop().start
        groups.append(range(start, index + 1))
        start, held = index + 1, 0.0
        if run_ends:
            run_start = start
    return groups
