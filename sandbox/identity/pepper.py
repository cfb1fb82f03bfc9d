"""The pepper: one secret that keys every digest of a short answer, kept apart from the digests.

A code has a million values and a date of birth some forty thousand: without a key whoever reads the digests tries
them all.
"""

from __future__ import annotations

from collections.abc import Callable
from hashlib import blake2b, sha256

from sandbox.errors import BadInput

DIGEST_BYTES = 32
"""256 bits of keyed BLAKE2b (RFC 7693)."""

MIN_PEPPER_BYTES = 32
"""256 bits: as long as the digest they key."""


def peppered(pepper: bytes, whose: str) -> Callable[[bytes], bytes]:
    """Return the digest that a pepper keys; equal peppers give equal digests, so that states outlive a restart.

    Args:
        pepper: at least `MIN_PEPPER_BYTES` bytes; one longer than the hash takes is brought down by SHA-256.
        whose: what the digests are of, as a refusal calls it.

    Raises:
        BadInput: the pepper is too short.
    """
    if len(pepper) < MIN_PEPPER_BYTES:
        raise BadInput([f"{whose}: pepper has {len(pepper)} bytes, at least {MIN_PEPPER_BYTES} are needed"])
    key = pepper if len(pepper) <= blake2b.MAX_KEY_SIZE else sha256(pepper).digest()
    keyed = blake2b(key=key, digest_size=DIGEST_BYTES)

    def digest(text: bytes) -> bytes:
        fresh = keyed.copy()  # keyed once: half the work of every digest
        fresh.update(text)
        return fresh.digest()

    return digest
