"""Signed links: whom a link was made for, for what and until when; readable by anybody, forgeable by nobody.

A token is seven fields joined by dots, short enough for a text message; one that authorises a payment has an eighth,
a digest of amount and payee, so that changing either makes it another link (PSD2 RTS article 5):

    key_id . case_id . customer_id . purpose . issued_at_ms . expires_at_ms [. terms] . signature

Numbers are lower-case hexadecimal; the signature is HMAC-SHA256 (itsdangerous) over everything before it.
Reading a link never acts: mail scanners and preview robots open links too. What may happen once is claimed in
`LinkUses` when the customer acts.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from binascii import b2a_base64
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple

from itsdangerous import Signer

from sandbox.errors import BadInput, RuleBroken
from sandbox.model import record_of
from sandbox.ports import OutboxRow, OutboxState

MAX_TOKEN_CHARS = 160
"""One text message of 160 characters (3GPP TS 23.038); anything longer is not ours and is refused unread."""

MIN_SECRET_BYTES = 32
"""The output length of SHA-256; RFC 2104 section 3 discourages shorter HMAC keys."""

_SWEEP_FROM = 1_024
"""Fewest uses worth sweeping."""

_URL_SAFE = bytes.maketrans(b"+/", b"-_")

# The pads of HMAC (RFC 2104), as tables that lay them over a key.
_INNER = bytes(byte ^ 0x36 for byte in range(256))
_OUTER = bytes(byte ^ 0x5C for byte in range(256))

_SALT = b"resolution-sandbox.signed-link.v1"
_FIELDS = 7
_LENGTHS = (_FIELDS, _FIELDS + 1)
_TERMS_CHARS = 24
"""Hexadecimal digits of the digest of amount and payee: 96 bits."""

_NAME = re.compile(r"[a-z0-9_-]{1,24}")
_TERMS = re.compile(rf"[0-9a-f]{{{_TERMS_CHARS}}}")


@dataclass(frozen=True, slots=True)
class LinkKey:
    """One signing key.

    Attributes:
        key_id: 1 to 24 of a-z, 0-9, "-", "_"; travels in the token.
        secret: at least `MIN_SECRET_BYTES` bytes; never shown.
        retired: links signed with it are refused. Keep a retired key listed until its last link has expired,
            so that refusals name the true reason.
    """

    key_id: str
    secret: bytes = field(repr=False)
    retired: bool = False


class LinkClaims(NamedTuple):
    """What a link says, protected by the signature but not secret.

    Attributes:
        case_id: the case it was sent for, 0 or more.
        customer_id: the customer it was sent to, 0 or more.
        purpose: what it may be used for; 1 to 24 of a-z, 0-9, "-", "_".
        issued_at_ms: first millisecond of its life, 0 or more.
        expires_at_ms: first millisecond after its life.
        terms: what a payment is bound to, from `payment_terms`; empty where the link authorises none.
    """

    case_id: int
    customer_id: int
    purpose: str
    issued_at_ms: int
    expires_at_ms: int
    terms: str = ""


class LinkExpectation(NamedTuple):
    """What the page being opened is for; a genuine link for anything else is refused.

    Attributes:
        case_id: the case the page shows.
        purpose: what the page does.
        customer_id: the customer the case belongs to, or None when the caller compares it elsewhere.
        terms: the payment the page would make, from `payment_terms`; None on a page that makes none by the link
            alone. A link without terms authorises no payment, and one with terms no other.
    """

    case_id: int
    purpose: str
    customer_id: int | None = None
    terms: str | None = None


class LinkReason(StrEnum):
    """Why a link was accepted or refused; for the audit trail, the customer sees one neutral sentence."""

    OK = "ok"
    TAMPERED = "tampered"  # the signature does not fit, or no key of ours has that id
    EXPIRED = "expired"
    NOT_YET_VALID = "not_yet_valid"
    RETIRED_KEY = "retired_key"
    WRONG_CASE = "wrong_case"  # genuine, but for another case or customer: forwarded
    WRONG_PURPOSE = "wrong_purpose"
    WRONG_TERMS = "wrong_terms"  # another amount or payee than the link was signed for
    MALFORMED = "malformed"  # not the shape of a token


class LinkCheck(NamedTuple):
    """The outcome of reading a link.

    Attributes:
        accepted: True exactly when reason is ok.
        reason: see LinkReason.
        claims: what a live key vouches for, also when refused for time, case or purpose (to offer a fresh
            link); None when nothing in the token can be believed.
    """

    accepted: bool
    reason: LinkReason
    claims: LinkClaims | None


_OK = LinkReason.OK  # a look-up in an enumeration costs four of a name
_MALFORMED = LinkCheck(accepted=False, reason=LinkReason.MALFORMED, claims=None)
_TAMPERED = LinkCheck(accepted=False, reason=LinkReason.TAMPERED, claims=None)
_RETIRED = LinkCheck(accepted=False, reason=LinkReason.RETIRED_KEY, claims=None)


class LinkSigner:
    """Signs and reads links with a rotating set of keys.

    Args:
        keys: oldest to newest; the newest key that is not retired signs.
        max_token_chars: longer tokens are refused before any cryptography.

    Raises:
        BadInput: no live key, two keys with one id, an id out of its alphabet, or a secret that is too short.
    """

    def __init__(self, keys: Sequence[LinkKey], max_token_chars: int = MAX_TOKEN_CHARS) -> None:
        """Check the keys and derive the signing keys once."""
        problems = _key_problems(keys)
        if problems:
            raise BadInput(problems)
        self._signatures = {key.key_id: _signature_under(key.secret) for key in keys}
        self._retired = frozenset(key.key_id for key in keys if key.retired)
        self._newest = next(key.key_id for key in reversed(keys) if not key.retired)
        self._max_token_chars = max_token_chars

    def sign(self, claims: LinkClaims) -> str:
        """Return the token for these claims; the same claims and key give the same token.

        Raises:
            RuleBroken: claims no link of ours may carry (negative ids, an empty life, a purpose out of its
                alphabet), or a token longer than the limit.
        """
        case_id, customer_id, purpose, issued_at_ms, expires_at_ms, terms = claims
        if case_id < 0 or customer_id < 0 or issued_at_ms < 0 or expires_at_ms <= issued_at_ms:
            raise RuleBroken(f"a link needs ids and times from 0 and a life above 0 ms (case {case_id})")
        if not _is_purpose(purpose):
            raise RuleBroken(f"a link's purpose is 1 to 24 of a-z, 0-9, '-' and '_', not {purpose!r}")
        if terms and not _TERMS.fullmatch(terms):
            raise RuleBroken(f"a link's terms are a digest from payment_terms, not {terms!r}")
        newest = self._newest
        fields = newest, case_id, customer_id, purpose, issued_at_ms, expires_at_ms
        head = "%s.%x.%x.%s.%x.%x" % fields  # noqa: UP031  half the cost of an f-string with as many formats
        if terms:
            head = f"{head}.{terms}"
        token = f"{head}.{self._signatures[newest](head)}"
        if len(token) > self._max_token_chars:
            raise RuleBroken(f"a link token of {len(token)} characters is over {self._max_token_chars}")
        return token

    def verify(self, token: str, now_ms: int, expected: LinkExpectation | None = None) -> LinkCheck:
        """Read a token without acting on it.

        A link lives from issued_at_ms up to, not including, expires_at_ms. What it is bound to is judged
        before its age, so a forwarded link is called forwarded however old it is.

        Args:
            token: as received; anything at all.
            now_ms: the caller's clock, on the same scale as the claims.
            expected: what the page is for; None reads the link without binding it.
        """
        if len(token) > self._max_token_chars or not token.isascii():
            return _MALFORMED
        fields = token.split(".")
        if len(fields) not in _LENGTHS:
            return _MALFORMED
        key_id, signature = fields[0], fields[-1]
        signed_under = self._signatures.get(key_id)
        # The signature is compared as text: base64 decoding forgives stray characters and unused last bits,
        # which would give one link several accepted spellings and so several single uses.
        if signed_under is None or not hmac.compare_digest(
            signed_under(token[: -len(signature) - 1]), signature
        ):
            return _TAMPERED
        if key_id in self._retired:
            return _RETIRED
        claims = _claims(fields)
        if claims is None:
            return _MALFORMED
        reason = _judge(claims, now_ms, expected)
        return record_of(LinkCheck, (reason is _OK, reason, claims))


class LinkUses:
    """Which links have acted; those that could not be accepted any more are forgotten.

    They live in memory and are read again after a restart from the intents they became (`resume`): an intent is
    durable before the core hears of it, and carries the name of its link. Posting without idempotency keeps no
    intent: after a restart such a link may act again. Calls for one link must not overlap: a pilot makes the claim
    an insert under a unique key.
    """

    def __init__(self) -> None:
        """Start with no link used."""
        self._expires_at_ms: dict[str, int] = {}
        self._waiting: dict[int, str] = {}
        self._sweep_at = _SWEEP_FROM

    @classmethod
    def resume(cls, acts: Iterable[OutboxRow], lifetime_ms: int) -> LinkUses:
        """Return the uses that stored intents stand for.

        Args:
            acts: from `CaseStore.acts_by_link`, of the last lifetime at least.
            lifetime_ms: of a link; counted from the act, so that no use is forgotten before its link has expired.
        """
        uses = cls()
        for act in acts:
            uses._expires_at_ms[act.link] = act.created_at_ms + lifetime_ms
            if act.state is not OutboxState.DONE:
                uses.wait_for(act.command.case_id, act.link)
        return uses

    def __len__(self) -> int:
        return len(self._expires_at_ms)

    def use(self, token_id: str, expires_at_ms: int, now_ms: int | None = None) -> bool:
        """Claim a link's one act; True the first time, False ever after.

        Args:
            token_id: from `token_id`, of a token that was just accepted.
            expires_at_ms: from its claims; until then the use is remembered.
            now_ms: the caller's clock: uses are forgotten by the way; None leaves that to `drop_expired`.
        """
        if token_id in self._expires_at_ms:
            return False
        if now_ms is not None and len(self._expires_at_ms) >= self._sweep_at:
            self.drop_expired(now_ms)
            self._sweep_at = max(_SWEEP_FROM, 2 * len(self._expires_at_ms))
        self._expires_at_ms[token_id] = expires_at_ms
        return True

    def give_back(self, token_id: str) -> None:
        """Undo a claim whose act the core refused: nothing happened, so the link has not acted."""
        self._expires_at_ms.pop(token_id, None)

    def wait_for(self, case_id: int, token_id: str) -> None:
        """Note that what a link did for a case is not in the core yet; see `settled`."""
        self._waiting[case_id] = token_id

    def settled(self, case_id: int, *, recorded: bool) -> None:
        """What a case waited for has ended: if it came to nothing, the link that did it may act again."""
        token_id = self._waiting.pop(case_id, None)
        if token_id is not None and not recorded:
            self.give_back(token_id)

    def drop_expired(self, now_ms: int) -> int:
        """Forget links that `LinkSigner.verify` refuses for age anyway; returns how many."""
        dead = [token for token, expires_at_ms in self._expires_at_ms.items() if now_ms >= expires_at_ms]
        for token in dead:
            del self._expires_at_ms[token]
        return len(dead)


def payment_terms(amount_minor: int, payee: str) -> str:
    """Return the digest that binds a link to one payment.

    Args:
        amount_minor: minor units, above 0.
        payee: whom it goes to, as the core names them.

    Raises:
        RuleBroken: no amount or no payee.
    """
    if amount_minor < 1 or not payee:
        raise RuleBroken("a payment link needs an amount above 0 and a payee")
    return hashlib.sha256(f"{amount_minor}|{payee}".encode()).hexdigest()[:_TERMS_CHARS]


def token_id(token: str) -> str:
    """Return the short name of a token for `LinkUses` and the audit trail; it does not let its reader in.

    A digest, because the token itself opens the page and must not be written down.
    """
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def _signature_under(secret: bytes) -> Callable[[str], str]:
    """Return itsdangerous' signature with HMAC-SHA256 under a secret, as text, keyed once.

    Left to itself itsdangerous derives its key and HMAC sets its own up anew on every call: two thirds of the cost.
    """
    signer = Signer(secret, salt=_SALT, key_derivation="hmac", digest_method=hashlib.sha256)
    inner, outer = _hmac_begun(signer.derive_key())

    def signature(text: str) -> str:
        message, mac = inner.copy(), outer.copy()
        message.update(text.encode())
        mac.update(message.digest())
        return b2a_base64(mac.digest(), newline=False).translate(_URL_SAFE, b"=").decode("ascii")

    return signature


def _hmac_begun(key: bytes) -> tuple[hashlib._Hash, hashlib._Hash]:
    """Return the two hashes HMAC-SHA256 is made of (RFC 2104), each with the key read in."""
    block = key.ljust(hashlib.sha256().block_size, b"\0")  # a derived key is shorter than a block
    return hashlib.sha256(block.translate(_INNER)), hashlib.sha256(block.translate(_OUTER))


@lru_cache(maxsize=16)
def _is_purpose(purpose: str) -> bool:
    """Asked with every link, of a purpose or two."""
    return _NAME.fullmatch(purpose) is not None


def _key_problems(keys: Sequence[LinkKey]) -> list[str]:
    problems = [
        f"link key {key.key_id!r}: id must be 1 to 24 of a-z, 0-9, '-', '_'"
        for key in keys
        if not _NAME.fullmatch(key.key_id)
    ]
    problems += [
        f"link key {key.key_id!r}: secret has {len(key.secret)} bytes, at least {MIN_SECRET_BYTES} are needed"
        for key in keys
        if len(key.secret) < MIN_SECRET_BYTES
    ]
    ids = [key.key_id for key in keys]
    problems += [
        f"link key {key_id!r}: listed {ids.count(key_id)} times"
        for key_id in dict.fromkeys(ids)
        if ids.count(key_id) > 1
    ]
    if all(key.retired for key in keys):
        problems.append("link keys: at least one key must not be retired")
    return problems


def _claims(fields: list[str]) -> LinkClaims | None:
    try:
        case_id, customer_id = int(fields[1], 16), int(fields[2], 16)
        issued_at_ms, expires_at_ms = int(fields[4], 16), int(fields[5], 16)
    except ValueError:  # signed by our key, but not by `sign`: another product shares the secret
        return None
    terms = fields[_FIELDS - 1] if len(fields) > _FIELDS else ""
    return record_of(LinkClaims, (case_id, customer_id, fields[3], issued_at_ms, expires_at_ms, terms))


def _judge(claims: LinkClaims, now_ms: int, expected: LinkExpectation | None) -> LinkReason:
    case_id, customer_id, purpose, issued_at_ms, expires_at_ms, terms = claims
    if expected is not None:
        case, page, customer, payment = expected
        if case_id != case or (customer is not None and customer != customer_id):
            return LinkReason.WRONG_CASE
        if purpose != page:
            return LinkReason.WRONG_PURPOSE
        if payment is not None and terms != payment:
            return LinkReason.WRONG_TERMS
    if now_ms < issued_at_ms:
        return LinkReason.NOT_YET_VALID
    if now_ms >= expires_at_ms:
        return LinkReason.EXPIRED
    return _OK
