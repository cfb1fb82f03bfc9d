"""Two implementations of every metric, one set of facts, the same integers: for the whole and for every part."""

from __future__ import annotations

import pytest

from sandbox import facts
from sandbox.scorecard.consumption import CONSUMED
from sandbox.scorecard.outcome import int64s
from scenarios.cuts import DIMENSIONS, Cut, cuts
from scenarios.wiring.centre import prices_of
from scenarios.world.library import metrics_document
from tests.scenarios.recorded import ALL_DESIGNS, STORMY, WITH_ALL_MODES, Recorded, named_runs, record
from tests.scorecard.recount import Recount

BUSY = ("campaign.messages=6000", "call_centre.agents=2")
RUNS = named_runs((*ALL_DESIGNS, WITH_ALL_MODES), busy=BUSY, stormy=STORMY)
QUICK = {"sms-to-call-busy", "portal-stormy", "in-message-stormy"}
"""The baseline, a portal and the message, calm and in a storm; the other runs are recounted in the wide tier."""

PARAMS = [
    pytest.param(run, id=name, marks=() if name in QUICK else pytest.mark.wide) for name, run in RUNS.items()
]


@pytest.fixture(scope="module", params=PARAMS)
def run(request: pytest.FixtureRequest) -> Recorded:
    """Every shipped design, with lines that are too busy and with a core in a storm."""
    return record(*request.param)


@pytest.fixture(scope="module")
def recount(run: Recorded) -> Recount:
    """The same run, counted by hand."""
    return Recount(run.facts, run.layout, run.outcome.staffed)


def test_case_metrics_agree_day_by_day(run: Recorded, recount: Recount):
    """Every numerator and every denominator of every cohort day, and every sum over the campaign."""
    for metric, series in recount.case_ratios().items():
        assert run.outcome.ratios[metric] == series, metric
    for metric, values in recount.case_totals().items():
        assert run.outcome.totals[metric] == values, metric


def test_call_metrics_agree_day_by_day(run: Recorded, recount: Recount):
    """Abandonment, waits, callers and occupancy of every campaign day."""
    for metric, series in recount.call_ratios().items():
        assert run.outcome.ratios[metric] == series, metric


def test_every_segment_route_and_week_agrees(run: Recorded, recount: Recount):
    """The same metrics of a part: what is cut from the product's sums is what those cases' stories say."""
    seen = set()
    for dimension, value, part in recount.parts():
        cut, one = Cut(dimension, value), [run.outcome]
        first = (int(value) - 1) * 5 if dimension == "week" else 0
        days = slice(first, first + 5) if dimension == "week" else slice(None)
        for metric, (above, below) in part.case_ratios().items():
            assert cut.ratio(one, metric) == (above[days], below[days]), (dimension, value, metric)
        for metric, values in part.case_totals().items():
            assert cut.total(one, metric) == values[days], (dimension, value, metric)
        resolved, censored = cut.times(run.outcome)
        assert resolved.tolist() == part.resolved_ms()
        assert censored.tolist() == part.censored_ms()
        seen.add((dimension, value))
    assert {item[0] for item in seen} == set(DIMENSIONS)
    assert seen == {(part.dimension, part.value) for group in cuts([run.outcome]).values() for part in group}


def test_calls_of_a_week_are_those_of_its_days(run: Recorded, recount: Recount):
    """A week of calls is five campaign days; the last one has what is left."""
    for week in range(1, 6):
        days = slice((week - 1) * 5, week * 5)
        for metric, (above, below) in recount.call_ratios().items():
            found = Cut("week", str(week)).ratio([run.outcome], metric)
            assert found == (above[days], below[days]), (week, metric)


def test_no_ratio_is_left_uncounted(run: Recorded, recount: Recount):
    """What the product estimates and what is recounted here are the same list, and metrics.yaml is covered."""
    counted = {*recount.case_ratios(), *recount.call_ratios(), "cost_per_resolution"}
    assert counted == set(run.outcome.ratios)
    totals = {*recount.case_totals(), "agent_hours"}
    assert totals == set(run.outcome.totals)
    for kind, names in (("ratio", counted), ("total", totals)):
        defined = {name for name, metric in metrics_document().metrics.items() if metric.kind == kind}
        assert defined == names


def test_cost_agrees_to_a_millionth(run: Recorded, recount: Recount):
    """Exact fractions against sums in micro-units of currency, of the whole and of every segment and route."""
    prices = prices_of(run.scenario.document, run.design)
    whole = (run.outcome.ratios["cost_per_resolution"], recount)
    parts = [
        (run.outcome.parts[dimension][value].ratios["cost_per_resolution"], part)
        for dimension, value, part in recount.parts()
        if dimension != "week"
    ]
    for (spent, recorded), counted in [whole, *parts]:
        exact = counted.cost(prices)
        assert all(abs(day - 1_000_000 * cost) <= 1 for day, cost in zip(spent, exact, strict=True))
        assert recorded == counted.case_ratios()["completion_rate"][0]


def test_what_was_consumed_agrees(run: Recorded, recount: Recount):
    """Every unit that has a price, core calls one by one."""
    consumed = run.outcome.consumed
    assert set(consumed) == set(CONSUMED)
    for unit, channel in (("messages", "sms"), ("whatsapp", "whatsapp"), ("email", "email")):
        assert consumed[unit] == recount.charged(channel)
    assert consumed["letters"] == recount.sums(facts.LetterSent)
    assert consumed["core_calls"] == recount.sums(facts.PostingTried)
    assert consumed["back_office_items"] == recount.sums(facts.BackOfficeDone)
    assert consumed["cases"] == recount.cases("triggered")
    assert sum(consumed["core_calls"]) == len(run.of(facts.PostingTried)) > 0


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
    ratios = run.outcome.ratios
    names = ("bucket_completed_untouched", "bucket_completed_after_handling", "bucket_unresolved")
    for day, engaged in enumerate(ratios["exception_rate"][1]):
        assert sum(ratios[name][0][day] for name in names) == engaged


def test_routes_and_segments_are_all_cases(run: Recorded):
    """Every triggered case is in one band and on one route: parts add up to the whole."""
    for dimension in ("segment", "route"):
        parts = run.outcome.parts[dimension].values()
        for metric in ("completion_rate", "engagement_rate", "touches_per_completion"):
            for side in (0, 1):
                added = [
                    sum(days) for days in zip(*(part.ratios[metric][side] for part in parts), strict=True)
                ]
                assert added == run.outcome.ratios[metric][side], (dimension, metric)
