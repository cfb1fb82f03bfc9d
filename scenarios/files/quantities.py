"""Numbers with their origin: `{value, source, range, note, owner}` read, checked and reduced to the value.

A bare number is an assumption without a range: nothing is presented as better founded than it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from scenarios.files.places import Place, Tree, found, join, unknown_key
from scenarios.result import Provenance

SOURCES = ("measured", "published", "analogue", "fitted-to-case", "assumption")
"""Where a number may come from; analogue is measured elsewhere."""

SET_BY_USER = "set by user"
"""Source of a number changed by a setting; never written in a file."""

_KEYS = ("value", "source", "range", "note", "owner")
_NOT_OF_THE_WORLD = ("seed", "replications", "sequences", "expect", "version")
"""Numbers that steer the calculation, are to be tried, state an expectation or count a document's editions."""


@dataclass(frozen=True, slots=True)
class Quantity:
    """A value with its origin.

    Attributes:
        value: a number, or a list or block of numbers.
        source: one of SOURCES, or SET_BY_USER.
        range: plausible low and high, or None.
        note: what else to know.
        owner: the role that answers for it.
    """

    value: Any
    source: str
    range: tuple[float, float] | None = None
    note: str = ""
    owner: str = ""


def is_quantity(node: object) -> bool:
    """Say whether plain data is a quantity: a block with a `value` key."""
    return isinstance(node, dict) and "value" in node


def is_number(node: object) -> bool:
    """Say whether plain data is a number; true and false are not."""
    return isinstance(node, int | float) and not isinstance(node, bool)


def quantify(tree: Tree) -> tuple[Tree, list[str]]:
    """Replace every block with a `value` key by a Quantity; the place of a quantity is that of its value.

    Returns:
        The new tree, and the problems found: unknown keys, an unknown source, a range that is none or leaves
        the value out. They are returned, not raised, so that they can be told together with what follows.
    """
    places = dict(tree.places)
    problems: list[str] = []

    def walk(node: Any, path: str) -> Any:
        if isinstance(node, dict):
            if is_quantity(node):
                problems.extend(_faults(Tree(node, tree.places), path))
                _move(places, node["value"], join(path, "value"), path)
                return _quantity(node)
            return {key: walk(value, join(path, key)) for key, value in node.items()}
        if isinstance(node, list):
            return [walk(item, join(path, index)) for index, item in enumerate(node)]
        return node

    return Tree(walk(tree.data, ""), places), problems


def collapse(tree: Tree, prefix: str = "") -> tuple[dict[str, Any], list[Provenance]]:
    """Reduce a quantified tree to plain values, and tell where every number comes from.

    Args:
        tree: as `quantify` returns it.
        prefix: put before every path of the provenance, such as "designs.portal".
    """
    origins: list[Provenance] = []

    def walk(node: Any, path: str) -> Any:
        if isinstance(node, Quantity):
            origins.append(Provenance(path, node.value, node.source, node.range, node.note))
            return node.value
        if isinstance(node, dict):
            return {key: walk(value, join(path, key)) for key, value in node.items()}
        if is_number(node) or (isinstance(node, list) and node and all(map(is_number, node))):
            origins.append(Provenance(path, node, "assumption", None, ""))
            return node
        if isinstance(node, list):
            return [walk(item, join(path, index)) for index, item in enumerate(node)]
        return node

    data = {key: walk(value, join(prefix, key)) for key, value in tree.data.items()}
    skipped = {join(prefix, key) for key in _NOT_OF_THE_WORLD}
    return data, [origin for origin in origins if not _below(origin.path, skipped)]


def _below(path: str, skipped: set[str]) -> bool:
    return path in skipped or any(path.startswith(f"{key}.") for key in skipped)


def _quantity(node: dict[str, Any]) -> Quantity:
    low_high = node.get("range")
    bounds = (low_high[0], low_high[1]) if low_high is not None and _is_range(low_high) else None
    note, owner = (str(node.get(key) or "") for key in ("note", "owner"))
    return Quantity(node["value"], str(node.get("source", "assumption")), bounds, note, owner)


def _is_range(node: Any) -> bool:
    return isinstance(node, list) and len(node) == 2 and all(map(is_number, node)) and node[0] <= node[1]


def _faults(quantity: Tree, path: str) -> list[str]:
    node = quantity.data
    faults = [(key, unknown_key(key, _KEYS)) for key in node if key not in _KEYS]
    source = node.get("source", "assumption")
    if source not in SOURCES:
        faults.append(("source", f"found {found(source)}; allowed: {', '.join(SOURCES)}"))
    wordless = [key for key in ("note", "owner") if not isinstance(node.get(key, ""), str)]
    faults += [(key, f"found {found(node[key])}; allowed: text") for key in wordless]
    if "range" in node and not _is_range(node["range"]):
        faults.append(("range", f"found {found(node['range'])}; allowed: [low, high] with low <= high"))
    elif "range" in node and is_number(node["value"]):
        low, high = node["range"]
        if not low <= node["value"] <= high:
            faults.append(("value", f"found {node['value']}; allowed: {low} to {high}, its own range"))
    return [quantity.problem(join(path, key), text) for key, text in faults]


def _move(places: dict[str, Place], node: Any, start: str, end: str) -> None:
    """Copy the places of a node and all below it from one path to another."""
    if start in places:
        places[end] = places[start]
    children = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, child in children:
        _move(places, child, join(start, key), join(end, key))
