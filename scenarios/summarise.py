"""From run outcomes to metrics with intervals: days are the units, pooled over replications."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from hashlib import sha256
from math import fsum

from sandbox.experiment.intervals import (
    LEVEL,
    Estimate,
    mean_interval,
    paired_mean_difference,
    paired_ratio_difference,
    ratio_interval,
)
from sandbox.experiment.survival import kaplan_meier_quantile, quantile_interval
from sandbox.experiment.verdict import judge, parse_that
from sandbox.model import MS_PER_MINUTE
from sandbox.scorecard.definitions import MetricDefinition
from sandbox.scorecard.outcome import FUNNEL, SCALES, RunOutcome, Series
from sandbox.scorecard.touches import Touches
from sandbox.simulation.calendar import SLOT_MS
from scenarios.cuts import WHOLE, Cut, cuts
from scenarios.percent import in_percent
from scenarios.result import (
    DesignResult,
    FunnelStage,
    HalfHour,
    Metric,
    OutreachCounts,
    PairedDifference,
    Verdict,
)
from scenarios.spread import spreads
from scenarios.world.spec import Scenario

Definitions = dict[str, MetricDefinition]

_QUANTILES = {"time_to_resolution_median_min": 0.5, "time_to_resolution_p90_min": 0.9}
_BUCKETS = {
    "completed_untouched": "bucket_completed_untouched",
    "completed_after_handling": "bucket_completed_after_handling",
    "unresolved": "bucket_unresolved",
}
_CALL_COUNTS = (
    "offered",
    "answered",
    "abandoned",
    "balked",
    "redials",
    "campaign_offered",
    "campaign_abandoned",
)
_CALL_METRICS = (
    "call_abandonment_rate",
    "campaign_abandonment_rate",
    "caller_abandonment_rate",
    "call_wait_busy_s",
    "call_wait_all_s",
    "call_wait_answered_s",
    "call_wait_worst_half_hour_s",
    "agent_occupancy",
)
_BESIDE = frozenset({"exceptions"})
"""Stages beside the way through, not on it."""


def pooled(outcomes: Sequence[RunOutcome], name: str) -> Series:
    """A ratio's units of all replications, one after the other."""
    numerators = [value for outcome in outcomes for value in outcome.ratios[name][0]]
    denominators = [value for outcome in outcomes for value in outcome.ratios[name][1]]
    return numerators, denominators


def design_result(
    scenario: Scenario, name: str, outcomes: Sequence[RunOutcome], definitions: Definitions
) -> DesignResult:
    """Everything measured for one design."""
    metrics = measured(scenario, outcomes, definitions, WHOLE)
    calls = {count: _call_count(count, outcomes) for count in _CALL_COUNTS}
    calls |= {metric: metrics[metric] for metric in _CALL_METRICS}
    segments = {
        dimension: {cut.value: measured(scenario, outcomes, definitions, cut) for cut in parts}
        for dimension, parts in cuts(outcomes).items()
    }
    ends = {end: _mean([outcome.ends[end] for outcome in outcomes]) for end in outcomes[0].ends}
    digest = sha256("".join(outcome.digest for outcome in outcomes).encode()).hexdigest()
    return DesignResult(
        name=name,
        title=scenario.designs[name].title,
        metrics=metrics,
        calls=calls,
        funnel=[_stage(stage, title, outcomes) for stage, (title, _) in FUNNEL.items()],
        buckets={
            bucket: replace(metrics[series], verdict=None, rule="") for bucket, series in _BUCKETS.items()
        },
        half_hours=half_hours(scenario, outcomes),
        conservation=ends,
        digest=digest,
        segments=segments,
        outreach=outreach_counts([outcome.touches for outcome in outcomes]),
        spread=spreads(outcomes, metrics),
        digests=tuple(outcome.digest for outcome in outcomes),
    )


def outreach_counts(runs: Sequence[Touches]) -> OutreachCounts:
    """What became of the planned touches, mean of the replications."""

    def by_reason(counts: list[Mapping[str, int]]) -> dict[str, float]:
        return {
            reason: _mean([one.get(reason, 0) for one in counts]) for reason in sorted(set().union(*counts))
        }

    return OutreachCounts(
        _mean([one.planned for one in runs]),
        _mean([one.sent for one in runs]),
        by_reason([one.skipped for one in runs]),
        by_reason([one.replies for one in runs]),
    )


def measured(
    scenario: Scenario, outcomes: Sequence[RunOutcome], definitions: Definitions, cut: Cut
) -> dict[str, Metric]:
    """Every metric of a part of the runs, judged; metrics that cannot be cut this way are left out."""
    found = {
        name: _metric(scenario, name, definition, outcomes, cut) for name, definition in definitions.items()
    }
    return {
        name: judged(scenario, name, definitions[name].rule, metric)
        for name, metric in found.items()
        if metric is not None
    }


