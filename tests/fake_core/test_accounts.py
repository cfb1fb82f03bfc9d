"""Accounts a private core remembers: nobody can tell it from a core that reads its table every time."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fake_core import store
from fake_core.store import TEMPORARY, FakeCore
from sandbox.errors import BadInput, RuleBroken
from sandbox.model import AccountFacts
from sandbox.ports import AT_FACE_VALUE, PostCommand

ACCOUNTS = 9


def account(number: int) -> AccountFacts:
    """Return an open account at version 1."""
    return AccountFacts(number, "open", "1m", 9_000, 900, 0, False, False, True, 1, False)


def command(number: int, version: int, key: int, effect: str = "") -> PostCommand:
    """Return a payment of 1.00."""
    return PostCommand(
        f"k{key}", f"f{number}", number, number, "pay_now", 100, 0, version, "", "customer", "", effect
    )


NUMBERS = st.integers(0, ACCOUNTS)  # the last is unknown until it is loaded
VERSIONS = st.sampled_from([1, 1, 2, AT_FACE_VALUE])
FILED = '{"kind":"change","status":"filed","completes":false,"set":{"seen":true}}'
STEPS = st.one_of(
    st.tuples(st.just("read_account"), NUMBERS),
    st.tuples(st.just("is_complete"), NUMBERS),
    st.tuples(st.just("read_accounts"), NUMBERS, st.integers(1, ACCOUNTS)),
    st.tuples(
        st.just("post"),
        st.builds(command, NUMBERS, VERSIONS, st.integers(0, 20), st.sampled_from(["", "", FILED])),
    ),
    st.tuples(st.just("read_by_key"), st.integers(0, 20).map("k{}".format)),
    st.tuples(st.just("stored_response"), st.integers(0, 20).map("k{}".format)),
    st.tuples(st.just("postings_for"), NUMBERS),
    st.tuples(st.just("totals")),
    st.tuples(st.just("load_accounts"), st.lists(NUMBERS.map(account), max_size=2)),
)


def played(core: FakeCore, steps: list[tuple[Any, ...]]) -> list[object]:
    """Return what a core answers, step by step, errors among the answers."""
    core.load_accounts([account(number) for number in range(ACCOUNTS)])
    answers: list[object] = []
    for now, (name, *asked) in enumerate(steps):
        at = [now] if name in ("post", "read_by_key") else []
        try:
            answers.append(getattr(core, name)(*asked, *at))
        except (KeyError, BadInput) as error:
            answers.append(type(error))
    answers += [core.totals(), core.read_accounts(0, ACCOUNTS + 1)]
    core.close()
    return answers


@settings(max_examples=200)
@given(steps=st.lists(STEPS, max_size=30), remembered=st.integers(1, 12), every=st.sampled_from([1, 3, 500]))
def test_remembering_changes_no_answer(steps: list[tuple[Any, ...]], remembered: int, every: int) -> None:
    """Whatever is asked, in whatever order, however little is remembered and however postings are grouped."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(store, "_REMEMBERED", remembered)
        private = played(FakeCore(TEMPORARY, commit_every=every), steps)
    assert private == played(FakeCore("sqlite://"), steps)


def statements(core: FakeCore, work: Callable[[], object]) -> list[str]:
    """Return the statements a piece of work runs on a core's connection."""
    seen: list[str] = []
    core._cursor.connection.set_trace_callback(seen.append)
    work()
    core._cursor.connection.set_trace_callback(None)
    return seen


def test_a_private_core_reads_a_table_once_and_remembers_no_more_than_it_may(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What was read with its neighbours is not read again, until two spans more have been read."""
    monkeypatch.setattr(store, "_REMEMBERED", 2)
    core = FakeCore(TEMPORARY)
    core.load_accounts([account(number) for number in range(ACCOUNTS)])
    core.read_accounts(0, 2)
    assert statements(core, lambda: [core.read_account(1), core.is_complete(0)]) == []
    core.read_accounts(2, 2)
    assert statements(core, lambda: core.read_account(1)) == []
    core.read_accounts(4, 2)
    assert len(statements(core, lambda: core.read_account(1))) == 1
    core.close()


def test_a_change_that_cannot_be_written_is_not_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    """The group is rolled back whole: what is remembered is what was read."""
    core = FakeCore(TEMPORARY)
    core.load_accounts([account(0)])
    core.read_account(0)
    core.post(command(0, 1, 1), 0)
    core._cursor.execute("UPDATE account SET version = 7")  # as nobody can, but a fault of ours might
    with pytest.raises(RuleBroken, match="behind its back"):
        core.totals()
    core._open.forget()
    assert core.read_account(0) == account(0)
    core.close()


def test_a_core_on_a_file_remembers_nothing(tmp_path: Path) -> None:
    """Somebody else may write to it between two commits."""
    path = tmp_path / "core.db"
    core = FakeCore(f"sqlite:///{path}")
    core.load_accounts([account(0)])
    assert core.read_account(0).balance_minor == 9_000
    core.load_accounts([])  # commits, so that the other one may write and be seen
    other = sqlite3.connect(path)
    other.execute("UPDATE account SET balance_minor = 5, complete = 1")
    other.commit()
    other.close()
    assert (core.read_account(0).balance_minor, core.is_complete(0)) == (5, True)
    core.close()
