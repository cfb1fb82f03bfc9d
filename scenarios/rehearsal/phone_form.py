"""A form as a customer fills it in: one blank for everything that is asked, judged by the policy's own fields."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any, Literal, NamedTuple

from sandbox.errors import BadInput
from sandbox.policy.forms import (
    ChoiceField,
    DateField,
    DocumentField,
    MoneyField,
    MonthField,
    TextField,
    TokenField,
)
from sandbox.policy.inputs import Field, FormPage, read_inputs
from sandbox.policy.postings import canonical_json
from scenarios.files.places import did_you_mean

Kind = Literal["text", "choice", "tick"]
"""How a blank is filled in: typed, chosen among words, or ticked."""

TICKED = "yes"
"""What a ticked box is as text; one that is not is empty."""

_OPEN_DAYS = 3_660
"""A window that reaches ten years ahead is said by its beginning alone."""

_DOCUMENT_PARTS = ("type", "expires", "kb", "reference")

FAULTS: Mapping[str, str] = {
    "input_malformed": "not written as it has to be",
    "input_missing": "still to be filled in",
    "input_not_offered": "none of what is offered",
    "input_too_short": "too short",
    "input_too_long": "too long",
    "date_too_early": "too early",
    "date_too_late": "too late",
    "amount_below_minimum": "below what can be taken",
    "amount_above_maximum": "above what can be taken",
    "not_confirmed": "has to be ticked",
    "document_type_not_accepted": "this type is not accepted",
    "document_expires_too_soon": "the document expires too soon",
    "document_too_large": "the document is too large",
}
"""Policy's reason codes as a customer reads them beside a blank."""


class Blank(NamedTuple):
    """One thing to fill in.

    Attributes:
        name: of the field; of a document its part behind a dot.
        label: as the form says it.
        kind: typed, chosen or ticked.
        takes: what may be filled in, in words; empty where the label says it.
        text: what stands in it now.
        one_of: what may be chosen.
    """

    name: str
    label: str
    kind: Kind
    takes: str
    text: str
    one_of: tuple[str, ...] = ()


class Sheet(NamedTuple):
    """A form before a customer.

    Attributes:
        page: the form's fields, and the day it is.
        submit: what is written on its button.
    """

    page: FormPage
    submit: str

    def blanks(self, inputs: str) -> tuple[Blank, ...]:
        """Return everything to be filled in, with what a submission holds.

        Args:
            inputs: canonical JSON of field to value, or empty.
        """
        given = read_inputs(inputs) or {}
        return tuple(
            blank
            for field in self.page.fields
            for blank in _blanks(field, given.get(field.name), self.page.today)
        )

    def written(self, texts: Mapping[str, str]) -> str:
        """Return what was filled in as the submission it is, canonical JSON; blanks left empty are left out."""
        values = {field.name: _value(field, texts) for field in self.page.fields}
        return canonical_json({name: value for name, value in values.items() if value is not None})

    def faults(self, texts: Mapping[str, str]) -> dict[str, str]:
        """Judge every field as policy does when the form is sent; nothing where all may be sent.

        Returns:
            What is wrong, in words, by the name of the field's first blank.
        """
        found = {}
        for field in self.page.fields:
            value = _value(field, texts)
            if value is not None:
                reason = field.judge(value, self.page.today)
            else:
                reason = "" if field.rule.optional else "input_missing"
            if reason:
                found[_blanks(field, None, self.page.today)[0].name] = FAULTS.get(
                    reason, reason.replace("_", " ")
                )
        return found

    def faults_in(self, inputs: str) -> dict[str, str]:
        """Judge what a submission holds, as `faults` does what is filled in.

        Args:
            inputs: canonical JSON of field to value, or empty.
        """
        return self.faults({blank.name: blank.text for blank in self.blanks(inputs)})

    def read(self, typed: str) -> str:
        """Return the submission of a form typed in one line: JSON as it stands, or "NAME=TEXT; NAME=TEXT".

        Raises:
            BadInput: a part without a name, or one of no blank.
        """
        if not typed.strip() or typed.lstrip().startswith("{"):
            return typed.strip()
        names = [blank.name for blank in self.blanks("")]
        texts = {}
        for part in filter(None, (part.strip() for part in typed.split(";"))):
            name, equals, text = (piece.strip() for piece in part.partition("="))
            if not equals or name not in names:
                hint = did_you_mean(name, names) or f"; allowed: {', '.join(names)}"
                raise BadInput([f"the form: found {part!r}, no field with what is filled in{hint}"])
            texts[name] = text
        return self.written(texts)


