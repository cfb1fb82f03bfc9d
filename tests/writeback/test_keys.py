"""Keys name decisions, fingerprints name payloads."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from sandbox.writeback import fingerprint, idempotency_key
from sandbox.writeback.keys import KEY_CHARS

KEYED = st.tuples(st.integers(), st.text(), st.text())
PAYLOADS = st.tuples(st.text(), st.integers(), st.integers(), st.integers(), st.integers())


def test_key_is_stable_text() -> None:
    """The key of a decision is the same text on every machine and in every release."""
    assert idempotency_key(7, "pay_now", "touch-1") == "e92fc82c099d95ea1b317048b7a45ddb"


def test_fingerprint_is_stable_text() -> None:
    """The fingerprint of a payload is the same text on every machine and in every release."""
    mark = fingerprint("pay_now", 7, 5_000, 0, 1)
    assert mark == "2859508f69e8c61a96aea3ba9383ecb8941e85ff8bc59c63e5e85f6a04327dc6"


@given(KEYED, KEYED)
def test_keys_differ_exactly_when_decisions_do(
    one: tuple[int, str, str], other: tuple[int, str, str]
) -> None:
    """Two decisions share a key only if they are the same decision, however their parts are spelled."""
    assert (idempotency_key(*one) == idempotency_key(*other)) == (one == other)
    assert len(idempotency_key(*one)) == KEY_CHARS


def test_shifted_parts_do_not_collide() -> None:
    """Moving a separator from one free-form part to its neighbour makes another key and another fingerprint."""
    assert idempotency_key(1, "a|b", "c") != idempotency_key(1, "a", "b|c")
    assert fingerprint("a|1", 2, 3, 4, 5) != fingerprint("a", 1, 2, 3, 4)


@given(PAYLOADS, PAYLOADS)
def test_fingerprints_differ_exactly_when_payloads_do(
    one: tuple[str, int, int, int, int], other: tuple[str, int, int, int, int]
) -> None:
    """Two payloads share a fingerprint only if every part is equal."""
    assert (fingerprint(*one) == fingerprint(*other)) == (one == other)
