"""Count calls by the day they were offered, and the queue over the half hours of the day.

Days are the units of independence: the queue empties overnight.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable
from typing import Any

from sandbox import facts
from sandbox.scorecard.case_tally import CaseTally
from sandbox.scorecard.layout import Layout
from sandbox.scorecard.marks import BITS

_RECORDED, _AGENT, _CALLED = BITS["RECORDED"], BITS["AGENT"], BITS["CALLED"]
_FINISHED = BITS["ACTED"] | _RECORDED

CALL_SERIES = (
    "offered",
    "answered",
    "abandoned",
    "balked",
    "redials",
    "wait_ms",
    "wait_answered_ms",
    "offered_busy",
    "wait_busy_ms",
    "campaign_offered",
    "campaign_abandoned",
    "visits_called",
    "visits_answered",
    "busy_ms",
    "campaign_busy_ms",
)
"""Per call day: the unit of independence, since the queue empties overnight. Callers who gave up and call on the
next working day couple neighbouring days a little, which makes intervals a little too narrow; a visit's answer
counts on the day of its first call."""

SLOT_SERIES = ("offered", "abandoned", "wait_ms", "waiting_area_ms", "busy_area_ms")
"""Per (call day, half hour), flat: day * slots + slot."""


class CallTally:
    """Call counts of a run.

    Attributes:
        calls: CALL_SERIES, per campaign day.
        slots: SLOT_SERIES, per campaign day and half hour.
    """

    def __init__(self, layout: Layout, cases: CaseTally) -> None:
        """Start with nothing counted; what calls mean to a case is marked on `cases`."""
        self.layout = layout
        days = layout.campaign_days
        self.calls: dict[str, list[int]] = {name: [0] * days for name in CALL_SERIES}
        self.slots: dict[str, list[int]] = {name: [0] * (days * layout.slots) for name in SLOT_SERIES}
        self._marks, self._agent_ms, self._after_call_ms = cases.marks, cases.agent_ms, cases.after_call_ms
        self._called_day = cases.called_day
        self._rare = cases.rare
        self._after_acting: set[int] = set()

    def handlers(self) -> dict[type, Callable[[Any], None]]:
        """What to call for each kind of fact."""
        return {
            facts.CallOffered: self._offered,
            facts.CallAnswered: self._answered,
            facts.CallAbandoned: self._abandoned,
            facts.CallHandled: self._handled,
        }

    def _day(self, at_ms: int) -> int:
        """The campaign day of a moment, or -1 when its calls do not count."""
        day = bisect_right(self.layout.opens_ms, at_ms) - 1
        return day if day < self.layout.campaign_days else -1

    def _slot(self, day: int, at_ms: int) -> int:
        slot = (at_ms - self.layout.opens_ms[day]) // self.layout.slot_ms
        return min(slot, self.layout.slots - 1)  # the queue may outlast closing; it belongs to the last slot

    def _offered(self, fact: facts.CallOffered) -> None:
        if fact.campaign and self._marks[fact.case_id] & _FINISHED:
            self._after_acting.add(fact.call_id)
            self._rare["repeat_calls"][fact.case_id] += 1
        day = self._day(fact.at_ms)
        if day < 0:
            return
        calls, slot = self.calls, self._slot(day, fact.at_ms)
        calls["offered"][day] += 1
        self.slots["offered"][day * self.layout.slots + slot] += 1
        if slot in self.layout.busy_slots:
            calls["offered_busy"][day] += 1
        if fact.attempt > 1:
            calls["redials"][day] += 1
        if fact.campaign:
            calls["campaign_offered"][day] += 1
            if not self._marks[fact.case_id] & _CALLED:
                self._marks[fact.case_id] |= _CALLED
                self._called_day[fact.case_id] = day
                calls["visits_called"][day] += 1

    def _waited(self, day: int, offered_ms: int, wait_ms: int) -> None:
        slot = self._slot(day, offered_ms)
        self.calls["wait_ms"][day] += wait_ms
        self.slots["wait_ms"][day * self.layout.slots + slot] += wait_ms
        if slot in self.layout.busy_slots:
            self.calls["wait_busy_ms"][day] += wait_ms
        self._spread("waiting_area_ms", day, offered_ms, wait_ms)

    def _spread(self, series: str, day: int, start_ms: int, length_ms: int) -> None:
        """Add a stretch of time to the half hours it lies in."""
        layout, totals = self.layout, self.slots[series]
        while length_ms > 0:
            slot = self._slot(day, start_ms)
            ends = layout.opens_ms[day] + (slot + 1) * layout.slot_ms
            here = length_ms if slot == layout.slots - 1 else min(length_ms, ends - start_ms)
            totals[day * layout.slots + slot] += here
            start_ms += here
            length_ms -= here

    def _answered(self, fact: facts.CallAnswered) -> None:
        if fact.case_id >= 0 and not self._marks[fact.case_id] & _RECORDED:
            self._marks[fact.case_id] |= _AGENT
        if fact.campaign and self._marks[fact.case_id] & _CALLED:
            # Whoever is answered on a later day was a caller of the day they first called.
            self.calls["visits_answered"][self._called_day[fact.case_id]] += 1
        day = self._day(fact.offered_at_ms)
        if day < 0:
            return
        self.calls["answered"][day] += 1
        self.calls["wait_answered_ms"][day] += fact.wait_ms
        self._waited(day, fact.offered_at_ms, fact.wait_ms)

    def _abandoned(self, fact: facts.CallAbandoned) -> None:
        if fact.campaign:
            self._after_acting.discard(fact.call_id)
        day = self._day(fact.offered_at_ms)
        if day < 0:
            return
        self.calls["abandoned"][day] += 1
        self.slots["abandoned"][day * self.layout.slots + self._slot(day, fact.offered_at_ms)] += 1
        if fact.balked:
            self.calls["balked"][day] += 1
        if fact.campaign:
            self.calls["campaign_abandoned"][day] += 1
        self._waited(day, fact.offered_at_ms, fact.wait_ms)

    def _handled(self, fact: facts.CallHandled) -> None:
        spent = fact.talk_ms + fact.after_call_ms
        if fact.case_id >= 0:
            self._of_a_case(fact, spent)
        day = self._day(fact.at_ms - spent)
        if day < 0:
            return
        self.calls["busy_ms"][day] += spent
        if fact.campaign:
            self.calls["campaign_busy_ms"][day] += spent
        self._spread("busy_area_ms", day, fact.at_ms - spent, spent)

    def _of_a_case(self, fact: facts.CallHandled, spent_ms: int) -> None:
        self._agent_ms[fact.case_id] += spent_ms
        self._after_call_ms[fact.case_id] += fact.after_call_ms
        if fact.call_id in self._after_acting:
            self._after_acting.discard(fact.call_id)
            self._rare["repeat_call_ms"][fact.case_id] += spent_ms
