"""What an audit row says: plain JSON values in one canonical spelling; the same evidence has the same hash."""

from __future__ import annotations

import json
from collections.abc import Callable
from json.encoder import encode_basestring_ascii as _quoted
from typing import Any, NamedTuple

from sandbox.model import record_of


class CanonicalEvidence(NamedTuple):
    """Evidence already in the form the chain hashes; for what is recorded over and over unchanged."""

    text: str


Evidence = dict[str, object] | CanonicalEvidence
"""What an audit row says: plain JSON values, or the same in canonical form."""

_canonical_json = json.JSONEncoder(
    sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False
).encode


def canonical(evidence: dict[str, object]) -> CanonicalEvidence:
    """Return evidence in the form the chain hashes: sorted keys, no spaces, ASCII.

    Raises:
        TypeError, ValueError: the evidence is not plain JSON.
    """
    return CanonicalEvidence(_canonical_json(evidence))


_SPELLINGS: dict[object, Callable[[Any], str]] = {int: int.__repr__, str: _quoted}
"""How JSON writes them; both refuse anything else."""


class EvidenceTemplate:
    """Evidence of one shape, filled in again and again: the same bytes as `canonical`, at a fifth of the cost.

    Args:
        shape: key to `int` or `str` for what is filled in, to anything else for what stays the same.
    """

    __slots__ = ("_format", "_spellings")

    def __init__(self, shape: dict[str, object]) -> None:
        """Lay out the canonical text once, with a place for every value."""
        self._spellings = tuple(
            (key, _SPELLINGS[kind]) for key, kind in sorted(shape.items()) if kind in (int, str)
        )
        places = {
            key: "%s" if kind in (int, str) else _canonical_json(kind).replace("%", "%%")
            for key, kind in sorted(shape.items())
        }
        self._format = "{" + ",".join(f"{_quoted(key)}:{place}" for key, place in places.items()) + "}"

    def fill(self, **values: object) -> CanonicalEvidence:
        """Return the evidence with these values; KeyError for one that is missing, TypeError for a wrong kind."""
        texts = tuple([spell(values[key]) for key, spell in self._spellings])
        return record_of(CanonicalEvidence, (self._format % texts,))
