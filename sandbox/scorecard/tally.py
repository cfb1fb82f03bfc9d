"""Fold facts into counts: one listener per run, no estimate and no interval here.

Cases are counted by cohort day (the day of their first planned touch), calls by the day they were offered. Days
are the units of independence: the queue empties overnight and redials stay within the day.
"""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass
from enum import IntFlag
from typing import Any

from sandbox import facts


class Mark(IntFlag):
    """What is remembered of a case."""

    TRIGGERED = 1
    EXCLUDED = 2
    SENT = 4
    DELIVERED = 8
    ENGAGED = 16
    IDENTIFIED = 32
    ACTED = 64
    RECORDED = 128
    AGENT = 256
    BACK_OFFICE = 512
    EXCEPTION = 1024
    JUDGEMENT = 2048
    CHANNEL_CHANGE = 4096
    FIRST_TRY = 8192
    MANUAL = 16384
    VULNERABLE = 32768
    REPEAT_CONTACT = 65536
    CALLED = 131072  # reached the lines in the visit going on; a first attempt may fail to connect


# Plain integers: an IntFlag operation costs a microsecond, and these run millions of times.
_M = {mark.name: int(mark) for mark in Mark}
_TRIGGERED, _EXCLUDED, _SENT, _DELIVERED = (_M[n] for n in ("TRIGGERED", "EXCLUDED", "SENT", "DELIVERED"))
_ENGAGED, _IDENTIFIED, _ACTED, _RECORDED = (_M[n] for n in ("ENGAGED", "IDENTIFIED", "ACTED", "RECORDED"))
_AGENT, _BACK, _EXCEPTION, _JUDGEMENT = (_M[n] for n in ("AGENT", "BACK_OFFICE", "EXCEPTION", "JUDGEMENT"))
_CHANGE, _FIRST, _MANUAL = (_M[n] for n in ("CHANNEL_CHANGE", "FIRST_TRY", "MANUAL"))
_VULNERABLE, _REPEAT, _CALLED = _M["VULNERABLE"], _M["REPEAT_CONTACT"], _M["CALLED"]


@dataclass(frozen=True, slots=True)
class Layout:
    """What the tally must know of the scenario to place a fact.

    Attributes:
        cases, cohort_days: cohort day of a case is case * cohort_days // cases.
        opens_ms: opening of every working day, follow-up included.
        campaign_days: days whose calls count.
        slots: half hours per day.
        slot_ms: length of one.
        busy_slots: the slots of the four busy hours.
        end_ms: end of observation.
    """

    cases: int
    cohort_days: int
    opens_ms: list[int]
    campaign_days: int
    slots: int
    slot_ms: int
    busy_slots: frozenset[int]
    end_ms: int


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
"""Per call day."""

SLOT_SERIES = ("offered", "abandoned", "wait_ms", "waiting_area_ms", "busy_area_ms")
"""Per (call day, half hour), flat: day * slots + slot."""

COST_SERIES = (
    "messages",
    "whatsapp",
    "email",
    "free",
    "letters",
    "service_messages",
    "sessions",
    "agent_ms",
    "back_office_items",
)
"""Per cohort day: what the campaign consumed. Of all `messages`, those that are no charged SMS stand again below."""


