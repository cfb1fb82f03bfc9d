"""Tell most new keys of a store that began empty without asking it."""

from __future__ import annotations

_BITS = 1 << 22
"""Half a megabyte: of the 70,000 keys of a month of 200,000 messages one in a hundred is looked up in vain."""


class NewKeys:
    """Remembers the keys it was asked about, one bit each; two keys may share a bit.

    How often it errs depends on the process (hashes of text do), what a store answers never does.
    """

    __slots__ = ("_seen",)

    def __init__(self) -> None:
        """Start with nothing seen."""
        self._seen = bytearray(_BITS >> 3)

    def surely_new(self, key: str) -> bool:
        """Say whether a key was certainly never asked about before; from now on it was."""
        place = hash(key) & (_BITS - 1)
        seen, byte, bit = self._seen, place >> 3, 1 << (place & 7)
        if seen[byte] & bit:
            return False
        seen[byte] |= bit
        return True
