"""The writeback contract as HTTP statuses and JSON: what a core and whoever calls it both read and write.

Every definite answer repeats the key it was asked for, and a receipt the fingerprint too: an answer that does not is
somebody else's, or cut short, and says nothing about this posting.
"""

from __future__ import annotations

import json
from functools import cache
from typing import Any, Final, get_type_hints

from sandbox.model import AccountFacts
from sandbox.ports import CoreOutcome, CoreReply, PostCommand, Receipt

STATUSES: Final[dict[CoreOutcome, int]] = {
    CoreOutcome.APPLIED: 201,
    CoreOutcome.REPLAYED: 200,
    CoreOutcome.REFUSED: 403,
    CoreOutcome.NOT_FOUND: 404,
    CoreOutcome.IN_PROGRESS: 409,
    CoreOutcome.KEY_EXPIRED: 410,
    CoreOutcome.STALE: 412,
    CoreOutcome.KEY_REUSED: 422,
    CoreOutcome.UNAVAILABLE: 503,
    CoreOutcome.TIMED_OUT: 504,
}
"""The status of each answer to POST /postings; a key that was found by GET answers 200."""

KEY_HEADER: Final = "Idempotency-Key"
POSTINGS: Final = "/postings"
BY_KEY: Final = "/postings/by-key/"
ACCOUNTS: Final = "/accounts"


def encoded(document: object) -> bytes:
    """Return a document as JSON bytes, the same bytes for the same document."""
    return json.dumps(document, sort_keys=True, separators=(",", ":")).encode()


def command_document(command: PostCommand) -> dict[str, Any]:
    """Return the body of a posting; its key travels in the header."""
    document = command._asdict()
    del document["key"]
    return document | {"action": str(command.action)}


def command_of(document: object, key: str) -> PostCommand:
    """Read the body of a posting.

    Raises:
        ValueError: a field is missing, unknown or of another kind.
    """
    return PostCommand(key, **_typed(document, PostCommand, {"key"}))


def account_of(document: object) -> AccountFacts:
    """Read an account.

    Raises:
        ValueError: a field is missing, unknown or of another kind.
    """
    return AccountFacts(**_typed(document, AccountFacts, set()))


def reply_document(reply: CoreReply, key: str) -> dict[str, Any]:
    """Return the body that answers a call: the receipt, or a problem with its reason."""
    document: dict[str, Any] = {"outcome": reply.outcome.value, "key": key}
    if reply.receipt is not None:
        return document | {"receipt": reply.receipt._asdict()}
    document |= {"title": reply.outcome.value, "status": STATUSES[reply.outcome], "reason": reply.reason}
    return document | ({"version": reply.version} if reply.outcome is CoreOutcome.STALE else {})


def reply_of(document: object, status: int, key: str, fingerprint: str | None, latency_ms: int) -> CoreReply:
    """Read the answer to a call made with this key.

    Args:
        document: the body, parsed.
        status: the HTTP status it came with.
        key: the key asked for; the answer must repeat it.
        fingerprint: that of the posting; None where the call was a read by key.
        latency_ms: how long the call took.

    Raises:
        ValueError: the body is no answer to this call.
    """
    if not isinstance(document, dict) or document.get("key") != key:
        raise ValueError("the answer does not repeat the key")
    outcome = CoreOutcome(str(document.get("outcome")))
    expected = 200 if fingerprint is None and outcome is CoreOutcome.APPLIED else STATUSES[outcome]
    if status != expected:
        raise ValueError("status and outcome do not agree")
    if outcome in (CoreOutcome.APPLIED, CoreOutcome.REPLAYED):
        receipt = Receipt(**_typed(document.get("receipt"), Receipt, set()))
        if receipt.key != key or fingerprint not in (None, receipt.fingerprint):
            raise ValueError("the receipt is another posting's")
        return CoreReply(outcome, latency_ms, receipt, "", 0)
    version = document.get("version", 0)
    reason = document.get("reason", "")
    if type(version) is not int or not isinstance(reason, str):
        raise ValueError("version or reason is of another kind")
    if outcome is CoreOutcome.STALE and version < 1:
        raise ValueError("a stale answer names the current version")
    return CoreReply(outcome, latency_ms, None, reason, version)


_kinds = cache(get_type_hints)


def _typed(document: object, record: Any, without: set[str]) -> dict[str, Any]:
    """Return the fields of a record, each of exactly its kind; fields with a default may be missing."""
    kinds = {name: kind for name, kind in _kinds(record).items() if name not in without}
    if not isinstance(document, dict) or document.keys() - kinds.keys():
        raise ValueError("not an object of the known fields")
    if kinds.keys() - document.keys() - record._field_defaults.keys():
        raise ValueError("a field is missing")
    for name, value in document.items():
        if type(value) is not kinds[name]:
            raise ValueError(f"{name} is of another kind")
    return document
