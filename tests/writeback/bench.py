"""A workbench for postings: commands, a desk on a real store, scripted cores, and a loop that drives workflows."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any, NamedTuple

from sandbox.audit.chain import AuditTrail
from sandbox.effects import Answer, PostToCore, ReadByKey, Wait
from sandbox.facts import heard_by
from sandbox.model import AccountFacts
from sandbox.ports import CaseStore, CoreOutcome, CorePort, CoreReply, PostCommand, Receipt
from sandbox.writeback import (
    BackoffRules,
    Breaker,
    BreakerRules,
    PostingFlow,
    PostingResult,
    WritebackDesk,
    fingerprint,
    idempotency_key,
    settle,
)

LATENCY_MS = 300


class Facts(list[Any]):
    """A fact sink that keeps everything, and sees to it that every fact has all of its values."""

    @property
    def heard(self) -> dict[type, Callable[[Any], None]]:
        """All kinds of fact are heard."""
        return heard_by(self.emit)

    def emit(self, fact: Any) -> None:
        """Keep one fact."""
        assert len(fact) == len(fact._fields), f"{type(fact).__name__} with {len(fact)} values"
        self.append(fact)

    def of(self, kind: type) -> list[Any]:
        """Return the facts of one kind."""
        return [fact for fact in self if isinstance(fact, kind)]


def account(account_id: int = 1, **changes: Any) -> AccountFacts:
    """Return an open account of 1,000.00 with 200.00 overdue, at version 1."""
    base = AccountFacts(account_id, "open", "1m", 100_000, 20_000, 0, False, False, True, 1, False)
    return base._replace(**changes)


def command(case_id: int = 1, decision: str = "d1", **changes: Any) -> PostCommand:
    """Return a payment of 50.00 on version 1, with key and fingerprint made by the real functions."""
    draft = PostCommand("", "", case_id, case_id, "pay_now", 5_000, 0, 1, "paid in message", "customer")
    draft = draft._replace(**changes)
    payload = (draft.amount_minor, draft.due_day_offset, draft.expected_version, draft.inputs, draft.effect)
    return draft._replace(
        key=idempotency_key(case_id, draft.action, decision),
        fingerprint=fingerprint(draft.action, draft.account_id, *payload),
    )


def desk_on(store: CaseStore, facts: Facts, **changes: Any) -> WritebackDesk:
    """Return a desk with a real audit trail on the store, default rules and half of every backoff step."""
    desk = WritebackDesk(
        store=store,
        audit=changes.pop("audit", None) or AuditTrail.resume(store),
        facts=facts,
        breaker=Breaker(BreakerRules()),
        backoff=BackoffRules(),
        jitter=lambda _key, _attempt: 0.5,
    )
    return replace(desk, **changes)


def audit_kinds(store: CaseStore) -> list[str]:
    """Return the kinds of the trail's rows in order."""
    return [row.kind for row in store.audit_rows()]


class ScriptedCore:
    """Answers with the given outcomes in turn and notes what was asked, and when."""

    def __init__(self, *outcomes: CoreOutcome | CoreReply) -> None:
        """Keep the script."""
        self._script = list(outcomes)
        self.calls: list[tuple[str, int]] = []
        self.last: PostCommand | None = None

    def read_account(self, account_id: int) -> AccountFacts:
        """Return a fresh account."""
        return account(account_id)

    def post(self, command: PostCommand, at_ms: int) -> CoreReply:
        """Answer the next line of the script."""
        self.calls.append(("post", at_ms))
        self.last = command
        return self._next(command.key, command.fingerprint)

    def read_by_key(self, key: str, at_ms: int) -> CoreReply:
        """Answer the next line of the script."""
        self.calls.append(("read", at_ms))
        return self._next(key, command().fingerprint)

    def _next(self, key: str, mark: str) -> CoreReply:
        line = self._script.pop(0)
        if isinstance(line, CoreReply):
            return line
        success = line in {CoreOutcome.APPLIED, CoreOutcome.REPLAYED}
        receipt = Receipt(7, key, mark, "paid", 2, 0, "") if success else None
        return CoreReply(line, LATENCY_MS, receipt, "", 9 if line is CoreOutcome.STALE else 0)


class Ended(NamedTuple):
    """How a driven workflow ended; result is None when it was cut off."""

    result: PostingResult | None
    at_ms: int
    waits_ms: list[int]


def perform(effect: object, core: CorePort, at_ms: int) -> Answer:
    """Carry out one effect against a core."""
    if isinstance(effect, Wait):
        return Answer(None, at_ms + effect.delay_ms)
    if isinstance(effect, PostToCore):
        reply = core.post(effect.command, at_ms)
    else:
        assert isinstance(effect, ReadByKey)
        reply = core.read_by_key(effect.key, at_ms)
    return Answer(reply, at_ms + reply.latency_ms)


def drive(flow: PostingFlow, core: CorePort, at_ms: int = 0, cut_after: int | None = None) -> Ended:
    """Drive a workflow to its end, or cut it off once `cut_after` effects were carried out and not answered."""
    waits: list[int] = []
    done = 0
    try:
        effect = next(flow)
        while done != cut_after:
            if isinstance(effect, Wait) and effect.delay_ms:
                waits.append(effect.delay_ms)
            answer = perform(effect, core, at_ms)
            done, at_ms = done + 1, answer.at_ms
            if done != cut_after:
                effect = flow.send(answer)
    except StopIteration as stop:
        return Ended(stop.value, at_ms, waits)
    flow.close()
    return Ended(None, at_ms, waits)


def finished(flow: PostingFlow, core: CorePort, at_ms: int = 0) -> PostingResult:
    """Drive a workflow to its end and return its result."""
    result = drive(flow, core, at_ms).result
    assert result is not None
    return result


def sweep(desk: WritebackDesk, core: CorePort, times: Iterable[int]) -> list[PostingResult]:
    """Settle whatever is due at each of the times, as the timer would."""
    return [
        finished(settle(row, desk), core, at_ms)
        for at_ms in times
        for row in desk.store.due_intents(at_ms, 100)
    ]
