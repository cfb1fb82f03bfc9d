"""One run: one design, one seed, from the first send to the end of the follow-up."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import floor
from typing import Any

from sandbox import facts
from sandbox.effects import (
    Ask,
    AwaitReconciliation,
    Effect,
    Flow,
    HandToBackOffice,
    JoinCallQueue,
    PostToCore,
    ReadByKey,
    Rekey,
    Send,
    TakeTurn,
    Wait,
)
from sandbox.errors import Cancelled, RuleBroken
from sandbox.journey.aftermath import conclude
from sandbox.journey.design import walk
from sandbox.journey.table import OPEN_STATES, CaseEvent, CaseState
from sandbox.journey.visit import CaseBook, Visit
from sandbox.ports import OutboxRow
from sandbox.simulation.back_office import BackOfficeDesk
from sandbox.simulation.behaviour import Behaviour
from sandbox.simulation.calendar import SLOT_MS
from sandbox.simulation.campaign import Campaign, Responder
from sandbox.simulation.drive import Performer, Running
from sandbox.simulation.events import Clockwork, after
from sandbox.simulation.failure_demand import FailureDemand
from sandbox.simulation.impostors import Impostors, send_impostors
from sandbox.simulation.letters import Letters
from sandbox.simulation.lines import CampaignLines
from sandbox.simulation.promises import FollowThrough
from sandbox.simulation.skilled_queue import lines_of
from sandbox.simulation.traffic import OtherTraffic
from sandbox.simulation.waiting_room import WaitingRooms
from sandbox.simulation.world import RunEnd, World, desk_of
from sandbox.writeback.desk import PostingResult, PostingState

_ACTED, _RECORDED, _RESPONDED = CaseState.ACTED, CaseState.RECORDED, CaseEvent.RESPONDED

_SWEEP_BATCH = 200
"""Outbox rows settled per sweep; the rest wait for the next one."""


class Engine:
    """Wires the parts of a world to one SimPy environment and runs them."""

    def __init__(self, world: World) -> None:
        """Build the parts; nothing happens before `run`."""
        self.world = world
        self.env = env = Clockwork()
        self.queue = lines_of(env, world.facts, world.centre)
        self.behaviour = Behaviour(world.people, world.centre, world.draws, world.policy)
        self.book = CaseBook(world.plan.cases)
        told = FollowThrough(
            env, world.people.promise_kept_rate, world.draws, world.facts, world.policy.effects
        )
        self.desk = desk_of(world, self.book, self._earlier_sends, told)
        self._lines = CampaignLines(
            env,
            self.queue,
            world.voice,
            world.centre,
            world.calendar,
            self.behaviour,
            world.draws,
            world.facts,
        )
        self._traffic = OtherTraffic(env, self.queue, world.centre, world.calendar, world.draws)
        self._back_office = office = BackOfficeDesk(env, world.back_office, world.office_hours, world.draws)
        self._failure_demand = FailureDemand(
            env, world.back_office, world.calendar, world.draws, self.book, self._start, self._go_on
        )
        self.campaign = Campaign(
            env,
            world.plan,
            world.calendar,
            self.desk,
            world.outreach,
            world.channels,
            self.behaviour,
            Responder(self._respond, self._poll, self._letters(world)),
        )
        self._sweeping = False
        self._answer, self._code_channel = self.behaviour.answer, world.code_channel
        self._performers: dict[type[Effect], Performer] = {
            Wait: lambda effect, _running: (effect.delay_ms, None),
            Ask: self._ask,
            Send: self._deliver,
            PostToCore: self._call_core,
            ReadByKey: self._read_by_key,
            JoinCallQueue: self._lines.join,
            TakeTurn: WaitingRooms(env, world.draws).take_turn,
            HandToBackOffice: office.hand_over,
            Rekey: office.rekey,
            AwaitReconciliation: office.reconcile,
        }

    def _earlier_sends(self, case_id: int) -> Sequence[int]:
        return self.campaign.earlier_sends(case_id)  # the campaign is made after the desk it works at

    def _letters(self, world: World) -> Callable[[int], None] | None:
        """What writes letters, where the design has a place for those who then call."""
        if not world.design.person_route:
            return None
        return Letters(self.env, self.desk, world.letter, world.draws, self._call_in).write

    # -- the run ---------------------------------------------------------------------------------------------

    def run(self) -> RunEnd:
        """Run to the end of the follow-up, close what is left, check that nothing was lost."""
        calendar = self.world.calendar
        for day in range(calendar.days):
            after(self.env, calendar.opens_ms[day], self._open, day)
        if self.world.campaign_runs:
            self.campaign.start()
            if attacks := self.world.attacks:
                send_impostors(
                    self.env,
                    Impostors(attacks, self.world.design, self.desk, self.world.draws),
                    self.campaign,
                )
        self.env.run(until=calendar.end_ms)
        self.world.store.commit()
        items = self._back_office.check_conserved()
        return RunEnd(self._close(), items, self.world.audit.head)

    def _open(self, day: int) -> None:
        self._poll()
        self.world.on_day(day, self.campaign.started)
        for slot in range(self.world.calendar.slots):
            value = self.agents_on(day, slot)
            after(self.env, slot * SLOT_MS, self._shift, value)
        self._traffic.start(day)

    def agents_on(self, day: int, slot: int) -> int:
        """Agents on duty; a fractional plan has one more agent on that share of days."""
        plan = self.world.centre.agents[slot]
        whole = floor(plan)
        extra = self.world.draws.uniform("extra_agent", slot, day) < plan - whole
        return whole + extra

    def _shift(self, agents: int) -> None:
        """A half hour begins. The last shift of a day stays until the line is empty: no closing event."""
        self._poll()
        self.queue.staff(agents)

    def _poll(self) -> None:
        if self.world.should_stop():
            message = "stopped on request"
            raise Cancelled(message)

    def _close(self) -> dict[str, int]:
        """End of observation: who never acted expires; conservation is checked, cases and calls."""
        self.queue.check_conserved()
        book, plan = self.book, self.world.plan
        if not self.world.campaign_runs:
            return {"recorded": 0, "open": 0, "expired": 0, "excluded": 0}
        book.close()
        ends = {CaseState.RECORDED: "recorded", CaseState.EXPIRED: "expired", CaseState.EXCLUDED: "excluded"}
        counts = {name: book.state.count(state) for state, name in ends.items()}
        counts["open"] = sum(book.state.count(state) for state in OPEN_STATES)
        if sum(counts.values()) != plan.cases or self.campaign.started != plan.cases:
            message = f"cases not conserved: {counts} of {plan.cases}, {self.campaign.started} started"
            raise RuleBroken(message)
        return counts

    # -- visits ----------------------------------------------------------------------------------------------

    def _respond(self, case_id: int, touch: int, sent_at_ms: int) -> None:
        """A customer acts on a message: a visit begins, unless one is going on or all is done."""
        self._begin(case_id, touch, sent_at_ms, self.world.design_of(case_id).message.engages_by)

    def _call_in(self, case_id: int, sent_at_ms: int) -> None:
        """A customer calls because of a letter: judgement work, on the design's route to a person."""
        self._begin(case_id, 1, sent_at_ms, "call", self.world.design_of(case_id).person_route)

    def _begin(self, case_id: int, touch: int, sent_at_ms: int, via: str, start: str = "") -> None:
        book = self.book
        if book.visiting[case_id] or book.state[case_id] == _RECORDED:
            return
        book.visiting[case_id] = 1
        design = self.world.design_of(case_id)
        visit = Visit(self.desk, case_id, touch, sent_at_ms, self.env.now)
        visit.move(_RESPONDED)
        visit.tell(facts.Engaged, (touch, via))
        if start:
            visit.intent = "judgement"

        def left(_last: object) -> None:
            book.visiting[case_id] = 0
            if visit.goes_on:
                self._go_on(visit)
            elif book.state[case_id] == _ACTED:
                self.sweep_later()

        Running(self.env, walk(design, visit, start), self._performers, (case_id, touch), left)

    def _go_on(self, visit: Visit) -> None:
        """The customer's part is over: the rest of the design is a flow of its own, and their next visit another."""
        self._failure_demand.expect(visit)

        def ended(_last: object) -> None:
            if visit.failed:
                self._failure_demand.failed(visit)
            elif self.book.state[visit.case_id] == _ACTED:
                self.sweep_later()

        design = self.world.design_of(visit.case_id)
        self._start(walk(design, visit, visit.goes_on), (visit.case_id, visit.touch), ended)

    def _start(self, flow: Flow, whose: tuple[int, int], done: Callable[[Any], None]) -> None:
        Running(self.env, flow, self._performers, whose, done)

    def _ask(self, effect: Ask, running: Running) -> tuple[int, Any]:
        question, detail, attempt = effect
        if question == "enter_code" and not running.code_arrived:
            question = "code_missing"
        value, delay = self._answer(question, running.case_id, running.touch, attempt, detail)
        if question == "redial":
            return self._lines.redial(running, attempt, delay if value else None)
        return delay, value

    def _deliver(self, effect: Send, running: Running) -> tuple[int, bool]:
        message, _ = effect
        after_ms = self._code_channel.send(message, self.env.now).delivered_after_ms
        arrived = after_ms is not None
        if message.purpose != "code":
            return 0, arrived
        running.code_arrived = arrived
        return after_ms or 0, arrived

    def _call_core(self, effect: PostToCore, _running: Running) -> tuple[int, Any]:
        reply = self.world.core.post(effect.command, self.env.now)
        return reply.latency_ms, reply

    def _read_by_key(self, effect: ReadByKey, _running: Running) -> tuple[int, Any]:
        reply = self.world.core.read_by_key(effect.key, self.env.now)
        return reply.latency_ms, reply

    # -- postings that outlast a visit -----------------------------------------------------------------------

    def _ended(self, result: PostingResult) -> None:
        """A posting outside a visit ended, or is left to the next sweep."""
        if result.state is PostingState.QUEUED:
            self.sweep_later()

    def sweep_later(self) -> None:
        """Make sure the outbox is looked at again after its retry time."""
        if self._sweeping:
            return
        self._sweeping = True
        after(self.env, self.world.outbox_retry_ms + 1, self._sweep)

    def _sweep(self, _: None) -> None:
        self._sweeping = False
        for row in self.world.store.due_intents(self.env.now, _SWEEP_BATCH):
            self._settle(row)
        if self.world.store.due_intents(self.env.now + self.world.outbox_give_up_ms, 1):
            self.sweep_later()

    def _settle(self, row: OutboxRow) -> None:
        self._start(conclude(row, self.desk), (row.command.case_id, 0), self._ended)
