"""Shipped changes of a design or a world, as data: read in one place, with the origin of every number."""

from __future__ import annotations

from importlib import resources
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel

from sandbox.errors import BadInput
from scenarios.files.faults import validated
from scenarios.files.overlay import as_tree
from scenarios.files.places import Tree
from scenarios.files.quantities import collapse, quantify
from scenarios.files.reader import read_yaml
from scenarios.result import Provenance

_Model = TypeVar("_Model", bound=BaseModel)


def read_changes(name: str, model: type[_Model]) -> tuple[_Model, list[Provenance]]:
    """Read one shipped file of changes.

    Args:
        name: its name in the catalogue, without folder and suffix.
        model: what it must look like.

    Returns:
        The document with plain values, and where its numbers come from.

    Raises:
        BadInput: every fault, with the place it stands at.
    """
    folder = Path(str(resources.files("scenarios"))) / "catalogue" / "changes"
    path = folder / f"{name}.yaml"
    tree, problems = quantify(as_tree(read_yaml(path, f"catalogue/changes/{path.name}"), folder))
    if problems:
        raise BadInput(problems)
    data, origins = collapse(tree)
    return validated(model, Tree(data, tree.places)), origins
