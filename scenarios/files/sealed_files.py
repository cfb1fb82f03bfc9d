"""Reading files that may be sealed: pieces of plain text, whichever it was."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from sandbox.errors import BadInput, Cancelled
from scenarios.files.sealing import KEY_VARIABLE, MAGIC, SealKey, is_sealed, unseal
from scenarios.progress import ShouldStop

_PIECE_BYTES = 65_536


class Opened(NamedTuple):
    """A file being read: its plain bytes in pieces, and whether they come out of a seal."""

    pieces: Iterator[bytes]
    sealed: bool


def open_file(path: str, key: SealKey | None, should_stop: ShouldStop) -> Opened:
    """Open a file for one pass; a sealed one with the key given.

    Args:
        path: which file.
        key: what opens it if it is sealed; a file that is not sealed needs none.
        should_stop: polled between pieces.

    Raises:
        BadInput: it cannot be read, or is sealed and no key was given; while reading: not sealed with this key.
        SealBroken: while reading: it was changed or cut short.
        Cancelled: while reading: stopped on request.
    """
    if not _begins_sealed(path):
        return Opened(_pieces(path, should_stop), sealed=False)
    if key is None:
        raise BadInput([f"{path}: is sealed; allowed: with --seal-key FILE, or the key in {KEY_VARIABLE}"])
    return Opened(unseal(_pieces(path, should_stop), key), sealed=True)


def open_unsealed(path: str, should_stop: ShouldStop) -> Iterator[bytes]:
    """Open a file that is to be sealed.

    Raises:
        BadInput: it cannot be read, or is sealed already.
        Cancelled: while reading: stopped on request.
    """
    if _begins_sealed(path):
        raise BadInput([f"{path}: is sealed already; allowed: a file that is not"])
    return _pieces(path, should_stop)


def _begins_sealed(path: str) -> bool:
    if Path(path).is_fifo():  # looking at its beginning would take it away
        raise BadInput([f"{path}: is a pipe; allowed: a file"])
    try:
        with Path(path).open("rb") as file:
            return is_sealed(file.read(len(MAGIC)))
    except OSError as fault:
        raise _unreadable(path, fault) from None


def _pieces(path: str, should_stop: ShouldStop) -> Iterator[bytes]:
    """Read a file once; it is open only while somebody reads, so what is never read stays closed."""
    try:
        with Path(path).open("rb") as file:
            while piece := file.read(_PIECE_BYTES):
                if should_stop():
                    raise Cancelled("reading was stopped")
                yield piece
    except OSError as fault:
        raise _unreadable(path, fault) from None


def _unreadable(path: str, fault: OSError) -> BadInput:
    return BadInput([f"{path}: cannot be read: {fault.strerror or fault}"])