@dataclass(slots=True)
class Tally:
    """Counts of one run; `emit` is the fact sink."""

    layout: Layout
    calls: dict[str, list[int]]
    slots: dict[str, list[int]]
    costs: dict[str, list[int]]
    marks: array[int]
    triggered_ms: array[int]
    recorded_ms: array[int]
    skipped: Counter[str]
    exceptions: Counter[str]
    excluded: Counter[str]
    drops: Counter[str]
    sent_by: Counter[str]
    _handlers: dict[type, Callable[[Any], None]]

    @classmethod
    def start(cls, layout: Layout) -> Tally:
        """An empty tally."""
        days, slots = layout.campaign_days, layout.slots
        tally = cls(
            layout,
            {name: [0] * days for name in CALL_SERIES},
            {name: [0] * (days * slots) for name in SLOT_SERIES},
            {name: [0] * layout.cohort_days for name in COST_SERIES},
            array("l", bytes(8 * layout.cases)),
            array("q", bytes(8 * layout.cases)),
            array("q", bytes(8 * layout.cases)),
            Counter(),
            Counter(),
            Counter(),
            Counter(),
            Counter(),
            {},
        )
        tally._handlers = {
            facts.Triggered: tally._triggered,
            facts.Excluded: tally._excluded,
            facts.TouchSkipped: tally._touch_skipped,
            facts.Sent: tally._sent,
            facts.LetterSent: tally._letter,
            facts.ServiceMessageSent: tally._service_message,
            facts.ReceiptReceived: tally._receipt,
            facts.Engaged: tally._engaged,
            facts.ChannelChanged: tally._changed,
            facts.IdentityProven: tally._proven,
            facts.Chosen: tally._chosen,
            facts.ActionCompleted: tally._acted,
            facts.PostingRefused: tally._refused,
            facts.Recorded: tally._recorded,
            facts.ExceptionRaised: tally._exception,
            facts.Dropped: tally._dropped,
            facts.CallOffered: tally._offered,
            facts.CallAnswered: tally._answered,
            facts.CallAbandoned: tally._abandoned,
            facts.CallHandled: tally._handled,
            facts.BackOfficeDone: tally._back_office,
        }
        return tally

    @property
    def heard(self) -> Container[type]:
        """The kinds of fact that count."""
        return self._handlers

    def emit(self, fact: tuple[object, ...]) -> None:
        """Count one fact; kinds that no metric needs are let go."""
        if (kind := type(fact)) in self._handlers:
            self._handlers[kind](fact)

    # -- cases -----------------------------------------------------------------------------------------------

    def _cohort(self, case_id: int) -> int:
        return case_id * self.layout.cohort_days // self.layout.cases

    def _triggered(self, fact: facts.Triggered) -> None:
        self.marks[fact.case_id] |= _TRIGGERED | (_VULNERABLE if fact.vulnerable else 0)
        self.triggered_ms[fact.case_id] = fact.at_ms

    def _excluded(self, fact: facts.Excluded) -> None:
        self.marks[fact.case_id] |= _EXCLUDED
        self.excluded[fact.reason] += 1

    def _touch_skipped(self, fact: facts.TouchSkipped) -> None:
        self.skipped[fact.reason] += 1

    def _sent(self, fact: facts.Sent) -> None:
        self.marks[fact.case_id] |= _SENT
        cohort = self._cohort(fact.case_id)
        self.costs["messages"][cohort] += 1
        if fact.channel != "sms":
            self.sent_by[fact.channel] += 1
            self.costs[fact.channel if fact.charged else "free"][cohort] += 1

    def _letter(self, fact: facts.LetterSent) -> None:
        self.marks[fact.case_id] |= _SENT
        self.costs["letters"][self._cohort(fact.case_id)] += 1

    def _service_message(self, fact: facts.ServiceMessageSent) -> None:
        self.costs["service_messages"][self._cohort(fact.case_id)] += 1

    def _receipt(self, fact: facts.ReceiptReceived) -> None:
        if fact.status == "delivered":
            self.marks[fact.case_id] |= _DELIVERED

    def _engaged(self, fact: facts.Engaged) -> None:
        marks = self.marks[fact.case_id]
        repeat = _REPEAT if marks & (_ACTED | _RECORDED) else 0
        self.marks[fact.case_id] = (marks & ~_CALLED) | _ENGAGED | repeat
        if fact.via == "click":
            self.costs["sessions"][self._cohort(fact.case_id)] += 1

    def _changed(self, fact: facts.ChannelChanged) -> None:
        if not self.marks[fact.case_id] & _RECORDED:
            self.marks[fact.case_id] |= _CHANGE

    def _proven(self, fact: facts.IdentityProven) -> None:
        self.marks[fact.case_id] |= _IDENTIFIED

    def _chosen(self, fact: facts.Chosen) -> None:
        marks = self.marks[fact.case_id] & ~_JUDGEMENT
        self.marks[fact.case_id] = marks if fact.routine else marks | _JUDGEMENT

    def _acted(self, fact: facts.ActionCompleted) -> None:
        self.marks[fact.case_id] |= _ACTED

    def _refused(self, fact: facts.PostingRefused) -> None:
        self.marks[fact.case_id] &= ~_ACTED

    def _recorded(self, fact: facts.Recorded) -> None:
        first = _FIRST if fact.attempts == 1 and not fact.manual else 0
        self.marks[fact.case_id] |= _RECORDED | first | (_MANUAL if fact.manual else 0)
        self.recorded_ms[fact.case_id] = fact.at_ms

    def _exception(self, fact: facts.ExceptionRaised) -> None:
        self.marks[fact.case_id] |= _EXCEPTION
        self.exceptions[fact.reason] += 1

    def _dropped(self, fact: facts.Dropped) -> None:
        self.drops[f"{fact.step}:{fact.reason}"] += 1

    def _back_office(self, fact: facts.BackOfficeDone) -> None:
        if not self.marks[fact.case_id] & _RECORDED:
            self.marks[fact.case_id] |= _BACK
        self.costs["back_office_items"][self._cohort(fact.case_id)] += 1

    # -- calls -----------------------------------------------------------------------------------------------

    def _day(self, at_ms: int) -> int:
        """The campaign day of a moment, or -1 when its calls do not count."""
        day = bisect_right(self.layout.opens_ms, at_ms) - 1
        return day if day < self.layout.campaign_days else -1

    def _slot(self, day: int, at_ms: int) -> int:
        slot = (at_ms - self.layout.opens_ms[day]) // self.layout.slot_ms
        return min(slot, self.layout.slots - 1)  # the queue may outlast closing; it belongs to the last slot

    def _offered(self, fact: facts.CallOffered) -> None:
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
            if not self.marks[fact.case_id] & _CALLED:
                self.marks[fact.case_id] |= _CALLED
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
        if fact.case_id >= 0 and not self.marks[fact.case_id] & _RECORDED:
            self.marks[fact.case_id] |= _AGENT
        day = self._day(fact.offered_at_ms)
        if day < 0:
            return
        self.calls["answered"][day] += 1
        self.calls["wait_answered_ms"][day] += fact.wait_ms
        if fact.campaign:
            self.calls["visits_answered"][day] += 1
        self._waited(day, fact.offered_at_ms, fact.wait_ms)

    def _abandoned(self, fact: facts.CallAbandoned) -> None:
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
            self.costs["agent_ms"][self._cohort(fact.case_id)] += spent
        day = self._day(fact.at_ms - spent)
        if day < 0:
            return
        self.calls["busy_ms"][day] += spent
        if fact.campaign:
            self.calls["campaign_busy_ms"][day] += spent
        self._spread("busy_area_ms", day, fact.at_ms - spent, spent)


class _Everything:
    """Contains any kind of fact."""

    def __contains__(self, kind: object) -> bool:
        return True


class Fanout:
    """A fact sink with several listeners; all kinds of fact are heard."""

    heard = _Everything()

    def __init__(self, listeners: Sequence[Callable[[tuple[object, ...]], None]]) -> None:
        """Keep the listeners in order."""
        self._listeners = tuple(listeners)

    def emit(self, fact: tuple[object, ...]) -> None:
        """Hand one fact to all."""
        for listener in self._listeners:
            listener(fact)
