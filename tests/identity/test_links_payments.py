"""Links that authorise a payment, links that may act again, and what signing refuses, in words."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest

from sandbox.errors import BadInput, RuleBroken
from sandbox.identity.links import (
    LinkClaims,
    LinkExpectation,
    LinkKey,
    LinkReason,
    LinkSigner,
    LinkUses,
    payment_terms,
)

KEY = LinkKey("k1", hashlib.sha256(b"key").digest())
SIGNER = LinkSigner([KEY])
CLAIMS = LinkClaims(case_id=0, customer_id=0, purpose="a", issued_at_ms=0, expires_at_ms=1)
TERMS = payment_terms(4_000, "Retail Bank")


# -- what a payment is bound to ----------------------------------------------------------------------------------


def test_terms_are_96_bits_of_the_digest_of_amount_and_payee() -> None:
    """Anybody who knows amount and payee can compute the terms: 24 hexadecimal digits of SHA-256."""
    assert hashlib.sha256(b"4000|Retail Bank").hexdigest()[:24] == TERMS
    assert len(TERMS) * 4 == 96


@pytest.mark.parametrize(
    ("amount_minor", "payee"), [(4_001, "Retail Bank"), (4_000, "Retail Bank 2"), (400, "0|Retail Bank")]
)
def test_another_amount_or_payee_has_other_terms(amount_minor: int, payee: str) -> None:
    """One minor unit or one letter more is another payment."""
    assert payment_terms(amount_minor, payee) != TERMS


def test_the_smallest_payment_is_one_minor_unit_to_somebody() -> None:
    """One minor unit can be paid; none, less than none, or a payee without a name is our mistake."""
    assert payment_terms(1, "B")
    for amount_minor, payee in ((0, "B"), (-1, "B"), (1, "")):
        with pytest.raises(RuleBroken) as refusal:
            payment_terms(amount_minor, payee)
        assert str(refusal.value) == "a payment link needs an amount above 0 and a payee"


@pytest.mark.parametrize(
    ("signed", "page", "reason"),
    [
        (TERMS, TERMS, "ok"),
        (TERMS, None, "ok"),
        ("", None, "ok"),
        (TERMS, payment_terms(4_001, "Retail Bank"), "wrong_terms"),
        (TERMS, payment_terms(4_000, "Somebody"), "wrong_terms"),
        ("", TERMS, "wrong_terms"),
        (TERMS, "", "wrong_terms"),
    ],
)
def test_a_link_pays_what_it_was_signed_for_and_nothing_else(
    signed: str, page: str | None, reason: str
) -> None:
    """Amount and payee of the page must be the link's own; a page that pays nothing by the link does not ask."""
    token = SIGNER.sign(CLAIMS._replace(terms=signed))
    check = SIGNER.verify(token, 0, LinkExpectation(0, "a", terms=page))
    assert (check.accepted, check.reason) == (reason == "ok", reason)
    assert check.claims == CLAIMS._replace(terms=signed)


def test_the_terms_of_a_link_cannot_be_exchanged_or_taken_off() -> None:
    """The signature covers them: another amount under the same signature is a forgery."""
    head, signature = SIGNER.sign(CLAIMS._replace(terms=TERMS)).split(f".{TERMS}.")
    for forged in (f"{head}.{payment_terms(1, 'Retail Bank')}.{signature}", f"{head}.{signature}"):
        assert SIGNER.verify(forged, 0).reason is LinkReason.TAMPERED


# -- what signing refuses ----------------------------------------------------------------------------------------


def test_the_smallest_claims_a_link_may_carry() -> None:
    """Case 0 of customer 0 at time 0 for a millisecond is a link; its token is the seven fields, joined by dots."""
    token = SIGNER.sign(CLAIMS)
    assert token.rpartition(".")[0] == "k1.0.0.a.0.1"
    assert SIGNER.verify(token, 0) == (True, LinkReason.OK, CLAIMS)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"case_id": -1}, "a link needs ids and times from 0 and a life above 0 ms (case -1)"),
        ({"customer_id": -1}, "a link needs ids and times from 0 and a life above 0 ms (case 0)"),
        ({"issued_at_ms": -1}, "a link needs ids and times from 0 and a life above 0 ms (case 0)"),
        ({"expires_at_ms": 0}, "a link needs ids and times from 0 and a life above 0 ms (case 0)"),
        ({"purpose": "Pay"}, "a link's purpose is 1 to 24 of a-z, 0-9, '-' and '_', not 'Pay'"),
        ({"terms": TERMS[1:]}, f"a link's terms are a digest from payment_terms, not '{TERMS[1:]}'"),
        ({"terms": TERMS + "0"}, f"a link's terms are a digest from payment_terms, not '{TERMS}0'"),
        ({"terms": "G" * 24}, f"a link's terms are a digest from payment_terms, not '{'G' * 24}'"),
    ],
)
def test_signing_says_what_no_link_may_carry(wrong: dict[str, Any], words: str) -> None:
    """One step outside each bound is our bug, told with the claim that is wrong."""
    with pytest.raises(RuleBroken) as refusal:
        SIGNER.sign(CLAIMS._replace(**wrong))
    assert str(refusal.value) == words


