"""One tree laid over another, and a read file as a tree: what layers of scenarios and packs are made with."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from scenarios.files.places import Place, Tree, join
from scenarios.files.quantities import is_quantity
from scenarios.files.reader import Document


def as_tree(document: Document, folder: Path) -> Tree:
    """Give everything in a document its place; relative paths in it start from `folder`."""
    places = {path: Place(document.source, line, folder) for path, line in document.lines.items()}
    return Tree(document.data, places)


def merge(base: Tree, over: Tree) -> Tree:
    """Lay one tree over another: blocks merge key by key, everything else (quantities too) replaces."""
    replaced: list[str] = []

    def lay(below: Any, above: Any, path: str) -> Any:
        if not _is_block(below) or not _is_block(above):
            replaced.append(f"{path}.")
            return above
        merged = dict(below)
        for key, value in above.items():
            merged[key] = lay(below[key], value, join(path, key)) if key in below else value
        return merged

    data = lay(base.data, over.data, "")
    gone = tuple(replaced)
    kept = {path: place for path, place in base.places.items() if not path.startswith(gone)}
    return Tree(data, {**kept, **over.places})


def _is_block(node: object) -> bool:
    return isinstance(node, dict) and not is_quantity(node)
