"""`extends`: a file's keys laid over those of the scenario it starts from, each keeping its place."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from sandbox.errors import BadInput
from scenarios.files import input_files
from scenarios.files.overlay import as_tree, merge
from scenarios.files.places import Tree, found
from scenarios.files.reader import read_yaml
from scenarios.world.library import Found, find
from scenarios.world.packs import with_default_pack, with_pack

EXTENDS_DEPTH_MAX = 5
"""Longest chain of files; beyond it nobody can say what a value is."""


def read_layers(start: Found, seen: Callable[[Tree], Tree] = lambda layer: layer) -> Tree:
    """Read a file and everything it extends, merged; the keys `extends` are gone and `scenario` is filled.

    A file that names no `scenario` is named after itself, never after the one it extends. A file's outreach pack lies
    over the files it extends and under what the file itself says; the default pack lies under all of them.

    Args:
        start: the file.
        seen: what becomes of each file on its own, before it is laid over those below.

    Raises:
        BadInput: a file cannot be read, extends an unknown one, itself, or a chain longer than five.
    """
    layers: list[Tree] = []
    chain: list[Path] = []
    here: Found | None = start
    while here is not None:
        layer = with_pack(as_tree(read_yaml(here.path, here.source), here.path.parent))
        chain.append(here.path.resolve())
        layers.append(seen(layer))
        here = _extended(layer, chain)
    name = layers[0].data.get("scenario", start.path.stem)
    merged = with_default_pack(layers.pop())
    while layers:
        merged = merge(merged, layers.pop())
    data = {key: value for key, value in merged.data.items() if key != "extends"}
    return Tree({**data, "scenario": name}, merged.places)


def _extended(layer: Tree, chain: list[Path]) -> Found | None:
    name = layer.data.get("extends")
    if "extends" not in layer.data:
        return None
    if not isinstance(name, str):
        text = f"found {found(name)}; allowed: the name or path of a scenario"
        raise BadInput([layer.problem("extends", text)])
    try:
        target = find("scenario", name, layer.place("extends").folder)
    except BadInput as unknown:
        raise BadInput([layer.problem("extends", text) for text in unknown.problems]) from None
    if target.path.resolve() in chain:
        ring = " -> ".join(path.name for path in [*chain, target.path])
        raise BadInput([layer.problem("extends", f"found a circle: {ring}; allowed: a chain that ends")])
    if len(chain) > EXTENDS_DEPTH_MAX:
        text = f"found a chain of more than {EXTENDS_DEPTH_MAX} files; allowed: at most {EXTENDS_DEPTH_MAX}"
        raise BadInput([layer.problem("extends", text)])
    if input_files.stand_in(target.path) is None and not target.path.exists():
        raise BadInput([layer.problem("extends", f"found {name!r}, but there is no file {target.source}")])
    return target
