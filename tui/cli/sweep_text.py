"""A sweep as plain text: the decisions, then for every metric a chart, a table and where its rule is crossed.

A grid of two settings is two tables for each design: its figures, shaded by value, and its paired differences.
Pure: the same sweep gives the same text.
"""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from scenarios.result import Metric, PairedDifference
from tui.cli.numbers import (
    NONE,
    difference,
    difference_unit_words,
    estimate,
    fixed,
    rule_words,
    scale_of,
    unit_words,
)
from tui.cli.orders import Order
from tui.cli.remarks import remarks, too_narrow, warning
from tui.cli.tables import INDENT, Footnotes, aligned, headed, in_blocks, laid, wrapped
from tui.figures import read_rule
from tui.library import Words
from tui.linechart import MARGIN, ROWS, Dot, Line, Scale, line_chart
from tui.readings import GLYPHS, shape, title_of

if TYPE_CHECKING:
    from scenarios.sweeps.sweeping import LineCrossed, Sweep, SweepPoint

_SHADES = " ░▒▓█"
_HELD = {"pass": "passes", "fail": "fails", "unsure": "is unsure"}
_PAIR = 2
_DIGITS = 3
"""Significant digits of an interpolated place: more would claim more than a straight line between runs can say."""


def sweep_text(found: Sweep, order: Order, words: Words, replay: str, width: int) -> str:
    """Return the whole text, ending with a line break.

    Args:
        found: the sweep.
        order: what was asked for.
        words: names of metrics.
        replay: the command that repeats it.
        width: columns.
    """
    sections = [_head(found, order, width), _decisions(found, width)]
    for name in found.metrics:
        part = _grid(found, name, words, width) if len(found.axes) > 1 else _curve(found, name, words, width)
        sections.append([*part, *_crossed(found, name, width)])
    sections.append(remarks(found.notes, width))
    sections.append([f"replay: {replay}", f"next:   {_next(found, order)}"])
    return "\n\n".join("\n".join(lines) for lines in sections if lines) + "\n"


def at_text(value: float) -> str:
    """Write a value of a setting as one types it, thousands parted."""
    return f"{value:,}" if isinstance(value, int) else f"{value:,g}"


def about(value: float) -> str:
    """Write an interpolated place, to as many digits as it is worth."""
    return at_text(_whole(float(f"{value:.{_DIGITS}g}")))


def _whole(value: float) -> float:
    return int(value) if value.is_integer() else value


def _head(found: Sweep, order: Order, width: int) -> list[str]:
    varied = " and ".join(
        f"{'a factor on ' if axis.factor else ''}{axis.setting} ({len(axis.values)} values)"
        for axis in found.axes
    )
    runs = "replication" if found.replications == 1 else "replications"
    return [
        *textwrap.wrap(f"Sweep over {varied}", width, subsequent_indent=INDENT),
        *wrapped(
            f"{found.scenario}, seed {found.seed}, {found.replications} {runs}, {_changed(found, order)}",
            width,
        ),
        *warning(found.notes),
        *wrapped(
            "Every point faces the same customers with the same luck. Intervals are 95 %, the unit is a day; "
            f"differences to {found.baseline} are paired at each point.",
            width,
        ),
        "",
        *laid(
            [[shape(place), name, title] for place, (name, title) in enumerate(found.designs.items())],
            "<<<",
            width,
            [2],
            titled=False,
        ),
    ]


def _changed(found: Sweep, order: Order) -> str:
    """What was changed at every point; a setting that is varied has the values of the sweep, whatever was set."""
    varied = {axis.setting for axis in found.axes if not axis.factor}
    kept = [text for text in order.settings if text.partition("=")[0].strip().rstrip("*") not in varied]
    return replace(order, settings=tuple(kept)).settings_words()


def _heading(found: Sweep, name: str, words: Words) -> str:
    metrics = [point.metrics[design][name] for point in found.points for design in found.designs]
    unit = metrics[0].unit
    rule = next((metric.rule for metric in metrics if metric.rule), "")
    told = f"rule {rule_words(rule, unit)}" if rule else (unit_words(unit) or "count")
    return f"{title_of(name, words).upper()}   {told}"


