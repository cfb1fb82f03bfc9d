"""The exact words of what is refused between the parts of a policy, and what its trail and core are given."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from pydantic import ValidationError

from sandbox.model import Choice
from sandbox.policy.compile import compile_policy
from sandbox.policy.decide import Policy
from sandbox.policy.document import PolicyDocument
from tests.policy.test_language import GOOD, LOADED, Document, change, deepcopy, text_of

DOCUMENT_FIELD = {"kind": "document", "label": "Proof", "types": ["passport"], "kb_max": 100}


def with_proof(d: Document) -> Document:
    """Give the form a document, file it, and return the form's fields."""
    fields: Document = change(d)["form"]["fields"]
    fields["proof"] = dict(DOCUMENT_FIELD)
    return fields


def policy_of(d: Document) -> Policy:
    """Compile a document."""
    return compile_policy(PolicyDocument.model_validate(d))


def writes(d: Document) -> Document:
    """What the address change writes."""
    found: Document = change(d)["writeback"]
    return found


WORDS: list[tuple[Callable[[Document], Any], str]] = [
    (
        lambda d: writes(d)["flags"].update(add=["confirmed", "mail"]),
        "actions.change_address.writeback.flags.add.1: 'mail' is no fact of kind flag; known: confirmed",
    ),
    (
        lambda d: (d["facts"].update(moved={"kind": "flag"}), writes(d)["flags"].update(remove=["x"])),
        "actions.change_address.writeback.flags.remove.0: 'x' is no fact of kind flag; known: confirmed, moved",
    ),
    (
        lambda d: (with_proof(d), writes(d).update(documents=["proof", "street"])),
        "actions.change_address.writeback.documents.1: 'street' is no field of kind document; known: proof",
    ),
    (
        lambda d: writes(d).update(documents=["gone"]),
        "actions.change_address.writeback.documents.0: 'gone' is no field of kind document; known: none",
    ),
    (
        lambda d: (with_proof(d), writes(d)["set"].update(address="$proof")),
        (
            "actions.change_address.writeback.set.address: "
            "$proof is a document: name it under writeback.documents"
        ),
    ),
    (
        lambda d: writes(d)["set"].update(address="$road"),
        (
            "actions.change_address.writeback.set.address: "
            "$road is no field of this form; known: street, from_day, agreed"
        ),
    ),
    (
        lambda d: writes(d)["set"].update(status="x"),
        "actions.change_address.writeback.set.status: 'status' is the core's own; a policy writes details only",
    ),
    (
        lambda d: writes(d)["set"].update(mail="lost"),
        "actions.change_address.writeback.set.mail: cannot be 'lost'; allowed: delivered, returned",
    ),
    (
        lambda d: writes(d)["set"].update(mail="$street"),
        (
            "actions.change_address.writeback.set.mail: "
            "$street may hold words that are not allowed here; allowed: delivered, returned"
        ),
    ),
    (
        lambda d: writes(d)["set"].update(returns="$street"),
        "actions.change_address.writeback.set.returns: $street is a text and cannot become a number",
    ),
    (
        lambda d: d["person_when"].append(
            {"rule": "closed", "when": {"disputed": {"equals": True}}, "reason": "x"}
        ),
        "person_when.1.rule: rule names must be unique; repeated: closed",
    ),
    (
        lambda d: change(d)["blocked_when"][0].update(rule="done"),
        "actions.change_address.blocked_when.0.rule: rule names must be unique; repeated: done",
    ),
    (
        lambda d: d["segments"][0].update(segment="all-others"),
        "segments.1.segment: segment 'all-others' is there twice",
    ),
    (
        lambda d: change(d).pop("effect"),
        "actions.change_address: effect is missing: payment, promise, dispute or change",
    ),
    (
        lambda d: change(d).update(identity="code"),
        (
            "actions.change_address.identity: code alone never opens more than a payment, a promise or a dispute; "
            "allowed: login, code_and_facts or known_facts"
        ),
    ),
    (
        lambda d: change(d).update(amount={"minimum_minor": 0, "maximum": "balance"}),
        "actions.change_address.amount: a change has no amount: a sum or a day is a field of its form",
    ),
    (
        lambda d: d["exclude_when"][0].update(when={"overdue_minor": {"one_of": [1, "x"]}}),
        "exclude_when.0.when.overdue_minor: overdue_minor cannot be 'x'; allowed: whole numbers",
    ),
    (
        lambda d: d["exclude_when"][1].update(when={"complete": {"equals": 1}}),
        "exclude_when.1.when.complete: complete cannot be 1; allowed: true or false",
    ),
    (
        lambda d: d["person_when"][0].update(when={"arrears_band": {"one_of": ["1m", "9m"]}}),
        "person_when.0.when.arrears_band: arrears_band cannot be '9m'; allowed: 1m, 2m, 3m, 4m+",
    ),
    (
        lambda d: d["person_when"][0].update(when={"status": {"at_most": 3}}),
        "person_when.0.when.status: status has no size: use equals or one_of",
    ),
    (
        lambda d: d["segments"][0].update(when={"confirmed": {"at_least": 1}}),
        "segments.0.when.confirmed: confirmed has no size: use equals or one_of",
    ),
    (
        lambda d: d["segments"][0].update(when={"returns": {"one_of": [20, 21]}}),
        "segments.0.when.returns: returns cannot be 21; allowed: whole numbers from 0 to 20",
    ),
    (
        lambda d: (
            d["facts"].update(until={"kind": "date", "default": "2026-01-31"}),
            d["segments"][0].update(when={"until": {"equals": "2026-01-31"}}),
        ),
        "segments.0.when.until: until is a date: it can be shown and written, not tested",
    ),
    (
        lambda d: d.pop("segments"),
        "actions.confirm_address.segments.0: unknown segment 'all-others'; known: none",
    ),
    (
        lambda d: (d["facts"].pop("confirmed"), d["actions"].pop("confirm_address")),
        "actions.change_address.writeback.flags.add.0: 'confirmed' is no fact of kind flag; known: none",
    ),
    (
        lambda d: (
            with_proof(d).update(bill=dict(DOCUMENT_FIELD)),
            writes(d).update(documents=["gone"]),
        ),
        "actions.change_address.writeback.documents.0: 'gone' is no field of kind document; known: proof, bill",
    ),
]


