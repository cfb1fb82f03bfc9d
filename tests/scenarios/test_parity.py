"""A case driven by a wall clock over HTTP takes, decision for decision, the path it takes in simulation."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from threading import Thread
from typing import Any, NamedTuple

import pytest

from fake_core.served import CoreServer, Served
from sandbox import facts
from sandbox.adapters.http_core import HttpCore
from sandbox.effects import Answer, Ask, Effect, Flow, PostToCore, ReadByKey, Send, Wait
from sandbox.errors import RuleBroken
from sandbox.journey.design import walk
from sandbox.journey.table import CaseEvent
from sandbox.journey.visit import CaseBook, Visit
from sandbox.model import AccountFacts
from sandbox.ports import AuditRow
from sandbox.simulation.behaviour import Behaviour
from sandbox.simulation.population import accounts
from sandbox.simulation.world import desk_of
from scenarios.rehearsal.parts import Heard
from scenarios.rehearsal.stage import set_stage
from scenarios.run import CompareRequest, prepare
from scenarios.task import Task
from scenarios.wire import Wired
from scenarios.wiring.plan import busy_hours
from scenarios.wiring.systems import core_of
from scenarios.worker import run_task
from scenarios.world.spec import Scenario

SETTINGS = (
    "campaign.messages=1600",
    "campaign.touches_per_case=1",
    "core.faults.lost_ack_rate=0.1",
    "core.faults.unavailable_rate=0.1",
    "core.faults.unavailable_after_commit_rate=0.1",
)
BEHIND_THE_VISIT = (facts.Sent, facts.ReceiptReceived, facts.PromiseKept, facts.PromiseBroken)
"""Facts of the campaign and of what comes after; a visit makes none of them."""

ROWS_BEHIND_THE_VISIT = ("message_sent", "delivery_receipt")
"""The campaign's own rows, which may come in while a customer acts."""


class WallClock(NamedTuple):
    """Time as a pilot has it.

    Attributes:
        now_ms: milliseconds since the scenario's first midnight.
        wait_ms: lets so many milliseconds pass.
    """

    now_ms: Callable[[], int]
    wait_ms: Callable[[int], None]


Performer = Callable[[Any], Any]
"""Performs one effect, in as much time as it takes, and returns what the workflow hears."""


def drive(flow: Flow, performers: Mapping[type[Effect], Performer], clock: WallClock) -> Any:
    """Run a workflow to its end and return its result.

    Raises:
        RuleBroken: it wants something nobody performs here.
    """
    answer: Answer | None = None
    while True:
        try:
            effect = flow.send(answer)  # type: ignore[arg-type]  # a fresh generator takes None
        except StopIteration as stop:
            return stop.value
        if isinstance(effect, Wait):
            clock.wait_ms(effect.delay_ms)
            value = None
        elif type(effect) in performers:
            value = performers[type(effect)](effect)
        else:
            raise RuleBroken(f"nobody here performs {type(effect).__name__}")
        answer = Answer(value, clock.now_ms())


@dataclass
class Simulated:
    """What the simulation told and proved of every case."""

    scenario: Scenario
    heard: list[Any] = field(default_factory=list)
    trail: list[AuditRow] = field(default_factory=list)
    before: list[AccountFacts] = field(default_factory=list)

    @cached_property
    def told_of(self) -> dict[int, list[Any]]:
        """The facts of each case; asked for when the run is over."""
        told = defaultdict(list)
        for one in self.heard:
            told[getattr(one, "case_id", None)].append(one)
        return told

    @cached_property
    def proved_of(self) -> dict[int, list[AuditRow]]:
        """The evidence of each case."""
        proved = defaultdict(list)
        for row in self.trail:
            proved[row.case_id].append(row)
        return proved

    def visit_of(self, case: int) -> tuple[int, int, list[Any], list[AuditRow]]:
        """When its message left, when it acted, its facts from then on, and its evidence."""
        told = self.told_of[case]
        sent_ms = next(one.at_ms for one in told if isinstance(one, facts.Sent))
        at = next(nth for nth, one in enumerate(told) if isinstance(one, facts.Engaged))
        begun_ms = told[at].at_ms
        rows = [
            row
            for row in self.proved_of[case]
            if row.at_ms >= begun_ms and row.kind not in ROWS_BEHIND_THE_VISIT
        ]
        return sent_ms, begun_ms, [one for one in told[at:] if not isinstance(one, BEHIND_THE_VISIT)], rows


@cache
def simulated() -> Simulated:
    """Run the design under load once."""
    scenario, _ = prepare(CompareRequest("retail-bank-200k", SETTINGS, ("in-message",)))
    found = Simulated(scenario)

    def remember(wired: Wired) -> None:
        found.trail = list(wired.store.audit_rows())
        world = wired.world
        found.before = list(accounts(world.people, world.draws, world.plan.cases))

    task = Task(scenario, "in-message", 0, busy_hours(scenario.document))
    run_task(task, lambda _: None, lambda: False, found.heard.append, remember)
    return found


class Hands:
    """A clock moved by hand: waiting moves it, nothing sleeps."""

    def __init__(self, now_ms: int) -> None:
        """Start at a time."""
        self.at_ms = now_ms

    def now_ms(self) -> int:
        """What the clock shows."""
        return self.at_ms

    def wait_ms(self, for_ms: int) -> None:
        """Let time pass."""
        self.at_ms += for_ms


