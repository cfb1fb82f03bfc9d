"""The SQL that is shipped as text, made from the statements and tables it belongs to.

    python tests/shipped_sql.py

writes the texts anew, formatted; do so after a change to tables or statements (tests/test_shipped_sql.py holds them
equal).
"""

from __future__ import annotations

import importlib
import json
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]

MADE_FROM = {"fake_core.sql": "fake_core.statements", "scenarios.saved.sql": "scenarios.saved.statements"}
"""Modules of texts, and the modules whose statements they hold."""

_PIECE_CHARS = 88
"""Longest piece of a text on one line of a file: with quotes and indent it stays within a line."""


def texts(module: str) -> dict[str, str | tuple[str, ...]]:
    """Return the public texts of a module, by name, in its order."""
    named = {name: value for name, value in vars(importlib.import_module(module)).items() if name.isupper()}
    return {name: value for name, value in named.items() if name[0] != "_" and isinstance(value, str | tuple)}


def module_text(statements: str) -> str:
    """Return the module of texts that a module of statements comes to."""
    beside = statements.rpartition(".")[2]
    head = (
        f'"""The text of every statement in `{beside}`, made by tests/shipped_sql.py; not written by hand."""'
    )
    lines = [_assignment(name, value) for name, value in texts(statements).items()]
    return "\n".join([head, "", "from __future__ import annotations", "", *lines, ""])


def path_of(module: str) -> Path:
    """Return where a module of texts stands."""
    return ROOT.joinpath(*module.split(".")).with_suffix(".py")


def formatted(module: str) -> str:
    """Return the module of texts as it should stand in its file.

    Formatted here and not by whoever runs this: `ruff check --fix`, run first, would join the pieces of a text.
    """
    command = [sys.executable, "-m", "ruff", "format", "--stdin-filename", str(path_of(module)), "-"]
    raw = module_text(MADE_FROM[module])
    return subprocess.run(
        command, cwd=ROOT, input=raw, capture_output=True, encoding="utf-8", timeout=60, check=True
    ).stdout


def _assignment(name: str, value: str | tuple[str, ...]) -> str:
    if isinstance(value, str):
        return f"{name} = {_literal(value)}"
    return f"{name} = ({' '.join(f'{_literal(text)},' for text in value)})"


def _literal(text: str) -> str:
    """Write a text in Python: cut behind blanks and line breaks into pieces that fit a line."""
    pieces = [""]
    for word in re.findall(r"[^ \n]*[ \n]*", text):
        if len(pieces[-1]) + len(word) > _PIECE_CHARS:
            pieces.append("")
        pieces[-1] += word
    return f"({' '.join(map(json.dumps, pieces))})"


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    for made in MADE_FROM:
        path_of(made).write_text(formatted(made), encoding="utf-8")
