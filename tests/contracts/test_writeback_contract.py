"""The writeback contract, row by row, asked of every core in `tests.contracts.cores.CORES`.

row 1  new key                            executed: effect, answer, audit row and event in one transaction
row 2  same key, same payload             the stored answer, replayed; no new effect, no new event
row 3  same key, other payload            refused (422); nothing written but evidence
row 4  same key, still running            refused for now (409), never waits
row 5  refused before execution           not stored: the key stays free
row 6  stale version                      refused (412) with the current version; a new decision has a new key
row 7  5xx, timeout, lost answer          unknown: the same key only, then settled by asking; never "failed"
row 8  key older than its retention       refused (410), never executed again in silence
row 9  crash between two steps            the sweep takes what is past its lease, and settles by asking
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from fake_core.faults import FaultPlan
from fake_core.profiles import CoreProfile
from sandbox.facts import PostingQueued, PostingRefused, Recorded
from sandbox.model import MS_PER_DAY, MS_PER_HOUR, MS_PER_MINUTE
from sandbox.ports import CoreOutcome, OutboxState, PostCommand
from sandbox.writeback import PostingState, post
from scenarios.saved.case_store import SqliteCaseStore
from tests.contracts.cores import CORES, CoreBench
from tests.writeback.bench import Facts, account, audit_kinds, command, desk_on, drive, finished, sweep

RETENTION_MS = 35 * MS_PER_DAY
EXECUTES_MS = 250
STEADY = CoreProfile(latency_sigma=0)
LATER = [MS_PER_HOUR]
ACCOUNTS = (1, 2)
EFFECT = '{"completes":true,"kind":"change","set":{"card_status":"ok","retries":2},"status":"card_updated"}'
CARD = {"action": "update_card", "amount_minor": 0, "effect": EFFECT, "inputs": '{"card":"tok_1"}'}

Build = Callable[..., CoreBench]


@pytest.fixture(params=CORES)
def build(request: pytest.FixtureRequest) -> Iterator[Build]:
    """Return a function that opens the core under test with two fresh accounts; closed after the test."""
    with ExitStack() as stack:

        def opened(profile: CoreProfile = STEADY, faults: FaultPlan | None = None) -> CoreBench:
            bench = stack.enter_context(CORES[request.param](profile, faults or FaultPlan()))
            bench.book.load_accounts([account(n) for n in ACCOUNTS])
            return bench

        yield opened


def shape_of(bench: CoreBench) -> tuple[object, ...]:
    """Return all that an effect would change: the accounts and what was recorded of them."""
    totals = bench.book.totals()
    accounts = [bench.port.read_account(n) for n in ACCOUNTS]
    return accounts, totals.postings, totals.events, totals.paid_minor, totals.completed


def only(bench: CoreBench, wanted: PostCommand) -> None:
    """Assert that the books hold this command once, and nothing else."""
    totals = bench.book.totals()
    assert (totals.postings, totals.audit_rows, totals.events, totals.duplicate_keys) == (1, 1, 1, 0)
    [posting] = bench.book.postings_for(wanted.case_id)
    assert (posting.account_id, posting.action) == (wanted.account_id, wanted.action)
    assert (posting.amount_minor, posting.due_day_offset) == (wanted.amount_minor, wanted.due_day_offset)
    assert posting.source == wanted.source
    assert bench.port.read_account(wanted.account_id).version == 2


@pytest.mark.parametrize(
    ("action", "changed"),
    [
        ("pay_now", {"balance_minor": 95_000, "overdue_minor": 15_000}),
        ("promise_to_pay", {}),
        ("dispute", {"disputed": True}),
    ],
)
def test_row_1_a_new_key_is_executed_whole(action: str, changed: dict[str, object], build: Build) -> None:
    """A new key changes the account as its action says, and leaves one record, one audit row and one event."""
    bench = build()
    wanted = command(action=action, due_day_offset=5 if action == "promise_to_pay" else 0)
    reply = bench.port.post(wanted, 77)
    assert (reply.outcome, reply.reason, reply.version) == (CoreOutcome.APPLIED, "", 0)
    assert reply.receipt is not None
    assert (reply.receipt.key, reply.receipt.fingerprint) == (wanted.key, wanted.fingerprint)
    assert reply.receipt.version == 2
    assert reply.receipt.status == {"pay_now": "paid", "promise_to_pay": "promised"}.get(action, "disputed")
    assert reply.receipt.note.casefold() == wanted.note
    assert 77 <= reply.receipt.posted_at_ms <= 77 + reply.latency_ms
    assert bench.port.read_account(1) == account(1, version=2, complete=True, **changed)
    assert bench.port.read_account(2) == account(2)
    assert [bench.port.is_complete(n) for n in ACCOUNTS] == [True, False]
    assert bench.port.read_accounts(1, 1) == [bench.port.read_account(1)]
    only(bench, wanted)


def test_row_1_what_an_action_writes_is_in_the_same_transaction(build: Build) -> None:
    """An action of a policy's own: its status, its details and the completed case, by its effect and once."""
    bench = build()
    wanted = command(**CARD)
    first = bench.port.post(wanted, 0)
    assert first.receipt is not None
    assert (first.receipt.status, first.receipt.fingerprint) == ("card_updated", wanted.fingerprint)
    after = bench.port.read_account(1)
    assert after == account(1, version=2, complete=True, details=after.details)
    assert json.loads(after.details) == {"card_status": "ok", "retries": 2}
    assert bench.port.post(wanted, MS_PER_HOUR).receipt == first.receipt
    only(bench, wanted)


