"""The fake core beyond the port: databases it accepts, grouped commits, bad baselines, sums for checkers."""

from __future__ import annotations

from pathlib import Path

import pytest

from fake_core.faults import FaultPlan
from fake_core.profiles import WITHOUT_KEYS, CoreProfile
from fake_core.store import FakeCore
from sandbox.errors import BadInput
from sandbox.model import AccountFacts
from sandbox.ports import AT_FACE_VALUE, CoreOutcome, PostCommand


def accounts(count: int) -> list[AccountFacts]:
    """Return open accounts numbered from 0."""
    return [AccountFacts(n, "open", "1m", 9_000, 900, 0, False, False, True, 1, False) for n in range(count)]


def payment(account_id: int, key: str | None = None) -> PostCommand:
    """Return a payment of 1.00 on version 1."""
    return PostCommand(
        key or f"k{account_id}", "f", account_id, account_id, "pay_now", 100, 0, 1, "", "customer"
    )


@pytest.mark.parametrize("url", ["postgresql://localhost/core", "mysql://x", "not a url"])
def test_other_databases_are_refused(url: str) -> None:
    """Only SQLite URLs are accepted; the message says which form to use."""
    with pytest.raises(BadInput, match=r"sqlite:///file\.db"):
        FakeCore(url)


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    """A file with other contents is refused by name instead of being overwritten."""
    path = tmp_path / "notes.txt"
    path.write_text("not a database, and longer than a header " * 40)
    with pytest.raises(BadInput, match=r"notes\.txt"):
        FakeCore(f"sqlite:///{path}")
    assert path.read_text().startswith("not a database")


def test_a_missing_folder_is_refused(tmp_path: Path) -> None:
    """A file in a folder that does not exist is refused by name."""
    with pytest.raises(BadInput, match=r"core\.db"):
        FakeCore(f"sqlite:///{tmp_path / 'nowhere' / 'core.db'}")


def test_commit_every_must_be_positive() -> None:
    """Grouping zero postings is refused."""
    with pytest.raises(BadInput, match="commit_every"):
        FakeCore(commit_every=0)


def test_accounts_load_all_or_none() -> None:
    """A number that occurs twice refuses the whole load and names the fault; a clean load counts its rows."""
    core = FakeCore()
    with pytest.raises(BadInput, match="occurs twice"):
        core.load_accounts([*accounts(3), *accounts(1)])
    with pytest.raises(BadInput, match="occurs twice"):
        core.load_accounts([*accounts(120), *accounts(1)])  # more than go in together
    assert core.account_count() == 0
    assert core.load_accounts(iter(accounts(3))) == 3
    assert core.load_accounts([]) == 0
    assert core.account_count() == 3
    core.close()


@pytest.mark.parametrize(("posted", "durable"), [(2, 0), (3, 3), (5, 3), (6, 6)])
def test_commits_are_grouped(posted: int, durable: int, tmp_path: Path) -> None:
    """A crash loses whole postings back to the last full group of three, and no part of one."""
    url = f"sqlite:///{tmp_path / 'core.db'}"
    core = FakeCore(url, commit_every=3)
    core.load_accounts(accounts(6))
    for n in range(posted):
        core.post(payment(n), n)
    core.abandon()
    core = FakeCore(url)
    totals = core.totals()
    assert (totals.postings, totals.audit_rows, totals.events, totals.completed) == (durable,) * 4
    assert core.post(payment(0), 9).outcome is (CoreOutcome.REPLAYED if durable else CoreOutcome.APPLIED)
    core.close()


def test_a_later_load_makes_no_posting_durable_without_its_evidence(tmp_path: Path) -> None:
    """Loading accounts commits the open group whole: after a crash every posting has its audit row and event."""
    url = f"sqlite:///{tmp_path / 'core.db'}"
    core = FakeCore(url)
    core.load_accounts(accounts(1))
    core.post(payment(0), 0)
    core.load_accounts([accounts(2)[1]])
    core.abandon()
    core = FakeCore(url)
    totals = core.totals()
    assert (totals.postings, totals.audit_rows, totals.events) == (1, 1, 1)
    core.close()


def test_grouping_changes_no_answer(tmp_path: Path) -> None:
    """The same calls get the same answers whatever the grouping and wherever the tables are."""
    plan = FaultPlan(lost_ack_rate=0.2, unavailable_rate=0.2, slow_rate=0.2, seed=5)
    answers = []
    for url, commit_every in (("sqlite://", 500), (f"sqlite:///{tmp_path / 'core.db'}", 1)):
        core = FakeCore(url, CoreProfile(), plan, commit_every)
        core.load_accounts(accounts(20))
        answers.append([core.post(payment(n % 20), n) for n in range(60)])
        core.close()
    assert answers[0] == answers[1]


