"""Effective agents over differing days: the average comes back, and thin half hours are pooled."""

from __future__ import annotations

import math
import statistics

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox.errors import BadInput, RuleBroken
from sandbox.experiment.erlang_a import agents_from_abandonment, erlang_a
from sandbox.experiment.staffing import (
    Demand,
    averaged_abandonment,
    day_multipliers,
    effective_agents,
    pool_thin,
)


def mixed_abandonment(calls_per_hour: list[float], demand: Demand, agents: float) -> float:
    """Averaged abandonment with the whole numbers around a fractional staff in its proportion."""
    lower = math.floor(agents)
    at_lower = averaged_abandonment(calls_per_hour, demand, lower) if lower else 1.0
    share = agents - lower
    return (1 - share) * at_lower + share * averaged_abandonment(calls_per_hour, demand, lower + 1)


@pytest.mark.parametrize("day_cv", [0.0002, 0.01, 0.2, 0.5, 1.0])
def test_day_multipliers_keep_the_mean_and_nearly_the_spread(day_cv: float) -> None:
    """Mean exactly 1, rising, never negative, and the spread at most 5 % short (the tails are averaged)."""
    factors = day_multipliers(day_cv)
    assert math.fsum(factors) / len(factors) == pytest.approx(1.0, abs=1e-12)
    assert list(factors) == sorted(factors)
    assert factors[0] >= 0.0
    assert 0.95 * day_cv <= statistics.pstdev(factors) <= day_cv


def test_equal_days_are_one_multiplier() -> None:
    """No day-to-day variation is plain Erlang-A."""
    assert day_multipliers(0.0) == day_multipliers(1e-9) == (1.0,)
    demand = Demand(180, 360, day_multipliers(0.0))
    assert effective_agents([100], demand, 0.1) == pytest.approx(agents_from_abandonment(100, 180, 360, 0.1))


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.floats(2.0, 300.0), min_size=1, max_size=3),
    st.floats(0.0, 0.6),
    st.floats(0.005, 0.95),
)
def test_the_observed_abandonment_comes_back(calls_per_hour: list[float], day_cv: float, rate: float) -> None:
    """Averaged over days and pooled half hours, the inferred staff loses the observed share."""
    demand = Demand(180, 360, day_multipliers(day_cv))
    agents = effective_agents(calls_per_hour, demand, rate)
    assert mixed_abandonment(calls_per_hour, demand, agents) == pytest.approx(rate, rel=1e-6)


def test_drawn_gamma_days_lose_the_observed_share() -> None:
    """Over 4,000 gamma days drawn apart from the averaging, the call-weighted abandonment is the target's."""
    day_cv, rate, calls = 0.25, 0.08, 120.0
    agents = effective_agents([calls], Demand(180, 360, day_multipliers(day_cv)), rate)
    days = np.random.default_rng(5).gamma(day_cv**-2, day_cv**2, 4000)
    lower, share = math.floor(agents), agents % 1
    lost = sum(
        day * ((1 - share) * low.abandonment_rate + share * high.abandonment_rate)
        for day in days.tolist()
        for low, high in [
            (erlang_a(calls * day, 180, 360, lower), erlang_a(calls * day, 180, 360, lower + 1))
        ]
    )
    assert lost / days.sum() == pytest.approx(rate, rel=0.03)


def test_differing_days_need_more_staff_than_their_mean() -> None:
    """Staff inferred from the mean day would lose more than the report over differing days."""
    demand = Demand(180, 360, day_multipliers(0.3))
    from_mean_day = agents_from_abandonment(120, 180, 360, 0.05)
    assert effective_agents([120], demand, 0.05) > from_mean_day + 0.5
    assert mixed_abandonment([120], demand, from_mean_day) > 0.06


@pytest.mark.parametrize(("calls", "rate"), [(140, 0.1), (60, 0.1), (60, 0.01)])
def test_fifteen_kinds_of_day_are_enough(calls: float, rate: float) -> None:
    """Sixty points move the inferred staff by less than 1 %."""
    few = effective_agents([calls], Demand(183, 367, day_multipliers(0.22)), rate)
    many = effective_agents([calls], Demand(183, 367, day_multipliers(0.22, 60)), rate)
    assert few == pytest.approx(many, rel=0.01)


@pytest.mark.parametrize(
    ("slots", "calls", "groups"),
    [
        ([], [], []),
        ([16, 17], [250, 300], [(16,), (17,)]),
        ([16, 17, 18], [150, 60, 400], [(16, 17), (18,)]),
        ([16, 17, 18], [250, 250, 10], [(16,), (17, 18)]),
        ([16, 17, 18], [10, 20, 30], [(16, 17, 18)]),
        ([0, 16, 17], [5, 300, 300], [(0,), (16,), (17,)]),
        ([15, 16, 40], [300, 5, 5], [(15, 16), (40,)]),
        ([16], [200], [(16,)]),
        ([16, 17], [199, 1], [(16, 17)]),
    ],
)
def test_thin_half_hours_join_their_neighbours(
    slots: list[int], calls: list[float], groups: list[tuple[int, ...]]
) -> None:
    """Groups close at 200 calls, leftovers join the group before, and a gap in the clock is never bridged."""
    found = [tuple(slots[index] for index in group) for group in pool_thin(slots, calls)]
    assert found == groups


@given(st.lists(st.tuples(st.integers(1, 3), st.floats(0.1, 500.0)), max_size=40))
def test_pooling_loses_no_half_hour(steps: list[tuple[int, float]]) -> None:
    """Every half hour is in exactly one group, in order, and a thin group is a whole run."""
    slots, calls, at = [], [], 0
    for step, count in steps:
        at += step
        slots.append(at)
        calls.append(count)
    groups = pool_thin(slots, calls)
    assert [index for group in groups for index in group] == list(range(len(slots)))
    for group in groups:
        if math.fsum(calls[index] for index in group) < 199.999:
            first, last = group[0], group[-1]
            assert first == 0 or slots[first - 1] < slots[first] - 1
            assert last == len(slots) - 1 or slots[last + 1] > slots[last] + 1


def test_half_hours_out_of_order_are_our_own_fault() -> None:
    """Pooling relies on the clock's order and on one count per half hour."""
    with pytest.raises(RuleBroken):
        pool_thin([17, 16], [1, 1])
    with pytest.raises(RuleBroken):
        pool_thin([16], [1, 1])


@pytest.mark.parametrize(("day_cv", "points"), [(-0.1, 15), (math.nan, 15), (10.1, 15), (0.2, 0)])
def test_impossible_variation_is_refused(day_cv: float, points: int) -> None:
    """A negative, absurd or missing variation, or no points, is named."""
    with pytest.raises(BadInput, match="day_cv"):
        day_multipliers(day_cv, points)


def test_no_half_hour_is_refused() -> None:
    """Staff cannot be inferred from nothing."""
    with pytest.raises(BadInput, match="calls_per_hour"):
        effective_agents([], Demand(180, 360, (1.0,)), 0.1)
