"""What every core promises, asked of each one: at most one effect per key, all of it or none of it."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fake_core.faults import FaultPlan
from fake_core.profiles import CoreProfile
from fake_core.store import TEMPORARY, FakeCore
from sandbox.model import MS_PER_DAY, AccountFacts
from sandbox.ports import CoreOutcome, CoreReply, PostCommand, Receipt
from sandbox.writeback import fingerprint, idempotency_key

ACCOUNTS = 3
BALANCE_MINOR, OVERDUE_MINOR = 100_000, 20_000
RETENTION_MS = 35 * MS_PER_DAY


def account(account_id: int, **changes: object) -> AccountFacts:
    """Return an open account at version 1."""
    base = AccountFacts(
        account_id, "open", "1m", BALANCE_MINOR, OVERDUE_MINOR, 0, False, False, True, 1, False
    )
    return base._replace(**changes)  # type: ignore[arg-type]


def command(account_id: int = 1, decision: str = "d1", **changes: object) -> PostCommand:
    """Return a payment of 50.00 decided on version 1."""
    draft = PostCommand("", "", account_id, account_id, "pay_now", 5_000, 0, 1, "paid in message", "customer")
    draft = draft._replace(**changes)  # type: ignore[arg-type]
    payload = (draft.amount_minor, draft.due_day_offset, draft.expected_version)
    return draft._replace(
        key=idempotency_key(account_id, draft.action, decision),
        fingerprint=fingerprint(draft.action, account_id, *payload),
    )


Build = Callable[..., FakeCore]


@contextmanager
def in_memory() -> Iterator[Build]:
    """Build cores in memory."""
    yield lambda *args: FakeCore("sqlite://", *args)


@contextmanager
def in_temporary_file() -> Iterator[Build]:
    """Build the cores of simulations, which remember what they read."""
    yield lambda *args: FakeCore(TEMPORARY, *args)


@contextmanager
def in_blocks() -> Iterator[Build]:
    """Build the same with every posting packed away at once."""
    yield lambda *args: FakeCore(TEMPORARY, *args, commit_every=1)


@contextmanager
def in_file() -> Iterator[Build]:
    """Build cores in a file of their own, every posting durable at once."""
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'core.db'}"
        yield lambda *args: FakeCore(url, *args, commit_every=1)


PLACES = {"memory": in_memory, "temporary": in_temporary_file, "blocks": in_blocks, "file": in_file}


@pytest.fixture(params=PLACES)
def core(request: pytest.FixtureRequest) -> Iterator[FakeCore]:
    """Return a core without faults, holding three fresh accounts."""
    with PLACES[request.param]() as build:
        core = build(CoreProfile(latency_sigma=0))
        core.load_accounts(account(n) for n in range(1, ACCOUNTS + 1))
        yield core
        core.close()


def test_new_key_is_applied_whole(core: FakeCore) -> None:
    """A new key changes the account, and leaves one record, one audit row and one event."""
    reply = core.post(command(), 77)
    assert (reply.outcome, reply.latency_ms, reply.reason) == (CoreOutcome.APPLIED, 300, "")
    mark = command()
    assert reply.receipt == Receipt(1, mark.key, mark.fingerprint, "paid", 2, 77, "paid in message")
    after = core.read_account(1)
    assert after == account(1, balance_minor=95_000, overdue_minor=15_000, version=2, complete=True)
    totals = core.totals()
    assert (totals.postings, totals.audit_rows, totals.events, totals.completed) == (1, 1, 1, 1)
    [posting] = core.postings_for(1)
    assert (posting.key, posting.status, posting.note, posting.source) == (
        *(mark.key, "paid", "paid in message", "customer"),
    )
    assert (posting.amount_minor, posting.version, posting.posted_at_ms) == (5_000, 2, 77)


@pytest.mark.parametrize(
    ("action", "expected"),
    [
        ("pay_now", {"balance_minor": 95_000, "overdue_minor": 15_000, "complete": True}),
        ("promise_to_pay", {"complete": True}),
        ("dispute", {"disputed": True, "complete": True}),
    ],
)
def test_each_action_has_its_effect(action: str, expected: dict[str, object], core: FakeCore) -> None:
    """A payment moves money, a dispute marks the account, each completes the case; nothing else changes."""
    assert not core.is_complete(1)
    core.post(command(action=action), 0)
    assert core.read_account(1) == account(1, version=2, **expected)
    assert core.is_complete(1)
    assert not core.is_complete(2)


def test_same_key_again_returns_the_stored_answer(core: FakeCore) -> None:
    """A repetition gets the stored receipt byte for byte, however late, and changes nothing."""
    first = core.post(command(), 0)
    stored, totals = core.stored_response(command().key), core.totals()
    for at_ms in (1, MS_PER_DAY, RETENTION_MS):
        again = core.post(command(), at_ms)
        assert (again.outcome, again.receipt) == (CoreOutcome.REPLAYED, first.receipt)
    assert core.stored_response(command().key) == stored
    assert core.totals() == totals


def test_same_key_with_another_payload_is_refused(core: FakeCore) -> None:
    """A key that names another payload changes nothing, although it is noted."""
    core.post(command(), 0)
    before = (core.read_account(1), core.totals())
    assert core.post(command(amount_minor=1), 1).outcome is CoreOutcome.KEY_REUSED
    assert (core.read_account(1), core.totals()) == before


def test_stale_version_is_refused_with_the_current_one(core: FakeCore) -> None:
    """A decision on an older version changes nothing and learns the current version."""
    core.post(command(action="dispute"), 0)
    before = (core.read_account(1), core.totals())
    reply = core.post(command(), 1)
    assert (reply.outcome, reply.version, reply.receipt) == (CoreOutcome.STALE, 2, None)
    assert (core.read_account(1), core.totals()) == before
    assert core.read_by_key(command().key, 2).outcome is CoreOutcome.NOT_FOUND


def test_a_future_version_is_stale_too(core: FakeCore) -> None:
    """A version the account has not reached is no better than an old one, and leaves its key free."""
    assert core.post(command(expected_version=2), 0).outcome is CoreOutcome.STALE
    assert core.post(command(), 1).outcome is CoreOutcome.APPLIED


def test_refused_key_stays_free(core: FakeCore) -> None:
    """A business refusal writes nothing, so the same key can be applied once the reason is gone."""
    broke = core.post(command(amount_minor=BALANCE_MINOR + 1), 0)
    assert (broke.outcome, broke.reason) == (CoreOutcome.REFUSED, "amount_above_balance")
    assert core.totals().postings == 0
    assert core.post(command(amount_minor=BALANCE_MINOR), 1).outcome is CoreOutcome.APPLIED


def test_complete_case_takes_no_second_outcome(core: FakeCore) -> None:
    """After a promise, a payment under a new key and the current version is refused as already complete."""
    core.post(command(action="promise_to_pay"), 0)
    reply = core.post(command(expected_version=2), 1)
    assert (reply.outcome, reply.reason) == (CoreOutcome.REFUSED, "already_complete")


def test_read_by_key_says_what_became_of_it(core: FakeCore) -> None:
    """A key reads as not found before it is applied and as applied, with the same receipt, after."""
    assert core.read_by_key(command().key, 0).outcome is CoreOutcome.NOT_FOUND
    receipt = core.post(command(), 1).receipt
    found = core.read_by_key(command().key, 2)
    assert (found.outcome, found.receipt) == (CoreOutcome.APPLIED, receipt)


def test_expired_key_is_neither_applied_nor_replayed(core: FakeCore) -> None:
    """A millisecond past its retention a key is refused as expired, by post and by read."""
    core.post(command(), 0)
    assert core.read_by_key(command().key, RETENTION_MS).outcome is CoreOutcome.APPLIED
    assert core.read_by_key(command().key, RETENTION_MS + 1).outcome is CoreOutcome.KEY_EXPIRED
    assert core.post(command(), RETENTION_MS + 1).outcome is CoreOutcome.KEY_EXPIRED
    assert core.totals().postings == 1


def test_unknown_account(core: FakeCore) -> None:
    """Reading an unknown account is a KeyError; posting to it is refused."""
    with pytest.raises(KeyError):
        core.read_account(99)
    with pytest.raises(KeyError):
        core.is_complete(99)
    assert core.post(command(99), 0).reason == "unknown_account"


def test_a_failure_inside_a_posting_leaves_nothing(core: FakeCore) -> None:
    """If any of a posting's rows cannot be written, none is, and the core goes on working."""
    unwritable = command()._replace(note=object())  # type: ignore[arg-type]
    with pytest.raises(Exception, match=r"note|type|bind|not supported|string"):
        core.post(unwritable, 0)
    assert core.read_account(1) == account(1)
    totals = core.totals()
    assert (totals.postings, totals.audit_rows, totals.events) == (0, 0, 0)
    assert core.post(command(), 1).outcome is CoreOutcome.APPLIED


