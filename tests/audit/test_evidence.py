"""Evidence templates: the same bytes as the plain spelling, whatever is filled in."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.evidence import EvidenceTemplate, canonical

SHAPE: dict[str, object] = {"note": str, "amount": int, "method": "code %", "level": 2}


@given(note=st.text(), amount=st.integers())
def test_a_filled_template_is_the_canonical_evidence(note: str, amount: int) -> None:
    """Any text and any number come out as plain JSON would spell them."""
    filled = EvidenceTemplate(SHAPE).fill(note=note, amount=amount)
    assert filled == canonical({"note": note, "amount": amount, "method": "code %", "level": 2})


def test_a_missing_value_is_refused() -> None:
    """A template never leaves a hole."""
    with pytest.raises(KeyError):
        EvidenceTemplate(SHAPE).fill(note="x")


def test_text_in_the_place_of_a_number_is_refused() -> None:
    """Nothing but a whole number is written where a number belongs: 1.9 must not turn into 1."""
    for amount in ("1", 1.9, None):
        with pytest.raises(TypeError):
            EvidenceTemplate(SHAPE).fill(note="x", amount=amount)
