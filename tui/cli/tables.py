"""Columns of plain text: alignment, footnotes, and tables that break into blocks when designs do not fit."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterable, Sequence

from rich.cells import cell_len, set_cell_size

INDENT = "  "
GAP = "  "


class Footnotes:
    """Collects remarks and hands out their marks; the same remark gets the same mark."""

    def __init__(self) -> None:
        """Start without remarks."""
        self._marks: dict[str, int] = {}

    def mark(self, text: str) -> str:
        """Return " (n)" for a remark, or nothing for an empty one."""
        if not text:
            return ""
        return f" ({self._marks.setdefault(text, len(self._marks) + 1)})"

    def lines(self, width: int) -> list[str]:
        """Return the remarks, numbered and wrapped."""
        return [
            line
            for text, n in self._marks.items()
            for line in wrapped(f"({n}) {text}", width, hanging="    ")
        ]


def wrapped(text: str, width: int, hanging: str = "") -> list[str]:
    """Wrap one paragraph to `width` columns, indented like everything below a section name."""
    return textwrap.wrap(
        " ".join(text.split()), width, initial_indent=INDENT, subsequent_indent=INDENT + hanging
    )


def headed(name: str, told: str, width: int) -> list[str]:
    """Write a section's name with what it is about behind it, or below it where that is too wide."""
    line = f"{name}   {told}"
    return [line] if cell_len(line) <= width else [name, *wrapped(told, width)]


def clipped(text: str, width: int) -> str:
    """Return text in at most `width` columns, with an ellipsis where some of it is gone."""
    return text if cell_len(text) <= width else f"{set_cell_size(text, max(0, width - 1)).rstrip()}…"


def aligned(rows: Sequence[Sequence[str]], sides: str) -> list[str]:
    """Pad the cells of `rows` to columns.

    Args:
        rows: cells, the same number in each row.
        sides: one letter per column, "<" or ">".

    Returns:
        One line per row, indented, without blanks at its end.
    """
    widths = [max(map(cell_len, column)) for column in zip(*rows, strict=True)]
    lines = []
    for row in rows:
        cells = [_pad(cell, width, side) for cell, width, side in zip(row, widths, sides, strict=True)]
        lines.append((INDENT + GAP.join(cells)).rstrip())
    return lines


def column(cells: Sequence[tuple[str, str]]) -> list[str]:
    """Join (figure, remark) pairs into one column whose remarks stand under each other."""
    width = max((cell_len(figure) for figure, _ in cells), default=0)
    return [f"{_pad(figure, width, '<')} {remark}".rstrip() for figure, remark in cells]


def in_blocks(names: Sequence[str], width: int, build: Callable[[Sequence[str]], list[str]]) -> list[str]:
    """Build one table for all designs, or several with fewer designs each when it would be too wide.

    Args:
        names: the designs.
        width: columns available; a single design may exceed it.
        build: makes the lines of a table for some of the designs.
    """
    for size in range(len(names), 0, -1):
        blocks = [build(names[start : start + size]) for start in range(0, len(names), size)]
        if size == 1 or all(fits(block, width) for block in blocks):
            return [line for block in blocks for line in block]
    return []


def fits(lines: Iterable[str], width: int) -> bool:
    """Say whether no line is wider than `width` columns."""
    return all(cell_len(line) <= width for line in lines)


def _pad(text: str, width: int, side: str) -> str:
    blanks = " " * (width - cell_len(text))
    return blanks + text if side == ">" else text + blanks
