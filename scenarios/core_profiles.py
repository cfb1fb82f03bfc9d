"""Core profiles: a named core brings its figures along, and, where it takes records, the layout of them.

Whoever names a profile (a file, or `--set core.profile=...`) gets its latency, timeout and batch window in place of
those below; figures stated at the same place or set beside it stay.
"""

from __future__ import annotations

from functools import cache
from typing import Annotated, Any, Literal, Self

from pydantic import Field, PlainValidator, Strict, model_validator

from sandbox.adapters.mapping import RecordLayout
from sandbox.errors import BadInput
from scenarios import values
from scenarios.blocks.kinds import Block
from scenarios.faults import Fault, refuse, validated
from scenarios.library import find, shipped, unknown_name
from scenarios.overlay import as_tree, merge
from scenarios.places import Place, Tree, found
from scenarios.quantities import collapse, quantify
from scenarios.reader import read_yaml

PROFILE = "core.profile"
"""The setting that names a profile."""


class CoreProfileDocument(Block):
    """A core as its file describes it.

    Attributes:
        profile: its name.
        title: one line.
        keys: "header" for a core that honours idempotency keys, "reference" for one that is asked by reference.
        core: figures of the block `core` of a scenario.
        record: the layout of what it takes; with "reference" only.
    """

    profile: Annotated[str, PlainValidator(values.name)]
    title: Annotated[str, PlainValidator(values.text)]
    keys: Literal["header", "reference"]
    core: dict[str, Any]
    record: Annotated[RecordLayout | None, Strict(False)] = Field(default=None)

    @model_validator(mode="after")
    def _has_a_layout_if_asked_by_reference(self) -> Self:
        if (self.keys == "reference") != (self.record is not None):
            allowed = "with keys: reference, and only then"
            refuse([Fault("record", f"found {found(self.record)}; allowed: {allowed}")])
        return self


@cache
def profile_document(name: str) -> CoreProfileDocument:
    """Return a shipped profile.

    Raises:
        BadInput: there is none of this name, or its file is not what its schema says.
    """
    tree, problems = quantify(_read(name))
    if problems:
        raise BadInput(problems)
    return validated(CoreProfileDocument, Tree(collapse(tree)[0], tree.places))


def over_profile(layer: Tree) -> Tree:
    """Lay a file's keys over the figures of the profile it names, if it names one.

    Raises:
        BadInput: there is no such profile.
    """
    block = layer.data.get("core")
    name = block.get("profile") if isinstance(block, dict) else None
    if name is None:
        return layer
    return merge(_figures(name, layer.place(PROFILE)), layer)


def under_profile(world: Tree, name: object, label: str) -> tuple[Tree, list[str]]:
    """Put a profile's figures in place of a quantified world's, for a profile set from outside.

    Returns:
        The world, and the problems found in the profile's numbers.

    Raises:
        BadInput: there is no such profile.
    """
    figures, problems = quantify(_figures(name, Place(label)))
    return merge(world, figures), problems


def _figures(name: object, place: Place) -> Tree:
    """Return what a profile says of the block `core`, and nothing else of it."""
    names = shipped("core")
    if not isinstance(name, str) or name not in names:
        text = unknown_name("core", str(name), names)
        raise BadInput([Tree({}, {PROFILE: place}).problem(PROFILE, text)])
    tree = _read(name)
    return Tree({"core": tree.data.get("core", {})}, tree.places)


def _read(name: str) -> Tree:
    target = find("core", name)
    return as_tree(read_yaml(target.path, target.source), target.path.parent)
