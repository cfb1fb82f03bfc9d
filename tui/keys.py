"""Every key that is bound, read off the classes that bind it: for the palette, the help and the tests."""

from __future__ import annotations

from collections.abc import Iterable

from textual.binding import Binding
from textual.dom import DOMNode

from sandbox.errors import BadInput
from scenarios.files.places import did_you_mean

KEYS_VARIABLE = "SANDBOX_KEYS"
"""Where a user says which keys they want: pairs of a binding's id and a key."""


def keys_of(kind: type[DOMNode]) -> list[Binding]:
    """Return our own bindings of a class and its bases, the base's first, as the footer shows them.

    Textual's own bindings (scrolling, focus) have no id of ours and are left out, and so are ours that only say why
    another one is out of use (`system`).
    """
    found: dict[str, Binding] = {}
    for owner in reversed(kind.__mro__):
        for binding in owner.__dict__.get("BINDINGS", ()):
            if isinstance(binding, Binding) and binding.id and not binding.system:
                found[binding.id] = binding
    return list(found.values())


def keymap_of(text: str, known: Iterable[str]) -> dict[str, str]:
    """Read which keys are bound otherwise: "compare.run=f5, app.quit=ctrl+q".

    Args:
        text: pairs of a binding's id and the keys it is to have, parted by commas; empty changes nothing.
        known: the ids there are.

    Raises:
        BadInput: an id that does not exist, or a pair without a key; all of them are told.
    """
    ids = sorted(known)
    found: dict[str, str] = {}
    problems: list[str] = []
    for pair in filter(None, (part.strip() for part in text.split(","))):
        name, _, key = (part.strip() for part in pair.partition("="))
        if name not in ids:
            problems.append(f"{KEYS_VARIABLE}: {name}: there is no such key to bind{did_you_mean(name, ids)}")
        elif not key:
            problems.append(f"{KEYS_VARIABLE}: {name}: found no key; allowed: a key such as f5 or ctrl+r")
        else:
            found[name] = key
    if problems:
        raise BadInput(problems)
    return found
