"""A comparison as JSON: the contract other programs read. "schema" rises when a reader would have to change.

    {"schema": 1,
     "scenario": name, "title": text, "baseline": design name,
     "settings": {path: value}, "seed": integer, "replications": integer,
     "stopping": null or {"reason", "most", "looks": [integer],
                          "targets": [{"design", "metric", "half_width", "asked", "met"}]},
     "designs": {NAME: {
         "title": text,
         "metrics": {METRIC: {"value", "unit", "n", "low", "high", "base", "note", "verdict", "rule",
                              "n_unit"}},
         "calls": {FIGURE: the same keys as a metric},
         "funnel": [{"stage", "title", "count", "beside"}],
         "buckets": {BUCKET: the same keys as a metric},
         "half_hours": [{"start", "offered", "abandoned", "mean_wait_s", "mean_queue", "mean_busy",
                         "agents"}],
         "conservation": {COUNT: number},
         "outreach": {"planned", "sent", "skipped": {REASON: number}, "replies": {INTENT: number}},
         "segments": {DIMENSION: {VALUE: {METRIC: the same keys as a metric}}},
         "spread": {METRIC: {"days": [number], "replications": [number]}},
         "decision": null or {"decide", "grounds": [{"kind", "name", "level"}], "unanswered": [NAME],
             "rules": [{"rule", "metric", "fails", "verdict", "line": {"comparator", "threshold"}, "margin",
                        "half_widths", "reason", "means", "inspect", "found": null or
                        {"value", "low", "high", "n", "unit", "base", "note", "n_unit"}}]},
         "digest": text}},
     "comparisons": [{"metric", "design", "baseline", "value", "low", "high", "unit", "note"}],
     "expectations": [{"design", "that", "when", "verdict", "value", "low", "high", "threshold", "reason"}],
     "provenance": [{"path", "value", "source", "range", "note"}],
     "baseline_check": null or {"lines": [text], "report": {FIGURE: number}, "simulated": {FIGURE: number},
         "measures": [{"name", "reported", "simulated", "low", "high", "reproduced"}], "reproduced": bool,
         "overridden": bool},
     "costs": null or {"currency", "messages", "prices": {WHAT: number}, "basis": text,
                       "designs": {NAME: {"fixed", "variable", "per_message", "per_resolution",
                                          "parts": {WHAT: number}}},
                       "break_even": [{"design", "baseline", "messages", "note", "messages_per_resolution",
                                       "note_per_resolution", "messages_low", "messages_high", "far_outside",
                                       "messages_per_resolution_low", "messages_per_resolution_high",
                                       "far_outside_per_resolution"}]},
     "notes": [text], "replay": command line}

Rates are 0..1 and times carry their unit in the name or in "unit". "n_unit" says what "n" is in: count, or ms where
the base is time. What does not apply is null, never 0; NaN
and infinities do not occur. "low" and "high" are the ends of a 95 % interval. "verdict" is pass, fail,
unsure, "not judged" or null (no rule). A stage of the funnel is beside the way, or null where it cannot be
observed. DIMENSION is segment (arrears band), week (five working days, from "1") or route (self_service,
person); metrics that cannot be cut so are left out. "spread" is what an estimate was made from: the metric's value of
every campaign day, replication after replication, and of every replication; a metric without a value of a single day
(a quantile, the worst half hour) is left out. "decision" is go, hold or stop by the rules that metrics answer, with
the rules as `sandbox diagnose --json` has them; "unanswered" names the rules and questions that need its close look,
which can only make the decision worse. Costs are of one month, break-even volumes are planned
messages a month; their ends follow from straight lines over the days that were run: the high one is null beside a low
one where the lines may never meet, and they stand without a volume where the runs do not rule one out. "stopping"
says why a comparison that chose its own number of replications ran as many as it did.

Equal comparisons give equal bytes: records have their keys in the order above, maps (settings, designs,
metrics and the like) are sorted by key, floats are rounded to 10 significant digits (more than any estimate
here carries, fewer than the last bits that differ between machines), and all characters are ASCII. The text
ends with a line break.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import TypeAlias

from scenarios.result import Comparison, DesignResult, Metric, MetricDecision, RuleOutcome

SCHEMA = 1
SIGNIFICANT_DIGITS = 10

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"


def comparison_json(comparison: Comparison) -> str:
    """Return `comparison` in the form this module's docstring lays down.

    Raises:
        TypeError: a value that JSON has no form for got into the result; that is our bug.
    """
    return json_text(
        {
            "schema": SCHEMA,
            "scenario": comparison.scenario,
            "title": comparison.title,
            "baseline": comparison.baseline,
            "settings": _sorted(comparison.settings),
            "seed": comparison.seed,
            "replications": comparison.replications,
            "stopping": None if comparison.stopping is None else asdict(comparison.stopping),
            "designs": {name: _design(comparison.designs[name]) for name in sorted(comparison.designs)},
            "comparisons": [asdict(item) for item in comparison.comparisons],
            "expectations": [asdict(item) | {"when": _sorted(item.when)} for item in comparison.expectations],
            "provenance": [asdict(item) for item in comparison.provenance],
            "baseline_check": _baseline_check(comparison),
            "costs": _costs(comparison),
            "notes": comparison.notes,
            "replay": comparison.replay,
        }
    )


def json_text(document: object) -> str:
    """Return any plain document as JSON text by this module's rules: rounded floats, null for NaN, ASCII.

    Args:
        document: mappings, lists, tuples and scalars.

    Raises:
        TypeError: anything else is in it.
    """
    return json.dumps(_plain(document), indent=1, allow_nan=False) + "\n"


def _design(design: DesignResult) -> dict[str, object]:
    return {
        "title": design.title,
        "metrics": _metrics(design.metrics),
        "calls": _metrics(design.calls),
        "funnel": [asdict(stage) for stage in design.funnel],
        "buckets": _metrics(design.buckets),
        "half_hours": [asdict(half_hour) for half_hour in design.half_hours],
        "conservation": _sorted(design.conservation),
        "outreach": asdict(design.outreach),
        "segments": {
            dimension: {value: _metrics(metrics) for value, metrics in parts.items()}
            for dimension, parts in sorted(design.segments.items())
        },
        "spread": {name: asdict(design.spread[name]) for name in sorted(design.spread)},
        "decision": None if design.decision is None else _decision(design.decision),
        "digest": design.digest,
    }


def rule_json(one: RuleOutcome) -> dict[str, object]:
    """Return a decided rule as every document has it."""
    return {
        "rule": one.rule,
        "metric": one.metric,
        "fails": one.fails,
        "verdict": one.verdict,
        "line": {"comparator": one.comparator, "threshold": one.threshold},
        "margin": one.margin,
        "half_widths": one.half_widths,
        "reason": one.reason,
        "means": one.means,
        "inspect": one.inspect,
        "found": None if one.found is None else one.found._asdict(),
    }


def _decision(one: MetricDecision) -> dict[str, object]:
    return {
        "decide": one.decide,
        "grounds": [asdict(ground) for ground in one.grounds],
        "unanswered": list(one.unanswered),
        "rules": [rule_json(rule) for rule in one.rules],
    }


def _metrics(metrics: Mapping[str, Metric]) -> dict[str, object]:
    return {name: asdict(metrics[name]) for name in sorted(metrics)}


def _baseline_check(comparison: Comparison) -> dict[str, object] | None:
    check = comparison.baseline_check
    if check is None:
        return None
    return {
        "lines": check.lines,
        "report": _sorted(check.report),
        "simulated": _sorted(check.simulated),
        "measures": [asdict(measure) for measure in check.measures],
        "reproduced": all(measure.reproduced for measure in check.measures),
        "overridden": check.overridden,
    }


def _costs(comparison: Comparison) -> dict[str, object] | None:
    costs = comparison.costs
    if costs is None:
        return None
    return {
        "currency": costs.currency,
        "messages": costs.messages,
        "prices": _sorted(costs.prices),
        "basis": costs.basis,
        "designs": {
            name: asdict(design) | {"parts": _sorted(design.parts)}
            for name, design in sorted(costs.designs.items())
        },
        "break_even": [asdict(item) for item in costs.break_even],
    }


def _sorted(mapping: Mapping[str, object]) -> dict[str, object]:
    return {key: mapping[key] for key in sorted(mapping)}


def _plain(value: object) -> Json:
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, str):
        return str(value)
    if isinstance(value, float):
        return _rounded(value)
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return _plain_items(value)
    raise TypeError(f"JSON has no form for {type(value).__name__}: {value!r}")


def _plain_items(values: Iterable[object]) -> list[Json]:
    return [_plain(item) for item in values]


def _rounded(value: float) -> float | None:
    """Round to the documented digits; null for what JSON cannot say; nought without a sign."""
    return float(f"{value:.{SIGNIFICANT_DIGITS}g}") + 0.0 if math.isfinite(value) else None
