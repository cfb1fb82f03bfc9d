"""Masking: enough to recognise, too little to use."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.audit.masking import mask_name, mask_number


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
