"""A posting as a record of fixed fields: exact to the character, refused where it does not fit, on both sides."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from sandbox.adapters.mapping import (
    CHECK_CHARS,
    REFERENCE_CHARS,
    DoesNotFit,
    FieldLayout,
    RecordLayout,
    RecordMapping,
    days_between,
    reference_of,
)
from sandbox.model import MS_PER_DAY
from sandbox.ports import PostCommand
from scenarios.world.core_profiles import profile_document
from tests.writeback.bench import command

SHIPPED = profile_document("legacy-batch").record
assert SHIPPED is not None
MAPPING = RecordMapping(SHIPPED, date(2026, 12, 30))


def test_a_record_is_what_the_copybook_says_to_the_character() -> None:
    """Every field in its place: codes, zeros on the left of digits, blanks on the right of text."""
    wanted = command()
    assert MAPPING.write(wanted, MS_PER_DAY) == (
        reference_of(wanted.key)
        + "0000000001"
        + "0000000001"
        + "PN"
        + "00000005000"
        + "2026365"
        + "2026365"
        + "C"
        + "PAID IN MESSAGE".ljust(40)
        + wanted.fingerprint.upper()
        + "00"
    )
    assert MAPPING.length == len(MAPPING.write(wanted, 0)) == 170


def test_the_reference_is_stable_text() -> None:
    """The reference of a key is the same on every machine and in every release, and another key's is another."""
    assert reference_of("e92fc82c099d95ea1b317048b7a45ddb") == "YONHXVAZ4UE6SAHC"
    assert reference_of("a") != reference_of("b")
    assert len(reference_of("")) == REFERENCE_CHARS


COMMANDS = st.builds(
    command,
    case_id=st.integers(1, 9_999_999_999),
    account_id=st.integers(0, 9_999_999_999),
    action=st.sampled_from(["pay_now", "promise_to_pay", "dispute"]),
    amount_minor=st.integers(0, 99_999_999_999),
    due_day_offset=st.integers(0, 400),
    source=st.sampled_from(["customer", "agent", "back_office"]),
    note=st.text("abc XYZ 019-,.", max_size=40),
)


@given(COMMANDS, st.integers(0, 4_000 * MS_PER_DAY))
def test_what_is_written_can_be_read(wanted: PostCommand, at_ms: int) -> None:
    """Reading a record gives back the command, over year ends and leap days, whatever its values."""
    held = MAPPING.read(MAPPING.write(wanted, at_ms))
    assert held["reference"] == reference_of(wanted.key)
    assert held["check"].lower() == wanted.fingerprint
    assert (int(held["account_id"]), int(held["case_id"])) == (wanted.account_id, wanted.case_id)
    assert (held["action"], int(held["amount_minor"])) == (wanted.action, wanted.amount_minor)
    assert days_between(held["value_date"], held["due_date"]) == wanted.due_day_offset
    assert (held["source"], held["note"]) == (wanted.source, wanted.note.upper().rstrip())


@pytest.mark.parametrize(
    ("at_ms", "due", "dates"),
    [
        (0, 0, "20263642026364"),
        (2 * MS_PER_DAY - 1, 1, "20263652027001"),
        (2 * MS_PER_DAY, 0, "20270012027001"),
    ],
)
def test_dates_are_year_and_day_of_it(at_ms: int, due: int, dates: str) -> None:
    """YYYYDDD of the day a record is written on and of the day it falls due, a millisecond on each side of a year."""
    assert MAPPING.write(command(due_day_offset=due), at_ms)[49:63] == dates


def test_a_leap_year_has_a_day_366() -> None:
    """31 December 2028 is day 366."""
    mapping = RecordMapping(MAPPING.layout, date(2028, 12, 31))
    assert mapping.write(command(), 0)[49:56] == "2028366"


FITS = {
    "account_id": (9_999_999_999, 10_000_000_000, "ACCOUNT: found 11 characters; allowed: at most 10"),
    "amount_minor": (99_999_999_999, 100_000_000_000, "AMOUNT: found 12 characters; allowed: at most 11"),
}


