"""Send the campaign: one planned touch after the other, decided by policy and outreach at the moment of sending."""

from __future__ import annotations

from array import array
from collections.abc import Callable
from dataclasses import dataclass

from sandbox import facts
from sandbox.audit.chain import canonical
from sandbox.journey.table import CaseEvent, CaseState
from sandbox.journey.visit import Desk
from sandbox.model import MS_PER_HOUR, AccountFacts, Channel, ContactPreferences
from sandbox.outreach.rules import Outreach, SendNow, TouchRequest, WaitUntil
from sandbox.ports import RECEIPT_STATUSES, ChannelPort, Message
from sandbox.simulation.behaviour import Behaviour
from sandbox.simulation.calendar import WorkCalendar
from sandbox.simulation.events import Clockwork, Later, after
from sandbox.simulation.settings import CampaignPlan

_WAITS_MAX = 10
"""Times one touch may be put off (quiet hours, caps) before it is skipped; two weeks of full caps."""

_POLL_EVERY = 256
"""Sends between two looks at whether to stop: some 20 ms of work."""

_BLOCK = 256
"""Accounts read at once for admission."""


@dataclass(frozen=True, slots=True)
class Responder:
    """What the campaign does when a customer acts on a message.

    Attributes:
        respond: called at the moment of acting with (case, touch, sent_at_ms).
        should_stop: polled every few hundred sends; raises to stop.
    """

    respond: Callable[[int, int, int], None]
    poll: Callable[[], None]


