"""What a case book says, as lines a widget only has to draw. Pure functions over `scenarios.evidence.cases`."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from textual.content import Content

from tui.chartmath import fit, fit_right

if TYPE_CHECKING:
    from scenarios.evidence.trace import CaseTrace, TraceLine

_CLOCK = 8
_KIND = 11
_DIM = "$foreground-muted"
_EVIDENCE = "audit"
_QUIET = ("journey", _EVIDENCE)
"""Kinds of line that say where a case was and what was written down, not what anybody answered."""

_STYLES: Mapping[str, str] = {
    "policy": "$primary",
    "identity": "$primary",
    "core": "$success",
    "writeback": "$success",
    "exception": "$error",
    _EVIDENCE: _DIM,
    "journey": _DIM,
}


def happened(tags: Iterable[tuple[str, int]], words: str) -> list[tuple[str, int]]:
    """Return the tags that hold every word of a search, whatever their order and case."""
    wanted = words.lower().split()
    return [(tag, cases) for tag, cases in tags if all(word in tag.lower() for word in wanted)]


def count_cell(cases: int) -> str:
    """Write what stands before a tag: the number of cases it happened to."""
    return f"{cases:>7,}  "


def case_cell(case_id: int, band: str) -> str:
    """Write what stands before the words of a case: its number and how far behind it is."""
    return f"{case_id:>6} {fit(band, 3)} "


def story_lines(story: CaseTrace, width: int, *, evidence: bool) -> list[Content]:
    """Return a case as a timeline, a day's name above the day, long text wrapped below where it starts.

    Args:
        story: from trigger to record.
        width: columns.
        evidence: also every row of the audit trail; the check of the chain shows always.
    """
    shown = [line for line in story.lines if evidence or line.kind != _EVIDENCE or _is_check(line)]
    head = f"case {story.case_id} · {story.design} · {story.customer}"
    hidden = len(story.lines) - len(shown)
    left_out = f"{hidden} rows of evidence are left out; e shows them" if hidden else ""
    lines = [
        Content.styled(part, style)
        for text, style in ((head, "bold"), (story.final_state, "bold $accent"), (left_out, _DIM))
        for part in textwrap.wrap(text, width)
    ]
    return [*lines, *_by_day(shown, width)]


def side_by_side(stories: Sequence[tuple[str, CaseTrace, str]], width: int) -> list[Content]:
    """Return the same customer in several designs: how each ended, then what happened on the way.

    Args:
        stories: shape of the design, the story, and where the case stands at the end.
        width: columns.
    """
    lines: list[Content] = []
    for mark, story, stands in stories:
        lines.append(Content.styled(f"{mark} {fit(story.design, 20)} {stands}", "bold"))
    for mark, story, stands in stories:
        lines += [Content(""), Content.styled(f"{mark} {story.design}: {stands}", "bold underline")]
        lines += _by_day((line for line in story.lines if line.kind not in _QUIET), width)
        lines += [Content.styled(text, "$accent") for text in textwrap.wrap(story.final_state, width)]
    return lines


def page_words(first: int, shown: int, count: int) -> str:
    """Say which part of a list is shown."""
    if not count:
        return "no case"
    return f"{first + 1:,}–{first + shown:,} of {count:,}"  # noqa: RUF001 - a range


def _is_check(line: TraceLine) -> bool:
    return not line.text.startswith("#")


def _by_day(shown: Iterable[TraceLine], width: int) -> list[Content]:
    """Write happenings, the date above those of a day."""
    lines: list[Content] = []
    day = ""
    for line in shown:
        date, _, clock = line.clock.partition(" ")
        if date != day:
            lines.append(Content.styled(fit(f"── {date} ", width), _DIM))
            day = date
        lines += _told(clock, line, width)
    return lines


def _told(clock: str, line: TraceLine, width: int) -> list[Content]:
    room = max(10, width - _CLOCK - _KIND - 2)
    parts = textwrap.wrap(line.text, room) or [""]
    style = _STYLES.get(line.kind, "")
    first = Content.assemble(
        (fit(clock, _CLOCK), _DIM),
        " ",
        (fit_right(line.kind, _KIND), style or "bold"),
        " ",
        (parts[0], style),
    )
    margin = " " * (_CLOCK + _KIND + 2)
    return [first, *(Content.assemble(margin, (part, style)) for part in parts[1:])]
