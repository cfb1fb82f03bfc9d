"""Two designs case by case, as lines to pick from: who gets worse first."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from scenarios.percent import in_percent
from tui.figures import count_estimate

if TYPE_CHECKING:
    from scenarios.explain.flips import Flip, Flips
    from scenarios.totals import Figure

_COUNT = 14
"""Columns of a number of cases at least, so that the lists of two runs stand alike."""


class FlipRow(NamedTuple):
    """One line: a heading without cases, or a way cases moved with some to follow."""

    text: str
    case_id: int | None


def flip_rows(found: Flips) -> list[FlipRow]:
    """Return the ways cases moved, group by group, each group with its size; who stays is one line."""
    from sandbox.scorecard.standing import WORDS

    groups: dict[str, list[Flip]] = {"WORSE": [], "BETTER": [], "ELSEWHERE": []}
    for flip in found.flips:
        if flip.before is not flip.after:
            head = "WORSE" if flip.change < 0 else "BETTER" if flip.change > 0 else "ELSEWHERE"
            groups[head].append(flip)
    sizes = {"WORSE": found.worse, "BETTER": found.better, "ELSEWHERE": found.sideways}
    rows: list[FlipRow] = []
    widest = max((len(cases_text(flip.cases)) for flips in groups.values() for flip in flips), default=0)
    for head, flips in groups.items():
        rows.append(FlipRow(f"{head}  {cases_text(sizes[head])} of {found.cases:,} cases", None))
        rows += [
            FlipRow(
                f"  {cases_text(flip.cases):>{max(widest, _COUNT)}}  {WORDS[flip.before]} → {WORDS[flip.after]}",
                flip.examples[0] if flip.examples else None,
            )
            for flip in flips
        ] or [FlipRow("  nobody", None)]
    rows.append(FlipRow(f"UNCHANGED  {cases_text(found.same)}", None))
    return rows


def segment_lines(found: Flips) -> list[str]:
    """Return what becomes of each segment, as shares of its triggered cases."""
    lines = [f"{'by segment':<18}{'cases':>9}{'worse':>9}{'better':>9}"]
    for part in found.segments:
        whole = part.cases.value or 1.0
        worse, better = (in_percent((one.value or 0.0) / whole, 1) for one in (part.worse, part.better))
        lines.append(f"{part.segment:<18}{part.cases.value or 0:>9,.0f}{worse:>9}{better:>9}")
    return lines


def cases_text(figure: Figure) -> str:
    """Write a mean number of cases with its interval."""
    return "n/a" if figure.value is None else count_estimate(figure.value, figure.low, figure.high)
