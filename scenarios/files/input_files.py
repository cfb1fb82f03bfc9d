"""The files a command reads of the user's own: noted while it runs, and put back in their place when it is run again.

A saved run keeps the text of its files, so that it can be repeated after they were changed or are gone. What is
shipped is not noted: it belongs to the version of the product.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path

_noted: ContextVar[dict[str, bytes] | None] = ContextVar("noted", default=None)
_instead: ContextVar[Mapping[str, bytes] | None] = ContextVar("instead", default=None)

_SHIPPED = tuple(Path(__file__).parents[2] / package for package in ("scenarios", "sandbox"))


@contextmanager
def noted() -> Iterator[dict[str, bytes]]:
    """Note what is read meanwhile: content by path, as the path was written."""
    files: dict[str, bytes] = {}
    token = _noted.set(files)
    try:
        yield files
    finally:
        _noted.reset(token)


@contextmanager
def instead(files: Mapping[str, bytes]) -> Iterator[None]:
    """Let `files` be read meanwhile in place of what stands at their paths, if anything does."""
    token = _instead.set(files)
    try:
        yield
    finally:
        _instead.reset(token)


def stand_in(path: Path) -> bytes | None:
    """Return what is to be read in place of a file, or None to read the file itself."""
    files = _instead.get()
    content = None if files is None else files.get(str(path))
    if content is not None:
        note(path, content)
    return content


def note(path: Path, content: bytes) -> None:
    """Note that a file was read, if anybody asked for it and it is not shipped."""
    files = _noted.get()
    if files is not None and not any(path.is_relative_to(folder) for folder in _SHIPPED):
        files[str(path)] = content
