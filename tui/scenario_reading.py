"""One scenario in words: its story, whether it is sound, what is in it, and how it came out last."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from textual.content import Content

from scenarios.result import Comparison
from tui.chartmath import fit
from tui.library import ScenarioListing
from tui.readings import GLYPHS, shape, tally

if TYPE_CHECKING:
    from scenarios.world.spec import CheckReport

_WORLD = (
    "workflow",
    "policy",
    "baseline",
    "campaign.messages",
    "calendar.working_days",
    "seed",
    "replications",
)
_HEAD = 22


def scenario_lines(
    one: ScenarioListing, report: CheckReport | None, last: Comparison | None, width: int
) -> list[Content]:
    """Return everything worth knowing before a run.

    Args:
        one: name, title and story.
        report: what checking found; None while it is read.
        last: the last comparison of it, or None.
        width: columns.
    """
    lines = [Content.styled(part, "bold") for part in textwrap.wrap(one.title, width)]
    lines += [Content(part) for part in textwrap.wrap(" ".join(one.story.split()), width)]
    lines.append(Content(""))
    if report is None:
        return [*lines, Content("reading the file …")]
    if not report.ok:
        problems = [part for problem in report.problems for part in textwrap.wrap(f"✘ {problem}", width)]
        return [*lines, *(Content.styled(part, "$error") for part in problems)]
    lines.append(Content.styled("✔ the file is sound", "$success"))
    designs = dict.fromkeys(path.split(".")[1] for path in report.settings if path.startswith("designs."))
    entries = [("designs", ", ".join(designs))]
    entries += [(path, str(report.settings[path])) for path in _WORLD if path in report.settings]
    sources = ", ".join(f"{count} {source}" for source, count in sorted(report.sources.items()))
    lines += [line for entry in (*entries, ("numbers by source", sources)) for line in _entry(*entry, width)]
    lines += [Content(part) for note in report.notes for part in textwrap.wrap(f"note: {note}", width)]
    if last is not None:
        lines += [Content(""), Content.styled(f"last result here, seed {last.seed}", "bold")]
        lines += [_result(index, name, last) for index, name in enumerate(last.designs)]
    return lines


def _entry(head: str, text: str, width: int) -> list[Content]:
    parts = textwrap.wrap(text, max(10, width - _HEAD)) or [""]
    first = Content.assemble((fit(head, _HEAD), "$foreground-muted"), parts[0])
    return [first, *(Content(" " * _HEAD + part) for part in parts[1:])]


def _result(index: int, name: str, last: Comparison) -> Content:
    counts = zip(GLYPHS.values(), tally(last.designs[name]), strict=False)
    return Content(
        f"{shape(index)} {fit(name, 20)} {' '.join(f'{glyph} {count}' for glyph, count in counts)}"
    )
