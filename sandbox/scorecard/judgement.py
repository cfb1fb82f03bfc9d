"""Judge a design from plain estimates: rules, leaks, questions, maturity, and the decision they lead to.

Nothing here reads a file, a clock or a run. A verdict is that of the whole interval: pass when it lies on the passing
side of the line, fail when it lies on the other, unsure when it straddles the line or there is none.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from sandbox.errors import RuleBroken
from sandbox.scorecard.rules import (
    LEVELS,
    Condition,
    Decide,
    DecisionDefinition,
    LeakDefinition,
    Level,
    Line,
    MaturityDefinition,
    PilotStage,
    QuestionDefinition,
    RuleDefinition,
    Service,
)

Verdict = Literal["pass", "fail", "unsure", "does not apply"]
Reply = Literal["yes", "no", "unclear"]
Presence = Literal["found", "not found", "unsure", "does not apply"]

NO_READING = "nothing in this design or run gives it"


class Reading(NamedTuple):
    """A quantity as it was found.

    Attributes:
        value: the estimate, or None when it does not apply or was not reached.
        low, high: its 95 % interval, or None; both the value where it was counted and not estimated.
        n: base items behind it, in `n_unit`.
        unit: "rate", "count", "s", "min", "h", "messages" or a currency.
        base: what it is a share or mean of.
        note: what to keep in mind, or empty.
        n_unit: "count", or "ms" where the base is time.
    """

    value: float | None
    low: float | None
    high: float | None
    n: int
    unit: str
    base: str
    note: str = ""
    n_unit: str = "count"


def counted(value: float, base: str, note: str = "", n: int = 1) -> Reading:
    """Return a reading that was counted and not estimated, such as steps of a design."""
    return Reading(value, value, value, n, "count", base, note)


class Held(NamedTuple):
    """A reading held against a line.

    Attributes:
        verdict: pass, fail, unsure or "does not apply".
        threshold: the line, as a number.
        margin: distance to the line in the quantity's unit, positive on the passing side; None without a value.
        half_widths: the same distance in half-widths of the interval; None where that has no width.
        reason: why there is no verdict, or why it is unsure without an interval; else empty.
    """

    verdict: Verdict
    threshold: float
    margin: float | None
    half_widths: float | None
    reason: str


def hold(line: Line, reading: Reading | None, limits: Mapping[str, float]) -> Held:
    """Hold a reading against a line.

    A line at the very end of a share ("<= 0", ">= 1") asks whether a single case was otherwise: what was counted
    answers it, since no number of cases proves that none ever will be.

    Args:
        line: the comparison.
        reading: what was found; None where the design has no such quantity.
        limits: numbers of the settings a line may name.
    """
    threshold = line.threshold if isinstance(line.threshold, float) else limits[line.threshold]
    if reading is None:
        return Held("does not apply", threshold, None, None, NO_READING)
    if reading.value is None:
        verdict: Verdict = "unsure" if reading.n else "does not apply"
        return Held(verdict, threshold, None, None, reading.note or NO_READING)
    margin = _beyond(line.comparator, threshold, reading.value)
    if reading.low is None or reading.high is None:
        return Held("unsure", threshold, margin, None, "no interval: more replications give one")
    half = (reading.high - reading.low) / 2
    passing = {_passes(line.comparator, threshold, end) for end in (reading.low, reading.high)}
    at_its_end = reading.unit == "rate" and reading.value in (0.0, 1.0) and reading.value in reading[1:3]
    if at_its_end and reading.value == threshold:
        passing = {_passes(line.comparator, threshold, reading.value)}
    verdict = "unsure" if len(passing) > 1 else "pass" if passing.pop() else "fail"
    return Held(verdict, threshold, margin, margin / half if half > 0 else None, "")


def _beyond(comparator: str, threshold: float, value: float) -> float:
    """How far a value is on the passing side."""
    return value - threshold if comparator.startswith(">") else threshold - value


def _passes(comparator: str, threshold: float, value: float) -> bool:
    beyond = _beyond(comparator, threshold, value)
    return beyond >= 0 if comparator.endswith("=") else beyond > 0


@dataclass(frozen=True, slots=True)
class RuleVerdict:
    """One rule and how a design came out.

    Attributes:
        rule: the definition.
        line: what passes.
        held: verdict, threshold and margin.
        reading: the evidence, or None where there is none.
    """

    rule: RuleDefinition
    line: Line
    held: Held
    reading: Reading | None

    @property
    def verdict(self) -> Verdict:
        """How it came out."""
        return self.held.verdict


class Finding(NamedTuple):
    """One condition with what was found, as evidence for a leak, an answer or a stage."""

    condition: Condition
    held: Held
    reading: Reading | None


@dataclass(frozen=True, slots=True)
class Leak:
    """A pattern of loss, and whether this design shows it."""

    leak: LeakDefinition
    presence: Presence
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """One question with its answer; the findings are those that decide it."""

    question: QuestionDefinition
    reply: Reply
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class Maturity:
    """Where a design stands.

    Attributes:
        stage, title: the stage.
        findings: the conditions of that stage, which hold.
        missing: the conditions of the next stage that do not; empty at the highest.
    """

    stage: int
    title: str
    findings: tuple[Finding, ...]
    missing: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class Ground:
    """What decided: one rule or one question, with the clause it falls under."""

    kind: Literal["failed_rules", "unsure_rules", "open_questions"]
    name: str
    level: Level | None


@dataclass(frozen=True, slots=True)
class Decision:
    """Go, hold or stop, with what decided it, the weightiest first; go has no grounds."""

    decide: Decide
    grounds: tuple[Ground, ...]


Readings = Mapping[str, Reading]
Limits = Mapping[str, float]


def judge_rules(
    rules: Iterable[RuleDefinition], readings: Readings, limits: Limits, service: Service, stage: PilotStage
) -> tuple[RuleVerdict, ...]:
    """Hold a design against every rule; a rule for other designs or another stage does not apply.

    Args:
        rules: each with its line filled in.
        readings: what was found, by quantity.
        limits: numbers of the settings rules name.
        service: what kind of service the design is.
        stage: where the project stands.

    Raises:
        RuleBroken: a rule has no line.
    """
    verdicts = []
    for rule in rules:
        if rule.passes is None:
            raise RuleBroken(f"rule {rule.rule} has no line to hold {rule.metric} against")
        line = rule.passes
        reading = readings.get(rule.metric)
        held = hold(line, reading, limits)
        scope = rule.applies_to
        if service not in scope.services:
            held = held._replace(verdict="does not apply", reason=f"not for {_spoken(service)}")
        elif stage not in scope.stages:
            held = held._replace(verdict="does not apply", reason=f"not at the stage {stage}")
        verdicts.append(RuleVerdict(rule, line, held, reading))
    return tuple(verdicts)


def find_leaks(leaks: Iterable[LeakDefinition], readings: Readings, limits: Limits) -> tuple[Leak, ...]:
    """Look for every pattern: found when all conditions hold, not found when one clearly does not."""
    found = []
    for leak in leaks:
        findings = _findings(leak.when, readings, limits)
        verdicts = {finding.held.verdict for finding in findings}
        presence: Presence = "found"
        if "does not apply" in verdicts:
            presence = "does not apply"
        elif "fail" in verdicts:
            presence = "not found"
        elif "unsure" in verdicts:
            presence = "unsure"
        found.append(Leak(leak, presence, findings))
    return tuple(found)


def answer(questions: Iterable[QuestionDefinition], readings: Readings, limits: Limits) -> tuple[Answer, ...]:
    """Answer every question: yes when all of its yes-conditions hold, no when any no-condition does, else unclear."""
    answers = []
    for question in questions:
        wanted = _findings(question.yes_when, readings, limits)
        against = [one for one in _findings(question.no_when, readings, limits) if one.held.verdict == "pass"]
        missing = [one for one in wanted if one.held.verdict != "pass"]
        if against:
            answers.append(Answer(question, "no", tuple(against)))
        elif missing:
            answers.append(Answer(question, "unclear", tuple(missing)))
        else:
            answers.append(Answer(question, "yes", wanted))
    return tuple(answers)


def place(stages: Sequence[MaturityDefinition], readings: Readings, limits: Limits) -> Maturity:
    """Place a design at the highest stage whose conditions all hold; what is unsure does not hold."""
    ordered = sorted(stages, key=lambda stage: stage.stage)
    held = [_findings(stage.when, readings, limits) for stage in ordered]
    reached = max(at for at, findings in enumerate(held) if not _not_held(findings))
    missing = _not_held(held[reached + 1]) if reached + 1 < len(ordered) else ()
    stage = ordered[reached]
    return Maturity(stage.stage, stage.title, held[reached], missing)


def decide(
    clauses: Sequence[DecisionDefinition], verdicts: Sequence[RuleVerdict], answers: Sequence[Answer]
) -> Decision:
    """Return the first decision one of whose grounds is there, with everything that gives grounds for it."""
    for clause in clauses:
        grounds: list[Ground] = []
        for ground in clause.when:
            there = _grounds(ground.count, ground.levels, verdicts, answers)
            if len(there) >= ground.at_least:
                grounds += there
        if grounds or not clause.when:
            return Decision(clause.decide, tuple(grounds))
    return Decision("go", ())


def worst(verdicts: Iterable[RuleVerdict]) -> RuleVerdict | None:
    """Return the failed rule that weighs most: by level, then the first named in the file."""
    failed = [verdict for verdict in verdicts if verdict.verdict == "fail"]
    return min(failed, key=lambda one: LEVELS.index(one.rule.fails), default=None)


def service_of(*, person_steps: int, person_waits: int, declared_assisted: bool) -> Service:
    """Say what kind of service a design is, whatever its file calls it.

    Args:
        person_steps: steps of the normal path that a person does.
        person_waits: steps of it after which the record waits for a person.
        declared_assisted: the file says its normal path is a person.
    """
    return "assisted" if declared_assisted or person_steps or person_waits else "self_service"


def _grounds(
    count: str, levels: Sequence[Level], verdicts: Sequence[RuleVerdict], answers: Sequence[Answer]
) -> list[Ground]:
    if count == "open_questions":
        return [
            Ground("open_questions", one.question.question, None) for one in answers if one.reply != "yes"
        ]
    wanted = "fail" if count == "failed_rules" else "unsure"
    kind: Literal["failed_rules", "unsure_rules"] = "failed_rules" if wanted == "fail" else "unsure_rules"
    there = [one for one in verdicts if one.verdict == wanted and one.rule.fails in levels]
    there.sort(key=lambda one: LEVELS.index(one.rule.fails))  # stable: the file's order within a level
    return [Ground(kind, one.rule.rule, one.rule.fails) for one in there]


def _findings(conditions: Iterable[Condition], readings: Readings, limits: Limits) -> tuple[Finding, ...]:
    return tuple(
        Finding(one, hold(one.line, readings.get(one.quantity), limits), readings.get(one.quantity))
        for one in conditions
    )


def _not_held(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    return tuple(one for one in findings if one.held.verdict != "pass")


def _spoken(service: Service) -> str:
    return "assisted service" if service == "assisted" else "self-service"
