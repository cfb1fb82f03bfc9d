"""The adapter over a core without keys: what it asks, in which order, and what it makes of every answer."""

from __future__ import annotations

from dataclasses import replace as changed

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fake_core.faults import FaultPlan
from fake_core.legacy import LegacyCore
from fake_core.profiles import LEGACY_BATCH, CoreProfile
from sandbox.adapters.by_reference import ByReference, Entry, KeylessReply
from sandbox.adapters.mapping import reference_of
from sandbox.effects import Answer, PostToCore
from sandbox.model import MS_PER_HOUR, AccountFacts
from sandbox.ports import AT_FACE_VALUE, CoreOutcome, PostCommand
from sandbox.writeback import PostingState, post
from scenarios.saved.case_store import SqliteCaseStore
from tests.contracts.cores import MAPPING
from tests.writeback.bench import Facts, account, command, desk_on, finished

APPLIED, NOT_FOUND, TIMED_OUT = CoreOutcome.APPLIED, CoreOutcome.NOT_FOUND, CoreOutcome.TIMED_OUT
REFUSED, UNAVAILABLE = CoreOutcome.REFUSED, CoreOutcome.UNAVAILABLE
WANTED = command()
NOON_MS = 12 * MS_PER_HOUR


def entry_of(wanted: PostCommand) -> Entry:
    """The record of a command as such a core keeps it."""
    return Entry(7, MAPPING.write(wanted, 0), "paid", 2, 55)


class Scripted:
    """Answers calls in turn, each after 100 ms, and keeps what was asked."""

    def __init__(self, *script: CoreOutcome | KeylessReply, facts: AccountFacts | None = None) -> None:
        """Keep the script."""
        self._script = list(script)
        self._facts = facts or account()
        self.asked: list[tuple[str, str, int]] = []

    def read_account(self, account_id: int) -> AccountFacts:
        """Return the one account."""
        if account_id != self._facts.account_id:
            raise KeyError(account_id)
        return self._facts

    def is_complete(self, account_id: int) -> bool:
        """Say whether it is complete."""
        return self.read_account(account_id).complete

    def read_accounts(self, first: int, count: int) -> list[AccountFacts]:
        """Return it."""
        return [self._facts][first - 1 : count]

    def submit(self, record: str, at_ms: int) -> KeylessReply:
        """Answer the next line."""
        return self._next("submit", record, at_ms)

    def find(self, reference: str, at_ms: int) -> KeylessReply:
        """Answer the next line."""
        return self._next("find", reference, at_ms)

    def _next(self, call: str, what: str, at_ms: int) -> KeylessReply:
        self.asked.append((call, what, at_ms))
        line = self._script.pop(0)
        if isinstance(line, KeylessReply):
            return line
        written = what if call == "submit" else MAPPING.write(WANTED, 0)
        entry = entry_of(WANTED)._replace(record=written) if line is APPLIED else None
        return KeylessReply(line, 100, entry, "" if entry else f"{line} here")

    @property
    def calls(self) -> list[tuple[str, int]]:
        """What was called, and when."""
        return [(call, at_ms) for call, _, at_ms in self.asked]


def test_a_new_key_is_looked_for_and_written() -> None:
    """One look, one write, later by the look's latency; the answer took both."""
    core = Scripted(NOT_FOUND, APPLIED)
    reply = ByReference(core, MAPPING).post(WANTED, 1_000)
    assert core.calls == [("find", 1_000), ("submit", 1_100)]
    assert core.asked[0][1] == reference_of(WANTED.key)
    assert core.asked[1][1] == MAPPING.write(WANTED, 1_100)
    assert (reply.outcome, reply.latency_ms, reply.reason, reply.version) == (APPLIED, 200, "", 0)
    assert reply.receipt == (7, WANTED.key, WANTED.fingerprint, "paid", 2, 55, "PAID IN MESSAGE")


def test_a_known_key_is_answered_from_the_record() -> None:
    """Found with the same payload: replayed; with another: refused. Nothing is written in either case."""
    core = Scripted(APPLIED, APPLIED)
    adapter = ByReference(core, MAPPING)
    again = adapter.post(WANTED, 0)
    assert (again.outcome, again.latency_ms) == (CoreOutcome.REPLAYED, 100)
    assert again.receipt is not None
    assert again.receipt.fingerprint == WANTED.fingerprint
    other = adapter.post(command(amount_minor=4_999), 0)
    assert other == (CoreOutcome.KEY_REUSED, 100, None, "key_reused", 0)
    assert core.calls == [("find", 0), ("find", 0)]


