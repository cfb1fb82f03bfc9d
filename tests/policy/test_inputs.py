"""What may be put into a form: every kind of field on both sides of each of its limits."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from sandbox.draws import Draws
from sandbox.policy.forms import Form, placeholders
from sandbox.policy.inputs import (
    INPUTS_CHARS_MAX,
    MASKED,
    Field,
    FormPage,
    InputFault,
    compiled_fields,
    fault_in,
    masked,
    month_end,
    read_inputs,
)
from sandbox.policy.patterns import REPEATS_MAX, checker, pieces_of
from sandbox.policy.postings import canonical_json
from sandbox.simulation.form_filling import filled_in, wrongly_filled_in

TODAY = date(2026, 3, 10).toordinal()

RULES: dict[str, dict[str, Any]] = {
    "text": {"kind": "text", "chars_min": 2, "chars_max": 4},
    "coded": {"kind": "text", "pattern": "[A-Z]{2}\\d{1,2}-x?"},
    "token": {"kind": "token", "pattern": "tok_[a-z0-9]{4}"},
    "choice": {"kind": "choice", "one_of": ["a", "b"]},
    "date": {"kind": "date", "at_least_days": 1, "at_most_days": 3},
    "month": {"kind": "month", "at_least_days": 30, "at_most_days": 90},
    "money": {"kind": "money", "at_least_minor": 5, "at_most_minor": 7},
    "tick": {"kind": "tick"},
    "document": {"kind": "document", "types": ["passport"], "expires_after_days_min": 30, "kb_max": 50},
    "paper": {"kind": "document", "types": ["letter"], "kb_max": 50},
}


def fields(**rules: dict[str, Any]) -> tuple[Field, ...]:
    """Compile fields of these rules."""
    labelled = {name: {"label": name, **rule} for name, rule in rules.items()}
    return compiled_fields(Form.model_validate({"heading": "h", "reads": "r", "fields": labelled}))


def upload(**changed: Any) -> dict[str, Any]:
    """A whole upload with something changed."""
    return {"type": "passport", "expires": "2026-04-09", "kb": 50, "reference": "upload_1", **changed}


JUDGED: list[tuple[str, Any, str]] = [
    ("text", "ab", ""),
    ("text", "a", "input_too_short"),
    ("text", "abcd", ""),
    ("text", "abcde", "input_too_long"),
    ("text", "a\n", "input_malformed"),
    ("text", 12, "input_malformed"),
    ("coded", "AB1-", ""),
    ("coded", "AB12-x", ""),
    ("coded", "AB123-x", "input_malformed"),
    ("coded", "AB1-xx", "input_malformed"),
    ("coded", "ab1-", "input_malformed"),
    ("token", "tok_a1b2", ""),
    ("token", "tok_a1b2c", "input_malformed"),
    ("token", "tok_a1b", "input_malformed"),
    ("token", None, "input_malformed"),
    ("choice", "b", ""),
    ("choice", "c", "input_not_offered"),
    ("choice", ["a"], "input_not_offered"),
    ("date", "2026-03-10", "date_too_early"),
    ("date", "2026-03-11", ""),
    ("date", "2026-03-13", ""),
    ("date", "2026-03-14", "date_too_late"),
    ("date", "2026-02-30", "input_malformed"),
    ("date", "20260311", "input_malformed"),
    ("month", "2026-03", "date_too_early"),
    ("month", "2026-04", ""),
    ("month", "2026-05", ""),
    ("month", "2026-06", "date_too_late"),
    ("month", "2026-13", "input_malformed"),
    ("month", "0000-12", "input_malformed"),
    ("money", 4, "amount_below_minimum"),
    ("money", 5, ""),
    ("money", 7, ""),
    ("money", 8, "amount_above_maximum"),
    ("money", 6.0, "input_malformed"),
    ("money", True, "input_malformed"),
    ("tick", True, ""),
    ("tick", False, "not_confirmed"),
    ("tick", 1, "not_confirmed"),
    ("document", upload(), ""),
    ("document", upload(expires="2026-04-08"), "document_expires_too_soon"),
    ("document", upload(expires=""), "document_expires_too_soon"),
    ("document", upload(kb=51), "document_too_large"),
    ("document", upload(kb=0), "input_malformed"),
    ("document", upload(type="letter"), "document_type_not_accepted"),
    ("document", upload(reference="short_1"), "input_malformed"),
    ("document", upload(reference="a" * 64), ""),
    ("document", upload(reference="a" * 65), "input_malformed"),
    ("document", upload(more=1), "input_malformed"),
    ("document", upload(expires="soon"), "input_malformed"),
    ("document", "passport", "input_malformed"),
    ("paper", upload(type="letter", expires=""), ""),
    ("paper", upload(type="letter", expires="2026-03-10"), ""),
    ("paper", upload(type="letter", expires="2026-03-09"), "document_expires_too_soon"),
]


@pytest.mark.parametrize(("name", "value", "reason"), JUDGED)
def test_each_kind_of_field_is_judged_on_both_sides_of_its_limits(name: str, value: Any, reason: str) -> None:
    """A value is accepted, or refused with the one reason that fits."""
    fault = fault_in(fields(**{name: RULES[name]}), canonical_json({name: value}), TODAY)
    assert fault == (InputFault(name, reason) if reason else None)


def test_fields_must_be_there_unless_they_are_optional_and_no_others_may() -> None:
    """A missing field, an unknown one and text that is no submission each have their reason."""
    form = fields(one=RULES["choice"], two={**RULES["choice"], "optional": True})
    assert fault_in(form, '{"one":"a"}', TODAY) is None
    assert fault_in(form, "", TODAY) == InputFault("one", "input_missing")
    assert fault_in(form, '{"two":"a"}', TODAY) == InputFault("one", "input_missing")
    assert fault_in(form, '{"one":"a","three":1}', TODAY) == InputFault("three", "input_unknown")
    assert fault_in(form, '{"one":"a","two":"z"}', TODAY) == InputFault("two", "input_not_offered")
    assert fault_in((), '{"one":"a"}', TODAY) == InputFault("one", "input_unknown")
    for odd in ('{"one": "a"}', "[]", "{", '{"one":"a","one":"b"}', "x" * (INPUTS_CHARS_MAX + 1)):
        assert fault_in(form, odd, TODAY) == InputFault("", "input_malformed")


def test_a_submission_may_be_as_long_as_its_limit() -> None:
    """One character more and it is not read at all."""
    text = json.dumps({"a": "x" * (INPUTS_CHARS_MAX - 9)}, separators=(",", ":"))
    longest = (
        text[: -(len(text) - INPUTS_CHARS_MAX) - 2 or None] + '"}' if len(text) > INPUTS_CHARS_MAX else text
    )
    assert len(longest) <= INPUTS_CHARS_MAX
    assert read_inputs(longest) is not None
    assert read_inputs(longest + " " * (INPUTS_CHARS_MAX - len(longest))) is not None
    assert read_inputs(longest + " " * (INPUTS_CHARS_MAX - len(longest) + 1)) is None


def test_a_trail_holds_sensitive_inputs_masked_and_unknown_ones_not_at_all() -> None:
    """That a sensitive input was given is evidence, what it was is not."""
    form = fields(open=RULES["choice"], secret={**RULES["token"], "sensitive": True})
    assert masked(form, '{"extra":1,"open":"a","secret":"tok_a1b2"}') == {"open": "a", "secret": MASKED}
    assert masked(form, '{"open":"a"}') == {"open": "a"}
    assert masked(form, "{") == {}


@pytest.mark.parametrize(
    ("month", "day"), [("2026-02", "2026-02-28"), ("2028-02", "2028-02-29"), ("2026-12", "2026-12-31")]
)
def test_a_month_ends_on_its_last_day(month: str, day: str) -> None:
    """February of a leap year and December are months like any other."""
    assert date.fromordinal(month_end(month)).isoformat() == day


@given(case=st.integers(0, 10**7), today=st.integers(TODAY, TODAY + 3_000))
def test_customers_fill_a_form_in_as_it_should_be_or_wrongly(case: int, today: int) -> None:
    """What a synthetic customer enters is accepted on any day, and always the same; a wrong entry is refused."""
    form = fields(**RULES)
    page = FormPage("act", form, today)
    inputs = filled_in(page, Draws(1), case)
    assert fault_in(form, inputs, today) is None
    assert inputs == filled_in(page, Draws(1), case)
    for name, rule in RULES.items():
        alone = FormPage("act", fields(**{name: rule}), today)
        assert fault_in(alone.fields, wrongly_filled_in(alone, Draws(1), case), today) is not None


def test_a_pattern_is_a_row_of_pieces() -> None:
    """Every sign of the little language means what it says, and the whole text has to match."""
    assert [(one.least, one.most) for one in pieces_of("a?b*c+d{2}e{0,3}f")] == [
        (0, 1),
        (0, REPEATS_MAX),
        (1, REPEATS_MAX),
        (2, 2),
        (0, 3),
        (1, 1),
    ]
    (piece,) = pieces_of("[a-c\\d_-]")
    assert piece.characters == "abc0123456789_-"
    assert checker("\\.[x]{1,2}").fullmatch(".xx")
    assert not checker("\\.[x]{1,2}").fullmatch("axx")
    assert not checker("ab").fullmatch("abc")


@pytest.mark.parametrize(
    "pattern",
    ["(a|b)", "a|b", "^a", "a$", "[^a]", "[a", "[]", "\\", "\\b", "a{", "a{2,1}", "a{0}", "*", "[c-a]", "a]"],
)
def test_other_regular_expressions_are_refused(pattern: str) -> None:
    """Groups, alternatives and anchors are not of the language, nor is anything that never matches."""
    with pytest.raises(ValueError, match="pattern"):
        pieces_of(pattern)


WRONG_FIELDS: list[dict[str, Any]] = [
    {"kind": "text", "chars_min": 5, "chars_max": 4},
    {"kind": "text", "chars_max": 501},
    {"kind": "text", "pattern": "a{5}", "chars_max": 4},
    {"kind": "token"},
    {"kind": "token", "pattern": "(a)"},
    {"kind": "choice", "one_of": []},
    {"kind": "date", "at_least_days": 4, "at_most_days": 3},
    {"kind": "month", "at_least_days": 0, "at_most_days": 30},
    {"kind": "money"},
    {"kind": "money", "at_least_minor": 2, "at_most_minor": 1},
    {"kind": "document", "types": [], "kb_max": 1},
    {"kind": "document", "types": ["a"], "kb_max": 0},
    {"kind": "number"},
    {"kind": "tick", "pattern": "a"},
]


@pytest.mark.parametrize("rule", WRONG_FIELDS)
def test_fields_nobody_could_fill_in_are_refused(rule: dict[str, Any]) -> None:
    """Limits the wrong way round, empty lists, unknown kinds and keys are refused when the policy is read."""
    with pytest.raises(ValidationError):
        fields(one=rule)


def test_placeholders_are_names_alone() -> None:
    """A text shows facts by their name; anything a formatter could do besides is refused."""
    assert placeholders("You owe {overdue}, {overdue} of {balance}. {{not}} this") == (
        "overdue",
        "overdue",
        "balance",
    )
    for text in ("{", "}", "{}", "{a.b}", "{a[0]}", "{a!r}", "{a:>9}", "{A}"):
        with pytest.raises(ValueError, match="cannot be shown"):
            placeholders(text)
    assert placeholders("{{not}} this, but {overdue}") == ("overdue",)
    with pytest.raises(ValueError, match="cannot be shown") as refusal:
        placeholders("{a.b}")
    told = "a placeholder is a fact's name alone, such as {overdue}; found {a.b}"
    assert str(refusal.value) == f"cannot be shown: {told}"
