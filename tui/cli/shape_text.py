"""The hours of sending as text: today's and the proposed, by theory and by simulation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.chartmath import bar
from tui.cli.limit_words import where
from tui.cli.numbers import NONE, difference, estimate, figure, unit_words
from tui.cli.tables import aligned, laid, wrapped

if TYPE_CHECKING:
    from scenarios.limits.limit import Limits
    from scenarios.limits.send_shapes import Shape, ShapeCheck
    from tui.library import Words

_BAR = 20


def shape_lines(check: ShapeCheck, found: Limits, words: Words, width: int) -> list[str]:
    """Return the section on one design's hours of sending."""
    lines = [
        f"SEND SHAPE   {check.design} at {check.messages:,} messages; share of a day's sends in each hour"
    ]
    lines += _hours(check)
    theory = [
        ["", "today", "proposed"],
        [
            "Erlang-A preview: peak load per agent, erlangs",
            f"{check.today.peak_load:.2f}",
            f"{check.proposed.peak_load:.2f}",
        ],
        [
            "Erlang-A preview: abandoned, first calls",
            figure(check.today.abandonment_rate, "rate"),
            figure(check.proposed.abandonment_rate, "rate"),
        ],
    ]
    rows = [[*row, ""] for row in theory]
    rows[0][3] = "difference, paired"
    for name, (today, proposed) in check.simulated.items():
        change = check.differences.get(name)
        told = NONE
        if change is not None and change.value is not None:
            told = difference(change.value, change.low, change.high, today.unit)
        title = words[name].title if name in words else name
        label = f"simulation: {title}, {unit_words(today.unit)}"
        rows.append([label, estimate(today), estimate(proposed), told])
    limits = [where(one.kind, one.value, one.direction) for one in (check.limit_today, check.limit)]
    rows.append([f"simulation: limit of {found.vary}", *limits, ""])
    lines += ["", *laid(rows, "<<<<", width, [0])]
    return lines + wrapped(
        f"proposed: {' '.join(f'--set {one!r}' for one in check.settings)}", width, hanging="    "
    )


def _hours(check: ShapeCheck) -> list[str]:
    """Both shapes side by side, each from its own first hour: they need not begin at the same minute."""
    shapes = [list(_by_hour(shape).items()) for shape in (check.today, check.proposed)]
    top = max(share for shape in shapes for _, share in shape)
    rows = [["today", "", "", "proposed", "", ""]]
    for at in range(max(map(len, shapes))):
        cells: list[str] = []
        for shape in shapes:
            start, share = shape[at] if at < len(shape) else ("", None)
            cells += (
                [start, "", ""] if share is None else [start, figure(share, "rate"), bar(share, top, _BAR)]
            )
        rows.append(cells)
    return aligned(rows, "<><<><")


def _by_hour(shape: Shape) -> dict[str, float]:
    hour, minute = map(int, shape.send_from.split(":"))
    total = sum(shape.weights)
    return {f"{hour + at:02d}:{minute:02d}": weight / total for at, weight in enumerate(shape.weights)}
