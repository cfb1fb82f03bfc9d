"""A day played again through the queue: schedules computed by hand, and the order a head start gives."""

from __future__ import annotations

import pytest

from sandbox.errors import RuleBroken
from sandbox.simulation.replay import SLOTS_PER_DAY, ReplayedCall, replay_day, totals

MINUTE = 60_000
PATIENT = 10 * 60 * MINUTE


def day(agents: float) -> list[float]:
    """The same agents in every half hour."""
    return [agents] * SLOTS_PER_DAY


def test_one_agent_by_hand() -> None:
    """The first is answered at once, the second waits two minutes, the third leaves after one."""
    calls = [
        ReplayedCall(0, "", PATIENT, 3 * MINUTE),
        ReplayedCall(MINUTE, "", PATIENT, 3 * MINUTE),
        ReplayedCall(2 * MINUTE, "", MINUTE, 3 * MINUTE),
    ]
    outcome = replay_day(calls, day(1), 0.5, {})
    assert (sum(outcome.offered), sum(outcome.abandoned)) == (3, 1)
    assert outcome.wait_s == 120 + 60


def test_calls_count_in_the_half_hour_they_came_in() -> None:
    """A caller who leaves in the next half hour belongs to the one they called in."""
    outcome = replay_day([ReplayedCall(29 * MINUTE, "", 5 * MINUTE, MINUTE)], day(0), 0.5, {})
    assert (outcome.offered[0], outcome.abandoned[0], outcome.abandoned[1]) == (1, 1, 0)


def test_a_head_start_moves_a_caller_ahead_of_who_came_less_than_it_before() -> None:
    """With 90 s who came 60 s later is next and the other leaves; without it, or with 30 s, the other way round."""

    def left(head_start_s: dict[str, float]) -> float:
        calls = [
            ReplayedCall(0, "0", PATIENT, 5 * MINUTE),
            ReplayedCall(MINUTE, "0", 6 * MINUTE, 5 * MINUTE),
            ReplayedCall(2 * MINUTE, "2", 6 * MINUTE, 5 * MINUTE),
        ]
        return replay_day(calls, day(1), 0.5, head_start_s).wait_s

    assert left({}) == 4 * 60 + 6 * 60  # answered after 4 min; the last leaves after 6
    assert left({"2": 30}) == left({})
    assert left({"2": 90}) == 3 * 60 + 6 * 60


def test_a_fraction_is_one_more_agent_on_that_share_of_days() -> None:
    """1.25 agents are two on the first quarter of kinds of day, and one on the others."""
    calls = [ReplayedCall(at, "", MINUTE, 30 * MINUTE) for at in (0, 1, 2)]
    lost = [sum(replay_day(calls, day(1.25), share, {}).abandoned) for share in (0.1, 0.2, 0.3, 0.9)]
    assert lost == [1, 1, 2, 2]


def test_the_line_at_midnight_is_served_out() -> None:
    """Who still waits when the day ends is answered or leaves; nobody is lost."""
    calls = [ReplayedCall(24 * 60 * MINUTE - 1, "", PATIENT, MINUTE) for _ in range(5)]
    outcome = totals([replay_day(calls, day(0), 0.5, {}), replay_day([], day(1), 0.5, {})])
    assert (sum(outcome.offered), sum(outcome.abandoned)) == (5, 0)


def test_a_day_needs_agents_for_every_half_hour() -> None:
    """Anything else is our bug."""
    with pytest.raises(RuleBroken, match="47 half hours"):
        replay_day([], [1.0] * 47, 0.5, {})
