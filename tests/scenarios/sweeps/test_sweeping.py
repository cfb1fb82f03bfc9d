"""Sweeps: every point is the run one would make by hand, on the same customers; lines are crossed between points."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import pytest

from sandbox.errors import BadInput, Cancelled
from sandbox.experiment.grid import parse_axis
from sandbox.experiment.intervals import paired_ratio_difference
from scenarios.progress import TaskProgress
from scenarios.result import Metric
from scenarios.run import CompareRequest, compare
from scenarios.summarise import pooled
from scenarios.sweeps.sweeping import Sweep, SweepPoint, SweepRequest, lines_crossed, planned, sweep
from scenarios.variants import Variant, VariantRun, run_variants
from scenarios.wiring.plan import busy_hours
from tests.scenarios.recorded import SMALL

DESIGNS = ("sms-to-call", "in-message")
WORLD = CompareRequest(
    "retail-bank-200k", (*SMALL, "campaign.messages=600"), DESIGNS, seed=3, replications=2, jobs=1
)
AGENTS = SweepRequest(WORLD, ("call_centre.agents=0.5,1,2",))


def silent(_: TaskProgress) -> None:
    """Nobody is told."""


@cache
def small() -> Sweep:
    """The sweep most tests look at."""
    return sweep(planned(AGENTS), silent, lambda: False)


@pytest.mark.wide
def test_every_point_is_the_comparison_one_would_run_by_hand() -> None:
    """Metrics, verdicts and paired differences equal those of `compare` with the same setting, figure for figure."""
    point = small().points[1]
    by_hand = compare(
        replace(WORLD, settings=(*WORLD.settings, "call_centre.agents=1")), silent, lambda: False
    )
    assert point.values == (1,)
    for design in DESIGNS:
        for metric in AGENTS.metrics:
            assert point.metrics[design][metric] == by_hand.designs[design].metrics[metric]
    rows = {row.metric: row for row in by_hand.comparisons}
    assert point.differences["in-message"] == {metric: rows[metric] for metric in AGENTS.metrics}


@pytest.mark.wide
def test_the_result_does_not_depend_on_workers() -> None:
    """Two processes give the very same sweep."""
    two = planned(replace(AGENTS, world=replace(WORLD, jobs=2)))
    assert sweep(two, silent, lambda: False) == small()


def test_fewer_agents_abandon_more_and_the_crossing_lies_between() -> None:
    """The baseline falls through its rule somewhere between a point that fails and one that passes."""
    found = small()
    rates = [point.metrics["sms-to-call"]["call_abandonment_rate"].value for point in found.points]
    assert rates == sorted(rates, reverse=True)
    (crossed,) = [
        one for one in found.crossings if (one.design, one.metric) == ("sms-to-call", "call_abandonment_rate")
    ]
    assert crossed.rule == "< 0.1"
    assert not crossed.crossing.rising
    left = max(at for at, rate in zip((0.5, 1, 2), rates, strict=True) if rate >= 0.1)
    assert left < crossed.crossing.at < 2
    assert crossed.crossing.low < crossed.crossing.at


def test_the_same_customers_stand_at_every_point() -> None:
    """What no agent touches is the same at every point, to the last digit: the outcome of who engaged."""
    found = sweep(planned(replace(AGENTS, metrics=("engagement_rate",))), silent, lambda: False)
    values = {point.metrics["in-message"]["engagement_rate"].value for point in found.points}
    assert len(values) == 1
    assert all(point.metrics["in-message"]["engagement_rate"].rule == "" for point in found.points)
    assert found.crossings == ()


def test_differences_are_paired_as_an_independent_calculation_pairs_them() -> None:
    """The interval of a difference at a point equals the paired ratio estimator on the runs themselves."""
    plan = planned(AGENTS)
    world = plan.worlds[2,]
    how = VariantRun(busy_hours(plan.base.document), 2, jobs=1)
    runs = run_variants([Variant(name, world, name) for name in DESIGNS], how, silent, lambda: False)
    mine, theirs = (pooled(runs[name], "completion_rate") for name in reversed(DESIGNS))
    expected = paired_ratio_difference(*mine, *theirs)
    row = small().points[2].differences["in-message"]["completion_rate"]
    assert (row.value, row.low, row.high) == (expected.value, expected.low, expected.high)


def test_a_grid_has_every_pair_and_crosses_row_by_row() -> None:
    """Two settings: points in reading order, and each crossing says at which value of the second it lies."""
    grid = SweepRequest(
        replace(WORLD, designs=("sms-to-call",)),
        ("call_centre.agents=0.5,2", "campaign.messages=300,600"),
        ("call_abandonment_rate",),
    )
    found = sweep(planned(grid), silent, lambda: False)
    assert [point.values for point in found.points] == [(0.5, 300), (0.5, 600), (2, 300), (2, 600)]
    assert {one.beside for one in found.crossings} == {300, 600}
    assert all(point.differences == {} for point in found.points)
    assert small().crossings_down == ()


def test_along_the_second_setting_a_rule_is_crossed_too() -> None:
    """A grid of three by two on invented figures: down a column, at the value of the first it goes with."""
    axes = parse_axis("a=1,2,3"), parse_axis("b=10,20")
    rates = {(1, 10): 0.02, (1, 20): 0.06, (2, 10): 0.05, (2, 20): 0.15, (3, 10): 0.2, (3, 20): 0.3}

    def point(at: tuple[float, float], rate: float) -> SweepPoint:
        metric = Metric(rate, "rate", 9, rate - 0.01, rate + 0.01, "", rule="< 0.1")
        return SweepPoint(at, {"x": {"call_abandonment_rate": metric}}, {}, {})

    found = [point(at, rate) for at, rate in rates.items()]
    (down,) = lines_crossed(axes, ("call_abandonment_rate",), ("x",), found, along=1)
    assert (down.beside, down.crossing.at, down.crossing.rising) == (2, pytest.approx(15), True)
    across = lines_crossed(axes, ("call_abandonment_rate",), ("x",), found)
    assert [(one.beside, one.crossing.at) for one in across] == [
        (10, pytest.approx(2 + 1 / 3)),
        (20, pytest.approx(1 + 4 / 9)),
    ]
    assert lines_crossed(axes[:1], ("call_abandonment_rate",), ("x",), found, along=1) == ()


def test_decisions_follow_the_rules_of_a_diagnosis() -> None:
    """A failed stop rule is a stop; the ground names it."""
    decision = small().points[0].decisions["sms-to-call"]
    assert decision.decide == "stop"
    assert "call-abandonment" in [ground.name for ground in decision.grounds]


@pytest.mark.parametrize(
    ("over", "told"),
    [
        ("campaign.mesages=1,2", "did you mean 'campaign.messages'"),
        ("calendar.start=1,2", "allowed: a setting that holds a number"),
        ("channels.whatsapp.template_approved=0,1", "found true; allowed: a setting that holds a number"),
        ("customers.consent_sms_rate=0.5:1.5:3", "found 1.5; allowed: a number from 0 to 1"),
        ("campaign.messages=1000.5,3000", "found 1000.5; allowed: a whole number"),
        ("customers=1,2", "for a block"),
        ("seed=1,2", "give it as --seed"),
        ("designs.in-message.person.takes_call_rate=0.5,2", "found 2"),
        ("campaign.messages=0:-5:2", "the lower end first"),
    ],
)
def test_wrong_settings_are_refused_before_anything_runs(over: str, told: str) -> None:
    """Each says the option as it was given, what was found and what is allowed."""
    with pytest.raises(BadInput) as refused:
        planned(SweepRequest(WORLD, (over,)))
    assert refused.value.problems[0].startswith(f"--over {over}: ")
    assert told in refused.value.problems[0]


@pytest.mark.wide
def test_a_range_over_whole_numbers_is_rounded_and_over_others_is_not() -> None:
    """Spaced values suit the setting; what was written by hand is never changed."""
    (whole,) = planned(SweepRequest(WORLD, ("campaign.messages=500:1000:4",))).axes
    assert whole.values == (500, 667, 833, 1000)
    (broken,) = planned(SweepRequest(WORLD, ("customers.consent_sms_rate=0.5:1:3",))).axes
    assert broken.values == (0.5, 0.75, 1)


def test_an_unknown_metric_and_a_stop_are_told() -> None:
    """A misspelt metric is refused with the closest one; a request to stop ends the sweep."""
    with pytest.raises(BadInput, match="did you mean 'completion_rate'"):
        planned(replace(AGENTS, metrics=("completion_rat",)))
    with pytest.raises(Cancelled):
        sweep(planned(AGENTS), silent, lambda: True)


def test_a_factor_varies_a_whole_profile() -> None:
    """Every point has the profile times its value, a fraction or not; at 1 it is the scenario's own world."""
    plan = planned(
        SweepRequest(CompareRequest("retail-bank-200k", designs=DESIGNS), ("call_centre.agents*=0.5:1.5:5",))
    )
    base = plan.base.document.agents_per_half_hour
    assert [values for (values,) in plan.worlds] == [0.5, 0.75, 1, 1.25, 1.5]
    for (factor,), world in plan.worlds.items():
        assert world.document.agents_per_half_hour == pytest.approx([factor * agents for agents in base])
    assert plan.worlds[1,].document == plan.base.document


@pytest.mark.parametrize(
    ("over", "told"),
    [
        ("call_centre.agnts*=1,2", "did you mean 'call_centre.agents'"),
        ("campaign.send_from*=1,2", "a setting that holds a number"),
        ("campaign.messages*=0.5000001,1", "a whole number from 1"),
        ("seed*=1,2", "give it as --seed"),
    ],
)
def test_a_factor_that_cannot_be_varied_is_refused_by_its_option(over: str, told: str) -> None:
    """The message names --over as it was typed, and what is allowed."""
    with pytest.raises(BadInput) as refused:
        planned(SweepRequest(CompareRequest("retail-bank-200k", designs=DESIGNS), (over,)))
    assert refused.value.problems[0].startswith(f"--over {over}: ")
    assert told in refused.value.problems[0]
