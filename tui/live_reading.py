"""A watched moment as lines: one band per design, all queues on one scale."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content

from tui.chartmath import column_rows, fit, fit_right
from tui.readings import shape

if TYPE_CHECKING:
    from scenarios.live import DesignMoment, LiveMoment

_SIDE = 34
_SCALE = 5
_ROWS = 6
_DIM = "$foreground-muted"
_BREAKER = {
    "closed": ("✔ breaker closed", ""),
    "open": ("✘ breaker open", "bold $error"),
    "half_open": ("? breaker half-open", "bold $warning"),
}
"""Words and style of each state a breaker can be in."""


def live_lines(moment: LiveMoment, width: int) -> list[Content]:
    """Return all designs at one moment: figures beside the queue over the last marks.

    Args:
        moment: how they stand.
        width: columns.
    """
    top = max(1, *(max(one.queue, default=0) for one in moment.designs))
    lines = [Content.styled(fit(f"{moment.clock}   people waiting, all designs on one scale", width), "bold")]
    for index, one in enumerate(moment.designs):
        lines += _band(shape(index), one, moment.clock, top, width)
    return lines


def figures(one: DesignMoment, clock: str) -> list[tuple[str, str]]:
    """Return what stands beside a design's queue, a line and its style each.

    Args:
        one: the design.
        clock: the local date and time of the moment.
    """
    lost = one.abandoned / one.offered if one.offered else 0.0
    core = f"core: {one.core_failed} of last 20 failed" if one.core_failed else "core answers"
    return [
        (f"{one.waiting} waiting, {one.busy} on calls", ""),
        (f"{one.offered:,} calls, {lost:.0%} gave up", ""),
        (f"{one.engaged:,} engaged, {one.recorded:,} in core", ""),
        (f"{one.exceptions:,} exceptions, {one.queued:,} queued", ""),
        (core, ""),
        *_breaker(one, clock),
    ]


def _breaker(one: DesignMoment, clock: str) -> list[tuple[str, str]]:
    """Where the breaker in front of the core stands, since when, and how often it has opened."""
    words, style = _BREAKER[one.breaker]
    if not one.breaker_opened:
        return [(words, style), ("  has not opened", _DIM)]
    times = "once" if one.breaker_opened == 1 else f"{one.breaker_opened:,} times"
    return [(words, style), (f"  since {_short(one.breaker_since, clock)}, opened {times}", _DIM)]


def _short(then: str, clock: str) -> str:
    """Hours and minutes of a local time of today, month and day of any other."""
    day, time = then.split()
    return time[:5] if clock.startswith(day) else day[5:]


def _band(mark: str, one: DesignMoment, clock: str, top: int, width: int) -> list[Content]:
    columns = max(8, width - _SIDE - _SCALE - 1)
    values = [None] * (columns - len(one.queue)) + [float(value) for value in one.queue][-columns:]
    rows = ["", *column_rows(values, float(top), _ROWS), ""]
    head = f"{mark} {one.name}{' (at its end)' if one.done else ''}"
    side = [(head, "bold"), *figures(one, clock)]
    lines = []
    for at, row in enumerate(rows):
        words, style = side[at]
        scale = f"{top}" if at == 1 else "0" if at == _ROWS else ""
        lines.append(
            Content.assemble(
                (fit(words, _SIDE), style),
                (fit_right(scale, _SCALE), _DIM),
                "│" if 0 < at <= _ROWS else " ",
                (row, "$primary"),
            )
        )
    return lines