RATES = st.sampled_from([0.0, 0.05, 0.3, 0.7])
PLANS = st.builds(
    FaultPlan,
    lost_ack_rate=RATES,
    unavailable_rate=RATES,
    unavailable_after_commit_rate=RATES,
    slow_rate=RATES,
    lost_request_rate=RATES,
    in_progress_rate=RATES,
    seed=st.integers(0, 2**64),
)
CALLS = st.lists(
    st.one_of(
        st.builds(
            command,
            account_id=st.integers(1, ACCOUNTS),
            decision=st.sampled_from(["d1", "d2"]),
            action=st.sampled_from(["pay_now", "promise_to_pay", "dispute"]),
            amount_minor=st.sampled_from([-1, 0, 1, 5_000, BALANCE_MINOR, BALANCE_MINOR + 1]),
            expected_version=st.integers(0, 3),
        ),
        st.integers(1, ACCOUNTS).map(lambda n: command(n).key),
    ),
    max_size=25,
)


class Watcher:
    """Remembers every receipt and checks each answer against the promises of the port."""

    def __init__(self, core: FakeCore) -> None:
        """Watch a core."""
        self.core = core
        self.receipts: dict[str, Receipt] = {}

    def call(self, asked: PostCommand | str, at_ms: int) -> None:
        """Make one call and check it."""
        before = self._tables()
        if isinstance(asked, str):
            reply = self.core.read_by_key(asked, at_ms)
            assert self._tables() == before
            self._check_receipt(asked, reply)
            return
        reply = self.core.post(asked, at_ms)
        self._check_receipt(asked.key, reply)
        self._check_change(reply, self._tables()[0].postings - before[0].postings, before)

    def _tables(self) -> tuple[object, list[AccountFacts]]:
        accounts = [self.core.read_account(n) for n in range(1, ACCOUNTS + 1)]
        return self.core.totals(), accounts

    def _check_receipt(self, key: str, reply: CoreReply) -> None:
        assert reply.latency_ms >= 0
        assert (reply.receipt is not None) == (reply.outcome in {CoreOutcome.APPLIED, CoreOutcome.REPLAYED})
        if reply.receipt is not None:
            assert reply.receipt.key == key
            assert self.receipts.setdefault(key, reply.receipt) == reply.receipt

    def _check_change(self, reply: CoreReply, posted: int, before: tuple[object, object]) -> None:
        if reply.outcome is CoreOutcome.APPLIED:
            assert posted == 1
        elif reply.outcome in {CoreOutcome.UNAVAILABLE, CoreOutcome.TIMED_OUT}:
            assert posted in {0, 1}
        else:
            assert self._tables() == before

    def check_books(self) -> None:
        """Check what must hold over the whole history."""
        totals, accounts = self.core.totals(), [self.core.read_account(n) for n in range(1, ACCOUNTS + 1)]
        assert totals.duplicate_keys == 0
        assert totals.postings == totals.audit_rows == totals.events
        assert totals.balance_minor + totals.paid_minor == ACCOUNTS * BALANCE_MINOR
        for facts in accounts:
            postings = self.core.postings_for(facts.account_id)
            assert [posting.version for posting in postings] == list(range(2, facts.version + 1))
            paid = sum(posting.amount_minor for posting in postings if posting.action == "pay_now")
            assert facts.balance_minor == BALANCE_MINOR - paid >= 0
            assert len({posting.key for posting in postings}) == len(postings)


@pytest.mark.parametrize("place", PLACES.values(), ids=PLACES)
@settings(max_examples=40, deadline=None)
@given(plan=PLANS, calls=CALLS)
def test_any_calls_under_any_faults_keep_the_books(
    place: Callable[[], object], plan: FaultPlan, calls: list[PostCommand | str]
) -> None:
    """At most one effect per key, payments equal balance changes and versions rise by one, whatever happens."""
    with place() as build:  # type: ignore[attr-defined]
        core = build(CoreProfile(), plan)
        core.load_accounts(account(n) for n in range(1, ACCOUNTS + 1))
        watcher = Watcher(core)
        for nth, asked in enumerate(calls):
            watcher.call(asked, nth * 1_000)
        watcher.check_books()
        core.close()