@pytest.mark.parametrize("name", FITS)
def test_digits_fit_up_to_the_length_of_their_field(name: str) -> None:
    """The largest value that fits is written; one more is refused with field and limit."""
    largest, too_large, message = FITS[name]
    assert str(largest) in MAPPING.write(command(**{name: largest}), 0)
    with pytest.raises(DoesNotFit, match=rf"^{message}$"):
        MAPPING.write(command(**{name: too_large}), 0)


def test_a_negative_amount_has_no_place_among_digits() -> None:
    """Nought fits, minus one does not."""
    assert "00000000000" in MAPPING.write(command(amount_minor=0), 0)
    with pytest.raises(
        DoesNotFit, match=r"^AMOUNT: found a value that is no number from 0 up; allowed: digits$"
    ):
        MAPPING.write(command(amount_minor=-1), 0)


@pytest.mark.parametrize(
    ("note", "written"),
    [
        ("x" * 40, "X" * 40),
        ("x" * 41, "X" * 40),  # the layout lets a note be cut
        ("zahlung überfällig", "ZAHLUNG UBERFALLIG".ljust(40)),
        ("", " " * 40),
    ],
)
def test_a_note_is_forty_characters_of_upper_case_ascii(note: str, written: str) -> None:
    """Accents go, letters become upper case, what is over is cut, what is missing is blank."""
    assert MAPPING.write(command(note=note), 0)[64:104] == written


@pytest.mark.parametrize("note", ["жалоба", "a\nb", "a\tb", "price 5 €"])
def test_other_characters_are_refused(note: str) -> None:
    """A letter of another script or a control character is refused, and the text is not repeated."""
    with pytest.raises(DoesNotFit, match=r"^NOTE: found a character outside printable ASCII; allowed: none$"):
        MAPPING.write(command(note=note), 0)


def test_a_word_without_a_code_is_refused_unless_the_table_has_one_for_others() -> None:
    """A source nobody knows is named, with those there are; an action nobody knows is an other."""
    with pytest.raises(
        DoesNotFit, match=r"^ORIGIN: no code for robot; there is one for customer, agent, back"
    ):
        MAPPING.write(command(source="robot"), 0)
    assert MAPPING.write(command(action="sell_house"), 0)[36:38] == "ZZ"
    assert MAPPING.read(MAPPING.write(command(action="sell_house"), 0))["action"] == "other"
    assert MAPPING.write(command(action="dispute"), 0)[36:38] == "DP"


@pytest.mark.parametrize(
    ("start", "text", "problem"),
    [
        (36, "QQ", "ACTION: found 'QQ'; allowed: PN, PP"),
        (38, "0000000500X", "AMOUNT: found '0000000500X'; allowed: 11 digits"),
        (38, "0000000500²", "AMOUNT: found '0000000500²'; allowed: 11 digits"),
    ],
)
def test_a_spoilt_record_cannot_be_read(start: int, text: str, problem: str) -> None:
    """An unknown code or a letter among digits is refused by field."""
    record = MAPPING.write(command(), 0)
    with pytest.raises(DoesNotFit, match=problem):
        MAPPING.read(record[:start] + text + record[start + len(text) :])


@pytest.mark.parametrize("length", [169, 171])
def test_a_record_of_another_length_cannot_be_read(length: int) -> None:
    """A character too few or too many is refused."""
    record = MAPPING.write(command(), 0).ljust(171)[:length]
    with pytest.raises(DoesNotFit, match=rf"^record: found {length} characters; allowed: 170$"):
        MAPPING.read(record)


def effect_of(characters: int) -> str:
    """An effect of a length in canonical JSON."""
    return '{"kind":"change","set":{"a":"' + "x" * (characters - 32) + '"}}'


@pytest.mark.parametrize(
    ("characters", "lines"), [(40, 1), (72, 1), (73, 2), (144, 2), (145, 3), (99 * 72, 99)]
)
def test_an_effect_follows_in_lines_as_it_stands(characters: int, lines: int) -> None:
    """As many lines of 72 as it takes, counted in the record, letter by letter; a character more is a line more."""
    effect = effect_of(characters)
    assert len(effect) == characters
    record = MAPPING.write(command(effect=effect), 0)
    assert (len(record), record[168:170]) == (170 + 72 * lines, f"{lines:02d}")
    assert record[170:].rstrip() == effect
    assert MAPPING.read(record)["effect"] == effect
    for wrong in (record[:-1], record + " "):
        with pytest.raises(DoesNotFit, match=rf"allowed: {len(record)}$"):
            MAPPING.read(wrong)


