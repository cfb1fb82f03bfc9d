"""From run outcomes to metrics with intervals: days are the units, pooled over replications."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from math import fsum

from sandbox.experiment.intervals import Estimate, mean_interval, paired_ratio_difference, ratio_interval
from sandbox.experiment.survival import kaplan_meier_quantile
from sandbox.experiment.verdict import judge, parse_that
from sandbox.model import MS_PER_HOUR, MS_PER_MINUTE
from sandbox.scorecard.definitions import MetricDefinition
from sandbox.scorecard.outcome import FUNNEL, SCALES, RunOutcome, Series, int64s
from sandbox.simulation.calendar import SLOT_MS
from scenarios.result import DesignResult, FunnelStage, HalfHour, Metric, PairedDifference
from scenarios.spec import Scenario

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


def pooled(outcomes: Sequence[RunOutcome], name: str) -> Series:
    """A ratio's units of all replications, one after the other."""
    numerators = [value for outcome in outcomes for value in outcome.ratios[name][0]]
    denominators = [value for outcome in outcomes for value in outcome.ratios[name][1]]
    return numerators, denominators


def design_result(
    scenario: Scenario, name: str, outcomes: Sequence[RunOutcome], definitions: dict[str, MetricDefinition]
) -> DesignResult:
    """Everything measured for one design."""
    metrics = {
        metric: _metric(scenario, metric, definition, outcomes) for metric, definition in definitions.items()
    }
    calls = {count: _call_count(count, outcomes) for count in _CALL_COUNTS}
    calls |= {metric: metrics[metric] for metric in _CALL_METRICS}
    funnel = [
        FunnelStage(stage, title, _mean([outcome.funnel[stage] for outcome in outcomes]))
        for stage, (title, _) in FUNNEL.items()
    ]
    buckets = {
        bucket: ratio_metric(*pooled(outcomes, series), unit="rate", base="engaged cases")
        for bucket, series in _BUCKETS.items()
    }
    ends = {end: _mean([outcome.ends[end] for outcome in outcomes]) for end in outcomes[0].ends}
    digest = sha256("".join(outcome.digest for outcome in outcomes).encode()).hexdigest()
    return DesignResult(
        name=name,
        title=scenario.designs[name].title,
        metrics=metrics,
        calls=calls,
        funnel=funnel,
        buckets=buckets,
        half_hours=half_hours(scenario, outcomes),
        conservation=ends,
        digest=digest,
    )


def _metric(
    scenario: Scenario, name: str, definition: MetricDefinition, outcomes: Sequence[RunOutcome]
) -> Metric:
    unit = scenario.document.costs.currency if definition.unit == "currency" else definition.unit
    if definition.kind == "quantile":
        metric = _quantile(_QUANTILES[name], outcomes, definition.base)
    elif definition.kind == "total":
        metric = _total([value / MS_PER_HOUR for o in outcomes for value in o.totals[name]], outcomes, unit)
    elif definition.kind == "worst_ratio":
        metric = _worst_half_hour(scenario, outcomes, definition.base)
    else:
        metric = ratio_metric(
            *pooled(outcomes, name), unit=unit, base=definition.base, scale=SCALES.get(name, 1.0)
        )
    return _judged(scenario, name, definition, metric)


def ratio_metric(nums: list[int], dens: list[int], *, unit: str, base: str, scale: float = 1.0) -> Metric:
    """A ratio over units of independence with its interval; None where nothing is in its base."""
    estimate = ratio_interval(nums, dens, clamp=unit == "rate")
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


def _total(days: list[float], outcomes: Sequence[RunOutcome], unit: str) -> Metric:
    per_campaign = len(days) // len(outcomes)
    estimate = mean_interval(days)
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


