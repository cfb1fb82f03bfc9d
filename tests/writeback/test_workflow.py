"""Posting: the intent first, one key for every try, a known end or the outbox."""

from __future__ import annotations

import pytest

from sandbox.errors import BadInput
from sandbox.facts import ExceptionRaised, PostingQueued, PostingRefused, PostingTried, Recorded
from sandbox.model import MS_PER_MINUTE
from sandbox.ports import CoreOutcome, CoreReply, OutboxState, Receipt
from sandbox.writeback import BackoffRules, PostingState, post
from sandbox.writeback.desk import NEVER_DUE_MS
from scenarios.saved.case_store import SqliteCaseStore
from tests.writeback.bench import (
    LATENCY_MS,
    Facts,
    ScriptedCore,
    audit_kinds,
    command,
    desk_on,
    drive,
    finished,
)

APPLIED, TIMED_OUT, UNAVAILABLE = CoreOutcome.APPLIED, CoreOutcome.TIMED_OUT, CoreOutcome.UNAVAILABLE
WANTED = command()


def test_first_try_is_recorded(store: SqliteCaseStore, facts: Facts) -> None:
    """An applied command is done in the outbox, proven in the trail and counted once, with the answer's time."""
    result = finished(post(WANTED, desk_on(store, facts)), ScriptedCore(APPLIED), at_ms=1_000)
    assert result.state is PostingState.RECORDED
    assert result.receipt is not None
    assert result.receipt.key == WANTED.key
    assert (result.attempts, result.at_ms) == (1, 1_000 + LATENCY_MS)
    assert facts == [
        PostingTried(1, 1_300, 1, "applied"),
        Recorded(1, 1_300, "pay_now", 5_000, 1, manual=False),
    ]
    row = store.intent(WANTED.key)
    assert row is not None
    assert (row.state, row.attempts, row.created_at_ms) == (OutboxState.DONE, 1, 1_000)
    assert audit_kinds(store) == ["posting_recorded"]


def test_intent_is_committed_before_the_first_call(store: SqliteCaseStore, facts: Facts) -> None:
    """When the core is called, the intent has been committed and its lease is running."""
    flow = post(WANTED, desk_on(store, facts))
    commits = []
    store.commit = lambda: commits.append(store.intent(WANTED.key))  # type: ignore[method-assign]
    drive(flow, ScriptedCore(APPLIED), at_ms=50, cut_after=1)
    assert commits == []
    drive(post(WANTED, desk_on(store, facts)), ScriptedCore(APPLIED), at_ms=50, cut_after=2)
    assert [row.state for row in commits] == [OutboxState.PENDING]
    assert commits[0].next_try_at_ms == 50 + 5 * MS_PER_MINUTE


@pytest.mark.parametrize("unknown", [TIMED_OUT, UNAVAILABLE, CoreOutcome.IN_PROGRESS, CoreOutcome.NOT_FOUND])
def test_unknown_outcome_is_retried_with_the_same_command(
    unknown: CoreOutcome, store: SqliteCaseStore, facts: Facts
) -> None:
    """After an unknown outcome the very same command goes out again, one jittered backoff later."""
    core = ScriptedCore(unknown, unknown, CoreOutcome.REPLAYED)
    ended = drive(post(WANTED, desk_on(store, facts)), core)
    assert ended.result is not None
    assert (ended.result.state, ended.result.attempts) == (PostingState.RECORDED, 3)
    assert core.last == WANTED
    assert core.calls == [("post", 0), ("post", 300 + 250), ("post", 850 + 500)]
    assert ended.waits_ms == [250, 500]
    assert [fact.attempts for fact in facts.of(Recorded)] == [3]
    assert audit_kinds(store) == ["posting_unknown", "posting_unknown", "posting_recorded"]