@pytest.mark.parametrize(
    "silence", [TIMED_OUT, UNAVAILABLE, CoreOutcome.KEY_EXPIRED, CoreOutcome.IN_PROGRESS]
)
def test_without_a_clear_look_nothing_is_written(silence: CoreOutcome) -> None:
    """Silence, an archived record and one being booked are passed on as they are."""
    core = Scripted(silence)
    reply = ByReference(core, MAPPING).post(WANTED, 0)
    assert reply == (silence, 100, None, f"{silence} here", 0)
    assert core.calls == [("find", 0)]


@pytest.mark.parametrize("silence", [TIMED_OUT, UNAVAILABLE])
@pytest.mark.parametrize("after", [APPLIED, NOT_FOUND, TIMED_OUT])
def test_after_silence_it_looks_again(silence: CoreOutcome, after: CoreOutcome) -> None:
    """A write nobody answered is looked for once more: there, it is applied; not there, it stays unknown."""
    core = Scripted(NOT_FOUND, silence, after)
    reply = ByReference(core, MAPPING).post(WANTED, 0)
    assert core.calls == [("find", 0), ("submit", 100), ("find", 200)]
    assert reply.outcome is (APPLIED if after is APPLIED else silence)
    assert reply.latency_ms == 300
    assert (reply.receipt is not None) == (after is APPLIED)


@pytest.mark.parametrize(
    "definite", [REFUSED, KeylessReply(UNAVAILABLE, 100, None, "window_closed")], ids=["refused", "closed"]
)
def test_a_definite_no_needs_no_second_look(definite: CoreOutcome | KeylessReply) -> None:
    """What the core refused, or does not take at this hour, was not written."""
    core = Scripted(NOT_FOUND, definite)
    reply = ByReference(core, MAPPING).post(WANTED, 0)
    assert core.calls == [("find", 0), ("submit", 100)]
    assert (reply.outcome in {REFUSED, UNAVAILABLE}, reply.latency_ms) == (True, 200)


@pytest.mark.parametrize(
    ("facts", "amount_minor", "expected"),
    [
        ({"version": 2}, 5_000, (CoreOutcome.STALE, 100, None, "stale_version", 2)),
        ({"version": 0}, 5_000, (CoreOutcome.STALE, 100, None, "stale_version", 0)),
        ({"complete": True}, 5_000, (REFUSED, 100, None, "already_complete", 0)),
        ({"balance_minor": 4_999}, 5_000, (REFUSED, 100, None, "amount_above_balance", 0)),
        ({"balance_minor": 5_000}, 5_000, None),
    ],
)
def test_what_the_core_would_not_check_is_checked_before(
    facts: dict[str, int], amount_minor: int, expected: tuple[object, ...] | None
) -> None:
    """A moved, complete or too small account stops the write; at its limit the amount goes through."""
    core = Scripted(NOT_FOUND, APPLIED, facts=account(**facts))
    reply = ByReference(core, MAPPING).post(command(amount_minor=amount_minor), 0)
    if expected is None:
        assert reply.outcome is APPLIED
    else:
        assert reply == expected
        assert core.calls == [("find", 0)]


def test_only_a_payment_is_held_against_the_balance() -> None:
    """A promise or a dispute about more than is owed is no matter of the books."""
    core = Scripted(NOT_FOUND, APPLIED)
    assert (
        ByReference(core, MAPPING).post(command(action="dispute", amount_minor=999_999), 0).outcome is APPLIED
    )


@pytest.mark.parametrize(("kind", "refused"), [("payment", True), ("promise", False), ("change", False)])
def test_what_takes_money_is_told_by_the_effect(kind: str, refused: bool) -> None:
    """An action of a policy's own is held against the balance when its effect is a payment, whatever its name."""
    core = Scripted(NOT_FOUND, APPLIED)
    wanted = command(action="pay_now", amount_minor=100_001, effect=f'{{"kind":"{kind}"}}')
    reply = ByReference(core, MAPPING).post(wanted, 0)
    assert reply.reason == ("amount_above_balance" if refused else "")
    assert len(core.calls) == (1 if refused else 2)


def test_an_unknown_account_is_the_cores_own_no() -> None:
    """What cannot be read is sent, and refused by whoever keeps the books."""
    core = Scripted(NOT_FOUND, REFUSED)
    assert ByReference(core, MAPPING).post(command(account_id=5), 0).outcome is REFUSED
    assert core.calls == [("find", 0), ("submit", 100)]


def test_what_does_not_fit_is_refused_before_any_call() -> None:
    """Field and limit are the reason; the core hears nothing."""
    core = Scripted()
    reply = ByReference(core, MAPPING).post(command(amount_minor=10**11), 0)
    reason = "does_not_fit: AMOUNT: found 12 characters; allowed: at most 11"
    assert reply == (REFUSED, 0, None, reason, 0)
    assert core.calls == []


