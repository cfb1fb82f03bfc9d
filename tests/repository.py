"""The repository as data: its files, modules and imports, for the tests that guard it."""

from __future__ import annotations

import ast
import os
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
SHARED = Path(os.environ.get("RESOLUTION_SHARED", ROOT.parent / "shared"))
"""Where real data lie beside a checkout; what needs them is skipped where they are absent."""

PACKAGES = ("fake_channels", "fake_core", "sandbox", "scenarios", "tui")
TEXT_SUFFIXES = frozenset({"", ".ambr", ".md", ".py", ".svg", ".tcss", ".toml", ".txt", ".typed", ".yaml"})
"""What a person reads or a tool compares; a file without a suffix is LICENSE or the gate's script."""


@cache
def project() -> dict[str, Any]:
    """Return pyproject.toml as plain data."""
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def name_of(path: Path) -> str:
    """Return a file's name as messages show it: relative to the root, with forward slashes."""
    return path.relative_to(ROOT).as_posix()


@cache
def files(*folders: str) -> tuple[Path, ...]:
    """Return the files under `folders` in a fixed order, without caches and hidden ones."""
    found = (path for folder in folders for path in (ROOT / folder).rglob("*") if path.is_file())
    return tuple(sorted(path for path in found if not _is_left_by_a_tool(path)))


def _is_left_by_a_tool(path: Path) -> bool:
    parts = path.relative_to(ROOT).parts
    return any(part == "__pycache__" or part.startswith(".") for part in parts)


@cache
def text_files() -> tuple[Path, ...]:
    """Return every text file that is part of the project, the top-level ones and the gate's script included."""
    top = (path for path in ROOT.iterdir() if path.is_file() and not path.name.startswith("."))
    everything = {*top, *files(*PACKAGES, "tests"), *(ROOT / ".ci").iterdir()}
    return tuple(sorted(path for path in everything if path.suffix in TEXT_SUFFIXES))


def python_files(*folders: str) -> tuple[Path, ...]:
    """Return the Python files under `folders`."""
    return tuple(path for path in files(*folders) if path.suffix == ".py")


def syntax(path: Path) -> ast.Module:
    """Return a Python file's syntax tree.

    None is kept: eight hundred thousand nodes would make every later look of the cycle collector, in whatever test,
    slower than parsing again.
    """
    return ast.parse(path.read_text(encoding="utf-8"), filename=name_of(path))


def module_name(path: Path) -> str:
    """Return the dotted name a file is imported under; a package's `__init__` is the package."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@cache
def names_imported(path: Path) -> frozenset[str]:
    """Return every dotted name a file could import: each `from a import b` counts as `a` and as `a.b`.

    Imports inside functions count, and so does a constant handed to `import_module`.
    """
    return frozenset(_imported(syntax(path)))


def _imported(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=names):
                yield from (alias.name for alias in names)
            case ast.ImportFrom(module=str(module), names=names, level=0):
                yield module
                yield from (f"{module}.{alias.name}" for alias in names)
            case ast.Call(
                func=ast.Attribute(attr="import_module") | ast.Name(id="import_module"),
                args=[ast.Constant(value=str(module)), *_],
            ):
                yield module


def local_names(tree: ast.Module) -> dict[str, str]:
    """Map each name a file binds by importing to the dotted name it stands for."""
    bound: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                top = alias.name.partition(".")[0]
                bound[alias.asname or top] = alias.name if alias.asname else top
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            bound |= {alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names}
    return bound


def dotted(node: ast.expr, bound: dict[str, str]) -> str | None:
    """Return the full dotted name of `a.b.c`, its first part looked up among the imports; None for other code."""
    if isinstance(node, ast.Name):
        return bound.get(node.id)
    if isinstance(node, ast.Attribute):
        before = dotted(node.value, bound)
        return None if before is None else f"{before}.{node.attr}"
    return None