def test_after_the_last_try_the_outbox_keeps_it(store: SqliteCaseStore, facts: Facts) -> None:
    """Five unknown outcomes leave the intent unknown and due again, and call it queued, never failed."""
    core = ScriptedCore(*[TIMED_OUT] * 5)
    ended = drive(post(WANTED, desk_on(store, facts)), core)
    assert ended.result is not None
    assert (ended.result.state, ended.result.attempts) == (PostingState.QUEUED, 5)
    assert (ended.result.receipt, len(core.calls), len(ended.waits_ms)) == (None, 5, 4)
    row = store.intent(WANTED.key)
    assert row is not None
    assert (row.state, row.attempts) == (OutboxState.UNKNOWN, 5)
    assert row.next_try_at_ms == ended.at_ms + 5 * MS_PER_MINUTE
    assert facts.of(PostingQueued) == [PostingQueued(1, ended.at_ms)]
    assert not facts.of(PostingRefused)
    assert not facts.of(Recorded)


@pytest.mark.parametrize(
    ("outcome", "reason"),
    [(CoreOutcome.REFUSED, "declined"), (CoreOutcome.KEY_REUSED, "key_reused")],
)
def test_refusal_ends_it(outcome: CoreOutcome, reason: str, store: SqliteCaseStore, facts: Facts) -> None:
    """A definite no is not retried, and its reason reaches the caller, the facts and the trail."""
    core = ScriptedCore(CoreReply(outcome, LATENCY_MS, None, reason, 0))
    result = finished(post(WANTED, desk_on(store, facts)), core)
    assert (result.state, result.reason, result.attempts) == (PostingState.REFUSED, reason, 1)
    assert facts.of(PostingRefused) == [PostingRefused(1, LATENCY_MS, reason)]
    row = store.intent(WANTED.key)
    assert row is not None
    assert row.state is OutboxState.REFUSED
    assert audit_kinds(store) == ["posting_refused"]


def test_stale_version_is_left_to_the_caller(store: SqliteCaseStore, facts: Facts) -> None:
    """A stale version ends this key without a refusal fact; a new decision under a new key can be recorded."""
    desk = desk_on(store, facts)
    result = finished(post(WANTED, desk), ScriptedCore(CoreOutcome.STALE))
    assert result.state is PostingState.STALE
    assert result.reason == "version 9, decided on 1"
    assert not facts.of(PostingRefused)
    again = command(decision="d2", expected_version=9)
    assert again.key != WANTED.key
    assert finished(post(again, desk), ScriptedCore(APPLIED)).state is PostingState.RECORDED
    assert audit_kinds(store) == ["posting_stale", "posting_recorded"]


def test_expired_key_goes_to_a_person(store: SqliteCaseStore, facts: Facts) -> None:
    """A key the core once applied and has forgotten is neither failed nor tried again."""
    result = finished(post(WANTED, desk_on(store, facts)), ScriptedCore(CoreOutcome.KEY_EXPIRED))
    assert (result.state, result.reason) == (PostingState.QUEUED, "key_expired")
    assert [raised.reason for raised in facts.of(ExceptionRaised)] == ["core_unavailable"]
    row = store.intent(WANTED.key)
    assert row is not None
    assert (row.state, row.next_try_at_ms) == (OutboxState.UNKNOWN, NEVER_DUE_MS)
    assert not store.due_intents(10**15, 10)


def test_open_breaker_queues_without_a_call(store: SqliteCaseStore, facts: Facts) -> None:
    """While the breaker is open nothing reaches the core: the intent is kept and the customer is told so."""
    desk = desk_on(store, facts)
    for _ in range(20):
        desk.breaker.record(0, ok=False)
    core = ScriptedCore()
    result = finished(post(WANTED, desk), core)
    assert (result.state, result.reason, result.attempts) == (PostingState.QUEUED, "breaker_open", 0)
    assert core.calls == []
    assert facts == [PostingQueued(1, 0)]
    assert [row.state for row in store.due_intents(5 * MS_PER_MINUTE, 10)] == [OutboxState.PENDING]


