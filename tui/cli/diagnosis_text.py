"""A diagnosis as a steering committee reads it: decisions first, then rules, leaks, tests and questions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from tui.cli.decision_words import (
    GLYPHS,
    REPLIES,
    by_diagnosis,
    decision_lines,
    hanging,
    line_words,
    margin_words,
    value_words,
    what_it_is,
)
from tui.cli.numbers import NONE, figure, signed
from tui.cli.orders import Order, map_command, trace_command
from tui.cli.remarks import remarks, too_narrow, warning
from tui.cli.tables import aligned, fits, laid, wrapped
from tui.figures import base_size

if TYPE_CHECKING:
    from sandbox.scorecard.judgement import Answer, Finding, Leak, RuleVerdict
    from scenarios.explain.diagnosis import DesignDiagnosis, Diagnosis, Drop

Titles = Mapping[str, str]
_HALF_WIDTHS = "; in ±: in half-widths"
_RANK = ("fail", "unsure", "pass", "does not apply")


def diagnosis_text(found: Diagnosis, order: Order, rules: str | None, titles: Titles, width: int) -> str:
    """Return the whole diagnosis as text; `titles` is what people call the quantities."""
    more = "s" if found.replications > 1 else ""
    lines = wrapped(
        f"{found.scenario}, seed {found.seed}, {found.replications} replication{more}, {order.settings_words()}; "
        f"judged at the stage {found.stage} by {found.rules}; facts and audit trail of the first replication",
        width,
    )
    lines = [found.title, *lines, *warning(found.notes), "", "DECISION   go, hold or stop, and what decided"]
    lines += too_narrow(found.notes, width)
    for one in found.designs:
        lines += [*decision_lines(by_diagnosis(one), width), *hanging(what_it_is(one), width)]
    tables = [line for one in found.designs for line in _rules(one, width)]
    wide = any(" in ± " in line for line in tables)  # a narrow window leaves that column out
    lines += ["", f"RULES   level: if it fails; margin to its line, + passes{_HALF_WIDTHS if wide else ''}"]
    lines += tables
    lines += ["", "LEAKS   where customers are lost, outreach and resolution apart"]
    for one in found.designs:
        lines += _leaks(one, titles, width)
    lines += ["", "TESTS   closed workflow, kind of service, maturity"]
    for one in found.designs:
        lines += _tests(one, titles, width)
    lines += ["", "QUESTIONS   before a build is approved; answered from the run"]
    lines += hanging(questions_words(found), width)
    for one in found.designs:
        lines += _questions(one, titles, width)
    lines += ["", *remarks(found.notes, width)]
    command, purpose = next_command(found, order, rules)
    return "\n".join([*lines, "", f"next: {command}   ({purpose})"]) + "\n"


def next_command(found: Diagnosis, order: Order, rules: str | None) -> tuple[str, str]:
    """Return the command that looks at the failed rule that weighs most, or what else is worth doing next."""
    if found.weightiest is not None:
        design, weightiest = found.weightiest
        purpose = f"{weightiest.rule.rule} in {design.design}: {weightiest.rule.inspect}"
        if weightiest.rule.look_with == "map":
            return map_command(order, design.design), purpose
        if weightiest.rule.look_with == "trace":
            return trace_command(order, design.design, design.example_case), purpose
        pair = ",".join(dict.fromkeys([found.baseline, design.design]))
        return order.follow("compare", [("--designs", pair)]), purpose
    if any(one.decision.decide == "hold" for one in found.designs):
        asked = [("--replications", 2 * found.replications), ("--rules", rules)]
        return order.follow("diagnose", asked), "narrower intervals decide what is unsure"
    return map_command(order, found.designs[0].design), "every handoff, and what is still lost at each"


def _rules(one: DesignDiagnosis, width: int) -> list[str]:
    ranked = sorted(
        one.verdicts, key=lambda item: _RANK.index(item.verdict)
    )  # stable: the file's order within
    rows = [["", "rule", "level", "found", "line", "margin", "in ±", "n"]]
    rows += [_rule_row(item) for item in ranked if item.verdict != "does not apply"]
    lines = [f"  {one.design}", *_rule_table(rows, width)]
    for item in ranked:
        if item.verdict == "fail":
            lines += hanging(f"{item.rule.rule}: {item.rule.means} Inspect: {item.rule.inspect}", width)
        elif item.verdict == "unsure":
            why = f" ({item.held.reason})" if item.held.reason else ""
            lines += hanging(f"{item.rule.rule} unsure{why}; inspect: {item.rule.inspect}", width)
    left_out = [
        f"{item.rule.rule} ({item.held.reason})" for item in ranked if item.verdict == "does not apply"
    ]
    return lines + (hanging(f"does not apply: {', '.join(left_out)}", width) if left_out else [])


def _rule_table(rows: list[list[str]], width: int) -> list[str]:
    """The rules; a narrow window has glyphs for verdicts, and no margins in half widths of intervals."""
    lines = aligned(rows, "<<<<<>>>")
    if fits(lines, width):
        return lines
    narrow = [[row[0][:1], *row[1:6], row[7]] for row in rows]
    return laid(narrow, "<<<<<>>", width, [3, 1])


def _rule_row(item: RuleVerdict) -> list[str]:
    held, reading = item.held, item.reading
    return [
        f"{GLYPHS[item.verdict]} {item.verdict}",
        item.rule.rule,
        item.rule.fails,
        value_words(reading),
        line_words(item.line.comparator, held.threshold, reading),
        margin_words(held.margin, reading),
        NONE if held.half_widths is None else signed(held.half_widths, 1),
        "" if reading is None else base_size(reading.n, reading.n_unit),
    ]


def _leaks(one: DesignDiagnosis, titles: Titles, width: int) -> list[str]:
    lines = [f"  {one.design}"]
    lines += hanging(f"reach: {_drop(one.reach_drop)}", width)
    lines += hanging(f"resolution: {_drop(one.resolution_drop)}", width)
    if one.biggest_loss is not None:
        loss = one.biggest_loss
        share = f", {figure(loss.cases / one.engaged, 'rate')} of engaged" if one.engaged else ""
        lines += hanging(
            f"biggest loss at a step: {loss.step} ({loss.reason}), {loss.cases:,} cases{share}", width
        )
    for leak in one.leaks:
        if leak.presence in {"found", "unsure"}:
            lines += _leak(leak, titles, width)
    absent = [leak.leak.leak for leak in one.leaks if leak.presence not in {"found", "unsure"}]
    return lines + (hanging(f"not found: {', '.join(absent)}", width) if absent else [])


def _leak(leak: Leak, titles: Titles, width: int) -> list[str]:
    glyph = "●" if leak.presence == "found" else "?"
    numbers = _evidence(leak.findings, titles)
    tail = f" Inspect: {leak.leak.inspect}" if leak.presence == "found" else ""
    return hanging(f"{glyph} {leak.leak.leak} {leak.presence}: {leak.leak.means} {numbers}.{tail}", width)


def _drop(drop: Drop | None) -> str:
    if drop is None:
        return "nobody is lost between two stages"
    share = figure(drop.share, "rate")
    return f"most are lost from {drop.before} to {drop.after}: {drop.lost:,.0f} cases, {share} of the stage before"


def _tests(one: DesignDiagnosis, titles: Titles, width: int) -> list[str]:
    test = one.closed
    closed = "closed" if test.closed else f"not closed: {'; '.join(test.faults)}"
    counted = (
        f"channel changes: {len(test.channel_changes)}, identity asked at: {len(test.identity_checks)}, "
        f"waits for a person: {len(test.person_waits)}"
    )
    lines = [f"  {one.design}", *hanging(f"closed workflow: {closed} ({counted})", width)]
    if one.assisted is not None:
        figures = "; ".join(
            f"{titles.get(name, name)}: {value_words(reading)}"
            for name, reading in one.assisted.figures.items()
        )
        wrong = "; its file calls it self-service" if one.assisted.mislabelled else ""
        steps = ", ".join(one.assisted.steps)
        lines += hanging(
            f"assisted service: a person does {steps}{wrong}; staff and cost it so: {figures}", width
        )
    lines += hanging(
        f"maturity {one.maturity.stage}: {one.maturity.title}; {_evidence(one.maturity.findings, titles)}",
        width,
    )
    if one.maturity.missing:
        lines += hanging(f"to the next stage it lacks: {_evidence(one.maturity.missing, titles)}", width)
    return lines


def _questions(one: DesignDiagnosis, titles: Titles, width: int) -> list[str]:
    lines = [f"  {one.design}"]
    for item in one.answers:
        lines += hanging(answer_words(item, titles), width)
    return lines


def questions_words(found: Diagnosis) -> str:
    """Say what open questions lead to: "unclear is not yes; 2 or more not answered yes: stop"."""
    weights = [
        f"{ground.at_least} or more not answered yes: {clause.decide}"
        for clause in found.decisions
        for ground in clause.when
        if ground.count == "open_questions"
    ]
    return "; ".join(["unclear is not yes", *(weights or ["what is open decides nothing"])])


def answer_words(item: Answer, titles: Titles) -> str:
    """Write an answer with its question and what was found."""
    return f"{REPLIES[item.reply]} {item.reply:<7} {item.question.asks} {_evidence(item.findings, titles)}"


def _evidence(findings: Iterable[Finding], titles: Titles) -> str:
    """Write conditions with what was found: "a person posted it: 17.8 % [16.3, 19.2] (line ≤ 2 %, n 1,958)"."""
    told = []
    for one in findings:
        line = line_words(one.condition.line.comparator, one.held.threshold, one.reading)
        n = (
            ""
            if one.reading is None or one.reading.unit == "count"
            else f", n {base_size(one.reading.n, one.reading.n_unit)}"
        )
        note = f"; {one.reading.note}" if one.reading is not None and one.reading.note else ""
        title = titles.get(one.condition.quantity, one.condition.quantity)
        told.append(f"{title}: {value_words(one.reading)} (line {line}{n}{note})")
    return "; ".join(told) or "no condition"
