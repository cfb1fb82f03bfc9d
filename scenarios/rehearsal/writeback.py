"""The writeback test in three moments: a completion posts whole, a repetition posts nothing, a crash heals itself.

Every moment is posted the way the design posts, so one without idempotency fails where it would in life.

The crash is a real one: the process's store is abandoned with whatever was not committed, opened again from its file,
and swept. The core lives on, as a core would.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple, Protocol

from sandbox.audit.chain import AuditTrail, verify
from sandbox.effects import Answer, Ask, Effect, PostToCore, ReadByKey, Wait
from sandbox.errors import RuleBroken
from sandbox.journey.visit import CaseBook, Desk
from sandbox.model import MS_PER_HOUR, AccountFacts, Choice, LedgerEffect
from sandbox.policy.inputs import FormPage
from sandbox.ports import AT_FACE_VALUE, PostCommand
from sandbox.simulation.form_filling import filled_in
from sandbox.simulation.world import World, desk_of
from sandbox.writeback.desk import PostingFlow, PostingState
from sandbox.writeback.keys import fingerprint, idempotency_key
from sandbox.writeback.workflow import settle
from scenarios.rehearsal.parts import Heard, post_again
from scenarios.rehearsal.roles import roles_of
from scenarios.rehearsal.stage import Customer, Stage, StagedCore, set_stage
from scenarios.saved.case_store import SqliteCaseStore
from scenarios.world.spec import Scenario

START_MS = 12 * MS_PER_HOUR
"""When the customer acts: noon, when every core is open."""
CASES_MAX = 10_000_000
"""Cases a book is laid out for; an account of another core is brought below it."""
SWEEPS_MAX = 20
"""Sweeps after a restart within which everything must have ended."""


class Trial(NamedTuple):
    """One moment of the writeback test."""

    moment: str
    ok: bool
    found: str


class Record(NamedTuple):
    """One posting as the core holds it."""

    status: str
    note: str
    posted_at_ms: int


class Ledger(Protocol):
    """The core's books, seen from outside: an account to post to, and what stands there afterwards.

    Attributes:
        since_ms: a posting's time lies at this or later.
    """

    since_ms: int

    def open_account(self) -> AccountFacts:
        """Return an account that nothing has been posted to."""
        ...

    def recorded(self, command: PostCommand) -> list[Record]:
        """Return what the core holds of a command's account."""
        ...


class OwnLedger:
    """The books of the scenario's own core."""

    since_ms = START_MS

    def __init__(self, stage: Stage, customer: Customer) -> None:
        """Bind the core's tables and the customer."""
        self._core, self._account = stage.wired.core, customer.before

    def open_account(self) -> AccountFacts:
        """Load the customer's account."""
        self._core.load_accounts([self._account])
        return self._account

    def recorded(self, command: PostCommand) -> list[Record]:
        """Read the postings of the case."""
        rows = self._core.postings_for(command.case_id)
        return [Record(row.status, row.note, row.posted_at_ms) for row in rows]


class _Trials:
    """One account, one decision, and a store on a file that can be abandoned."""

    def __init__(self, stage: Stage, ledger: Ledger, path: Path) -> None:
        """Open the account and the store."""
        account = ledger.open_account()
        self._stage, self._path, self._ledger = stage, path, ledger
        self._status = stage.world.policy.status_of(roles_of(stage.world.policy).main)
        self._blind = not all(getattr(step, "idempotent", True) for step in stage.world.design.steps.values())
        self.command = _decided(stage.world, account)
        self._book = CaseBook(self.command.case_id + 1)
        self._open()

    def _open(self) -> None:
        self.store = SqliteCaseStore(str(self._path), commit_every=1)
        self.trail = AuditTrail.resume(self.store)
        world = replace(self._stage.world, store=self.store, audit=self.trail)
        self.desk: Desk = desk_of(world, self._book, lambda _case_id: ())

    def submit(self) -> PostingFlow:
        """Hand the decision in, the way the design posts; without idempotency every time as one of its own."""
        command = self.command._replace(expected_version=AT_FACE_VALUE) if self._blind else self.command
        return post_again(command, self.desk, self._book)

    @property
    def core(self) -> StagedCore:
        """The core, which outlives every crash."""
        return self._stage.core

    def crash(self) -> None:
        """Lose whatever was not committed, and start again from the file."""
        self.store.abandon()
        self._open()

    def sweep(self) -> None:
        """Settle what is due, as the timer would, until nothing is."""
        at_ms = START_MS
        for _ in range(SWEEPS_MAX):
            at_ms += self.desk.writeback.outbox_retry_ms + 1
            for row in self.store.due_intents(at_ms, 10):
                _drive(settle(row, self.desk.writeback), self.core, at_ms)

    def judge(self, moment: str) -> Trial:
        """Look at core, trail and outbox: one whole record, one row of evidence, nothing unfinished."""
        postings = self._ledger.recorded(self.command)
        rows = sum(row.kind == "posting_recorded" for row in self.store.audit_rows())
        chain = verify(self.store.audit_rows(), self.trail.head)
        unfinished = len(self.store.due_intents(2**62, 10))
        whole = [
            row
            for row in postings
            if row.status == self._status and row.note and row.posted_at_ms >= self._ledger.since_ms
        ]
        ok = (len(postings), len(whole), rows, unfinished) == (1, 1, 1, 0) and chain.ok
        found = (
            f"{len(postings)} posting(s), {len(whole)} with status, note and time; {rows} row(s) of evidence; "
            f"{unfinished} unfinished; chain {'intact' if chain.ok else chain.problem}"
        )
        return Trial(moment, ok, found)

    def close(self) -> None:
        """Close the store."""
        self.store.close()


