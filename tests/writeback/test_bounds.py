"""Every bound of writeback on both of its sides: what is still allowed, what no more, and in which words."""

from __future__ import annotations

import json
from typing import Any

import pytest

from sandbox.effects import Answer, PostToCore, ReadByKey, Wait
from sandbox.errors import BadInput
from sandbox.facts import ExceptionRaised, PostingQueued, PostingTried, Recorded
from sandbox.model import MS_PER_HOUR, MS_PER_MINUTE
from sandbox.ports import BY_HAND, CoreOutcome, CoreReply, OutboxRow, OutboxState
from sandbox.writeback import (
    BackoffRules,
    Breaker,
    BreakerRules,
    BreakerState,
    PostingState,
    post,
    settle,
)
from sandbox.writeback.desk import NEVER_DUE_MS
from sandbox.writeback.handover import hand_over_later
from scenarios.saved.case_store import SqliteCaseStore
from tests.writeback.bench import (
    LATENCY_MS,
    Facts,
    ScriptedCore,
    command,
    desk_on,
    drive,
    finished,
    sweep,
)

APPLIED, TIMED_OUT, UNAVAILABLE = CoreOutcome.APPLIED, CoreOutcome.TIMED_OUT, CoreOutcome.UNAVAILABLE
WANTED = command()
RETRY_MS = 5 * MS_PER_MINUTE
CLOSED = CoreReply(UNAVAILABLE, LATENCY_MS, None, "window_closed", 0)


def trail(store: SqliteCaseStore) -> list[tuple[str, int, dict[str, Any]]]:
    """Return kind, time and body of every audit row."""
    return [(row.kind, row.at_ms, json.loads(row.body)) for row in store.audit_rows()]


def kept(store: SqliteCaseStore) -> tuple[OutboxState, int, int]:
    """Return state, attempts and next try of the one intent."""
    row = store.intent(WANTED.key)
    assert row is not None
    return row.state, row.attempts, row.next_try_at_ms


# -- rules ----------------------------------------------------------------------------------------------------------

SMALLEST: list[tuple[type, dict[str, Any]]] = [
    (BackoffRules, {"base_ms": 1, "cap_ms": 1, "tries_max": 1}),
    (BackoffRules, {"base_ms": 30_000}),
    (BreakerRules, {"window_ms": 30, "calls_min": 1, "open_ms": 1, "open_ms_max": 1, "probes": 1}),
    (BreakerRules, {"failure_share": 1.0}),
    (BreakerRules, {"failure_share": 0.0001}),
    (BreakerRules, {"open_ms": 120_000}),
]


@pytest.mark.parametrize(("rules", "values"), SMALLEST)
def test_a_rule_at_its_limit_is_accepted(rules: type, values: dict[str, Any]) -> None:
    """The smallest and the largest allowed values make rules."""
    made = rules(**values)
    assert {name: getattr(made, name) for name in values} == values


REFUSED: list[tuple[type, dict[str, Any], list[str]]] = [
    (BackoffRules, {"base_ms": 0}, ["backoff.base_ms: 0 is not at least 1"]),
    (BackoffRules, {"cap_ms": 499}, ["backoff.cap_ms: 499 lies below base_ms 500"]),
    (BackoffRules, {"tries_max": 0}, ["backoff.tries_max: 0 is not at least 1"]),
    (BreakerRules, {"window_ms": 29}, ["breaker.window_ms: 29 is not at least 30"]),
    (BreakerRules, {"calls_min": 0}, ["breaker.calls_min: 0 is not at least 1"]),
    (BreakerRules, {"open_ms": 0}, ["breaker.open_ms: 0 is not at least 1"]),
    (BreakerRules, {"open_ms_max": 14_999}, ["breaker.open_ms_max: 14999 is not at least 15000"]),
    (BreakerRules, {"probes": 0}, ["breaker.probes: 0 is not at least 1"]),
    (BreakerRules, {"failure_share": 0.0}, ["breaker.failure_share: 0.0 is not in (0, 1]"]),
    (BreakerRules, {"failure_share": 1.1}, ["breaker.failure_share: 1.1 is not in (0, 1]"]),
    (
        BreakerRules,
        {"calls_min": 0, "probes": 0},
        ["breaker.calls_min: 0 is not at least 1", "breaker.probes: 0 is not at least 1"],
    ),
]


