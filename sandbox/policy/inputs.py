"""Whether what was put into a form may be submitted: a pure judgement of plain data, with a reason code.

Days are counted as `date.toordinal` counts them, so that nothing here needs a clock.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, NamedTuple

from sandbox.policy.forms import (
    AnyField,
    ChoiceField,
    DateField,
    DocumentField,
    Form,
    MoneyField,
    MonthField,
    TextField,
    TokenField,
)
from sandbox.policy.patterns import checker
from sandbox.policy.postings import canonical_json
from sandbox.policy.vocabulary import is_date

INPUTS_CHARS_MAX = 20_000
"""Characters of one submission; a form of twenty fields at their longest stays below."""

MASKED = "***"
"""What stands in a trail for a sensitive input: that it was given, and nothing of it."""

_MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])", re.ASCII)
_REFERENCE = re.compile(r"[A-Za-z0-9_-]{8,64}", re.ASCII)
_DECEMBER = 12

Judge = Callable[[Any, int], str]
"""Says what is wrong with one value on one day, as a reason code, or nothing."""


class Field(NamedTuple):
    """One field of a form, compiled."""

    name: str
    rule: AnyField
    judge: Judge


class FormPage(NamedTuple):
    """A form as it lies before the customer: of which action, its fields, and the day it is."""

    action: str
    fields: tuple[Field, ...]
    today: int


class InputFault(NamedTuple):
    """The first input that may not be submitted, and its reason code."""

    field: str
    reason: str


def compiled_fields(form: Form | None) -> tuple[Field, ...]:
    """Compile the fields of a form; nothing without one."""
    if form is None:
        return ()
    return tuple(Field(name, rule, _judge_of(rule)) for name, rule in form.fields.items())


def fault_in(fields: tuple[Field, ...], inputs: str, today: int) -> InputFault | None:
    """Judge a submission; None when every field may be submitted.

    Args:
        fields: of the form.
        inputs: canonical JSON of field to value, or empty.
        today: the day it is submitted on, as an ordinal.

    Returns:
        The fault, its reason one of input_malformed, input_unknown, input_missing, input_not_offered,
        input_too_short, input_too_long, date_too_early, date_too_late, amount_below_minimum,
        amount_above_maximum, not_confirmed, document_type_not_accepted, document_expires_too_soon and
        document_too_large.
    """
    given = read_inputs(inputs)
    if given is None or (inputs and canonical_json(given) != inputs):
        return InputFault("", "input_malformed")
    known = {field.name for field in fields}
    for name in given:
        if name not in known:
            return InputFault(name, "input_unknown")
    for field in fields:
        if field.name not in given:
            if not field.rule.optional:
                return InputFault(field.name, "input_missing")
        elif reason := field.judge(given[field.name], today):
            return InputFault(field.name, reason)
    return None


def read_inputs(inputs: str) -> dict[str, Any] | None:
    """Return a submission as plain data; None if it is none."""
    if not inputs:
        return {}
    if len(inputs) > INPUTS_CHARS_MAX:
        return None
    try:
        given = json.loads(inputs)
    except (ValueError, RecursionError):
        return None
    return given if isinstance(given, dict) else None


def masked(fields: tuple[Field, ...], inputs: str) -> dict[str, object]:
    """Return a submission as a trail may hold it: sensitive inputs are masked, unknown ones left out."""
    given, found = read_inputs(inputs) or {}, {}
    for field in fields:
        if field.name in given:
            found[field.name] = MASKED if field.rule.sensitive else given[field.name]
    return found


def month_end(month: str) -> int:
    """Return the ordinal of a month's last day; the month is YYYY-MM."""
    year, number = int(month[:4]), int(month[5:])
    if number == _DECEMBER:
        return date(year, _DECEMBER, 31).toordinal()
    return date(year, number + 1, 1).toordinal() - 1


def _judge_of(rule: AnyField) -> Judge:
    return _JUDGES[rule.kind](rule)


def _text(rule: TextField) -> Judge:
    pattern = checker(rule.pattern) if rule.pattern else None
    least, most = rule.chars_min, rule.chars_max

    def judge(value: Any, _today: int) -> str:
        if not isinstance(value, str) or not value.isprintable():
            return "input_malformed"
        if len(value) < least:
            return "input_too_short"
        if len(value) > most:
            return "input_too_long"
        return "" if pattern is None or pattern.fullmatch(value) else "input_malformed"

    return judge


def _token(rule: TokenField) -> Judge:
    pattern = checker(rule.pattern)
    return lambda value, _today: (
        "" if isinstance(value, str) and pattern.fullmatch(value) else "input_malformed"
    )


def _choice(rule: ChoiceField) -> Judge:
    words = frozenset(rule.one_of)
    return lambda value, _today: "" if isinstance(value, str) and value in words else "input_not_offered"


def _between(day: int, today: int, rule: DateField | MonthField) -> str:
    if day < today + rule.at_least_days:
        return "date_too_early"
    return "date_too_late" if day > today + rule.at_most_days else ""


def _date(rule: DateField) -> Judge:
    def judge(value: Any, today: int) -> str:
        if not isinstance(value, str) or not is_date(value):
            return "input_malformed"
        return _between(date.fromisoformat(value).toordinal(), today, rule)

    return judge


def _month(rule: MonthField) -> Judge:
    def judge(value: Any, today: int) -> str:
        if not isinstance(value, str) or not _MONTH.fullmatch(value) or value.startswith("0000"):
            return "input_malformed"
        return _between(month_end(value), today, rule)

    return judge


def _money(rule: MoneyField) -> Judge:
    def judge(value: Any, _today: int) -> str:
        if not isinstance(value, int) or isinstance(value, bool):
            return "input_malformed"
        if value < rule.at_least_minor:
            return "amount_below_minimum"
        return "amount_above_maximum" if value > rule.at_most_minor else ""

    return judge


def _tick(_rule: object) -> Judge:
    return lambda value, _today: "" if value is True else "not_confirmed"


def _document(rule: DocumentField) -> Judge:
    types, days, kb_max = frozenset(rule.types), rule.expires_after_days_min, rule.kb_max

    def judge(value: Any, today: int) -> str:
        if not _is_upload(value):
            return "input_malformed"
        if value["type"] not in types:
            return "document_type_not_accepted"
        if value["kb"] > kb_max:
            return "document_too_large"
        expires = value["expires"]
        if not expires:
            return "document_expires_too_soon" if days else ""
        if date.fromisoformat(expires).toordinal() < today + days:
            return "document_expires_too_soon"
        return ""

    return judge


def _is_upload(value: object) -> bool:
    """Whether a value is a whole upload: type, size, where it lies, and its last day or nothing."""
    if not isinstance(value, dict) or value.keys() != {"type", "expires", "kb", "reference"}:
        return False
    size, expires, reference = value["kb"], value["expires"], value["reference"]
    sized = isinstance(size, int) and not isinstance(size, bool) and size > 0
    dated = isinstance(expires, str) and (not expires or is_date(expires))
    filed = isinstance(reference, str) and _REFERENCE.fullmatch(reference) is not None
    return isinstance(value["type"], str) and sized and dated and filed


_JUDGES: Mapping[str, Callable[[Any], Judge]] = {
    "text": _text,
    "token": _token,
    "choice": _choice,
    "date": _date,
    "month": _month,
    "money": _money,
    "tick": _tick,
    "document": _document,
}
