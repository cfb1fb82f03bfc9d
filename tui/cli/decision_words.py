"""What is decided on a design, in words: one wording for the diagnosis, the report of a comparison and the screen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from scenarios.result import DesignResult, RuleOutcome
from tui.cli.numbers import NONE, figure, fixed, rule_words, scale_of, signed
from tui.cli.tables import wrapped

if TYPE_CHECKING:
    from sandbox.scorecard.judgement import Ground, Reading
    from sandbox.scorecard.rules import Decide
    from scenarios.explain.diagnosis import DesignDiagnosis

GLYPHS = {"pass": "✔", "fail": "✘", "unsure": "?", "does not apply": "·"}
REPLIES = {"yes": "✔", "no": "✘", "unclear": "?"}
GROUNDS_SHOWN = 3
_STAGES = 4
_DECIDING = ("stop", "hold")
"""Levels of rules that can decide; a rule of the level look never does."""


class Decided(NamedTuple):
    """A decision with what it rests on, whoever came to it.

    Attributes:
        design, title: of which design.
        decide: go, hold or stop.
        grounds: what decided it, the weightiest first.
        rules: every rule that was looked at.
        replies: answers to the questions that were asked; empty where none was.
        unanswered: rules and questions left open, by name; they can only make it worse.
    """

    design: str
    title: str
    decide: Decide
    grounds: Sequence[Ground]
    rules: Sequence[RuleOutcome]
    replies: Mapping[str, str]
    unanswered: Sequence[str]

    @property
    def final(self) -> bool:
        """Whether nothing is left that could change it."""
        return not self.unanswered or self.decide == "stop"


def by_metrics(design: DesignResult) -> Decided | None:
    """Return what the rules that metrics answer decide; None for a result that was saved without."""
    found = design.decision
    if found is None:
        return None
    return Decided(design.name, design.title, found.decide, found.grounds, found.rules, {}, found.unanswered)


def by_diagnosis(one: DesignDiagnosis) -> Decided:
    """Return what a diagnosis decides."""
    from scenarios.metric_decisions import rule_outcome

    replies = {answer.question.question: answer.reply for answer in one.answers}
    rules = tuple(map(rule_outcome, one.verdicts))
    return Decided(one.design, one.title, one.decision.decide, one.decision.grounds, rules, replies, ())


def headline(one: Decided) -> str:
    """Return "STOP", or "HOLD at best" where what is unanswered can still make it worse."""
    return one.decide.upper() + ("" if one.final else " at best")


def why(one: Decided) -> str:
    """Say what decided, with figure, line and margin; of a go, which rule it passes by least."""
    grounds = [_ground(one, ground) for ground in one.grounds]
    if not grounds:
        passed = [rule for rule in one.rules if rule.verdict == "pass"]
        text = f"{len(passed)} rules pass; none of the levels stop and hold failed or is unsure"
        closest = _closest(passed)
        return f"{text}; closest to its line: {rule_found(closest)}" if closest is not None else text
    if len(grounds) > GROUNDS_SHOWN:
        grounds = [*grounds[:GROUNDS_SHOWN], f"and {len(grounds) - GROUNDS_SHOWN} more"]
    return "; ".join(grounds)


def briefly(one: Decided) -> str:
    """Name the weightiest ground with its margin, for a narrow place; of a go, that rules pass."""
    if not one.grounds:
        return f"{GLYPHS['pass']} {sum(rule.verdict == 'pass' for rule in one.rules)} rules pass"
    first = one.grounds[0]
    if first.kind == "open_questions":
        return f"{REPLIES[one.replies[first.name]]} {first.name}: {one.replies[first.name]}"
    rule = _rule(one, first)
    return f"{GLYPHS[rule.verdict]} {rule.rule} {margin_words(rule.margin, rule.found)}"


def decision_lines(one: Decided, width: int) -> list[str]:
    """Return the decision on a design and what decided it, wrapped."""
    return [
        *wrapped(f"{headline(one)} {one.design}: {one.title}", width, hanging="    "),
        *hanging(f"why: {why(one)}", width),
    ]


def what_it_is(one: DesignDiagnosis) -> str:
    """Say what a diagnosis found a design to be: kind of service, closed or not, stage, questions answered yes."""
    service = "assisted service" if one.service == "assisted" else "self-service"
    closed = "workflow closed" if one.closed.closed else "workflow not closed"
    stage = f"stage {one.maturity.stage} of {_STAGES}, {one.maturity.title}"
    yes = sum(answer.reply == "yes" for answer in one.answers)
    return f"what it is: {service}; {closed}; {stage}; {yes} of {len(one.answers)} questions yes"


def rule_found(one: RuleOutcome) -> str:
    """Write a rule with what was found: "call-wait pass (0.9 s [0.5, 1.3], line < 60 s, margin +59.1 s)"."""
    line = line_words(one.comparator, one.threshold, one.found)
    return (
        f"{one.rule} {one.verdict} ({value_words(one.found)}, line {line}, "
        f"margin {margin_words(one.margin, one.found)})"
    )


def value_words(reading: Reading | None) -> str:
    """Write what was found, with its interval where it has one."""
    if reading is None or reading.value is None:
        return NONE
    if reading.unit == "count":
        return fixed(reading.value, 0)
    if reading.low == reading.high:
        return figure(reading.value, reading.unit)
    return figure(reading.value, reading.unit, reading.low, reading.high)


def line_words(comparator: str, threshold: float, reading: Reading | None) -> str:
    """Write a line in the unit of what is held against it."""
    return rule_words(f"{comparator} {threshold:f}", reading.unit if reading is not None else "count")


def margin_words(margin: float | None, reading: Reading | None) -> str:
    """Write the distance to a line, + on the passing side; rates in percentage points."""
    if margin is None or reading is None:
        return NONE
    scale = scale_of(reading.unit, margin)
    unit = "pp" if reading.unit == "rate" else scale.unit
    return f"{signed(margin * scale.factor, max(scale.decimals, 1))} {unit}".rstrip()


def hanging(text: str, width: int) -> list[str]:
    """Wrap a line below a design's name, two columns further in."""
    return [f"  {line}" for line in wrapped(text, width - 2, hanging="  ")]


def _ground(one: Decided, ground: Ground) -> str:
    if ground.kind == "open_questions":
        return f"question {ground.name}: {one.replies[ground.name]}"
    return rule_found(_rule(one, ground))


def _rule(one: Decided, ground: Ground) -> RuleOutcome:
    return next(rule for rule in one.rules if rule.rule == ground.name)


def _closest(passed: Sequence[RuleOutcome]) -> RuleOutcome | None:
    """The rule whose margin is the fewest half-widths of its interval."""
    measured = [
        (rule.half_widths, at)
        for at, rule in enumerate(passed)
        if rule.half_widths is not None and rule.fails in _DECIDING
    ]
    return passed[min(measured)[1]] if measured else None