@pytest.mark.parametrize(("rules", "values", "problems"), REFUSED)
def test_a_rule_beyond_its_limit_is_refused_in_words(
    rules: type, values: dict[str, Any], problems: list[str]
) -> None:
    """One step further is refused with name, value and limit, every fault of it."""
    with pytest.raises(BadInput) as refused:
        rules(**values)
    assert refused.value.problems == problems


def test_the_rules_have_the_agreed_values() -> None:
    """Backoff of 0.5 to 30 s, five tries; a breaker on half of twenty calls in 30 s, open 15 s to two minutes."""
    backoff, breaker = BackoffRules(), BreakerRules()
    assert (backoff.base_ms, backoff.cap_ms, backoff.tries_max) == (500, 30_000, 5)
    assert (breaker.window_ms, breaker.calls_min, breaker.failure_share) == (30_000, 20, 0.5)
    assert (breaker.open_ms, breaker.open_ms_max, breaker.probes) == (15_000, 120_000, 3)


def test_the_exponent_of_a_wait_is_bounded() -> None:
    """With a cap beyond reach the step doubles to the 32nd try and not after it."""
    rules = BackoffRules(1, 2**62)
    assert [rules.delay_ms(n, 0.5) for n in (1, 2, 31, 32, 33, 34)] == [0, 1, 2**29, 2**30, 2**30, 2**30]


def test_a_lease_outlasts_the_longest_wait_by_a_millisecond(store: SqliteCaseStore, facts: Facts) -> None:
    """A lease as long as the cap is refused in words; one millisecond more is accepted."""
    assert desk_on(store, facts, outbox_retry_ms=30_001, outbox_give_up_ms=1).outbox_give_up_ms == 1
    with pytest.raises(BadInput) as refused:
        desk_on(store, facts, outbox_retry_ms=30_000, outbox_give_up_ms=0)
    assert refused.value.problems == [
        "writeback.outbox_retry_ms: 30000 is not above backoff.cap_ms 30000",
        "writeback.outbox_give_up_ms: 0 is not at least 1",
    ]
    desk = desk_on(store, facts)
    assert (desk.outbox_retry_ms, desk.outbox_give_up_ms) == (300_000, 86_400_000)


# -- tries ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("tries", [1, 2, 7])
def test_exactly_so_many_tries_are_made(tries: int, store: SqliteCaseStore, facts: Facts) -> None:
    """N calls with N - 1 waits between them, each told and numbered; then the outbox."""
    core = ScriptedCore(*[TIMED_OUT] * tries)
    ended = drive(post(WANTED, desk_on(store, facts, backoff=BackoffRules(tries_max=tries))), core)
    assert ended.result == (PostingState.QUEUED, None, tries, "tries_used_up", ended.at_ms)
    assert ended.waits_ms == [250 * 2**n for n in range(tries - 1)]
    assert [fact.attempt for fact in facts.of(PostingTried)] == list(range(1, tries + 1))
    assert kept(store) == (OutboxState.UNKNOWN, tries, ended.at_ms + RETRY_MS)
    kinds = [kind for kind, _, _ in trail(store)]
    assert kinds == ["posting_unknown"] * (tries - 1) + ["posting_queued"]


def test_the_last_try_may_still_be_the_one(store: SqliteCaseStore, facts: Facts) -> None:
    """The fifth call's answer counts like the first's."""
    core = ScriptedCore(*[TIMED_OUT] * 4, APPLIED)
    result = finished(post(WANTED, desk_on(store, facts)), core)
    assert (result.state, result.attempts, result.reason) == (PostingState.RECORDED, 5, "")
    assert kept(store) == (OutboxState.DONE, 5, NEVER_DUE_MS)


# -- what is written ------------------------------------------------------------------------------------------------


def test_every_row_of_evidence_says_all_of_it(store: SqliteCaseStore, facts: Facts) -> None:
    """Unknown, then recorded: key, tries and reason in the one, the whole posting and its receipt in the other."""
    finished(post(WANTED, desk_on(store, facts)), ScriptedCore(TIMED_OUT, APPLIED))
    unknown, recorded = trail(store)
    assert unknown == (
        "posting_unknown",
        300,
        {"key": WANTED.key, "attempts": 1, "reason": "timed_out"},
    )
    assert recorded == (
        "posting_recorded",
        850,
        {
            "key": WANTED.key,
            "fingerprint": WANTED.fingerprint,
            "action": "pay_now",
            "amount_minor": 5_000,
            "due_day_offset": 0,
            "source": "customer",
            "attempts": 2,
            "posting_id": 7,
            "status": "paid",
            "version": 2,
            "posted_at_ms": 0,
        },
    )


