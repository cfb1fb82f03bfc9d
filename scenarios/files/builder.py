"""Builds plain data with line numbers from YAML 1.2; the only place that knows the YAML library's parser.

A tree is built straight from parser events: a third less time than the library's own round-trip loader, and
whatever makes YAML dangerous (aliases, tags, deep nesting) is refused before it is built.
"""

from __future__ import annotations

from collections.abc import Iterator
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
from scenarios.files.places import Place, join, problem
from scenarios.files.scalars import Unfit, plain

NESTING_MAX = 20
"""The shipped scenarios nest 5 deep; the bound keeps the recursive builder far from Python's own."""


class Builder:
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
        try:
            return plain(text)
        except Unfit as unfit:
            self._refuse(event, path, str(unfit))
            return None

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