def metric_at(
    scenario: Scenario, name: str, definition: MetricDefinition, outcomes: Sequence[RunOutcome], level: float
) -> Metric:
    """One metric of whole runs, not judged, with an interval at a two-sided level of the caller's."""
    metric = _metric(scenario, name, definition, outcomes, WHOLE, level)
    assert metric is not None  # noqa: S101 - only parts of a run can lack a metric
    return metric


def _metric(
    scenario: Scenario,
    name: str,
    definition: MetricDefinition,
    outcomes: Sequence[RunOutcome],
    cut: Cut,
    level: float = LEVEL,
) -> Metric | None:
    unit = scenario.document.costs.currency if definition.unit == "currency" else definition.unit
    if definition.kind == "quantile":
        return _quantile(_QUANTILES[name], outcomes, definition.base, cut, level)
    if definition.kind == "worst_ratio":
        return _worst_half_hour(scenario, outcomes, definition.base, cut, level)
    scale = SCALES.get(name, 1.0)
    if definition.kind == "total":
        values = cut.total(outcomes, name)
        return None if values is None else _total([value * scale for value in values], outcomes, unit, level)
    series = cut.ratio(outcomes, name)
    if series is None:
        return None
    metric = ratio_metric(*series, unit=unit, base=definition.base, scale=scale, level=level)
    return replace(metric, n_unit=definition.n_unit)


def ratio_metric(
    nums: list[int], dens: list[int], *, unit: str, base: str, scale: float = 1.0, level: float = LEVEL
) -> Metric:
    """A ratio over units of independence with its interval; None where nothing is in its base."""
    estimate = ratio_interval(nums, dens, level, share=unit == "rate")
    if estimate.value is None:
        return Metric(None, unit, 0, None, None, base, "does not apply: nothing in its base")
    return Metric(
        estimate.value * scale,
        unit,
        round(fsum(dens)),
        _scaled(estimate.low, scale),
        _scaled(estimate.high, scale),
        base,
    )


def _scaled(value: float | None, scale: float) -> float | None:
    return None if value is None else value * scale


def _total(days: list[float], outcomes: Sequence[RunOutcome], unit: str, level: float = LEVEL) -> Metric:
    if not days:
        return Metric(
            None, unit, 0, None, None, "one campaign", "does not apply: no day of it is in this part"
        )
    per_campaign = len(days) // len(outcomes)
    estimate = mean_interval(days, level)
    return Metric(
        _scaled(estimate.value, per_campaign),
        unit,
        len(outcomes),
        _scaled(estimate.low, per_campaign),
        _scaled(estimate.high, per_campaign),
        "one campaign",
    )


def _call_count(name: str, outcomes: Sequence[RunOutcome]) -> Metric:
    days = [float(value) for outcome in outcomes for value in outcome.calls[name]]
    metric = _total(days, outcomes, "count")
    return Metric(metric.value, "count", metric.n, metric.low, metric.high, "calls in one campaign")


def _stage(stage: str, title: str, outcomes: Sequence[RunOutcome]) -> FunnelStage:
    counts = [count for outcome in outcomes if (count := outcome.funnel[stage]) is not None]
    mean = sum(counts) / len(outcomes) if counts else None
    # Only some channels and customers report an open: what is not reported is no loss of customers.
    partly_seen = stage == "opened" and mean is not None
    return FunnelStage(stage, title, mean, stage in _BESIDE or partly_seen)


def _quantile(share: float, outcomes: Sequence[RunOutcome], base: str, cut: Cut, level: float) -> Metric:
    import numpy as np

    times = [cut.times(outcome) for outcome in outcomes]
    resolved, censored = (np.concatenate([pair[place] for pair in times]) for place in (0, 1))
    n = len(resolved) + len(censored)
    value = kaplan_meier_quantile(resolved, censored, share)  # type: ignore[arg-type]  # arrays are sequences
    if value is None:
        note = f"not reached: fewer than {in_percent(share, 0)} of these cases were recorded within the observation"
        return Metric(
            None, "min", n, None, None, base, note if n else "does not apply: nothing recorded or open"
        )
    low, high = quantile_interval(resolved, censored, share, level)  # type: ignore[arg-type]  # as above
    note = "" if high is not None else "the interval has no upper end within the observation"
    ends = (_scaled(low, 1.0 / MS_PER_MINUTE), _scaled(high, 1.0 / MS_PER_MINUTE))
    return Metric(value / MS_PER_MINUTE, "min", n, *ends, base, note)


