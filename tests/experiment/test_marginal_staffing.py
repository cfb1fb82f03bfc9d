"""Staffings from lean to ample: against every possible staffing, and against Erlang-A's own tables."""

from __future__ import annotations

from itertools import pairwise, product

import pytest

from sandbox.errors import RuleBroken
from sandbox.experiment.erlang_a import agents_for, erlang_a
from sandbox.experiment.marginal_staffing import IntervalLoad, staffings

LOADS = [IntervalLoad(8, 290, 200), IntervalLoad(20, 290, 200), IntervalLoad(13, 290, 200)]


def lost(agents: tuple[int, ...], loads: list[IntervalLoad] = LOADS) -> float:
    """Abandoned calls a day by the single solver."""
    return sum(
        one.calls * erlang_a(2 * one.calls, one.handling_s, one.patience_s, heads).abandonment_rate
        for one, heads in zip(loads, agents, strict=True)
    )


def test_no_other_spread_of_as_many_agents_loses_less() -> None:
    """Three half hours: the order's staffing of every size is the best of all of that size."""
    for staffing in staffings(LOADS, "abandoned")[:14]:
        others = [one for one in product(range(1, 14), repeat=3) if sum(one) == sum(staffing)]
        assert lost(staffing) == pytest.approx(min(map(lost, others)), rel=1e-9)


@pytest.mark.parametrize("limit", [0.01, 0.05, 0.1, 0.2])
@pytest.mark.parametrize("calls", [6.0, 30.0, 120.0])
def test_one_half_hour_alone_is_the_erlang_a_table(calls: float, limit: float) -> None:
    """The first staffing that keeps a limit is the fewest agents the exact search finds."""
    load = IntervalLoad(calls, 240, 180)
    kept = next(one for (one,) in staffings([load], "abandoned") if lost((one,), [load]) <= limit * calls)
    assert kept == agents_for(2 * calls, 240, 180, limit)


def test_published_rows_come_back() -> None:
    """Fewest agents for at most 1 % abandoned at 10, 50 and 100 erlangs of three-minute calls: 15, 57 and 108."""
    for erlangs, agents in ((10, 15), (50, 57), (100, 108)):
        load = IntervalLoad(erlangs * 10, 180, 300)
        kept = next(one for (one,) in staffings([load], "abandoned") if lost((one,), [load]) <= erlangs * 0.1)
        assert kept == agents


def test_each_staffing_holds_the_one_before() -> None:
    """One agent more at every step, so that a search along the order is a search for a number."""
    order = staffings(LOADS, "waited")
    assert order[0] == (1, 1, 1)
    for before, after in pairwise(order):
        assert sum(after) == sum(before) + 1
        assert all(b <= a for b, a in zip(before, after, strict=True))


def test_lost_time_takes_more_heads() -> None:
    """With half of the time lost twice as many are scheduled for the same abandonment."""
    whole, half = (staffings(LOADS, "abandoned", shrinkage=share)[-1] for share in (0.0, 0.5))
    assert sum(half) == pytest.approx(2 * sum(whole), rel=0.1)
    with pytest.raises(RuleBroken):
        staffings(LOADS, "abandoned", shrinkage=1.0)


def test_a_half_hour_without_calls_keeps_one_agent() -> None:
    """Nobody is sent where nobody calls, and the order still ends."""
    order = staffings([IntervalLoad(0.0, 290, 200), IntervalLoad(20, 290, 200)], "abandoned")
    assert {one[0] for one in order} == {1}
