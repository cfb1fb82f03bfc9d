"""A call centre's own day played again: its real calls at their real times through the product's own queue.

Only when somebody called, and what kind of call it was, is taken from the log. How long the caller would wait and how
long the talk takes are drawn, for a log shows the first of few and the second only of those who were answered.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from heapq import heappop, heappush
from math import floor, fsum
from typing import NamedTuple

from sandbox.errors import RuleBroken
from sandbox.model import MS_PER_DAY, MS_PER_SECOND
from sandbox.simulation.calendar import SLOT_MS
from sandbox.simulation.call_queue import Call, CallQueue
from sandbox.simulation.events import Clockwork, after

SLOTS_PER_DAY = MS_PER_DAY // SLOT_MS


class ReplayedCall(NamedTuple):
    """One call of the log.

    Attributes:
        at_ms: when it reached the lines, milliseconds since midnight, 0 to a day.
        rank: kind of caller, for a head start.
        patience_ms, talk_ms: drawn.
    """

    at_ms: int
    rank: str
    patience_ms: int
    talk_ms: int


class DayOutcome(NamedTuple):
    """What became of one day's calls, by the half hour they arrived in.

    Attributes:
        offered, abandoned: calls of each half hour.
        wait_s: waits of all callers, summed over the day, seconds.
    """

    offered: list[int]
    abandoned: list[int]
    wait_s: float


def replay_day(
    calls: Sequence[ReplayedCall],
    agents: Sequence[float],
    share_of_days: float,
    head_start_s: Mapping[str, float],
) -> DayOutcome:
    """Play one day's calls through the queue, from empty lines at midnight until the last caller is gone.

    Args:
        calls: by time of arrival.
        agents: effective agents of each half hour of the day; a fraction is one more on that share of days.
        share_of_days: which kind of day this is, 0..1: a fraction above it brings its further agent.
        head_start_s: by rank, how much longer than they have a caller counts as having waited.

    Raises:
        RuleBroken: not one number of agents for each half hour, or the queue lost or invented a call.
    """
    if len(agents) != SLOTS_PER_DAY:
        raise RuleBroken(f"agents for {len(agents)} half hours; a day has {SLOTS_PER_DAY}")
    env, outcome = Clockwork(), _Outcome()
    queue = HeadStartQueue(env, outcome, head_start_s)
    on_duty = [floor(plan) + (plan - floor(plan) > share_of_days) for plan in agents]
    for slot, staffed in enumerate(on_duty):
        after(env, slot * SLOT_MS, queue.staff, staffed)
    after(env, MS_PER_DAY, queue.staff, max(on_duty[-1], 1))  # who is in the line at midnight is served
    for number, call in enumerate(calls):
        made = Call(number, -1, call.rank, False, 1, call.patience_ms, False, call.talk_ms, 0, outcome.ended)
        after(env, call.at_ms, queue.offer, made)
    longest_ms = max((call.patience_ms + call.talk_ms for call in calls), default=0)
    env.run(until=2 * MS_PER_DAY + longest_ms)
    queue.check_conserved()
    return outcome.day()


class HeadStartQueue(CallQueue):
    """The lines where some kinds of caller count as having waited longer than they have.

    Whoever has waited longest, head start included, is next; without head starts this is first come, first served.

    Args:
        env: the clock.
        facts: where call facts go.
        head_start_s: by intent, seconds; none where not given.
    """

    def __init__(self, env: Clockwork, facts: _Outcome, head_start_s: Mapping[str, float]) -> None:
        """Start with an empty queue and nobody on duty."""
        super().__init__(env, facts)
        self._head_start_ms = {rank: round(seconds * MS_PER_SECOND) for rank, seconds in head_start_s.items()}
        self._ranked: list[tuple[int, int, Call]] = []

    def offer(self, call: Call) -> None:
        """A call reaches the lines."""
        super().offer(call)
        if call.waiting:
            joined_ms = call.offered_at_ms - self._head_start_ms.get(call.intent, 0)
            heappush(self._ranked, (joined_ms, call.call_id, call))

    def _next(self) -> Call:
        while True:
            _, _, call = heappop(self._ranked)
            if call.waiting:
                self.waiting -= 1
                call.waiting = False
                return call


class _Outcome:
    """Counts how calls ended; hears no facts, since calls report their own end."""

    def __init__(self) -> None:
        self._offered, self._abandoned = [0] * SLOTS_PER_DAY, [0] * SLOTS_PER_DAY
        self._wait_ms = 0

    def emit(self, fact: tuple[object, ...]) -> None:
        """Facts are not needed here."""

    def ended(self, call: Call, answered: bool, wait_ms: int) -> None:
        slot = call.offered_at_ms // SLOT_MS % SLOTS_PER_DAY
        self._offered[slot] += 1
        self._abandoned[slot] += not answered
        self._wait_ms += wait_ms

    def day(self) -> DayOutcome:
        return DayOutcome(self._offered, self._abandoned, self._wait_ms / MS_PER_SECOND)


def totals(outcomes: Iterable[DayOutcome]) -> DayOutcome:
    """Sum days, half hour by half hour."""
    days = list(outcomes)
    return DayOutcome(
        [sum(column) for column in zip(*(day.offered for day in days), strict=True)],
        [sum(column) for column in zip(*(day.abandoned for day in days), strict=True)],
        fsum(day.wait_s for day in days),
    )
