"""The shape of a policy document, and every reason to refuse one before it decides anything.

Rules test the facts of `AccountFacts` with a closed vocabulary: a document can be reviewed by somebody who does
not read Python, and nothing in it is ever evaluated as code. Numbers arrive bare; whoever reads the file keeps
where they come from.
"""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from sandbox.model import AccountStatus, Action, ArrearsBand

NUMBER_FACTS = frozenset({"balance_minor", "overdue_minor", "broken_promises"})
"""Facts a rule may compare with at_least and at_most (and equals, one_of)."""

FLAG_FACTS = frozenset({"vulnerable", "disputed", "payment_method_ok", "complete"})
"""Facts that are true or false."""

WORD_FACTS: dict[str, frozenset[str]] = {
    "status": frozenset(AccountStatus),
    "arrears_band": frozenset(ArrearsBand),
}
"""Facts with a closed list of words, and the list."""

KNOWN_FACTS = NUMBER_FACTS | FLAG_FACTS | WORD_FACTS.keys()
"""Everything a rule may test. Account number and version are identity, not policy."""

Whole = Annotated[int, Field(strict=True, ge=0)]
Percent = Annotated[Decimal, Field(ge=0, le=100, decimal_places=2)]
FactValue = bool | Annotated[int, Field(strict=True)] | str
Code = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=64)]
Slug = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]*$", max_length=64)]
Text = Annotated[str, Field(min_length=1, max_length=500)]
Days = Annotated[Whole, Field(le=366)]
Level = Literal["link", "code", "login", "code_and_facts", "known_facts"]


class _Part(BaseModel):
    """Unknown and misspelt keys are refused; a loaded document never changes."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class FactTest(_Part):
    """One test of one fact: `equals`, `one_of`, or a range with `at_least` and/or `at_most` (inclusive)."""

    equals: FactValue | None = None
    one_of: Annotated[tuple[FactValue, ...], Field(min_length=1)] | None = None
    at_least: Whole | None = None
    at_most: Whole | None = None

    @model_validator(mode="after")
    def _is_one_test(self) -> FactTest:
        ranged = self.at_least is not None or self.at_most is not None
        if (self.equals is not None) + (self.one_of is not None) + ranged != 1:
            raise ValueError("give exactly one of equals, one_of, or a range (at_least, at_most)")
        if self.at_least is not None and self.at_most is not None and self.at_least > self.at_most:
            raise ValueError(
                f"at_least {self.at_least} is above at_most {self.at_most}: no account can match"
            )
        return self

    @property
    def ranged(self) -> bool:
        """Whether this compares sizes."""
        return self.equals is None and self.one_of is None

    @property
    def values(self) -> tuple[FactValue, ...]:
        """The values this test accepts; empty for a range."""
        if self.one_of is not None:
            return self.one_of
        return () if self.equals is None else (self.equals,)


def _mismatch(fact: str, test: FactTest) -> str:
    """Say why a test does not fit its fact, or nothing."""
    if fact not in KNOWN_FACTS:
        return f"unknown fact {fact!r}; known: {', '.join(sorted(KNOWN_FACTS))}"
    if test.ranged:
        return "" if fact in NUMBER_FACTS else f"{fact} has no size: use equals or one_of"
    if fact in FLAG_FACTS:
        wrong = [value for value in test.values if not isinstance(value, bool)]
        allowed = "true or false"
    elif fact in NUMBER_FACTS:
        wrong = [value for value in test.values if isinstance(value, bool) or not isinstance(value, int)]
        allowed = "whole numbers"
    else:
        wrong = [value for value in test.values if value not in WORD_FACTS[fact]]
        allowed = ", ".join(sorted(WORD_FACTS[fact]))
    return f"{fact} cannot be {wrong[0]!r}; allowed: {allowed}" if wrong else ""


class Rule(_Part):
    """A named rule that holds when every one of its tests does, and the reason code it then gives."""

    rule: Slug
    when: Annotated[dict[str, FactTest], Field(min_length=1)]
    reason: Code

    @field_validator("when")
    @classmethod
    def _fits_the_facts(cls, when: dict[str, FactTest]) -> dict[str, FactTest]:
        problems = [problem for fact, test in when.items() if (problem := _mismatch(fact, test))]
        if problems:
            raise ValueError("; ".join(problems))
        return when


class AmountLimits(_Part):
    """What a customer may enter as an amount, in minor units.

    The least is the greater of the fixed minimum and the percentage of the overdue amount (rounded up to a
    whole minor unit), but never more than an overdue amount or the maximum: the last small rest can be paid.
    Only a fixed minimum of 0 without a percentage lets an action be taken without an amount.
    """

    minimum_minor: Whole
    minimum_percent_of_overdue: Percent = Decimal(0)
    maximum: Literal["overdue", "balance"]


class DueDays(_Part):
    """Days from today in which a promised payment may fall, both ends included."""

    min: Days = 0
    max: Days = 0

    @model_validator(mode="after")
    def _is_a_range(self) -> DueDays:
        if self.min > self.max:
            raise ValueError(f"min {self.min} is above max {self.max}: no date could be chosen")
        return self


class ActionRule(_Part):
    """When an action is offered, to whom, within which limits, and what it must leave as evidence."""

    identity: Level
    routine: Annotated[bool, Field(strict=True)]
    amount: AmountLimits
    due_days: DueDays = DueDays()
    evidence: tuple[Code, ...] = ()
    blocked_when: tuple[Rule, ...] = ()

    @model_validator(mode="after")
    def _leaves_evidence(self) -> ActionRule:
        if not self.evidence:
            raise ValueError("evidence is missing: an outcome nobody can prove does not count")
        return self


class Completion(_Part):
    """The case is complete when: who did what, under which condition, recorded where, proven how."""

    customer_action: Text
    policy_condition: Text
    writeback_destination: Text
    evidence: Annotated[tuple[Code, ...], Field(min_length=1)]


class PolicyDocument(_Part):
    """One workflow's policy as written by its owner.

    Attributes:
        policy: the policy's name; its file carries the same name.
        version: rises with every change; every decision carries it.
        title: what screens and reports call it.
        trigger: the event that opens a case.
        completion: when the case is complete.
        exclude_when: rules that keep a case out altogether.
        person_when: rules that send a customer to a person, with no self-service action.
        actions: what a customer may do, in the order shown.
        exception_triggers: events that end self-service and hand the case, with its evidence, to a person.
    """

    policy: Slug
    version: Annotated[int, Field(strict=True, ge=1)]
    title: Text
    trigger: Text
    completion: Completion
    exclude_when: tuple[Rule, ...]
    person_when: tuple[Rule, ...] = ()
    actions: Annotated[dict[Action, ActionRule], Field(min_length=1)]
    exception_triggers: tuple[Code, ...] = ()

    @model_validator(mode="after")
    def _names_each_rule_once(self) -> PolicyDocument:
        rules = [*self.exclude_when, *self.person_when]
        for action in self.actions.values():
            rules.extend(action.blocked_when)
        repeated = sorted(name for name, times in Counter(rule.rule for rule in rules).items() if times > 1)
        if repeated:
            raise ValueError(f"rule names must be unique; repeated: {', '.join(repeated)}")
        return self
