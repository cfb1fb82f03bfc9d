"""A form on the phone: every kind of field as blanks, read back into the submission policy judges."""

from __future__ import annotations

import json
from datetime import date

import pytest

from sandbox.errors import BadInput
from sandbox.policy.forms import Form
from sandbox.policy.inputs import FormPage, compiled_fields, fault_in
from sandbox.policy.postings import canonical_json
from scenarios.rehearsal.phone_form import Sheet

TODAY = date(2026, 3, 2).toordinal()
FORM = Form.model_validate(
    {
        "heading": "Everything",
        "reads": "Every kind of field.",
        "submit": "Send it",
        "fields": {
            "street": {"kind": "text", "label": "Street", "chars_min": 5},
            "card": {"kind": "token", "label": "Card", "pattern": "tok_[a-z]{4}"},
            "which": {"kind": "choice", "label": "Which", "one_of": ["name", "address"]},
            "from_day": {"kind": "date", "label": "From", "at_most_days": 10},
            "expires": {"kind": "month", "label": "Expires", "at_least_days": 30},
            "sum": {"kind": "money", "label": "Sum", "at_least_minor": 100, "at_most_minor": 5_000},
            "paper": {"kind": "document", "label": "Paper", "types": ["passport"], "kb_max": 800},
            "agreed": {"kind": "tick", "label": "I agree"},
            "note": {"kind": "text", "label": "Note", "optional": True},
        },
    }
)
SHEET = Sheet(FormPage("everything", compiled_fields(FORM), TODAY), FORM.submit)
GIVEN = {
    "street": "Elm Road 5",
    "card": "tok_abcd",
    "which": "name",
    "from_day": "2026-03-09",
    "expires": "2027-01",
    "sum": 2_050,
    "paper": {"type": "passport", "expires": "", "kb": 300, "reference": "upload_1234"},
    "agreed": True,
}


def texts(**changed: str) -> dict[str, str]:
    """A form filled in right, but for what is changed."""
    return {blank.name: blank.text for blank in SHEET.blanks(canonical_json(GIVEN))} | changed


def test_a_submission_is_shown_and_written_back_as_it_was() -> None:
    """Through the blanks of every kind of field and back: the same bytes."""
    inputs = canonical_json(GIVEN)
    assert SHEET.written({blank.name: blank.text for blank in SHEET.blanks(inputs)}) == inputs
    assert SHEET.faults(texts()) == {}


def test_every_blank_has_its_label_and_says_what_it_takes() -> None:
    """Sums in whole currency, days as dates, closed lists to choose from, a document by its parts."""
    blanks = {blank.name: blank for blank in SHEET.blanks("")}
    assert blanks["sum"].takes == "1.00 to 50.00"
    assert blanks["from_day"].takes == "2026-03-02 to 2026-03-12"
    assert blanks["expires"].takes == "2026-04 or later"
    assert (blanks["which"].kind, blanks["which"].one_of) == ("choice", ("name", "address"))
    assert (blanks["paper.type"].kind, blanks["paper.type"].one_of) == ("choice", ("passport",))
    assert blanks["agreed"].kind == "tick"
    assert blanks["note"].label == "Note (may stay empty)"
    assert all(blank.label for blank in blanks.values())


@pytest.mark.parametrize(
    ("changed", "where", "said"),
    [
        ({"street": "Elm"}, "street", "too short"),
        ({"street": ""}, "street", "still to be filled in"),
        ({"card": "1234"}, "card", "not written as it has to be"),
        ({"which": "other"}, "which", "none of what is offered"),
        ({"from_day": "2026-03-01"}, "from_day", "too early"),
        ({"from_day": "soon"}, "from_day", "not written as it has to be"),
        ({"expires": "2026-03"}, "expires", "too early"),
        ({"sum": "0.50"}, "sum", "below what can be taken"),
        ({"sum": "50.01"}, "sum", "above what can be taken"),
        ({"sum": "20.505"}, "sum", "not written as it has to be"),
        ({"sum": "nan"}, "sum", "not written as it has to be"),
        ({"paper.kb": "801"}, "paper.type", "the document is too large"),
        ({"paper.kb": "many"}, "paper.type", "not written as it has to be"),
        ({"agreed": ""}, "agreed", "still to be filled in"),
    ],
)
def test_what_is_wrong_is_what_policy_says(changed: dict[str, str], where: str, said: str) -> None:
    """The fault stands at its field, and policy refuses the same submission for the same field."""
    filled = texts(**changed)
    assert SHEET.faults(filled) == {where: said}
    fault = fault_in(SHEET.page.fields, SHEET.written(filled), TODAY)
    assert fault is not None
    assert fault.field == where.partition(".")[0]
    sent = SHEET.written(filled)
    assert SHEET.faults_in(sent) == {where: said}
    assert {blank.name: blank.text for blank in SHEET.blanks(sent)} == filled


def test_a_form_is_typed_in_one_line() -> None:
    """By the names of its fields; JSON stands as it is; a field it does not have is named."""
    assert json.loads(SHEET.read("street=Elm Road 5; sum=20.50; agreed=yes")) == {
        "street": "Elm Road 5",
        "sum": 2_050,
        "agreed": True,
    }
    assert SHEET.read('{"a":1}') == '{"a":1}'
    with pytest.raises(BadInput, match="did you mean 'street'"):
        SHEET.read("stret=Elm Road 5")
