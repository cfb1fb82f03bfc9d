"""What rules.yaml says, as records: decision rules, leaks, questions, maturity, pilot choice. All of it is data.

A condition names a quantity (a metric of metrics.yaml or a computed one), a comparison and a line. The line is a
number in the quantity's unit, rates as 0..1, or the path of a scenario setting that holds one.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import Annotated, Any, Literal, NamedTuple, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from sandbox.scorecard.definitions import MAIN

Comparator = Literal["<", "<=", ">", ">="]
Level = Literal["stop", "hold", "look"]
Decide = Literal["go", "hold", "stop"]
Service = Literal["self_service", "assisted"]
PilotStage = Literal["pilot", "scale"]
LookWith = Literal["map", "trace", "compare"]

LEVELS: tuple[Level, ...] = ("stop", "hold", "look")
_LINE = re.compile(r"(<=|>=|<|>)\s*(\S+)")
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_SETTING = re.compile(r"[a-z][a-z0-9_]*(\.[a-z0-9_-]+)+", re.ASCII)
_QUANTITY = re.compile(r"([a-z][a-z0-9_]*)\s*(.*)", re.ASCII)


class Line(NamedTuple):
    """A comparison and where its line is: a number, or the path of a setting."""

    comparator: str
    threshold: float | str

    def __str__(self) -> str:
        return f"{self.comparator} {self.threshold}"


class Condition(NamedTuple):
    """A quantity held against a line."""

    quantity: str
    line: Line


def read_line(text: object) -> Line:
    """Read ">= 0.35" or "< call_centre.abandonment_limit".

    Raises:
        ValueError: it is neither; says what is allowed.
    """
    if isinstance(text, Line):
        return text
    match = _LINE.fullmatch(text.strip()) if isinstance(text, str) else None
    if match is not None and _NUMBER.fullmatch(match[2]):
        return Line(match[1], float(match[2]))
    if match is not None and _SETTING.fullmatch(match[2]):
        return Line(match[1], match[2])
    raise ValueError(
        f"found {text!r}; allowed: <, <=, > or >= and a number or the path of a setting, such as '>= 0.35'"
    )


def read_condition(text: object) -> Condition:
    """Read "completion_rate >= 0.35".

    Raises:
        ValueError: it is no condition; says what is allowed.
    """
    if isinstance(text, Condition):
        return text
    match = _QUANTITY.fullmatch(text.strip()) if isinstance(text, str) else None
    if match is None:
        raise ValueError(
            f"found {text!r}; allowed: QUANTITY >= NUMBER, with <, <=, > or >=, such as 'completion_rate >= 0.35'"
        )
    return Condition(match[1], read_line(match[2]))


def _some(conditions: tuple[Condition, ...]) -> tuple[Condition, ...]:
    # Not a minimum length: pydantic would tell a wrong entry a second time, as a list that is too short.
    if not conditions:
        raise ValueError("found a list of 0; allowed: at least one condition")
    return conditions


def _one_line(value: Any) -> Any:
    return value if value is None else read_line(value)


Slug = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]*$", max_length=64)]
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=64)]
Text = Annotated[str, Field(min_length=1, max_length=500)]
LineText = Annotated[Line, BeforeValidator(read_line)]
ConditionText = Annotated[Condition, BeforeValidator(read_condition)]
Conditions = tuple[ConditionText, ...]
SomeConditions = Annotated[Conditions, AfterValidator(_some)]


class _Part(BaseModel):
    """Unknown and misspelt keys are refused; a loaded document never changes."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Scope(_Part):
    """Which designs a rule is for, and at which stage of a project."""

    services: Annotated[tuple[Service, ...], Field(min_length=1)] = ("self_service", "assisted")
    stages: Annotated[tuple[PilotStage, ...], Field(min_length=1)] = ("pilot", "scale")


class RuleDefinition(_Part):
    """One decision rule.

    Attributes:
        rule: its name.
        metric: the metric or computed quantity it is held against.
        passes: the line; None takes it from metrics.yaml.
        line: which of the metric's rules there it is, where `passes` says nothing.
        fails: what a failure calls for: stop, hold or look.
        means: what a failure says.
        inspect: what to look at then.
        look_with: the command that shows it.
        applies_to: designs and stages it is for.
    """

    rule: Slug
    metric: Name
    passes: Annotated[Line | None, BeforeValidator(_one_line)] = None
    line: Name = MAIN
    fails: Level
    means: Text
    inspect: Text
    look_with: LookWith = "map"
    applies_to: Scope = Scope()