@contextmanager
def served(scenario: Scenario, seed: int, account: AccountFacts, hands: Hands) -> Iterator[HttpCore]:
    """The scenario's own core, with its faults, behind HTTP."""
    wired = core_of(scenario.document, seed, "sqlite://?check_same_thread=false")
    wired.book.load_accounts([account])
    server = CoreServer(Served(wired.port, wired.book, "right", hands.now_ms, hands.wait_ms))
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.001})
    thread.start()
    try:
        yield HttpCore(f"http://127.0.0.1:{server.server_port}", "right", 5_000, hands.now_ms)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
        wired.book.close()


def driven(case: int) -> tuple[list[Any], list[AuditRow]]:
    """Drive one case by the wall clock over HTTP; its facts and its evidence."""
    found = simulated()
    sent_ms, begun_ms, _, _ = found.visit_of(case)
    heard, hands = Heard(), Hands(begun_ms)
    told: list[Any] = []
    heard.tell = told.append
    with ExitStack() as stack:
        stage = set_stage(found.scenario, "in-message", heard, stack)
        core = stack.enter_context(served(found.scenario, stage.seed, found.before[case], hands))
        world = replace(stage.wired.world, core=core)
        book = CaseBook(len(found.before))
        book.move(case, CaseEvent.SENT)
        book.visiting[case] = 1
        people = Behaviour(world.people, world.centre, world.draws, world.policy)
        desk = desk_of(world, book, lambda _case: ())
        desk.sign_for(case, (found.before[case],))
        visit = Visit(desk, case, 1, sent_ms, begun_ms)
        visit.move(CaseEvent.RESPONDED)
        visit.tell(facts.Engaged, (1, world.design.message.engages_by))
        arrived = [True]

        def ask(effect: Ask) -> Any:
            missing = effect.question == "enter_code" and not arrived[0]
            question = "code_missing" if missing else effect.question
            value, took_ms = people.answer(question, case, 1, effect.attempt, effect.detail)
            hands.wait_ms(took_ms)
            return value

        def send(effect: Send) -> bool:
            delivery = world.code_channel.send(effect.message, hands.at_ms)
            there = delivery.delivered_after_ms is not None
            if effect.message.purpose == "code":
                arrived[0] = there
                hands.wait_ms(delivery.delivered_after_ms or 0)
            return there

        performers = {
            Ask: ask,
            Send: send,
            PostToCore: lambda effect: core.post(effect.command, hands.at_ms),
            ReadByKey: lambda effect: core.read_by_key(effect.key, hands.at_ms),
        }
        drive(walk(world.design, visit), performers, WallClock(hands.now_ms, hands.wait_ms))
        world.store.commit()
        return told, list(world.store.audit_rows(case))


def cases_that(*wanted: type, without: tuple[type, ...] = ()) -> list[int]:
    """Cases whose visit told each of these facts and none of the others."""
    found = simulated()
    sent = {one.case_id for one in found.heard if isinstance(one, facts.Sent)}
    engaged = sent & {one.case_id for one in found.heard if isinstance(one, facts.Engaged)}
    fit = []
    for case in sorted(engaged):
        kinds = {type(one) for one in found.visit_of(case)[2]}
        if kinds >= set(wanted) and not kinds & {*without, facts.ExceptionRaised, facts.PostingQueued}:
            fit.append(case)
    return fit


def tries(case: int) -> list[str]:
    """What the core answered to each try of a case's postings."""
    return [one.outcome for one in simulated().visit_of(case)[2] if isinstance(one, facts.PostingTried)]


def proved(row: AuditRow) -> tuple[int, str, dict[str, Any]]:
    """What a row proves; the number a core gives its posting is the core's own."""
    body = json.loads(row.body)
    body.pop("posting_id", None)
    return row.at_ms, row.kind, body


def alike(case: int) -> None:
    """Hold the two paths of one case beside each other: facts, keys, fingerprints, evidence, and even the times."""
    _, _, expected, rows = simulated().visit_of(case)
    told, trail = driven(case)
    assert told == expected
    assert [proved(row) for row in trail] == [proved(row) for row in rows]


def test_clean_cases_take_the_same_path() -> None:
    """Every case the core answered at the first try: link, code, choice, posting, confirmation."""
    clean = [case for case in cases_that(facts.Recorded) if tries(case) == ["applied"]]
    assert len(clean) >= 10
    for case in clean[:10]:
        alike(case)


@pytest.mark.parametrize("outcome", ["timed_out", "unavailable"])
def test_cases_whose_answer_was_lost_take_the_same_path(outcome: str) -> None:
    """A lost acknowledgement or an error after the commit is tried again with the same key and answered as before."""
    lost = [
        case
        for case in cases_that(facts.Recorded)
        if outcome in tries(case) and tries(case)[-1] == "replayed"
    ]
    assert lost
    for case in lost[:5]:
        alike(case)


def test_declined_payments_take_the_same_path() -> None:
    """The core's refusal leads back to the page, and on to whatever the customer wants then."""
    declined = cases_that(facts.PostingRefused)
    assert declined
    for case in declined[:5]:
        alike(case)


def test_customers_who_leave_take_the_same_path() -> None:
    """Who drops out or wants nothing leaves the same facts and evidence, and no posting."""
    left = cases_that(facts.CodeChecked, without=(facts.PostingTried,))
    assert len(left) >= 5
    for case in left[:5]:
        alike(case)