def _quantile(share: float, outcomes: Sequence[RunOutcome], base: str) -> Metric:
    each = [_kaplan_meier(share, [outcome]) for outcome in outcomes]
    n = sum(len(outcome.resolved_ms) + len(outcome.censored_ms) for outcome in outcomes) // 8
    value = _kaplan_meier(share, outcomes)
    if value is None:
        note = f"not reached: fewer than {share:.0%} of these cases were recorded within the observation"
        return Metric(
            None, "min", n, None, None, base, note if n else "does not apply: nothing recorded or open"
        )
    reached = [one for one in each if one is not None]
    estimate = mean_interval(reached) if len(reached) == len(each) else Estimate(value, None, None, 0, None)
    return Metric(value, "min", n, estimate.low, estimate.high, base)


def _kaplan_meier(share: float, outcomes: Sequence[RunOutcome]) -> float | None:
    resolved = [time for outcome in outcomes for time in int64s(outcome.resolved_ms)]
    censored = [time for outcome in outcomes for time in int64s(outcome.censored_ms)]
    if not resolved:
        return None
    quantile = kaplan_meier_quantile(resolved, censored, share)
    return None if quantile is None else quantile / MS_PER_MINUTE


def _worst_half_hour(scenario: Scenario, outcomes: Sequence[RunOutcome], base: str) -> Metric:
    slots = outcomes[0].slot_count

    def series(name: str, slot: int) -> list[int]:
        return [value for outcome in outcomes for value in outcome.slots[name][slot::slots]]

    waits = [
        (sum(series("wait_ms", slot)) / offered, slot)
        for slot in range(slots)
        if (offered := sum(series("offered", slot)))
    ]
    if not waits:
        return Metric(None, "s", 0, None, None, base, "does not apply: no calls")
    slot = max(waits, key=lambda wait: (wait[0], -wait[1]))[1]
    scale = SCALES["call_wait_worst_half_hour_s"]
    metric = ratio_metric(series("wait_ms", slot), series("offered", slot), unit="s", base=base, scale=scale)
    note = f"the half hour from {_clock(scenario, slot)}"
    return Metric(metric.value, metric.unit, metric.n, metric.low, metric.high, base, note)


def _clock(scenario: Scenario, slot: int) -> str:
    minute = scenario.document.calendar.open_minute + 30 * slot
    return f"{minute // 60:02d}:{minute % 60:02d}"


def _judged(scenario: Scenario, name: str, definition: MetricDefinition, metric: Metric) -> Metric:
    """Hold a metric against its decision rule; the threshold may be a scenario setting."""
    if not definition.rule:
        return metric
    comparator, threshold = definition.rule.split()
    if threshold in scenario.settings:
        threshold = str(scenario.settings[threshold])
    rule = f"{comparator} {threshold}"
    if metric.value is None:
        return _with_verdict(metric, None, rule)
    condition = parse_that(f"{name} {rule}")
    verdict = judge(metric, condition.comparator, condition.threshold)
    return _with_verdict(metric, verdict, rule)


def _with_verdict(metric: Metric, verdict: object, rule: str) -> Metric:
    return Metric(
        metric.value,
        metric.unit,
        metric.n,
        metric.low,
        metric.high,
        metric.base,
        metric.note,
        verdict,  # type: ignore[arg-type]
        rule,
    )


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
    scenario: Scenario,
    name: str,
    outcomes: dict[str, list[RunOutcome]],
    definitions: dict[str, MetricDefinition],
) -> list[PairedDifference]:
    """Design minus baseline, metric by metric, on the same units (same people, same days)."""
    baseline = scenario.document.baseline
    rows = []
    for metric, definition in definitions.items():
        if definition.kind != "ratio":
            continue
        theirs, ours = pooled(outcomes[baseline], metric), pooled(outcomes[name], metric)
        estimate = paired_ratio_difference(*ours, *theirs)
        scale = SCALES.get(metric, 1.0)
        unit = scenario.document.costs.currency if definition.unit == "currency" else definition.unit
        note = "" if estimate.value is not None else "does not apply to both designs"
        values = [_scaled(value, scale) for value in (estimate.value, estimate.low, estimate.high)]
        rows.append(PairedDifference(metric, name, baseline, values[0], values[1], values[2], unit, note))
    return rows


def _mean(values: Sequence[int]) -> float:
    return sum(values) / len(values)
