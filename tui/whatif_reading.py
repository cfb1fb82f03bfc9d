"""What-if as rows and lines: parameters with their origin, the lines by theory, what differs from the base."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from itertools import zip_longest
from typing import TYPE_CHECKING, NamedTuple

from textual.content import Content

from scenarios.result import Comparison, Metric
from tui.chartmath import fit, fit_right, parted
from tui.cli.remarks import overriding
from tui.figures import MISSING, estimate, interval_below, with_unit
from tui.readings import GLYPHS, metrics_of, shape

if TYPE_CHECKING:
    from scenarios.whatif import Look, Parameter

_VALUE, _UNIT, _RANGE, _SOURCE = 12, 8, 14, 14
_LABEL_LEAST, _LABEL_ENOUGH = 21, 40
_RANGE_FROM = 2 + _LABEL_LEAST + sum(1 + width for width in (_VALUE, _UNIT, _RANGE, _SOURCE))
"""Columns from which a range stands in the list; below that, it stands beside the list alone."""

_DESIGN = 16
_FIGURE = 15
"""Columns of a simulated figure with its interval, and a gap."""

YOURS = "set by you"
"""The source of every number that was typed in; what the file says of its own number is told apart."""

OUTSIDE = "△ out of range"

_STEPS = 20
"""Steps over a parameter's plausible range when it is nudged."""

_DIM = "$foreground-muted"
_THEORY = ("call_abandonment_rate", "call_wait_busy_s", "agent_occupancy")
_HEADS = {
    "call_abandonment_rate": "abandoned",
    "call_wait_busy_s": "busy wait",
    "agent_occupancy": "occupancy",
}
_UNITS = {"call_abandonment_rate": "rate", "call_wait_busy_s": "s", "agent_occupancy": "rate"}


class Row(NamedTuple):
    """One row of the list: a group's name, or a parameter and what it was changed to, if it was."""

    group: str
    parameter: Parameter | None
    changed: str | None = None

    def lines(self, width: int) -> list[str]:
        """Return the row for a width in columns; a long name or value goes on in a line below."""
        return [self.group] if self.parameter is None else _row_lines(self.parameter, self.changed, width)


def changes_of(settings: Sequence[str]) -> dict[str, str]:
    """Return the value wanted for each path, as it was written."""
    return {path: value for path, _, value in (setting.partition("=") for setting in settings)}


def with_change(settings: Sequence[str], path: str, text: str, base: str) -> tuple[str, ...]:
    """Return the settings with one path set; back to the base's value takes the change out.

    Args:
        settings: what was changed so far.
        path: what to set.
        text: the value, as `--set` takes it.
        base: the base's value in the same form.
    """
    kept = [setting for setting in settings if setting.partition("=")[0] != path]
    return (*kept, f"{path}={text}") if text != base else tuple(kept)


