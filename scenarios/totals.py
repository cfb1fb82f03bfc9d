"""What one run adds up to, and how two variants of a world differ in it, paired by replication.

The unit of independence is the replication: a campaign is one sum. Metrics and their definitions are those of
metrics.yaml; these are the sums they are made from.

A few replications whose sums agree, or differ by the same, prove no certainty: their spread would give an interval of
no width. Such a sum is looked at day by day, as a comparison looks at its metrics (`sandbox.experiment.intervals`),
completions as a share of the cases. Only where no single day differs is a difference said to be none.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from math import fsum, hypot
from typing import NamedTuple

from sandbox.experiment.exact_share import exact_share_interval
from sandbox.experiment.intervals import (
    LEVEL,
    Estimate,
    mean_interval,
    paired_mean_difference,
    paired_ratio_difference,
    ratio_interval,
)
from sandbox.experiment.survival import kaplan_meier_quantile, quantile_interval
from sandbox.model import MS_PER_MINUTE
from sandbox.scorecard.outcome import SCALES, RunOutcome, int64s


class Measure(NamedTuple):
    """One sum of a run.

    Attributes:
        title: for tables.
        unit: count, min, h or currency.
        meaning: what is summed.
        read: from an outcome to the sum; None where it does not apply.
        days: from an outcome to what it is the sum of, per day, as stored; None where it is no sum of days.
        scale: from what is stored to the unit.
    """

    title: str
    unit: str
    meaning: str
    read: Callable[[RunOutcome], float | None]
    days: Callable[[RunOutcome], Sequence[int]] | None = None
    scale: float = 1.0


class Figure(NamedTuple):
    """An estimate over replications with its 95 % interval; None where it does not apply."""

    value: float | None
    low: float | None
    high: float | None


NOTHING = Figure(None, None, None)

_LAST_DIGITS = 1e-9
"""Of a sum of hours or money: what adding in another order may change."""


def _completions(outcome: RunOutcome) -> float:
    return outcome.ends["recorded"]


def _median_min(outcome: RunOutcome) -> float | None:
    resolved = int64s(outcome.resolved_ms)
    if not resolved:
        return None
    median = kaplan_meier_quantile(resolved, int64s(outcome.censored_ms), 0.5)
    return None if median is None else median / MS_PER_MINUTE


def _sum(
    title: str, unit: str, meaning: str, days: Callable[[RunOutcome], Sequence[int]], scale: float = 1.0
) -> Measure:
    return Measure(title, unit, meaning, lambda outcome: sum(days(outcome)) * scale, days, scale)


MEASURES: dict[str, Measure] = {
    "completions": Measure(
        "completions",
        "count",
        "cases whose outcome stands in the core",
        _completions,
        lambda outcome: outcome.ratios["completion_rate"][0],
    ),
    "minutes_to_resolution": Measure(
        "to resolution", "min", "trigger to recorded, median; open cases are censored", _median_min
    ),
    "calls": _sum(
        "calls", "count", "call attempts of the campaign", lambda outcome: outcome.calls["campaign_offered"]
    ),
    "agent_hours": _sum(
        "agent h",
        "h",
        "talk and after-call work on campaign calls",
        lambda outcome: outcome.totals["agent_hours"],
        SCALES["agent_hours"],
    ),
    "duplicates": _sum(
        "duplicates",
        "count",
        "core effects beyond one per decision",
        lambda outcome: outcome.totals["duplicate_effects"],
    ),
    "breaches": _sum(
        "breaches",
        "count",
        "messages that left against a contact rule",
        lambda outcome: outcome.totals["contact_breaches"],
    ),
    "reconciliation_items": _sum(
        "to reconcile",
        "count",
        "records somebody has to prove by hand",
        lambda outcome: outcome.ratios["reconciliation_per_1000_cases"][0],
    ),
    "cost": _sum(
        "cost",
        "currency",
        "all that cost per resolution counts, for the whole campaign",
        lambda outcome: outcome.ratios["cost_per_resolution"][0],
        SCALES["cost_per_resolution"],
    ),
    "collected": _sum(
        "collected",
        "currency",
        "money that came in",
        lambda outcome: outcome.totals["money_collected"],
        SCALES["money_collected"],
    ),
}
"""Every sum, in the order tables show it."""


def totals(outcomes: Sequence[RunOutcome]) -> dict[str, Figure]:
    """Return the mean of every sum over the replications of one variant."""
    found: dict[str, Figure] = {}
    for name, values in _values(outcomes).items():
        if None in values:
            found[name] = NOTHING
            continue
        estimate = mean_interval([float(value or 0) for value in values])
        if _alike(estimate):
            estimate = _of_days(name, outcomes, estimate)
        found[name] = not_negative(estimate)
    return found


def differences(ours: Sequence[RunOutcome], theirs: Sequence[RunOutcome]) -> dict[str, Figure]:
    """Return every sum of one variant minus that of another, same customers in each replication."""
    left, right = _values(ours), _values(theirs)
    found: dict[str, Figure] = {}
    for name in MEASURES:
        if None in left[name] or None in right[name]:
            found[name] = NOTHING
            continue
        mine, other = ([float(value or 0) for value in side[name]] for side in (left, right))
        estimate = paired_mean_difference(mine, other)
        if _alike(estimate) and not _same(name, ours, theirs):
            estimate = _difference_of_days(name, ours, theirs, estimate)
        found[name] = _figure(estimate)
    return found


def not_negative(estimate: Estimate) -> Figure:
    """Return an estimate of a sum that cannot be below nought, its interval cut there."""
    low = None if estimate.low is None else max(estimate.low, 0.0)
    return Figure(estimate.value, low, estimate.high)


def _values(outcomes: Sequence[RunOutcome]) -> dict[str, list[float | None]]:
    return {name: [measure.read(outcome) for outcome in outcomes] for name, measure in MEASURES.items()}


def _figure(estimate: Estimate) -> Figure:
    return Figure(estimate.value, estimate.low, estimate.high)


def _alike(estimate: Estimate) -> bool:
    """Whether the replications agree, but for the last digits of their sums."""
    half = estimate.half_width
    return half is not None and half <= _LAST_DIGITS * abs(estimate.value or 0.0)


def _same(name: str, ours: Sequence[RunOutcome], theirs: Sequence[RunOutcome]) -> bool:
    """Whether nothing a variant changed touched this sum: no day differs, or of a median no case's time."""
    days = MEASURES[name].days
    if days is not None:
        return all(list(days(one)) == list(days(other)) for one, other in zip(ours, theirs, strict=True))
    return all(
        (one.resolved_ms, one.censored_ms) == (other.resolved_ms, other.censored_ms)
        for one, other in zip(ours, theirs, strict=True)
    )


