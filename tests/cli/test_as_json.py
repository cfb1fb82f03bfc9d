"""The JSON contract."""

from __future__ import annotations

import json
import math
from dataclasses import replace

import pytest

from scenarios.outputs.as_json import comparison_json, json_text
from scenarios.result import Comparison
from tests.cli import canned

METRIC_KEYS = ["value", "unit", "n", "low", "high", "base", "note", "verdict", "rule", "n_unit"]


def test_top_level_keys_in_their_order() -> None:
    """The document holds the agreed keys, schema first."""
    document = json.loads(comparison_json(canned.comparison()))
    assert list(document) == [
        "schema", "scenario", "title", "baseline", "settings", "seed", "replications", "stopping", "designs",
        "comparisons",
        "expectations", "provenance", "baseline_check", "costs", "notes", "replay",
    ]  # fmt: skip
    assert document["schema"] == 1
    assert document["settings"] == {"call_centre.agents": [8, 9.5], "campaign.messages": 200_000}


def test_keys_of_a_design() -> None:
    """Each design holds metrics, calls, funnel, buckets, half hours and its digest."""
    design = json.loads(comparison_json(canned.comparison()))["designs"]["in-message"]
    assert list(design) == [
        "title", "metrics", "calls", "funnel", "buckets", "half_hours", "conservation", "outreach",
        "segments", "spread", "decision", "digest",
    ]  # fmt: skip
    for part in ("metrics", "calls", "buckets"):
        assert all(list(item) == METRIC_KEYS for item in design[part].values())
    assert list(design["funnel"][0]) == ["stage", "title", "count", "beside"]
    assert list(design["half_hours"][0]) == [
        "start", "offered", "abandoned", "mean_wait_s", "mean_queue", "mean_busy", "agents",
    ]  # fmt: skip


def test_keys_of_the_lists() -> None:
    """Differences, expectations and provenance hold what the contract names."""
    document = json.loads(comparison_json(canned.comparison()))
    assert list(document["comparisons"][0]) == [
        "metric", "design", "baseline", "value", "low", "high", "unit", "note",
    ]  # fmt: skip
    assert list(document["expectations"][0]) == [
        "design", "that", "when", "verdict", "value", "low", "high", "threshold", "reason",
    ]  # fmt: skip
    assert list(document["provenance"][0]) == ["path", "value", "source", "range", "note"]


def test_parts_and_costs_are_carried() -> None:
    """Each part holds metrics like the whole; costs name their currency, volume, prices and break-even."""
    document = json.loads(comparison_json(canned.comparison()))
    parts = document["designs"]["in-message"]["segments"]["segment"]
    assert list(parts) == ["1m", "4m+"]
    assert all(list(item) == METRIC_KEYS for part in parts.values() for item in part.values())
    costs = document["costs"]
    assert list(costs) == ["currency", "messages", "prices", "basis", "designs", "break_even"]
    assert list(costs["designs"]["portal"]) == [
        "fixed", "variable", "per_message", "per_resolution", "parts",
    ]  # fmt: skip
    assert costs["break_even"][1]["messages"] is None
    assert list(costs["break_even"][0])[-6:] == [
        "messages_low",
        "messages_high",
        "far_outside",
        "messages_per_resolution_low",
        "messages_per_resolution_high",
        "far_outside_per_resolution",
    ]
    assert json.loads(comparison_json(replace(canned.comparison(), costs=None)))["costs"] is None


def test_what_does_not_apply_is_null() -> None:
    """A missing value is null, not 0."""
    metrics = json.loads(comparison_json(canned.comparison()))["designs"]["sms-to-call"]["metrics"]
    assert metrics["time_to_resolution_p90_min"]["value"] is None


def test_equal_comparisons_give_equal_bytes() -> None:
    """The order in which maps were filled leaves no trace."""
    one = canned.comparison()
    other = replace(
        one,
        designs=dict(reversed(one.designs.items())),
        settings=dict(reversed(one.settings.items())),
    )
    assert one == other
    assert comparison_json(one) == comparison_json(other)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1 / 3, "0.3333333333"),
        (0.1 + 0.2, "0.3"),
        (123456789.123456, "123456789.1"),
        (-0.0, "0.0"),
        (math.nan, "null"),
        (math.inf, "null"),
        ("£ —", '"\\u00a3 \\u2014"'),
        (True, "true"),
    ],
)
def test_values(value: object, text: str) -> None:
    """Floats carry ten significant digits, what JSON cannot say is null, text is ASCII, a line break ends it."""
    assert json_text(value) == text + "\n"


def test_a_value_without_a_json_form_is_refused() -> None:
    """A set has no order, so it may not slip into the result."""
    with pytest.raises(TypeError, match="set"):
        json_text({"a": {1, 2}})


def test_no_report_means_null() -> None:
    """Without a call-centre report the check is null; with one it holds both sides."""
    result: Comparison = canned.comparison()
    assert json.loads(comparison_json(result))["baseline_check"]["simulated"]["mean_wait_s"] is None
    assert json.loads(comparison_json(replace(result, baseline_check=None)))["baseline_check"] is None
