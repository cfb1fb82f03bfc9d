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


def headed(text: str, width: int) -> list[str]:
    """Return a section's heading, "NAME   what it holds"; what does not fit goes below the name."""
    if cell_len(text) <= width:
        return [text]
    name, _, rest = text.partition("   ")
    return [name, *wrapped(rest, width)]


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


def laid(
    rows: Sequence[Sequence[str]],
    sides: str,
    width: int,
    breaking: Sequence[int] = (),
    *,
    titled: bool = True,
) -> list[str]:
    """Pad rows to columns as `aligned`, and where they are too wide break their cells instead of the window's edge.

    First the words of the headings go below each other, then the cells of the columns that may break.

    Args:
        rows: cells, the same number in each row.
        sides: one letter per column, "<" or ">".
        width: columns available; a table whose other columns are wider exceeds it.
        breaking: places of the columns that may break, the first to give way first.
        titled: whether the first row holds headings.
    """
    lines = aligned(rows, sides)
    if fits(lines, width):
        return lines
    heads = rows[0] if titled else [""] * len(sides)
    limits = [
        max([*map(cell_len, cells), *map(cell_len, head.split())])
        for head, cells in zip(heads, zip(*rows[titled:], strict=True), strict=True)
    ]
    for place in breaking:
        over = len(INDENT) + sum(limits) + len(GAP) * (len(limits) - 1) - width
        longest = max(cell_len(word) for row in rows for word in [*_words(row[place]), ""])
        limits[place] = max(min(limits[place], longest), limits[place] - max(0, over))
    broken = []
    for row in rows:
        cells = [_broken(cell, limit) for cell, limit in zip(row, limits, strict=True)]
        deep = max(map(len, cells))
        broken += [[cell[at] if at < len(cell) else "" for cell in cells] for at in range(deep)]
    return aligned(broken, sides)


def _words(cell: str) -> list[str]:
    """What of a cell stays on one line."""
    return [piece for word in cell.split() for piece in word.replace("-", "- ").split()]


def _broken(cell: str, limit: int) -> list[str]:
    return [cell] if cell_len(cell) <= limit else textwrap.wrap(cell, limit)


def column(cells: Sequence[tuple[str, str]]) -> list[str]:
    """Join (figure, remark) pairs into one column whose remarks stand under each other."""
    width = max((cell_len(figure) for figure, _ in cells), default=0)
    return [f"{_pad(figure, width, '<')} {remark}".rstrip() for figure, remark in cells]


def ragged(cells: Sequence[tuple[str, str]]) -> list[str]:
    """Join (figure, remark) pairs, each remark right behind its figure, where there is no room for a column."""
    return [f"{figure} {remark}".rstrip() for figure, remark in cells]


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
