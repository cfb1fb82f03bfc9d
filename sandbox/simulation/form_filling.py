"""What synthetic customers put into a form: what it takes, the same for the same customer in every design."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from sandbox.draws import Draws
from sandbox.evidence import canonical
from sandbox.policy.forms import (
    AnyField,
    ChoiceField,
    DateField,
    DocumentField,
    MoneyField,
    MonthField,
    TextField,
    TokenField,
)
from sandbox.policy.inputs import Field, FormPage, month_end
from sandbox.policy.patterns import pieces_of

_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_DAYS_SPREAD = 90
"""Days behind the earliest date over which dates of customers spread, where the form allows so many."""

_ONE_MONTH = 31
_VALID_DAYS = 365
"""Days a document is valid beyond what is asked for."""


def filled_in(page: FormPage, draws: Draws, case_id: int) -> str:
    """Return a submission that every field accepts, as canonical JSON."""
    return canonical(_values(page, draws, case_id)).text


def wrongly_filled_in(page: FormPage, draws: Draws, case_id: int) -> str:
    """Return a submission with one field wrong, as canonical JSON: the first one that can be.

    Dates are a day too early, sums and documents too large; anything else that must be there is left empty. A form
    nothing can be wrong with comes out right.
    """
    values = _values(page, draws, case_id)
    for field in page.fields:
        if _spoilt(field, values, page.today):
            break
    return canonical(values).text


def _values(page: FormPage, draws: Draws, case_id: int) -> dict[str, object]:
    found: dict[str, object] = {}
    for field in page.fields:
        u = draws.uniform(f"form {page.action}.{field.name}", 0, case_id)
        if not field.rule.optional or u < 0.5:
            found[field.name] = _FILLERS[field.rule.kind](field.rule, u, page.today, case_id)
    return found


def _spoilt(field: Field, values: dict[str, Any], today: int) -> bool:
    """Put something wrong into a field that is filled in; False if it stays right."""
    rule, name = field.rule, field.name
    if name not in values:
        return False
    if isinstance(rule, DateField):
        values[name] = _day(today + rule.at_least_days - 1)
    elif isinstance(rule, MoneyField):
        values[name] = rule.at_most_minor + 1
    elif isinstance(rule, DocumentField):
        values[name] = {**values[name], "kb": rule.kb_max + 1}
    elif rule.optional:
        return False
    else:
        del values[name]
    return True


def _text(rule: TextField, u: float, _today: int, case_id: int) -> str:
    if rule.pattern:
        return _written(rule.pattern, case_id)
    length = rule.chars_min + int(u * (min(rule.chars_max, rule.chars_min + 20) - rule.chars_min + 1))
    return "".join(_LETTERS[(case_id + at * 7) % len(_LETTERS)] for at in range(length))


def _token(rule: TokenField, _u: float, _today: int, case_id: int) -> str:
    return _written(rule.pattern, case_id)


def _written(pattern: str, case_id: int) -> str:
    """Write a pattern out, as briefly as it allows, with characters that differ between customers."""
    written, mixed = "", case_id
    for piece in pieces_of(pattern):
        for _ in range(piece.least):
            mixed, place = (mixed * 31 + 7) % 1_000_003, mixed % len(piece.characters)
            written += piece.characters[place]
    return written


def _choice(rule: ChoiceField, u: float, _today: int, _case_id: int) -> str:
    return rule.one_of[int(u * len(rule.one_of))]


def _date(rule: DateField, u: float, today: int, _case_id: int) -> str:
    return _day(today + _spread(rule.at_least_days, rule.at_most_days, u))


def _month(rule: MonthField, u: float, today: int, _case_id: int) -> str:
    """A month whose end lies in the window: the one a drawn day lies in, or the one before if that ends too late."""
    day = today + _spread(rule.at_least_days, rule.at_most_days, u)
    month = _day(day)[:7]
    if month_end(month) > today + rule.at_most_days:
        month = _day(date.fromordinal(day).replace(day=1).toordinal() - 1)[:7]
    return month


def _spread(least: int, most: int, u: float) -> int:
    return least + int(u * (min(most, least + _DAYS_SPREAD) - least + 1))


def _money(rule: MoneyField, u: float, _today: int, _case_id: int) -> int:
    return rule.at_least_minor + int(u * (rule.at_most_minor - rule.at_least_minor + 1))


def _tick(_rule: AnyField, _u: float, _today: int, _case_id: int) -> bool:
    return True


def _document(rule: DocumentField, u: float, today: int, case_id: int) -> dict[str, object]:
    return {
        "type": rule.types[int(u * len(rule.types))],
        "expires": _day(today + rule.expires_after_days_min + _VALID_DAYS),
        "kb": 1 + int(u * (rule.kb_max - 1)),
        "reference": f"upload_{case_id:08d}",
    }


def _day(ordinal: int) -> str:
    return date.fromordinal(ordinal).isoformat()


_FILLERS: Mapping[str, Callable[[Any, float, int, int], object]] = {
    "text": _text,
    "token": _token,
    "choice": _choice,
    "date": _date,
    "month": _month,
    "money": _money,
    "tick": _tick,
    "document": _document,
}