@pytest.mark.parametrize(
    ("outcome", "kind", "reason"),
    [
        (CoreReply(CoreOutcome.REFUSED, LATENCY_MS, None, "declined", 0), "posting_refused", "declined"),
        (CoreReply(CoreOutcome.REFUSED, LATENCY_MS, None, "", 0), "posting_refused", "refused"),
        (CoreReply(CoreOutcome.KEY_REUSED, LATENCY_MS, None, "", 0), "posting_refused", "key_reused"),
        (CoreOutcome.STALE, "posting_stale", "version 9, decided on 1"),
        (CoreOutcome.KEY_EXPIRED, "posting_given_up", "key_expired"),
    ],
)
def test_every_definite_end_is_written_once_and_never_due_again(
    outcome: CoreOutcome | CoreReply, kind: str, reason: str, store: SqliteCaseStore, facts: Facts
) -> None:
    """The row's reason, the intent's end, and no sweep that would take it."""
    result = finished(post(WANTED, desk_on(store, facts)), ScriptedCore(outcome))
    assert (result.reason, result.receipt, result.attempts, result.at_ms) == (reason, None, 1, LATENCY_MS)
    assert trail(store)[0] == (
        kind,
        LATENCY_MS,
        {"key": WANTED.key, "attempts": 1, "reason": reason},
    )
    state = OutboxState.UNKNOWN if kind == "posting_given_up" else OutboxState.REFUSED
    assert kept(store) == (state, 1, NEVER_DUE_MS)
    assert NEVER_DUE_MS == 2**62


def test_a_payload_that_changed_is_told_to_trail_and_listeners(store: SqliteCaseStore, facts: Facts) -> None:
    """The refused fingerprint stands in the row, the first posting's attempts in the result."""
    desk = desk_on(store, facts)
    finished(post(WANTED, desk), ScriptedCore(TIMED_OUT, APPLIED))
    facts.clear()
    changed = command(amount_minor=1)
    result = finished(post(changed, desk), ScriptedCore(), at_ms=9)
    assert result == (PostingState.REFUSED, None, 2, "key_reused", 9)
    body = {"key": WANTED.key, "fingerprint": changed.fingerprint, "reason": "key_reused"}
    assert trail(store)[-1] == ("posting_refused", 9, body)
    assert facts == [(1, 9, "key_reused")]


@pytest.mark.parametrize(("source", "manual"), [(BY_HAND, True), ("agent", False), ("customer", False)])
def test_what_a_person_rekeyed_is_recorded_as_manual(
    source: str, manual: bool, store: SqliteCaseStore, facts: Facts
) -> None:
    """Only the back office's postings are manual; a promise carries its days."""
    wanted = command(action="promise_to_pay", due_day_offset=9, source=source)
    core = ScriptedCore(APPLIED)
    finished(post(wanted, desk_on(store, facts)), core)
    assert facts.of(Recorded) == [Recorded(1, LATENCY_MS, "promise_to_pay", 5_000, 1, manual, 9)]


# -- the batch window -----------------------------------------------------------------------------------------------


def test_a_closed_window_queues_after_one_call(store: SqliteCaseStore, facts: Facts) -> None:
    """No backoff is tried against a closed window: one call, queued with that reason, due one retry later."""
    core = ScriptedCore(CLOSED)
    ended = drive(post(WANTED, desk_on(store, facts)), core, at_ms=7)
    assert ended.result == (PostingState.QUEUED, None, 1, "window_closed", 7 + LATENCY_MS)
    assert (ended.waits_ms, len(core.calls)) == ([], 1)
    assert kept(store) == (OutboxState.UNKNOWN, 1, 7 + LATENCY_MS + RETRY_MS)
    assert facts.of(PostingQueued) == [PostingQueued(1, 7 + LATENCY_MS)]


def test_another_reason_is_no_closed_window(store: SqliteCaseStore, facts: Facts) -> None:
    """A core that is down is tried again."""
    down = CoreReply(UNAVAILABLE, LATENCY_MS, None, "outage", 0)
    assert finished(post(WANTED, desk_on(store, facts)), ScriptedCore(down, APPLIED)).attempts == 2


