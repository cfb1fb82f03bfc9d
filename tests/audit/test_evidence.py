"""Evidence that is spelt out: the same bytes as the plain spelling, whatever the words and numbers are."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.evidence import CanonicalEvidence, canonical
from sandbox.journey.steps.choose import submitted_evidence
from sandbox.model import AssuranceLevel, Choice
from sandbox.ports import PostCommand, Receipt
from sandbox.writeback.workflow import recorded_evidence


def recorded(words: list[Any], numbers: list[Any]) -> tuple[CanonicalEvidence, dict[str, object]]:
    """What a recorded outcome leaves, and the same as plain values; five words and six numbers."""
    key, mark, action, source, status = words
    amount, due, attempts, posting, version, posted_at = numbers
    command = PostCommand(key, mark, 1, 2, action, amount, due, 3, "a note", source)
    receipt = Receipt(posting, "other key", "other mark", status, version, posted_at, "said")
    plain = {
        "key": key,
        "fingerprint": mark,
        "action": action,
        "source": source,
        "status": status,
        "amount_minor": amount,
        "due_day_offset": due,
        "attempts": attempts,
        "posting_id": posting,
        "version": version,
        "posted_at_ms": posted_at,
    }
    return recorded_evidence(command, receipt, attempts), plain


def submitted(words: list[Any], numbers: list[Any]) -> tuple[CanonicalEvidence, dict[str, object]]:
    """What a choice leaves, and the same as plain values; one word and five numbers."""
    (action,), (amount, due, level, account_version, policy_version) = words, numbers
    plain = {
        "action": action,
        "amount_minor": amount,
        "due_day_offset": due,
        "level": level,
        "account_version": account_version,
        "policy_version": policy_version,
    }
    return submitted_evidence(Choice(action, amount, due), level, account_version, policy_version), plain


EVIDENCE = {"recorded": (recorded, 5, 6), "submitted": (submitted, 1, 5)}
Spelt = Callable[[list[Any], list[Any]], tuple[CanonicalEvidence, dict[str, object]]]
each_evidence = pytest.mark.parametrize(("spelt", "words", "numbers"), EVIDENCE.values(), ids=EVIDENCE.keys())


@each_evidence
@given(data=st.data())
def test_spelt_out_evidence_is_canonical(spelt: Spelt, words: int, numbers: int, data: st.DataObject) -> None:
    """Any text and any number come out as plain JSON would spell them."""
    texts = data.draw(st.lists(st.text(), min_size=words, max_size=words))
    whole = st.integers() | st.sampled_from(AssuranceLevel)
    filled, plain = spelt(texts, data.draw(st.lists(whole, min_size=numbers, max_size=numbers)))
    assert filled == canonical(plain)


@each_evidence
def test_nothing_but_a_whole_number_is_written_where_one_belongs(
    spelt: Spelt, words: int, numbers: int
) -> None:
    """1.9 must not turn into 1, and no text may stand where it would read as JSON of its own."""
    for nth in range(numbers):
        for wrong in ("1", 1.9, None):
            with pytest.raises((TypeError, ValueError)):
                spelt(["w"] * words, [*[1] * nth, wrong, *[1] * (numbers - nth - 1)])


@each_evidence
def test_nothing_but_text_is_written_where_a_word_belongs(spelt: Spelt, words: int, numbers: int) -> None:
    """A number, or nothing, is no word."""
    for nth in range(words):
        for wrong in (1, None, ["w"]):
            with pytest.raises(TypeError):
                spelt([*["w"] * nth, wrong, *["w"] * (words - nth - 1)], [1] * numbers)
