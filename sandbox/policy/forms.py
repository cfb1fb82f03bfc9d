"""The in-message form of an action, as data: what it says, and which inputs it takes within which limits."""

from __future__ import annotations

import re
from collections.abc import Iterable
from string import Formatter
from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator

from sandbox.policy.patterns import pieces_of
from sandbox.policy.vocabulary import Code, ManyDays, Part, Text, Whole

SHOWN_FACTS = {
    "overdue": "money",
    "balance": "money",
    "arrears_band": "word",
    "broken_promises": "number",
}
"""Facts of every account a text may show, by the name it has there, and their kind."""


class FieldRule(Part):
    """What every field has: a label, whether it may stay empty, whether the trail may hold what is typed."""

    label: Text
    optional: Annotated[bool, Field(strict=True)] = False
    sensitive: Annotated[bool, Field(strict=True)] = False


class TextField(FieldRule):
    """Free text of so many characters; with a `pattern` (see `sandbox.policy.patterns`) the whole has to match it."""

    kind: Literal["text"]
    chars_min: Annotated[Whole, Field(ge=1, le=500)] = 1
    chars_max: Annotated[Whole, Field(ge=1, le=500)] = 100
    pattern: str = ""

    @model_validator(mode="after")
    def _can_be_filled(self) -> TextField:
        if self.chars_min > self.chars_max:
            raise ValueError(f"chars_min {self.chars_min} is above chars_max {self.chars_max}")
        if (
            self.pattern
            and not self.chars_min <= sum(one.least for one in pieces_of(self.pattern)) <= self.chars_max
        ):
            raise ValueError(
                "the shortest text that matches pattern must have chars_min to chars_max characters"
            )
        return self

    @field_validator("pattern")
    @classmethod
    def _is_a_pattern(cls, pattern: str) -> str:
        pieces_of(pattern)
        return pattern


class TokenField(FieldRule):
    """A token of somebody else's vault, such as a card's: the whole of it matches `pattern`."""

    kind: Literal["token"]
    pattern: Annotated[str, Field(min_length=1, max_length=200)]

    @field_validator("pattern")
    @classmethod
    def _is_a_pattern(cls, pattern: str) -> str:
        pieces_of(pattern)
        return pattern


class ChoiceField(FieldRule):
    """One of a closed list of words."""

    kind: Literal["choice"]
    one_of: Annotated[tuple[str, ...], Field(min_length=1)]


class DateField(FieldRule):
    """A day (YYYY-MM-DD) at least and at most so many days from today."""

    kind: Literal["date"]
    at_least_days: ManyDays = 0
    at_most_days: ManyDays = 36_600

    @model_validator(mode="after")
    def _can_be_filled(self) -> DateField:
        if self.at_least_days > self.at_most_days:
            raise ValueError(
                f"at_least_days {self.at_least_days} is above at_most_days {self.at_most_days}: no date fits"
            )
        return self


class MonthField(FieldRule):
    """A month (YYYY-MM) whose last day lies at least and at most so many days from today, as on a card."""

    kind: Literal["month"]
    at_least_days: ManyDays = 0
    at_most_days: ManyDays = 36_600

    @model_validator(mode="after")
    def _can_be_filled(self) -> MonthField:
        if self.at_least_days + 31 > self.at_most_days:
            raise ValueError("between at_least_days and at_most_days must lie 31 days: else no month may fit")
        return self


class MoneyField(FieldRule):
    """A sum in minor units from `at_least_minor` to `at_most_minor`."""

    kind: Literal["money"]
    at_least_minor: Whole = 0
    at_most_minor: Whole

    @model_validator(mode="after")
    def _can_be_filled(self) -> MoneyField:
        if self.at_least_minor > self.at_most_minor:
            raise ValueError(
                f"at_least_minor {self.at_least_minor} is above at_most_minor {self.at_most_minor}: no sum fits"
            )
        return self


class DocumentField(FieldRule):
    """An uploaded document: its type, its last day of validity, its size. The file itself never comes through here.

    Attributes:
        types: kinds of document accepted.
        expires_after_days_min: days from today through which it must still be valid; 0 takes one without expiry too.
        kb_max: largest size in kilobytes.
    """

    kind: Literal["document"]
    types: Annotated[tuple[Code, ...], Field(min_length=1)]
    expires_after_days_min: ManyDays = 0
    kb_max: Annotated[Whole, Field(ge=1, le=100_000)]


class TickField(FieldRule):
    """A box that has to be ticked (an attestation), unless it is optional."""

    kind: Literal["tick"]


AnyField = Annotated[
    TextField | TokenField | ChoiceField | DateField | MonthField | MoneyField | DocumentField | TickField,
    Field(discriminator="kind"),
]
"""One field of a form."""


class Form(Part):
    """What the customer has before them in the message.

    Attributes:
        heading: one line above.
        reads: what the page says; {name} shows a fact of the account.
        submit: what is written on the button.
        confirms: what the message says once the outcome stands in the core; shows no facts, for it leaves the page.
        fields: what is to be filled in, in order.
    """

    heading: Text
    reads: Text
    submit: Annotated[str, Field(min_length=1, max_length=40)] = "Send"
    confirms: Text = "Thank you. We have recorded this."
    fields: dict[Code, AnyField] = Field(default_factory=dict)

    @field_validator("heading", "reads")
    @classmethod
    def _is_a_template(cls, text: str) -> str:
        placeholders(text)
        return text

    @field_validator("confirms")
    @classmethod
    def _is_plain(cls, text: str) -> str:
        if placeholders(text):
            raise ValueError("a confirmation leaves the secure page: it shows no facts")
        return text

    def texts(self) -> Iterable[tuple[str, str]]:
        """Return each text that may show facts, with its key."""
        return (("heading", self.heading), ("reads", self.reads))


def placeholders(text: str) -> tuple[str, ...]:
    """Return the facts a text shows, each as often as it does.

    Raises:
        ValueError: a brace that opens or closes nothing, or a placeholder that is more than a name.
    """
    names = []
    try:
        for _, name, spec, conversion in Formatter().parse(text):
            if name is None:
                continue
            if spec or conversion or not re.fullmatch(r"[a-z][a-z0-9_]*", name):
                raise ValueError(
                    f"a placeholder is a fact's name alone, such as {{overdue}}; found {{{name}}}"
                )
            names.append(name)
    except ValueError as error:
        raise ValueError(f"cannot be shown: {error}") from None
    return tuple(names)
