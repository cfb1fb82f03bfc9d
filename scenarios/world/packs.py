"""Outreach packs: the contact rules of a place, as data that a scenario's `outreach` chooses and may override."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import PlainValidator, Strict

from sandbox.errors import BadInput
from scenarios.blocks.campaign import Outreach
from scenarios.blocks.kinds import Block
from scenarios.files import values
from scenarios.files.faults import gather, validated
from scenarios.files.overlay import as_tree, merge
from scenarios.files.places import Place, Tree, found, join, unknown_key
from scenarios.files.quantities import collapse, quantify
from scenarios.files.reader import read_yaml
from scenarios.result import Provenance
from scenarios.world.library import Found, find

DEFAULT_PACK = "strict"
"""The pack of a scenario that names none."""

RULES = (
    "windows",
    "holidays",
    "messages_per_day_max",
    "messages_per_week_max",
    "opt_out",
    "reveals",
    "templates",
)
"""What a pack may say: rules and words. How customers behave is a scenario's."""

_BLOCK = "outreach"
_KEYS = ("pack", "title", "scope", "sources", _BLOCK)

_OF_A_SCENARIO: dict[str, Any] = {
    "opt_out_rate": 0,
    "letter": {"address_rate": 0, "response_rate": 0, "delay_days_median": 1, "delay_sigma": 0},
}
"""What the block must have and no pack says: with it, a pack can be checked before a scenario chooses it."""

_Text = Annotated[str, PlainValidator(values.text)]


class PackDocument(Block):
    """A pack as its file says it.

    Attributes:
        pack: its name.
        title: one line.
        scope: whom the rules bind.
        sources: where they are written.
        outreach: the rules; what the pack leaves out is that of the default one.
    """

    pack: Annotated[str, PlainValidator(values.name)]
    title: _Text
    scope: _Text = ""
    sources: Annotated[tuple[_Text, ...], Strict(False)] = ()
    outreach: Outreach


def check_pack(target: Found) -> tuple[dict[str, object], list[Provenance]]:
    """Read and validate a pack's own file; returns what it sets, by path, and where its numbers come from.

    Raises:
        BadInput: every fault, with the place it stands at.
    """
    problems: list[str] = []
    gather(problems, lambda: read_pack(target))
    own = as_tree(read_yaml(target.path, target.source), target.path.parent)
    block = own.data.get(_BLOCK)
    if not isinstance(block, dict):
        raise BadInput(problems)
    rules = {key: value for key, value in block.items() if key in RULES}  # the others are told already
    told = {key: value for key, value in own.data.items() if key in _KEYS} | {_BLOCK: rules}
    below = merge(Tree({_BLOCK: _OF_A_SCENARIO}, {}), read_pack(find("pack", DEFAULT_PACK)))
    tree, faults = quantify(merge(below, Tree(told, own.places)))
    problems += faults
    whole = Tree(collapse(tree)[0], tree.places)
    document = gather(problems, lambda: validated(PackDocument, whole))
    if problems or document is None:
        raise BadInput(problems)
    every = document.outreach.model_dump()
    _, origins = collapse(quantify(Tree({_BLOCK: rules}, {}))[0])
    return values.flat({_BLOCK: {key: every[key] for key in rules}}), origins


def read_pack(target: Found) -> Tree:
    """Return a pack as a tree with the one block `outreach`, every value at its place in the pack's file.

    Raises:
        BadInput: an unreadable file, or keys no pack has.
    """
    tree = as_tree(read_yaml(target.path, target.source), target.path.parent)
    problems = [tree.problem(key, unknown_key(key, _KEYS)) for key in tree.data if key not in _KEYS]
    block = tree.data.get(_BLOCK)
    if not isinstance(block, dict):
        problems.append(tree.problem(_BLOCK, f"found {found(block)}; allowed: a block of contact rules"))
    else:
        paths = [(key, join(_BLOCK, key)) for key in block if key not in RULES]
        problems += [tree.problem(path, unknown_key(key, RULES)) for key, path in paths]
    if problems:
        raise BadInput(problems)
    return Tree({_BLOCK: block}, _of_block(tree))


def with_pack(layer: Tree) -> Tree:
    """Return a file with the pack it names under its own `outreach` block; as it is where it names none.

    Raises:
        BadInput: the pack is unknown or cannot be read.
    """
    block = layer.data.get(_BLOCK)
    if not isinstance(block, dict) or "pack" not in block:
        return layer
    named, path = block["pack"], join(_BLOCK, "pack")
    if not isinstance(named, str):
        raise BadInput([layer.problem(path, f"found {found(named)}; allowed: the name or path of a pack")])
    try:
        target = find("pack", named, layer.place(path).folder)
    except BadInput as unknown:
        raise BadInput([layer.problem(path, text) for text in unknown.problems]) from None
    return _under(layer, target)


def rules_of_pack(layer: Tree) -> list[str]:
    """Return which keys of `outreach` the pack that a file names gives; none where it names none."""
    named = layer.data.get(_BLOCK)
    if not isinstance(named, dict) or "pack" not in named:
        return []
    target = find("pack", str(named["pack"]), layer.place(join(_BLOCK, "pack")).folder)
    return list(read_pack(target).data[_BLOCK])


def with_default_pack(layer: Tree) -> Tree:
    """Return a tree with the default pack under its `outreach` block, for what nothing above it says."""
    return _under(layer, find("pack", DEFAULT_PACK))


def set_pack(tree: Tree, name_or_path: object, label: str) -> Tree:
    """Return a tree with a pack over its `outreach` block: what `--set outreach.pack=NAME` means.

    Raises:
        BadInput: the pack is unknown or cannot be read; `label` names the setting.
    """
    if not isinstance(name_or_path, str):
        text = f"{label}: found {found(name_or_path)}; allowed: the name or path of a pack"
        raise BadInput([text])
    try:
        target = find("pack", name_or_path)
    except BadInput as unknown:
        raise BadInput([f"{label}: {text}" for text in unknown.problems]) from None
    return merge(tree, read_pack(target))


def _under(layer: Tree, target: Found) -> Tree:
    block = layer.data.get(_BLOCK, {})
    if not isinstance(block, dict):
        return layer  # validation says what is wrong with it
    merged = merge(read_pack(target), Tree({_BLOCK: block}, _of_block(layer)))
    return Tree({**layer.data, _BLOCK: merged.data[_BLOCK]}, {**layer.places, **merged.places})


def _of_block(tree: Tree) -> dict[str, Place]:
    return {
        path: place for path, place in tree.places.items() if path == _BLOCK or path.startswith(f"{_BLOCK}.")
    }
