"""Count what happens to cases: a mark and a few small columns each, rare things in sparse counters.

Columns hold a case's own counts, so that the same run can be cut by day, segment and route afterwards.
"""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Callable
from typing import Any

from sandbox import facts
from sandbox.bundle import CORE_UNAVAILABLE
from sandbox.facts.outreach import NO_CHANNEL
from sandbox.model import LedgerEffect
from sandbox.scorecard.layout import Layout
from sandbox.scorecard.marks import BAND_SHIFT, BITS

_TRIGGERED, _EXCLUDED, _SENT, _DELIVERED = (BITS[n] for n in ("TRIGGERED", "EXCLUDED", "SENT", "DELIVERED"))
_ENGAGED, _IDENTIFIED, _ACTED, _RECORDED = (BITS[n] for n in ("ENGAGED", "IDENTIFIED", "ACTED", "RECORDED"))
_BACK, _EXCEPTION, _JUDGEMENT = BITS["BACK_OFFICE"], BITS["EXCEPTION"], BITS["JUDGEMENT"]
_CHANGE, _FIRST, _MANUAL = (BITS[n] for n in ("CHANNEL_CHANGE", "FIRST_TRY", "MANUAL"))
_VULNERABLE, _NO_CHANNEL = BITS["VULNERABLE"], BITS["NO_CHANNEL"]
_REPEAT, _CALLED, _REOPENED = BITS["REPEAT_CONTACT"], BITS["CALLED"], BITS["REOPENED"]
_CLICKED, _OPENED = BITS["CLICKED"], BITS["OPENED"]
_SENT_AGAIN, _ENGAGED_AGAIN = BITS["SENT_AGAIN"], BITS["ENGAGED_AGAIN"]
_LETTER, _IDENTITY_REFUSED = BITS["LETTER"], BITS["IDENTITY_REFUSED"]
_INCOMPLETE, _KEPT, _BROKEN = (BITS[n] for n in ("INCOMPLETE_BUNDLE", "PROMISE_KEPT", "PROMISE_BROKEN"))
_FINISHED = _ACTED | _RECORDED
_SENT_OR_FINISHED = _SENT | _FINISHED
_ENGAGED_OR_FINISHED = _ENGAGED | _FINISHED

_MONEY = {LedgerEffect.PAYMENT.value: BITS["PAID"], LedgerEffect.PROMISE.value: BITS["PROMISED"]}
COUNT_COLUMNS = ("messages", "service_messages", "sessions", "core_calls", "back_office_items")
"""Per case, up to 65,535 each."""

TIME_COLUMNS = ("agent_ms", "after_call_ms")
"""Per case, up to 24 days each."""

RARE_COLUMNS = (
    "extra_touches",
    "repeat_calls",
    "repeat_call_ms",
    "reconciliations",
    "duplicates",
    "breaches",
    "discovery_ms",
    "whatsapp",
    "email",
    "free",
    "letters",
    "impostor_tries",
    "impostors_accepted",
)
"""Of few cases: sparse."""