def _of_days(name: str, outcomes: Sequence[RunOutcome], alike: Estimate) -> Estimate:
    """The interval of a sum that every replication agrees on: that of its days; of a median, that of its cases."""
    measure = MEASURES[name]
    if measure.days is None:
        return _around(alike, *_median_ends(outcomes))
    days = _pooled(outcomes, measure.days)
    if name != "completions":
        return _scaled(alike, mean_interval(days), len(days) / len(outcomes) * measure.scale)
    return _scaled(alike, ratio_interval(days, _entered(outcomes), share=True), _cases(outcomes[0]))


def _difference_of_days(
    name: str, ours: Sequence[RunOutcome], theirs: Sequence[RunOutcome], alike: Estimate
) -> Estimate:
    """The interval of a difference that every replication agrees on: that of its days.

    Where days are no help either, the two are held apart: the distances to the ends of their own intervals are
    squared and added, which for two that share their luck is too wide rather than too narrow.
    """
    measure = MEASURES[name]
    if measure.days is not None:
        mine, other = _pooled(ours, measure.days), _pooled(theirs, measure.days)
        if name == "completions":
            entered = _entered(ours), _entered(theirs)
            found = paired_ratio_difference(mine, entered[0], other, entered[1], shares=True)
            found = _scaled(alike, found, _cases(ours[0]))
        elif len(mine) == len(other):
            scale = len(mine) / len(ours) * measure.scale
            found = _scaled(alike, paired_mean_difference(mine, other), scale)
        else:
            found = alike
        if found.half_width:
            return found
    return _apart(alike, *(_alone(name, side) for side in (ours, theirs)))


def _alone(name: str, outcomes: Sequence[RunOutcome]) -> Estimate:
    """One variant's sum by itself; completions are held to what so many cases can prove."""
    values = [float(MEASURES[name].read(outcome) or 0) for outcome in outcomes]
    if name != "completions":
        return _of_days(name, outcomes, mean_interval(values))
    cases = _cases(outcomes[0])
    ends = exact_share_interval(round(fsum(values)), cases * len(outcomes), LEVEL)
    return _around(mean_interval(values), *(end * cases for end in ends))


def _apart(alike: Estimate, one: Estimate, other: Estimate) -> Estimate:
    ends = one.value, one.low, one.high, other.value, other.low, other.high
    if None in ends:
        return _around(alike, None, None)
    value, low, high, its_value, its_low, its_high = (end or 0.0 for end in ends)
    below, above = hypot(value - low, its_high - its_value), hypot(high - value, its_value - its_low)
    if alike.value is None or not below + above:
        return _around(alike, None, None)
    return _around(alike, alike.value - below, alike.value + above)


def _median_ends(outcomes: Sequence[RunOutcome]) -> tuple[float | None, float | None]:
    resolved = [time for outcome in outcomes for time in int64s(outcome.resolved_ms)]
    censored = [time for outcome in outcomes for time in int64s(outcome.censored_ms)]
    low, high = quantile_interval(resolved, censored, 0.5)
    return (None if low is None else low / MS_PER_MINUTE), (None if high is None else high / MS_PER_MINUTE)


def _pooled(outcomes: Sequence[RunOutcome], days: Callable[[RunOutcome], Sequence[int]]) -> list[float]:
    return [float(value) for outcome in outcomes for value in days(outcome)]


def _cases(outcome: RunOutcome) -> int:
    return sum(outcome.ends.values())


def _entered(outcomes: Sequence[RunOutcome]) -> list[float]:
    """Cases of every cohort day, whether policy let them in or not: the base of completions as a share."""
    found: list[float] = []
    for outcome in outcomes:
        cases, days = _cases(outcome), len(outcome.ratios["completion_rate"][0])
        starts = [-(-cases * day // days) for day in range(days + 1)]
        found += [float(after - before) for before, after in pairwise(starts)]
    return found


def _scaled(alike: Estimate, found: Estimate, scale: float) -> Estimate:
    """The estimate that replications agree on, with an interval of another unit."""
    low, high, half = (
        None if end is None else end * scale for end in (found.low, found.high, found.half_width)
    )
    return alike._replace(low=low, high=high, half_width=half)


def _around(alike: Estimate, low: float | None, high: float | None) -> Estimate:
    """The estimate that replications agree on between other ends; without either it has no interval."""
    whole = low is not None and high is not None
    return alike._replace(low=low if whole else None, high=high if whole else None, half_width=None)
