"""Reads YAML 1.2 into plain data with line numbers: files, texts, and single values as `--set` takes them.

Scalars follow the core schema of YAML 1.2: dates, times, `yes` and `on` are text; keys are always text, as written.
What is shipped was parsed before (shipped.json): reading a scenario with all it names takes the parser a sixth of
a second, most of the time until a small run begins. A text is known by its digest, so whoever changes a shipped
file, or copies it, gets what is written there.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import cache, lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from sandbox.errors import BadInput
from scenarios.files import input_files
from scenarios.files.places import Place, found, problem
from scenarios.files.scalars import Unfit, plain

FILE_BYTES_MAX = 1_000_000
"""A scenario is some 15 kB; beyond 1 MB it is not one, and the parser would need seconds."""

_SHIPPED = Path(__file__).with_name("shipped.json")
"""Data and lines of each shipped text by its digest, made by tests/parsed_documents.py; not written by hand."""

_WORD = re.compile(r"[-+]?[A-Za-z0-9][A-Za-z0-9_.]*")
"""A text that is one plain scalar in any YAML, without asking a parser."""

_CACHED_FILES = 64
"""Room for the whole catalogue, some 46 files: with less, one scenario pushes out what the next one reads."""


@dataclass(frozen=True, slots=True)
class Document:
    """One file's content. It may be shared between readers: build new data instead of changing it.

    Attributes:
        data: dicts (text keys, in file order), lists, str, int, float, bool and None.
        lines: dotted path (list entries by index) to line, counted from 1; a scalar stands on its own line, a
            block on the line of its key.
        source: the file as it is named in messages.
    """

    data: dict[str, Any]
    lines: dict[str, int]
    source: str


def read_yaml(path: Path | str, source: str | None = None) -> Document:
    """Read one file.

    Args:
        path: the file.
        source: how messages name it; the path itself unless given.

    Raises:
        BadInput: missing, not a regular file, unreadable, over 1 MB, not UTF-8 text, empty, not YAML, or
            YAML with anything but one mapping of plain data in it.
    """
    name = str(path) if source is None else source
    return parse_yaml(_text(Path(path), name), name)


@lru_cache(maxsize=_CACHED_FILES)
def parse_yaml(text: str, source: str) -> Document:
    """Read YAML text whose top level is a mapping; kept by its content, so sweeps parse a file once.

    Raises:
        BadInput: see `read_yaml`.
    """
    if kept := _shipped().get(digest(text)):
        data, lines = kept
        return Document(data, lines, source)
    return parsed_anew(text, source)


def digest(text: str) -> str:
    """Return the name under which a shipped text is kept parsed, 64 hexadecimal digits."""
    return sha256(text.encode(errors="surrogatepass")).hexdigest()


@cache
def _shipped() -> dict[str, tuple[dict[str, Any], dict[str, int]]]:
    kept: dict[str, tuple[dict[str, Any], dict[str, int]]] = json.loads(_SHIPPED.read_bytes())
    return kept


def parsed_anew(text: str, source: str) -> Document:
    """Parse YAML text, shipped or not; otherwise as `parse_yaml`."""
    # Late: the parser takes as long to load as a shipped scenario to read.
    from scenarios.files.builder import Builder

    builder = Builder(text, source)
    data = builder.build()
    if data is None:
        raise BadInput([problem(Place(source), "", "found no content; allowed: a mapping of keys to values")])
    if not isinstance(data, dict):
        told = f"found {found(data)} at top level; allowed: a mapping of keys to values"
        raise BadInput([problem(Place(source, builder.lines.get("", 1)), "", told)])
    return Document(data, builder.lines, source)


def parse_value(text: str, source: str) -> object:
    """Read one YAML value, such as `12`, `"08:00"` or `[1, 2]`; None for an empty text.

    Raises:
        BadInput: not YAML, or more than one plain value; `source` names where it was written.
    """
    if _WORD.fullmatch(text):
        with suppress(Unfit):  # the parser says where
            return plain(text)
    from scenarios.files.builder import Builder

    return Builder(text, source, with_lines=False).build()


def _text(path: Path, source: str) -> str:
    def refusal(line: int, text: str) -> BadInput:
        return BadInput([problem(Place(source, line), "", text)])

    raw = input_files.stand_in(path)
    if raw is None:
        raw = _bytes(path, refusal)
        input_files.note(path, raw)
    if len(raw) > FILE_BYTES_MAX:
        raise refusal(0, f"found more than {FILE_BYTES_MAX:,} bytes; allowed: at most that many")
    if (nul := raw.find(b"\0")) >= 0:
        raise refusal(raw.count(b"\n", 0, nul) + 1, "found a NUL byte; allowed: UTF-8 text")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise refusal(line, f"found byte 0x{raw[error.start]:02x}; allowed: UTF-8 text") from None


def _bytes(path: Path, refusal: Callable[[int, str], BadInput]) -> bytes:
    try:
        if path.is_dir():
            raise refusal(0, "found a directory; allowed: a YAML file")
        if not path.exists():
            raise refusal(0, "file not found")
        if not path.is_file():
            raise refusal(0, "found something that is not a regular file; allowed: a YAML file")
        with path.open("rb") as file:
            return file.read(FILE_BYTES_MAX + 1)
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        reason = getattr(error, "strerror", None) or error
        raise refusal(0, f"cannot be read: {reason}") from None
