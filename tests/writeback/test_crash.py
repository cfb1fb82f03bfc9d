"""A worker may die anywhere: after restart and sweep there is exactly one posting and one record of it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fake_core.faults import FaultPlan
from fake_core.profiles import WITHOUT_KEYS
from fake_core.store import FakeCore
from sandbox.audit.chain import verify
from sandbox.facts import PostingTried, Recorded
from sandbox.model import MS_PER_HOUR, MS_PER_MINUTE
from sandbox.writeback import PostingState, post
from scenarios.saved.case_store import SqliteCaseStore
from tests.writeback.bench import (
    Facts,
    account,
    audit_kinds,
    command,
    desk_on,
    drive,
    finished,
    sweep,
)

WANTED = command()
AFTER_RESTART = range(10 * MS_PER_MINUTE, 20 * MS_PER_HOUR, 5 * MS_PER_MINUTE)
PLANS = {
    "calm": FaultPlan(),
    "lost acks": FaultPlan(lost_ack_rate=0.6, seed=1),
    "lost requests": FaultPlan(lost_request_rate=0.6, seed=2),
    "late 5xx": FaultPlan(unavailable_after_commit_rate=0.6, seed=3),
    "mixed": FaultPlan(lost_ack_rate=0.3, unavailable_rate=0.3, in_progress_rate=0.3, seed=4),
}


class Killed(Exception):
    """The process died here."""


class Tripwire:
    """Passes calls on to a subject and dies before the given one, counted over everything sharing `left`."""

    def __init__(self, subject: Any, left: list[int]) -> None:
        """Wrap a subject."""
        self._subject = subject
        self._left = left

    def __getattr__(self, name: str) -> Callable[..., Any]:
        """Return the subject's method behind the wire."""

        def step(*args: Any) -> Any:
            self._left[0] -= 1
            if self._left[0] < 0:
                raise Killed
            return getattr(self._subject, name)(*args)

        return step


def core_under(plan: FaultPlan) -> FakeCore:
    """Return a core with one account under a plan; it lives on when our process dies."""
    core = FakeCore(faults=plan)
    core.load_accounts([account()])
    return core


def recover(path: Path, core: FakeCore) -> tuple[list[str], Facts]:
    """Restart on the file, sweep, let the customer submit once more, and return the trail's kinds and facts."""
    store, facts = SqliteCaseStore(str(path), commit_every=1), Facts()
    desk = desk_on(store, facts)
    sweep(desk, core, AFTER_RESTART)
    again = finished(post(WANTED, desk), core, AFTER_RESTART.stop)
    assert again.state in {PostingState.RECORDED, PostingState.QUEUED}
    sweep(desk, core, range(AFTER_RESTART.stop, AFTER_RESTART.stop + 20 * MS_PER_HOUR, 5 * MS_PER_MINUTE))
    assert verify(store.audit_rows(), desk.audit.head).ok  # type: ignore[attr-defined]
    kinds = audit_kinds(store)
    store.close()
    return kinds, facts


@pytest.mark.parametrize("plan", PLANS.values(), ids=PLANS.keys())
def test_death_at_any_effect_leaves_one_posting_and_one_record(plan: FaultPlan, tmp_path: Path) -> None:
    """Cut off after any number of effects, answered or not: one posting, one trail row, one Recorded fact."""
    cut, whole = 0, False
    while not whole:
        core, path = core_under(plan), tmp_path / f"{cut}.db"
        store, before = SqliteCaseStore(str(path), commit_every=1), Facts()
        ended = drive(post(WANTED, desk_on(store, before)), core, cut_after=cut)
        whole = ended.result is not None
        store.abandon()
        kinds, after = recover(path, core)
        assert core.totals().postings == 1, f"cut after {cut}"
        assert kinds.count("posting_recorded") == 1
        assert len(before.of(Recorded)) + len(after.of(Recorded)) == 1
        core.close()
        cut += 1
    assert cut >= 3


@pytest.mark.parametrize("plan", PLANS.values(), ids=PLANS.keys())
def test_death_at_any_statement_leaves_one_posting_and_one_trail_row(plan: FaultPlan, tmp_path: Path) -> None:
    """Killed before any single write, commit or fact: the durable rows still tell of exactly one posting."""
    steps, whole = 0, False
    while not whole:
        core, path, left = core_under(plan), tmp_path / f"{steps}.db", [10**9]
        store, facts = SqliteCaseStore(str(path), commit_every=1), Facts()
        wired_store = Tripwire(store, left)
        desk = desk_on(wired_store, facts)  # type: ignore[arg-type]
        object.__setattr__(desk, "facts", Tripwire(facts, left))
        left[0] = steps
        try:
            drive(post(WANTED, desk), core)
            whole = True
        except Killed:
            pass
        store.abandon()
        kinds, after = recover(path, core)
        assert core.totals().postings == 1, f"killed at {steps}"
        assert kinds.count("posting_recorded") == 1, f"killed at {steps}"
        assert len(facts.of(Recorded)) + len(after.of(Recorded)) <= 1
        core.close()
        steps += 1
    assert steps >= 6


