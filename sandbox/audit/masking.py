"""What of a name or number may be shown: a few last characters, enough to recognise and too few to use."""

from __future__ import annotations

_MASK = "***"  # of one length, so that the mask does not tell how long the value is
_NAME_TAIL = 2
_NUMBER_TAIL = 4


def mask_name(name: str) -> str:
    """Return a name with only its last 2 characters readable; nothing of a name shorter than 4."""
    return _masked(name.strip(), _NAME_TAIL)


def mask_number(number: str | int) -> str:
    """Return a phone, account or card number with only its last 4 digits readable.

    Spaces and punctuation are dropped first. Of 4 to 7 digits only the last 2 are readable, of fewer none.
    """
    digits = "".join(character for character in str(number) if character.isdecimal())
    return _masked(digits, _NUMBER_TAIL if len(digits) >= 2 * _NUMBER_TAIL else _NUMBER_TAIL // 2)


def _masked(text: str, tail: int) -> str:
    # Never more than half of a value is shown: the tail of a very short one would be all of it.
    return _MASK + text[-tail:] if len(text) >= 2 * tail else _MASK
