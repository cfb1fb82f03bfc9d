"""What a policy may say: the words, the facts a rule may test, and the tests; nothing in it is evaluated as code."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Annotated, Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from sandbox.model import AccountStatus, ArrearsBand

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
"""Everything a rule may test on every account. Account number and version are identity, not policy."""

Whole = Annotated[int, Field(strict=True, ge=0)]
Percent = Annotated[Decimal, Field(ge=0, le=100, decimal_places=2)]
FactValue = bool | Annotated[int, Field(strict=True)] | str
Code = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=64)]
Slug = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]*$", max_length=64)]
Text = Annotated[str, Field(min_length=1, max_length=500)]
Days = Annotated[Whole, Field(le=366)]
ManyDays = Annotated[Whole, Field(le=36_600)]
"""Days of a date on a document or a card: up to a hundred years."""
Level = Literal["link", "code", "login", "code_and_facts", "known_facts"]


class Part(BaseModel):
    """Unknown and misspelt keys are refused; a loaded document never changes."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Fault(NamedTuple):
    """A broken rule between values: the dotted path relative to the block that was checked, and what is wrong."""

    path: str
    text: str


def refuse(faults: Sequence[Fault]) -> None:
    """Raise all broken rules of one block at once, each with its path; does nothing without any.

    Raises:
        PydanticCustomError: for whoever reads the file to put file and line before each.
    """
    if faults:
        text = "; ".join(f"{fault.path}: {fault.text}" for fault in faults)
        raise PydanticCustomError("faults", "{text}", {"text": text, "faults": list(faults)})


class FactTest(Part):
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


class FactRule(Part):
    """A fact of this workflow beyond those every account has; its value lives in the account's details.

    Attributes:
        kind: word (one of a closed list), number (whole), money (minor units), flag, date (YYYY-MM-DD) or text; rules
            test words, numbers, money and flags, the others are shown and written only.
        one_of: the words of a word.
        at_least, at_most: bounds of a number or of money, both ends included.
        default: what holds where the core has no value; without it such an account goes to a person as missing data.
    """

    kind: Literal["word", "number", "money", "flag", "date", "text"]
    one_of: Annotated[tuple[str, ...], Field(min_length=1)] | None = None
    at_least: Whole = 0
    at_most: Whole | None = None
    default: FactValue | None = None

    @model_validator(mode="after")
    def _fits_its_kind(self) -> FactRule:
        if (self.kind == "word") != (self.one_of is not None):
            raise ValueError("a word needs one_of, the list of its words; no other kind takes one")
        if self.kind not in SIZED and (self.at_most is not None or self.at_least):
            raise ValueError(f"a {self.kind} has no size: at_least and at_most are for numbers and money")
        if self.at_most is not None and self.at_least > self.at_most:
            raise ValueError(f"at_least {self.at_least} is above at_most {self.at_most}: no value is allowed")
        if self.default is not None and not self.allows(self.default):
            raise ValueError(f"default {self.default!r} is not allowed here; allowed: {self.allowed}")
        return self

    def allows(self, value: object) -> bool:
        """Say whether a value is one this fact can have."""
        if self.kind == "flag":
            return isinstance(value, bool)
        if self.kind in SIZED:
            if not isinstance(value, int) or isinstance(value, bool) or value < self.at_least:
                return False
            return self.at_most is None or value <= self.at_most
        if not isinstance(value, str):
            return False
        if self.kind == "date":
            return is_date(value)
        return self.one_of is None or value in self.one_of

    @property
    def allowed(self) -> str:
        """What this fact can be, in words."""
        if self.kind == "flag":
            return "true or false"
        if self.one_of is not None:
            return ", ".join(sorted(self.one_of))
        if self.kind in SIZED:
            return f"whole numbers from {self.at_least}" + (
                "" if self.at_most is None else f" to {self.at_most}"
            )
        return "a date YYYY-MM-DD" if self.kind == "date" else "text"


SIZED = frozenset({"number", "money"})
"""Kinds of fact that have a size."""


def is_date(text: str) -> bool:
    """Say whether a text is a date that exists, written YYYY-MM-DD."""
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def mismatch(fact: str, test: FactTest, declared: Mapping[str, FactRule]) -> str:
    """Say why a test does not fit its fact, or nothing.

    Args:
        fact: its name.
        test: the test.
        declared: the workflow's own facts.
    """
    if fact in declared:
        return _own_mismatch(fact, test, declared[fact])
    if fact not in KNOWN_FACTS:
        return f"unknown fact {fact!r}; known: {', '.join(sorted({*KNOWN_FACTS, *declared}))}"
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


def _own_mismatch(fact: str, test: FactTest, rule: FactRule) -> str:
    if rule.kind in ("date", "text"):
        return f"{fact} is a {rule.kind}: it can be shown and written, not tested"
    if test.ranged:
        if rule.kind not in SIZED:
            return f"{fact} has no size: use equals or one_of"
        bounds = [bound for bound in (test.at_least, test.at_most) if bound is not None]
        # A bound beyond the fact's own range would hold for nobody or for everybody.
        wrong: list[FactValue] = [bound for bound in bounds if not rule.allows(bound)]
    else:
        wrong = [value for value in test.values if not rule.allows(value)]
    return f"{fact} cannot be {wrong[0]!r}; allowed: {rule.allowed}" if wrong else ""
