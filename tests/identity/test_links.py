"""Signed links: what is accepted, what is refused and why, and that reading never acts."""

from __future__ import annotations

import hashlib
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st
from itsdangerous import Signer

from sandbox.errors import BadInput, RuleBroken
from sandbox.identity.links import (
    MAX_TOKEN_CHARS,
    MIN_SECRET_BYTES,
    LinkClaims,
    LinkExpectation,
    LinkKey,
    LinkReason,
    LinkSigner,
    LinkUses,
    token_id,
)

OLD = LinkKey("k1", hashlib.sha256(b"old").digest())
NEW = LinkKey("k2", hashlib.sha256(b"new").digest())
CLAIMS = LinkClaims(case_id=41, customer_id=7, purpose="act", issued_at_ms=1_000, expires_at_ms=5_000)
EXPECTED = LinkExpectation(case_id=41, purpose="act", customer_id=7)
SIGNER = LinkSigner([OLD])
TOKEN = SIGNER.sign(CLAIMS)

names = st.text(string.ascii_lowercase + string.digits + "_-", min_size=1, max_size=24)
ids = st.integers(0, 2**40)


@st.composite
def claims_of_any_kind(draw: st.DrawFn) -> LinkClaims:
    """Any claims a link may carry."""
    issued = draw(st.integers(0, 2**42))
    return LinkClaims(draw(ids), draw(ids), draw(names), issued, issued + draw(st.integers(1, 2**40)))


@given(claims_of_any_kind())
def test_signed_claims_come_back_unchanged(claims: LinkClaims) -> None:
    """A token read within its life returns exactly the claims that were signed, and fits the limit."""
    token = SIGNER.sign(claims)
    check = SIGNER.verify(token, claims.issued_at_ms, LinkExpectation(claims.case_id, claims.purpose))
    assert check == (True, LinkReason.OK, claims)
    assert len(token) <= MAX_TOKEN_CHARS


@given(claims_of_any_kind(), st.binary(min_size=MIN_SECRET_BYTES, max_size=200))
def test_a_token_is_what_itsdangerous_signs(claims: LinkClaims, secret: bytes) -> None:
    """Keyed once or anew on every call: the same bytes, so links made before stay good."""
    token = LinkSigner([LinkKey("k1", secret)]).sign(claims)
    salt = b"resolution-sandbox.signed-link.v1"
    theirs = Signer(secret, salt=salt, key_derivation="hmac", digest_method=hashlib.sha256)
    assert theirs.sign(token.rpartition(".")[0]) == token.encode()
    assert theirs.unsign(token).decode() == token.rpartition(".")[0]


@pytest.mark.parametrize(
    ("now_ms", "reason"),
    [(999, "not_yet_valid"), (1_000, "ok"), (4_999, "ok"), (5_000, "expired"), (10**15, "expired")],
)
def test_a_link_lives_from_issue_up_to_expiry(now_ms: int, reason: str) -> None:
    """Both ends of a link's life are judged on each side of the boundary."""
    check = SIGNER.verify(TOKEN, now_ms, EXPECTED)
    assert (check.accepted, check.reason) == (reason == "ok", reason)
    assert check.claims == CLAIMS


@pytest.mark.parametrize(
    ("expected", "reason"),
    [
        (None, "ok"),
        (LinkExpectation(41, "act"), "ok"),
        (LinkExpectation(42, "act"), "wrong_case"),
        (LinkExpectation(41, "act", customer_id=8), "wrong_case"),
        (LinkExpectation(41, "read"), "wrong_purpose"),
        (LinkExpectation(42, "read"), "wrong_case"),
    ],
)
def test_a_forwarded_link_is_refused_for_what_it_was_not_made_for(
    expected: LinkExpectation | None, reason: str
) -> None:
    """A genuine link opens only the case, customer and purpose it names."""
    check = SIGNER.verify(TOKEN, 2_000, expected)
    assert (check.accepted, check.reason) == (reason == "ok", reason)


def test_a_forwarded_link_is_called_forwarded_even_when_it_is_old() -> None:
    """Binding is judged before age."""
    assert SIGNER.verify(TOKEN, 9_000, LinkExpectation(42, "act")).reason is LinkReason.WRONG_CASE