def test_closed_windows_do_not_open_the_breaker(store: SqliteCaseStore, facts: Facts) -> None:
    """Any number of postings into a closed window leaves the breaker closed."""
    desk = desk_on(store, facts)
    for case_id in range(1, 60):
        finished(post(command(case_id), desk), ScriptedCore(CLOSED))
    assert desk.breaker.state(0) is BreakerState.CLOSED


# -- lease ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("late_ms", "yields"), [(-1, False), (0, True)])
def test_a_posting_looks_whether_it_still_has_its_row_from_the_end_of_its_lease(
    late_ms: int, yields: bool, store: SqliteCaseStore, facts: Facts
) -> None:
    """Within the lease an answer is taken in unasked; from its last millisecond on a taken row is left alone."""
    desk = desk_on(store, facts)
    flow = post(WANTED, desk)
    next(flow)
    flow.send(Answer(None, 0))
    store.update_intent(WANTED.key, OutboxState.UNKNOWN, 3, 77)  # as a sweep would that took it
    reply = ScriptedCore(CoreOutcome.REFUSED).post(WANTED, 0)
    with pytest.raises(StopIteration) as stop:
        flow.send(Answer(reply, RETRY_MS + late_ms))
    expected = PostingState.QUEUED if yields else PostingState.REFUSED
    assert stop.value.value.state is expected
    assert (stop.value.value.attempts, stop.value.value.reason) == (1, "in_hand" if yields else "refused")
    assert kept(store)[1] == (3 if yields else 1)


def test_a_lease_that_ran_out_and_was_not_taken_is_still_ours(store: SqliteCaseStore, facts: Facts) -> None:
    """Late, but nobody else came: the answer counts."""
    flow = post(WANTED, desk_on(store, facts))
    next(flow)
    flow.send(Answer(None, 0))
    with pytest.raises(StopIteration) as stop:
        flow.send(Answer(ScriptedCore(APPLIED).post(WANTED, 0), 2 * RETRY_MS))
    assert stop.value.value.state is PostingState.RECORDED


def test_each_unknown_answer_renews_the_lease(store: SqliteCaseStore, facts: Facts) -> None:
    """Between two tries the row is due one retry after the last answer."""
    drive(post(WANTED, desk_on(store, facts)), ScriptedCore(TIMED_OUT), cut_after=3)
    assert kept(store) == (OutboxState.UNKNOWN, 1, LATENCY_MS + RETRY_MS)


@pytest.mark.parametrize(("at_ms", "calls"), [(99, 0), (100, 1)])
def test_a_sweep_takes_a_row_from_the_millisecond_it_is_due(
    at_ms: int, calls: int, store: SqliteCaseStore, facts: Facts
) -> None:
    """One earlier it is in somebody's hand."""
    desk, row = desk_on(store, facts), OutboxRow(WANTED, OutboxState.PENDING, 0, 0, 100)
    store.add_intent(row)
    core = ScriptedCore(APPLIED)
    result = finished(settle(row, desk), core, at_ms)
    assert len(core.calls) == calls
    assert result.reason == ("" if calls else "in_hand")


def test_a_sweep_claims_a_row_before_it_asks(store: SqliteCaseStore, facts: Facts) -> None:
    """The claim is one retry long and durable before the first call; state and attempts stay."""
    desk, row = desk_on(store, facts), OutboxRow(WANTED, OutboxState.UNKNOWN, 4, 0, 100)
    store.add_intent(row)
    flow = settle(row, desk)
    assert next(flow) == Wait(0)
    assert flow.send(Answer(None, 500)) == ReadByKey(WANTED.key)
    assert kept(store) == (OutboxState.UNKNOWN, 4, 500 + RETRY_MS)


# -- settling -------------------------------------------------------------------------------------------------------


def settled(store: SqliteCaseStore, facts: Facts, *script: CoreOutcome | CoreReply, attempts: int = 0) -> Any:
    """Settle an intent tried so often, due at 0, at time 100; return the result and the calls."""
    state = OutboxState.UNKNOWN if attempts else OutboxState.PENDING
    store.add_intent(OutboxRow(WANTED, state, attempts, 0, 0))
    core = ScriptedCore(*script)
    [result] = sweep(desk_on(store, facts), core, [100])
    return result, [kind for kind, _ in core.calls]


