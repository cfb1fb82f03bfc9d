"""Rows as they were hashed read back as the rows that were sealed, whatever their words hold."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.audit.chain import AuditChain, Head, verify
from sandbox.audit.sealed import SealedRows, spelling
from sandbox.errors import RuleBroken
from sandbox.ports import AuditRow

ENTRIES = st.lists(
    st.tuples(
        st.integers(0, 10**6),
        st.integers(0, 10**10),
        st.text(st.characters(exclude_categories=["Cs"]), max_size=6) | st.just("a|2|b"),
        st.sampled_from(["{}", '{"a":"|"}', '{"reason":"1|2|3"}']),
    ),
    min_size=1,
    max_size=6,
)


@given(ENTRIES, st.integers(0, 10**6))
def test_sealed_rows_are_the_rows(entries: list[tuple[int, int, str, str]], before: int) -> None:
    """Every field comes back, one by one, by slice, from the end and in order; the chain holds over them."""
    head = Head(before, b"\x05" * 32)
    chain = AuditChain(head)
    sealed = chain.seal([spelling(seq, *entry) for seq, entry in enumerate(entries, before + 1)])
    rows = list(sealed)
    assert [row[1:5] for row in rows] == entries
    assert [row.seq for row in rows] == list(range(before + 1, before + 1 + len(entries)))
    assert verify(rows, chain.head, head) == (True, len(entries), "", 0, True)
    assert sealed[1:] == rows[1:]
    assert sealed[-1] == rows[-1]
    assert [sealed[nth] for nth in range(len(sealed))] == rows


@given(ENTRIES)
def test_rows_from_elsewhere_are_taken_in_as_they_are(entries: list[tuple[int, int, str, str]]) -> None:
    """A plain list of consecutive rows is the same piece; what is sealed already is not copied."""
    sealed = AuditChain().seal([spelling(seq, *entry) for seq, entry in enumerate(entries, 1)])
    again = SealedRows.of(list(sealed))
    assert again is not None
    assert (again.first_seq, again.texts, again.digests) == (1, sealed.texts, sealed.digests)
    assert SealedRows.of(sealed) is sealed


def test_rows_with_a_gap_or_without_a_digest_are_no_piece() -> None:
    """They have a place of their own in a table; a piece could not give them back."""
    first, second, third = (AuditRow(seq, 1, 1, "k", "{}", bytes(32)) for seq in (1, 2, 3))
    assert SealedRows.of([first, third]) is None
    assert SealedRows.of([second, first]) is None
    assert SealedRows.of([first, first]) is None
    assert SealedRows.of([first._replace(digest=b"short")]) is None
    assert SealedRows.of([]) is None


@pytest.mark.parametrize("numbers", [(1, 2), (2, 4), (3, 4), (30, 4)])
def test_rows_not_numbered_on_from_the_head_are_not_sealed(numbers: tuple[int, int]) -> None:
    """A chain that would take them would not verify; it refuses them and stays where it is."""
    chain = AuditChain(Head(2, bytes(32)))
    with pytest.raises(RuleBroken, match="rows 3 to 5"):
        chain.seal([spelling(seq, 1, 1, "k", "{}") for seq in (numbers[0], 4, numbers[1])])
    assert chain.head == (2, bytes(32))