def written(value: object) -> str:
    """Write a value as `--set` takes it."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(written(item) for item in value) + "]"
    if isinstance(value, str) and (":" in value or not value):
        return f'"{value}"'
    return str(value)


def rows(parameters: Sequence[Parameter], settings: Sequence[str], words: str) -> list[Row]:
    """Return the parameters that hold every word of a search, under their groups; changed ones are marked.

    Args:
        parameters: all of them, group by group.
        settings: what was changed.
        words: the search; matches path, source and note.
    """
    changed, wanted = changes_of(settings), words.lower().split()
    found: list[Row] = []
    group = ""
    for one in parameters:
        if not all(word in f"{one.path} {one.source} {one.note}".lower() for word in wanted):
            continue
        if one.group != group:
            group = one.group
            found.append(Row(group.upper().replace("_", " "), None))
        found.append(Row(group, one, changed.get(one.path)))
    return found


def out_of_range(one: Parameter, text: str | None) -> str:
    """Say that a value lies outside the range its parameter documents; empty where it does not, or is no number."""
    if one.range is None or text is None:
        return ""
    try:
        value = float(text)
    except ValueError:
        return ""
    return "" if one.range[0] <= value <= one.range[1] else f"{OUTSIDE}, {_bounds(one.range)}"


def parameter_lines(one: Parameter, changed: str | None, width: int) -> list[Content]:
    """Return everything known of one parameter; what the file says of its own value is not said of a changed one."""
    source = one.source or ("a choice, no number" if not one.unit else "assumption")
    lines = [Content.styled(text, "bold") for text in textwrap.wrap(one.path, width)]
    if changed is None:
        lines += [Content(f"value   {written(one.value)} {one.unit}".rstrip()), Content(f"source  {source}")]
    else:
        lines.append(Content.styled(f"now     {changed} {one.unit}".rstrip(), "bold $accent"))
        lines.append(Content(f"source  {YOURS}"))
        if outside := out_of_range(one, changed):
            lines.append(Content.styled(f"        {outside}", "bold $warning"))
        lines.append(Content(f"base    {written(one.value)} {one.unit}".rstrip()))
        lines.append(Content(f"        source of the base: {source}"))
    bounds = _bounds(one.range) if one.range else "none given"
    lines.append(Content(f"range   {bounds} (plausible; what is allowed is said when it is broken)"))
    if one.note:
        note = one.note if changed is None else f"of the base: {one.note}"
        lines += [Content.styled(text, _DIM) for text in textwrap.wrap(note, width)]
    return [part for line in lines for part in (line.wrap(width) if line.cell_length > width else [line])]


def change_lines(parameters: Mapping[str, Parameter], settings: Sequence[str], width: int) -> list[Content]:
    """Return what differs from the base, with a line for each value outside its range."""
    if not settings:
        return Content.styled("nothing is changed: this is the scenario as its file has it", _DIM).wrap(width)
    lines = []
    for path, value in changes_of(settings).items():
        one = parameters.get(path)
        was = written(one.value) if one is not None else "?"
        lines += Content(f"{path}: {was} → {value}").wrap(width)
        if one is not None and (outside := out_of_range(one, value)):
            lines += Content.styled(f"  {outside}", "bold $warning").wrap(width)
    return lines


def theory_lines(base: Look | None, look: Look | None, width: int) -> list[Content]:
    """Return the lines of every design by theory, base and now, or why the changes cannot be run."""
    if look is None:
        return [Content.styled("reading …", _DIM)]
    if look.problems:
        return [
            Content.styled(text, "$error")
            for problem in look.problems
            for text in textwrap.wrap(f"✘ {problem}", width)
        ]
    if look.preview is None:
        return []
    beside = _names_fit(look.preview.designs)
    label = _DESIGN if beside else 1
    cell = max(9, (width - label) // len(_THEORY))
    head = fit("", label) + "".join(fit_right(_HEADS[name], cell) for name in _THEORY)
    lines = [Content.styled(fit(head, width), "bold")]
    for index, (design, seen) in enumerate(look.preview.designs.items()):
        was = base.preview.designs.get(design) if base is not None and base.preview is not None else None
        cells: list[Content] = []
        for name in _THEORY:
            value = seen.metrics[name]
            before = was.metrics[name] if was is not None else value
            cells.append(_theory_cell(name, before, value, (look.limits or {}).get(name), cell))
        lines += _figures_of(f"{shape(index)} {design}", Content.assemble(*cells), label, width)
    told = "exact Erlang-A by half hour; the simulation decides"
    if look.left_out:
        told += f". It leaves out {'; '.join(look.left_out)}"
    return [*lines, *(Content.styled(part, _DIM) for part in textwrap.wrap(told, width))]


def simulated_lines(
    comparison: Comparison, limits: Mapping[str, float], command: str, width: int
) -> list[Content]:
    """Return what a few simulated days say of the same figures, completion beside them, and the command for it.

    Every figure has its 95 % interval, and is unsure where that holds the limit.
    """
    names = ("completion_of_engaged_rate", "call_abandonment_rate", "call_wait_busy_s")
    heads = ("of engaged %", "abandoned %", "busy wait s")
    beside = width >= _DESIGN + len(names) * _FIGURE and _names_fit(comparison.designs)
    label = _DESIGN if beside else 1
    cell = min(2 * _FIGURE, (width - label) // len(names))
    told = [part for note in overriding(comparison.notes) for part in textwrap.wrap(note, width)]
    lines = [Content.styled(part, "$error") for part in told]
    days, runs = comparison.settings.get("calendar.working_days"), comparison.replications
    made = f"{days} working days, {runs} replication{'s' if runs != 1 else ''}, seed {comparison.seed}"
    lines += [
        Content(part)
        for part in textwrap.wrap(f"{made}; ± or [low, high]: the 95 % interval, day by day", width)
    ]
    lines.append(Content.styled(fit("", label) + "".join(fit_right(head, cell) for head in heads), "bold"))
    for index, (design, result) in enumerate(comparison.designs.items()):
        metrics = metrics_of(result)
        cells = [
            interval_below(_simulated_cell(metrics.get(name), limits.get(name)), cell - 1) for name in names
        ]
        figures, *below = (
            Content("".join(fit_right(part, cell) for part in parts))
            for parts in zip_longest(*cells, fillvalue="")
        )
        lines += _figures_of(f"{shape(index)} {design}", figures, label, width)
        lines += [Content.assemble(" " * label, more) for more in below]
    return [*lines, *(Content.styled(text, _DIM) for text in textwrap.wrap(f"$ {command}", width))]


def _names_fit(designs: Iterable[str]) -> bool:
    """Whether every design's name has room in front of its figures."""
    return all(len(f"{shape(0)} {design}") < _DESIGN for design in designs)


