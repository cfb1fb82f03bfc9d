"""Saved runs as lines: the list, one run in words, and two comparisons held against each other."""

from __future__ import annotations

import textwrap
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from textual.content import Content

from scenarios.result import Comparison
from tui.chartmath import fit, fit_right
from tui.figures import difference, duration, estimate
from tui.library import Words
from tui.readings import GLYPHS, metrics_of, shape, tally, title_of

if TYPE_CHECKING:
    from scenarios.saved.runs import SavedRun

_DIM = "$foreground-muted"
_LABEL = 30
_CELL = 16


def when(ms: int) -> str:
    """Return a wall time as people write it, UTC."""
    return datetime.fromtimestamp(ms / 1000, UTC).strftime("%Y-%m-%d %H:%M")


def run_row(run: SavedRun, *, marked: bool) -> str:
    """Return one line of the list: a mark, the number, when, how it ended, the command."""
    mark = "●" if marked else " "
    return f"{mark} {run.id:>4}  {when(run.started_ms)}  {run.status:<11} {run.line.removeprefix('sandbox ')}"


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
    lines += [
        Content(fit(f"since then {change.partition(' (')[0]}", width)) for change in run.changed_since()
    ]
    if run.files:
        lines.append(Content(fit(f"with the files {', '.join(sorted(run.files))}", width)))
    if comparison is None:
        text = run.text or "it has no comparison to open; the command runs it again"
        return [*lines, Content(""), *(Content(fit(line, width)) for line in text.splitlines())]
    lines += [Content(""), Content.styled(f"{comparison.title}, seed {comparison.seed}", "bold")]
    for index, (name, design) in enumerate(comparison.designs.items()):
        counts = tally(design)
        verdicts = " ".join(f"{glyph} {count}" for glyph, count in zip(GLYPHS.values(), counts, strict=False))
        lines.append(Content(f"{shape(index)} {fit(name, 20)} {verdicts}"))
    return [*lines, Content(""), Content("Enter opens it in Compare, exactly as it was")]


def versus_lines(
    one: tuple[int, Comparison], other: tuple[int, Comparison], words: Words, width: int
) -> list[Content]:
    """Return the metrics of the designs two comparisons share, side by side, the second minus the first.

    Args:
        one: number and comparison of the first run.
        other: of the second.
        words: the metrics in words.
        width: columns.
    """
    (first, before), (second, after) = one, other
    label = max(16, min(_LABEL, width - 3 * _CELL))
    lines = []
    changed = {
        path: (before.settings.get(path), after.settings.get(path))
        for path in {**before.settings, **after.settings}
        if before.settings.get(path) != after.settings.get(path)
    }
    for path, (was, now) in sorted(changed.items()):
        lines.append(Content(fit(f"{path}: {was} → {now}", width)))
    lines += [] if changed else [Content("the same settings")]
    for name in before.designs:
        if name not in after.designs:
            continue
        lines += [Content(""), Content.styled(fit(f"{name}", width), "bold underline")]
        heads = (f"run {first}", f"run {second}", f"{second} − {first}")  # noqa: RUF001 - a minus
        lines.append(
            Content.styled(fit("", label) + "".join(fit_right(head, _CELL) for head in heads), "bold")
        )
        lines += _rows(before, after, name, words, label)
    return lines


def _rows(before: Comparison, after: Comparison, design: str, words: Words, label: int) -> list[Content]:
    lines = []
    then, now = metrics_of(before.designs[design]), metrics_of(after.designs[design])
    for metric in then:
        if metric not in now or not (words[metric].main if metric in words else then[metric].rule):
            continue
        was, new = then[metric], now[metric]
        moved = (
            "n/a" if was.value is None or new.value is None else difference(new.value - was.value, was.unit)
        )
        cells = (f"{_glyph(was.verdict)} {estimate(was)}", f"{_glyph(new.verdict)} {estimate(new)}", moved)
        lines.append(
            Content(fit(title_of(metric, words), label) + "".join(fit_right(cell, _CELL) for cell in cells))
        )
    return lines


def _glyph(verdict: str | None) -> str:
    return GLYPHS.get(verdict or "", "")
