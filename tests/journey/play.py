"""Play a step or a design against a script: no engine, no clock, every effect written down before it is answered."""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import Any, NamedTuple

from sandbox.audit.chain import AuditTrail
from sandbox.effects import Answer, Effect
from sandbox.identity.codes import CodeDesk, CodeRules
from sandbox.identity.facts_check import FactRules, FactsDesk
from sandbox.identity.links import LinkKey, LinkSigner, LinkUses
from sandbox.journey.table import CaseState
from sandbox.journey.visit import CaseBook, Desk, Visit
from sandbox.model import MS_PER_HOUR, AccountFacts
from sandbox.policy.decide import Policy
from sandbox.ports import AuditRow, CaseStore, CoreOutcome, CoreReply, PostCommand, Receipt
from tests.writeback.bench import Facts, ScriptedCore, desk_on
from tests.writeback.bench import account as open_account

CASE = 3
TOUCH = 1
CODE = "123456"
WRONG_CODE = "000000"
FACTS = (("date_of_birth", "1980-03-12"), ("postcode", "AB1 2CD"), ("last_payment", "45.00"))
SENT_AT_MS = 1_000_000
LINK_LIFETIME_MS = 72 * MS_PER_HOUR


class Line(NamedTuple):
    """One line of a script.

    Attributes:
        expects: the very effect, or its type when the rest does not matter here.
        answer: the value handed back, or a function of the effect that makes it.
        took_ms: how long it took.
    """

    expects: object
    answer: Any
    took_ms: int = 0


def play(flow: Generator[Effect, Answer, str], at_ms: int, *lines: Line) -> str:
    """Drive a flow through a script; every line must be asked for, in order, and nothing else.

    Returns:
        The flow's outcome.
    """
    pending = list(lines)
    answer: Answer | None = None
    while True:
        try:
            effect = flow.send(answer)  # type: ignore[arg-type]  # a fresh generator takes None
        except StopIteration as stop:
            assert not pending, f"never asked for: {pending}"
            return str(stop.value)
        assert pending, f"not in the script: {effect}"
        line = pending.pop(0)
        kind = line.expects if isinstance(line.expects, type) else type(line.expects)
        assert type(effect) is kind
        assert isinstance(line.expects, type) or effect == line.expects
        at_ms += line.took_ms
        value = line.answer(effect) if isinstance(line.answer, Callable) else line.answer  # type: ignore[arg-type]
        answer = Answer(value, at_ms)


class BookedCore(ScriptedCore):
    """A core whose accounts a test sets; postings are answered by the script, not by it."""

    def __init__(self) -> None:
        """Hold one open account."""
        super().__init__()
        self.account = open_account(CASE)

    def read_account(self, account_id: int) -> AccountFacts:
        """Return the account as the test left it."""
        assert account_id == CASE
        return self.account


class SameCode:
    """A code source that always gives the same digits."""

    def digits(self, case_id: int, nth: int) -> str:
        """Return the code; first touches draw theirs from 8 on."""
        assert (case_id, nth // 8) == (CASE, TOUCH)
        return CODE


class SameFacts:
    """A fact source that always has the same answers on file."""

    def answers(self, account_id: int, count: int) -> tuple[tuple[str, str], ...]:
        """Return the first facts."""
        assert account_id == CASE
        return FACTS[:count]


@dataclass
class Stage:
    """One case in one visit, and everything around it."""

    desk: Desk
    visit: Visit
    core: BookedCore
    facts: Facts
    store: CaseStore
    trail: AuditTrail

    @property
    def state(self) -> CaseState:
        """Where the case stands."""
        return CaseState(self.desk.book.state[CASE])

    def at(self, state: CaseState) -> Stage:
        """Put the case into a state, as the steps before would have."""
        self.desk.book.state[CASE] = state
        return self

    def evidence(self) -> list[AuditRow]:
        """Return the case's audit rows."""
        assert self.trail.head  # seals what was gathered
        return list(self.store.audit_rows(CASE))

    def kinds(self) -> list[str]:
        """Return the kinds of the case's audit rows."""
        return [row.kind for row in self.evidence()]


def set_stage(
    policy: Policy, store: CaseStore, rules: CodeRules | None = None, fact_rules: FactRules | None = None
) -> Stage:
    """Return an engaged case on a first visit, with real policy, links, codes and writeback."""
    facts, core, book = Facts(), BookedCore(), CaseBook(CASE + 1)
    trail = AuditTrail.resume(store)
    writeback = desk_on(store, facts, audit=trail)
    desk = Desk(
        policy=policy,
        links=LinkSigner([LinkKey("test", bytes(range(32)))]),
        link_uses=LinkUses(),
        link_lifetime_ms=LINK_LIFETIME_MS,
        codes=CodeDesk(rules or CodeRules(), bytes(range(32))),
        code_source=SameCode(),
        known_facts=FactsDesk(fact_rules or FactRules(), bytes(range(32))),
        fact_source=SameFacts(),
        core=core,
        writeback=writeback,
        record=trail.record,
        emit=facts.emit,
        heard=facts.heard,
        book=book,
    )
    desk.sign_for(CASE, (core.account,))
    stage = Stage(desk, Visit(desk, CASE, TOUCH, SENT_AT_MS, SENT_AT_MS), core, facts, store, trail)
    return stage.at(CaseState.ENGAGED)


def applied(command: PostCommand, attempt_outcome: CoreOutcome = CoreOutcome.APPLIED) -> CoreReply:
    """Return the core's yes to this very command."""
    version = command.expected_version + 1
    receipt = Receipt(7, command.key, command.fingerprint, "paid", version, 0, command.note)
    return CoreReply(attempt_outcome, 300, receipt, "", 0)


def says(outcome: CoreOutcome, reason: str = "", version: int = 0) -> CoreReply:
    """Return another answer of the core."""
    return CoreReply(outcome, 300, None, reason, version)
