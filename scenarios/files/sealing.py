"""Sealed files: authenticated encryption for what holds customer data, whatever its size, in little memory.

Layout, version 1:

    header = "SBXSEAL" | version (1 byte) | key id (8 bytes) | salt (32 bytes)
    then chunks of 64 KiB of text, each AES-256-GCM with its tag of 16 bytes; the last one may be shorter or empty

Each file has a key of its own, made by HKDF-SHA-256 from the secret key, the salt and the header; so the nonce of a
chunk is its place and whether it is the last, and never repeats under one key. The header is authenticated with every
chunk. A chunk changed, moved, left out, added or cut off at the end does not open (the STREAM construction of Hoang,
Reyhanitabar, Rogaway and Vizar, 2015). Salt and keys are handed in: nothing here reads the machine's randomness.

A SQLite file that is in use cannot be sealed in place; seal what is exported from it.
"""

from __future__ import annotations

import hmac
import os
import stat
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sandbox.errors import BadInput, RuleBroken

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

MAGIC: Final = b"SBXSEAL"
VERSION: Final = 1
KEY_BYTES: Final = 32
SALT_BYTES: Final = 32
CHUNK_BYTES: Final = 65_536
"""Text in one chunk: what has to fit in memory."""

KEY_VARIABLE: Final = "SANDBOX_SEAL_KEY"
"""Environment variable that holds the key when no file is named."""

_TAG_BYTES = 16
_KEY_ID_BYTES = 8
HEADER_BYTES: Final = len(MAGIC) + 1 + _KEY_ID_BYTES + SALT_BYTES

_KEY_FILE_BYTES_MAX = 4_096
"""A key is 64 digits; a file this long is something else and is not read any further."""

_HOW_TO_KEY = "`sandbox audit key --out FILE` makes one"


class SealBroken(BadInput):
    """A sealed file does not open with the right key: it was changed, cut short or put together anew."""


@dataclass(frozen=True, slots=True)
class SealKey:
    """A secret key.

    Attributes:
        secret: 32 bytes; never shown.
    """

    secret: bytes = field(repr=False)

    def __post_init__(self) -> None:
        """Refuse a key of another length.

        Raises:
            RuleBroken: it is not 32 bytes long.
        """
        if len(self.secret) != KEY_BYTES:
            raise RuleBroken(f"a seal key has {KEY_BYTES} bytes")

    @property
    def key_id(self) -> bytes:
        """What tells keys apart without telling the key: it stands in the header of every file sealed with it."""
        return sha256(b"sandbox seal key|" + self.secret).digest()[:_KEY_ID_BYTES]

    def to_text(self) -> str:
        """Return the key as a key file holds it: 64 hexadecimal digits. For the key file alone."""
        return self.secret.hex()


def read_key(path: str) -> SealKey:
    """Read a key file, which only its owner may read or write.

    Raises:
        BadInput: no such file, open to others, or not a key; the message never repeats what it holds.
    """
    try:
        with Path(path).open("rb") as file:
            others = stat.S_IMODE(os.fstat(file.fileno()).st_mode) & 0o077
            data = file.read(_KEY_FILE_BYTES_MAX + 1)
    except OSError as fault:
        raise BadInput([f"seal key {path}: {fault.strerror}; {_HOW_TO_KEY}"]) from None
    if others:
        raise BadInput([f"seal key {path}: others than its owner have rights on it; allowed: mode 600"])
    return _key(data, f"seal key {path}")


def key_from(path: str | None, environment: Mapping[str, str]) -> SealKey | None:
    """Return the key of a file, or else of SANDBOX_SEAL_KEY; None when neither is given.

    Raises:
        BadInput: what is given is no key.
    """
    if path is not None:
        return read_key(path)
    text = environment.get(KEY_VARIABLE, "")
    return _key(text.encode("utf-8", "replace"), KEY_VARIABLE) if text else None


def is_sealed(beginning: bytes) -> bool:
    """Say whether a file that begins so is a sealed one."""
    return beginning.startswith(MAGIC)


