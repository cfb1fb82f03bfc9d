"""Postings kept in blocks by a private core: the same answers and, once asked, the same tables as written rows."""

from __future__ import annotations

import sqlite3
from enum import StrEnum

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fake_core import sql
from fake_core.keyed_blocks import BlockTexts, KeyedBlocks
from fake_core.profiles import MODERN_API
from fake_core.store import TEMPORARY, FakeCore
from sandbox.model import AccountFacts
from sandbox.ports import PostCommand

TABLES = ("posting", "idempotency", "core_audit", "core_event")
ACCOUNTS = [AccountFacts(n, "open", "1m", 90_000, 9_000, 0, False, False, True, 1, False) for n in range(40)]


class Word(StrEnum):
    """A text that is not of the interpreter's own plain kind."""

    NOTE = "note"


def core(url: str = TEMPORARY, commit_every: int = 3) -> FakeCore:
    """Return a core with accounts, the postings of which are written three at a time."""
    made = FakeCore(url, MODERN_API, None, commit_every)
    made.load_accounts(ACCOUNTS)
    return made


def command(account_id: int, mark: str = "f", note: str = "") -> PostCommand:
    """A payment with a key of its account's own."""
    key = f"k{account_id}"
    return PostCommand(key, mark, account_id, account_id, "pay_now", 100, 0, 1, note, "customer")


def tables(of: FakeCore) -> dict[str, list[tuple[object, ...]]]:
    """Return what stands in the tables themselves, in order."""
    return {name: of._cursor.execute(f"SELECT * FROM {name} ORDER BY 1").fetchall() for name in TABLES}  # noqa: S608 - names of this file


@given(
    st.lists(
        st.tuples(st.integers(0, 12), st.sampled_from("fg"), st.sampled_from(["", "note", Word.NOTE])),
        max_size=40,
    ),
    st.sets(st.integers(0, 39)),
)
def test_blocks_and_rows_hold_the_same(posted: list[tuple[int, str, str]], asked: set[int]) -> None:
    """First calls, repetitions and keys used for something else, with somebody asking the tables in between."""
    packed, written = core(), core("sqlite://")
    for nth, sent in enumerate(posted):
        at_ms = 10_000 * nth
        assert packed.post(command(*sent), at_ms) == written.post(command(*sent), at_ms)
        key = f"k{(7 * nth) % 13}"
        assert packed.read_by_key(key, at_ms) == written.read_by_key(key, at_ms)
        assert packed.stored_response(key) == written.stored_response(key)
        if nth in asked:
            assert packed.totals() == written.totals()
    for case_id in range(13):
        assert packed.postings_for(case_id) == written.postings_for(case_id)
    assert packed.totals() == written.totals()
    assert tables(packed) == tables(written)


def test_nobody_asks_so_no_row_is_written() -> None:
    """A bulk run's postings stay in their blocks; what is open or packed is found by key all the same."""
    made = core()
    for n in range(31):
        made.post(command(n), n)
    assert not any(tables(made).values())
    assert [made.stored_response(f"k{n}") is not None for n in (0, 15, 30, 31)] == [True, True, True, False]
    assert made.totals().postings == len(tables(made)["posting"]) == 31


def test_what_does_not_pack_is_written_behind_what_did() -> None:
    """Rows keep their order: blocks before it reach the tables first."""
    made = core(commit_every=1)
    for n, note in enumerate(("", "", Word.NOTE, "")):
        made.post(command(n, note=note), n)
    assert [row[0] for row in tables(made)["posting"]] == [1, 2, 3]
    assert made.totals().postings == 4
    assert [row[1] for row in tables(made)["core_audit"]] == [0, 1, 2, 3]


def test_blocks_are_taken_in_order_and_once() -> None:
    """Blocks come back as they were added; one that does not pack leaves no trace."""
    cursor = sqlite3.connect(":memory:").cursor()
    cursor.execute(sql.CREATE_BLOCKS[0])
    texts = BlockTexts(sql.ADD_POSTING_BLOCK, sql.READ_POSTING_BLOCK, sql.CLEAR_POSTING_BLOCKS)
    blocks = KeyedBlocks(cursor, texts)
    assert blocks.add(["a", "b"], [1, ("a", "b")])
    assert not blocks.add(["c"], [object()])
    assert blocks.add(["b"], [2])
    assert list(blocks.with_key("b")) == [[1, ("a", "b")], [2]]
    assert list(blocks.with_key("c")) == []
    assert list(blocks.take()) == [[1, ("a", "b")], [2]]
    assert list(blocks.take()) == list(blocks.with_key("a")) == []


@pytest.mark.parametrize("ending", ["close", "abandon"])
def test_a_core_with_blocks_ends_like_any_other(ending: str) -> None:
    """With something open and something packed; closing twice is harmless."""
    made = core()
    for n in range(4):
        made.post(command(n), n)
    getattr(made, ending)()
    if ending == "close":
        made.close()