def test_at_face_value_every_call_is_written() -> None:
    """Whoever asks for no precondition gets none: one write, no look."""
    core = Scripted(APPLIED, facts=account(complete=True, version=9))
    assert ByReference(core, MAPPING).post(command(expected_version=AT_FACE_VALUE), 3).latency_ms == 100
    assert core.calls == [("submit", 3)]


def test_another_references_record_is_no_answer() -> None:
    """A core that returns somebody else's record has not answered: nothing is written on the strength of it."""
    other = KeylessReply(APPLIED, 100, entry_of(command(decision="d2")), "")
    core = Scripted(other, other)
    adapter = ByReference(core, MAPPING)
    assert adapter.post(WANTED, 0) == (UNAVAILABLE, 100, None, "misfiled", 0)
    assert adapter.read_by_key(WANTED.key, 0).reason == "misfiled"


def test_reading_is_the_cores_own() -> None:
    """Accounts are read straight from the core."""
    adapter = ByReference(Scripted(), MAPPING)
    assert adapter.read_account(1) == account(1)
    assert adapter.is_complete(1) is False
    assert adapter.read_accounts(1, 1) == [account(1)]


RATES = st.sampled_from([0.0, 0.2, 0.6])


@settings(max_examples=150, deadline=None)
@given(
    plan=st.builds(
        FaultPlan,
        lost_ack_rate=RATES,
        unavailable_after_commit_rate=RATES,
        lost_request_rate=RATES,
        unavailable_rate=RATES,
        slow_rate=RATES,
        seed=st.integers(0, 2**32),
    ),
    tries=st.integers(1, 8),
)
def test_the_adapter_alone_keeps_one_writer_to_one_effect(plan: FaultPlan, tries: int) -> None:
    """Without outbox and breaker: however often one writer repeats a key under lost answers, one effect at most."""
    core = LegacyCore("sqlite://", LEGACY_BATCH, plan, MAPPING)
    core.book.load_accounts([account()])
    adapter, at_ms = ByReference(core, MAPPING), NOON_MS
    heard = []
    for _ in range(tries):
        reply = adapter.post(WANTED, at_ms)
        at_ms += reply.latency_ms + 1
        heard.append(reply.receipt)
    totals = core.book.totals()
    assert totals.postings == totals.audit_rows == totals.events <= 1
    assert len({receipt for receipt in heard if receipt}) <= totals.postings
    assert heard[-1] is not None or plan != FaultPlan(seed=plan.seed)
    core.book.close()


class Overtaken(LegacyCore):
    """A core at which somebody else writes between our look and our write, once."""

    rival: PostCommand | None = WANTED

    def submit(self, record: str, at_ms: int) -> KeylessReply:
        """Let the rival in first."""
        if self.rival is not None:
            rival, self.rival = self.rival, None
            ByReference(self, MAPPING).post(rival, at_ms)
        return super().submit(record, at_ms)


def overtaken() -> Overtaken:
    """A core with one account and a rival writer of the same key."""
    core = Overtaken("sqlite://", changed(LEGACY_BATCH, latency_sigma=0), None, MAPPING)
    core.book.load_accounts([account()])
    return core


def test_two_writers_at_once_are_the_race_it_cannot_close() -> None:
    """What the adapter says of itself is true: looked at the same moment, one key has two effects."""
    core = overtaken()
    ByReference(core, MAPPING).post(WANTED, NOON_MS)
    assert (core.book.totals().postings, core.book.totals().duplicate_keys) == (2, 1)
    core.book.close()


def test_the_lease_of_our_outbox_closes_it() -> None:
    """The rival has to take the key from our outbox first, and finds it in hand."""
    core, store, facts = overtaken(), SqliteCaseStore(None), Facts()
    core.rival = None
    adapter, desk = ByReference(core, MAPPING), desk_on(store, facts)
    first = post(WANTED, desk)
    next(first)
    assert isinstance(
        first.send(Answer(None, NOON_MS)), PostToCore
    )  # its intent is durable, its call not made
    rival = finished(post(WANTED, desk), adapter, NOON_MS)
    assert (rival.state, rival.reason) == (PostingState.QUEUED, "in_hand")
    assert core.book.totals().postings == 0
    core.book.close()
    store.close()


def test_a_profile_with_keys_is_no_batch_core() -> None:
    """A batch core that honours keys is refused: nobody would look a reference up."""
    with pytest.raises(Exception, match="honours no keys"):
        LegacyCore("sqlite://", CoreProfile(), None, MAPPING)
