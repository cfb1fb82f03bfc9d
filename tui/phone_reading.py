"""The phone and what happened behind it, as lines a widget only has to draw."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from textual.content import Content

from tui.chartmath import fit

if TYPE_CHECKING:
    from scenarios.rehearsal.parts import Moment
    from scenarios.rehearsal.phone import PhonePage
    from scenarios.rehearsal.prelaunch import CaseReview, Review

_DIM = "$foreground-muted"
_WHO: Mapping[str, tuple[str, str]] = {
    "customer sees": ("sees", "bold"),
    "customer does": ("does", "bold $accent"),
    "system does": ("system", ""),
    "agent sees": ("agent", "$primary"),
    "back office does": ("office", "$primary"),
    "evidence": ("audit", _DIM),
}
_WHO_WIDTH = 6
_CLOCK = 8
_KINDS: Mapping[str, str] = {
    "policy:": "$primary",
    "identity:": "$primary",
    "core:": "$success",
    "writeback:": "$success",
    "exception:": "$error",
    "journey:": _DIM,
}
_MARKS = {"ok": "✔", "not ok": "✘", "does not apply": "·"}
SIGNED, SENT_BACK, OPEN = "signed off", "sent back", "open"
_SIGNS = {SIGNED: "✔", SENT_BACK: "✘", OPEN: " "}
_BESIDE = "further"
_HEADINGS = {"clean": "CLEAN COMPLETIONS", "failing": "FAILURES", _BESIDE: "BESIDE THE TEN: FURTHER FAILURES"}
_KIND_WORDS = {
    "clean": "one of the ten: a clean completion",
    "failing": "one of the ten: a failure",
    _BESIDE: "beside the ten: a further failure",
}
REVIEW_LEGEND = "✔ ok   ✘ not ok   · does not apply\n[✔] signed off   [✘] sent back   [ ] open"
"""What the marks of the list mean: the rules' verdict, and what was said of the case."""


class ReviewRow(NamedTuple):
    """A line of the review's list: the case's number (none for a heading), its marks, and what may wrap."""

    number: int | None
    head: str
    words: str


class SwitchLine(NamedTuple):
    """One thing that can be made to go wrong: its key, what it does, whether it is on."""

    key: str
    words: str
    on: bool


def page_lines(page: PhonePage, width: int) -> list[Content]:
    """Return the words on the phone."""
    head = "the visit is over" if page.over else "on the phone now"
    lines = [Content.styled(fit(head, width), "bold")]
    text = page.page.partition(" You can: ")[0] if page.options and "You can: " in page.page else page.page
    if text.startswith("You can: "):
        text = "You can:"
    return [*lines, *(Content(part) for part in textwrap.wrap(text, width))]


def moment_lines(moments: Sequence[Moment], width: int) -> list[Content]:
    """Return the transcript: clock, who, what; runs of one answer of the core are drawn together."""
    lines: list[Content] = []
    day = ""
    for moment in _runs(moments):
        date, _, clock = moment.at.partition(" ")
        if date != day:
            lines.append(Content.styled(fit(f"── {date} ", width), _DIM))
            day = date
        who, style = _WHO.get(moment.who, (moment.who, ""))
        style = next((found for start, found in _KINDS.items() if moment.text.startswith(start)), style)
        parts = textwrap.wrap(moment.text, max(10, width - _CLOCK - _WHO_WIDTH - 2)) or [""]
        head = (fit(clock, _CLOCK), _DIM)
        lines.append(Content.assemble(head, " ", (fit(who, _WHO_WIDTH), style), " ", (parts[0], style)))
        margin = " " * (_CLOCK + _WHO_WIDTH + 2)
        lines += [Content.assemble(margin, (part, style)) for part in parts[1:]]
    return lines


def state_lines(page: PhonePage, width: int) -> list[Content]:
    """Return what stands in the outbox, in the core and in the trail."""
    lines: list[Content] = []
    for name, text in (
        ("outbox", "; ".join(page.outbox) or "empty"),
        ("core", page.record),
        ("audit", page.audit),
    ):
        parts = textwrap.wrap(text, max(10, width - 8)) or [""]
        lines.append(Content.assemble((fit(name, 8), "bold"), parts[0]))
        lines += [Content(" " * 8 + part) for part in parts[1:]]
    return lines


