"""What a pilot can and cannot see of the scorecard."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

from sandbox.experiment.exact_share import exact_share_interval
from sandbox.experiment.intervals import LEVEL, RARE_EVENTS, Estimate, paired_ratio_difference
from sandbox.experiment.sample_size import between_day_variance
from sandbox.scorecard.outcome import Series
from scenarios.pilot.ramp import MOVES, Ramp, arm_metric
from scenarios.result import Metric
from scenarios.world.library import metrics_document

FEW = 30
"""Base items below which a rate says next to nothing: half widths above 15 points."""


@dataclass(frozen=True, slots=True)
class Sight:
    """What a pilot sees of a metric.

    Attributes:
        metric: its name.
        cases: base items in the pilot's arm over the recommended days; 0 where it has no arms.
        half_width: of a 95 % interval around the pilot's rate; None where it is no rate.
        in_pilot: the pilot's arm at the planned share; of a metric of the lines, everybody.
        at_full: the same when everybody is in the new design.
        shift: the second minus the first, same days.
    """

    metric: str
    cases: int
    half_width: float | None
    in_pilot: Metric
    at_full: Metric
    shift: Estimate


def sights_of(ramp: Ramp, share: float, days: int) -> tuple[tuple[Sight, ...], tuple[Sight, ...]]:
    """Return what a pilot can see, and what it cannot: too few in the base, or a matter of the shared lines.

    Args:
        ramp: the simulated worlds.
        share: of the customers in the pilot.
        days: working days of enrolment.
    """
    seen: list[Sight] = []
    blind: list[Sight] = []
    seen_at = 1.0 if ramp.not_mixed else share
    for name, one in metrics_document().metrics.items():
        if one.kind != "ratio" or one.family == "cost":
            continue
        if one.family == "call_centre":
            if one.main:
                world = 0.0 if ramp.not_mixed else share
                blind.append(_sight(ramp, name, ramp.shared(world, name), 0, None))
            continue
        series = ramp.arm(seen_at, name, MOVES)
        if series is None or one.unit != "rate":
            continue
        per_day = sum(series[1]) / len(series[1]) * share / ramp.drawn(share)[1]
        cases = round(per_day * days)
        half = _half_width(series, cases, days)
        if one.main or name == "false_reject_rate" or cases < FEW:
            (seen if cases >= FEW else blind).append(_sight(ramp, name, series, cases, half))
    return tuple(seen), tuple(blind)


def _half_width(series: Series, cases: int, days: int) -> float | None:
    base = sum(series[1])
    if not base or not cases:
        return None
    rate = sum(series[0]) / base
    half = 1.96 * sqrt(rate * (1.0 - rate) / cases + between_day_variance(*series) / days)
    events = round(rate * cases)
    if min(events, cases - events) >= RARE_EVENTS:
        return half
    low, high = exact_share_interval(events, cases, LEVEL)
    return max(half, rate - low, high - rate)


def _sight(ramp: Ramp, name: str, series: Series, cases: int, half: float | None) -> Sight:
    full = ramp.shared(1.0, name)
    shares = metrics_document().metrics[name].unit == "rate"
    shift = paired_ratio_difference(*full, *series, shares=shares)
    return Sight(name, cases, half, arm_metric(ramp, name, series), arm_metric(ramp, name, full), shift)
