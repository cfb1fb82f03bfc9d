"""Two implementations of every metric, one set of facts, the same integers."""

from __future__ import annotations

import pytest

from sandbox import facts
from sandbox.scorecard.outcome import int64s
from scenarios.library import metrics_document
from scenarios.wiring.centre import prices_of
from tests.scenarios.recorded import DESIGNS, STORMY, Recorded, record
from tests.scorecard.recount import Recount

BUSY = ("campaign.messages=6000", "call_centre.agents=2")
RUNS = [(design, settings) for design in DESIGNS for settings in (BUSY, STORMY)]
NAMES = [f"{design}-{'stormy' if settings is STORMY else 'busy'}" for design, settings in RUNS]


@pytest.fixture(params=RUNS, ids=NAMES)
def run(request: pytest.FixtureRequest) -> Recorded:
    """Every shipped design, with lines that are too busy and with a core in a storm."""
    return record(*request.param)


@pytest.fixture
def recount(run: Recorded) -> Recount:
    """The same run, counted by hand."""
    return Recount(run.facts, run.layout, run.outcome.staffed)


def test_case_metrics_agree_day_by_day(run: Recorded, recount: Recount):
    """Every numerator and every denominator of every cohort day."""
    for metric, series in recount.case_ratios().items():
        assert run.outcome.ratios[metric] == series, metric


def test_call_metrics_agree_day_by_day(run: Recorded, recount: Recount):
    """Abandonment, waits, callers and occupancy of every campaign day."""
    for metric, series in recount.call_ratios().items():
        assert run.outcome.ratios[metric] == series, metric


def test_no_ratio_is_left_uncounted(run: Recorded, recount: Recount):
    """What the product estimates and what is recounted here are the same list, and metrics.yaml is covered."""
    counted = {*recount.case_ratios(), *recount.call_ratios(), "cost_per_resolution"}
    assert counted == set(run.outcome.ratios)
    ratios = {name for name, metric in metrics_document().metrics.items() if metric.kind == "ratio"}
    assert ratios <= counted


def test_cost_agrees_to_a_millionth(run: Recorded, recount: Recount):
    """Exact fractions against sums in micro-units of currency."""
    spent, recorded = run.outcome.ratios["cost_per_resolution"]
    exact = recount.cost(prices_of(run.scenario.document))
    assert all(abs(day - 1_000_000 * cost) <= 1 for day, cost in zip(spent, exact, strict=True))
    assert recorded == recount.case_ratios()["completion_rate"][0]


def test_times_to_resolution_agree(run: Recorded, recount: Recount):
    """Recorded cases by their time, cases on their way as censored, everybody else not at all."""
    assert int64s(run.outcome.resolved_ms).tolist() == recount.resolved_ms()
    assert int64s(run.outcome.censored_ms).tolist() == recount.censored_ms()


def test_the_funnel_and_the_campaigns_agent_time_agree(run: Recorded, recount: Recount):
    """Stages count cases, agent hours the campaign's calls only."""
    assert run.outcome.funnel == recount.funnel()
    campaign = [fact for fact in run.of(facts.CallHandled) if fact.campaign]
    assert sum(run.outcome.totals["agent_hours"]) == sum(
        fact.talk_ms + fact.after_call_ms
        for fact in campaign
        if recount.day(fact.at_ms - fact.talk_ms - fact.after_call_ms) >= 0
    )


def test_half_hours_agree(run: Recorded, recount: Recount):
    """The queue and the busy agents over the day, as time spent in each half hour."""
    assert run.outcome.slots["waiting_area_ms"] == recount.areas(recount.waiting())
    assert run.outcome.slots["busy_area_ms"] == recount.areas(recount.working())
    assert sum(run.outcome.slots["offered"]) == sum(run.outcome.calls["offered"])


def test_the_three_buckets_are_all_engaged_customers(run: Recorded):
    """Untouched, after handling, unresolved: nobody is in two or in none."""
    parts = [
        run.outcome.ratios[f"bucket_{name}"] for name in ("completed_untouched", "completed_after_handling")
    ]
    parts.append(run.outcome.ratios["bucket_unresolved"])
    for day, engaged in enumerate(run.outcome.ratios["engagement_rate"][0]):
        assert sum(part[0][day] for part in parts) == engaged