def test_an_effect_of_too_many_lines_or_letters_is_refused() -> None:
    """A hundred lines are one too many for two digits; another script is refused without being repeated."""
    with pytest.raises(DoesNotFit, match=r"^LINES: found 3 characters; allowed: at most 2$"):
        MAPPING.write(command(effect=effect_of(99 * 72 + 1)), 0)
    with pytest.raises(DoesNotFit, match=r"^effect: found a character outside ASCII; allowed: none$"):
        MAPPING.write(command(effect='{"kind":"chänge"}'), 0)
    assert MAPPING.read(MAPPING.write(command(), 0))["effect"] == ""


@pytest.mark.parametrize("line", ["X(0)", "9(72)", "X(1000)", "72"])
def test_a_line_has_a_picture_of_text(line: str) -> None:
    """Up to 999 characters, no digits only."""
    assert RecordLayout(fields=MAPPING.layout.fields, line="X(999)").line_length == 999
    with pytest.raises(ValidationError, match="line"):
        RecordLayout(fields=MAPPING.layout.fields, line=line)


def test_a_date_that_is_none_cannot_be_read() -> None:
    """Dates are checked where they are counted with."""
    assert days_between("2026365", "2027002") == 2
    assert days_between("2028366", "2029001") == 1
    with pytest.raises(DoesNotFit, match=r"^date: found '0000001'; allowed: YYYYDDD$"):
        days_between("0000001", "2027001")


BASE: dict[str, Any] = {"field": "F", "holds": "note", "picture": "X(2)"}


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"picture": "X(0)"}, "picture"),
        ({"picture": "X(1000)"}, "picture"),
        ({"picture": "Z(2)"}, "picture"),
        ({"field": "lower"}, "field"),
        ({"holds": "weather"}, "holds"),
        ({"codes": {"a": "A"}}, "allowed: 2 upper-case characters each"),
        ({"codes": {"a": "aa"}}, "allowed: 2 upper-case characters each"),
        ({"codes": {"a": "AA", "b": "AA"}}, "two words with one code"),
        ({"holds": "action", "cut": True}, "found cut; allowed: for a note only"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_a_field_that_cannot_work_is_refused(change: dict[str, Any], problem: str) -> None:
    """Pictures, codes and cutting are checked when a layout is read."""
    assert FieldLayout(**BASE).length == 2
    assert FieldLayout(**BASE | {"picture": "9(999)"}).length == 999
    with pytest.raises(ValidationError, match=problem):
        FieldLayout(**BASE | change)


@pytest.mark.parametrize("left_out", ["reference", "check", "value_date", "amount_minor"])
def test_a_layout_without_a_field_it_needs_is_refused(left_out: str) -> None:
    """Every part of a posting has exactly one field."""
    fields = [field for field in MAPPING.layout.fields if field.holds != left_out]
    with pytest.raises(ValidationError, match=f"nothing holds {left_out}"):
        RecordLayout(fields=tuple(fields), line="X(72)")
    with pytest.raises(ValidationError, match=f"{left_out} stands in two fields"):
        RecordLayout(
            fields=(*MAPPING.layout.fields, *[f for f in MAPPING.layout.fields if f.holds == left_out]),
            line="X(72)",
        )


@pytest.mark.parametrize(
    ("holds", "length"),
    [("reference", REFERENCE_CHARS), ("check", CHECK_CHARS), ("value_date", 7), ("due_date", 7)],
)
def test_what_has_a_fixed_form_has_a_field_of_that_length(holds: str, length: int) -> None:
    """A character more or fewer is refused: half a reference finds somebody else's record."""
    for wrong in (length - 1, length + 1):
        fields = [
            FieldLayout(field=f.field, holds=f.holds, picture=f"X({wrong})") if f.holds == holds else f
            for f in MAPPING.layout.fields
        ]
        with pytest.raises(ValidationError, match=f"allowed: {length} characters"):
            RecordLayout(fields=tuple(fields), line="X(72)")
