"""A watched moment as lines: one band per design, all queues on one scale."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content

from tui.chartmath import column_rows, fit, fit_right
from tui.readings import shape

if TYPE_CHECKING:
    from scenarios.live import DesignMoment, LiveMoment

_SIDE = 26
_SCALE = 5
_ROWS = 4
_DIM = "$foreground-muted"


def live_lines(moment: LiveMoment, width: int) -> list[Content]:
    """Return all designs at one moment: figures beside the queue over the last marks.

    Args:
        moment: how they stand.
        width: columns.
    """
    top = max(1, *(max(one.queue, default=0) for one in moment.designs))
    lines = [Content.styled(fit(f"{moment.clock}   people waiting, all designs on one scale", width), "bold")]
    for index, one in enumerate(moment.designs):
        lines += _band(shape(index), one, top, width)
    return lines


def figures(one: DesignMoment) -> list[str]:
    """Return what stands beside a design's queue, a line each."""
    lost = one.abandoned / one.offered if one.offered else 0.0
    core = f"core: {one.core_failed} of last 20 failed" if one.core_failed else "core answers"
    return [
        f"{one.waiting} waiting, {one.busy} on calls",
        f"{one.offered:,} calls, {lost:.0%} gave up",
        f"{one.engaged:,} engaged, {one.recorded:,} in core",
        f"{one.exceptions:,} exceptions, {one.queued:,} queued",
        core,
    ]


def _band(mark: str, one: DesignMoment, top: int, width: int) -> list[Content]:
    columns = max(8, width - _SIDE - _SCALE - 1)
    values = [None] * (columns - len(one.queue)) + [float(value) for value in one.queue][-columns:]
    rows = ["", *column_rows(values, float(top), _ROWS), ""]
    side = [f"{mark} {one.name}{' (at its end)' if one.done else ''}", *figures(one)]
    lines = []
    for at, row in enumerate(rows):
        scale = f"{top}" if at == 1 else "0" if at == _ROWS else ""
        lines.append(
            Content.assemble(
                (fit(side[at] if at < len(side) else "", _SIDE), "bold" if at == 0 else ""),
                (fit_right(scale, _SCALE), _DIM),
                "│" if 0 < at <= _ROWS else " ",
                (row, "$primary"),
            )
        )
    return lines
