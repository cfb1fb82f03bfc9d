"""Posting without idempotency: every submission its own call, and what the core then holds."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from fake_core.faults import FaultPlan
from fake_core.profiles import CoreProfile
from fake_core.store import FakeCore
from sandbox.effects import Answer, Ask, PostToCore
from sandbox.facts import PostingRefused, PostingTried, Recorded
from sandbox.ports import AT_FACE_VALUE, CoreOutcome, CoreReply, PostCommand
from sandbox.writeback import PostingResult
from sandbox.writeback.blind import SUBMISSIONS_MAX, post_blindly
from sandbox.writeback.desk import PostingState
from scenarios.saved.case_store import SqliteCaseStore
from tests.writeback.bench import Facts, ScriptedCore, account, audit_kinds, command, desk_on

APPLIED, TIMED_OUT = CoreOutcome.APPLIED, CoreOutcome.TIMED_OUT


def decisions() -> Callable[[], PostCommand]:
    """Return what makes one decision after the other, each with a key of its own."""
    made: list[PostCommand] = []

    def decide() -> PostCommand:
        """Return the next decision."""
        made.append(command(decision=f"d{len(made) + 1}"))
        return made[-1]

    return decide


def submitted(
    store: SqliteCaseStore, facts: Facts, core: ScriptedCore | FakeCore, *again: bool
) -> tuple[PostingResult, list[PostCommand]]:
    """Drive a blind posting against a core; `again` says who submits once more, in order."""
    flow = post_blindly(decisions(), desk_on(store, facts), 0.5)
    answers, sent, at_ms = list(again), [], 0
    effect = next(flow)
    while True:
        if isinstance(effect, PostToCore):
            sent.append(effect.command)
            value: object = core.post(effect.command, at_ms)
            at_ms += value.latency_ms  # type: ignore[attr-defined]
        else:
            assert isinstance(effect, Ask)
            assert (effect.question, effect.detail) == ("submit_again", 0.5)
            value, at_ms = answers.pop(0), at_ms + 1_000
        try:
            effect = flow.send(Answer(value, at_ms))
        except StopIteration as stop:
            assert not answers
            return stop.value, sent


def test_an_answered_submission_is_recorded_without_an_intent(store: SqliteCaseStore, facts: Facts) -> None:
    """One call at face value, recorded; the outbox never hears of it."""
    result, sent = submitted(store, facts, ScriptedCore(APPLIED))
    assert result.state is PostingState.RECORDED
    assert [one.expected_version for one in sent] == [AT_FACE_VALUE]
    assert [type(fact) for fact in facts] == [PostingTried, Recorded]
    assert store.intent(sent[0].key) is None
    assert audit_kinds(store) == ["posting_recorded"]


def test_each_submission_has_a_key_of_its_own(store: SqliteCaseStore, facts: Facts) -> None:
    """Whoever submits again makes another call, not the same one."""
    result, sent = submitted(store, facts, ScriptedCore(TIMED_OUT, APPLIED), True)
    assert (result.state, result.attempts) == (PostingState.RECORDED, 2)
    assert len({one.key for one in sent}) == 2


def test_who_leaves_it_at_that_is_lost(store: SqliteCaseStore, facts: Facts) -> None:
    """No answer and no second submission: nobody asks the core by key, nothing is recorded."""
    result, _ = submitted(store, facts, ScriptedCore(TIMED_OUT), False)
    assert result.state is PostingState.LOST
    assert not facts.of(Recorded)


def test_submissions_are_bounded(store: SqliteCaseStore, facts: Facts) -> None:
    """After the last one nobody is asked any more."""
    again = [True] * (SUBMISSIONS_MAX - 1)
    result, sent = submitted(store, facts, ScriptedCore(*[TIMED_OUT] * SUBMISSIONS_MAX), *again)
    assert (result.state, len(sent)) == (PostingState.LOST, SUBMISSIONS_MAX)


def test_a_refusal_ends_it(store: SqliteCaseStore, facts: Facts) -> None:
    """The core's business refusal is a known end here too."""
    refused = CoreReply(CoreOutcome.REFUSED, 300, None, "declined", 0)
    result, _ = submitted(store, facts, ScriptedCore(refused))
    assert (result.state, result.reason) == (PostingState.REFUSED, "declined")
    assert facts.of(PostingRefused) == [PostingRefused(1, 300, "declined")]


