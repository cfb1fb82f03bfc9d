"""The decision panel: which design passes its rules, what failed, and whether expectations held."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Static

from scenarios.result import Comparison, DesignResult
from tui.figures import with_unit
from tui.library import Words
from tui.readings import (
    GLYPHS,
    expectation_text,
    leader,
    metric_label,
    shape_of,
    tally,
    verdict_names,
)
from tui.widgets.panel import Panel

STYLES = {"pass": "$success", "fail": "bold $error", "unsure": "$warning", "not judged": "$foreground-muted"}
"""Colour of a verdict; always beside its glyph."""

_BOLD = "bold"


class DecisionPanel(Panel):
    """Answer first: one block per design, then the expectations, then the notes."""

    KEY = "d"
    TITLE = "Decision"
    EXPLAINS = (
        "Each design is held against the decision rules of the scorecard. A rule passes or fails when the "
        "whole 95 % interval lies on one side of its limit, and is unsure when the interval straddles it: "
        "more replications narrow it. In front is the design with the fewest failed rules; among equals, the "
        "one that completes most cases. Expectations are claims the scenario file makes about its results."
    )

    def compose(self) -> ComposeResult:
        """Hold one block of wrapped text."""
        yield Static(id="decision-text")

    def show(self, comparison: Comparison, words: Words) -> None:
        """Show a result in place of the one before."""
        self.query_one("#decision-text", Static).update(decision_text(comparison, words))


def decision_text(comparison: Comparison, words: Words) -> Content:
    """Write the panel's text, the answer first; long lines are wrapped by whoever shows it."""
    ahead = leader(comparison)
    lines = [Content.styled(f"In front: {shape_of(comparison, ahead)} {ahead}", _BOLD)]
    for name, design in comparison.designs.items():
        lines += [Content.styled(f"{shape_of(comparison, name)} {name}", _BOLD), _counts(design)]
    if comparison.expectations:
        verdicts: list[str] = [item.verdict for item in comparison.expectations]
        counts = " ".join(f"{glyph} {verdicts.count(verdict)}" for verdict, glyph in GLYPHS.items())
        lines += [Content(""), Content.styled(f"Expected: {counts}", _BOLD)]
        lines += [
            Content.styled(expectation_text(comparison, item), STYLES[item.verdict])
            for item in comparison.expectations
        ]
    for name, design in comparison.designs.items():
        head = f"{shape_of(comparison, name)} {design.title}"
        lines += [Content(""), Content.styled(head, _BOLD), *_reasons(design, words)]
    if comparison.notes:
        lines += [Content(""), Content.styled("Notes", _BOLD), *map(Content, comparison.notes)]
    return Content("\n").join(lines)


def _counts(design: DesignResult) -> Content:
    counts = tally(design)
    if not sum(counts):
        return Content("no rule was judged")
    return Content.assemble(
        (f"{GLYPHS['pass']} {counts.passed} pass", STYLES["pass"]),
        " ",
        (f"{GLYPHS['fail']} {counts.failed} fail", STYLES["fail"]),
        " ",
        (f"{GLYPHS['unsure']} {counts.unsure} unsure", STYLES["unsure"]),
    )


def _reasons(design: DesignResult, words: Words) -> list[Content]:
    """What failed and what is unsure by name, then where the engaged customers ended."""
    lines = [
        Content.styled(f"{GLYPHS[verdict]} {verdict}: {', '.join(names).lower()}", STYLES[verdict])
        for verdict in ("fail", "unsure")
        if (names := verdict_names(design, verdict, words))
    ]
    lines += [
        Content(f"{metric_label(name)} {with_unit(metric.value, metric.unit)}")
        for name, metric in design.buckets.items()
    ]
    return lines or [Content("nothing failed" if sum(tally(design)) else "no rule was judged")]
