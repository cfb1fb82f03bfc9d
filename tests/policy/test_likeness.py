"""Rulings are remembered by sort of account: never a wrong one, whatever the rules test."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox.model import AccountFacts, ArrearsBand
from sandbox.policy import decide
from sandbox.policy.compile import compile_policy
from sandbox.policy.decide import Policy
from sandbox.policy.document import PolicyDocument
from sandbox.policy.schema import PolicyShape
from sandbox.policy.vocabulary import FLAG_FACTS, NUMBER_FACTS
from tests.policy.test_language import LOADED

_SMALL = st.integers(0, 4)


def _range(ends: list[int], which: str) -> dict[str, int]:
    least, most = sorted(ends)
    return {
        "both": {"at_least": least, "at_most": most},
        "least": {"at_least": least},
        "most": {"at_most": most},
    }[which]


_RANGES = st.builds(
    _range, st.lists(_SMALL, min_size=2, max_size=2), st.sampled_from(["both", "least", "most"])
)
_OF_NUMBERS = _RANGES | st.fixed_dictionaries(
    {"one_of": st.lists(st.integers(-1, 4), min_size=1, max_size=3, unique=True)}
)
_TESTS = st.dictionaries(st.sampled_from(sorted(NUMBER_FACTS)), _OF_NUMBERS, max_size=2)
_FLAGS = st.dictionaries(
    st.sampled_from(sorted(FLAG_FACTS)), st.fixed_dictionaries({"equals": st.booleans()}), max_size=1
)
_BANDS = st.lists(st.sampled_from([*ArrearsBand]), min_size=1, max_size=3, unique=True)
_WHEN = st.tuples(_TESTS, _FLAGS, st.none() | _BANDS).map(
    lambda parts: parts[0] | parts[1] | ({"arrears_band": {"one_of": parts[2]}} if parts[2] else {})
)
_RULES = st.lists(_WHEN.filter(bool), max_size=3)
_NUMBERS = st.integers(-2, 6)
_SIZES = st.lists(st.tuples(_NUMBERS, _NUMBERS, _NUMBERS), min_size=1, max_size=15)
_ACCOUNTS = st.builds(
    AccountFacts,
    account_id=st.just(1),
    status=st.sampled_from(["open", "closed", "dormant"]),
    arrears_band=st.sampled_from([*ArrearsBand, "unheard of"]),
    balance_minor=_NUMBERS,
    overdue_minor=_NUMBERS,
    broken_promises=_NUMBERS,
    vulnerable=st.booleans(),
    disputed=st.booleans(),
    payment_method_ok=st.booleans(),
    version=st.integers(1, 3),
    complete=st.booleans(),
)


def _named(rules: list[dict[str, Any]], name: str) -> list[dict[str, Any]]:
    return [
        {"rule": f"{name}-{place}", "reason": f"{name}_{place}", "when": when}
        for place, when in enumerate(rules)
    ]


@settings(max_examples=150, deadline=None)
@given(
    _RULES,
    _RULES,
    _RULES,
    st.none() | _WHEN.filter(bool),
    st.lists(_ACCOUNTS, min_size=1, max_size=2),
    _SIZES,
)
def test_a_remembered_ruling_is_the_one_the_rules_would_give(
    exclude: list[dict[str, Any]],
    person: list[dict[str, Any]],
    block: list[dict[str, Any]],
    segment: dict[str, Any] | None,
    different: list[AccountFacts],
    sizes: list[tuple[int, int, int]],
) -> None:
    """Rules of every kind, accounts on and about every bound, one after the other at one policy."""
    amount = {"minimum_minor": 0, "maximum": "balance"}
    rest = {
        "routine": True,
        "identity": "code",
        "writeback": {"status": "done"},
        "evidence": ["core_receipt"],
    }
    document: dict[str, Any] = {
        "policy": "any",
        "version": 2,
        "title": "Any rules",
        "trigger": "Something is due.",
        "completion": {
            "customer_action": "acts",
            "policy_condition": "within limits",
            "writeback_destination": "the record",
            "evidence": ["core_receipt"],
        },
        "exclude_when": _named(exclude, "out"),
        "person_when": _named(person, "person"),
        "actions": {
            "pay_now": rest | {"amount": amount, "blocked_when": _named(block, "no")},
            "dispute": rest | {"amount": amount, "routine": False},
        },
    }
    if segment is not None:
        document["segments"] = [{"segment": "some", "when": segment}, {"segment": "others"}]
        document["actions"]["dispute"]["segments"] = ["some"]
    # The shape alone: rules that no account reaches are wanted here, and a document refuses them.
    policy = compile_policy(cast(PolicyDocument, PolicyShape.model_validate(document)))
    forgetful = replace(policy, likeness=None)
    accounts = [
        account._replace(balance_minor=balance, overdue_minor=overdue, broken_promises=broken)
        for account in different
        for balance, overdue, broken in sizes
    ]
    for account in accounts * 2:
        assert policy.decide(account) == forgetful.decide(account)
    assert len(policy._rulings) <= len(accounts)
    assert not forgetful._rulings


def test_amounts_make_no_sort_of_their_own(policy: Policy, account: AccountFacts) -> None:
    """The shipped policy asks its rules once for all who owe something, whatever they owe."""
    asked = replace(policy)
    for overdue in range(1, 40):
        assert asked.decide(account._replace(overdue_minor=overdue)) == replace(policy).decide(
            account._replace(overdue_minor=overdue)
        )
    assert len(asked._rulings) == 1
    asked.decide(account._replace(overdue_minor=0))
    assert len(asked._rulings) == 2


def test_rulings_are_remembered_up_to_their_bound(
    policy: Policy, account: AccountFacts, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Beyond the bound the rules are asked anew."""
    monkeypatch.setattr(decide, "RULINGS_MAX", 2)
    asked = replace(policy)
    accounts = [account._replace(status=f"status {place}", vulnerable=place > 2) for place in range(6)]
    for one in accounts * 2:
        assert asked.decide(one) == replace(policy, likeness=None).decide(one)
    assert len(asked._rulings) == 2


@pytest.mark.parametrize("what", ["a rule", "a segment", "whether a fact is there"])
def test_no_sorts_are_told_where_rules_test_facts_of_the_workflow(what: str) -> None:
    """Its facts stand in the account's details, which sorts do not look at: the rules are asked every time."""
    document = deepcopy(LOADED)
    document["segments"], document["facts"]["mail"]["default"] = [], "delivered"
    document["facts"]["returns"]["default"] = 0
    for action in document["actions"].values():
        action.pop("segments", None)
        action.pop("blocked_when", None)
    plain = compile_policy(PolicyDocument.model_validate(document))
    assert plain.likeness is not None
    if what == "a rule":
        test = {"returns": {"at_least": 2}}
        document["person_when"].append({"rule": "often-back", "when": test, "reason": "often_back"})
    elif what == "a segment":
        named = [{"segment": "back", "when": {"mail": {"equals": "returned"}}}, {"segment": "others"}]
        document["segments"] = named
        document["actions"]["confirm_address"]["segments"] = ["back"]
    else:
        del document["facts"]["returns"]["default"]
    assert compile_policy(PolicyDocument.model_validate(document)).likeness is None