def test_closing_keeps_everything_and_may_be_repeated(tmp_path: Path) -> None:
    """What an incomplete group holds is durable after closing; closing again does nothing."""
    url = f"sqlite:///{tmp_path / 'core.db'}"
    core = FakeCore(url)
    core.load_accounts(accounts(1))
    core.post(payment(0), 0)
    core.close()
    core.close()
    core = FakeCore(url)
    assert core.totals().postings == 1
    core.close()


def test_a_core_without_keys_takes_the_money_twice() -> None:
    """Without idempotency the same command is applied every time it arrives, and the checks show it."""
    core = FakeCore(profile=WITHOUT_KEYS)
    core.load_accounts(accounts(1))
    outcomes = [core.post(payment(0), n).outcome for n in range(2)]
    assert outcomes == [CoreOutcome.APPLIED, CoreOutcome.APPLIED]
    assert core.read_by_key("k0", 9).outcome is CoreOutcome.NOT_FOUND
    totals = core.totals()
    assert (totals.postings, totals.paid_minor, totals.duplicate_keys) == (2, 200, 1)
    assert core.read_account(0).balance_minor == 9_000 - 200
    assert [posting.key for posting in core.postings_for(0)] == [None, None]
    core.close()


def test_a_repetition_is_answered_before_its_posting_is_written() -> None:
    """A lost acknowledgement writes no group before its time, and the answer is the one the tables will give."""
    core = FakeCore()
    core.load_accounts(accounts(1))
    first = core.post(payment(0), 0)
    seen: list[str] = []
    core._cursor.connection.set_trace_callback(seen.append)
    again, found, stored = core.post(payment(0), 1), core.read_by_key("k0", 2), core.stored_response("k0")
    assert seen == []
    assert (again.outcome, again.receipt, found.receipt) == (
        CoreOutcome.REPLAYED,
        first.receipt,
        first.receipt,
    )
    core.totals()  # writes the group
    assert core.stored_response("k0") == stored
    assert core.post(payment(0), 1) == again
    core.close()


def test_lost_ack_is_applied_and_lost_request_is_not() -> None:
    """Both look the same to the caller; only the core's tables tell them apart."""
    for plan, postings in ((FaultPlan(lost_ack_rate=1), 1), (FaultPlan(lost_request_rate=1), 0)):
        core = FakeCore(faults=plan)
        core.load_accounts(accounts(1))
        reply = core.post(payment(0), 0)
        assert (reply.outcome, reply.latency_ms, reply.receipt) == (CoreOutcome.TIMED_OUT, 2_000, None)
        assert core.totals().postings == postings
        core.close()


def test_a_retry_draws_a_new_fate() -> None:
    """Under a 50 % fault every key gets through in the end: the nth call of a key has a draw of its own."""
    core = FakeCore(faults=FaultPlan(unavailable_rate=0.5, seed=3))
    core.load_accounts(accounts(50))
    tries = []
    for n in range(50):
        for attempt in range(1, 40):
            if core.post(payment(n), attempt).receipt is not None:
                tries.append(attempt)
                break
    assert len(tries) == 50
    assert 1.4 < sum(tries) / 50 < 2.7
    core.close()


def test_an_outage_does_not_use_up_draws() -> None:
    """Calls refused by an outage leave the later draws of their key where they were."""
    plans = [FaultPlan(unavailable_rate=0.5, seed=3, outages=outages) for outages in ((), ((0, 100),))]
    replies = []
    for plan in plans:
        core = FakeCore(faults=plan)
        core.load_accounts(accounts(30))
        for n in range(30):
            if plan.outages:
                assert core.post(payment(n), 99).reason == "outage"
        replies.append([core.post(payment(n), 100) for n in range(30)])
        core.close()
    assert replies[0] == replies[1]


def test_a_call_at_face_value_has_its_effect_every_time() -> None:
    """Without a precondition a core that honours keys takes the same money again under another key."""
    core = FakeCore()
    core.load_accounts(accounts(1))
    for key in ("one", "two", "three"):
        reply = core.post(payment(0, key)._replace(expected_version=AT_FACE_VALUE), 0)
        assert reply.outcome is CoreOutcome.APPLIED
    assert core.read_account(0).balance_minor == 9_000 - 3 * 100
    assert core.read_account(0).version == 4
    again = core.post(payment(0, "three")._replace(expected_version=AT_FACE_VALUE), 0)
    assert again.outcome is CoreOutcome.REPLAYED  # a key is a key: only who makes a new one acts again
    refused = core.post(payment(0, "four"), 0)
    assert refused.outcome is CoreOutcome.STALE
    core.close()