@pytest.mark.parametrize("other", [{"effect": EFFECT.replace("2", "3")}, {"inputs": '{"card":"tok_2"}'}])
def test_row_3_another_effect_or_other_inputs_are_another_payload(
    other: dict[str, str], build: Build
) -> None:
    """What is written and what the customer put in belong to what a key means."""
    bench = build()
    bench.port.post(command(**CARD), 0)
    before = shape_of(bench)
    assert bench.port.post(command(**CARD | other), MS_PER_HOUR).outcome is CoreOutcome.KEY_REUSED
    assert shape_of(bench) == before


def test_row_2_the_same_key_again_returns_the_stored_answer(build: Build) -> None:
    """A repetition, by post or by read, gets the first receipt, however late, and changes nothing."""
    bench = build()
    first = bench.port.post(command(), 0)
    before = shape_of(bench)
    for at_ms in (first.latency_ms, MS_PER_DAY, RETENTION_MS):
        again = bench.port.post(command(), at_ms)
        assert (again.outcome, again.receipt) == (CoreOutcome.REPLAYED, first.receipt)
        found = bench.port.read_by_key(command().key, at_ms)
        assert (found.outcome, found.receipt) == (CoreOutcome.APPLIED, first.receipt)
    assert shape_of(bench) == before
    only(bench, command())


@pytest.mark.parametrize(
    "other", [{"amount_minor": 4_999}, {"due_day_offset": 1}, {"expected_version": 2}, {"account_id": 2}]
)
def test_row_3_the_same_key_with_another_payload_is_refused(other: dict[str, int], build: Build) -> None:
    """Any other payload under a key that was applied changes nothing, and the first stays what the key means."""
    bench = build()
    first = bench.port.post(command(), 0)
    before = shape_of(bench)
    reply = bench.port.post(command(**other), MS_PER_MINUTE)
    assert (reply.outcome, reply.receipt) == (CoreOutcome.KEY_REUSED, None)
    assert shape_of(bench) == before
    assert bench.port.post(command(), 2 * MS_PER_MINUTE).receipt == first.receipt


def test_row_4_the_same_key_while_it_runs_is_refused_for_now(build: Build) -> None:
    """A second call inside the first one's execution is told 409 at once; as soon as that ended, the answer."""
    bench = build(CoreProfile(latency_sigma=0, executes_ms=EXECUTES_MS))
    applied = bench.port.post(command(), 0)
    assert applied.receipt is not None
    ends_ms = applied.receipt.posted_at_ms + EXECUTES_MS
    before = shape_of(bench)
    for at_ms in (applied.receipt.posted_at_ms, ends_ms - 1):
        running = bench.port.post(command(), at_ms)
        assert (running.outcome, running.receipt) == (CoreOutcome.IN_PROGRESS, None)
        assert running.latency_ms <= STEADY.timeout_ms
    assert shape_of(bench) == before
    assert bench.port.post(command(2), 1).outcome is CoreOutcome.APPLIED  # another key is not held up
    assert bench.port.post(command(), ends_ms).outcome is CoreOutcome.REPLAYED