def _worst_half_hour(
    scenario: Scenario, outcomes: Sequence[RunOutcome], base: str, cut: Cut, level: float
) -> Metric | None:
    slots = outcomes[0].slot_count
    if cut.slots(outcomes[0], "offered") is None:
        return None

    def series(name: str, slot: int) -> list[int]:
        return [value for outcome in outcomes for value in (cut.slots(outcome, name) or [])[slot::slots]]

    waits = [
        (sum(series("wait_ms", slot)) / offered, slot)
        for slot in range(slots)
        if (offered := sum(series("offered", slot)))
    ]
    if not waits:
        return Metric(None, "s", 0, None, None, base, "does not apply: no calls")
    slot = max(waits, key=lambda wait: (wait[0], -wait[1]))[1]
    scale = SCALES["call_wait_worst_half_hour_s"]
    nums, dens = series("wait_ms", slot), series("offered", slot)
    metric = ratio_metric(nums, dens, unit="s", base=base, scale=scale, level=level)
    return replace(metric, note=f"the half hour from {_clock(scenario, slot)}")


def _clock(scenario: Scenario, slot: int) -> str:
    minute = scenario.document.calendar.open_minute + 30 * slot
    return f"{minute // 60:02d}:{minute % 60:02d}"


def judged(scenario: Scenario, name: str, rule: str, metric: Metric) -> Metric:
    """Hold a metric against a rule ("<= 0.15"); the threshold may be a scenario setting.

    A metric without a rule, or that does not apply, has no verdict.
    """
    if not rule:
        return metric
    comparator, threshold = rule.split()
    rule = f"{comparator} {scenario.settings.get(threshold, threshold)}"
    verdict: Verdict | None = None
    if metric.value is not None:
        condition = parse_that(f"{name} {rule}")
        verdict = judge(metric, condition.comparator, condition.threshold)
    return replace(metric, verdict=verdict, rule=rule)


def half_hours(scenario: Scenario, outcomes: Sequence[RunOutcome]) -> list[HalfHour]:
    """The call centre over the day, mean over campaign days and replications."""
    slots = outcomes[0].slot_count
    days = sum(len(outcome.staffed) // slots for outcome in outcomes)

    def mean(name: str, slot: int) -> float:
        return sum(value for outcome in outcomes for value in outcome.slots[name][slot::slots]) / days

    def one(slot: int) -> HalfHour:
        offered = mean("offered", slot)
        wait_s = mean("wait_ms", slot) / offered / 1000.0 if offered else None
        staffed = sum(value for outcome in outcomes for value in outcome.staffed[slot::slots]) / days
        return HalfHour(
            _clock(scenario, slot),
            offered,
            mean("abandoned", slot),
            wait_s,
            mean("waiting_area_ms", slot) / SLOT_MS,
            mean("busy_area_ms", slot) / SLOT_MS,
            staffed,
        )

    return [one(slot) for slot in range(slots)]


def paired(
    scenario: Scenario, name: str, outcomes: dict[str, list[RunOutcome]], definitions: Definitions
) -> list[PairedDifference]:
    """Design minus baseline, metric by metric, on the same units (same people, same days)."""
    baseline = scenario.document.baseline
    ours, theirs = outcomes[name], outcomes[baseline]
    rows = []
    for metric, definition in definitions.items():
        if definition.kind not in ("ratio", "total"):
            continue
        estimate = _difference(metric, definition, ours, theirs)
        scale = SCALES.get(metric, 1.0)
        unit = scenario.document.costs.currency if definition.unit == "currency" else definition.unit
        note = "" if estimate.value is not None else "does not apply to both designs"
        values = [_scaled(value, scale) for value in (estimate.value, estimate.low, estimate.high)]
        rows.append(PairedDifference(metric, name, baseline, values[0], values[1], values[2], unit, note))
    return rows


def _difference(
    metric: str, definition: MetricDefinition, ours: Sequence[RunOutcome], theirs: Sequence[RunOutcome]
) -> Estimate:
    if definition.kind != "total":
        shares = definition.unit == "rate"
        return paired_ratio_difference(*pooled(ours, metric), *pooled(theirs, metric), shares=shares)
    days = [[float(value) for one in side for value in one.totals[metric]] for side in (ours, theirs)]
    per_campaign = len(days[0]) // len(ours)
    estimate = paired_mean_difference(days[0], days[1])
    value, low, high = (_scaled(end, per_campaign) for end in (estimate.value, estimate.low, estimate.high))
    return Estimate(value, low, high, estimate.n_units, None)


def _mean(values: Sequence[int]) -> float:
    return sum(values) / len(values)
