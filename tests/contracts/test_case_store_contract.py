"""What every case store promises, asked of each one."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox.errors import BadInput, RuleBroken
from sandbox.model import Action
from sandbox.ports import AuditRow, OutboxRow, OutboxState, PostCommand
from scenarios.saved import case_store
from scenarios.saved.case_store import SqliteCaseStore

PENDING, UNKNOWN, DONE, REFUSED = OutboxState


def intent(key: str = "k1", created_at_ms: int = 0, due_ms: int = 100) -> OutboxRow:
    """Return a fresh intent whose every field has its own value."""
    command = PostCommand(key, "mark", 11, 12, "pay_now", 5_000, 3, 7, "nöte 'quoted'", "customer")
    return OutboxRow(command, PENDING, 0, created_at_ms, due_ms)


def link(seq: int, case_id: int = 1) -> AuditRow:
    """Return an audit row; the store neither makes nor checks its digest."""
    return AuditRow(seq, case_id, 10 * seq, "kind", f'{{"n":"ü{seq}"}}', bytes([seq % 256, 0, 255]))


@contextmanager
def temporary() -> Iterator[SqliteCaseStore]:
    """Make a store in a private temporary file."""
    store = SqliteCaseStore(None)
    yield store
    store.close()


@contextmanager
def packing() -> Iterator[SqliteCaseStore]:
    """Make a temporary store that packs whatever has ended at once."""
    with pytest.MonkeyPatch.context() as patch, temporary() as store:
        patch.setattr(case_store, "_INTENTS_PACKED", 1)
        yield store


@contextmanager
def named() -> Iterator[SqliteCaseStore]:
    """Make a store in a named file, every group durable at once."""
    with tempfile.TemporaryDirectory() as folder:
        store = SqliteCaseStore(str(Path(folder) / "store.db"), commit_every=1)
        yield store
        store.close()


Place = Callable[[], AbstractContextManager[SqliteCaseStore]]
PLACES: dict[str, Place] = {"temporary": temporary, "packing": packing, "named": named}


@pytest.fixture(params=PLACES)
def store(request: pytest.FixtureRequest) -> Iterator[SqliteCaseStore]:
    """Return a fresh store of each kind."""
    with PLACES[request.param]() as store:
        yield store


def test_an_intent_comes_back_as_it_was(store: SqliteCaseStore) -> None:
    """Every field survives, texts with quotes and accents included; an unknown key is None."""
    assert store.add_intent(intent())
    assert store.intent("k1") == intent()
    kept = store.intent("k1")
    assert kept is not None
    assert kept.state is PENDING
    assert store.intent("k2") is None


def test_acts_by_link_are_found_from_a_moment_on(store: SqliteCaseStore) -> None:
    """Intents with a link and no refusal, oldest first, the moment itself included; written yet or not."""
    for key, created_ms, name in (("k3", 30, "c"), ("k1", 10, "a"), ("k2", 20, "b"), ("k4", 40, "")):
        assert store.add_intent(intent(key, created_ms)._replace(link=name))
    assert [row.link for row in store.acts_by_link(0)] == ["a", "b", "c"]
    assert [row.link for row in store.acts_by_link(20)] == ["b", "c"]
    assert [row.link for row in store.acts_by_link(21)] == ["c"]
    for key, state in (("k1", UNKNOWN), ("k2", REFUSED), ("k3", DONE)):
        store.update_intent(key, state, 1, 0)
    found = list(store.acts_by_link(0))
    assert [(row.link, row.state) for row in found] == [("a", UNKNOWN), ("c", DONE)]
    assert found[0] == intent("k1", 10)._replace(state=UNKNOWN, attempts=1, next_try_at_ms=0, link="a")


def test_a_key_is_added_once(store: SqliteCaseStore) -> None:
    """A second intent under the same key is refused and changes nothing, even once the first is done."""
    assert store.add_intent(intent())
    assert not store.add_intent(intent(created_at_ms=99, due_ms=999))
    assert store.intent("k1") == intent()
    store.update_intent("k1", DONE, 1, 0)
    assert not store.add_intent(intent())
    kept = store.intent("k1")
    assert kept is not None
    assert kept.state is DONE


def test_an_update_moves_state_attempts_and_due_time_only(store: SqliteCaseStore) -> None:
    """The command and its age stay as they were."""
    store.add_intent(intent())
    store.add_intent(intent("k2"))
    store.update_intent("k1", UNKNOWN, 4, 777)
    assert store.intent("k1") == intent()._replace(state=UNKNOWN, attempts=4, next_try_at_ms=777)
    assert store.intent("k2") == intent("k2")


def test_intents_that_have_ended_are_not_forgotten(store: SqliteCaseStore) -> None:
    """Of a thousand written in groups each is found, added once and moved on, whatever became of it."""
    for nth in range(1_000):
        store.add_intent(intent(f"k{nth}", nth)._replace(link=f"l{nth}"))
        store.update_intent(f"k{nth}", (DONE, REFUSED, UNKNOWN)[nth % 3], 1, nth)
        if nth % 100 == 99:
            store.due_intents(0, 1)
    for nth in range(0, 1_000, 7):
        kept = store.intent(f"k{nth}")
        assert kept is not None
        assert (kept.state, kept.created_at_ms) == ((DONE, REFUSED, UNKNOWN)[nth % 3], nth)
        assert not store.add_intent(intent(f"k{nth}"))
    store.update_intent("k3", UNKNOWN, 5, 7)
    assert [row.link for row in store.acts_by_link(0)] == [f"l{nth}" for nth in range(1_000) if nth % 3 != 1]
    assert len(store.due_intents(2_000, 2_000)) == 334
    assert store.intent("k1") == intent("k1", 1)._replace(
        state=REFUSED, attempts=1, next_try_at_ms=1, link="l1"
    )
    with pytest.raises(RuleBroken, match="l1"):
        store.update_intent("l1", DONE, 1, 0)


@pytest.mark.parametrize("action", [Action.PAY_NOW, "pay_now"])
def test_a_word_of_an_enum_is_a_word(store: SqliteCaseStore, action: str) -> None:
    """An action the core knows by name comes back as its name, written or not, ended or not."""
    row = intent()._replace(command=intent().command._replace(action=action))
    assert store.add_intent(row)
    store.update_intent("k1", DONE, 1, 0)
    store.due_intents(0, 1)
    kept = store.intent("k1")
    assert kept == row._replace(state=DONE, attempts=1, next_try_at_ms=0)


def test_updating_an_unknown_key_is_our_bug(store: SqliteCaseStore) -> None:
    """A lost intent is never passed over in silence."""
    with pytest.raises(RuleBroken, match="k9"):
        store.update_intent("k9", DONE, 1, 0)


@pytest.mark.parametrize("state", list(OutboxState))
def test_due_means_unfinished_and_time_come(state: OutboxState, store: SqliteCaseStore) -> None:
    """An intent is due from its very millisecond on, while pending or unknown."""
    store.add_intent(intent())
    store.update_intent("k1", state, 1, 100)
    assert store.due_intents(99, 10) == []
    assert len(store.due_intents(100, 10)) == (state in {PENDING, UNKNOWN})


def test_due_intents_come_oldest_first_and_no_more_than_asked(store: SqliteCaseStore) -> None:
    """Age decides, not the due time; the limit cuts the youngest."""
    for key, created_at_ms, due_ms in (("a", 30, 1), ("b", 10, 3), ("c", 20, 2), ("d", 10, 4)):
        store.add_intent(intent(key, created_at_ms, due_ms))
    assert [row.command.key for row in store.due_intents(9, 10)] == ["b", "d", "c", "a"]
    assert [row.command.key for row in store.due_intents(9, 2)] == ["b", "d"]


@pytest.mark.parametrize("kind", ["kind", "line\nbreak", "nul\0", "ünïcode|bar"])
def test_audit_rows_come_back_whatever_they_say(store: SqliteCaseStore, kind: str) -> None:
    """Rows with digests of full length, which a temporary store packs unless one of them has a line break."""
    rows = [link(seq)._replace(digest=bytes([seq] * 32)) for seq in range(1, 10)]
    rows[4] = rows[4]._replace(kind=kind)
    for first in (0, 3, 6):
        store.append_audit(rows[first : first + 3])
    assert list(store.audit_rows()) == rows
    assert list(store.audit_rows(1)) == rows


def test_audit_rows_come_back_in_order(store: SqliteCaseStore) -> None:
    """All rows, or those of one case, byte for byte and by sequence, committed or not."""
    rows = [link(seq, case_id=seq % 3) for seq in range(1, 10)]
    for row in rows:
        store.append_audit([row])
    assert list(store.audit_rows()) == rows
    store.commit()
    assert list(store.audit_rows(2)) == [row for row in rows if row.case_id == 2]
    assert list(store.audit_rows(7)) == []
    store.append_audit([link(10, case_id=2)])
    assert [row.seq for row in store.audit_rows(2)] == [2, 5, 8, 10]


def test_a_long_trail_is_complete(store: SqliteCaseStore) -> None:
    """Rows beyond every buffer and page come back whole."""
    for seq in range(1, 4_502):
        store.append_audit([link(seq, case_id=seq % 2)])
    assert [row.seq for row in store.audit_rows()] == list(range(1, 4_502))
    assert [row.seq for row in store.audit_rows(1)] == list(range(1, 4_502, 2))


def test_a_trail_may_grow_and_be_read_twice_while_it_is_read(store: SqliteCaseStore) -> None:
    """Appending during a pass neither disturbs it nor hides the new row, and passes do not disturb each other."""
    for seq in (1, 2):
        store.append_audit([link(seq)])
    reading, other = store.audit_rows(), store.audit_rows(1)
    assert next(reading).seq == next(other).seq == 1
    store.append_audit([link(3)])
    store.add_intent(intent())
    assert [row.seq for row in reading] == [2, 3]
    assert [row.seq for row in other] == [2, 3]


def test_a_sequence_number_is_used_once(store: SqliteCaseStore) -> None:
    """A second row under a sequence number is our bug, not a row overwritten."""
    store.append_audit([link(1)])
    store.append_audit([link(1, case_id=2)])
    with pytest.raises(RuleBroken, match="used twice"):
        list(store.audit_rows())


KEYS = st.sampled_from(["a", "b", "c"])
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("add"), KEYS, st.integers(0, 5), st.integers(0, 5)),
        st.tuples(st.just("move"), KEYS, st.sampled_from(OutboxState), st.integers(0, 5)),
        st.tuples(st.just("audit"), st.integers(1, 3)),
        st.tuples(st.just("commit")),
        st.tuples(st.sampled_from(["read", "sweep"]), st.integers(0, 5)),
    ),
    max_size=30,
)


@pytest.mark.parametrize("place", PLACES.values(), ids=PLACES)
@settings(max_examples=40, deadline=None)
@given(steps=STEPS)
def test_any_steps_agree_with_plain_dictionaries(place: Place, steps: list[tuple[object, ...]]) -> None:
    """Whatever is done in whatever order, the store reads like a dictionary of intents and a list of rows."""
    with place() as store:
        rows: dict[str, OutboxRow] = {}
        trail: list[AuditRow] = []
        for step in steps:
            play(store, rows, trail, step)
            assert {key: store.intent(key) for key in "abc"} == {key: rows.get(key) for key in "abc"}
        for now_ms in range(7):
            assert store.due_intents(now_ms, 9) == due_in(rows, now_ms)
        assert list(store.audit_rows()) == trail
        for case_id in (1, 2, 3):
            assert list(store.audit_rows(case_id)) == [row for row in trail if row.case_id == case_id]


def play(
    store: SqliteCaseStore, rows: dict[str, OutboxRow], trail: list[AuditRow], step: tuple[object, ...]
) -> None:
    """Do one step to the store and to its plain counterpart."""
    match step:
        case ("add", str(key), int(created), int(due)):
            row = intent(key, created, due)
            row = row._replace(link=f"link of {key}")
            assert store.add_intent(row) == (key not in rows)
            rows.setdefault(key, row)
        case ("move", str(key), OutboxState() as state, int(due)) if key in rows:
            store.update_intent(key, state, 2, due)
            rows[key] = rows[key]._replace(state=state, attempts=2, next_try_at_ms=due)
        case ("audit", int(case_id)):
            trail.append(link(len(trail) + 1, case_id))
            store.append_audit([trail[-1]])
        case ("commit",):
            store.commit()
        case ("read", int(since_ms)):
            acts = [
                row for row in rows.values() if row.state is not REFUSED and row.created_at_ms >= since_ms
            ]
            assert list(store.acts_by_link(since_ms)) == sorted(acts, key=_age)
        case ("sweep", int(now_ms)):
            assert store.due_intents(now_ms, 9) == due_in(rows, now_ms)


def due_in(rows: dict[str, OutboxRow], now_ms: int) -> list[OutboxRow]:
    """Return what is unfinished and whose time has come, oldest first."""
    due = [row for row in rows.values() if row.state in {PENDING, UNKNOWN} and row.next_try_at_ms <= now_ms]
    return sorted(due, key=_age)


def _age(row: OutboxRow) -> tuple[int, str]:
    return row.created_at_ms, row.command.key


# What only a named file promises


def test_a_closed_store_is_found_again(tmp_path: Path) -> None:
    """Everything written is there after closing, the last incomplete group included."""
    path = str(tmp_path / "store.db")
    store = SqliteCaseStore(path)
    store.add_intent(intent())
    store.append_audit([link(1)])
    store.close()
    store.close()
    store = SqliteCaseStore(path)
    assert store.intent("k1") == intent()
    assert list(store.audit_rows()) == [link(1)]
    store.close()


@pytest.mark.parametrize(("commit_every", "groups", "kept"), [(1, 3, 3), (2, 3, 2), (3, 3, 3), (500, 3, 0)])
def test_a_crash_loses_whole_groups_only(commit_every: int, groups: int, kept: int, tmp_path: Path) -> None:
    """Outbox and trail go back together to the last durable group; the open group is gone whole."""
    path = str(tmp_path / "store.db")
    store = SqliteCaseStore(path, commit_every)
    for n in range(groups):
        store.add_intent(intent(f"k{n}"))
        store.append_audit([link(n + 1)])
        store.commit()
    store.add_intent(intent("open"))
    store.append_audit([link(groups + 1)])
    list(store.audit_rows())  # reading writes the buffered rows, but commits nothing
    store.abandon()
    store = SqliteCaseStore(path)
    assert len(list(store.audit_rows())) == len(store.due_intents(100, 10)) == kept
    store.close()


@pytest.mark.parametrize("name", ["a b.db", "50%.db", "what?.db", "#1.db"])
def test_any_file_name_will_do(name: str, tmp_path: Path) -> None:
    """Characters that mean something in a URL mean nothing in a path."""
    store = SqliteCaseStore(str(tmp_path / name))
    store.close()
    assert (tmp_path / name).exists()


def test_an_unusable_path_is_the_users_mistake(tmp_path: Path) -> None:
    """A file in a folder that does not exist, or grouping by zero, is refused."""
    with pytest.raises(BadInput, match="nowhere"):
        SqliteCaseStore(str(tmp_path / "nowhere" / "store.db"))
    with pytest.raises(BadInput, match="commit_every"):
        SqliteCaseStore(None, commit_every=0)


# What only a temporary file promises


def test_temporary_stores_are_private() -> None:
    """Two temporary stores share nothing."""
    with temporary() as one, temporary() as other:
        one.add_intent(intent())
        assert other.intent("k1") is None


SPILL = """
import resource
from sandbox.ports import AuditRow
from scenarios.saved import case_store
from scenarios.saved.case_store import SqliteCaseStore
store = SqliteCaseStore(None)
before_kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
for seq in range(1, 300_001):
    store.append_audit([AuditRow(seq, seq, seq, "kind", "x" * 400, b"d" * 32)])
    store.commit()
grown_kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before_kib
store.close()
print(grown_kib)
"""


@pytest.mark.slow
def test_a_temporary_store_spills_to_disk() -> None:
    """130 MB of evidence take less than 40 MB of memory."""
    ended = subprocess.run(
        [sys.executable, "-c", SPILL],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=True,
    )
    assert int(ended.stdout) < 40_000