def test_breaker_that_opens_between_tries_stops_them(store: SqliteCaseStore, facts: Facts) -> None:
    """The call that trips the breaker is the last one; the rest is the outbox's business."""
    desk = desk_on(store, facts)
    for _ in range(19):
        desk.breaker.record(0, ok=False)
    result = finished(post(WANTED, desk), ScriptedCore(UNAVAILABLE))
    assert (result.state, result.reason, result.attempts) == (PostingState.QUEUED, "breaker_open", 1)


@pytest.mark.parametrize("field", ["key", "fingerprint"])
def test_answer_to_another_request_is_not_believed(field: str, store: SqliteCaseStore, facts: Facts) -> None:
    """A success whose receipt does not echo key and fingerprint leaves the truth unknown."""
    foreign = Receipt(7, WANTED.key, WANTED.fingerprint, "paid", 2, 0, "")._replace(**{field: "foreign"})
    core = ScriptedCore(CoreReply(APPLIED, LATENCY_MS, foreign, "", 0), APPLIED)
    result = finished(post(WANTED, desk_on(store, facts)), core)
    assert result.receipt is not None
    assert (result.receipt.key, result.attempts) == (WANTED.key, 2)
    assert len(facts.of(Recorded)) == 1


def test_double_tap_after_the_record_repeats_the_answer(store: SqliteCaseStore, facts: Facts) -> None:
    """A repeated submission of a recorded command returns its receipt and counts nothing again."""
    desk = desk_on(store, facts)
    first = finished(post(WANTED, desk), ScriptedCore(APPLIED))
    again = finished(post(WANTED, desk), ScriptedCore(APPLIED), at_ms=9_000)
    assert (again.state, again.reason, again.receipt) == (PostingState.RECORDED, "duplicate", first.receipt)
    assert len(facts.of(Recorded)) == 1
    assert audit_kinds(store) == ["posting_recorded"]


@pytest.mark.parametrize("outcome", [UNAVAILABLE, TIMED_OUT, CoreOutcome.NOT_FOUND])
def test_double_tap_is_recorded_even_if_the_core_is_silent(
    outcome: CoreOutcome, store: SqliteCaseStore, facts: Facts
) -> None:
    """What the outbox knows as done stays recorded for the customer, with or without a receipt to show."""
    desk = desk_on(store, facts)
    finished(post(WANTED, desk), ScriptedCore(APPLIED))
    again = finished(post(WANTED, desk), ScriptedCore(outcome))
    assert (again.state, again.receipt) == (PostingState.RECORDED, None)


@pytest.mark.parametrize("field", ["key", "fingerprint"])
def test_double_tap_shows_nobody_else_s_receipt(field: str, store: SqliteCaseStore, facts: Facts) -> None:
    """A core that answers the read with another request's receipt leaves the customer with the record alone."""
    desk = desk_on(store, facts)
    finished(post(WANTED, desk), ScriptedCore(APPLIED))
    foreign = Receipt(7, WANTED.key, WANTED.fingerprint, "paid", 2, 0, "")._replace(**{field: "foreign"})
    again = finished(post(WANTED, desk), ScriptedCore(CoreReply(APPLIED, LATENCY_MS, foreign, "", 0)))
    assert (again.state, again.receipt) == (PostingState.RECORDED, None)


def test_double_tap_while_the_first_is_under_way_makes_no_call(store: SqliteCaseStore, facts: Facts) -> None:
    """A second tap during the first call is told to wait; the first alone posts and counts."""
    desk = desk_on(store, facts)
    first = post(WANTED, desk)
    next(first)
    from sandbox.effects import Answer

    first.send(Answer(None, 0))
    second = finished(post(WANTED, desk), ScriptedCore(), at_ms=10)
    assert second == (PostingState.QUEUED, None, 0, "in_hand", 10)
    assert facts == []


