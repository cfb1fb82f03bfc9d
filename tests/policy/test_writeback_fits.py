"""What may be written where: which field's input can become which kind of fact, and what is filed with a posting."""

from __future__ import annotations

import json
from copy import deepcopy
from typing import Any

import pytest
from pydantic import ValidationError

from sandbox.policy.document import PolicyDocument
from sandbox.policy.postings import WritebackRule, compiled_writeback
from sandbox.policy.vocabulary import Fault
from tests.policy.test_language import LOADED, Document, change

FIELDS: dict[str, Document] = {
    "text": {"kind": "text"},
    "token": {"kind": "token", "pattern": "tok"},
    "choice": {"kind": "choice", "one_of": ["a", "b"]},
    "date": {"kind": "date"},
    "month": {"kind": "month"},
    "money": {"kind": "money", "at_least_minor": 5, "at_most_minor": 7},
    "tick": {"kind": "tick"},
}
FACTS: dict[str, Document] = {
    "word": {"kind": "word", "one_of": ["a", "b"], "default": "a"},
    "number": {"kind": "number", "default": 0},
    "money": {"kind": "money", "default": 0},
    "flag": {"kind": "flag", "default": False},
    "date": {"kind": "date", "default": "2026-01-31"},
    "text": {"kind": "text", "default": "x"},
}
FITTING = {
    ("text", "text"),
    ("token", "text"),
    ("choice", "text"),
    ("choice", "word"),
    ("date", "date"),
    ("date", "text"),
    ("month", "text"),
    ("money", "money"),
    ("money", "number"),
    ("tick", "flag"),
}
"""Written out by hand: what the core reads back must be something the fact can be."""


def writing(field: Document, fact: Document | None) -> Document:
    """A document whose form has this field and whose writeback puts it into this fact."""
    document = deepcopy(LOADED)
    change(document)["form"]["fields"]["given"] = {"label": "Given", **field}
    change(document)["writeback"]["set"]["target"] = "$given"
    if fact is not None:
        document["facts"]["target"] = fact
    return document


def faults(document: Document) -> list[Fault]:
    """Every fault a document is refused for; nothing where it loads."""
    try:
        PolicyDocument.model_validate(document)
    except ValidationError as refusal:
        [error] = refusal.errors()
        found: list[Fault] = error["ctx"]["faults"]
        return found
    return []


@pytest.mark.parametrize("fact", FACTS)
@pytest.mark.parametrize("field", FIELDS)
def test_an_input_becomes_a_fact_of_a_fitting_kind_only(field: str, fact: str) -> None:
    """All pairs of field and fact: a fitting one loads, any other is refused at the detail it would spoil."""
    found = faults(writing(FIELDS[field], FACTS[fact]))
    if (field, fact) in FITTING:
        assert found == []
    else:
        [fault] = found
        assert fault.path == "actions.change_address.writeback.set.target"
        assert fault.text.startswith("$given ")


@pytest.mark.parametrize("field", FIELDS)
def test_any_input_becomes_a_detail_no_rule_reads(field: str) -> None:
    """What nobody declared has no kind, so nothing can be wrong with it."""
    assert faults(writing(FIELDS[field], None)) == []


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["a"], ""),
        (["a", "b"], ""),
        (["a", "c"], "$given may hold words that are not allowed here; allowed: a, b"),
        (["c"], "$given may hold words that are not allowed here; allowed: a, b"),
    ],
)
def test_every_option_of_a_choice_must_be_a_word_of_the_fact(options: list[str], told: str) -> None:
    """One option the fact does not have is enough: somebody will choose it."""
    found = faults(writing({"kind": "choice", "one_of": options}, FACTS["word"]))
    assert [fault.text for fault in found] == ([told] if told else [])


SUMS = "$given may hold sums that are not allowed here; allowed: whole numbers from 5 to 7"


