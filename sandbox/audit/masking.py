"""What of a name or number may be shown: a few last characters, enough to recognise and too few to use."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final

_MASK = "***"  # of one length, so that the mask does not tell how long the value is
_NAME_TAIL = 2
_NUMBER_TAIL = 4

_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_LONG_NUMBER = re.compile(r"(?<![\w.])\+?\d(?:[ -]?\d){5,}(?![\w.]\d)")
"""Six digits or more, as accounts, phones, cards and codes have; counts, years and line numbers have fewer."""


def mask_name(name: str) -> str:
    """Return a name with only its last 2 characters readable; nothing of a name shorter than 4."""
    return _masked(name.strip(), _NAME_TAIL)


def mask_number(number: str | int) -> str:
    """Return a phone, account or card number with only its last 4 digits readable.

    Spaces and punctuation are dropped first. Of 4 to 7 digits only the last 2 are readable, of fewer none.
    """
    digits = "".join(character for character in str(number) if character.isdecimal())
    return _masked(digits, _NUMBER_TAIL if len(digits) >= 2 * _NUMBER_TAIL else _NUMBER_TAIL // 2)


def mask_email(address: str) -> str:
    """Return an email address with the last 2 characters before the "@" readable, and nothing of where it is."""
    return f"{mask_name(address.partition('@')[0])}@{_MASK}"


def scrubbed(text: str) -> str:
    """Return a text of unknown origin with every email address and every number of six digits or more masked.

    For what nobody has looked through, such as the message of an unforeseen error; a name it cannot know.
    """
    mailless = _EMAIL.sub(lambda found: mask_email(found.group()), text)
    return _LONG_NUMBER.sub(lambda found: mask_number(found.group()), mailless)


def hide(_value: object) -> str:
    """Return the mask alone: for what must not be recognised either, as a code or a secret."""
    return _MASK


_MASKS: Final[dict[str, Callable[[str], str]]] = {
    "account_id": mask_number,
    "account_number": mask_number,
    "card_number": mask_number,
    "customer_id": mask_number,
    "phone": mask_number,
    "email": mask_email,
    "name": mask_name,
    "address": hide,
    "code": hide,
    "date_of_birth": hide,
    "postcode": hide,
    "token": hide,
}
"""Keys of evidence under which a person stands, each with what may be shown of it."""


def masked_evidence(body: Mapping[str, object]) -> dict[str, object]:
    """Return what an audit row says as it may be shown: masked wherever a key says that a person stands there."""
    return {key: _shown(key, value) for key, value in body.items()}


def _shown(key: str, value: object) -> object:
    if isinstance(value, Mapping):
        return masked_evidence(value)
    if isinstance(value, list | tuple):
        return [_shown(key, item) for item in value]
    mask = _MASKS.get(key)
    return value if mask is None or value is None else mask(str(value))


def _masked(text: str, tail: int) -> str:
    # Never more than half of a value is shown: the tail of a very short one would be all of it.
    return _MASK + text[-tail:] if len(text) >= 2 * tail else _MASK
