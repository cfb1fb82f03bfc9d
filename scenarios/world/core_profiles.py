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
from scenarios.blocks.core import Core, CoreFaults
from scenarios.blocks.kinds import Block
from scenarios.files import values
from scenarios.files.faults import Fault, gather, refuse, validated
from scenarios.files.overlay import as_tree, merge
from scenarios.files.places import Place, Tree
from scenarios.files.quantities import collapse, quantify
from scenarios.files.reader import read_yaml
from scenarios.result import Provenance
from scenarios.world.library import Found, find, shipped, unknown_name

PROFILE = "core.profile"
"""The setting that names a profile."""

_USUAL = "modern-api"
_CALM = {"core": {"faults": {name: int(name == "slow_factor") for name in CoreFaults.model_fields}}}
"""What the block must have and a profile may leave to the scenario: with it, a profile can be checked alone."""


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
            there = "nothing" if self.record is None else "a block"
            refuse([Fault("record", f"found {there}; allowed: with keys: reference, and only then")])
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


def check_profile(target: Found) -> tuple[dict[str, object], list[Provenance]]:
    """Read and validate a profile's own file; returns its figures, by path, and where they come from.

    Raises:
        BadInput: every fault, with the place it stands at.
    """
    tree, problems = quantify(as_tree(read_yaml(target.path, target.source), target.path.parent))
    data, origins = collapse(tree)
    gather(problems, lambda: validated(CoreProfileDocument, Tree(data, tree.places)))
    own = data.get("core")
    if not isinstance(own, dict):
        raise BadInput(problems)
    usual = Tree(collapse(quantify(_figures(_USUAL, Place(_USUAL)))[0])[0], {})
    laid = merge(merge(Tree(_CALM, {}), usual), Tree({"core": own}, tree.places))
    core = gather(problems, lambda: validated(Core, laid.under("core"), "core"))
    if problems or core is None:
        raise BadInput(problems)
    every = core.model_dump()
    return values.flat({"core": {key: every[key] for key in own}}), origins


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