@pytest.mark.parametrize(
    ("faults", "again", "effects"),
    [
        (FaultPlan(lost_ack_rate=1.0), (False,), 1),  # stands in the core, nobody knows
        (FaultPlan(lost_ack_rate=1.0), (True, False), 2),  # a lost answer and another submission: twice
        (FaultPlan(lost_ack_rate=1.0), (True, True), 3),
        (FaultPlan(lost_request_rate=1.0), (False,), 0),  # a miss
        (FaultPlan(lost_request_rate=1.0), (True, True), 0),
    ],
)
def test_the_core_holds_one_effect_for_each_call_that_reached_it(
    store: SqliteCaseStore, facts: Facts, faults: FaultPlan, again: tuple[bool, ...], effects: int
) -> None:
    """Against the real tables: 50.00 leave the balance as often as a call arrived, whatever the client heard."""
    core = FakeCore(profile=CoreProfile(), faults=faults)
    core.load_accounts([account(1)])
    result, _ = submitted(store, facts, core, *again)
    assert result.state is PostingState.LOST
    held = core.read_account(1)
    assert held.balance_minor == 100_000 - 5_000 * effects
    assert held.version == 1 + effects
    assert len(core.postings_for(1)) == effects
    core.close()


def test_every_end_is_told_to_the_millisecond(store: SqliteCaseStore, facts: Facts) -> None:
    """Tried, given up or used up: state, tries, reason and time of the result, and each try as a fact."""
    left, _ = submitted(store, facts, ScriptedCore(TIMED_OUT), False)
    assert left == (PostingState.LOST, None, 1, "left", 1_300)
    assert facts == [PostingTried(1, 300, 1, "timed_out")]
    facts.clear()
    used_up, _ = submitted(store, facts, ScriptedCore(*[TIMED_OUT] * 3), True, True)
    assert used_up == (PostingState.LOST, None, 3, "tries_used_up", 2_900)
    assert facts == [PostingTried(1, 300 + 1_300 * n, n + 1, "timed_out") for n in range(3)]
    assert SUBMISSIONS_MAX == 3
    assert list(store.audit_rows()) == []


def test_what_is_recorded_blindly_says_that_it_was(store: SqliteCaseStore, facts: Facts) -> None:
    """The row, the fact and the receipt of the second submission, committed before anybody hears of it."""
    commits: list[int] = []
    store.commit = lambda: commits.append(len(facts))  # type: ignore[method-assign]
    result, sent = submitted(store, facts, ScriptedCore(TIMED_OUT, APPLIED), True)
    assert result.receipt is not None
    assert result.receipt.key == sent[1].key
    assert result[2:] == (2, "", 1_600)
    assert facts[1:] == [PostingTried(1, 1_600, 2, "applied"), Recorded(1, 1_600, "pay_now", 5_000, 2, False)]
    [row] = store.audit_rows()
    assert (row.case_id, row.at_ms, row.kind) == (1, 1_600, "posting_recorded")
    assert json.loads(row.body) == {"key": sent[1].key, "attempts": 2, "idempotent": False}
    assert commits == [2]


def test_what_is_refused_blindly_says_so(store: SqliteCaseStore, facts: Facts) -> None:
    """The row and the result of a refusal on the second submission, under the second key."""
    refused = CoreReply(CoreOutcome.REFUSED, 300, None, "declined", 0)
    result, sent = submitted(store, facts, ScriptedCore(TIMED_OUT, refused), True)
    assert result == (PostingState.REFUSED, None, 2, "declined", 1_600)
    [row] = store.audit_rows()
    assert (row.case_id, row.at_ms, row.kind) == (1, 1_600, "posting_refused")
    assert json.loads(row.body) == {"key": sent[1].key, "attempts": 2, "idempotent": False}


def test_a_second_submission_is_asked_for_by_its_number(store: SqliteCaseStore, facts: Facts) -> None:
    """The draw of each question is numbered by the submission before it, so that no two share their luck."""
    flow = post_blindly(decisions(), desk_on(store, facts), 0.25)
    effect, asked = next(flow), []
    for at_ms in (1, 2, 3, 4):
        if isinstance(effect, Ask):
            asked.append(effect)
            effect = flow.send(Answer(True, at_ms))
        else:
            effect = flow.send(Answer(CoreReply(TIMED_OUT, 1, None, "", 0), at_ms))
    assert asked == [Ask("submit_again", 0.25, 1), Ask("submit_again", 0.25, 2)]
