"""A watched moment as lines: one band per design, all queues on one scale."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from textual.content import Content

from scenarios.percent import in_percent
from tui.chartmath import column_rows, fit, fit_right
from tui.readings import shape

if TYPE_CHECKING:
    from scenarios.live import DesignMoment, LiveControl, LiveMoment

_SIDE = 34
_SCALE = 5
_ROWS = 6
"""Rows of a queue at least."""

_AROUND, _BESIDE = 5, 2
"""Rows the whole has beside its bands, and a band beside its queue."""

_DIM = "$foreground-muted"
_BREAKER = {
    "closed": ("✔ breaker closed", ""),
    "open": ("✘ breaker open", "bold $error"),
    "half_open": ("? breaker half-open", "bold $warning"),
}
"""Words and style of each state a breaker can be in."""


def pace_words(control: LiveControl) -> str:
    """Say on Live itself how the watched run goes on."""
    if control.paused:
        return "❙❙ paused; . steps, Space goes on"
    pace = f"{1 / control.pause_s:.0f} steps a second" if control.pause_s else "as fast as it goes"
    return f"▶ watching, {pace}"


def elsewhere_words(scenario: str, control: LiveControl) -> str:
    """Say on any other screen that Live holds a run, and whether it is being computed."""
    if control.paused:
        return f"❙❙ 7 Live holds {scenario}, paused: nothing is computed; Space goes on there, x ends it"
    return f"▶ 7 Live is watching {scenario}; runs wait until that is over, x ends it"


def live_lines(moment: LiveMoment, width: int, height: int = 0) -> list[Content]:
    """Return all designs at one moment: figures beside the queue over the last marks.

    Args:
        moment: how they stand.
        width: columns.
        height: rows there are; queues are drawn higher where that leaves some over.
    """
    bands = len(moment.designs)
    rows = max(_ROWS, (height - _AROUND) // max(1, bands) - _BESIDE)
    top = max(1, *(max(one.queue, default=0) for one in moment.designs))
    shown = moment.marks[-_columns(width) :]
    legend = "   ".join(f"{shape(index)} {one.name}" for index, one in enumerate(moment.designs))
    lines = [
        Content.styled(fit(f"{moment.clock}   people waiting, all designs on one scale", width), "bold"),
        Content(fit(f"shown: {_window(shown)}", width)),
        Content.styled(
            fit("each column a quarter of an hour; those without events are left out", width), _DIM
        ),
        Content(fit(legend, width)),
    ]
    ticks, labels = clock_axis(shown, _columns(width))
    for index, one in enumerate(moment.designs):
        lines += _band(shape(index), one, moment.clock, top, (ticks, labels if index else ""), rows)
    return [*lines, _axis_line("", "", " ", labels)]


def clock_axis(marks: Sequence[str], columns: int) -> tuple[str, str]:
    """Return ticks and labels below columns of which the last belong to these marks, one each.

    A tick stands at every full hour that has a mark, and at the first mark of a day; that has its date for a label.
    A label stands from its tick on, at the right end before it. Where there is no room the later ones go, dates last.

    Args:
        marks: local dates and times, "2026-03-02 09:15:00", in order.
        columns: at least as many as marks.
    """
    ticks, labels = ["─"] * columns, [" "] * columns
    first = columns - len(marks)
    named: dict[int, str] = {}
    for place, mark in enumerate(marks):
        day, time = mark.split()
        new_day = place > 0 and not marks[place - 1].startswith(day)
        if new_day or time[3:5] == "00":
            ticks[first + place] = "┼" if new_day else "┬"
            named[first + place] = day[5:] if new_day else time[:5]
    for tick, text in sorted(named.items(), key=lambda one: (":" in one[1], one[0])):
        begin = min(tick, columns - len(text))
        around = labels[max(0, begin - 2) : begin + len(text) + 2]
        if not "".join(around).strip():
            labels[begin : begin + len(text)] = text
    return "".join(ticks), "".join(labels)


def _window(marks: Sequence[str]) -> str:
    """From when to when: the day is said again only where it is another."""
    (day, begin), (last_day, end) = marks[0].split(), marks[-1].split()
    return f"{day} {begin[:5]} to {'' if last_day == day else f'{last_day} '}{end[:5]}"


def _columns(width: int) -> int:
    """Marks that have room beside the figures."""
    return max(8, width - _SIDE - _SCALE - 1)


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
        (f"{one.offered:,} calls, {in_percent(lost, 0)} gave up", ""),
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


def _band(
    mark: str, one: DesignMoment, clock: str, top: int, axis: tuple[str, str], rows: int
) -> list[Content]:
    """One design: its name, its figures beside its queue, the axis; labels above are those of the band before."""
    ticks, labels_above = axis
    columns = len(ticks)
    values = [None] * (columns - len(one.queue)) + [float(value) for value in one.queue][-columns:]
    head = f"{mark} {one.name}{' (at its end)' if one.done else ''}"
    side = [(head, "bold"), *figures(one, clock)]
    lines = [_axis_line(head, "bold", " ", labels_above)]
    side += [("", "")] * (rows + _BESIDE - len(side))
    for at, row in enumerate(column_rows(values, float(top), rows), start=1):
        words, style = side[at]
        scale = f"{top}" if at == 1 else "0" if at == rows else ""
        lines.append(
            Content.assemble(
                (fit(words, _SIDE), style), (fit_right(scale, _SCALE), _DIM), "│", (row, "$primary")
            )
        )
    return [*lines, _axis_line(*side[rows + 1], "└", ticks)]


def _axis_line(words: str, style: str, corner: str, text: str) -> Content:
    """Return words beside a line of the axis."""
    return Content.assemble((fit(words, _SIDE), style), " " * _SCALE, corner, (text, _DIM))
