from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.model import MS_PER_HOUR, MS_PER_MINUTE
from sandbox.simulation.calendar import WorkCalendar
from sandbox.simulation.campaign import Pacing
from sandbox.simulation.settings import CampaignPlan
from scenarios.wiring.plan import calendar_of, plan_of
from scenarios.world.spec import load_scenario

DOCUMENT = load_scenario("retail-bank-200k").document
CALENDAR: WorkCalendar = calendar_of(DOCUMENT)
PLAN: CampaignPlan = replace(plan_of(DOCUMENT), cases=1_100)
HOUR = MS_PER_HOUR

plans = st.builds(
    CampaignPlan,
    cases=st.integers(1, 400),
    touches=st.integers(1, 3),
    gap_days=st.integers(1, 4),
    cohort_days=st.integers(1, 12),
    send_from_min=st.integers(480, 660),
    send_weights=st.lists(st.just(0.0) | st.floats(0.01, 1), min_size=1, max_size=7)
    .filter(lambda weights: sum(weights) > 0)
    .map(lambda weights: tuple(weight / sum(weights) for weight in weights)),
)


def test_first_touches_are_spread_evenly_over_the_cohort_days():
    """1,100 cases over eleven days are a hundred a day, in case order."""
    pacing = Pacing(PLAN, CALENDAR)
    days = [CALENDAR.day_of(at_ms) for at_ms in pacing.planned_ms(1, 0, PLAN.cases)]
    assert PLAN.cohort_days == 11
    assert days == [case // 100 for case in range(PLAN.cases)]


def test_a_later_touch_repeats_the_pattern_after_the_gap_by_the_local_clock():
    """The second touch falls on the same minute eleven working days later, across the clock change too."""
    pacing = Pacing(PLAN, CALENDAR)
    for case in range(0, PLAN.cases, 7):
        (first,), (second,) = (pacing.planned_ms(touch, case) for touch in (1, 2))
        assert CALENDAR.day_of(second) == CALENDAR.day_of(first) + 11
        assert CALENDAR.clock(first)[11:] == CALENDAR.clock(second)[11:]


def test_sends_follow_the_weights_of_the_day():
    """Three times as many messages leave in an hour of weight three, none in an hour of weight nought."""
    plan = replace(PLAN, cases=400, cohort_days=1, send_weights=(0.75, 0.0, 0.25))
    pacing, start = Pacing(plan, CALENDAR), CALENDAR.at(0, plan.send_from_min)
    hours = [(at_ms - start) // HOUR for at_ms in pacing.planned_ms(1, 0, 400)]
    assert [hours.count(hour) for hour in range(3)] == [300, 0, 100]


@given(plans)
def test_touches_are_planned_in_case_order_inside_their_hours(plan):
    """Whatever the plan: a wave never goes back in time, and every send lies in an hour that has sends."""
    pacing = Pacing(plan, CALENDAR)
    for touch in range(1, plan.touches + 1):
        times = pacing.planned_ms(touch, 0, plan.cases)
        assert times == [at_ms for case in range(plan.cases) for at_ms in pacing.planned_ms(touch, case)]
        assert all(a <= b for a, b in pairwise(times))
        for at_ms in times:
            day = CALENDAR.day_of(at_ms)
            since_ms = at_ms - CALENDAR.at(day, plan.send_from_min)
            assert 0 <= since_ms <= len(plan.send_weights) * HOUR
            hour = min(since_ms // HOUR, len(plan.send_weights) - 1)
            on_the_hour = since_ms % HOUR == 0  # the last send of an hour may fall on its very end
            assert plan.send_weights[hour] > 0 or (on_the_hour and plan.send_weights[hour - 1] > 0)


@pytest.mark.parametrize("cases", [1, 3, 11, 12])
def test_few_cases_are_spread_too(cases):
    """Fewer cases than days leave days without sends, and nobody out."""
    pacing = Pacing(replace(PLAN, cases=cases), CALENDAR)
    times = pacing.planned_ms(1, 0, cases)
    assert times[0] == CALENDAR.opens_ms[0] + 30 * MS_PER_MINUTE
    assert CALENDAR.day_of(times[-1]) == (cases - 1) * 11 // cases