def _curve(found: Sweep, name: str, words: Words, width: int) -> Iterator[str]:
    """One metric over one setting: chart, estimates with verdicts, paired differences."""
    notes = Footnotes()
    yield _heading(found, name, words)
    yield from _chart(found, name, width)
    path = found.axes[0].path

    def estimates(designs: Sequence[str]) -> list[str]:
        rows = [[path, *designs]]
        for point in found.points:
            cells = [_cell(point.metrics[design][name], notes) for design in designs]
            rows.append([at_text(point.values[0]), *cells])
        return aligned(rows, ">" + "<" * len(designs))

    yield from in_blocks(list(found.designs), width, estimates)
    yield from notes.lines(width)
    others = [
        design for design in found.designs if any(design in point.differences for point in found.points)
    ]
    if not any(name in point.differences[design] for point in found.points for design in others):
        return
    unit = found.points[0].metrics[others[0]][name].unit
    yield ""
    yield f"{INDENT}difference to {found.baseline}, {difference_unit_words(unit) or 'count'}; ≈ holds nought"

    def differences(designs: Sequence[str]) -> list[str]:
        rows = [[path, *designs]]
        for point in found.points:
            cells = [_difference(point.differences[design].get(name)) for design in designs]
            rows.append([at_text(point.values[0]), *cells])
        return aligned(rows, ">" + "<" * len(designs))

    yield from in_blocks(others, width, differences)


def _chart(found: Sweep, name: str, width: int) -> list[str]:
    unit, rule = "count", None
    lines = []
    for place, design in enumerate(found.designs):
        dots = []
        for point in found.points:
            metric = point.metrics[design][name]
            if metric.value is not None:
                unit, rule = metric.unit, metric.rule or rule
                dots.append(Dot(point.values[0], metric.value, metric.low, metric.high))
        lines.append(Line(shape(place), tuple(dots)))
    top = max((dot.value for line in lines for dot in line.dots), default=0.0)
    scale = scale_of(unit, top)
    read = read_rule(rule) if rule else None
    layout = Scale(
        width - MARGIN,
        ROWS,
        found.axes[0].log,
        read.threshold if read else None,
        lambda value: f"{fixed(value * scale.factor, scale.decimals)} {scale.unit}".rstrip(),
        at_text,
    )
    return [f"{INDENT}{line}" for line in line_chart(lines[::-1], layout)]


def _cell(metric: Metric, notes: Footnotes) -> str:
    verdict = GLYPHS[metric.verdict] if metric.verdict and metric.value is not None else ""
    note = metric.note if metric.value is None else ""
    return f"{estimate(metric)}{notes.mark(note)} {verdict}".rstrip()


def _difference(row: PairedDifference | None) -> str:
    if row is None or row.value is None:
        return NONE
    return difference(row.value, row.low, row.high, row.unit)


def _grid(found: Sweep, name: str, words: Words, width: int) -> Iterator[str]:
    """One metric over two settings: for each design a table shaded by value, and one of paired differences."""
    notes = Footnotes()
    yield from headed(f"{_heading(found, name, words)}; ±half-width or [low, high]; darker is higher", width)
    yield from wrapped(_laid_out(found), width)
    values = [
        value
        for point in found.points
        for design in found.designs
        if (value := point.metrics[design][name].value) is not None
    ]
    low, high = (min(values), max(values)) if values else (0.0, 0.0)

    def cell(point: SweepPoint, design: str) -> str:
        metric = point.metrics[design][name]
        share = (metric.value - low) / (high - low) if metric.value is not None and high > low else 0.0
        return f"{_SHADES[round(share * (len(_SHADES) - 1))]} {_cell(metric, notes)}"

    def against(point: SweepPoint, design: str) -> str:
        return _difference(point.differences.get(design, {}).get(name))

    for design in found.designs:
        yield f"{INDENT}{design}"
        yield from _table(found, design, cell, width)
        if any(name in point.differences.get(design, {}) for point in found.points):
            unit = difference_unit_words(found.points[0].metrics[design][name].unit) or "count"
            yield from wrapped(f"{design}, difference to {found.baseline}, {unit}; ≈ holds nought", width)
            yield from _table(found, design, against, width)
    yield from notes.lines(width)


def _laid_out(found: Sweep) -> str:
    across, down = found.axes
    return f"across: {across.path}, down: {down.path}"


