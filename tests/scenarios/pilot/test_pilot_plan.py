"""A pilot's plan: what it needs, when it stops, what it sees, and that it follows from the simulated worlds."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from math import ceil

import pytest

from sandbox.errors import BadInput
from sandbox.experiment.count_limits import chance_of_stop
from sandbox.experiment.exact_share import exact_share_interval
from sandbox.experiment.intervals import paired_ratio_difference
from sandbox.experiment.sample_size import fixed_drift, power_of
from sandbox.experiment.verdict import judge
from scenarios.pilot.plan import FEWEST, PilotAim, PilotPlan, plan_from, plan_pilot, steps_run
from scenarios.pilot.ramp import Ramp, run_ramp, runs_in
from scenarios.run import CompareRequest, prepare
from scenarios.variants import VariantRun
from scenarios.wiring.plan import busy_hours
from tests.scenarios.recorded import SMALL

TINY = (*SMALL, "campaign.messages=1200")
AIM = PilotAim("in-message", effect=0.10, share=0.25)


@cache
def ramp(first: str = "sms-to-call", second: str = "in-message") -> Ramp:
    """Three worlds of a tiny campaign, twice."""
    scenario, _ = prepare(CompareRequest("retail-bank-200k", TINY, (first, second)))
    how = VariantRun(busy_hours(scenario.document), 2, 1)
    return run_ramp(scenario, (first, second), (0.25,), how, lambda _: None, lambda: False)


@cache
def plan(aim: PilotAim = AIM) -> PilotPlan:
    """A plan from them."""
    return plan_from(ramp(), aim, 2)


@pytest.mark.wide
def test_enrolment_is_whole_weeks_that_have_the_power() -> None:
    """Days are weeks of five, the last look is on the last of them, and one week less would not do."""
    found = plan()
    assert found.days is not None
    assert found.days_needed is not None
    assert found.days % 5 == 0
    assert found.days - 5 < found.days_needed <= found.days
    assert found.looks[-1].day == found.days
    assert [one.day for one in found.looks] == sorted({one.day for one in found.looks})
    arms = found.metrics[0].arms
    assert power_of(arms, found.days, 0.05) >= 0.80
    assert found.looks[-1].look.spent == pytest.approx(0.05)


def test_the_arms_are_those_of_the_simulated_pilot() -> None:
    """Rates, base a day and the difference are read off the world in which a quarter is moved."""
    control, pilot = ramp().pair(0.25, "completion_rate")
    one = plan().metrics[0]
    assert one.control.value == pytest.approx(sum(control[0]) / sum(control[1]))
    assert one.arms.pilot_per_day == pytest.approx(sum(pilot[1]) / len(pilot[1]), rel=0.1)
    assert one.difference == paired_ratio_difference(*pilot, *control)
    assert abs(one.arms.pilot_rate - one.arms.control_rate) == pytest.approx(0.10)
    whole = plan().cases_per_day
    assert one.arms.pilot_per_day + one.arms.control_per_day == pytest.approx(whole, rel=0.1)
    assert one.arms.pilot_per_day == pytest.approx(
        one.arms.control_per_day / 3
    )  # not the share that was drawn
    engaged = plan(replace(AIM, metrics=("completion_of_engaged_rate",))).metrics[0].arms
    control, pilot = ramp().pair(0.25, "completion_of_engaged_rate")
    stayed, moved = ramp().drawn(0.25)
    assert moved == pytest.approx(0.25, abs=0.03)
    assert moved != 0.25
    assert stayed + moved == pytest.approx(1.0)
    assert engaged.pilot_per_day == pytest.approx(sum(pilot[1]) / len(pilot[1]) * 0.25 / moved)
    assert engaged.control_per_day == pytest.approx(sum(control[1]) / len(control[1]) * 0.75 / stayed)


def test_the_tables_follow_share_and_effect() -> None:
    """More power and fewer days with a larger effect and with a more even split; the planned effect is a row."""
    found = plan()
    assert 0.10 in found.effects
    assert set(found.shares) == {0.05, 0.10, 0.25, 0.50}
    for table, sign in ((found.power, 1), (found.days_for, -1)):
        for row in table.values():
            cells = [sign * row[share] for share in found.shares]
            assert cells == sorted(cells)
        column = [sign * table[effect][0.25] for effect in found.effects]
        assert column == sorted(column)
    days = found.metrics[0].days
    assert found.days_for[0.10][0.25] == pytest.approx(days)
    assert power_of(found.metrics[0].arms, days or 0.0, 0.05) == pytest.approx(0.80)


def test_days_cases_and_plan_are_one_answer() -> None:
    """An effect nobody can miss still takes thirty cases in each arm, in the planned share, and the plan has them."""
    found = plan(replace(AIM, metrics=("deflection_rate",), effect=None))
    one = found.metrics[0]
    assert one.days is not None
    assert found.days is not None
    assert one.effect is not None
    assert one.arms.pilot_per_day * one.days == pytest.approx(FEWEST)
    assert (one.pilot_cases, one.control_cases) == (FEWEST, ceil(one.arms.control_per_day * one.days))
    assert found.days_for[abs(one.effect)][0.25] == pytest.approx(one.days)
    assert found.days_needed is not None
    assert found.days >= found.days_needed >= one.days
    assert one.arms.pilot_per_day * found.days >= FEWEST
    assert one.difference.high == 1.0
    seen = next(sight for sight in found.sights if sight.metric == "deflection_rate")
    assert seen.cases == round(one.arms.pilot_per_day * found.days)
    held = next(rail.looks[-1] for rail in found.guardrails if rail.metric == "deflection_rate")
    assert held.cases == seen.cases


def test_a_holdout_has_its_fewest_cases_too() -> None:
    """What is kept at full rollout brings thirty cases within one campaign, or there is no holdout."""
    found = plan(replace(AIM, metrics=("deflection_rate",), effect=None))
    kept, arms = found.holdout, found.metrics[0].arms
    assert kept is not None
    assert arms.with_share(1.0 - kept).control_per_day * found.campaign_days >= FEWEST


def test_steps_know_what_their_lines_and_their_difference_owe_to_the_move() -> None:
    """Abandonment less that of nobody moved, and the arms' difference less the whole move, each on the same days."""
    nobody, quarter, everybody = plan().steps
    lines = [ramp().shared(share, "call_abandonment_rate") for share in (0.25, 0.0)]
    assert quarter.lines == paired_ratio_difference(*lines[0], *lines[1], shares=True)
    assert (nobody.lines.value, nobody.lines.half_width) == (0.0, 0.0)
    assert (nobody.beyond, everybody.beyond) == (None, None)
    one = plan().metrics[0]
    assert quarter.beyond is not None
    assert one.difference.value is not None
    assert one.total.value is not None
    assert quarter.beyond.value == pytest.approx(one.difference.value - one.total.value)
    assert (quarter.beyond.half_width or 0.0) > 0.0


