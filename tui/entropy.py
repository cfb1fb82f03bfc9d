"""The one edge that reads the machine's randomness: for keys and salts of sealed files. No result depends on it."""

from __future__ import annotations

import secrets  # noqa: TID251 - this module is the edge the ban points to


def fresh_bytes(count: int) -> bytes:
    """Return `count` bytes that nobody can guess and that never come again."""
    return secrets.token_bytes(count)