def test_a_core_without_keys_shows_what_the_checks_can_see(tmp_path: Path) -> None:
    """The same crash against a core that ignores keys makes a second posting: the checks above can fail."""
    core, path = FakeCore(profile=WITHOUT_KEYS), tmp_path / "store.db"
    core.load_accounts([account()])
    store = SqliteCaseStore(str(path), commit_every=1)
    drive(post(WANTED, desk_on(store, Facts())), core, cut_after=2)
    store.abandon()
    recover(path, core)
    assert core.totals().postings == 2
    assert core.totals().duplicate_keys == 1
    core.close()


RATES = st.sampled_from([0.0, 0.01, 0.2, 0.5])


@settings(max_examples=40, deadline=None)
@given(
    plan=st.builds(
        FaultPlan,
        lost_ack_rate=RATES,
        unavailable_rate=RATES,
        unavailable_after_commit_rate=RATES,
        slow_rate=RATES,
        lost_request_rate=RATES,
        in_progress_rate=RATES,
        seed=st.integers(0, 2**32),
    ),
    cuts=st.lists(st.one_of(st.none(), st.integers(0, 12)), min_size=1, max_size=8),
)
def test_any_storm_ends_with_one_posting_per_decision(plan: FaultPlan, cuts: list[int | None]) -> None:
    """Whatever the faults and wherever postings are cut off, healing ends in one effect and one fact per case."""
    cases = range(1, len(cuts) + 1)
    core, store, facts = FakeCore(faults=plan), SqliteCaseStore(None), Facts()
    core.load_accounts([account(case_id) for case_id in cases])
    desk = desk_on(store, facts)
    for case_id, cut in zip(cases, cuts, strict=True):
        drive(post(command(case_id), desk), core, at_ms=case_id * 1_000, cut_after=cut)
    sweep(desk, core, range(MS_PER_HOUR, 3 * MS_PER_HOUR, 5 * MS_PER_MINUTE))
    core.suffer(FaultPlan())  # the storm is over
    sweep(desk, core, range(3 * MS_PER_HOUR, 4 * MS_PER_HOUR, 5 * MS_PER_MINUTE))
    known = {case_id for case_id, cut in zip(cases, cuts, strict=True) if cut is None or cut >= 1}
    recorded = [fact.case_id for fact in facts.of(Recorded)]
    posted = {case_id for case_id in cases if core.postings_for(case_id)}
    assert sorted(recorded) == sorted(posted)
    assert posted <= known
    assert posted >= {fact.case_id for fact in facts.of(PostingTried)}
    totals = core.totals()
    assert totals.postings == len(posted)
    assert totals.duplicate_keys == 0
    assert not store.due_intents(10**15, 10)
    store.close()
    core.close()


KILLED_HARD = """
import os, sys
from scenarios.saved.case_store import SqliteCaseStore
from sandbox.ports import OutboxRow, OutboxState, AuditRow
from tests.writeback.bench import command
store = SqliteCaseStore(sys.argv[1], commit_every=1)
store.add_intent(OutboxRow(command(1), OutboxState.PENDING, 0, 0, 0))
store.append_audit([AuditRow(1, 1, 0, "kept", "{}", b"d")])
store.commit()
store.add_intent(OutboxRow(command(2), OutboxState.PENDING, 0, 0, 0))
store.append_audit([AuditRow(2, 2, 0, "lost", "{}", b"d")])
store.intent(command(2).key)
os._exit(9)
"""


def test_a_killed_process_loses_only_what_was_not_committed(tmp_path: Path) -> None:
    """After a real kill the committed group is there whole, and nothing of the open one."""
    path, root = tmp_path / "store.db", Path(__file__).parents[2]
    ended = subprocess.run([sys.executable, "-c", KILLED_HARD, str(path)], cwd=root, check=False)
    assert ended.returncode == 9
    store = SqliteCaseStore(str(path), commit_every=1)
    assert [row.command.case_id for row in store.due_intents(0, 10)] == [1]
    assert audit_kinds(store) == ["kept"]
    store.close()