def test_a_smaller_effect_or_more_power_needs_longer() -> None:
    """Half the effect takes about four times the days; 90 % power a third more than 80 %."""
    asked = plan().metrics[0].days or 0.0
    assert plan(replace(AIM, effect=0.05)).metrics[0].days == pytest.approx(4 * asked, rel=0.25)
    ratio = (fixed_drift(0.05, 0.90) / fixed_drift(0.05, 0.80)) ** 2
    assert plan(replace(AIM, power=0.90)).metrics[0].days == pytest.approx(asked * ratio)


def test_guardrails_come_from_the_rules_and_keep_alpha_together() -> None:
    """Every stop and hold rule an arm has of its own; counted ones share alpha, totals stop at the first."""
    found = plan().guardrails
    kinds = {(one.metric, one.rule): one for one in found}
    assert kinds["exception_rate", "<= 0.15"].calls_for == "stop"
    assert kinds["writeback_success_rate", ">= 0.95"].line == pytest.approx(0.05)
    assert kinds["duplicate_effects", "<= 0"].first
    assert not any(one.metric.startswith("call_") for one in found)
    assert [one.calls_for for one in found] == sorted((one.calls_for for one in found), reverse=True)
    counted = [one for one in found if one.looks]
    assert sum(one.alpha for one in counted) <= 0.05 + 1e-12
    for one in counted:
        bases, limits = [look.cases for look in one.looks], [look.limit for look in one.looks]
        assert chance_of_stop(bases, limits, one.line) <= one.alpha + 1e-9
        assert one.false_alarm == pytest.approx(chance_of_stop(bases, limits, one.expected or 0.0))


