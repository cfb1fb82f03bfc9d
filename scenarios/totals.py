"""What one run adds up to, and how two variants of a world differ in it, paired by replication.

The unit of independence is the replication: a campaign is one sum. Metrics and their definitions are those of
metrics.yaml; these are the sums they are made from.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from sandbox.experiment.intervals import Estimate, mean_interval, paired_mean_difference
from sandbox.experiment.survival import kaplan_meier_quantile
from sandbox.model import MS_PER_MINUTE
from sandbox.scorecard.outcome import SCALES, RunOutcome, int64s


class Measure(NamedTuple):
    """One sum of a run.

    Attributes:
        title: for tables.
        unit: count, min, h or currency.
        meaning: what is summed.
        read: from an outcome to the sum; None where it does not apply.
    """

    title: str
    unit: str
    meaning: str
    read: Callable[[RunOutcome], float | None]


class Figure(NamedTuple):
    """An estimate over replications with its 95 % interval; None where it does not apply."""

    value: float | None
    low: float | None
    high: float | None


NOTHING = Figure(None, None, None)


def _completions(outcome: RunOutcome) -> float:
    return outcome.ends["recorded"]


def _median_min(outcome: RunOutcome) -> float | None:
    resolved = int64s(outcome.resolved_ms)
    if not resolved:
        return None
    median = kaplan_meier_quantile(resolved, int64s(outcome.censored_ms), 0.5)
    return None if median is None else median / MS_PER_MINUTE


MEASURES: dict[str, Measure] = {
    "completions": Measure("completions", "count", "cases whose outcome stands in the core", _completions),
    "minutes_to_resolution": Measure(
        "to resolution", "min", "trigger to recorded, median; open cases are censored", _median_min
    ),
    "calls": Measure(
        "calls",
        "count",
        "call attempts of the campaign",
        lambda outcome: sum(outcome.calls["campaign_offered"]),
    ),
    "agent_hours": Measure(
        "agent h",
        "h",
        "talk and after-call work on campaign calls",
        lambda outcome: sum(outcome.totals["agent_hours"]) * SCALES["agent_hours"],
    ),
    "duplicates": Measure(
        "duplicates",
        "count",
        "core effects beyond one per decision",
        lambda outcome: sum(outcome.totals["duplicate_effects"]),
    ),
    "breaches": Measure(
        "breaches",
        "count",
        "messages that left against a contact rule",
        lambda outcome: sum(outcome.totals["contact_breaches"]),
    ),
    "reconciliation_items": Measure(
        "to reconcile",
        "count",
        "records somebody has to prove by hand",
        lambda outcome: sum(outcome.ratios["reconciliation_per_1000_cases"][0]),
    ),
    "cost": Measure(
        "cost",
        "currency",
        "all that cost per resolution counts, for the whole campaign",
        lambda outcome: sum(outcome.ratios["cost_per_resolution"][0]) * SCALES["cost_per_resolution"],
    ),
    "collected": Measure(
        "collected",
        "currency",
        "money that came in",
        lambda outcome: sum(outcome.totals["money_collected"]) * SCALES["money_collected"],
    ),
}
"""Every sum, in the order tables show it."""


def totals(outcomes: Sequence[RunOutcome]) -> dict[str, Figure]:
    """Return the mean of every sum over the replications of one variant."""
    return {
        name: NOTHING
        if None in values
        else not_negative(mean_interval([float(value or 0) for value in values]))
        for name, values in _values(outcomes).items()
    }


def differences(ours: Sequence[RunOutcome], theirs: Sequence[RunOutcome]) -> dict[str, Figure]:
    """Return every sum of one variant minus that of another, same customers in each replication."""
    left, right = _values(ours), _values(theirs)
    found: dict[str, Figure] = {}
    for name in MEASURES:
        if None in left[name] or None in right[name]:
            found[name] = NOTHING
            continue
        mine, other = ([float(value or 0) for value in side[name]] for side in (left, right))
        found[name] = _figure(paired_mean_difference(mine, other))
    return found


def not_negative(estimate: Estimate) -> Figure:
    """Return an estimate of a sum that cannot be below nought, its interval cut there."""
    low = None if estimate.low is None else max(estimate.low, 0.0)
    return Figure(estimate.value, low, estimate.high)


def _values(outcomes: Sequence[RunOutcome]) -> dict[str, list[float | None]]:
    return {name: [measure.read(outcome) for outcome in outcomes] for name, measure in MEASURES.items()}


def _figure(estimate: Estimate) -> Figure:
    return Figure(estimate.value, estimate.low, estimate.high)