def test_changing_any_one_character_is_refused() -> None:
    """No position of a token takes another character, not even the last with its spare bits."""
    alphabet = string.ascii_letters + string.digits + "-_.=!\n "
    for position, original in enumerate(TOKEN):
        for other in alphabet:
            if other != original:
                check = SIGNER.verify(TOKEN[:position] + other + TOKEN[position + 1 :], 2_000, EXPECTED)
                assert not check.accepted
                assert check.reason in (LinkReason.TAMPERED, LinkReason.MALFORMED)
                assert check.claims is None


def test_inserting_or_cutting_any_character_is_refused() -> None:
    """A token has one spelling: nothing may be added (base64 readers skip stray characters) or left out."""
    for position in range(len(TOKEN) + 1):
        for extra in "!=A.\n":
            assert not SIGNER.verify(TOKEN[:position] + extra + TOKEN[position:], 2_000, EXPECTED).accepted
    for position in range(len(TOKEN)):
        assert not SIGNER.verify(TOKEN[:position] + TOKEN[position + 1 :], 2_000, EXPECTED).accepted


@given(st.text(max_size=2 * MAX_TOKEN_CHARS))
def test_any_text_is_answered_and_none_is_accepted(text: str) -> None:
    """Whatever arrives, surrogates and control characters included, gets a refusal and no exception."""
    assert SIGNER.verify(text, 2_000).reason in (LinkReason.TAMPERED, LinkReason.MALFORMED)


@given(ids, ids)
def test_claims_cannot_be_moved_to_another_signature(case_id: int, customer_id: int) -> None:
    """A signature fits only the claims it was made for."""
    other = SIGNER.sign(CLAIMS._replace(case_id=case_id, customer_id=customer_id))
    mixed = other.rpartition(".")[0] + "." + TOKEN.rpartition(".")[2]
    assert SIGNER.verify(mixed, 2_000).accepted == (other == TOKEN)


def test_a_key_change_keeps_old_links_alive_and_signs_with_the_newest() -> None:
    """After a rotation links under the older live key are still accepted; new ones carry the new key's id."""
    rotated = LinkSigner([OLD, NEW])
    assert rotated.verify(TOKEN, 2_000, EXPECTED).accepted
    assert rotated.sign(CLAIMS).startswith("k2.")


def test_a_retired_key_refuses_its_links_and_signs_nothing() -> None:
    """A retired key's genuine link is refused by name and its claims are not believed."""
    rotated = LinkSigner([LinkKey("k1", OLD.secret, retired=True), NEW])
    assert rotated.verify(TOKEN, 2_000, EXPECTED) == (False, LinkReason.RETIRED_KEY, None)
    newest_retired = LinkSigner([OLD, LinkKey("k2", NEW.secret, retired=True)])
    assert newest_retired.sign(CLAIMS) == TOKEN


def test_a_forgery_under_a_retired_key_is_called_tampered() -> None:
    """Only a genuine signature earns the milder reason."""
    rotated = LinkSigner([LinkKey("k1", OLD.secret, retired=True), NEW])
    assert rotated.verify(TOKEN[:-5] + "AAAAA", 2_000).reason is LinkReason.TAMPERED


def test_a_key_nobody_knows_is_called_tampered() -> None:
    """A link under a removed key, or under another secret with the same id, is not ours."""
    assert LinkSigner([NEW]).verify(TOKEN, 2_000).reason is LinkReason.TAMPERED
    assert LinkSigner([LinkKey("k1", NEW.secret)]).verify(TOKEN, 2_000).reason is LinkReason.TAMPERED


def test_the_token_length_is_bounded_on_both_sides() -> None:
    """A token at the limit passes, one longer is neither read nor made."""
    exact = LinkSigner([OLD], max_token_chars=len(TOKEN))
    short = LinkSigner([OLD], max_token_chars=len(TOKEN) - 1)
    assert exact.verify(exact.sign(CLAIMS), 2_000).accepted
    assert short.verify(TOKEN, 2_000).reason is LinkReason.MALFORMED
    with pytest.raises(RuleBroken, match="characters"):
        short.sign(CLAIMS)


def test_a_genuine_signature_over_another_format_is_malformed() -> None:
    """Text signed with our key by something else is refused, not misread."""
    text = "k1.x.y.act.0.1"
    foreign = f"{text}.{SIGNER._signatures['k1'](text)}"
    assert SIGNER.verify(foreign, 0).reason is LinkReason.MALFORMED


