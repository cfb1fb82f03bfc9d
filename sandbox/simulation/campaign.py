"""Send the campaign: one planned touch after the other, decided by policy and outreach at the moment of sending."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain, repeat
from math import fsum

import numpy as np

from sandbox import facts
from sandbox.evidence import canonical
from sandbox.journey.table import CaseEvent, CaseState
from sandbox.journey.visit import Desk
from sandbox.model import MS_PER_HOUR, AccountFacts, Channel, record_of
from sandbox.outreach.replies import Intent, read_reply
from sandbox.outreach.rules import NO_CONSENT, Outreach, SendNow, Stop, TouchRequest, WaitUntil
from sandbox.outreach.withdrawals import Withdrawals
from sandbox.policy.decision import Admission
from sandbox.ports import RECEIPT_STATUSES, ChannelPort, ConversationPort, Message
from sandbox.simulation.behaviour import Behaviour
from sandbox.simulation.calendar import WorkCalendar
from sandbox.simulation.events import Clockwork, after
from sandbox.simulation.routes import Route, kinds_of_reach, preferences_by_reach
from sandbox.simulation.settings import CampaignPlan

_WAITS_MAX = 10
"""Times one touch may be put off (quiet hours, caps) before it is skipped; two weeks of full caps."""

_BLOCK = 256
"""Cases read at once, and sends between two looks at whether to stop: some 20 ms of work."""

_SENT, _EXCLUDED = CaseEvent.SENT, CaseState.EXCLUDED
_NEVER: tuple[int, ...] = ()

_ALWAYS_HONOURED = frozenset({"complete", "opted_out"})
"""Refusals that rigid timing cannot ignore: the record ends the sequence, and networks block who sent STOP."""

Person = tuple[int, bool, int]
"""What sending must know of a customer: their reach (a place in the campaign's list of preferences), whether they
answer STOP, and on which channels they act (one bit each)."""

_Planned = tuple[int, tuple[AccountFacts, Admission] | None, Person, int | None]
"""One planned touch: its case, the account and whether policy admits it (first touches only), what sending must know
of the customer, and when the touch of the case that follows is planned."""


class Pacing:
    """When touches are planned: cohort day by case order, time of day by the send weights."""

    def __init__(self, plan: CampaignPlan, calendar: WorkCalendar) -> None:
        """Lay out the hours that have sends: where each begins, as a share of the day's sends and as a time."""
        self._cases, self._cohort_days, self._day_of_touch = plan.cases, plan.cohort_days, plan.day_of_touch
        self._starts_ms = np.array([calendar.at(day, plan.send_from_min) for day in range(calendar.days)])
        hours = [(hour, weight) for hour, weight in enumerate(plan.send_weights) if weight > 0]
        self._begins = np.array([fsum(weight for _, weight in hours[:place]) for place in range(len(hours))])
        self._hours_ms = np.array([hour * MS_PER_HOUR for hour, _ in hours])
        self._weights = np.array([weight for _, weight in hours])

    def planned_ms(self, touch: int, first: int, count: int = 1) -> list[int]:
        """Return when a touch of `count` cases from `first` on is planned."""
        day, rest = np.divmod(np.arange(first, first + count) * self._cohort_days, self._cases)
        share = rest / self._cases
        place = np.searchsorted(self._begins, share, side="right") - 1
        part = np.minimum((share - self._begins[place]) / self._weights[place], 1.0)
        starts_ms = self._starts_ms[day + self._day_of_touch(touch)] + self._hours_ms[place]
        times: list[int] = (starts_ms + (part * MS_PER_HOUR).astype(np.int64)).tolist()
        return times


@dataclass(frozen=True, slots=True)
class Responder:
    """What the campaign does when a customer acts on a message.

    Attributes:
        respond: called at the moment of acting with (case, touch, sent_at_ms).
        poll: called every few hundred sends; raises to stop.
        write_letter: called with a case that no channel of the design reaches; None where the design has no way
            to a person.
    """

    respond: Callable[[int, int, int], None]
    poll: Callable[[], None]
    write_letter: Callable[[int], None] | None = None


class Campaign:
    """All planned touches of all cases.

    Cohorts are spread evenly over the plan's cohort days in case order; within a day sends follow the pacing
    weights. Later touches repeat the pattern after the plan's gap, or the waits of the design's sequence, for cases
    the core's record does not call complete.
    """

    def __init__(  # noqa: PLR0913 - bound once per run
        self,
        env: Clockwork,
        plan: CampaignPlan,
        calendar: WorkCalendar,
        desk: Desk,
        outreach: Outreach,
        channels: Mapping[Channel, ChannelPort],
        behaviour: Behaviour,
        responder: Responder,
    ) -> None:
        """Bind everything; `start` sets the sends going."""
        self._env = env
        self._plan = plan
        self._cases, self._touches = plan.cases, plan.touches
        self._calendar = calendar
        self._desk = desk
        self._outreach = outreach
        self._behaviour = behaviour
        self._responder = responder
        self._sent_at = [array("q", bytes(8 * plan.cases)) for _ in range(plan.touches - 1)]
        self._withdrawals = Withdrawals(outreach.replies.scope)
        self._zones = behaviour.zones
        self._preferences = preferences_by_reach(plan.channels, self._zones or (calendar.zone,))
        # Customers nothing was sent to and nothing was heard of differ by their reach alone: what outreach says of
        # one holds for all, as long as their contact hours last.
        self._usual_channel = [plan.channels[0]] * len(self._preferences)
        self._usual_until_ms = [0] * len(self._preferences)
        # The bulk of the trail says the same things again and again: their evidence is encoded once.
        policy = desk.policy
        self._triggered = canonical({"policy": policy.name, "version": policy.version})
        routes = {
            channel: Route(
                channels[channel], channel, 1 << place, behaviour.delay_factor(channel), plan.touches
            )
            for place, channel in enumerate(plan.channels)
        }
        self._routes = routes
        self._only = (
            routes[plan.channels[0]] if len(routes) == 1 else None
        )  # saves the look-up of most campaigns
        self._receipts = {
            status: [canonical({"touch": touch, "status": status}) for touch in range(plan.touches + 1)]
            for status in RECEIPT_STATUSES
        }
        # Three facts in every case: handed straight to whoever listens.
        self._tell_triggered = desk.listener(facts.Triggered)
        self._tell_sent = desk.listener(facts.Sent)
        self._tell_receipt = desk.listener(facts.ReceiptReceived)
        self._record, self._move = desk.record, desk.book.move
        self.pacing = Pacing(plan, calendar)
        self._waves = {touch: self._wave(touch) for touch in range(1, plan.touches + 1)}
        self.started = 0

    def earlier_sends(self, case_id: int) -> tuple[int, ...]:
        """When the messages of a case before its last planned one left, oldest first."""
        return tuple([sent[case_id] for sent in self._sent_at if sent[case_id]])

    def start(self) -> None:
        """Set every wave of touches going; one pending event per wave, whatever the number of cases."""
        for touch in self._waves:
            (due_ms,) = self.pacing.planned_ms(touch, 0)
            after(self._env, due_ms - self._env.now, self._next, touch)

    def _next(self, touch: int) -> None:
        """One planned touch is due; the next of its wave is scheduled behind it."""
        env = self._env
        now = env.now
        case_id, first, person, following_ms = next(self._waves[touch])
        if first is not None:
            self.started += 1
            admitted = self._admit(case_id, now, first)
        else:
            admitted = self._desk.book.state[case_id] != _EXCLUDED
        if admitted:
            self._touch(case_id, now, touch, person, 0)
        if following_ms is not None:
            after(env, following_ms - now, self._next, touch)

    def _wave(self, touch: int) -> Iterator[_Planned]:
        """The planned touches of a wave, in order; neighbours are read together, when the first of them is due."""
        blocks = range(0, self._cases, _BLOCK)
        return chain.from_iterable(self._read_block(touch, first) for first in blocks)

    def _read_block(self, touch: int, first: int) -> Iterator[_Planned]:
        """Read what is needed of the next cases at once.

        A case nobody has contacted cannot have changed, so its account may be read with its neighbours'.
        """
        self._responder.poll()
        cases = range(first, min(first + _BLOCK, self._cases))
        count, desk = len(cases), self._desk
        firsts: Iterable[tuple[AccountFacts, Admission] | None] = repeat(None)
        if touch == 1:
            accounts = desk.core.read_accounts(first, count)
            desk.sign_for(first, accounts)
            firsts = zip(accounts, desk.policy.admissions(accounts), strict=True)
        behaviour, channels = self._behaviour, self._plan.channels
        reach = behaviour.consenting(first, count, channels)
        if self._only is None:  # a preference is served where there is a choice
            asked = behaviour.preferring(first, count, channels)
            reach = [
                consents | preferred << len(channels)
                for consents, preferred in zip(reach, asked, strict=True)
            ]
        if self._zones:
            kinds, living = kinds_of_reach(channels), behaviour.living_in(first, count)
            reach = [kind + kinds * zone for kind, zone in zip(reach, living, strict=True)]
        stops = behaviour.opting_out(first, count, touch)
        responds = behaviour.responding(first, count, touch, channels)
        following_ms = self.pacing.planned_ms(touch, first + 1, min(count, self._cases - first - 1))
        people = zip(reach, stops, responds, strict=True)
        return zip(cases, firsts, people, chain(following_ms, (None,)), strict=False)

    def _admit(self, case_id: int, now: int, first: tuple[AccountFacts, Admission]) -> bool:
        """Policy lets the case in, or keeps it out before any contact."""
        desk, (account, admission) = self._desk, first
        cohort_day = case_id * self._plan.cohort_days // self._cases
        if not admission.admitted:
            desk.book.move(case_id, CaseEvent.BARRED)
            desk.emit(facts.Excluded(case_id, now, cohort_day, admission.reason))
            why = {"policy_version": desk.policy.version, "reason": admission.reason, "rule": admission.rule}
            desk.record(case_id, now, "excluded", why)
            return False
        began = case_id, now, cohort_day, account.arrears_band, account.vulnerable
        self._tell_triggered(record_of(facts.Triggered, began))
        self._record(case_id, now, "triggered", self._triggered)
        return True

    def _touch(self, case_id: int, now: int, touch: int, person: Person, waits: int) -> None:
        """Send, wait or skip, as outreach says at send time."""
        reach = person[0]
        usual = touch == 1 and case_id not in self._withdrawals.heard
        if usual and now < self._usual_until_ms[reach]:
            channel = self._usual_channel[reach]
        else:
            request = self._request(case_id, touch, reach)
            verdict = self._outreach.decide(request)
            if not isinstance(verdict, SendNow):
                self._not_now(request, person, waits, verdict)
                return
            channel = verdict.channel
            if usual:
                zone = request.preferences.time_zone
                self._usual_channel[reach] = channel
                self._usual_until_ms[reach] = self._outreach.open_until(zone, now)
        refused = self._send(case_id, now, touch, channel, person)
        if refused:
            self._fall_back(self._request(case_id, touch, reach), person, channel, refused)

    def _not_now(self, request: TouchRequest, person: Person, waits: int, verdict: WaitUntil | Stop) -> None:
        """Outreach wants no touch sent now: it waits or is skipped; a rigid campaign sends it all the same."""
        case_id, touch, _, _, now, _ = request
        if self._plan.rigid and verdict.reason not in _ALWAYS_HONOURED:
            self._breach(case_id, touch, person, verdict.reason)
        elif isinstance(verdict, WaitUntil) and waits < _WAITS_MAX and verdict.at_ms < self._calendar.end_ms:

            def again(_: None) -> None:
                self._touch(case_id, self._env.now, touch, person, waits + 1)

            after(self._env, verdict.at_ms - now, again)
        else:
            if touch == 1 and verdict.reason == NO_CONSENT and self._responder.write_letter is not None:
                self._responder.write_letter(case_id)
            self._skip(case_id, touch, verdict.reason)

    def _request(self, case_id: int, touch: int, reach: int) -> TouchRequest:
        """What outreach is asked about a touch that is due."""
        now, earlier, complete = self._env.now, _NEVER, False
        if touch > 1:
            earlier = tuple([sent[case_id] for sent in self._sent_at[: touch - 1] if sent[case_id]])
            complete = self._desk.core.is_complete(case_id)
        preferences = self._preferences[reach]
        if case_id in self._withdrawals.heard:
            preferences = self._withdrawals.applied(case_id, preferences, now)
        return TouchRequest(case_id, touch, preferences, earlier, now, complete)

    def _breach(self, case_id: int, touch: int, person: Person, rule: str) -> None:
        """Send although a contact rule says no; only the provider can still refuse."""
        desk, now = self._desk, self._env.now
        reach, _, responds = person
        stops = self._behaviour.stops_when_breached(case_id, touch)
        channel = self._outreach.planned(touch)
        refused = self._send(case_id, now, touch, channel, (reach, stops, responds))
        if refused:
            self._refused(case_id, touch, channel, refused)
            self._skip(case_id, touch, refused)
            return
        desk.emit(facts.ContactBreach(case_id, now, rule))
        desk.record(case_id, now, "contact_breach", {"touch": touch, "rule": rule})

    def _skip(self, case_id: int, touch: int, reason: str) -> None:
        now = self._env.now
        self._desk.emit(facts.TouchSkipped(case_id, now, touch, reason))
        self._desk.record(case_id, now, "touch_skipped", {"touch": touch, "reason": reason})

    def _refused(self, case_id: int, touch: int, channel: Channel, reason: str) -> None:
        now = self._env.now
        self._desk.emit(facts.SendRefused(case_id, now, touch, channel.value, reason))
        self._desk.record(
            case_id, now, "send_refused", {"channel": channel.value, "touch": touch, "reason": reason}
        )

    def _fall_back(self, request: TouchRequest, person: Person, channel: Channel, refused: str) -> None:
        """A provider refused: the next consented channel of the sequence, or the touch is skipped for that reason."""
        case_id, touch = request.case_id, request.touch
        reason = refused
        while refused:
            self._refused(case_id, touch, channel, refused)
            preferences = request.preferences
            left = preferences._replace(consent=preferences.consent - {channel})
            request = request._replace(preferences=left)
            verdict = self._outreach.decide(request)
            if not isinstance(verdict, SendNow):
                self._skip(case_id, touch, reason)
                return
            channel = verdict.channel
            refused = self._send(case_id, request.now_ms, touch, channel, person)

    def _send(self, case_id: int, now: int, touch: int, channel: Channel, person: Person) -> str:
        """Hand a touch to its provider; return why it was refused, or nothing."""
        env, route = self._env, self._only or self._routes[channel]
        message = record_of(Message, (case_id, touch, channel, "campaign", case_id))
        delivered_ms, receipts, seen_ms, charged, refused = route.port.send(message, now)
        if refused:
            return refused
        if touch < self._touches:
            self._sent_at[touch - 1][case_id] = now
        self._move(case_id, _SENT)
        self._tell_sent(record_of(facts.Sent, (case_id, now, touch, route.name, charged)))
        reach, stops, responds = person
        consented = route.evidence if reach & route.bit else route.against_consent
        self._record(case_id, now, "message_sent", consented[touch])
        for after_ms, status in receipts:
            told = record_of(facts.ReceiptReceived, (case_id, now + after_ms, touch, status))
            after(env, after_ms, self._receipt, told)
        if delivered_ms is None or seen_ms is None:
            return refused
        if stops:
            self._answers(case_id, touch, channel, delivered_ms + seen_ms)
        elif responds & route.bit:
            delay_ms = self._behaviour.response_delay_ms(case_id, touch, route.delay_factor)
            delay_ms += delivered_ms + seen_ms
            if route.conversation is None:
                after(env, delay_ms, self._respond, (case_id, touch, now))
            else:
                after(env, delay_ms, self._reply, (route.conversation, (case_id, touch, now)))
        return refused

    def _answers(self, case_id: int, touch: int, channel: Channel, after_ms: int) -> None:
        """A customer asks not to be messaged; what was understood holds from the instant their words arrive."""
        at_ms = self._env.now + after_ms
        intent = read_reply(self._behaviour.opt_out_words(case_id, touch), self._outreach.replies)
        self._withdrawals.reply(case_id, channel, intent, at_ms)
        after(self._env, after_ms, self._heard, (case_id, touch, channel, intent))

    def _heard(self, reply: tuple[int, int, Channel, Intent]) -> None:
        case_id, touch, channel, intent = reply
        desk, now, replies = self._desk, self._env.now, self._outreach.replies
        desk.emit(facts.ReplyReceived(case_id, now, touch, channel.value, intent.value))
        understood: dict[str, object] = {
            "channel": channel.value,
            "intent": intent.value,
            "scope": replies.scope,
            "touch": touch,
        }
        desk.record(case_id, now, "reply_received", understood)
        if intent is Intent.STOP and replies.confirms:
            desk.emit(facts.ServiceMessageSent(case_id, now, "opt_out"))
            desk.record(case_id, now, "opt_out_confirmed", {"channel": channel.value})
            route = self._only or self._routes[channel]
            route.port.send(Message(case_id, touch, channel, "opt_out", case_id), now)

    def _receipt(self, told: facts.ReceiptReceived) -> None:
        """A provider's report arrives; it was known as a fact when its message left."""
        case_id, at_ms, touch, status = told
        self._tell_receipt(told)
        self._record(case_id, at_ms, "delivery_receipt", self._receipts[status][touch])

    def _respond(self, acting: tuple[int, int, int]) -> None:
        self._responder.respond(*acting)

    def _reply(self, reply: tuple[ConversationPort, tuple[int, int, int]]) -> None:
        """A customer acts on a channel whose provider treats them differently from now on, for a while."""
        conversation, acting = reply
        conversation.acted(acting[0], self._env.now)
        self._responder.respond(*acting)
