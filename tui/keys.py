"""Every key that is bound, read off the classes that bind it: for the palette, the help and the tests."""

from __future__ import annotations

from textual.binding import Binding
from textual.dom import DOMNode


def keys_of(kind: type[DOMNode]) -> list[Binding]:
    """Return our own bindings of a class and its bases, the base's first, as the footer shows them.

    Textual's own bindings (scrolling, focus) have no id of ours and are left out.
    """
    found: dict[str, Binding] = {}
    for owner in reversed(kind.__mro__):
        for binding in owner.__dict__.get("BINDINGS", ()):
            if isinstance(binding, Binding) and binding.id:
                found[binding.id] = binding
    return list(found.values())
