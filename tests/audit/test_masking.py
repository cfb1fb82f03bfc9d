"""Masking: enough to recognise, too little to use."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.audit.masking import hide, mask_email, mask_name, mask_number, masked_evidence, scrubbed


@pytest.mark.parametrize(
    ("name", "shown"),
    [("Margaret Okafor", "***or"), (" Ann ", "***"), ("Anna", "***na"), ("", "***"), ("Zoë Løfå", "***få")],
)
def test_a_name_shows_its_last_two_characters(name: str, shown: str) -> None:
    """Names under four characters show nothing."""
    assert mask_name(name) == shown


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        ("+44 7700 900123", "***0123"),
        (12345678, "***5678"),
        ("1234567", "***67"),
        ("1234", "***34"),
        ("123", "***"),
        ("", "***"),
        ("4000-0000-0000-0002", "***0002"),
    ],
)
def test_a_number_shows_its_last_digits(number: str | int, shown: str) -> None:
    """Four digits of a full number, two of a short one, none of a very short one; punctuation is no digit."""
    assert mask_number(number) == shown


@given(st.text(max_size=40))
def test_no_mask_shows_more_than_half_or_tells_the_length(text: str) -> None:
    """What is shown is a short tail behind a mask of one length, whatever the text."""
    for shown, whole, most in (
        (mask_name(text), text.strip(), 2),
        (mask_number(text), [c for c in text if c.isdecimal()], 4),
    ):
        assert shown.startswith("***")
        assert len(shown) - 3 <= min(most, len(whole) // 2)


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("margaret@example.org", "***et@***"),
        ("anna@example.org", "***na@***"),
        ("ann@example.org", "***@***"),
        ("", "***@***"),
        ("no at sign", "***gn@***"),
    ],
)
def test_an_email_address_shows_nothing_of_where_it_is(address: str, shown: str) -> None:
    """As a name before the "@", and never the domain: it may belong to one person alone."""
    assert mask_email(address) == shown


@pytest.mark.parametrize(
    ("number", "shown"), [("1234567", "***67"), ("12345678", "***5678"), ("1234", "***34"), ("123", "***")]
)
def test_the_tail_of_a_number_grows_at_eight_and_at_four_digits(number: str, shown: str) -> None:
    """On each side of both lines: never more than half of it."""
    assert mask_number(number) == shown


def test_evidence_is_masked_by_its_keys_however_deep() -> None:
    """Names, numbers and addresses keep a tail, what opens a door keeps nothing, all else stays as it is."""
    body: dict[str, object] = {
        "account_id": 12_345_678,
        "action": "pay_now",
        "code": "123456",
        "date_of_birth": "1970-01-01",
        "people": [{"name": "Margaret Okafor", "email": "margaret@example.org", "phone": None}],
        "name": ["Anna", "Ann"],
        "token": {"card_number": "4000 0000 0000 0002"},
    }
    assert masked_evidence(body) == {
        "account_id": "***5678",
        "action": "pay_now",
        "code": "***",
        "date_of_birth": "***",
        "people": [{"name": "***or", "email": "***et@***", "phone": None}],
        "name": ["***na", "***"],
        "token": {"card_number": "***0002"},
    }
    assert body["code"] == "123456"  # the row itself is not touched


def test_what_opens_a_door_shows_nothing() -> None:
    """Whatever it is and however long."""
    assert [hide(value) for value in ("", "123456", 7)] == ["***"] * 3


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("account 12345", "account 12345"),
        ("account 123456", "account ***56"),
        ("KeyError: 123456789", "KeyError: ***6789"),
        ("called +44 7700 900123 back", "called ***0123 back"),
        ("card 4000-0000-0000-0002.", "card ***0002."),
        ("mail margaret@example.org, twice", "mail ***et@***, twice"),
        ("share 0.12345678, key ab12345678cd", "share 0.12345678, key ab12345678cd"),
        ("file.py, line 1234, in run", "file.py, line 1234, in run"),
        ("code 123456 of case 7", "code ***56 of case 7"),
    ],
)
def test_a_text_of_unknown_origin_is_scrubbed(text: str, shown: str) -> None:
    """Six digits are masked and five are not; digests, shares and line numbers stay readable."""
    assert scrubbed(text) == shown