def writeback_test(scenario: Scenario, design: str, customer: Customer) -> tuple[Trial, ...]:
    """Run the three moments against the scenario's own core; see `writeback_test_on`."""
    return writeback_test_on(scenario, design, lambda stage: (stage, OwnLedger(stage, customer)))


def writeback_test_on(
    scenario: Scenario, design: str, staged: Callable[[Stage], tuple[Stage, Ledger]]
) -> tuple[Trial, ...]:
    """Run the three moments, the interrupted one in each of the ways a posting can be cut off.

    Args:
        scenario: whose policy and core.
        design: how it posts.
        staged: puts the core to be tested on the stage, and says where its books are.
    """
    found = []
    for moment, stage_it in _MOMENTS.items():
        with ExitStack() as stack:
            folder = stack.enter_context(TemporaryDirectory())
            stage, ledger = staged(set_stage(scenario, design, Heard(), stack))
            trials = _Trials(stage, ledger, Path(folder) / "cases.db")
            stack.callback(trials.close)
            found.append(stage_it(trials)(moment))
    return tuple(found)


def _completes(trials: _Trials) -> Any:
    result = _drive(trials.submit(), trials.core, START_MS)
    trials.sweep()
    return trials.judge if result.state is not PostingState.REFUSED else _refused


def _repeats(trials: _Trials) -> Any:
    for nth in range(3):
        _drive(trials.submit(), trials.core, START_MS + nth)
    trials.sweep()
    return trials.judge


def _dies_before_the_call(trials: _Trials) -> Any:
    _drive(trials.submit(), trials.core, START_MS, before=PostToCore)
    return _healed(trials)


def _dies_before_the_result(trials: _Trials) -> Any:
    _drive(trials.submit(), trials.core, START_MS, after=PostToCore)
    return _healed(trials)


def _loses_the_answer(trials: _Trials) -> Any:
    trials.core.lost_acks = 1
    _drive(trials.submit(), trials.core, START_MS, after=Wait)
    return _healed(trials)


def _healed(trials: _Trials) -> Any:
    """Crash, restart, sweep, and let the customer submit once more."""
    trials.crash()
    trials.sweep()
    _drive(trials.submit(), trials.core, START_MS + MS_PER_HOUR)
    return trials.judge


def _refused(moment: str) -> Trial:
    return Trial(moment, False, "the core refused a plain posting")


_MOMENTS: dict[str, Any] = {
    "a completion posts with status, note, time and evidence": _completes,
    "a decision that comes in three times posts once": _repeats,
    "cut off between intent and call, it heals without clean-up": _dies_before_the_call,
    "cut off between the core's posting and our result, it heals": _dies_before_the_result,
    "an acknowledgement lost, then cut off, it heals": _loses_the_answer,
}


def _decided(world: World, account: AccountFacts) -> PostCommand:
    """Return the posting of the policy's main action for an account: all that is due, and its form filled in."""
    policy, account_id, version = world.policy, account.account_id, account.version
    action = roles_of(policy).main
    amount = 0 if policy.effects[action] == LedgerEffect.CHANGE else account.overdue_minor
    fields, inputs = policy.forms.get(action, ()), ""
    if fields:
        inputs = filled_in(
            FormPage(action, fields, world.calendar.start.toordinal()), world.draws, account_id
        )
    effect = policy.effect_text(Choice(action, amount, 0, inputs))
    case_id = account_id % CASES_MAX
    return PostCommand(
        idempotency_key(case_id, action, "1"),
        fingerprint(action, account_id, amount, 0, version, inputs, effect),
        case_id,
        account_id,
        action,
        amount,
        0,
        version,
        f"{action} by customer, in self-service",
        "customer",
        inputs,
        effect,
    )


def _drive(
    flow: Generator[Effect, Answer, Any],
    core: StagedCore,
    at_ms: int,
    before: type | None = None,
    after: type | None = None,
) -> Any:
    """Drive a posting to its end and return its result; or die before, or right after, an effect of some kind.

    A wait that takes no time only tells the time and cuts nothing off.
    """
    answer: Answer | None = None
    try:
        while True:
            effect = flow.send(answer)  # type: ignore[arg-type]  # a fresh generator takes None
            waits = not isinstance(effect, Wait) or effect.delay_ms > 0
            if before is not None and waits and isinstance(effect, before):
                break
            value, took_ms = _perform(effect, core, at_ms)
            at_ms += took_ms
            if after is not None and waits and isinstance(effect, after):
                break
            answer = Answer(value, at_ms)
    except StopIteration as stop:
        return stop.value
    flow.close()
    return None


def _perform(effect: Effect, core: StagedCore, at_ms: int) -> tuple[Any, int]:
    match effect:
        case Wait(delay_ms):
            return None, delay_ms
        case PostToCore(command):
            reply = core.post(command, at_ms)
        case ReadByKey(key):
            reply = core.read_by_key(key, at_ms)
        case Ask():
            return False, 0
        case _:
            raise RuleBroken(f"a posting wants {type(effect).__name__}")
    return reply, reply.latency_ms