def test_double_tap_after_a_refusal_repeats_the_refusal(store: SqliteCaseStore, facts: Facts) -> None:
    """The same decision is not tried again after a refusal; another try is another decision."""
    desk = desk_on(store, facts)
    finished(post(WANTED, desk), ScriptedCore(CoreOutcome.REFUSED))
    again = finished(post(WANTED, desk), ScriptedCore(), at_ms=9_000)
    assert again == (PostingState.REFUSED, None, 1, "duplicate", 9_000)
    assert len(facts.of(PostingRefused)) == 1


def test_double_tap_while_the_breaker_is_open_is_answered_at_its_own_time(
    store: SqliteCaseStore, facts: Facts
) -> None:
    """What is recorded is told at once and without a call: the answer's time is that of the tap."""
    desk = desk_on(store, facts)
    finished(post(WANTED, desk), ScriptedCore(APPLIED))
    for _ in range(20):
        desk.breaker.record(9_000, ok=False)
    again = finished(post(WANTED, desk), ScriptedCore(), at_ms=9_000)
    assert again == (PostingState.RECORDED, None, 1, "duplicate", 9_000)


@pytest.mark.parametrize(
    ("outcome", "shut"), [(APPLIED, False), (CoreOutcome.NOT_FOUND, False), (TIMED_OUT, True)]
)
def test_what_a_core_answers_to_double_taps_opens_the_breaker_only_by_silence(
    outcome: CoreOutcome, shut: bool, store: SqliteCaseStore, facts: Facts
) -> None:
    """Forty repeats that are answered leave the breaker closed; forty unanswered ones open it."""
    desk = desk_on(store, facts)
    finished(post(WANTED, desk), ScriptedCore(APPLIED))
    core = ScriptedCore(*[outcome] * 40)
    for _ in range(40):
        finished(post(WANTED, desk), core)
    assert (len(core.calls) < 40) is shut
    assert desk.breaker.allow(LATENCY_MS) is not shut


def test_a_slow_core_s_answers_renew_the_lease_so_that_it_is_not_lost(
    store: SqliteCaseStore, facts: Facts
) -> None:
    """Three tries of 200 s each outlast the first lease of 300 s; renewed twice, the row is still ours to finish."""
    slow = CoreReply(TIMED_OUT, 200_000, None, "", 0)
    core = ScriptedCore(slow, slow, APPLIED)
    result = finished(post(WANTED, desk_on(store, facts)), core)
    assert core.calls[-1][1] > 5 * MS_PER_MINUTE
    assert (result.state, result.attempts, result.reason) == (PostingState.RECORDED, 3, "")
    assert len(facts.of(Recorded)) == 1


def test_same_key_with_another_payload_is_refused_here(store: SqliteCaseStore, facts: Facts) -> None:
    """A key that already names another payload is refused without a call, and the trail shows it."""
    desk = desk_on(store, facts)
    finished(post(WANTED, desk), ScriptedCore(APPLIED))
    changed = command(amount_minor=9_999)
    assert changed.key == WANTED.key
    result = finished(post(changed, desk), ScriptedCore())
    assert (result.state, result.reason) == (PostingState.REFUSED, "key_reused")
    assert audit_kinds(store) == ["posting_recorded", "posting_refused"]
    kept = store.intent(WANTED.key)
    assert kept is not None
    assert kept.state is OutboxState.DONE


def test_first_tries_feed_the_breaker(store: SqliteCaseStore, facts: Facts) -> None:
    """Twenty unanswered postings open the breaker, so the twenty-first makes no call."""
    desk = desk_on(store, facts, backoff=BackoffRules(tries_max=1))
    core = ScriptedCore(*[TIMED_OUT] * 30)
    for case_id in range(21):
        finished(post(command(case_id), desk), core)
    assert len(core.calls) == 20


@pytest.mark.parametrize(("name", "value"), [("outbox_retry_ms", 30_000), ("outbox_give_up_ms", 0)])
def test_impossible_desk_is_refused(name: str, value: int, store: SqliteCaseStore, facts: Facts) -> None:
    """A lease that does not outlast the longest backoff, or a useless give-up age, is refused by name."""
    with pytest.raises(BadInput, match=name):
        desk_on(store, facts, **{name: value})