def test_a_token_one_character_too_long_is_not_made() -> None:
    """The message says how long it is and how long it may be."""
    length = len(SIGNER.sign(CLAIMS))
    assert LinkSigner([KEY], max_token_chars=length).sign(CLAIMS)
    with pytest.raises(RuleBroken) as refusal:
        LinkSigner([KEY], max_token_chars=length - 1).sign(CLAIMS)
    assert str(refusal.value) == f"a link token of {length} characters is over {length - 1}"


def test_every_fault_of_a_key_set_is_told_in_words() -> None:
    """Ids, secrets, repeats and the lack of a live key, each by the key's own id and with what is allowed."""
    short = LinkKey("K", b"s" * 31, retired=True)
    with pytest.raises(BadInput) as refusal:
        LinkSigner([short, LinkKey("k1", KEY.secret, retired=True), LinkKey("k1", KEY.secret, retired=True)])
    assert refusal.value.problems == [
        "link key 'K': id must be 1 to 24 of a-z, 0-9, '-', '_'",
        "link key 'K': secret has 31 bytes, at least 32 are needed",
        "link key 'k1': listed 2 times",
        "link keys: at least one key must not be retired",
    ]


@pytest.mark.parametrize(
    ("key_id", "accepted"), [("k", True), ("k" * 24, True), ("k" * 25, False), ("", False)]
)
def test_a_key_id_has_one_to_24_characters(key_id: str, accepted: bool) -> None:
    """Both ends of the length are taken, one step outside is refused."""
    if accepted:
        assert LinkSigner([LinkKey(key_id, KEY.secret)]).sign(CLAIMS).startswith(f"{key_id}.")
    else:
        with pytest.raises(BadInput, match="id must be 1 to 24"):
            LinkSigner([LinkKey(key_id, KEY.secret)])


# -- which links may act again -----------------------------------------------------------------------------------


def test_a_claim_given_back_is_free_and_giving_back_what_nobody_claimed_does_nothing() -> None:
    """After a refusal by the core the link acts again; without a claim there is nothing to undo."""
    uses = LinkUses()
    uses.give_back("never claimed")
    assert uses.use("t", 100)
    uses.give_back("t")
    uses.give_back("t")
    assert len(uses) == 0
    assert uses.use("t", 100)
    assert not uses.use("t", 100)


@pytest.mark.parametrize(("recorded", "free"), [(False, True), (True, False)])
def test_what_came_to_nothing_frees_its_own_link_only(recorded: bool, free: bool) -> None:
    """A case that ended unrecorded frees the link it waited for; recorded, or another case's, it stays used."""
    uses = LinkUses()
    for case, token in enumerate(("mine", "yours")):
        uses.use(token, 100)
        uses.wait_for(case, token)
    uses.settled(0, recorded=recorded)
    assert uses.use("mine", 100) is free
    assert not uses.use("yours", 100)


def test_a_case_is_settled_once() -> None:
    """A second word on a case frees nothing that was claimed since, nor does a word on a case that never waited."""
    uses = LinkUses()
    uses.use("t", 100)
    uses.settled(7, recorded=False)
    assert not uses.use("t", 100)
    uses.wait_for(7, "t")
    uses.settled(7, recorded=True)
    uses.settled(7, recorded=False)
    assert not uses.use("t", 100)


def test_a_swept_claim_is_the_new_one_and_not_lost() -> None:
    """The claim that sets off a sweep is remembered with its own expiry, not with that of the others."""
    uses = LinkUses()
    for n in range(1_024):
        uses.use(f"dead {n}", 10)
    assert uses.use("new", 30, 10)
    assert not uses.use("new", 30, 29)
    assert uses.drop_expired(29) == 0
    assert uses.drop_expired(30) == 1