class Campaign:
    """All planned touches of all cases.

    Cohorts are spread evenly over the plan's cohort days in case order; within a day sends follow the pacing
    weights. Later touches repeat the pattern after the gap, for cases the core's record does not call complete.
    """

    def __init__(  # noqa: PLR0913 - bound once per run
        self,
        env: Clockwork,
        plan: CampaignPlan,
        calendar: WorkCalendar,
        desk: Desk,
        outreach: Outreach,
        channel: ChannelPort,
        behaviour: Behaviour,
        responder: Responder,
    ) -> None:
        """Bind everything; `start` sets the sends going."""
        self._env = env
        self._plan = plan
        self._calendar = calendar
        self._desk = desk
        self._outreach = outreach
        self._channel = channel
        self._behaviour = behaviour
        self._responder = responder
        self._sent_at = [array("q", bytes(8 * plan.cases)) for _ in range(plan.touches - 1)]
        self._opted_out: dict[int, int] = {}
        consenting, silent = frozenset({Channel.SMS}), frozenset[Channel]()
        self._preferences = {
            True: ContactPreferences(consenting, None, calendar.zone),
            False: ContactPreferences(silent, None, calendar.zone),
        }
        # The bulk of the trail says the same things again and again: their evidence is encoded once.
        policy = desk.policy
        self._triggered = canonical({"policy": policy.name, "version": policy.version})
        self._message_sent = [
            canonical({"channel": "sms", "touch": touch}) for touch in range(plan.touches + 1)
        ]
        self._receipts = {
            (touch, status): canonical({"touch": touch, "status": status})
            for touch in range(1, plan.touches + 1)
            for status in RECEIPT_STATUSES
        }
        self._block: list[AccountFacts] = []
        self.started = 0

    def start(self) -> None:
        """Set every wave of touches going."""
        for touch in range(1, self._plan.touches + 1):
            self._follow(touch, 0)

    def planned_ms(self, case_id: int, touch: int) -> int:
        """When a touch is planned: cohort day, pacing within the day."""
        plan = self._plan
        place = case_id * plan.cohort_days
        day, rest = divmod(place, plan.cases)
        share = rest / plan.cases
        opens = self._calendar.at(day + (touch - 1) * plan.gap_days, plan.send_from_min)
        for hour, weight in enumerate(plan.send_weights):
            if share < weight or hour == len(plan.send_weights) - 1:
                return opens + hour * MS_PER_HOUR + int(min(share / weight, 1.0) * MS_PER_HOUR)
            share -= weight
        return opens

    def _follow(self, touch: int, case_id: int) -> None:
        """Schedule the next send of a wave; one pending event per wave, whatever the number of cases."""
        if case_id >= self._plan.cases:
            return

        def send(_event: Later) -> None:
            if case_id % _POLL_EVERY == 0:
                self._responder.poll()
            if touch == 1:
                self.started += 1
                if self._admit(case_id):
                    self._touch(case_id, touch, 0)
            elif self._desk.book.state[case_id] != CaseState.EXCLUDED:
                self._touch(case_id, touch, 0)
            self._follow(touch, case_id + 1)

        after(self._env, self.planned_ms(case_id, touch) - self._env.now, send)

    def _admit(self, case_id: int) -> bool:
        """Policy lets the case in, or keeps it out before any contact."""
        desk, now = self._desk, self._env.now
        # A case nobody has contacted cannot have changed: its account is read with its neighbours'.
        place = case_id % _BLOCK
        if place == 0:
            self._block = desk.core.read_accounts(case_id, _BLOCK)
        account = self._block[place]
        admission = desk.policy.admit(account)
        cohort_day = case_id * self._plan.cohort_days // self._plan.cases
        if not admission.admitted:
            desk.book.move(case_id, CaseEvent.BARRED)
            desk.emit(facts.Excluded(case_id, now, cohort_day, admission.reason))
            desk.record(case_id, now, "excluded", {"reason": admission.reason, "rule": admission.rule})
            return False
        desk.emit(facts.Triggered(case_id, now, cohort_day, account.arrears_band, account.vulnerable))
        desk.record(case_id, now, "triggered", self._triggered)
        return True

    def _touch(self, case_id: int, touch: int, waits: int) -> None:
        """Ask outreach at send time, then send, wait or skip with a reason."""
        desk, now = self._desk, self._env.now
        earlier = tuple(sent[case_id] for sent in self._sent_at[: touch - 1] if sent[case_id])
        complete = touch > 1 and desk.core.read_account(case_id).complete
        verdict = self._outreach.decide(
            TouchRequest(case_id, touch, self._preferences_of(case_id), earlier, now, complete)
        )
        if isinstance(verdict, SendNow):
            self._send(case_id, touch)
        elif isinstance(verdict, WaitUntil) and waits < _WAITS_MAX and verdict.at_ms < self._calendar.end_ms:

            def again(_event: Later) -> None:
                self._touch(case_id, touch, waits + 1)

            after(self._env, verdict.at_ms - now, again)
        else:
            desk.emit(facts.TouchSkipped(case_id, now, touch, verdict.reason))
            desk.record(case_id, now, "touch_skipped", {"touch": touch, "reason": verdict.reason})

    def _preferences_of(self, case_id: int) -> ContactPreferences:
        usual = self._preferences[self._behaviour.consents(case_id)]
        opted_out = self._opted_out.get(case_id)
        return usual if opted_out is None else usual._replace(opted_out_at_ms=opted_out)

    def _send(self, case_id: int, touch: int) -> None:
        desk, env = self._desk, self._env
        now = env.now
        if touch < self._plan.touches:
            self._sent_at[touch - 1][case_id] = now
        desk.book.move(case_id, CaseEvent.SENT)
        desk.emit(facts.Sent(case_id, now, touch, "sms"))
        desk.record(case_id, now, "message_sent", self._message_sent[touch])
        delivery = self._channel.send(Message(case_id, touch, Channel.SMS, "campaign", case_id), now)
        for receipt in delivery.receipts:
            after(env, receipt.after_ms, self._receipt, (case_id, touch, receipt.status))
        if delivery.delivered_after_ms is None:
            return
        if self._behaviour.opts_out(case_id, touch):
            self._opted_out[case_id] = now + delivery.delivered_after_ms
            return
        delay = self._behaviour.responds(case_id, touch)
        if delay is not None:
            after(env, delivery.delivered_after_ms + delay, self._respond, (case_id, touch, now))

    def _receipt(self, event: Later) -> None:
        case_id, touch, status = event.value
        self._desk.emit(facts.ReceiptReceived(case_id, self._env.now, touch, status))
        self._desk.record(case_id, self._env.now, "delivery_receipt", self._receipts[touch, status])

    def _respond(self, event: Later) -> None:
        self._responder.respond(*event.value)