def seal(pieces: Iterable[bytes], key: SealKey, salt: bytes) -> Iterator[bytes]:
    """Seal a text that comes in pieces of any size.

    Args:
        pieces: the text.
        key: the secret.
        salt: 32 fresh random bytes; never the same for two files.

    Raises:
        RuleBroken: the salt has another length.
    """
    if len(salt) != SALT_BYTES:
        raise RuleBroken(f"a seal's salt has {SALT_BYTES} bytes")
    header = MAGIC + bytes([VERSION]) + key.key_id + salt
    cipher = _cipher(key, header)
    yield header
    for place, (chunk, last) in enumerate(_chunks(pieces, CHUNK_BYTES)):
        yield cipher.encrypt(_nonce(place, last), chunk, header)


def unseal(pieces: Iterable[bytes], key: SealKey) -> Iterator[bytes]:
    """Open a sealed file that comes in pieces of any size.

    What comes out is genuine as it comes; that nothing is missing at its end is known only once it has all come.

    Raises:
        BadInput: not a sealed file, a version not known here, or sealed with another key.
        SealBroken: changed, cut short, or chunks added or out of order.
    """
    stream = iter(pieces)
    begun = b""
    while len(begun) < HEADER_BYTES:
        piece = next(stream, None)
        if piece is None:
            break
        begun += piece
    header, rest = begun[:HEADER_BYTES], begun[HEADER_BYTES:]
    _check_header(header, key)
    cipher = _cipher(key, header)
    from cryptography.exceptions import InvalidTag

    for place, (chunk, last) in enumerate(_chunks(_after(rest, stream), CHUNK_BYTES + _TAG_BYTES)):
        try:
            yield cipher.decrypt(_nonce(place, last), chunk, header)
        except InvalidTag:
            raise SealBroken(
                [f"sealed file: chunk {place + 1} does not open: it was changed, cut short or moved"]
            ) from None


def _check_header(header: bytes, key: SealKey) -> None:
    if not is_sealed(header):
        raise BadInput(["sealed file: it does not begin like one; allowed: a file sealed by this product"])
    if len(header) < HEADER_BYTES:
        raise SealBroken(["sealed file: cut short within its first 48 bytes"])
    version = header[len(MAGIC)]
    if version != VERSION:
        raise BadInput([f"sealed file: version {version}; allowed: {VERSION}"])
    named = header[len(MAGIC) + 1 : len(MAGIC) + 1 + _KEY_ID_BYTES]
    if not hmac.compare_digest(named, key.key_id):
        raise BadInput(
            [
                f"sealed file: sealed with key {named.hex()}, given key {key.key_id.hex()}; allowed: the same key"
            ]
        )


def _cipher(key: SealKey, header: bytes) -> AESGCM:
    # Late: 0.1 s to import, and most commands seal nothing.
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    salt = header[-SALT_BYTES:]
    return AESGCM(HKDF(SHA256(), KEY_BYTES, salt, b"sandbox sealed file|" + header).derive(key.secret))


def _nonce(place: int, last: bool) -> bytes:
    return place.to_bytes(11, "big") + bytes([last])


def _chunks(pieces: Iterable[bytes], size: int) -> Iterator[tuple[bytes, bool]]:
    """Cut a stream into chunks of one size; the last, and only it, is marked, and is empty for an empty stream."""
    held = bytearray()
    for piece in pieces:
        held += piece
        while len(held) > size:  # never down to nothing: what is held may be the last chunk
            yield bytes(held[:size]), False
            del held[:size]
    yield bytes(held), True


def _after(rest: bytes, stream: Iterator[bytes]) -> Iterator[bytes]:
    yield rest
    yield from stream


def _key(data: bytes, where: str) -> SealKey:
    text = data.decode("ascii", "replace").strip()
    try:
        secret = bytes.fromhex(text) if len(text) == 2 * KEY_BYTES else b""
    except ValueError:
        secret = b""
    if len(secret) != KEY_BYTES:
        raise BadInput([f"{where}: not a key; allowed: {2 * KEY_BYTES} hexadecimal digits; {_HOW_TO_KEY}"])
    return SealKey(secret)
