"""No module, and no room of `scenarios`, needs what needs it: whoever opens one can read downwards and stop."""

from __future__ import annotations

from collections.abc import Mapping, Set
from graphlib import CycleError, TopologicalSorter

import pytest

from tests.repository import PACKAGES, module_name, names_imported, python_files

Graph = Mapping[str, Set[str]]


def modules() -> dict[str, frozenset[str]]:
    """Every module with the modules it imports: at the top, inside functions and for types alone."""
    paths = {module_name(path): path for path in python_files(*PACKAGES)}
    return {name: names_imported(path) & paths.keys() - {name} for name, path in paths.items()}


def room(module: str) -> str:
    """The folder of `scenarios` a module lies in; the module itself where it lies in none, or elsewhere."""
    parts = module.split(".")
    return ".".join(parts[:2]) if parts[0] == "scenarios" else module


def rooms(needs: Graph) -> dict[str, set[str]]:
    """The same between rooms."""
    between: dict[str, set[str]] = {}
    for module, needed in needs.items():
        if module.startswith("scenarios."):
            others = {room(one) for one in needed if one.startswith("scenarios.")} - {room(module)}
            between.setdefault(room(module), set()).update(others)
    return between


def circle(needs: Graph) -> list[str]:
    """One circle, each needed by the one before it; nothing where there is none."""
    try:
        TopologicalSorter(needs).prepare()
    except CycleError as error:
        found: list[str] = list(reversed(error.args[1]))
        return found
    return []


def test_modules_stand_in_no_circle() -> None:
    """What a module needs never needs it, not even for a type: what two share stands in a third, below both."""
    assert not circle(modules())


def test_rooms_stand_in_no_circle() -> None:
    """The same of the rooms of `scenarios`: files, then the world they describe, then what is asked of it."""
    assert not circle(rooms(modules()))


@pytest.mark.parametrize("needs", [{"a": {"b"}, "b": {"a"}}, {"a": {"b"}, "b": {"c"}, "c": {"a"}}])
def test_a_circle_is_found(needs: Graph) -> None:
    """The search above sees a circle of two and of three."""
    assert set(circle(needs)) == set(needs)
