"""Drive one case of any design through the real policy, identity, writeback, audit and journey, with no engine.

A `Rehearsal` is a plain loop over the effects a visit yields: calls to the core, messages and waits move its clock by
their latency, and whatever the customer is asked comes out as a `Question` for whoever plays the customer: a script,
or a person at a screen. Nobody queues in a rehearsal: a call is answered after a stated wait.
"""

from __future__ import annotations

import json
from collections.abc import Generator
from typing import Any

from sandbox import facts
from sandbox.audit.chain import Head
from sandbox.effects import (
    Answer,
    Ask,
    CallResult,
    Effect,
    HandToBackOffice,
    JoinCallQueue,
    Keyed,
    NoteRead,
    PostToCore,
    ReadByKey,
    Rekey,
    Send,
    Wait,
)
from sandbox.errors import RuleBroken
from sandbox.evidence import canonical
from sandbox.journey.aftermath import conclude, rekey
from sandbox.journey.design import walk
from sandbox.journey.table import CaseEvent
from sandbox.journey.visit import CaseBook, Visit
from sandbox.model import MS_PER_HOUR, MS_PER_MINUTE, MS_PER_SECOND, ContactPreferences
from sandbox.outreach.rules import SendNow, TouchRequest
from sandbox.ports import BY_HAND, CoreReply, Message, PostCommand
from sandbox.simulation.routes import message_sent
from sandbox.simulation.world import desk_of
from scenarios.evidence.trace import told
from scenarios.rehearsal.parts import Claim, Directions, Heard, Moment, Question, post_again
from scenarios.rehearsal.stage import FIRST_TOUCH, Customer, Stage
from scenarios.rehearsal.words import NOTHING_TO_DO, Words, agent_says, bundle_words, sent_text

WAIT_MS = 30 * MS_PER_SECOND
"""Wait of an answered call; the load on the lines is a simulation's question."""

GIVES_UP_AFTER_MS = 2 * MS_PER_MINUTE
"""Wait of a call that is not answered."""

SETTLEMENTS_MAX = 400
"""Outbox sweeps and notes worked before a case is taken to be stuck; a day of sweeps every five minutes is 288."""

FAR_MS = 2**61
"""Beyond every due time, below the one of rows no sweep takes."""


class _StillOpen(Exception):
    """Work that would end beyond the observation is still open when it ends."""


