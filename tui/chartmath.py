"""Chart arithmetic: numbers in, plain text out. No widget, no colour, no state.

Bars are drawn with eighth blocks, which every monospaced font carries at full width; braille is not used
because many fonts draw it at another width.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TypeVar

from rich.cells import cell_len, set_cell_size

Item = TypeVar("Item")

OVER_LIMIT = "▓"
"""Fills a column that breaks its limit: another shape, so the meaning survives without colour."""

_RISING = " ▁▂▃▄▅▆▇█"
_GROWING = " ▏▎▍▌▋▊▉█"
_EIGHTHS = 8


def fit(text: str, width: int) -> str:
    """Return `text` in exactly `width` terminal cells: padded on the right, or cut with an ellipsis."""
    if width <= 0:
        return ""
    if cell_len(text) <= width:
        return set_cell_size(text, width)
    return set_cell_size(set_cell_size(text, width - 1).rstrip() + "…", width)


def fit_right(text: str, width: int) -> str:
    """Return `text` flush right in exactly `width` terminal cells; cut with an ellipsis when too long."""
    spare = width - cell_len(text)
    return " " * spare + text if spare >= 0 else fit(text, width)


def parted(text: str, width: int, joints: str = " .,_/-") -> list[str]:
    """Return `text` in lines of at most `width` cells: parted behind its joints, a part without any where it must be.

    Args:
        text: a name or a value that must be read to its end.
        width: cells of a line.
        joints: what parts of a name stand between; a blank at the end of a line is dropped.
    """
    lines = [""]
    for part in re.findall(f"[^{re.escape(joints)}]*[{re.escape(joints)}]*", text):
        if cell_len((lines[-1] + part).rstrip()) <= width:
            lines[-1] += part
            continue
        rest = part
        while cell_len(rest.rstrip()) > width:
            fits = max(at for at in range(1, width + 1) if at == 1 or cell_len(rest[:at]) <= width)
            lines.append(rest[:fits])
            rest = rest[fits:]
        lines.append(rest)
    return [line.rstrip() for line in lines if line.strip()] or [""]


def bar(value: float, top: float, width: int) -> str:
    """Return a horizontal bar, `width` cells for `top`, to an eighth of a cell; padded to `width`.

    A value above nought always shows at least one eighth, so that few and none look different.
    """
    if width <= 0:
        return ""
    eighths = _eighths(value, top, width)
    if value > 0:
        eighths = max(eighths, 1)
    full, part = divmod(eighths, _EIGHTHS)
    return fit("█" * full + (_GROWING[part] if part else ""), width)


def column_rows(
    values: Sequence[float | None], top: float, height: int, over: Sequence[bool] | None = None
) -> list[str]:
    """Return a column chart as `height` rows of text, the highest row first.

    Args:
        values: one column each; None leaves the column blank.
        top: the value that fills a column; shared by all charts that are to be compared.
        height: rows.
        over: marks columns that break their limit: their full cells, and always the lowest, are `OVER_LIMIT`.

    Returns:
        `height` strings of `len(values)` characters.
    """
    flags = over if over is not None else [False] * len(values)
    columns = [_column(value, top, height, flag) for value, flag in zip(values, flags, strict=True)]
    return ["".join(column[row] for column in columns) for row in reversed(range(height))]


def spread(items: Sequence[Item], width: int) -> list[Item]:
    """Stretch (or thin) `items` over `width` columns; each item gets an equal share of them."""
    if not items:
        return []
    return [items[column * len(items) // width] for column in range(width)]


def time_axis(starts: Sequence[str], width: int) -> tuple[str, str]:
    """Return a tick line and a label line for columns made by `spread(starts, width)`.

    Args:
        starts: the label of each item, in order, "HH:MM".
        width: columns, at least one per item.

    Returns:
        The tick line and the label line, both `width` cells; labels never touch each other.
    """
    ticks = ["─"] * width
    labels = [" "] * width
    if not starts or width <= 0:
        return "".join(ticks), "".join(labels)
    step = _label_step(starts, width)
    for index in range(0, len(starts), step):
        column = -(-index * width // len(starts))
        text = starts[index]
        if column >= width:
            break
        ticks[column] = "┬"
        if column + len(text) <= width:
            labels[column : column + len(text)] = text
    return "".join(ticks), "".join(labels)


def eta_s(fraction: float, elapsed_s: float) -> float | None:
    """Return the seconds left if the rest goes as fast as what is done; None before anything is done."""
    if fraction <= 0.0 or elapsed_s <= 0.0:
        return None
    return elapsed_s * max(0.0, 1.0 - fraction) / fraction


def _eighths(value: float, top: float, cells: int) -> int:
    if top <= 0 or value <= 0:
        return 0
    return round(min(value / top, 1.0) * cells * _EIGHTHS)


def _column(value: float | None, top: float, height: int, over: bool) -> str:
    """One column, lowest cell first."""
    if value is None:
        return " " * height
    full, part = divmod(_eighths(value, top, height), _EIGHTHS)
    cells = (OVER_LIMIT if over else "█") * full + (_RISING[part] if part else "")
    if over and height > 0:
        cells = OVER_LIMIT + cells[1:]
    return cells.ljust(height)


def _label_step(starts: Sequence[str], width: int) -> int:
    """Smallest of 1, 2, 4, 8 ... items between labels that leaves two cells between neighbours."""
    longest = max(cell_len(start) for start in starts) + 2
    step = 1
    while step < len(starts) and step * width // len(starts) < longest:
        step *= 2
    return step