def test_row_4_two_workers_with_one_decision_leave_one_effect(
    build: Build, store: SqliteCaseStore, facts: Facts
) -> None:
    """A posting that meets its own copy in progress comes back until it has the answer, and records it once."""
    bench = build(CoreProfile(latency_sigma=0, executes_ms=EXECUTES_MS))
    bench.port.post(command(), 0)
    result = finished(post(command(), desk_on(store, facts)), bench.port, 10)
    assert result.state is PostingState.RECORDED
    assert len(facts.of(Recorded)) == 1
    only(bench, command())


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ({"amount_minor": 0}, "invalid_amount"),
        ({"amount_minor": 100_001}, "amount_above_balance"),
        ({"account_id": 99}, "unknown_account"),
        ({"effect": EFFECT.replace("change", "payment"), "amount_minor": 100_001}, "amount_above_balance"),
        ({"effect": "{}"}, "invalid_effect"),
    ],
)
def test_row_5_what_is_refused_before_execution_leaves_its_key_free(
    wrong: dict[str, int], reason: str, build: Build
) -> None:
    """A refusal writes nothing, and the same key can be applied once the reason is gone."""
    bench = build()
    before = shape_of(bench)
    reply = bench.port.post(command(**wrong), 0)
    assert (reply.outcome, reply.reason, reply.receipt) == (CoreOutcome.REFUSED, reason, None)
    assert shape_of(bench) == before
    assert bench.port.read_by_key(command().key, 1).outcome is CoreOutcome.NOT_FOUND
    assert bench.port.post(command(), 2).outcome is CoreOutcome.APPLIED


def test_row_5_the_limits_of_an_amount_are_allowed(build: Build) -> None:
    """One minor unit and the whole balance are accepted, each at its limit."""
    bench = build()
    for n, amount_minor in ((1, 1), (2, 100_000)):
        assert bench.port.post(command(n, amount_minor=amount_minor), 0).outcome is CoreOutcome.APPLIED
        assert bench.port.read_account(n).balance_minor == 100_000 - amount_minor


def test_row_5_a_complete_case_takes_no_second_outcome(build: Build) -> None:
    """After a promise, a payment under a new key on the current version is refused, and its key stays free."""
    bench = build()
    bench.port.post(command(action="promise_to_pay"), 0)
    reply = bench.port.post(command(expected_version=2), MS_PER_MINUTE)
    assert (reply.outcome, reply.reason) == (CoreOutcome.REFUSED, "already_complete")
    assert bench.port.read_by_key(command().key, 2 * MS_PER_MINUTE).outcome is CoreOutcome.NOT_FOUND


@pytest.mark.parametrize("decided_on", [0, 2])
def test_row_6_a_stale_version_is_refused_with_the_current_one(decided_on: int, build: Build) -> None:
    """A decision on a version before or after the account's changes nothing; the new decision has a new key."""
    bench = build()
    before = shape_of(bench)
    reply = bench.port.post(command(expected_version=decided_on), 0)
    assert (reply.outcome, reply.version, reply.receipt) == (CoreOutcome.STALE, 1, None)
    assert shape_of(bench) == before
    again = command(decision="d2", expected_version=reply.version)
    assert again.key != command().key
    assert bench.port.post(again, 1).outcome is CoreOutcome.APPLIED


SILENCES = {
    "lost answers": FaultPlan(lost_ack_rate=1.0),
    "5xx after commit": FaultPlan(unavailable_after_commit_rate=1.0),
    "lost requests": FaultPlan(lost_request_rate=1.0),
    "5xx": FaultPlan(unavailable_rate=1.0),
}


@pytest.mark.parametrize("silence", SILENCES)
def test_row_7_silence_is_unknown_until_the_core_is_asked_by_key(
    silence: str, build: Build, store: SqliteCaseStore, facts: Facts
) -> None:
    """However often nothing is heard, the intent is unknown and never failed; healed, it is recorded once."""
    bench = build(STEADY, SILENCES[silence])
    result = finished(post(command(), desk_on(store, facts)), bench.port)
    assert (result.state, result.attempts) == (PostingState.QUEUED, 5)
    kept = store.intent(command().key)
    assert kept is not None
    assert kept.state is OutboxState.UNKNOWN
    assert (facts.of(Recorded), facts.of(PostingRefused), len(facts.of(PostingQueued))) == ([], [], 1)
    assert bench.book.totals().postings <= 1
    bench.book.suffer(FaultPlan())
    [settled] = sweep(desk_on(store, facts), bench.port, LATER)
    assert settled.state is PostingState.RECORDED
    assert len(facts.of(Recorded)) == 1
    only(bench, command())