def _figures_of(name: str, figures: Content, label: int, width: int) -> list[Content]:
    """A design's figures behind its name, or below it where that has no room."""
    if label >= _DESIGN:
        return [Content.assemble(fit(name, label), figures)]
    return [*map(Content, parted(name, width)), Content.assemble(" " * label, figures)]


def _simulated_cell(metric: Metric | None, limit: float | None) -> str:
    if metric is None or metric.value is None:
        return MISSING
    if limit is None or metric.low is None or metric.high is None:
        glyph = _glyph(metric.value, limit)
    else:
        ends = {_glyph(end, limit) for end in (metric.low, metric.high)}
        glyph = ends.pop() if len(ends) == 1 else GLYPHS["unsure"]
    return f"{glyph} {estimate(metric)}".strip()


def moved(one: Parameter, changed: str | None, by: int) -> str | None:
    """Return a parameter's value one step on, as `--set` takes it; None where it is not one number.

    Args:
        one: the parameter.
        changed: what it was changed to, or None.
        by: 1 or -1.
    """
    now = written(one.value) if changed is None else changed
    try:
        value: float = int(now) if isinstance(one.value, int) else float(now)
    except ValueError:
        return None
    return written(nudged(value, one.range, by))


def nudged(value: float, bounds: tuple[float, float] | None, by: int) -> float:
    """Return a number moved by one tidy step; whole numbers stay whole.

    Args:
        value: where it stands.
        bounds: its plausible range, or None: then a step is a twentieth of the value.
        by: 1 or -1.
    """
    width = bounds[1] - bounds[0] if bounds else abs(value)
    step = _tidy(width / _STEPS or 1.0)
    if isinstance(value, int):
        step = max(1, round(step))
        return value + by * step
    return round(value + by * step, 10)


def _tidy(step: float) -> float:
    """Round a step above nought down to 1, 2 or 5 times a power of ten."""
    power = 10.0 ** math.floor(math.log10(step) + 1e-9)
    return next(times * power for times in (5, 2, 1) if times * power <= step * (1 + 1e-9))


def _row_lines(one: Parameter, changed: str | None, width: int) -> list[str]:
    outside = bool(out_of_range(one, changed))
    mark = " " if changed is None else "△" if outside else "●"
    value = changed if changed is not None else written(one.value)
    source = one.source if changed is None else OUTSIDE if outside else YOURS
    spare = width - _RANGE_FROM - (_LABEL_ENOUGH - _LABEL_LEAST)
    columns = [(one.unit, _UNIT), (source, _SOURCE)]
    if width >= _RANGE_FROM:
        columns.insert(1, (f"{_short(one.range[0])}–{_short(one.range[1])}" if one.range else "", _RANGE))  # noqa: RUF001 - a range
    room, align = _VALUE + max(0, min(_VALUE, spare)), fit_right
    while len(value) > room and columns and not columns[0][0]:  # a choice has neither unit nor source
        room, align = room + 1 + columns.pop(0)[1], fit
    label = max(_LABEL_LEAST, width - 3 - room - sum(1 + cells for _, cells in columns))
    parts = [parted(one.label, label), parted(value, room)]
    parts += [parted(text, cells, " –") for text, cells in columns]  # noqa: RUF001 - a range
    lines: list[str] = []
    for name, now, *rest in zip_longest(*parts, fillvalue=""):
        cells = " ".join(fit(text, column) for text, (_, column) in zip(rest, columns, strict=True))
        row = f"{mark if not lines else ' '} {fit(name, label)} {align(now, room)} {cells}"
        lines.append(row.rstrip())
    return lines


def _bounds(ends: tuple[float, float]) -> str:
    return f"{_short(ends[0])} to {_short(ends[1])}"


def _short(value: float) -> str:
    return f"{value:,.6g}" if abs(value) < 1e6 else f"{value:,.0f}"


def _theory_cell(name: str, before: float, now: float, limit: float | None, width: int) -> Content:
    unit = _UNITS[name]
    shown = with_unit(now, unit)
    moved = ""
    if abs(now - before) > 1e-9:
        moved = "▲" if now > before else "▼"
    glyph = _glyph(now, limit)
    style = {"✘": "bold $error", "✔": "$success"}.get(glyph, "")
    return Content.styled(fit_right(f"{glyph} {shown}{moved}".strip(), width), style)


def _glyph(value: float, limit: float | None) -> str:
    if limit is None:
        return ""
    return GLYPHS["pass"] if value < limit else GLYPHS["fail"]
