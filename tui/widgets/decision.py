"""The decision panel: go, hold or stop for each design, what decided it, and whether expectations held."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Static

from scenarios.result import Comparison, DesignResult
from tui.cli.decision_words import Decided, briefly, by_diagnosis, by_metrics, headline, what_it_is, why
from tui.cli.remarks import warning
from tui.figures import with_unit
from tui.library import Words
from tui.readings import (
    GLYPHS,
    Tally,
    count_verdicts,
    expectation_text,
    leader,
    metric_label,
    shape_of,
)
from tui.widgets.panel import Panel

if TYPE_CHECKING:
    from scenarios.explain.diagnosis import Diagnosis

STYLES = {"pass": "$success", "fail": "bold $error", "unsure": "$warning", "not judged": "$foreground-muted"}
"""Colour of a verdict; always beside its glyph."""

_DECIDED = {"go": "bold $success", "hold": "bold $warning", "stop": "bold $error"}
_BOLD = "bold"
_DIM = "$foreground-muted"


class DecisionPanel(Panel):
    """Answer first: one block per design, then the expectations, what decided each, and the notes."""

    KEY = "d"
    TITLE = "Decision"
    EXPLAINS = (
        "Go, hold or stop by the decision rules, the same as `sandbox diagnose` gives. A rule passes or fails when "
        "the whole 95 % interval lies on one side of its line, and is unsure when the interval straddles it: more "
        "replications narrow it. What metrics answer is decided at once; “at best” says that the audit trail and the "
        "five questions can still make it worse. g looks at the facts of one replication of each design and decides "
        "for good; g again shows the whole diagnosis. In front is go before hold before stop, then the fewest failed "
        "rules, then the most completed. Expectations are claims the scenario file makes about its results."
    )

    def compose(self) -> ComposeResult:
        """Hold one block of wrapped text."""
        yield Static(id="decision-text")

    def show(self, comparison: Comparison, words: Words) -> None:
        """Show a result in place of the one before."""
        del words
        self.show_decided(comparison, None)

    def show_decided(self, comparison: Comparison, diagnosis: Diagnosis | None) -> None:
        """Show what the metrics of a result decide, or its diagnosis where there is one."""
        self.query_one("#decision-text", Static).update(decision_text(comparison, diagnosis))
        self.border_subtitle = "g diagnoses" if diagnosis is None else "g: the whole diagnosis"


def decision_text(comparison: Comparison, diagnosis: Diagnosis | None = None) -> Content:
    """Write the panel's text, the answer first; long lines are wrapped by whoever shows it."""
    told = _told(diagnosis) if diagnosis is not None else {}
    if diagnosis is not None:
        found = {one.design: by_diagnosis(one) for one in diagnosis.designs}
    else:
        by_name = {name: by_metrics(design) for name, design in comparison.designs.items()}
        found = {name: one for name, one in by_name.items() if one is not None}
    ahead = leader(comparison, {name: one.decide for name, one in found.items()})
    lines = [Content.styled(text.strip(), _DECIDED["stop"]) for text in warning(comparison.notes)]
    lines.append(Content.styled(f"In front: {shape_of(comparison, ahead)} {ahead}", _BOLD))
    for name in comparison.designs:
        lines += _answer(f"{shape_of(comparison, name)}", name, found.get(name))
    if found:
        lines.append(Content.styled(_by_what(list(found.values()), diagnosis), _DIM))
    if comparison.expectations:
        lines += _expectations(comparison)
    for name, design in comparison.designs.items():
        head = f"{shape_of(comparison, name)} {design.title}"
        reasons = _reasons(design, found.get(name), told.get(name, []))
        lines += [Content(""), Content.styled(head, _BOLD), *reasons]
    if comparison.notes:
        lines += [Content(""), Content.styled("Notes", _BOLD), *map(Content, comparison.notes)]
    return Content("\n").join(lines)


def _answer(shape: str, name: str, one: Decided | None) -> list[Content]:
    if one is None:
        return [Content.styled(f"{shape} {name}", _BOLD), Content("saved without a decision")]
    head = Content.assemble((f"{shape} ", _BOLD), (headline(one), _DECIDED[one.decide]), (f" {name}", _BOLD))
    return [head, Content(briefly(one))]


def _by_what(found: Sequence[Decided], diagnosis: Diagnosis | None) -> str:
    if any(one.unanswered for one in found):
        return "by the rules that metrics answer; g asks the rest, which can only make it worse"
    by = "diagnosed: rules, facts, audit trail and questions"
    if diagnosis is None or all(reply == "yes" for one in found for reply in one.replies.values()):
        return by
    from tui.cli.diagnosis_text import questions_words

    return f"{by}; {questions_words(diagnosis)}"


def _told(diagnosis: Diagnosis) -> dict[str, list[str]]:
    """What each design was found to be, and its open questions, in the command's words."""
    from scenarios.rulebook import titles
    from tui.cli.diagnosis_text import answer_words

    names = titles()
    return {
        one.design: [
            what_it_is(one),
            *(" ".join(answer_words(item, names).split()) for item in one.answers if item.reply != "yes"),
        ]
        for one in diagnosis.designs
    }


def _counts(counts: Tally) -> Content:
    return Content.assemble(
        (f"{GLYPHS['pass']} {counts.passed} pass", STYLES["pass"]),
        " ",
        (f"{GLYPHS['fail']} {counts.failed} fail", STYLES["fail"]),
        " ",
        (f"{GLYPHS['unsure']} {counts.unsure} unsure", STYLES["unsure"]),
    )


def _expectations(comparison: Comparison) -> list[Content]:
    verdicts: list[str] = [item.verdict for item in comparison.expectations]
    counts = " ".join(f"{glyph} {verdicts.count(verdict)}" for verdict, glyph in GLYPHS.items())
    lines = [
        Content.styled(expectation_text(comparison, item), STYLES[item.verdict])
        for item in comparison.expectations
    ]
    return [Content(""), Content.styled(f"Expected: {counts}", _BOLD), *lines]


def _reasons(design: DesignResult, one: Decided | None, told: Sequence[str]) -> list[Content]:
    """What decided, what the design is, then where the engaged customers ended."""
    lines: list[Content] = []
    if one is not None:
        lines = [_counts(count_verdicts([rule.verdict for rule in one.rules])), Content(f"why: {why(one)}")]
    lines += map(Content, told)
    return lines + [
        Content(f"{metric_label(name)} {with_unit(metric.value, metric.unit)}")
        for name, metric in design.buckets.items()
    ]