def test_one_settlement_is_one_read_and_one_post_at_most(store: SqliteCaseStore, facts: Facts) -> None:
    """Not found and still not applied: two calls, counted on top of those before, then postponed with the reason."""
    result, calls = settled(store, facts, CoreOutcome.NOT_FOUND, CoreOutcome.IN_PROGRESS, attempts=5)
    assert calls == ["read", "post"]
    at_ms = 100 + 2 * LATENCY_MS
    assert result == (PostingState.QUEUED, None, 7, "in_progress", at_ms)
    assert kept(store) == (OutboxState.UNKNOWN, 7, at_ms + RETRY_MS)
    body = {"key": WANTED.key, "attempts": 7, "reason": "in_progress"}
    assert trail(store) == [("posting_unsettled", at_ms, body)]


def test_without_a_clear_read_nothing_is_posted(store: SqliteCaseStore, facts: Facts) -> None:
    """A read nobody answered ends the settlement."""
    result, calls = settled(store, facts, TIMED_OUT)
    assert calls == ["read"]
    assert (result.attempts, result.reason) == (1, "timed_out")


def test_an_intent_never_called_for_stays_pending(store: SqliteCaseStore, facts: Facts) -> None:
    """Postponed behind an open breaker without a call it is still what it was; that is told nobody twice."""
    desk = desk_on(store, facts)
    for _ in range(20):
        desk.breaker.record(0, ok=False)
    store.add_intent(OutboxRow(WANTED, OutboxState.PENDING, 0, 0, 0))
    [result] = sweep(desk, ScriptedCore(), [100])
    assert result == (PostingState.QUEUED, None, 0, "breaker_open", 100)
    assert kept(store) == (OutboxState.PENDING, 0, 100 + RETRY_MS)
    assert facts == []


def test_a_breaker_that_opens_on_the_read_stops_the_post(store: SqliteCaseStore, facts: Facts) -> None:
    """With one probe left the read spends it, and the post waits for the next sweep."""
    desk = desk_on(store, facts, breaker=Breaker(BreakerRules(calls_min=1, open_ms=1_000, probes=1)))
    desk.breaker.record(0, ok=False)
    assert desk.breaker.state(1_000) is BreakerState.HALF_OPEN
    store.add_intent(OutboxRow(WANTED, OutboxState.PENDING, 0, 0, 0))
    core = ScriptedCore(TIMED_OUT)
    [result] = sweep(desk, core, [1_000])
    assert (result.attempts, result.reason, len(core.calls)) == (1, "timed_out", 1)
    assert desk.breaker.state(1_000 + LATENCY_MS) is BreakerState.OPEN


@pytest.mark.parametrize(("age_ms", "left"), [(24 * MS_PER_HOUR - 1, False), (24 * MS_PER_HOUR, True)])
def test_at_a_day_of_age_a_person_has_it(
    age_ms: int, left: bool, store: SqliteCaseStore, facts: Facts
) -> None:
    """Counted from the intent to the end of the settlement, to the millisecond."""
    begun_ms = 1_000
    store.add_intent(OutboxRow(WANTED, OutboxState.UNKNOWN, 2, begun_ms, 0))
    end_ms = begun_ms + age_ms
    [result] = sweep(desk_on(store, facts), ScriptedCore(TIMED_OUT), [end_ms - LATENCY_MS])
    assert result == (PostingState.QUEUED, None, 3, "gave_up" if left else "timed_out", end_ms)
    assert kept(store) == (OutboxState.UNKNOWN, 3, NEVER_DUE_MS if left else end_ms + RETRY_MS)
    raised = [ExceptionRaised(1, end_ms, "core_unavailable", False)] if left else []
    assert facts.of(ExceptionRaised) == raised
    if left:
        given_up, bundle = trail(store)[-2:]
        assert given_up[:2] == ("posting_given_up", end_ms)
        assert (bundle[0], bundle[2]["reason"], bundle[2]["failure"]) == (
            *("exception_bundle", "core_unavailable", "gave_up"),
        )


def test_scattered_evidence_hands_over_the_reason_alone(store: SqliteCaseStore, facts: Facts) -> None:
    """Where nobody can put a bundle together there is none."""
    desk = desk_on(store, facts, whole_bundles=False)
    store.add_intent(OutboxRow(WANTED, OutboxState.UNKNOWN, 2, 0, 0))
    sweep(desk, ScriptedCore(TIMED_OUT), [24 * MS_PER_HOUR])
    body = trail(store)[-1][2]
    assert (body["reason"], body["failure"], body["next_action"], body["evidence"]) == (
        *("core_unavailable", "", "", []),
    )