@pytest.mark.parametrize(("breakage", "line"), WORDS)
def test_a_fault_is_told_in_full_and_alone(breakage: Callable[[Document], Any], line: str) -> None:
    """One mistake is one line: its path, what is wrong, and what would be allowed."""
    document = deepcopy(LOADED)
    breakage(document)
    with pytest.raises(ValidationError) as refusal:
        PolicyDocument.model_validate(document)
    [error] = refusal.value.errors()
    assert error["msg"] == line
    assert error["type"] == "faults"


def test_what_a_trail_may_not_hold_is_withheld() -> None:
    """Sensitive fields that were filled in, sorted; an action without a form and an empty submission have none."""
    policy = policy_of(deepcopy(LOADED))
    given = Choice("change_address", 0, 0, text_of(GOOD))
    assert policy.withheld_inputs(given) == ["street"]
    assert policy.withheld_inputs(given._replace(inputs="")) == []
    assert policy.withheld_inputs(given._replace(action="confirm_address")) == []
    shown = policy.masked_inputs(given)
    assert shown["from_day"] == "2026-03-12"
    assert GOOD["street"] not in json.dumps(shown)
    assert policy.masked_inputs(given._replace(action="confirm_address")) == {}


def test_the_status_of_an_action_is_the_policy_s(policy: Policy) -> None:
    """What the writeback says, the ledger's own word for the known names, nothing for an unknown one."""
    address = policy_of(deepcopy(LOADED))
    assert address.status_of("change_address") == "address_changed"
    assert address.status_of("pay_now") == ""
    assert address.status_of("nothing") == ""
    assert policy.status_of("pay_now") != ""