class CaseTally:
    """Marks and columns of all cases of a run.

    Attributes:
        marks: a `Mark` and the arrears band per case.
        triggered_ms, recorded_ms: times per case; 0 where it did not happen.
        amount_minor: what was recorded last, in minor units.
        called_day: campaign day on which the visit going on first called.
        rare: by column, by case.
        skipped, exceptions, excluded, drops, routed: facts by reason.
        replies: customers' answers to messages, by what they were understood as.
    """

    def __init__(self, layout: Layout) -> None:
        """Start with nothing counted."""
        cases = layout.cases
        self._money = {
            action: _MONEY[effect] for action, effect in layout.effects.items() if effect in _MONEY
        }
        self.marks = array("q", bytes(8 * cases))
        if layout.moved:
            self.marks = array("q", [BITS["MOVED"] if moved else 0 for moved in layout.moved])
        self.triggered_ms = array("q", bytes(8 * cases))
        self.recorded_ms = array("q", bytes(8 * cases))
        self.amount_minor = array("q", bytes(8 * cases))
        self.messages = array("H", bytes(2 * cases))
        self.service_messages = array("H", bytes(2 * cases))
        self.sessions = array("H", bytes(2 * cases))
        self.core_calls = array("H", bytes(2 * cases))
        self.back_office_items = array("H", bytes(2 * cases))
        self.agent_ms = array("i", bytes(4 * cases))
        self.after_call_ms = array("i", bytes(4 * cases))
        self.called_day = array("h", bytes(2 * cases))
        self.rare: dict[str, Counter[int]] = {name: Counter() for name in RARE_COLUMNS}
        self._sent_by: Counter[str] = Counter()
        self.skipped: Counter[str] = Counter()
        self.replies: Counter[str] = Counter()
        self.exceptions: Counter[str] = Counter()
        self.excluded: Counter[str] = Counter()
        self.drops: Counter[str] = Counter()
        self.routed: Counter[str] = Counter()
        self._bands = {band: (place + 1) << BAND_SHIFT for place, band in enumerate(layout.bands)}

    def handlers(self) -> dict[type, Callable[[Any], None]]:
        """What to call for each kind of fact."""
        return {
            facts.Triggered: self._triggered,
            facts.Excluded: self._excluded,
            facts.RoutedToPerson: self._routed,
            facts.TouchSkipped: self._touch_skipped,
            facts.ReplyReceived: self._reply,
            facts.Sent: self._sent,
            facts.LetterSent: self._letter,
            facts.ServiceMessageSent: self._service_message,
            facts.ReceiptReceived: self._receipt,
            facts.Engaged: self._engaged,
            facts.ChannelChanged: self._changed,
            facts.IdentityProven: self._proven,
            facts.IdentityRefused: self._identity_refused,
            facts.ImpostorTried: self._impostor,
            facts.Chosen: self._chosen,
            facts.ActionCompleted: self._acted,
            facts.PostingTried: self._tried,
            facts.PostingRefused: self._refused,
            facts.Recorded: self._recorded,
            facts.PromiseKept: self._kept,
            facts.PromiseBroken: self._broken,
            facts.DuplicateEffect: self._duplicate,
            facts.ContactBreach: self._breach,
            facts.DiscoveryDone: self._discovery,
            facts.ExceptionRaised: self._exception,
            facts.Dropped: self._dropped,
            facts.BackOfficeDone: self._back_office,
            facts.ReconciliationItem: self._reconciliation,
            facts.FailureDemand: self._failure_demand,
        }

    def messages_by_channel(self) -> dict[str, int]:
        """Touches sent by channel, text messages first."""
        others = dict(sorted(self._sent_by.items()))
        return {"sms": sum(self.messages) - sum(others.values()), **others}

    def column(self, name: str) -> array[int]:
        """Return a dense column by name: one of COUNT_COLUMNS, TIME_COLUMNS or "amount_minor"."""
        found: array[int] = getattr(self, name)
        return found

    # -- policy and outreach ---------------------------------------------------------------------------------

    def _triggered(self, fact: facts.Triggered) -> None:
        case_id, at_ms, _, band, vulnerable = fact
        flags = _TRIGGERED | _VULNERABLE if vulnerable else _TRIGGERED
        self.marks[case_id] |= flags | self._bands[band]
        self.triggered_ms[case_id] = at_ms

    def _excluded(self, fact: facts.Excluded) -> None:
        self.marks[fact.case_id] |= _EXCLUDED
        self.excluded[fact.reason] += 1

    def _routed(self, fact: facts.RoutedToPerson) -> None:
        self.marks[fact.case_id] |= _NO_CHANNEL if fact.reason == NO_CHANNEL else _VULNERABLE
        self.routed[fact.reason] += 1

    def _touch_skipped(self, fact: facts.TouchSkipped) -> None:
        self.skipped[fact.reason] += 1

    def _reply(self, fact: facts.ReplyReceived) -> None:
        self.replies[fact.intent] += 1

    def _sent(self, fact: facts.Sent) -> None:
        case_id, _, _, channel, charged = fact
        marks = self.marks[case_id]
        if marks & _SENT_OR_FINISHED:
            marks = self._sent_again(case_id, marks)
        self.marks[case_id] = marks | _SENT
        self.messages[case_id] += 1
        if channel != "sms":
            self._sent_by[channel] += 1
            self.rare[channel if charged else "free"][case_id] += 1

    def _letter(self, fact: facts.LetterSent) -> None:
        self.marks[fact.case_id] |= _LETTER
        self.rare["letters"][fact.case_id] += 1

    def _sent_again(self, case_id: int, marks: int) -> int:
        if marks & _FINISHED:
            self.rare["extra_touches"][case_id] += 1
        return marks | (_REOPENED if marks & _RECORDED else _SENT_AGAIN)

    def _service_message(self, fact: facts.ServiceMessageSent) -> None:
        self.service_messages[fact.case_id] += 1

    def _receipt(self, fact: facts.ReceiptReceived) -> None:
        if fact.status == "delivered":
            self.marks[fact.case_id] |= _DELIVERED
        elif fact.status == "read":
            self.marks[fact.case_id] |= _OPENED

    def _breach(self, fact: facts.ContactBreach) -> None:
        self.rare["breaches"][fact.case_id] += 1

    # -- visits ----------------------------------------------------------------------------------------------

    def _engaged(self, fact: facts.Engaged) -> None:
        case_id = fact.case_id
        marks = self.marks[case_id] & ~_CALLED
        if marks & _ENGAGED_OR_FINISHED:
            marks = self._engaged_again(marks)
        if fact.via == "click":
            self.sessions[case_id] += 1
            marks |= _CLICKED
        self.marks[case_id] = marks | _ENGAGED

    @staticmethod
    def _engaged_again(marks: int) -> int:
        repeat = _REPEAT if marks & _FINISHED else 0
        return marks | repeat | (_REOPENED if marks & _RECORDED else _ENGAGED_AGAIN)

    def _changed(self, fact: facts.ChannelChanged) -> None:
        if not self.marks[fact.case_id] & _RECORDED:
            self.marks[fact.case_id] |= _CHANGE

    def _proven(self, fact: facts.IdentityProven) -> None:
        self.marks[fact.case_id] |= _IDENTIFIED

    def _identity_refused(self, fact: facts.IdentityRefused) -> None:
        self.marks[fact.case_id] |= _IDENTITY_REFUSED

    def _impostor(self, fact: facts.ImpostorTried) -> None:
        self.rare["impostor_tries"][fact.case_id] += 1
        if fact.accepted:
            self.rare["impostors_accepted"][fact.case_id] += 1

    def _chosen(self, fact: facts.Chosen) -> None:
        marks = self.marks[fact.case_id] & ~_JUDGEMENT
        self.marks[fact.case_id] = marks if fact.routine else marks | _JUDGEMENT

    def _dropped(self, fact: facts.Dropped) -> None:
        self.drops[f"{fact.step}:{fact.reason}"] += 1

    # -- postings and what becomes of them -------------------------------------------------------------------

    def _acted(self, fact: facts.ActionCompleted) -> None:
        self.marks[fact.case_id] |= _ACTED

    def _tried(self, fact: facts.PostingTried) -> None:
        self.core_calls[fact.case_id] += 1

    def _refused(self, fact: facts.PostingRefused) -> None:
        self.marks[fact.case_id] &= ~_ACTED

    def _recorded(self, fact: facts.Recorded) -> None:
        first = _FIRST if fact.attempts == 1 and not fact.manual else 0
        money = self._money.get(fact.action, 0)
        self.marks[fact.case_id] |= _RECORDED | first | money | (_MANUAL if fact.manual else 0)
        self.recorded_ms[fact.case_id] = fact.at_ms
        self.amount_minor[fact.case_id] = fact.amount_minor

    def _kept(self, fact: facts.PromiseKept) -> None:
        self.marks[fact.case_id] |= _KEPT

    def _broken(self, fact: facts.PromiseBroken) -> None:
        self.marks[fact.case_id] |= _BROKEN

    def _duplicate(self, fact: facts.DuplicateEffect) -> None:
        self.rare["duplicates"][fact.case_id] += 1
        self.rare["reconciliations"][fact.case_id] += 1
        if self.marks[fact.case_id] & _RECORDED:
            self.marks[fact.case_id] |= _REOPENED

    # -- people's work ---------------------------------------------------------------------------------------

    def _exception(self, fact: facts.ExceptionRaised) -> None:
        self.marks[fact.case_id] |= _EXCEPTION if fact.bundle_complete else _EXCEPTION | _INCOMPLETE
        self.exceptions[fact.reason] += 1
        if fact.reason == CORE_UNAVAILABLE:  # nobody could settle the posting: a person must reconcile it
            self.rare["reconciliations"][fact.case_id] += 1

    def _discovery(self, fact: facts.DiscoveryDone) -> None:
        self.rare["discovery_ms"][fact.case_id] += fact.spent_ms

    def _back_office(self, fact: facts.BackOfficeDone) -> None:
        if not self.marks[fact.case_id] & _RECORDED:
            self.marks[fact.case_id] |= _BACK
        self.back_office_items[fact.case_id] += 1

    def _reconciliation(self, fact: facts.ReconciliationItem) -> None:
        self.rare["reconciliations"][fact.case_id] += 1

    def _failure_demand(self, fact: facts.FailureDemand) -> None:
        self.marks[fact.case_id] = (self.marks[fact.case_id] & ~_CALLED) | _REPEAT  # callers are counted anew