def switch_lines(switches: Sequence[SwitchLine], width: int, rows: int) -> list[Content]:
    """Return what can be made to go wrong, with its key; ● is on.

    Args:
        switches: all of them.
        width: columns.
        rows: lines to fill; where they are fewer than the switches these stand side by side.
    """
    columns = -(-len(switches) // max(1, rows))
    down = -(-len(switches) // max(1, columns))
    shown = [switches[first : first + down] for first in range(0, len(switches), down)]
    wide = [max(len(switch.words) for switch in column) + 5 for column in shown]
    lines = []
    for row in range(down):
        cells = [
            Content.styled(
                fit(f"{column[row].key} {'●' if column[row].on else '○'} {column[row].words}", room),
                "bold $error" if column[row].on else "",
            )
            for column, room in zip(shown, wide, strict=True)
            if row < len(column)
        ]
        lines.append(Content.assemble(*cells).truncate(width))
    return lines


def review_head(review: Review) -> str:
    """Say of which design a review is, and how many cases it holds: the ten, and what stands beside them."""
    ten = sum(case.kind != _BESIDE for case in review.cases)
    beside = len(review.cases) - ten
    return f"{review.design} · {ten} cases" + (f" and {beside} beside them" if beside else "")


def review_rows(review: Review, signs: Mapping[int, str]) -> list[ReviewRow]:
    """Return a row per case under a heading per kind: whether it was signed off, the verdict's mark, the title."""
    rows: list[ReviewRow] = []
    kind = ""
    for case in review.cases:
        if case.kind != kind:
            kind = case.kind
            rows.append(ReviewRow(None, "", _HEADINGS[kind]))
        head = f"[{_SIGNS[signs.get(case.number, OPEN)]}] {_MARKS[case.verdict]} {case.number:>2}. "
        rows.append(ReviewRow(case.number, head, case.title))
    return rows


def case_lines(case: CaseReview, sign: str, width: int) -> list[Content]:
    """Return one case of the review: who, what was staged, seen, done and left, the verdict and its rules."""
    title = textwrap.wrap(f"{case.number}. {case.title}", width)
    lines = [Content.styled(part, "bold") for part in title]
    lines.append(Content.styled(_KIND_WORDS[case.kind], _DIM))
    verdict = f"{_MARKS[case.verdict]} {case.verdict}: {case.reason}"
    style = {"ok": "$success", "not ok": "bold $error"}.get(case.verdict, _DIM)
    lines += [Content.styled(part, style) for part in textwrap.wrap(verdict, width)]
    lines.append(Content.styled(f"sign-off: {sign}", "bold $accent" if sign != OPEN else _DIM))
    if case.not_applicable:
        return lines
    entries = [
        ("customer", case.customer),
        ("staged", "; ".join(case.staged) or "nothing: as the population has them"),
        ("who sees it", case.seen_by),
        ("next action", case.next_action),
        ("core holds", case.core),
        ("evidence", case.evidence),
    ]
    for name, text in entries:
        parts = textwrap.wrap(text, max(10, width - 13)) or [""]
        lines.append(Content.assemble((fit(name, 13), "bold"), parts[0]))
        lines += [Content(" " * 13 + part) for part in parts[1:]]
    lines.append(Content.styled("rules", "bold"))
    for check in case.checks:
        mark = "✔" if check.ok else "✘"
        text = f"{mark} {check.rule}: {check.found}"
        lines += [
            Content.styled(part, "" if check.ok else "bold $error") for part in textwrap.wrap(text, width)
        ]
    return [*lines, Content.styled("what happened", "bold"), *moment_lines(case.transcript, width)]


def sign_off_text(review: Review, signs: Mapping[int, str], command: str) -> str:
    """Return the sign-off as a file: every case with its verdict and what was said of it."""
    signed = sum(sign == SIGNED for sign in signs.values())
    lines = [
        f"# Pre-launch sign-off: {review.design} in {review.scenario}",
        "",
        f"{signed} of {len(review.cases)} cases signed off; seed {review.seed}; repeat with `{command}`.",
        "",
        "| case | verdict | sign-off | who sees it | reason |",
        "|---|---|---|---|---|",
    ]
    for case in review.cases:
        said = (
            f"{case.number}. {case.title}",
            case.verdict,
            signs.get(case.number, OPEN),
            case.seen_by,
            case.reason,
        )
        lines.append(f"| {' | '.join(said)} |")
    lines += ["", "| writeback test | held | found |", "|---|---|---|"]
    lines += [
        f"| {trial.moment} | {'yes' if trial.ok else 'no'} | {trial.found} |" for trial in review.writeback
    ]
    return "\n".join(lines) + "\n"


def _runs(moments: Sequence[Moment]) -> list[Moment]:
    """Draw tries with the same answer together: the first and the last of a run stand for it."""
    kept: list[Moment] = []
    last = ""
    for moment in moments:
        tried = moment.text.startswith("core: posting, try")
        answer = moment.text.rpartition(" ")[2] if tried else ""
        if tried and answer == last:
            first = kept[-1].text.partition(" … ")[0]
            kept[-1] = kept[-1]._replace(text=f"{first} … {moment.text.partition(', ')[2]}")
        else:
            kept.append(moment)
        last = answer
    return kept
