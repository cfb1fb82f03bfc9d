"""The pepper keys what codes and known facts are kept as: its length, its key, and the very bytes that are stored."""

from __future__ import annotations

from hashlib import blake2b, sha256

import pytest

from sandbox.errors import BadInput
from sandbox.identity.codes import AccountCodes, CodeDesk, CodeRules
from sandbox.identity.facts_check import FactRules, FactsDesk
from sandbox.identity.pepper import MIN_PEPPER_BYTES, peppered

PEPPER = bytes(range(100, 132))


def test_a_pepper_has_256_bits_or_more() -> None:
    """31 bytes are refused by name and number, 32 are taken."""
    with pytest.raises(BadInput) as refusal:
        peppered(PEPPER[:-1], "door keys")
    assert refusal.value.problems == ["door keys: pepper has 31 bytes, at least 32 are needed"]
    assert len(PEPPER) == MIN_PEPPER_BYTES
    assert peppered(PEPPER, "door keys")(b"x") == blake2b(b"x", key=PEPPER, digest_size=32).digest()


@pytest.mark.parametrize(("length", "brought_down"), [(63, False), (64, False), (65, True), (200, True)])
def test_a_long_pepper_is_brought_down_and_none_of_it_ignored(length: int, brought_down: bool) -> None:
    """BLAKE2b takes 64 bytes of key; from 65 on SHA-256 of the whole pepper is the key, so its last byte counts."""
    pepper = bytes(n % 251 for n in range(length))
    key = sha256(pepper).digest() if brought_down else pepper
    assert peppered(pepper, "w")(b"text") == blake2b(b"text", key=key, digest_size=32).digest()
    assert peppered(pepper[:-1] + b"\xff", "w")(b"text") != peppered(pepper, "w")(b"text")


def test_one_digest_leaves_nothing_in_the_next() -> None:
    """However many were digested before, a text's digest is the same."""
    digest = peppered(PEPPER, "w")
    first = digest(b"a")
    digest(b"b")
    assert digest(b"a") == first


def test_each_desk_refuses_a_short_pepper_by_its_name() -> None:
    """Whoever starts both desks is told which of the two secrets is too short."""
    with pytest.raises(BadInput) as codes:
        CodeDesk(CodeRules(), PEPPER[:-1])
    with pytest.raises(BadInput) as known:
        FactsDesk(FactRules(), PEPPER[:-1])
    assert codes.value.problems == ["one-time codes: pepper has 31 bytes, at least 32 are needed"]
    assert known.value.problems == ["known facts: pepper has 31 bytes, at least 32 are needed"]


def test_stored_digests_are_read_by_every_later_release() -> None:
    """What is keyed is account, session and digits, or account, name and answer: another order voids them all."""
    states: dict[int, AccountCodes] = {}
    CodeDesk(CodeRules(), PEPPER, states=states).issue(12, "s", "314159", 0)
    assert states[12].digest == blake2b(b"12|s|314159", key=PEPPER, digest_size=32).digest()
    (fact,) = FactsDesk(FactRules(), PEPPER).enrol(12, [("postcode", "SW1A 1AA")])
    assert fact.digest == blake2b(b"12|postcode|sw1a1aa", key=PEPPER, digest_size=32).digest()


def test_an_answer_that_is_no_valid_text_is_digested_like_any_other() -> None:
    """A lone surrogate on file or typed breaks nothing: it is no letter and is dropped like a blank."""
    desk = FactsDesk(FactRules(), PEPPER)
    desk.open(1, "v", desk.enrol(1, [("nickname", "Al\ud800")]), 0)
    assert desk.check(1, "v", {"nickname": "al"}, 0).accepted
