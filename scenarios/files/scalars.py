"""What a plain scalar says, by the core schema of YAML 1.2: dates, times, `yes` and `on` are text."""

from __future__ import annotations

import math
import re

_NUMBER_CHARS_MAX = 32

_INT = re.compile(r"[-+]?[0-9]+", re.ASCII)
_INT_BASE = re.compile(r"0o[0-7]+|0x[0-9a-fA-F]+", re.ASCII)
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?", re.ASCII)
_NOT_FINITE = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)", re.ASCII)
_WORDS: dict[str, bool | None] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}


class Unfit(Exception):
    """A scalar that is not taken; its text says what was found and what is allowed."""


def plain(text: str) -> str | int | float | bool | None:
    """Return what a scalar without quotes says.

    Raises:
        Unfit: a number that is not finite, or is longer than any real one.
    """
    if text in _WORDS:
        return _WORDS[text]
    if _NOT_FINITE.fullmatch(text):
        raise Unfit(f"found {text}; allowed: a finite number")
    if not text[0].isdigit() and text[0] not in "+-.":
        return text
    return _number(text)


def _number(text: str) -> str | int | float:
    whole = _INT.fullmatch(text)
    if whole is None and not _FLOAT.fullmatch(text):
        return int(text, 0) if _INT_BASE.fullmatch(text) and len(text) <= _NUMBER_CHARS_MAX else text
    number = math.inf if len(text) > _NUMBER_CHARS_MAX else int(text) if whole else float(text)
    if math.isinf(number):
        allowed = f"a finite number in at most {_NUMBER_CHARS_MAX} characters"
        raise Unfit(f"found the number {text[:16]}...; allowed: {allowed}")
    return number
