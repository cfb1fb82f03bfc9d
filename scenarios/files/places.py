"""Where a value stands, and how a fault in it is told: `my.yaml:42: campaign.messages: found 0; ...`."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

_SHOWN_CHARS = 60
"""Longest piece of a wrong value an error message repeats."""


class Place(NamedTuple):
    """One spot in a file or one option of a command.

    Attributes:
        source: file as the user named it, or the option, such as "--set campaign.messages=abc".
        line: line counted from 1; 0 where there are no lines.
        folder: folder that relative paths written here start from; None is the current one.
    """

    source: str
    line: int = 0
    folder: Path | None = None

    def __str__(self) -> str:
        return f"{self.source}:{self.line}" if self.line else self.source


@dataclass(frozen=True, slots=True)
class Tree:
    """Plain data and the place of everything in it; neither is ever changed, edits build a new tree.

    Attributes:
        data: dicts, lists and scalars.
        places: dotted path (list entries by index) to the place of that value; "" is the whole.
    """

    data: dict[str, Any]
    places: Mapping[str, Place]

    def place(self, path: str) -> Place:
        """Return the place of a path, or of the nearest block around it that has one."""
        while path and path not in self.places:
            path = path.rpartition(".")[0]
        return self.places.get(path, Place("input"))

    def under(self, path: str) -> Tree:
        """Return the block at a path as a tree of its own."""
        data: Any = self.data
        for key in path.split("."):
            data = data[int(key)] if isinstance(data, list) else data[key]
        start = f"{path}."
        inner = {
            key.removeprefix(start): place for key, place in self.places.items() if key.startswith(start)
        }
        return Tree(data, {"": self.place(path), **inner})

    def problem(self, path: str, text: str) -> str:
        """Tell a fault at a path."""
        return problem(self.place(path), path, text)


def join(path: str, key: object) -> str:
    """Append a key or a list index to a dotted path."""
    return f"{path}.{key}" if path else str(key)


def problem(place: Place, path: str, text: str) -> str:
    """Tell a fault: place, path, then what was found and what is allowed."""
    return f"{place}: {path}: {text}" if path else f"{place}: {text}"


def found(value: object) -> str:
    """Name a wrong value the way its author wrote it, shortened to one line."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        return "a block"
    if isinstance(value, list | tuple):
        return f"a list of {len(value)}"
    text = repr(value)
    return text if len(text) <= _SHOWN_CHARS else f"{text[:_SHOWN_CHARS]}..."


def did_you_mean(word: str, known: Iterable[str], like: float = 0.6) -> str:
    """Return "; did you mean 'x'?" for the closest known word, or an empty text.

    Args:
        word: what was found.
        known: what is allowed.
        like: how like it a known word has to be, from 0 to 1 (the same).
    """
    close = difflib.get_close_matches(word, list(known), n=1, cutoff=like)
    return f"; did you mean {close[0]!r}?" if close else ""


def instead_of(word: str, known: Iterable[str], allowed: str = "") -> str:
    """Return "; did you mean 'x'? allowed: ..." for an unknown word; all known words are allowed unless given."""
    names = list(known)
    guess = did_you_mean(word, names) or ";"
    return f"{guess} allowed: {allowed or ', '.join(names)}"


def unknown_key(key: str, known: Iterable[str]) -> str:
    """Tell that a key is unknown, with the closest known one and all that are allowed."""
    return f"unknown key{instead_of(key, known)}"
