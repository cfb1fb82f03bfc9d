"""Settling: ask the core by key, post again with the same key if it never saw it, stop at a bound."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sandbox.effects import Answer, PostToCore, Wait
from sandbox.errors import RuleBroken
from sandbox.facts import ExceptionRaised, PostingQueued, PostingRefused, PostingTried, Recorded
from sandbox.model import MS_PER_HOUR, MS_PER_MINUTE
from sandbox.ports import CoreOutcome, OutboxRow, OutboxState
from sandbox.writeback import Breaker, BreakerRules, PostingState, WritebackDesk, post, settle
from sandbox.writeback.desk import NEVER_DUE_MS
from scenarios.saved.case_store import SqliteCaseStore
from tests.writeback.bench import (
    LATENCY_MS,
    Facts,
    ScriptedCore,
    audit_kinds,
    command,
    desk_on,
    finished,
    perform,
    sweep,
)

APPLIED, NOT_FOUND, TIMED_OUT = CoreOutcome.APPLIED, CoreOutcome.NOT_FOUND, CoreOutcome.TIMED_OUT
WANTED = command()
DUE_MS = 20 * MS_PER_MINUTE


@pytest.fixture
def desk(store: SqliteCaseStore, facts: Facts) -> WritebackDesk:
    """Return a desk whose outbox holds one intent, unknown after five silent tries."""
    desk = desk_on(store, facts)
    finished(post(WANTED, desk), ScriptedCore(*[TIMED_OUT] * 5))
    facts.clear()
    return replace(desk, breaker=Breaker(BreakerRules()))


def the_row(desk: WritebackDesk) -> OutboxRow:
    """Return the intent as stored."""
    row = desk.store.intent(WANTED.key)
    assert row is not None
    return row


def test_applied_before_is_recorded_without_a_second_post(desk: WritebackDesk, facts: Facts) -> None:
    """If the core has the key, one read settles it: recorded once, with every call counted."""
    core = ScriptedCore(APPLIED)
    [result] = sweep(desk, core, [DUE_MS])
    assert (result.state, result.attempts) == (PostingState.RECORDED, 6)
    assert [kind for kind, _ in core.calls] == ["read"]
    assert facts.of(Recorded) == [Recorded(1, DUE_MS + LATENCY_MS, "pay_now", 5_000, 6, manual=False)]
    assert the_row(desk).state is OutboxState.DONE
    assert sweep(desk, core, [10 * DUE_MS]) == []


def test_never_applied_is_posted_with_the_same_key(desk: WritebackDesk, facts: Facts) -> None:
    """If the core never saw the key, the stored command goes out again, key and payload unchanged."""
    core = ScriptedCore(NOT_FOUND, APPLIED)
    [result] = sweep(desk, core, [DUE_MS])
    assert (result.state, result.attempts) == (PostingState.RECORDED, 7)
    assert [kind for kind, _ in core.calls] == ["read", "post"]
    assert core.last == WANTED
    assert [fact.outcome for fact in facts.of(PostingTried)] == ["not_found", "applied"]
    assert len(facts.of(Recorded)) == 1


@pytest.mark.parametrize("script", [(TIMED_OUT,), (CoreOutcome.UNAVAILABLE,), (NOT_FOUND, TIMED_OUT)])
def test_silence_postpones_it(script: tuple[CoreOutcome, ...], desk: WritebackDesk, facts: Facts) -> None:
    """An unanswered settlement is bounded to these calls and comes due again one retry later."""
    core = ScriptedCore(*script)
    [result] = sweep(desk, core, [DUE_MS])
    assert result.state is PostingState.QUEUED
    row = the_row(desk)
    assert row.state is OutboxState.UNKNOWN
    assert row.attempts == 5 + len(script)
    assert row.next_try_at_ms == result.at_ms + 5 * MS_PER_MINUTE
    assert not facts.of(Recorded)
    assert not facts.of(PostingQueued)


def test_refusal_and_staleness_end_it(store: SqliteCaseStore, facts: Facts) -> None:
    """A late definite no closes the intent: refused with its fact, stale for the caller to decide again."""
    desk = desk_on(store, facts)
    for case_id, outcome in ((1, CoreOutcome.REFUSED), (2, CoreOutcome.STALE)):
        wanted = command(case_id)
        store.add_intent(OutboxRow(wanted, OutboxState.PENDING, 0, 0, 0))
        [result] = sweep(desk, ScriptedCore(NOT_FOUND, outcome), [1])
        assert result.state.value == outcome.value
        kept = store.intent(wanted.key)
        assert kept is not None
        assert kept.state is OutboxState.REFUSED
    assert len(facts.of(PostingRefused)) == 1


def test_open_breaker_postpones_without_a_call(desk: WritebackDesk) -> None:
    """A sweep behind an open breaker makes no call."""
    for _ in range(20):
        desk.breaker.record(DUE_MS, ok=False)
    core = ScriptedCore()
    [result] = sweep(desk, core, [DUE_MS])
    assert (result.state, result.reason, core.calls) == (PostingState.QUEUED, "breaker_open", [])
    assert the_row(desk).next_try_at_ms == DUE_MS + 5 * MS_PER_MINUTE


@pytest.mark.parametrize(
    ("at_ms", "given_up"), [(24 * MS_PER_HOUR - 301, False), (24 * MS_PER_HOUR - 300, True)]
)
def test_after_a_day_a_person_has_it(at_ms: int, given_up: bool, desk: WritebackDesk, facts: Facts) -> None:
    """An intent a day old at the end of a vain settlement leaves the sweep, unknown and in sight."""
    [result] = sweep(desk, ScriptedCore(TIMED_OUT), [at_ms])
    assert (result.reason == "gave_up") == given_up
    assert [raised.reason for raised in facts.of(ExceptionRaised)] == ["core_unavailable"] * given_up
    row = the_row(desk)
    assert row.state is OutboxState.UNKNOWN
    assert (row.next_try_at_ms == NEVER_DUE_MS) == given_up
    assert (audit_kinds(desk.store)[-2:] == ["posting_given_up", "exception_bundle"]) == given_up
    assert not any(raised.bundle_complete for raised in facts.of(ExceptionRaised))  # no message, no identity


def test_a_silent_core_gets_a_bounded_number_of_calls(desk: WritebackDesk) -> None:
    """A core that never answers is asked no more than once per retry time until the intent is given up."""
    core = ScriptedCore(*[TIMED_OUT] * 1_000)
    sweep(desk, core, range(0, 48 * MS_PER_HOUR, MS_PER_MINUTE))
    assert 24 * 60 // 6 <= len(core.calls) <= 24 * 60 // 5
    assert not desk.store.due_intents(10**15, 10)


def test_a_row_not_due_any_more_is_left_alone(desk: WritebackDesk, facts: Facts) -> None:
    """Two workers with the same due row: the second finds it taken, and one record comes out."""
    [row] = desk.store.due_intents(DUE_MS, 10)
    first, second = settle(row, desk), settle(row, desk)
    next(first)
    first.send(Answer(None, DUE_MS))
    taken = finished(second, ScriptedCore(), DUE_MS)
    assert (taken.state, taken.reason) == (PostingState.QUEUED, "in_hand")
    core = ScriptedCore(APPLIED)
    with pytest.raises(StopIteration):
        first.send(Answer(core.read_by_key(WANTED.key, DUE_MS), DUE_MS))
    assert len(facts.of(Recorded)) == 1


def test_a_finished_row_is_answered_from_the_record(desk: WritebackDesk, facts: Facts) -> None:
    """Settling a row that was recorded meanwhile makes no call and counts nothing."""
    [row] = desk.store.due_intents(DUE_MS, 10)
    sweep(desk, ScriptedCore(APPLIED), [DUE_MS])
    result = finished(settle(row, desk), ScriptedCore(), DUE_MS)
    assert (result.state, result.reason) == (PostingState.RECORDED, "duplicate")
    assert len(facts.of(Recorded)) == 1


@pytest.mark.parametrize("answer_of_first", [APPLIED, TIMED_OUT, CoreOutcome.REFUSED])
def test_a_posting_that_outlives_its_lease_yields_to_the_sweep(
    answer_of_first: CoreOutcome, store: SqliteCaseStore, facts: Facts
) -> None:
    """If a sweep took the row from a posting that hung too long, only the sweep records it."""
    desk = desk_on(store, facts)
    hanging = post(WANTED, desk)
    next(hanging)
    assert isinstance(hanging.send(Answer(None, 0)), PostToCore)
    sweep(desk, ScriptedCore(APPLIED), [DUE_MS])
    reply = ScriptedCore(answer_of_first).post(WANTED, 0)
    with pytest.raises(StopIteration) as stop:
        hanging.send(Answer(reply, DUE_MS + 60_000))
    assert (stop.value.value.state is PostingState.RECORDED) == (answer_of_first is APPLIED)
    assert len(facts.of(Recorded)) == 1
    kept = store.intent(WANTED.key)
    assert kept is not None
    assert kept.state is OutboxState.DONE


def test_a_posting_that_waits_past_its_lease_makes_no_further_call(
    store: SqliteCaseStore, facts: Facts
) -> None:
    """A worker that wakes up after a sweep took its row leaves the row alone."""
    desk = desk_on(store, facts)
    late = post(WANTED, desk)
    next(late)
    effect = late.send(Answer(None, 0))
    assert isinstance(late.send(perform(effect, ScriptedCore(TIMED_OUT), 0)), Wait)
    sweep(desk, ScriptedCore(APPLIED), [DUE_MS])
    with pytest.raises(StopIteration) as stop:
        late.send(Answer(None, DUE_MS + 1))
    assert stop.value.value.reason == "in_hand"
    assert len(facts.of(Recorded)) == 1


def test_a_row_the_store_does_not_know_is_our_bug(store: SqliteCaseStore, facts: Facts) -> None:
    """Settling an intent that was never stored is refused loudly."""
    with pytest.raises(RuleBroken, match=WANTED.key):
        finished(
            settle(OutboxRow(WANTED, OutboxState.PENDING, 0, 0, 0), desk_on(store, facts)), ScriptedCore()
        )