def test_a_bundle_holds_the_evidence_of_its_own_case_alone(store: SqliteCaseStore, facts: Facts) -> None:
    """What the trail knows of somebody else does not reach the person who takes the case over."""
    desk = desk_on(store, facts)
    desk.audit.record(1, 0, "identity_proven", {"method": "one_time_code"})
    desk.audit.record(2, 0, "identity_refused", {"method": "known_facts"})
    desk.store.commit()
    hand_over_later(desk, 1, 5, "core_unavailable", "gave_up")
    body = trail(store)[-1][2]
    assert body["evidence"] == ["identity_proven"]
    assert body["identity"] == "one_time_code accepted"


def test_a_repeat_of_what_is_recorded_asks_by_key_once(store: SqliteCaseStore, facts: Facts) -> None:
    """The double tap's read feeds the breaker, spends no posting, and tells the time it took."""
    desk = desk_on(store, facts)
    finished(post(WANTED, desk), ScriptedCore(APPLIED))
    core = ScriptedCore(APPLIED)
    again = finished(post(WANTED, desk), core, 1_000)
    assert (core.calls, again.at_ms, again.attempts) == ([("read", 1_000)], 1_000 + LATENCY_MS, 1)
    assert desk.breaker._total_calls == 2
    for _ in range(30):
        desk.breaker.record(2_000, ok=False)
    silent = ScriptedCore()
    shut = finished(post(WANTED, desk), silent, 2_000)
    assert (shut.state, shut.reason, shut.receipt, silent.calls) == (
        *(PostingState.RECORDED, "duplicate", None, []),
    )


def test_the_first_thing_a_posting_does_is_ask_the_time() -> None:
    """Neither flow touches the store before it knows when it is."""
    nowhere: Any = None
    assert next(post(WANTED, nowhere)) == Wait(0)
    assert next(settle(OutboxRow(WANTED, OutboxState.PENDING, 0, 0, 0), nowhere)) == Wait(0)


def test_the_call_is_the_command_itself(store: SqliteCaseStore, facts: Facts) -> None:
    """What goes out is what was stored, field by field."""
    flow = post(WANTED, desk_on(store, facts))
    next(flow)
    assert flow.send(Answer(None, 5)) == PostToCore(WANTED)
    row = store.intent(WANTED.key)
    assert row == OutboxRow(WANTED, OutboxState.PENDING, 0, 5, 5 + RETRY_MS)


def test_each_step_is_durable_before_the_next_one(store: SqliteCaseStore, facts: Facts) -> None:
    """Intent, unknown answer, claim, record: one commit each, and at each the trail stands beside the outbox."""
    committed: list[tuple[OutboxState, int, int]] = []

    def commit() -> None:
        state, attempts, _ = kept(store)
        committed.append((state, attempts, len(list(store.audit_rows()))))

    store.commit = commit  # type: ignore[method-assign]
    desk = desk_on(store, facts, backoff=BackoffRules(tries_max=2))
    finished(post(WANTED, desk), ScriptedCore(TIMED_OUT, TIMED_OUT))
    pending, unknown, done = OutboxState.PENDING, OutboxState.UNKNOWN, OutboxState.DONE
    assert committed == [(pending, 0, 0), (unknown, 1, 1), (unknown, 2, 2)]
    sweep(desk, ScriptedCore(APPLIED), [RETRY_MS * 2])
    assert committed[3:] == [(unknown, 2, 2), (done, 3, 3)]
    finished(post(command(amount_minor=1), desk), ScriptedCore())
    assert committed[5:] == [(done, 3, 4)]


def test_handing_over_is_durable_before_it_is_told(store: SqliteCaseStore, facts: Facts) -> None:
    """The bundle is committed with nothing left for later when listeners hear of the exception."""
    heard: list[int] = []
    rows_at_commit: list[int] = []
    store.commit = lambda: rows_at_commit.append(len(list(store.audit_rows())))  # type: ignore[method-assign]
    facts.emit = lambda _fact: heard.append(len(rows_at_commit))  # type: ignore[method-assign,misc]
    finished(post(WANTED, desk_on(store, facts)), ScriptedCore(CoreOutcome.KEY_EXPIRED))
    assert rows_at_commit == [0, 1, 2]
    assert heard[-1] == 3