def test_row_8_a_key_past_its_retention_is_refused(build: Build) -> None:
    """On its last millisecond a key still has its answer; one later it has none, and nothing is done again."""
    bench = build()
    receipt = bench.port.post(command(), 0).receipt
    assert receipt is not None
    last_ms = receipt.posted_at_ms + RETENTION_MS
    assert bench.port.read_by_key(command().key, last_ms).outcome is CoreOutcome.APPLIED
    late = bench.port.read_by_key(command().key, last_ms + 1)
    assert (late.outcome, late.receipt) == (CoreOutcome.KEY_EXPIRED, None)
    before = shape_of(bench)
    assert bench.port.post(command(), last_ms + 1).outcome is CoreOutcome.KEY_EXPIRED
    assert shape_of(bench) == before


@pytest.mark.parametrize("effects", range(4))
def test_row_9_a_crash_between_two_steps_is_settled_by_the_sweep(
    effects: int, build: Build, tmp_path: Path
) -> None:
    """A worker dies after any number of steps; nobody touches its row within the lease, the sweep settles it then."""
    bench, path = build(STEADY, FaultPlan()), str(tmp_path / "store.db")
    store = SqliteCaseStore(path, commit_every=1)
    begun = drive(post(command(), desk_on(store, Facts())), bench.port, cut_after=effects)
    store.abandon()
    store, facts = SqliteCaseStore(path, commit_every=1), Facts()
    desk = desk_on(store, facts)
    lease_ends_ms = desk.outbox_retry_ms
    assert sweep(desk, bench.port, [lease_ends_ms - 1]) == []
    settled = sweep(desk, bench.port, [lease_ends_ms])
    assert [result.state for result in settled] == [PostingState.RECORDED] * (
        begun.result is None and effects > 1
    )
    resubmitted = finished(post(command(), desk), bench.port, 2 * lease_ends_ms)
    assert resubmitted.state is PostingState.RECORDED
    assert not store.due_intents(10**15, 10)
    store.close()
    only(bench, command())


def test_a_closed_window_takes_no_posting_and_answers_questions(
    build: Build, store: SqliteCaseStore, facts: Facts
) -> None:
    """From 23:00 to 02:00 nothing is posted, everything can be read; what was queued lands after 02:00."""
    window = (23 * MS_PER_HOUR, 26 * MS_PER_HOUR)
    bench = build(CoreProfile(latency_sigma=0, closed_from_ms=23 * MS_PER_HOUR, closed_to_ms=2 * MS_PER_HOUR))
    for at_ms in (window[0], window[1] - MS_PER_MINUTE):
        reply = bench.port.post(command(), at_ms)
        assert (reply.outcome, reply.reason) == (CoreOutcome.UNAVAILABLE, "window_closed")
        assert bench.port.read_account(1) == account(1)
        assert bench.port.read_by_key(command().key, at_ms).outcome is CoreOutcome.NOT_FOUND
    desk = desk_on(store, facts)
    queued = finished(post(command(), desk), bench.port, window[0])
    assert (queued.state, queued.reason, queued.attempts) == (PostingState.QUEUED, "window_closed", 1)
    assert audit_kinds(store) == ["posting_queued"]
    landed = sweep(desk, bench.port, range(window[0], window[1] + MS_PER_HOUR, MS_PER_MINUTE))
    assert {result.state for result in landed[:-1]} == {PostingState.QUEUED}
    assert landed[-1].state is PostingState.RECORDED
    assert window[1] <= landed[-1].at_ms <= window[1] + desk.outbox_retry_ms + MS_PER_MINUTE
    only(bench, command())


@pytest.mark.parametrize("off_ms", [-601, -600, -301, -300, -1, 0, 1])
@pytest.mark.parametrize("edge_ms", [23 * MS_PER_HOUR, 26 * MS_PER_HOUR])
def test_nothing_is_booked_inside_a_closed_window(edge_ms: int, off_ms: int, build: Build) -> None:
    """Whenever a posting begins around opening or closing: it is booked outside the window, or refused as closed."""
    profile = CoreProfile(latency_sigma=0, closed_from_ms=23 * MS_PER_HOUR, closed_to_ms=2 * MS_PER_HOUR)
    bench = build(profile)
    reply = bench.port.post(command(), edge_ms + off_ms)
    if reply.receipt is None:
        assert reply.reason == "window_closed"
        assert bench.book.totals().postings == 0
    else:
        assert not profile.is_closed(reply.receipt.posted_at_ms)
        only(bench, command())
