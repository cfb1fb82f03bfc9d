"""Saved runs as lines: the list, one run in words, and two comparisons held against each other."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from textual.content import Content

from scenarios.result import Comparison
from tui.chartmath import fit, fit_right
from tui.cli.remarks import overriding
from tui.figures import MINUS, MISSING, difference_estimate, duration, estimate, interval_below
from tui.library import Words
from tui.readings import GLYPHS, metrics_of, shape, tally, title_of, unit_words

if TYPE_CHECKING:
    from scenarios.result import DesignResult
    from scenarios.saved.runs import SavedRun
    from scenarios.versus import Moved, Ran, Versus

_DIM = "$foreground-muted"
_LABEL = 36
"""Columns a metric's name and unit need to stand beside its figures."""

_CELL = 17
_PAIRED = (
    "replication by replication: the same customers with the same luck. ~ marks a figure that is not paired."
)
_APART = "Each difference has the interval of two estimates that stand apart."
_SURE = "▲ ▼ the difference is more than chance: its interval leaves nought out."


def when(ms: int) -> str:
    """Return a wall time as people write it, UTC."""
    return datetime.fromtimestamp(ms / 1000, UTC).strftime("%Y-%m-%d %H:%M")


def run_row(run: SavedRun, *, marked: bool) -> tuple[str, str]:
    """Return a row of the list: a mark, the number, when, how it ended; then the command."""
    mark = "●" if marked else " "
    head = f"{mark} {run.id:>4}  {when(run.started_ms)}  {run.status:<11} "
    return head, run.line.removeprefix("sandbox ")


def run_lines(run: SavedRun, comparison: Comparison | None, width: int) -> list[Content]:
    """Return one run in words: what it was, what it was made with, how its designs came out."""
    took = (
        ""
        if run.ended_ms is None
        else f", ended {duration((run.ended_ms - run.started_ms) / 1000)} after it began"
    )
    lines = [
        Content.styled(f"run {run.id}: {run.status}{took}", "bold"),
        *(Content(part) for part in textwrap.wrap(f"$ {run.line}", width)),
        Content.styled(fit(f"code {run.code[:12]}, rules {run.rules[:12]}", width), _DIM),
    ]
    told = [f"since then {change.partition(' (')[0]}" for change in run.changed_since()]
    told += [f"with the files {', '.join(sorted(run.files))}"] if run.files else []
    lines += [Content(part) for text in told for part in textwrap.wrap(text, width)]
    if comparison is None:
        text = run.text or "it has no comparison to open; the command runs it again"
        return [*lines, Content(""), *(Content(fit(line, width)) for line in text.splitlines())]
    title = textwrap.wrap(f"{comparison.title}, seed {comparison.seed}", width)
    lines += [Content(""), *(Content.styled(part, "bold") for part in title)]
    room = max(20, *map(len, comparison.designs))
    for index, (name, design) in enumerate(comparison.designs.items()):
        counts = tally(design)
        verdicts = " ".join(f"{glyph} {count}" for glyph, count in zip(GLYPHS.values(), counts, strict=False))
        lines.append(Content(f"{shape(index)} {fit(name, room)} {verdicts}"))
    return [*lines, Content(""), Content("Enter opens it in Compare, exactly as it was")]


def versus_lines(one: Ran, other: Ran, words: Words, width: int) -> list[Content]:
    """Return what two runs were made with otherwise, then the metrics of the designs both have, side by side.

    Args:
        one: the first run.
        other: the second, from which the first is taken away.
        words: the metrics in words.
        width: columns.
    """
    from scenarios.versus import held_against

    held = held_against(one, other)
    pair = (one.saved.id, other.saved.id)
    lines = _versus_head(held, one, other, width)
    for name, moved in held.designs.items():
        lines += [Content(""), Content.styled(fit(name, width), "bold underline")]
        if name in held.same:
            lines.append(Content("the same facts in both, byte for byte"))
        room = width - 3 * _CELL
        heads = (f"run {pair[0]}", f"run {pair[1]}", f"{pair[1]} {MINUS} {pair[0]}")
        cells = "".join(fit_right(head, _CELL) for head in heads)
        lines.append(Content.styled((fit("", room) if room >= _LABEL else "  ") + cells, "bold"))
        before, after = one.comparison.designs[name], other.comparison.designs[name]
        lines += _versus_rows(before, after, moved, words, room)
    for number, mine, theirs in ((pair[0], one, other), (pair[1], other, one)):
        only = [name for name in mine.comparison.designs if name not in theirs.comparison.designs]
        if only:
            lines += [Content(""), Content(f"only in run {number}: {', '.join(only)}")]
    return lines


def _versus_head(held: Versus, one: Ran, other: Ran, width: int) -> list[Content]:
    """What differs, whether figures are paired, and how to read them."""
    first, second = one.saved.id, other.saved.id
    notes = dict.fromkeys(note for ran in (one, other) for note in overriding(ran.comparison.notes))
    lines = [Content.styled(note, "$error") for note in notes]
    if held.changes:
        lines.append(Content.styled(f"made otherwise, run {first} → run {second}", "bold"))
        lines += [Content(f"  {what}: {was} → {now}") for what, was, now in held.changes]
    else:
        lines.append(Content("the same settings, seed, replications, rules and code"))
    if held.apart:
        lines.append(Content.assemble(("not paired", "bold"), f": {held.apart}. {_APART}"))
    else:
        lines.append(Content.assemble(("paired", "bold"), f" {_PAIRED}"))
    lines.append(Content.styled(f"± or [low, high]: 95 % interval. {_SURE}", _DIM))
    return [part for line in lines for part in line.wrap(max(1, width))]


def _versus_rows(
    before: DesignResult, after: DesignResult, held: Mapping[str, Moved], words: Words, room: int
) -> list[Content]:
    """One line a metric; two where its name has no room beside the figures."""
    lines = []
    then, now = metrics_of(before), metrics_of(after)
    any_paired = any(moved.paired for moved in held.values())
    for name, moved in held.items():
        was, new = then[name], now[name]
        if not (words[name].main if name in words else was.rule):
            continue
        cells = (
            f"{_glyph(was.verdict)} {estimate(was)}",
            f"{_glyph(new.verdict)} {estimate(new)}",
            _moved_text(moved, was.unit, mark_apart=any_paired),
        )
        told = [interval_below(cell, _CELL - 1) for cell in cells]
        figures, *below = (
            "".join(fit_right(one[at] if at < len(one) else "", _CELL) for one in told)
            for at in range(max(map(len, told)))
        )
        unit = unit_words(was.unit)
        label = f"{title_of(name, words)} ({unit})" if unit else title_of(name, words)
        lines += (
            [Content(fit(label, room) + figures)]
            if room >= _LABEL
            else [Content(label), Content(f"  {figures}")]
        )
        margin = " " * room if room >= _LABEL else "  "
        lines += [Content(margin + more) for more in below]
    return lines


def _moved_text(moved: Moved, unit: str, *, mark_apart: bool) -> str:
    """A difference with its interval, an arrow where that leaves nought out; ~ where only others are paired."""
    if moved.value is None:
        return MISSING
    text = difference_estimate(moved.value, moved.low, moved.high, unit)
    apart = "" if not mark_apart else " " if moved.paired else "~"
    if moved.low is None or moved.high is None or moved.low <= 0.0 <= moved.high:
        return f"{text}{apart}"
    return f"{'▲' if moved.value > 0 else '▼'} {text}{apart}"


def _glyph(verdict: str | None) -> str:
    return GLYPHS.get(verdict or "", "")
