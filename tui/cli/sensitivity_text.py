"""A tornado as plain text: what could change the decision, the tornado, each assumption, what to measure first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import TYPE_CHECKING

from tui.cli.numbers import NONE, difference, difference_unit_words, figure
from tui.cli.orders import Order
from tui.cli.remarks import remarks, too_narrow, warning
from tui.cli.sums import without_interval
from tui.cli.sweep_text import at_text
from tui.cli.tables import INDENT, aligned, wrapped
from tui.library import Words
from tui.readings import title_of

if TYPE_CHECKING:
    from sandbox.experiment.intervals import Estimate
    from scenarios.sweeps.contrasts import Standing
    from scenarios.sweeps.tornado import End, Sensitivity, Varied

LOW, HIGH, AXIS = "░", "█", "│"
_SCREENED_SHOWN = 12
"""Screened assumptions in the tornado; the others move the figure less, and the JSON has them all."""

_BELOW = "   "

_REFUSED = "✘"
_MARKS = {"·": "no difference", _REFUSED: "cannot be run", NONE: "the value itself is that end"}
"""What stands in place of an effect, and what it means."""

_SWEEP_VALUES = 5
"""Values of the sweep that is suggested: enough to see where between the ends the decision changes."""


def sensitivity_text(found: Sensitivity, order: Order, words: Words, replay: str, width: int) -> str:
    """Return the whole text, ending with a line break.

    Args:
        found: the tornado.
        order: what was asked for.
        words: names of metrics.
        replay: the command that repeats it.
        width: columns.
    """
    full = [one for one in found.varied if not one.screened]
    sections = [
        _head(found, order, words, width),
        list(_deciding(full, found.notes, width)),
        list(_tornado(found, width)),
        list(_each(found, full, width)),
        list(_to_measure(full, width)),
        list(_left_out(found, width)),
        remarks(found.notes, width),
        [f"replay: {replay}", f"next:   {_next(found, full, order)}"],
    ]
    return "\n\n".join("\n".join(lines) for lines in sections if lines) + "\n"


def tornado_bar(low: float | None, high: float | None, top: float, cells: int) -> str:
    """Return a bar of `cells` on each side of the axis: `░` for the low end of a range, `█` for the high end.

    Args:
        low: what the low end does to the figure; None where it was not run.
        high: what the high end does to it.
        top: what fills one side.
        cells: of one side.
    """
    sides = {-1: [" "] * cells, 1: [" "] * cells}
    drawn = [(low, LOW), (high, HIGH)]
    for effect, mark in sorted(drawn, key=lambda one: -abs(one[0] or 0.0)):  # the shorter one stays visible
        if effect and top > 0:
            filled = max(1, round(abs(effect) / top * cells))
            sides[1 if effect > 0 else -1][:filled] = [mark] * min(filled, cells)
    return f"{''.join(reversed(sides[-1]))}{AXIS}{''.join(sides[1])}"


def _head(found: Sensitivity, order: Order, words: Words, width: int) -> list[str]:
    against = "" if found.against is None else f" minus {found.against}"
    runs = "replication" if found.replications == 1 else "replications"
    screened = (
        f" What is marked as screened was run once, on a campaign of {found.screening_days} working days with the "
        "same load a day: it ranks, it does not decide."
        if found.screening_days
        else ""
    )
    return [
        f"Sensitivity: {title_of(found.metric, words)}, {found.design}{against}",
        *wrapped(
            f"{found.scenario}, seed {found.seed}, {found.replications} {runs}, {order.settings_words()}",
            width,
        ),
        *warning(found.notes),
        *wrapped(
            "Each assumption alone at both ends of its range, same customers, same luck; 95 % intervals are paired "
            f"with the figure as it is.{screened}",
            width,
        ),
        *wrapped(f"as it is: {_level(found)}; {standing_words(found.standing)}", width),
    ]


def _level(found: Sensitivity) -> str:
    base = found.base
    if found.against is None or base.value is None:
        return figure(base.value, found.unit, base.low, base.high)
    return f"{difference(base.value, base.low, base.high, found.unit)} {difference_unit_words(found.unit)}".rstrip()


def standing_words(standing: Standing) -> str:
    """Write a decision: "stop (call-abandonment), in-message wins"."""
    ground = f" ({standing.ground})" if standing.ground else ""
    wins = f", {standing.winner} wins" if standing.winner else ""
    rule = f", the figure's own rule: {standing.verdict}" if standing.verdict else ""
    return f"{standing.decision}{ground}{wins}{rule}"


def _deciding(full: Sequence[Varied], notes: Sequence[str], width: int) -> Iterator[str]:
    yield "COULD CHANGE THE DECISION"
    yield from too_narrow(notes, width)
    deciding = [one for one in full if one.changes]
    if not deciding:
        told = "none of those run at full length, at any end of its range that could be run"
        yield from wrapped(told if full else "nothing was run at full length", width)
    for one in deciding:
        for name, standing in one.changes.items():
            path, value = one.assumption.path, at_text(one.ends[name].value)
            yield from wrapped(
                f"{path} at {value}: {standing_words(one.base)} → {standing_words(standing)}", width, "  "
            )
    unknown = [
        f"{one.assumption.path} at {at_text(end.value)}"
        for one in full
        for end in one.ends.values()
        if end.refused
    ]
    if unknown:
        yield from wrapped(f"not known, cannot be run: {', '.join(unknown)}", width, "  ")


def _tornado(found: Sensitivity, width: int) -> Iterator[str]:
    unit = difference_unit_words(found.unit) or "count"
    moving = [one for one in found.varied if one.swing > 0]
    full = [one for one in moving if not one.screened]
    screened = [one for one in moving if one.screened][:_SCREENED_SHOWN]
    yield f"TORNADO   {unit}; {LOW} low end, {HIGH} high end; ≈ holds nought"
    shown = [cell for row in full + screened for cell in _effects(row, found.unit)]
    marks = [f"{mark} {meaning}" for mark, meaning in _MARKS.items() if mark in shown]
    if marks:
        yield f"{INDENT}{'; '.join(marks)}"
    top = max((abs(one) for row in full + screened for one in _values(row) if one is not None), default=0.0)
    names = [row.assumption.path for row in full + screened]
    cells = max(4, (width - max(map(len, names), default=0) - 28) // 2)
    rows = [
        [row.assumption.path, tornado_bar(*_values(row), top, cells), *_effects(row, found.unit)]
        for row in full + screened
    ]
    lines = aligned([["", "", "low", "high"], *rows], "<<>>") if rows else [f"{INDENT}nothing moves it"]
    yield from lines[: 1 + len(full)]
    if screened:
        yield f"{INDENT}screened"
        yield from lines[1 + len(full) :]
    hidden, still = len(moving) - len(rows), len(found.varied) - len(moving)
    if hidden or still:
        yield from wrapped(
            f"{hidden} more move it less, {still} do not move it at all; --json has them all", width
        )


def _values(row: Varied) -> tuple[float | None, float | None]:
    low, high = row.effects
    return (None if low is None else low.value, None if high is None else high.value)


def _effects(row: Varied, unit: str) -> list[str]:
    refused = [name in row.ends and bool(row.ends[name].refused) for name in ("low", "high")]
    return [
        _REFUSED if fault else NONE if effect is None else _short(effect, unit)
        for effect, fault in zip(row.effects, refused, strict=True)
    ]


def _short(effect: Estimate, unit: str) -> str:
    from scenarios.totals import Figure

    return without_interval(Figure(effect.value, effect.low, effect.high), unit)


def _each(found: Sensitivity, full: Sequence[Varied], width: int) -> Iterator[str]:
    if not full:
        return
    yield "AT FULL LENGTH   largest swing first"
    for place, one in enumerate(full, 1):
        origin = one.assumption.origin
        low, high = origin.range or (None, None)
        yield from wrapped(
            f"{place}. {origin.path} = {_typed(origin.value)} ({origin.source}, {_typed(low)} to {_typed(high)})",
            width,
            "   ",
        )
        for end in one.ends.values():
            told = wrapped(f"at {at_text(end.value)}: {_end(end, found.unit)}", width - len(_BELOW), "  ")
            yield from (f"{_BELOW}{line}" for line in told)


def _typed(value: object) -> str:
    return at_text(value) if isinstance(value, int | float) else str(value)


def _end(end: End, unit: str) -> str:
    if end.effect is None or end.standing is None:
        return f"cannot be run: {end.refused}"
    effect = end.effect
    if effect.value is None:
        moved = NONE
    elif (effect.value, effect.low, effect.high) == (0.0, 0.0, 0.0):
        moved = "no difference"
    else:
        moved = f"{difference(effect.value, effect.low, effect.high, unit)} {difference_unit_words(unit) or 'count'}"
    return f"{moved}; {standing_words(end.standing)}"


def _to_measure(full: Sequence[Varied], width: int) -> Iterator[str]:
    """Exports by the best-ranked assumption each would replace; those that could change the decision come first."""
    ranked = sorted(enumerate(full), key=lambda one: (not one[1].changes, one[0]))
    names = [one.assumption.export for _, one in ranked if one.assumption.export is not None]
    exports = list(dict.fromkeys(names))
    if not exports:
        return
    yield "WHAT TO MEASURE FIRST   which export would replace an assumption"
    for export in exports:
        paths = [one.assumption.path for _, one in ranked if one.assumption.export == export]
        command = f"; {export.command}" if export.command else ""
        yield from wrapped(f"{export.export} ({export.holds}){command}: {', '.join(paths)}", width, "  ")


def _left_out(found: Sensitivity, width: int) -> Iterator[str]:
    by_reason = groupby(sorted(found.left_out, key=lambda one: one.reason), key=lambda one: one.reason)
    told = [f"{len(list(group))} ({reason})" for reason, group in by_reason]
    if told:
        yield from wrapped(f"not varied: {'; '.join(told)}", width)


def _next(found: Sensitivity, full: Sequence[Varied], order: Order) -> str:
    """Return the command worth running next: where between the ends of the first assumption the decision changes."""
    designs = ",".join(name for name in (found.design, found.against) if name)
    ran = [one for one in full if any(not end.refused for end in one.ends.values())]
    first = next((one for one in ran if one.changes), next(iter(ran), None))
    if first is None:
        return order.follow("diagnose", [("--designs", designs)])
    return order.follow(
        "sweep", [("--over", _over(first)), ("--metrics", found.metric), ("--designs", designs)]
    )


def _over(first: Varied) -> str:
    """What a sweep of an assumption varies: its range; where whole numbers or a refused end forbid that, what ran."""
    path, bounds = first.assumption.path, first.assumption.origin.range
    ran = {end.value for end in first.ends.values() if not end.refused}
    if isinstance(first.assumption.origin.value, int | float):
        ran.add(first.assumption.origin.value)
    refused = any(end.refused for end in first.ends.values())
    if bounds is None or refused or all(isinstance(value, int) for value in ran):
        return f"{path}={','.join(f'{value:.10g}' for value in sorted(ran))}"
    return f"{path}={bounds[0]:.10g}:{bounds[1]:.10g}:{_SWEEP_VALUES}"
