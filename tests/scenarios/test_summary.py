"""From one run's sums to the result every front end reads."""

from __future__ import annotations

import pytest

from scenarios.explain.diagnosis import biggest_drop
from scenarios.result import Comparison, Metric
from scenarios.run import CompareRequest, compare
from scenarios.world.library import metrics_document
from tests.scenarios.recorded import DESIGNS, SMALL

QUIET = (*SMALL, "campaign.messages=1200", "calendar.working_days=15")
"""Four cohort days a replication: with one alone, intervals have one degree of freedom and say nothing."""


@pytest.fixture(scope="module")
def comparison() -> Comparison:
    """A small comparison of all designs, two replications."""
    request = CompareRequest("retail-bank-200k", QUIET, replications=2, jobs=1)
    return compare(request, lambda _: None, lambda: False)


def all_metrics(comparison: Comparison) -> list[tuple[str, Metric]]:
    """Every metric of every design, buckets and calls included."""
    return [
        item
        for design in comparison.designs.values()
        for group in (design.metrics, design.calls, design.buckets)
        for item in group.items()
    ]


def test_every_metric_of_the_definitions_is_reported_for_every_design(comparison: Comparison):
    """One list of metrics, whatever the design."""
    for design in comparison.designs.values():
        assert list(design.metrics) == list(metrics_document().metrics)


def test_intervals_hold_their_value_and_rates_stay_rates(comparison: Comparison):
    """Low <= value <= high; rates lie in 0..1; every metric says its base and its unit."""
    for name, metric in all_metrics(comparison):
        assert metric.base, name
        assert metric.unit, name
        if metric.value is None:
            assert metric.low is metric.high is None, name
            assert metric.note, name
            continue
        if metric.low is not None and metric.high is not None:
            assert metric.low <= metric.value <= metric.high, name
        if metric.unit == "rate" and name != "agent_occupancy":
            assert 0.0 <= metric.value <= 1.0, name


def test_a_base_of_time_says_that_it_is_time(comparison: Comparison):
    """Occupancy is of staffed milliseconds, named so; every other base is counted."""
    for name, metric in all_metrics(comparison):
        assert metric.n_unit == ("ms" if name == "agent_occupancy" else "count"), name
    design = comparison.designs["portal"]
    days = 15 * comparison.replications
    staffed_h = sum(half_hour.agents / 2 for half_hour in design.half_hours) * days
    assert design.metrics["agent_occupancy"].n == pytest.approx(staffed_h * 3_600_000, rel=1e-6)


def test_the_three_buckets_sum_to_all_engaged_customers(comparison: Comparison):
    """Of engaged: untouched + after handling + unresolved = 1."""
    for design in comparison.designs.values():
        assert sum(bucket.value or 0.0 for bucket in design.buckets.values()) == pytest.approx(1.0)


def test_the_funnel_begins_with_the_triggered_and_narrows(comparison: Comparison):
    """Mean per replication, stage by stage."""
    for design in comparison.designs.values():
        counts = [stage.count for stage in design.funnel]
        assert counts[0] == pytest.approx(sum(design.conservation.values()) - design.conservation["excluded"])
        assert counts[0] >= counts[1] >= counts[-1]


def test_half_hours_add_up_to_the_days_calls(comparison: Comparison):
    """Twenty half hours a day; their calls are the campaign's calls."""
    for design in comparison.designs.values():
        assert len(design.half_hours) == 20
        assert [half_hour.start for half_hour in design.half_hours[:3]] == ["08:00", "08:30", "09:00"]
        offered = design.calls["offered"].value
        assert sum(half_hour.offered for half_hour in design.half_hours) * 15 == pytest.approx(offered)
        assert all(half_hour.mean_busy <= half_hour.agents + 1 for half_hour in design.half_hours[:-1])


def test_differences_are_those_of_the_reported_values(comparison: Comparison):
    """Design minus baseline, the very numbers shown beside each other."""
    assert {row.design for row in comparison.comparisons} == set(DESIGNS) - {comparison.baseline}
    for row in comparison.comparisons:
        ours = comparison.designs[row.design].metrics[row.metric].value
        theirs = comparison.designs[row.baseline].metrics[row.metric].value
        if row.value is not None and ours is not None and theirs is not None:
            assert row.value == pytest.approx(ours - theirs, rel=1e-9, abs=1e-12)


def test_a_paired_difference_is_narrower_than_the_two_intervals_apart(comparison: Comparison):
    """The same people in both designs: completion's difference is known better than from strangers."""
    row = next(
        row for row in comparison.comparisons if (row.metric, row.design) == ("completion_rate", "portal")
    )
    metrics = [comparison.designs[name].metrics["completion_rate"] for name in ("portal", "sms-to-call")]
    apart = sum(((m.high or 0.0) - (m.low or 0.0)) ** 2 for m in metrics) ** 0.5
    assert (row.high or 0.0) - (row.low or 0.0) < apart


def test_expectations_are_not_judged_under_other_settings(comparison: Comparison):
    """A what-if with fewer messages neither passes nor fails what the author expects of the case."""
    assert {expectation.verdict for expectation in comparison.expectations} == {"not judged"}
    assert all("settings differ" in expectation.reason for expectation in comparison.expectations)


def test_what_does_not_apply_is_none_and_says_why():
    """Without a campaign's calls there is no campaign abandonment; without records no time to resolution."""
    nobody = ("campaign.messages=200", "customers.response_rate=0", "calendar.working_days=12")
    request = CompareRequest("retail-bank-200k", (*SMALL, *nobody), ("in-message",), replications=1, jobs=1)
    metrics = compare(request, lambda _: None, lambda: False).designs["in-message"].metrics
    for name in (
        "completion_of_engaged_rate",
        "deflection_rate",
        "campaign_abandonment_rate",
        "cost_per_resolution",
    ):
        assert metrics[name].value is None
        assert metrics[name].note
    assert metrics["time_to_resolution_median_min"].value is None
    assert metrics["completion_rate"].value == 0.0


def test_the_replay_line_names_what_was_asked(comparison: Comparison):
    """Scenario, settings, each once and as it took effect, seed and replications: enough to run it again."""
    assert comparison.replay.startswith("sandbox compare retail-bank-200k --set call_centre.")
    assert "--set campaign.messages=1200" in comparison.replay
    assert comparison.replay.count("campaign.messages=") == 1
    assert "--seed 1 --replications 2" in comparison.replay


def test_opens_that_only_some_channels_report_are_no_stage_customers_are_lost_at():
    """WhatsApp and email report opens, SMS does not: the way goes from delivered to clicked, past what is unseen."""
    request = CompareRequest(
        "retail-bank-200k", QUIET, designs=("in-message-sequence",), replications=1, jobs=1
    )
    (design,) = compare(request, lambda _: None, lambda: False).designs.values()
    stages = {stage.stage: stage for stage in design.funnel}
    opened, clicked = stages["opened"], stages["clicked"]
    assert opened.count is not None
    assert clicked.count
    assert (opened.beside, clicked.beside) == (True, False)
    drop = biggest_drop(design.funnel)
    assert drop is not None
    assert opened.title not in (drop.before, drop.after)
