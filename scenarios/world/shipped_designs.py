"""The designs that come with the product, as a list shows them."""

from __future__ import annotations

from dataclasses import dataclass

from sandbox.journey.design import compile_design
from sandbox.journey.shape import closed_workflow, normal_path
from scenarios.world.library import find, shipped
from scenarios.world.parts import check_design


@dataclass(frozen=True, slots=True)
class DesignEntry:
    """One shipped design.

    Attributes:
        name, title: as the file says.
        path: ids of the steps of a visit in which everything goes well, the message first.
        others: ids of the steps for everybody else.
        not_closed: why its workflow does not close by the closed-workflow test; empty when it does.
    """

    name: str
    title: str
    path: tuple[str, ...]
    others: tuple[str, ...]
    not_closed: tuple[str, ...]


def list_designs() -> list[DesignEntry]:
    """Return the shipped designs, sorted by name.

    Raises:
        BadInput: a shipped file cannot be read.
    """
    return [_entry(name) for name in shipped("design")]


def _entry(name: str) -> DesignEntry:
    document, _ = check_design(find("design", name))
    design = compile_design(document)
    path = tuple(step.id for step in normal_path(design))
    others = tuple(step for step in design.steps if step not in path)
    return DesignEntry(name, design.title, path, others, closed_workflow(design).faults)