@pytest.mark.parametrize(
    "wrong",
    [
        {"case_id": -1},
        {"customer_id": -1},
        {"issued_at_ms": -1},
        {"expires_at_ms": 1_000},
        {"purpose": ""},
        {"purpose": "pay.now"},
        {"purpose": "x" * 25},
    ],
)
def test_claims_no_link_may_carry_are_our_bug(wrong: dict[str, object]) -> None:
    """Signing refuses negative ids and times, an empty life and a purpose that could be misread."""
    with pytest.raises(RuleBroken):
        SIGNER.sign(CLAIMS._replace(**wrong))


def test_all_faults_of_a_key_set_are_listed() -> None:
    """Bad ids, short secrets, repeated ids and no live key are reported together, without secrets."""
    short = b"s" * (MIN_SECRET_BYTES - 1)
    with pytest.raises(BadInput) as caught:
        LinkSigner([LinkKey("K", short, retired=True), LinkKey("K", OLD.secret, retired=True)])
    assert len(caught.value.problems) == 5
    assert "sss" not in str(caught.value)
    with pytest.raises(BadInput, match="not be retired"):
        LinkSigner([])


def test_a_key_never_shows_its_secret() -> None:
    """A key printed by accident does not give its secret away."""
    assert str(OLD.secret) not in repr(OLD)


def test_reading_a_link_does_not_use_it_up() -> None:
    """However often a scanner opens a link, the customer can still act, once."""
    uses = LinkUses()
    for _ in range(5):
        assert SIGNER.verify(TOKEN, 2_000, EXPECTED).accepted
    assert uses.use(token_id(TOKEN), CLAIMS.expires_at_ms)
    assert not uses.use(token_id(TOKEN), CLAIMS.expires_at_ms)


def test_a_used_link_is_remembered_until_it_expires_and_no_longer() -> None:
    """Memory is freed only when age refuses the link anyway."""
    uses = LinkUses()
    uses.use(token_id(TOKEN), CLAIMS.expires_at_ms)
    assert uses.drop_expired(4_999) == 0
    assert not uses.use(token_id(TOKEN), CLAIMS.expires_at_ms)
    assert uses.drop_expired(5_000) == 1
    assert len(uses) == 0


def test_uses_are_swept_by_the_way_from_1024_on_and_not_before() -> None:
    """The 1024th claim leaves expired uses where they are, the one after it forgets them; live ones stay used."""
    uses = LinkUses()
    for n in range(1_023):
        assert uses.use(f"dead {n}", 5_000, 1_000)
    assert uses.use("alive", 5_001, 5_000)
    assert len(uses) == 1_024
    assert uses.use("next", 9_000, 5_000)
    assert len(uses) == 2
    assert not uses.use("alive", 5_001, 5_000)
    assert uses.use("dead 0", 9_000, 5_000)


def test_a_claim_without_a_clock_never_sweeps() -> None:
    """Whoever sweeps by hand loses nothing in between."""
    uses = LinkUses()
    for n in range(1_025):
        assert uses.use(f"dead {n}", 1)
    assert len(uses) == 1_025


def test_the_next_sweep_waits_until_the_living_have_doubled() -> None:
    """With 1500 live uses left by a sweep the next comes at 3000: sweeping costs no more than claiming."""
    uses = LinkUses()
    for n in range(1_500):
        uses.use(f"long {n}", 1_000_000, 0 if n else None)
    assert uses._sweep_at == 2_048  # swept once at 1024, nothing dead
    for n in range(548):
        uses.use(f"short {n}", 10, 0)
    assert uses.use("at 2048", 1_000_000, 10)
    assert len(uses) == 1_501
    assert uses._sweep_at == 3_000
    for n in range(1_499):
        uses.use(f"brief {n}", 20, 10)
    assert len(uses) == 3_000
    uses.use("at 3000", 1_000_000, 20)
    assert len(uses) == 1_502


def test_a_token_id_names_a_token_without_opening_it() -> None:
    """The id differs between links and contains no part of the token that would let its reader in."""
    other = SIGNER.sign(CLAIMS._replace(case_id=42))
    assert token_id(TOKEN) != token_id(other)
    assert not SIGNER.verify(token_id(TOKEN), 2_000).accepted


def test_a_token_id_is_the_digest_of_any_text() -> None:
    """The first 32 hex digits of SHA-256, also of what is no valid text: a guess may hold anything."""
    assert token_id("abc") == "ba7816bf8f01cfea414140de5dae2223"
    assert token_id("\ud800") == hashlib.sha256(b"\xed\xa0\x80").hexdigest()[:32]