@pytest.mark.parametrize(
    ("least", "most", "told"),
    [(5, 7, ""), (6, 6, ""), (4, 7, SUMS), (5, 8, SUMS), (4, 8, SUMS), (8, 9, SUMS), (0, 4, SUMS)],
)
def test_both_ends_of_a_sum_must_lie_within_the_fact(least: int, most: int, told: str) -> None:
    """The least and the most a customer may type are judged each by itself, at the bound and one step outside."""
    field = {"kind": "money", "at_least_minor": least, "at_most_minor": most}
    found = faults(writing(field, {"kind": "money", "at_least": 5, "at_most": 7, "default": 5}))
    assert [fault.text for fault in found] == ([told] if told else [])


def test_a_number_takes_sums_as_they_are_and_a_text_any_words() -> None:
    """The bounds are asked of sums alone, the list of words of words alone."""
    assert faults(writing(FIELDS["money"], {"kind": "number", "at_most": 6, "default": 0}))
    assert faults(writing(FIELDS["choice"], {"kind": "text", "default": "x"})) == []


def test_an_action_without_a_form_has_no_fields_to_write() -> None:
    """The message says that there are none, instead of ending in nothing."""
    document = deepcopy(LOADED)
    document["actions"]["confirm_address"]["writeback"]["set"] = {"address": "$street"}
    assert faults(document) == [
        Fault(
            "actions.confirm_address.writeback.set.address",
            "$street is no field of this form; known: none",
        )
    ]


def test_two_mistakes_are_told_together_each_with_its_path() -> None:
    """Both are in the list whoever reads the file gets, and in one text joined by semicolons."""
    document = deepcopy(LOADED)
    change(document)["form"].update(heading="{moon}", reads="{sun}")
    known = "address, arrears_band, balance, broken_promises, confirmed, mail, overdue, returns"
    told = [
        Fault("actions.change_address.form.heading", f"{{moon}} is no fact; known: {known}"),
        Fault("actions.change_address.form.reads", f"{{sun}} is no fact; known: {known}"),
    ]
    assert faults(document) == told
    with pytest.raises(ValidationError) as refusal:
        PolicyDocument.model_validate(document)
    assert refusal.value.errors()[0]["msg"] == "; ".join(f"{fault.path}: {fault.text}" for fault in told)


# -- what a posting carries --------------------------------------------------------------------------------------

UPLOAD = {"type": "passport", "expires": "2030-01-31", "kb": 5, "reference": "upload_1"}


def effect(rule: WritebackRule, given: dict[str, Any]) -> dict[str, Any]:
    """The effect of a change with these inputs."""
    text = compiled_writeback("renew", "change", rule).text(json.dumps(given) if given else "")
    found: dict[str, Any] = json.loads(text)
    return found


def test_uploads_are_filed_in_the_order_of_the_policy_and_missing_ones_left_out() -> None:
    """What was uploaded stands whole under `documents`; an optional upload that did not come leaves no gap."""
    rule = WritebackRule(status="renewed", documents=("passport", "bill"))
    bill = {**UPLOAD, "type": "bill"}
    bare = {"kind": "change", "status": "renewed", "completes": True}
    assert effect(rule, {"bill": bill, "passport": UPLOAD}) == {**bare, "documents": [UPLOAD, bill]}
    assert effect(rule, {"bill": bill, "other": 1}) == {**bare, "documents": [bill]}
    assert effect(rule, {"other": 1}) == bare
    assert effect(rule, {}) == bare


def test_fixed_values_inputs_and_flags_are_written_and_an_empty_field_is_not() -> None:
    """Flags taken away are written as false; a field left empty leaves what the core has."""
    rule = WritebackRule.model_validate(
        {
            "status": "renewed",
            "set": {"level": 2, "until": "$day"},
            "flags": {"add": ["checked"], "remove": ["overdue_check"]},
            "completes": False,
        }
    )
    fixed = {"level": 2, "checked": True, "overdue_check": False}
    bare = {"kind": "change", "status": "renewed", "completes": False}
    assert effect(rule, {"day": "2026-03-12"}) == {**bare, "set": {**fixed, "until": "2026-03-12"}}
    assert effect(rule, {}) == {**bare, "set": fixed}