class Rehearsal:
    """One case from the message to the end of everything it set going.

    Use: `send`, then `open` and `reply` until no question is left, then `settle_down`.

    Args:
        stage: the world; its core is staged by the caller.
        customer: whose case.
        directions: what is staged around the visit.
        heard: the fact sink the stage was wired with.
    """

    def __init__(self, stage: Stage, customer: Customer, directions: Directions, heard: Heard) -> None:
        """Load the one account and start the clock at the campaign's first send."""
        world, document = stage.world, stage.scenario.document
        self.stage, self.customer, self.directions = stage, customer, directions
        self.book = CaseBook(max(world.plan.cases, customer.case_id + 1))
        self.desk = desk_of(world, self.book, lambda _case_id: ())
        self.now_ms = world.calendar.at(0, world.plan.send_from_min)
        self.facts: list[Any] = []
        self.moments: list[Moment] = []
        self.claims: list[Claim] = []
        self.last = ""
        self.resubmitted: list[str] = []
        until = world.calendar.clock(self.now_ms + world.link_lifetime_ms)[:16]
        templates, pages = document.outreach.templates, world.policy.pages
        self.words = Words(document.costs.currency, self._clock()[:10], until, templates, pages)
        self._sent_ms = 0
        self._arrived = True
        self._twice: PostCommand | None = None
        self._visit: Visit | None = None
        self._walk: Generator[Effect, Answer, str] | None = None
        heard.tell = self._hear
        if customer.now is not None:
            stage.wired.core.load_accounts([customer.now])

    # -- before the visit ------------------------------------------------------------------------------------

    def send(self) -> bool:
        """Let policy admit the case and outreach send the message; False if either says no."""
        world, case_id, account = self.stage.world, self.customer.case_id, self.customer.before
        admission = world.policy.admit(account)
        if not admission.admitted:
            self._emit(facts.Excluded(case_id, self.now_ms, 0, admission.reason))
            return False
        self._emit(facts.Triggered(case_id, self.now_ms, 0, account.arrears_band, account.vulnerable))
        self.desk.sign_for(case_id, (account,))
        policy = {"policy": world.policy.name, "version": world.policy.version}
        self.desk.record(case_id, self.now_ms, "triggered", canonical(dict(policy)))
        consent = ContactPreferences(frozenset({world.plan.channels[0]}), None, world.calendar.zone)
        verdict = world.outreach.decide(TouchRequest(case_id, FIRST_TOUCH, consent, (), self.now_ms, False))
        broken = "" if isinstance(verdict, SendNow) else verdict.reason
        if broken and not world.plan.rigid:
            self._emit(facts.TouchSkipped(case_id, self.now_ms, FIRST_TOUCH, broken))
            return False
        channel = verdict.channel if isinstance(verdict, SendNow) else world.outreach.planned(FIRST_TOUCH)
        self._sent_ms = self.now_ms
        self.book.move(case_id, CaseEvent.SENT)
        self._emit(facts.Sent(case_id, self.now_ms, FIRST_TOUCH, channel.value))
        self.desk.record(case_id, self.now_ms, "message_sent", message_sent(channel.value, FIRST_TOUCH))
        if broken:
            self._emit(facts.ContactBreach(case_id, self.now_ms, broken))
            self.desk.record(case_id, self.now_ms, "contact_breach", {"touch": FIRST_TOUCH, "rule": broken})
        message = Message(case_id, FIRST_TOUCH, channel, "campaign", case_id)
        self.now_ms += world.channels[channel].send(message, self.now_ms).delivered_after_ms or 0
        text = self.words.message(channel, account, world.policy.decide(account).allowed, world.design)
        self.say("customer sees", f"message: {text}")
        return True

    # -- the visit -------------------------------------------------------------------------------------------

    def open(self) -> Question | None:
        """The customer acts on the message; returns the first question, None if the visit ended without one."""
        world, case_id = self.stage.world, self.customer.case_id
        self.now_ms += self.directions.opens_after_ms
        self._visit = visit = Visit(self.desk, case_id, FIRST_TOUCH, self._sent_ms, self.now_ms)
        visit.move(CaseEvent.RESPONDED)
        self.book.visiting[case_id] = 1
        how = world.design.message.engages_by
        self.say("customer does", "calls" if how == "call" else "taps the link")
        visit.tell(facts.Engaged, (FIRST_TOUCH, how))
        self._walk = walk(world.design, visit)
        return self._go_on(None)

    def reply(self, value: Any, took_ms: int, words: str = "") -> Question | None:
        """The customer answers after a while; returns the next question, None when the visit is over.

        Args:
            value: what the step expects; see the steps in `sandbox.journey.steps`.
            took_ms: time the customer took.
            words: what they did, for the transcript; the value itself may be a code.
        """
        self.now_ms += took_ms
        if words:
            self.say("customer does", words)
        return self._go_on(Answer(value, self.now_ms))

    def _go_on(self, answer: Answer | None) -> Question | None:
        """Perform what the visit wants until it asks the customer something, or ends."""
        visit, flow = self._visit, self._walk
        if visit is None or flow is None:
            raise RuleBroken("a rehearsal answers questions of a visit that was opened")
        while True:
            try:
                effect = flow.send(answer)  # type: ignore[arg-type]  # a fresh generator takes None
            except StopIteration as stop:
                self._leave(visit, str(stop.value))
                return None
            if isinstance(effect, Ask) and effect.question != "ask_proof":  # that one is nobody's question
                return self._asked(effect, visit)
            answer = Answer(self._perform(effect), self.now_ms)

    def _asked(self, effect: Ask, visit: Visit) -> Question:
        page = self.words.question(effect.question, effect.detail, effect.attempt, visit, self._arrived)
        self.say("customer sees", page or f"(a step asks {effect.question!r})")
        self._claim(page)
        return Question(effect.question, effect.detail, effect.attempt, page, self._arrived)

    def _leave(self, visit: Visit, last: str) -> None:
        """The visit is over: what the customer is left with."""
        self.last, self._walk = last, None
        self.book.visiting[self.customer.case_id] = 0
        recorded = self._complete()
        outcome = last.rpartition(":")[2]
        spoken = agent_says(visit, outcome, recorded)
        if spoken:
            self.say("customer sees", f"the agent says: {spoken}")
            self._claim(spoken)
        elif outcome == "nothing":
            self.say("customer sees", NOTHING_TO_DO)

    # -- effects ---------------------------------------------------------------------------------------------

    def _perform(self, effect: Effect) -> Any:
        """Carry out one effect and let its time pass."""
        match effect:
            case Wait(delay_ms):
                self.now_ms += delay_ms
                return None
            case Send():
                return self._deliver(effect)
            case PostToCore(command):
                return self._post(command)
            case ReadByKey(key):
                return self._answered(self.stage.core.read_by_key(key, self.now_ms))
            case JoinCallQueue():
                return self._call(effect)
            case _:
                return self._behind(effect)

    def _behind(self, effect: Effect) -> Any:
        """Carry out one effect of the steps behind the customer's back."""
        match effect:
            case HandToBackOffice():
                return self._read_note()
            case Rekey(_, _, delay_h_median, double_entry):
                return self._keyed(delay_h_median, double_entry)
            case Ask():
                return False
        raise RuleBroken(f"a rehearsal cannot perform {type(effect).__name__}")

    def _deliver(self, effect: Send) -> bool:
        purpose = effect.message.purpose
        if purpose == "code":
            self._arrived = self.directions.codes_lost == 0
            if not self._arrived:
                self.directions.codes_lost -= 1
                self.say("system does", "a code was sent and is lost on its way")
                return False
        delivery = self.stage.world.code_channel.send(effect.message, self.now_ms)
        # A rehearsal loses what it is told to lose; the route's own luck is a simulation's subject.
        self.now_ms += delivery.delivered_after_ms or MS_PER_SECOND
        self.say("customer sees", f"message: {sent_text(effect.text)}")
        if purpose != "code":
            self._claim(effect.text)
        return True

    def _post(self, command: PostCommand) -> CoreReply:
        if self.directions.submits_twice and self._twice is None:
            self._twice = command
            self._submit_again("while the first is under way", ended=False)
        return self._answered(self.stage.core.post(command, self.now_ms))

    def _answered(self, reply: CoreReply) -> CoreReply:
        self.now_ms += reply.latency_ms
        return reply

    def _call(self, effect: JoinCallQueue) -> CallResult:
        world, case_id = self.stage.world, self.customer.case_id
        if not world.calendar.is_open(self.now_ms):
            self._emit(facts.LineClosed(case_id, self.now_ms))
            opens_ms = world.calendar.next_open_ms(self.now_ms)
            self.now_ms = self.now_ms if opens_ms is None else opens_ms + MS_PER_MINUTE
        self._emit(facts.CallOffered(0, case_id, self.now_ms, effect.intent, True, effect.attempt))
        offered_ms = self.now_ms
        if self.directions.calls_unanswered:
            self.directions.calls_unanswered -= 1
            self.now_ms += GIVES_UP_AFTER_MS
            left = facts.CallAbandoned(0, case_id, self.now_ms, GIVES_UP_AFTER_MS, True, offered_ms, False)
            self._emit(left)
            return CallResult(False, GIVES_UP_AFTER_MS, 0)
        self.now_ms += WAIT_MS
        self._emit(facts.CallAnswered(0, case_id, self.now_ms, WAIT_MS, True, offered_ms))
        rows = self.desk.writeback.store.audit_rows(case_id)
        bundles = [json.loads(row.body) for row in rows if row.kind == "exception_bundle"]
        self.say(
            "agent sees", bundle_words(bundles[-1]) if bundles else "a caller; no context comes with the call"
        )
        talk_s = world.centre.handling_s_mean.get(effect.intent, world.centre.handling_s_mean["routine"])
        return CallResult(True, WAIT_MS, round(talk_s * MS_PER_SECOND))

    def _read_note(self) -> NoteRead:
        """A clerk reads the note after the median wait; which notes get lost is a simulation's question."""
        office = self.stage.world.back_office
        touch_ms = round(office.touch_min_mean * MS_PER_MINUTE)
        self._work(round(office.wait_h_median * MS_PER_HOUR) + touch_ms)
        return NoteRead(True, touch_ms)

    def _keyed(self, delay_h_median: float, double_entry: bool) -> Keyed:
        touch_ms = round(self.stage.world.back_office.rekey_min_mean * MS_PER_MINUTE) * (1 + double_entry)
        self._work(round(delay_h_median * MS_PER_HOUR) + touch_ms)
        self.say("back office does", "rekeys the note")
        return Keyed(False, False, touch_ms)

    def _work(self, working_ms: int) -> None:
        """Let working time of the back office pass."""
        done_ms = self.stage.world.office_hours.add_working(self.now_ms, working_ms)
        if done_ms is None:
            raise _StillOpen
        self.now_ms = done_ms

    # -- after the visit -------------------------------------------------------------------------------------

    def settle_down(self) -> bool:
        """Let the back office and the outbox finish what was set going; False if it does not end."""
        store = self.desk.writeback.store
        self._behind_the_scenes()
        for _ in range(SETTLEMENTS_MAX):
            rows = store.due_intents(FAR_MS, 1)
            if rows:
                self.now_ms = max(self.now_ms, rows[0].next_try_at_ms)
                self._run(conclude(rows[0], self.desk))
            else:
                if self._twice is not None:
                    self._submit_again("after the first has ended", ended=True)
                store.commit()
                return True
        return False

    def _behind_the_scenes(self) -> None:
        """Walk the steps behind the customer's back, unless they reach beyond the observation."""
        visit = self._visit
        if visit is None or not visit.goes_on:
            return
        try:
            self._run(walk(self.stage.world.design, visit, visit.goes_on))
        except _StillOpen:
            self.say("back office does", "has not come to the note when the observation ends")

    def _submit_again(self, when: str, *, ended: bool) -> None:
        """The same decision comes in once more."""
        if self._twice is None:
            raise RuleBroken("nothing was submitted that could come in again")
        by_hand = self._twice.source == BY_HAND
        if by_hand:
            self.say("back office does", f"enters the same note again, {when}")
        else:
            self.say("customer does", f"sends the same form again, {when}")
        # A person enters a note on the account as it is by then; a form that comes in again is what it was.
        if by_hand and ended:
            flow = rekey(self._twice, self.desk, self.now_ms)
        else:
            flow = post_again(self._twice, self.desk, self.book)
        result = self._run(flow)
        answered = f"{result.state.value} ({result.reason or 'once more'})"
        self.resubmitted.append(answered)
        self.say("system does", f"answers the repetition: {answered}")

    def _run(self, flow: Generator[Effect, Answer, Any]) -> Any:
        """Run a flow that asks nobody anything, to its end."""
        answer: Answer | None = None
        while True:
            try:
                effect = flow.send(answer)  # type: ignore[arg-type]  # a fresh generator takes None
            except StopIteration as stop:
                return stop.value
            answer = Answer(self._perform(effect), self.now_ms)

    # -- what it leaves --------------------------------------------------------------------------------------

    @property
    def visit(self) -> Visit | None:
        """The visit, once opened."""
        return self._visit

    @property
    def head(self) -> Head:
        """The audit chain's head, kept outside the trail."""
        return self.stage.world.audit.head

    def say(self, who: str, text: str) -> None:
        """Add a line to the transcript, now."""
        self.moments.append(Moment(self._clock(), who, text))

    def of(self, kind: type) -> list[Any]:
        """Return the facts of one kind, in order."""
        return [fact for fact in self.facts if isinstance(fact, kind)]

    def _clock(self) -> str:
        return self.stage.world.calendar.clock(self.now_ms)

    def _emit(self, fact: tuple[object, ...]) -> None:
        self.stage.world.facts.emit(fact)

    def _hear(self, fact: tuple[object, ...]) -> None:
        self.facts.append(fact)
        line = told(fact, self.stage.world.calendar.clock)
        if line is not None and line.kind != "customer":
            self.moments.append(Moment(line.clock, "system does", f"{line.kind}: {line.text}"))

    def _complete(self) -> bool:
        try:
            return self.stage.core.is_complete(self.customer.case_id)
        except KeyError:
            return False

    def _claim(self, text: str) -> None:
        """Keep what was said of the record beside what the record says now."""
        lowered = text.lower()
        own = self.stage.world.policy.confirmations
        says_done = text in own or ("recorded" in lowered and "not recorded" not in lowered)
        says_undone = "nothing was taken" in lowered or "nothing has changed" in lowered
        complete = self._complete()
        self.claims.append(
            Claim(sent_text(text), not (says_done and not complete) and not (says_undone and complete))
        )