def test_a_pilot_sees_cases_and_not_the_lines() -> None:
    """Completion, writeback and false rejects are seen; abandonment and waits are the lines', shared by both arms."""
    found = plan()
    seen, blind = ({one.metric: one for one in part} for part in (found.sights, found.blind))
    assert {"completion_rate", "writeback_success_rate", "false_reject_rate"} <= set(seen)
    assert {"call_abandonment_rate", "call_wait_busy_s"} <= set(blind)
    assert not set(seen) & set(blind)
    assert all(one.cases >= 30 and one.half_width is not None for one in seen.values())
    for one in seen.values():  # never surer than the exact interval of its own cases
        rate = one.in_pilot.value or 0.0
        low, high = exact_share_interval(round(rate * one.cases), one.cases, 0.95)
        assert 0.4 * max(rate - low, high - rate) < (one.half_width or 0.0) < 0.5, one.metric
    assert blind["open_rate"].cases == 0


def test_the_ramp_runs_from_nobody_to_everybody() -> None:
    """Each step has the arms it has customers in, and the metrics of the lines."""
    steps = plan().steps
    assert [step.share for step in steps] == [0.0, 0.25, 1.0]
    assert [(step.pilot is None, step.control is None) for step in steps] == [
        (True, False),
        (False, False),
        (False, True),
    ]
    for step in steps:
        lines = step.queue["call_abandonment_rate"]
        assert lines.verdict == judge(lines, "<", 0.10)
        assert lines.rule == "< 0.1"
    assert runs_in(steps_run(PilotAim("in-message")), 3) == 3 * 6
    assert runs_in(steps_run(PilotAim("in-message", share=0.2)), 3) == 3 * 7


def test_designs_that_cannot_be_mixed_are_planned_apart() -> None:
    """Without a mixed world the plan stands on the two designs alone and says why."""
    found = plan_from(ramp("message-first", "in-message"), AIM, 2)
    assert found.not_mixed
    assert [step.share for step in found.steps] == [0.0, 1.0]
    per_day = found.cases_per_day * 0.25
    assert found.metrics[0].arms.pilot_per_day == pytest.approx(per_day, rel=0.1)
    last = next(one.looks[-1] for one in found.guardrails if one.metric == "exception_rate")
    assert last.cases < per_day * last.day  # those who engage, of a quarter of the customers


@pytest.mark.parametrize(
    ("aim", "told"),
    [
        (replace(AIM, share=1.0), "--share 1: allowed is above 0 and below 1"),
        (replace(AIM, effect=0.0), "--effect 0: allowed"),
        (replace(AIM, metrics=("call_abandonment_rate",)), "belongs to the lines both arms share"),
        (replace(AIM, metrics=("completion_rat",)), "did you mean 'completion_rate'"),
        (replace(AIM, design="sms-to-call"), "is what it is compared with"),
        (replace(AIM, design="in-massage"), "did you mean 'in-message'"),
    ],
)
def test_what_cannot_be_planned_is_refused_before_anything_runs(aim: PilotAim, told: str) -> None:
    """Wrong numbers, metrics and designs are named with what is allowed."""
    with pytest.raises(BadInput) as refused:
        plan_pilot(
            CompareRequest("retail-bank-200k", TINY, replications=2), aim, lambda _: None, lambda: True
        )
    assert any(told in problem for problem in refused.value.problems)


def test_an_effect_out_of_reach_has_no_days() -> None:
    """A ten-thousandth in a tiny campaign would take more than ten years: the plan says no days."""
    found = plan(replace(AIM, effect=0.0001))
    assert found.days is None
    assert found.looks == ()
