"""What an audit row says: plain JSON values in one canonical spelling; the same evidence has the same hash."""

from __future__ import annotations

import json
from json.encoder import encode_basestring_ascii
from typing import NamedTuple

quoted = encode_basestring_ascii
"""How JSON writes a text; a TypeError for anything else. For evidence spelt out because every visit leaves it:
numbers go in as `{value:d}`, which refuses all but whole ones, and a test holds the text equal to `canonical`.
"""


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
