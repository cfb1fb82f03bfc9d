"""Names for a decision and for its payload, so that a retry is recognised and a changed request is not.

Both are digests of unambiguous text: the free-form parts carry their length or stand last, so no two
different inputs spell the same bytes.
"""

from __future__ import annotations

from hashlib import blake2b, sha256

KEY_CHARS = 32
"""Characters of an idempotency key: 128 bits in hexadecimal, well inside the usual limit of 255."""


def idempotency_key(case_id: int, action: str, decision_id: str) -> str:
    """Return the key under which one decision is posted, however often it is tried.

    The key knows nothing of attempts or clocks: a retry, a double tap and a restart all produce the same key.

    Args:
        case_id: the case the decision belongs to.
        action: what was decided.
        decision_id: names the decision within its case; a new decision (after a stale version) needs a new
            one.

    Returns:
        `KEY_CHARS` hexadecimal digits.
    """
    text = f"{case_id}|{len(action)}:{action}|{decision_id}"
    return blake2b(text.encode(), digest_size=KEY_CHARS // 2).hexdigest()


def fingerprint(
    action: str,
    account_id: int,
    amount_minor: int,
    due_day_offset: int,
    expected_version: int,
    inputs: str = "",
    effect: str = "",
) -> str:
    """Return the SHA-256 of the canonical payload, in hexadecimal.

    Args:
        action: the operation.
        account_id: the account it changes.
        amount_minor: integer minor units; money never passes through a float.
        due_day_offset: days until a promised payment, 0 for other actions.
        expected_version: the account version the decision was made on.
        inputs: canonical JSON of the submitted form fields, or empty.
        effect: canonical JSON of what is to be written, or empty; without either the text is that of an action the
            core knows by name.
    """
    text = f"{len(action)}:{action}|{account_id}|{amount_minor}|{due_day_offset}|{expected_version}"
    if inputs or effect:
        text = f"{text}|{len(inputs)}:{inputs}|{effect}"
    return sha256(text.encode()).hexdigest()
