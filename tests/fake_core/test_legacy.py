"""The batch core itself: it takes every record, finds the oldest by reference, keeps record and posting together."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from fake_core.faults import FaultPlan
from fake_core.legacy import LegacyCore
from fake_core.profiles import LEGACY_BATCH
from sandbox.adapters.by_reference import KeylessReply
from sandbox.adapters.mapping import reference_of
from sandbox.model import MS_PER_DAY, MS_PER_HOUR
from sandbox.ports import CoreOutcome
from tests.contracts.cores import MAPPING
from tests.writeback.bench import account, command

STEADY = replace(LEGACY_BATCH, latency_sigma=0)
RECORD, REFERENCE = MAPPING.write(command(), 0), reference_of(command().key)
NOON_MS = 12 * MS_PER_HOUR


@pytest.fixture
def core() -> Iterator[LegacyCore]:
    """A batch core with two accounts."""
    core = LegacyCore("sqlite://", STEADY, None, MAPPING)
    core.book.load_accounts([account(1), account(2)])
    yield core
    core.book.close()


def test_every_record_that_arrives_has_its_effect(core: LegacyCore) -> None:
    """The same record twice is two postings; looking finds the first."""
    first, second = core.submit(RECORD, NOON_MS), core.submit(RECORD, NOON_MS + 1)
    assert (first.outcome, first.latency_ms, second.outcome) == (
        CoreOutcome.APPLIED,
        2_000,
        CoreOutcome.APPLIED,
    )
    assert first.entry == (1, RECORD, "paid", 2, NOON_MS)
    assert core.read_account(1).balance_minor == 90_000
    assert core.find(REFERENCE, NOON_MS + 2).entry == first.entry
    assert core.book.totals().duplicate_keys == 1
    [posting, _] = core.book.postings_for(1)
    assert (posting.amount_minor, posting.note, posting.source) == (5_000, "PAID IN MESSAGE", "customer")


def test_what_was_never_written_is_not_found(core: LegacyCore) -> None:
    """Looking changes nothing."""
    assert core.find(REFERENCE, 0) == KeylessReply(CoreOutcome.NOT_FOUND, 2_000, None, "")


def test_a_spoilt_record_is_rejected(core: LegacyCore) -> None:
    """A record that is no record is refused, and nothing is booked."""
    reply = core.submit(RECORD[:-1], NOON_MS)
    assert (reply.outcome, reply.entry) == (CoreOutcome.REFUSED, None)
    assert reply.reason == "record_rejected: record: found 169 characters; allowed: 170"
    assert core.book.totals().postings == 0


@pytest.mark.parametrize(
    ("after_ms", "outcome"),
    [
        (LEGACY_BATCH.retention_ms, CoreOutcome.APPLIED),
        (LEGACY_BATCH.retention_ms + 1, CoreOutcome.KEY_EXPIRED),
    ],
)
def test_old_records_are_archived(after_ms: int, outcome: CoreOutcome, core: LegacyCore) -> None:
    """Past its retention a record is known to exist and no more."""
    core.submit(RECORD, NOON_MS)
    reply = core.find(REFERENCE, NOON_MS + after_ms)
    assert (reply.outcome, reply.entry is None) == (outcome, outcome is CoreOutcome.KEY_EXPIRED)


@pytest.mark.parametrize(
    ("at_ms", "closed"),
    [
        (23 * MS_PER_HOUR - 1, False),
        (23 * MS_PER_HOUR, True),
        (MS_PER_DAY, True),
        (26 * MS_PER_HOUR - 1, True),
        (26 * MS_PER_HOUR, False),
    ],
)
def test_the_window_is_closed_from_23_to_2(at_ms: int, closed: bool, core: LegacyCore) -> None:
    """A millisecond on each side of opening and closing; looking is always allowed."""
    reply = core.submit(RECORD, at_ms)
    assert (reply.reason == "window_closed", core.book.totals().postings) == (closed, int(not closed))
    assert core.find(REFERENCE, at_ms).outcome in {CoreOutcome.APPLIED, CoreOutcome.NOT_FOUND}


def test_a_record_and_its_posting_survive_together(tmp_path: Path) -> None:
    """After a crash either both are in the file or neither is; opened again it finds what it had."""
    url = f"sqlite:///{tmp_path / 'core.db'}"
    for commit_every, kept in ((1, CoreOutcome.APPLIED), (500, CoreOutcome.NOT_FOUND)):
        core = LegacyCore(url, STEADY, None, MAPPING, commit_every)
        wanted = command(commit_every)
        core.book.load_accounts([account(commit_every)])
        core.submit(MAPPING.write(wanted, 0), NOON_MS)
        core.book.abandon()
        core = LegacyCore(url, STEADY, None, MAPPING)
        assert core.find(reference_of(wanted.key), NOON_MS).outcome is kept
        assert len(core.book.postings_for(commit_every)) == int(kept is CoreOutcome.APPLIED)
        core.book.close()


def test_a_question_after_a_lost_answer_has_luck_of_its_own() -> None:
    """The look before a write that goes well does not settle how the look after it goes."""
    heard = set()
    for n in range(1, 200):
        core = LegacyCore("sqlite://", STEADY, FaultPlan(lost_ack_rate=0.5, seed=n), MAPPING)
        core.book.load_accounts([account()])
        before = core.find(REFERENCE, 0).outcome
        wrote = core.submit(RECORD, NOON_MS).outcome
        after = core.find(REFERENCE, NOON_MS).outcome
        core.book.close()
        if before is CoreOutcome.NOT_FOUND and wrote is CoreOutcome.TIMED_OUT:
            heard.add(after)
    assert heard == {CoreOutcome.APPLIED, CoreOutcome.TIMED_OUT}
