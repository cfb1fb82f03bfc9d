"""A policy document that could not be followed is refused with the reason, before it decides anything."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from pydantic import ValidationError

from sandbox.model import AccountFacts, Action
from sandbox.policy.decide import Policy
from sandbox.policy.document import PolicyDocument
from sandbox.policy.schema import KNOWN_FACTS

Document = dict[str, Any]


def test_a_plain_document_is_accepted(document: Document) -> None:
    """A document of plain dicts, lists and bare numbers validates and keeps its values."""
    loaded = PolicyDocument.model_validate(document)
    assert (loaded.policy, loaded.version) == ("small", 7)
    assert loaded.actions[Action.PAY_NOW].due_days.max == 0


def test_the_vocabulary_is_the_account_facts_without_identity_and_version() -> None:
    """Every testable fact is a field of the account, and all but its number, version and details can be tested."""
    assert set(AccountFacts._fields) - KNOWN_FACTS == {"account_id", "version", "details"}
    assert set(AccountFacts._fields) >= KNOWN_FACTS


def _pay(document: Document) -> Document:
    pay_now: Document = document["actions"]["pay_now"]
    return pay_now


def _when(document: Document, when: Document) -> None:
    document["exclude_when"][0]["when"] = when


REFUSED: list[tuple[str, Callable[[Document], Any], str]] = [
    ("fact", lambda d: _when(d, {"mood": {"equals": "bad"}}), "unknown fact 'mood'; known: arrears_band,"),
    ("identity fact", lambda d: _when(d, {"account_id": {"equals": 1}}), "unknown fact 'account_id'"),
    ("word", lambda d: _when(d, {"arrears_band": {"equals": "5m"}}), "arrears_band cannot be '5m'"),
    ("size", lambda d: _when(d, {"arrears_band": {"at_least": 3}}), "arrears_band has no size"),
    ("flag", lambda d: _when(d, {"vulnerable": {"equals": "yes"}}), "allowed: true or false"),
    ("number", lambda d: _when(d, {"overdue_minor": {"one_of": [1, True]}}), "overdue_minor cannot be True"),
    ("no test", lambda d: _when(d, {"status": {}}), "give exactly one of"),
    ("no fact", lambda d: _when(d, {}), "at least 1 item"),
    ("two tests", lambda d: _when(d, {"overdue_minor": {"equals": 1, "at_least": 1}}), "give exactly one of"),
    ("range", lambda d: _when(d, {"overdue_minor": {"at_least": 3, "at_most": 2}}), "3 is above at_most 2"),
    ("operator", lambda d: _when(d, {"overdue_minor": {"above": 3}}), "Extra inputs are not permitted"),
    ("evidence", lambda d: _pay(d).pop("evidence"), "evidence is missing"),
    ("empty evidence", lambda d: _pay(d).update(evidence=[]), "evidence is missing"),
    ("completion evidence", lambda d: d["completion"].update(evidence=[]), "at least 1 item"),
    ("dates", lambda d: _pay(d).update(due_days={"min": 15, "max": 14}), "min 15 is above max 14"),
    ("days", lambda d: _pay(d).update(due_days={"min": 0, "max": 367}), "less than or equal to 366"),
    ("percent", lambda d: _pay(d)["amount"].update(minimum_percent_of_overdue=100.01), "equal to 100"),
    (
        "fine percent",
        lambda d: _pay(d)["amount"].update(minimum_percent_of_overdue=2.505),
        "2 decimal places",
    ),
    ("money", lambda d: _pay(d)["amount"].update(minimum_minor=5.5), "valid integer"),
    ("negative", lambda d: _pay(d)["amount"].update(minimum_minor=-1), "greater than or equal to 0"),
    ("maximum", lambda d: _pay(d)["amount"].update(maximum="income"), "'overdue' or 'balance'"),
    ("identity", lambda d: _pay(d).update(identity="none"), "'code_and_facts' or 'known_facts'"),
    ("action", lambda d: d["actions"].update(borrow=_pay(d)), "actions.borrow: effect is missing: payment,"),
    ("action name", lambda d: d["actions"].update({"Pay-now": _pay(d)}), "should match pattern"),
    ("writeback", lambda d: _pay(d).pop("writeback"), "writeback is missing"),
    ("no action", lambda d: d["actions"].clear(), "at least 1 item"),
    ("rule names", lambda d: d["person_when"][0].update(rule="closed"), "unique; repeated: closed"),
    ("reason", lambda d: d["person_when"][0].update(reason="Bad Code"), "should match pattern"),
    ("misspelt key", lambda d: d.update(exclude_wen=[]), "Extra inputs are not permitted"),
    ("version", lambda d: d.update(version=0), "greater than or equal to 1"),
]


@pytest.mark.parametrize(("breakage", "message"), [case[1:] for case in REFUSED], ids=[c[0] for c in REFUSED])
def test_a_wrong_document_is_refused(
    document: Document, breakage: Callable[[Document], Any], message: str
) -> None:
    """Every kind of mistake is refused with a message that names it."""
    breakage(document)
    with pytest.raises(ValidationError) as refusal:
        PolicyDocument.model_validate(document)
    assert message in str(refusal.value)


def _quantities(node: Any) -> Iterator[Any]:
    """Every number of a document that stands for a quantity, with its origin if it has one."""
    if isinstance(node, dict) and "value" in node:
        yield node
    elif isinstance(node, dict):
        for child in node.values():
            yield from _quantities(child)
    elif isinstance(node, list):
        for child in node:
            yield from _quantities(child)
    elif isinstance(node, (int, float)) and not isinstance(node, bool):
        yield node


def test_the_shipped_policy_says_where_its_numbers_come_from(shipped: Document) -> None:
    """Every number of the shipped policy but its version carries a source, and lies in its own range."""
    quantities = list(_quantities({key: part for key, part in shipped.items() if key != "version"}))
    assert len(quantities) == 9
    for quantity in quantities:
        assert quantity["source"] in {"published", "analogue", "assumption"}
        low, high = quantity["range"]
        assert low <= quantity["value"] <= high


def test_the_shipped_policy_is_named_like_its_file(policy: Policy) -> None:
    """A scenario finds a policy by name, so name and file agree."""
    assert policy.name == "collections-promise-to-pay"
