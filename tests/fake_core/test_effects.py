"""A posting that spells out what to write: all of it stands in the core afterwards, or nothing does."""

from __future__ import annotations

import json
from typing import Any

import pytest

from fake_core.effects import read_effect
from fake_core.store import FakeCore
from sandbox.model import AccountFacts
from sandbox.ports import CoreOutcome, PostCommand
from sandbox.writeback.keys import fingerprint


def core() -> FakeCore:
    """A core with one account that has details."""
    made = FakeCore()
    made.load_accounts(
        [AccountFacts(1, "open", "1m", 10_000, 4_000, 0, False, False, True, 1, False, '{"a":1,"keep":"x"}')]
    )
    return made


def command(effect: str, amount: int = 0, version: int = 1, key: str = "k") -> PostCommand:
    """A posting of an action the core does not know by name."""
    mark = fingerprint("act", 1, amount, 0, version, "", effect)
    return PostCommand(key, mark, 1, 1, "act", amount, 0, version, "note", "customer", "", effect)


def effect(**parts: Any) -> str:
    """An effect as text."""
    return json.dumps({"kind": "change", "status": "done", "completes": True, **parts})


def test_a_change_writes_details_and_leaves_the_money_alone() -> None:
    """Named details are written over, others stay, uploads are filed; the record has its status."""
    made = core()
    reply = made.post(command(effect(set={"a": 2, "b": True}, documents=[{"type": "t"}])), 5)
    assert (reply.outcome, reply.receipt and reply.receipt.status) == (CoreOutcome.APPLIED, "done")
    after = made.read_account(1)
    assert json.loads(after.details) == {"a": 2, "b": True, "keep": "x", "documents": [{"type": "t"}]}
    assert (after.balance_minor, after.overdue_minor, after.version, after.complete) == (
        10_000,
        4_000,
        2,
        True,
    )
    assert made.postings_for(1)[0].effect == "change"


def test_what_does_not_complete_leaves_the_case_open_for_more() -> None:
    """A second posting on the new version adds to the first; a third on a complete account is refused."""
    made = core()
    assert made.post(command(effect(completes=False, documents=["one"])), 1).outcome is CoreOutcome.APPLIED
    assert not made.read_account(1).complete
    assert made.post(command(effect(documents=["two"]), version=2, key="l"), 2).outcome is CoreOutcome.APPLIED
    assert json.loads(made.read_account(1).details)["documents"] == ["one", "two"]
    assert made.post(command(effect(), version=3, key="m"), 3).reason == "already_complete"


def test_a_repetition_writes_nothing_again() -> None:
    """The stored answer is given, whatever the effect was; another effect under the key is refused."""
    made = core()
    first = made.post(command(effect(documents=["one"])), 1)
    assert made.post(command(effect(documents=["one"])), 2).receipt == first.receipt
    assert json.loads(made.read_account(1).details)["documents"] == ["one"]
    assert made.post(command(effect(documents=["two"])), 3).outcome is CoreOutcome.KEY_REUSED


@pytest.mark.parametrize(
    ("kind", "balance", "disputed"),
    [("payment", 9_400, False), ("promise", 10_000, False), ("dispute", 10_000, True)],
)
def test_an_effect_does_in_the_ledger_what_it_says(kind: str, balance: int, disputed: bool) -> None:
    """A payment under any name takes the money, and the totals count it; a dispute opens one."""
    made = core()
    made.post(command(effect(kind=kind), amount=600), 1)
    after = made.read_account(1)
    assert (after.balance_minor, after.disputed) == (balance, disputed)
    assert made.totals().paid_minor == (600 if kind == "payment" else 0)


@pytest.mark.parametrize(("kind", "reason"), [("payment", "invalid_amount"), ("promise", "invalid_amount")])
def test_money_is_checked_under_any_name(kind: str, reason: str) -> None:
    """Nothing is no payment and no promise."""
    assert core().post(command(effect(kind=kind)), 1).reason == reason


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "[]",
        effect(kind="gift"),
        effect(status=""),
        effect(status=3),
        effect(completes=1),
        effect(set=[]),
        effect(set={"a": [1]}),
        effect(documents={}),
        effect(more=1),
    ],
)
def test_an_effect_that_is_none_is_refused_and_changes_nothing(text: str) -> None:
    """The core writes nothing it does not understand."""
    made = core()
    before = made.read_account(1)
    assert read_effect(text) is None
    assert made.post(command(text), 1).reason == "invalid_effect"
    assert (made.read_account(1), made.postings_for(1)) == (before, [])


def test_an_action_without_effect_must_be_known_by_name() -> None:
    """As before: the core refuses what it has never heard of."""
    assert core().post(command(""), 1).reason == "unknown_action"