def _blanks(field: Field, value: Any, today: int) -> tuple[Blank, ...]:
    rule, name = field.rule, field.name
    label = f"{rule.label} (may stay empty)" if rule.optional else rule.label
    if isinstance(rule, DocumentField):
        held = value if isinstance(value, dict) else {}
        after = rule.expires_after_days_min
        takes = (
            "", f"YYYY-MM-DD, {_day(today + after)} or later" if after else "YYYY-MM-DD, or empty",
            f"up to {rule.kb_max:,} kB", "8 to 64 letters, digits, - and _",
        )  # fmt: skip
        return tuple(
            Blank(
                f"{name}.{part}",
                f"{label}: {'size in kB' if part == 'kb' else part}",
                "choice" if part == "type" else "text",
                said,
                str(held.get(part, "")),
                tuple(rule.types) if part == "type" else (),
            )
            for part, said in zip(_DOCUMENT_PARTS, takes, strict=True)
        )
    if isinstance(rule, ChoiceField):
        return (Blank(name, label, "choice", "", str(value or ""), rule.one_of),)
    if rule.kind == "tick":
        return (Blank(name, label, "tick", "", TICKED if value is True else ""),)
    return (Blank(name, label, "text", _takes(rule, today), _written(rule, value)),)


def _written(rule: object, value: Any) -> str:
    """A value as text; what is no sum stands in a field of money as it was typed."""
    if isinstance(rule, MoneyField) and isinstance(value, int):
        return f"{value / 100:.2f}"
    return "" if value is None else str(value)


def _takes(rule: object, today: int) -> str:
    if isinstance(rule, MoneyField):
        return f"{rule.at_least_minor / 100:,.2f} to {rule.at_most_minor / 100:,.2f}"
    if isinstance(rule, DateField | MonthField):
        cut = 10 if isinstance(rule, DateField) else 7
        first, last = (_day(today + days)[:cut] for days in (rule.at_least_days, rule.at_most_days))
        return f"{first} or later" if rule.at_most_days >= _OPEN_DAYS else f"{first} to {last}"
    if isinstance(rule, TextField | TokenField) and rule.pattern:
        return f"as {rule.pattern}"
    return f"{rule.chars_min} to {rule.chars_max} characters" if isinstance(rule, TextField) else ""


def _value(field: Field, texts: Mapping[str, str]) -> Any:
    """Return what was filled in as the field's own kind of value; text that is none stays text and is refused."""
    rule, name = field.rule, field.name
    if isinstance(rule, DocumentField):
        parts = {part: texts.get(f"{name}.{part}", "").strip() for part in _DOCUMENT_PARTS}
        if not any(parts.values()):
            return None
        return {**parts, "kb": int(parts["kb"]) if parts["kb"].isdecimal() else parts["kb"]}
    text = texts.get(name, "").strip()
    if not text:
        return None
    if rule.kind == "tick":
        return True if text == TICKED else text
    return _minor(text) if isinstance(rule, MoneyField) else text


def _minor(text: str) -> int | str:
    """Read a sum into minor units, or leave what is none."""
    try:
        minor = Decimal(text) * 100
    except InvalidOperation:
        return text
    return int(minor) if minor.is_finite() and minor == minor.to_integral_value() else text


def _day(ordinal: int) -> str:
    return date.fromordinal(ordinal).isoformat()