class LeakDefinition(_Part):
    """Where a design leaks: the pattern is there when every condition holds."""

    leak: Slug
    when: SomeConditions
    means: Text
    inspect: Text
    look_with: LookWith = "map"


class QuestionDefinition(_Part):
    """A question before a build is approved: yes when all of one list hold, no when any of the other does."""

    question: Slug
    asks: Text
    yes_when: SomeConditions
    no_when: Conditions = ()


class MaturityDefinition(_Part):
    """One stage of maturity; a design stands at the highest stage whose conditions all hold."""

    stage: Annotated[int, Field(ge=1, le=4, strict=True)]
    title: Text
    when: Conditions = ()


class CountDefinition(_Part):
    """One ground for a decision: so many rules failed or unsure at these levels, or questions not answered yes."""

    count: Literal["failed_rules", "unsure_rules", "open_questions"]
    levels: Annotated[tuple[Level, ...], Field(min_length=1)] = LEVELS
    at_least: Annotated[int, Field(ge=1, strict=True)] = 1


class DecisionDefinition(_Part):
    """A decision and its grounds; any of them is enough, and without grounds it is what remains."""

    decide: Decide
    when: tuple[CountDefinition, ...] = ()


class PilotRule(_Part):
    """One line a workflow must hold to be a candidate for a pilot."""

    rule: Slug
    quantity: Literal[
        "routine_volume_share",
        "repeat_contact_rate",
        "clear_policy_share",
        "judgement_share",
        "exception_share",
    ]
    passes: LineText
    means: Text


class RankDefinition(_Part):
    """One key of the ranking; the first that differs decides."""

    quantity: Literal[
        "routine_volume_share",
        "repeat_contact_rate",
        "clear_policy_share",
        "judgement_share",
        "exception_share",
    ]
    first: Literal["most", "least"]


class ExpandingDefinition(_Part):
    """A question before a pilot grows.

    Attributes:
        asks: the question.
        answered: how far this sandbox can answer it.
        with_command: the command, with {scenario} and {design} to be filled in; empty where only a pilot can tell.
        for_example: what the answer is read from.
    """

    asks: Text
    answered: Literal["yes", "in part", "no"]
    with_command: str = ""
    for_example: Text


class PilotDefinition(_Part):
    """How a workflow for a pilot is chosen."""

    candidates: Annotated[tuple[PilotRule, ...], Field(min_length=1)]
    rank_by: Annotated[tuple[RankDefinition, ...], Field(min_length=1)]
    expanding: tuple[ExpandingDefinition, ...]


class RulesDocument(_Part):
    """The whole file.

    Attributes:
        stage: where the project stands; rules may be for one stage only.
        rules, leaks, questions, maturity, decisions: see their records; decisions are tried in order.
        evidence: evidence key of a policy to the kinds of audit row that prove it.
        pilot: the choice of a first workflow.
    """

    stage: PilotStage
    rules: Annotated[tuple[RuleDefinition, ...], Field(min_length=1)]
    leaks: tuple[LeakDefinition, ...] = ()
    questions: Annotated[tuple[QuestionDefinition, ...], Field(min_length=1)]
    maturity: Annotated[tuple[MaturityDefinition, ...], Field(min_length=1)]
    decisions: Annotated[tuple[DecisionDefinition, ...], Field(min_length=1)]
    evidence: dict[Name, tuple[Name, ...]]
    pilot: PilotDefinition

    @model_validator(mode="after")
    def _is_sound(self) -> Self:
        named: dict[str, list[str]] = {
            "rule": [item.rule for item in self.rules],
            "leak": [item.leak for item in self.leaks],
            "question": [item.question for item in self.questions],
            "maturity stage": [str(item.stage) for item in self.maturity],
            "decision": [str(item.decide) for item in self.decisions],
            "pilot rule": [item.rule for item in self.pilot.candidates],
        }
        for kind, names in named.items():
            if twice := sorted(name for name, times in Counter(names).items() if times > 1):
                raise ValueError(f"{kind} named twice: {', '.join(twice)}; allowed: each once")
        if self.decisions[-1].when or any(not item.when for item in self.decisions[:-1]):
            raise ValueError(
                "decisions: the last one, and only it, must be without grounds: it is what remains"
            )
        if not any(not item.when for item in self.maturity):
            raise ValueError("maturity: one stage must be without conditions: every design stands somewhere")
        return self
