"""Reads YAML 1.2 into plain data with line numbers; the only place that knows the YAML library.

A tree is built straight from parser events: a third less time than the library's own round-trip loader, and
whatever makes YAML dangerous (aliases, tags, deep nesting) is refused before it is built. Scalars follow the
core schema of YAML 1.2: dates, times, `yes` and `on` are text; keys are always text, as written.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
)
from ruamel.yaml.reader import ReaderError

from sandbox.errors import BadInput
from scenarios.files import input_files
from scenarios.files.places import Place, found, join, problem

FILE_BYTES_MAX = 1_000_000
"""A scenario is some 15 kB; beyond 1 MB it is not one, and the parser would need seconds."""

NESTING_MAX = 20
"""The shipped scenarios nest 5 deep; the bound keeps the recursive builder far from Python's own."""

_NUMBER_CHARS_MAX = 32
_CACHED_FILES = 64
"""Room for the whole catalogue, some 46 files: with less, one scenario pushes out what the next one reads."""

_INT = re.compile(r"[-+]?[0-9]+", re.ASCII)
_INT_BASE = re.compile(r"0o[0-7]+|0x[0-9a-fA-F]+", re.ASCII)
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?", re.ASCII)
_NOT_FINITE = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)", re.ASCII)
_WORDS: dict[str, bool | None] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}


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
    builder = _Builder(text, source)
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
    builder = _Builder(text, source, with_lines=False)
    return builder.build()


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


class _Builder:
    """Turns one document's parser events into plain data; faults that do not end the reading are gathered."""

    def __init__(self, text: str, source: str, *, with_lines: bool = True) -> None:
        self.lines: dict[str, int] = {}
        self._text = text
        self._source = source
        self._with_lines = with_lines
        self._problems: list[str] = []
        self._events: Iterator[Any] = iter(())

    def build(self) -> Any:
        """Return the document's data, None for an empty text.

        Raises:
            BadInput: every fault found.
        """
        try:
            data = self._document()
        except YAMLError as error:
            self._problems.append(self._syntax(error))
        except (ValueError, TypeError, AttributeError, IndexError, KeyError) as error:
            # The library stumbles over a few malformed inputs instead of refusing them.
            self._problems.append(problem(Place(self._source), "", f"not valid YAML ({error})"))
        if self._problems:
            raise BadInput(self._problems)
        return data

    def _document(self) -> Any:
        self._events = YAML(typ="safe", pure=True).parse(self._text)
        data, documents = None, 0
        for event in self._events:
            if isinstance(event, DocumentStartEvent):
                documents += 1
                if documents > 1:
                    self._refuse(event, "", "found a second document; allowed: one document a file")
                    break
                data = self._node(next(self._events), "", 0)
            elif isinstance(event, StreamEndEvent):
                break
        return data

    def _node(self, event: Any, path: str, depth: int) -> Any:
        if isinstance(event, AliasEvent):
            return self._refuse(event, path, f"found the alias *{event.anchor}; allowed: the value itself")
        if event.anchor is not None:
            self._refuse(event, path, f"found the anchor &{event.anchor}; allowed: values without anchors")
        if event.tag is not None:
            self._refuse(event, path, f"found the tag {event.tag}; allowed: values without tags")
        if isinstance(event, ScalarEvent):
            if event.value or event.style or path not in self.lines:  # no value at all stands at its key
                self.lines[path] = event.start_mark.line + 1
            return self._scalar(event, path)
        self.lines.setdefault(path, event.start_mark.line + 1)
        if depth >= NESTING_MAX:
            self._refuse(event, path, f"found more than {NESTING_MAX} levels; allowed: {NESTING_MAX}")
            raise BadInput(self._problems)
        if isinstance(event, SequenceStartEvent):
            return self._sequence(path, depth)
        assert isinstance(event, MappingStartEvent)  # noqa: S101 - nothing else starts a node
        return self._mapping(path, depth)

    def _sequence(self, path: str, depth: int) -> list[Any]:
        items: list[Any] = []
        for event in self._events:
            if isinstance(event, SequenceEndEvent):
                break
            items.append(self._node(event, join(path, len(items)), depth + 1))
        return items

    def _mapping(self, path: str, depth: int) -> dict[str, Any]:
        block: dict[str, Any] = {}
        for event in self._events:
            if isinstance(event, MappingEndEvent):
                break
            if not isinstance(event, ScalarEvent) or not event.value:
                self._refuse(event, path, "found a key that is not a word; allowed: text keys")
                raise BadInput(self._problems)
            key = event.value
            inner = join(path, key)
            if key in block:
                first = self.lines[inner]
                self._refuse(event, inner, f"found the key again (first on line {first}); allowed: once")
            self.lines[inner] = event.start_mark.line + 1
            block[key] = self._node(next(self._events), inner, depth + 1)
        return block

    def _scalar(self, event: ScalarEvent, path: str) -> str | int | float | bool | None:
        text: str = event.value
        if event.style:  # quoted or a block of text
            return text
        if text in _WORDS:
            return _WORDS[text]
        if _NOT_FINITE.fullmatch(text):
            self._refuse(event, path, f"found {text}; allowed: a finite number")
            return None
        if not text[0].isdigit() and text[0] not in "+-.":
            return text
        return self._number(event, text, path)

    def _number(self, event: ScalarEvent, text: str, path: str) -> str | int | float | None:
        whole = _INT.fullmatch(text)
        if whole is None and not _FLOAT.fullmatch(text):
            return int(text, 0) if _INT_BASE.fullmatch(text) and len(text) <= _NUMBER_CHARS_MAX else text
        number = math.inf if len(text) > _NUMBER_CHARS_MAX else int(text) if whole else float(text)
        if math.isinf(number):
            allowed = f"a finite number in at most {_NUMBER_CHARS_MAX} characters"
            self._refuse(event, path, f"found the number {text[:16]}...; allowed: {allowed}")
            return None
        return number

    def _refuse(self, event: Any, path: str, text: str) -> None:
        self._problems.append(problem(self._place(event.start_mark.line), path, text))

    def _place(self, line: int) -> Place:
        return Place(self._source, line + 1 if self._with_lines else 0)

    def _syntax(self, error: YAMLError) -> str:
        if isinstance(error, ReaderError):
            line = self._text.count("\n", 0, error.position)
            text = f"found the character {error.character:#04x}; allowed: text"
            return problem(self._place(line), "", text)
        if not isinstance(error, MarkedYAMLError):
            return problem(Place(self._source), "", "not valid YAML")
        mark = error.problem_mark or error.context_mark
        if mark is None:
            return problem(Place(self._source), "", f"not valid YAML: {error.problem}")
        context = f" {error.context}" if error.context else ""
        began = f" that began on line {error.context_mark.line + 1}" if error.context_mark else ""
        text = f"column {mark.column + 1}: not valid YAML: {error.problem}{context}{began}"
        return problem(self._place(mark.line), "", text)