def _table(found: Sweep, design: str, cell: Callable[[SweepPoint, str], str], width: int) -> list[str]:
    across, down = found.axes
    by_place = {point.values: point for point in found.points}
    columns = {at_text(value): value for value in across.values}

    def build(names: Sequence[str]) -> list[str]:
        rows = [["", *names]]
        for below in down.values:
            cells = [cell(by_place[columns[name], below], design) for name in names]
            rows.append([at_text(below), *cells])
        return aligned(rows, ">" + "<" * len(names))

    return in_blocks(list(columns), width, build)


def _crossed(found: Sweep, name: str, width: int) -> Iterator[str]:
    """Where designs cross the rule, and what those do that never cross it."""
    ruled = any(point.metrics[design][name].rule for point in found.points for design in found.designs)
    if not ruled:
        return
    yield ""
    yield f"{INDENT}where the rule is crossed, interpolated between the runs, 95 % interval"
    for design in found.designs:
        ways = [
            _crossing(found, one, along)
            for along, crossed in enumerate((found.crossings, found.crossings_down))
            for one in crossed
            if (one.metric, one.design) == (name, design)
        ]
        for way in ways or [_uncrossed(found, design, name)]:
            yield from wrapped(f"{design}: {way}", width, hanging="  ")


def _uncrossed(found: Sweep, design: str, name: str) -> str:
    verdicts = {point.metrics[design][name].verdict for point in found.points} - {None}
    return uncrossed_words(verdicts)


def uncrossed_words(verdicts: Collection[str | None]) -> str:
    """Say what a design does that crosses its rule nowhere, every verdict it has at a value that was run."""
    if not verdicts:
        return "the metric does not apply"
    told = [word for verdict, word in _HELD.items() if verdict in verdicts]
    if len(told) == 1:
        return f"{told[0]} at every value that was run"
    return f"not crossed; at the values that were run it {' at some and '.join(told)} at others"


def _crossing(found: Sweep, one: LineCrossed, along: int) -> str:
    axis, crossing = found.axes[along], one.crossing
    beside = "" if one.beside is None else f" with {found.axes[1 - along].path} = {at_text(one.beside)}"
    way = "rising" if crossing.rising else "falling"
    if not crossing.bounded:
        return f"{axis.path} ≈ {about(crossing.at)}, {way}{beside}; no interval: more replications give one"
    low = f"below {at_text(axis.values[0])}" if crossing.low is None else about(crossing.low)
    high = f"above {at_text(axis.values[-1])}" if crossing.high is None else about(crossing.high)
    return f"{axis.path} ≈ {about(crossing.at)} [{low}, {high}], {way}{beside}"


def _decisions(found: Sweep, width: int) -> list[str]:
    """Go, hold or stop at every point."""
    lines = ["DECISION   by the rules that metrics answer; `sandbox diagnose` asks for more"]
    lines += too_narrow(found.notes, width)
    if len(found.axes) > 1:
        lines += wrapped(_laid_out(found), width)
        for design in found.designs:
            lines.append(f"{INDENT}{design}")
            lines += _table(found, design, _decided, width)
        return lines

    def build(designs: Sequence[str]) -> list[str]:
        rows = [
            [at_text(point.values[0]), *(_decided(point, design) for design in designs)]
            for point in found.points
        ]
        return aligned([[found.axes[0].path, *designs], *rows], ">" + "<" * len(designs))

    return lines + in_blocks(list(found.designs), width, build)


def _decided(point: SweepPoint, design: str) -> str:
    decision = point.decisions[design]
    return f"{decision.decide}: {decision.grounds[0].name}" if decision.grounds else decision.decide


def _next(found: Sweep, order: Order) -> str:
    """Return the command worth running next: which assumption moves a metric most, best one that crosses its rule.

    Two designs that were asked for stay side by side.
    """
    paired = [name for name, one in found.metrics.items() if one.kind in ("ratio", "total")]
    crossed = (*found.crossings, *found.crossings_down)
    first = next((one for one in crossed if one.metric in paired), None)
    metric = first.metric if first else next(iter(paired), None)
    design = first.design if first else list(found.designs)[-1]
    pair = () if order.designs is None or len(order.designs) != _PAIR else order.designs
    other = next((name for name in pair if name != design), None)
    return order.follow("sensitivity", [("--metric", metric), ("--design", design), ("--against", other)])
