"""What-if as rows and lines: parameters with their origin, the lines by theory, what differs from the base."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from textual.content import Content

from scenarios.result import Comparison
from tui.chartmath import fit, fit_right
from tui.cli.remarks import overriding
from tui.figures import with_unit
from tui.readings import GLYPHS, metrics_of, shape

if TYPE_CHECKING:
    from scenarios.whatif import Look, Parameter

_LABEL = 27
_VALUE = 11
_UNIT = 8
_RANGE = 15
_ROOMY = 60
"""Columns from which there is room to say what theory leaves out."""

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
    """One line of the list: a group's name, or a parameter."""

    text: str
    parameter: Parameter | None


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
        found.append(Row(_row_text(one, changed.get(one.path)), one))
    return found


def parameter_lines(one: Parameter, changed: str | None, width: int) -> list[Content]:
    """Return everything known of one parameter."""
    lines = [Content.styled(text, "bold") for text in textwrap.wrap(one.path, width)]
    lines += [Content(f"base    {written(one.value)} {one.unit}".rstrip())]
    if changed is not None:
        lines.append(Content.styled(f"now     {changed} {one.unit}".rstrip(), "bold $accent"))
    bounds = f"{_short(one.range[0])} to {_short(one.range[1])}" if one.range else "none given"
    lines.append(Content(f"range   {bounds} (plausible; what is allowed is said when it is broken)"))
    source = one.source or ("a choice, no number" if not one.unit else "assumption")
    lines.append(Content(f"source  {source}"))
    if one.note:
        lines += [Content.styled(text, _DIM) for text in textwrap.wrap(one.note, width)]
    return [part for line in lines for part in (line.wrap(width) if line.cell_length > width else [line])]


def change_lines(parameters: Mapping[str, Parameter], settings: Sequence[str], width: int) -> list[Content]:
    """Return what differs from the base, one line each."""
    if not settings:
        return [Content.styled("nothing is changed: this is the scenario as its file has it", _DIM)]
    lines = []
    for path, value in changes_of(settings).items():
        was = written(parameters[path].value) if path in parameters else "?"
        lines.append(Content(fit(f"{path}: {was} → {value}", width)))
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
    cell = max(9, (width - 16) // len(_THEORY))
    head = fit("", 16) + "".join(fit_right(_HEADS[name], cell) for name in _THEORY)
    lines = [Content.styled(fit(head, width), "bold")]
    for index, (design, seen) in enumerate(look.preview.designs.items()):
        was = base.preview.designs.get(design) if base is not None and base.preview is not None else None
        cells: list[Content] = []
        for name in _THEORY:
            value = seen.metrics[name]
            before = was.metrics[name] if was is not None else value
            cells.append(_theory_cell(name, before, value, (look.limits or {}).get(name), cell))
        lines.append(Content.assemble(fit(f"{shape(index)} {design}", 16), *cells))
    lines.append(Content.styled(fit("exact Erlang-A by half hour; the simulation decides", width), _DIM))
    if width >= _ROOMY and look.left_out:
        told = f"it leaves out: {'; '.join(look.left_out)}"
        lines += [Content.styled(part, _DIM) for part in textwrap.wrap(told, width)]
    return lines


def simulated_lines(
    comparison: Comparison, limits: Mapping[str, float], command: str, width: int
) -> list[Content]:
    """Return what a few simulated days say of the same figures, completion beside them, and the command for it."""
    names = ("completion_of_engaged_rate", "call_abandonment_rate", "call_wait_busy_s")
    heads = {"completion_of_engaged_rate": "of engaged", **_HEADS}
    cell = max(9, (width - 16) // len(names))
    head = fit("", 16) + "".join(fit_right(heads[name], cell) for name in names)
    told = [part for note in overriding(comparison.notes) for part in textwrap.wrap(note, width)]
    lines = [Content.styled(part, "$error") for part in told]
    lines.append(Content.styled(fit(head, width), "bold"))
    for index, (design, result) in enumerate(comparison.designs.items()):
        cells = []
        for name in names:
            metric = metrics_of(result).get(name)
            if metric is None or metric.value is None:
                cells.append(Content(fit_right("n/a", cell)))
                continue
            glyph = _glyph(metric.value, limits.get(name))
            cells.append(Content(fit_right(f"{glyph} {with_unit(metric.value, metric.unit)}", cell)))
        lines.append(Content.assemble(fit(f"{shape(index)} {design}", 16), *cells))
    return [*lines, *(Content.styled(text, _DIM) for text in textwrap.wrap(f"$ {command}", width))]


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


def _row_text(one: Parameter, changed: str | None) -> str:
    mark = "●" if changed is not None else " "
    value = changed if changed is not None else written(one.value)
    bounds = f"{_short(one.range[0])}–{_short(one.range[1])}" if one.range else ""  # noqa: RUF001 - a range
    parts = [
        fit(one.label, _LABEL),
        fit_right(value, _VALUE),
        fit(one.unit, _UNIT),
        fit(bounds, _RANGE),
        one.source,
    ]
    return f"{mark} " + " ".join(parts).rstrip()


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
