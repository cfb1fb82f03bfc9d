r"""The little language of patterns a form may ask for: easy to read, quick to check, and possible to write out.

A pattern is a row of pieces, each with how often it comes. A piece is a character, an escape (`\d`, `\w`, `\s`, or a
mark as itself), `.` (any small letter or digit) or a class such as `[A-Z0-9 -]`. How often is nothing (once), `?`,
`*`, `+` (to REPEATS_MAX), `{n}` or `{n,m}`. There are no groups and no alternatives: a list of words is a field of
kind choice.
"""

from __future__ import annotations

import re
import string
from typing import NamedTuple

REPEATS_MAX = 100
"""What an endless repeat comes to; no field asks for more of one kind of character."""

_SPACE = " "
_ESCAPES = {"d": string.digits, "w": string.ascii_lowercase + string.digits + "_", "s": _SPACE}
_ANY = string.ascii_lowercase + string.digits
_OUTSIDE = frozenset("()|^$")
_TIMES = re.compile(r"\{(\d{1,3})(?:,(\d{1,3}))?\}", re.ASCII)
_SIGNS = {"?": (0, 1), "*": (0, REPEATS_MAX), "+": (1, REPEATS_MAX)}


class Piece(NamedTuple):
    """Characters of which one comes, from `least` to `most` times."""

    characters: str
    least: int
    most: int


def pieces_of(pattern: str) -> tuple[Piece, ...]:
    """Return a pattern's pieces.

    Raises:
        ValueError: the pattern is not of this language; says where.
    """
    pieces, at = [], 0
    while at < len(pattern):
        characters, after = _characters(pattern, at)
        least, most, at = _times(pattern, after)
        pieces.append(Piece(characters, least, most))
    return tuple(pieces)


def checker(pattern: str) -> re.Pattern[str]:
    """Return what a whole text must match.

    Raises:
        ValueError: the pattern is not of this language.
    """
    parts = [f"[{re.escape(one.characters)}]{{{one.least},{one.most}}}" for one in pieces_of(pattern)]
    return re.compile("".join(parts))


def _characters(pattern: str, at: int) -> tuple[str, int]:
    sign = pattern[at]
    if sign == "[":
        return _class(pattern, at)
    if sign == "\\":
        return _escaped(pattern, at)
    if sign == ".":
        return _ANY, at + 1
    if sign in _OUTSIDE or sign in _SIGNS or sign in "{}]":
        where = f"pattern {pattern!r}: {sign!r} at place {at + 1}"
        raise ValueError(f"{where} is not understood; put \\ before a mark that stands as itself")
    return sign, at + 1


def _escaped(pattern: str, at: int) -> tuple[str, int]:
    if at + 1 == len(pattern):
        raise ValueError(f"pattern {pattern!r} ends in the middle of an escape")
    sign = pattern[at + 1]
    if sign.isalnum() and sign not in _ESCAPES:
        raise ValueError(f"pattern {pattern!r}: \\{sign} is not understood; known: \\d, \\w, \\s")
    return _ESCAPES.get(sign, sign), at + 2


def _class(pattern: str, at: int) -> tuple[str, int]:
    found, here = "", at + 1
    if pattern[here : here + 1] == "^":
        raise ValueError(f"pattern {pattern!r}: the class at place {at + 1} says what not to take")
    while here < len(pattern) and (
        pattern[here] != "]" or here == at + 1
    ):  # a "]" that comes first is itself
        if pattern[here] == "\\":
            inner, here = _escaped(pattern, here)
            found += inner
        elif pattern[here + 1 : here + 2] == "-" and pattern[here + 2 : here + 3] not in ("", "]"):
            found += _range(pattern, here)
            here += 3
        else:
            found += pattern[here]
            here += 1
    if here == len(pattern):
        raise ValueError(f"pattern {pattern!r}: the class at place {at + 1} has no end")
    return found, here + 1


def _range(pattern: str, at: int) -> str:
    first, last = pattern[at], pattern[at + 2]
    if last == "\\":
        raise ValueError(
            f"pattern {pattern!r}: {pattern[at : at + 3]} is no range; it ends with a plain character"
        )
    if first > last:
        raise ValueError(f"pattern {pattern!r}: {pattern[at : at + 3]} runs backwards")
    return "".join(map(chr, range(ord(first), ord(last) + 1)))


def _times(pattern: str, at: int) -> tuple[int, int, int]:
    if at == len(pattern):
        return 1, 1, at
    if pattern[at] in _SIGNS:
        return *_SIGNS[pattern[at]], at + 1
    if pattern[at] != "{":
        return 1, 1, at
    counted = _TIMES.match(pattern, at)
    if counted is None:
        raise ValueError(f"pattern {pattern!r}: how often is written {{n}} or {{n,m}}, at place {at + 1}")
    least = int(counted[1])
    most = int(counted[2]) if counted[2] else least
    if least > most or most < 1:
        raise ValueError(f"pattern {pattern!r}: {counted[0]} can never be met")
    return least, most, counted.end()
