"""What one value of a scenario may be: small validators that name what was found and what is allowed.

Each carries the JSON Schema that says the same, made from the same bounds, as far as a schema can say it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from math import fsum
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from scenarios.files.faults import not_allowed
from scenarios.files.places import did_you_mean, found, join

Schema = dict[str, Any]
"""A JSON Schema."""


Check = Callable[[Any], Any]


@dataclass(frozen=True, slots=True, eq=False)
class ValueKind:
    """A validator of one value that also says what it allows; two are the same only if they are one object.

    Attributes:
        checked: returns the value, or raises what `scenarios.files.faults` can tell.
        schema: what it allows.
    """

    checked: Check
    schema: Schema

    def __call__(self, value: Any) -> Any:
        """Return the value, or raise."""
        return self.checked(value)


def saying(schema: Schema) -> Callable[[Check], ValueKind]:
    """Give a function that checks one value the schema that says the same."""
    return lambda checked: ValueKind(checked, schema)


SHARES_TOLERANCE = 1e-6
"""How far shares may be from summing to 1: typed decimals, not computed ones."""

_AGENTS_MAX = 10_000
_WEIGHT_MAX = 1e9
_HALF_HOURS_MAX = 48
_HOLIDAYS_MAX = 366
_WEEKDAYS = 5
_TIME = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]|24:00")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
_CURRENCY = re.compile(r"[A-Z]{3}")
_NAMES_MAX = 20


def _text_like(pattern: re.Pattern[str]) -> Schema:
    return {"type": "string", "pattern": f"^({pattern.pattern})$"}


_TIME_SCHEMA, _NAME_SCHEMA, _DAY_SCHEMA = map(_text_like, (_TIME, _NAME, _DAY))
_WINDOW_SCHEMA: Schema = {"type": "array", "items": _TIME_SCHEMA, "minItems": 2, "maxItems": 2}


def number(low: float, high: float, meaning: str = "") -> ValueKind:
    """Allow a number from `low` to `high`; `meaning` says in a schema what is counted, its unit above all."""
    allowed = f"a number from {low:,} to {high:,}"
    return _bounded(low, high, allowed, meaning, least_allowed=True, kinds=(int, float))


def above(low: float, high: float, meaning: str = "") -> ValueKind:
    """Allow a number above `low`, up to `high`."""
    allowed = f"a number above {low:,}, up to {high:,}"
    return _bounded(low, high, allowed, meaning, least_allowed=False, kinds=(int, float))


def whole(low: int, high: int, meaning: str = "") -> ValueKind:
    """Allow a whole number from `low` to `high`."""
    allowed = f"a whole number from {low:,} to {high:,}"
    return _bounded(low, high, allowed, meaning, least_allowed=True, kinds=(int,))


def _bounded(
    low: float,
    high: float,
    allowed: str,
    meaning: str,
    *,
    least_allowed: bool,
    kinds: tuple[type[int | float], ...],
) -> ValueKind:
    lower = "minimum" if least_allowed else "exclusiveMinimum"

    schema: Schema = {"type": "number" if float in kinds else "integer", lower: low, "maximum": high}

    @saying(schema | ({"description": meaning} if meaning else {}))
    def check(value: Any) -> Any:
        if isinstance(value, bool) or not isinstance(value, kinds):
            raise not_allowed(value, allowed)
        inside = low <= value <= high if least_allowed else low < value <= high
        if not inside:  # also where value is not a number (nan)
            raise not_allowed(value, allowed)
        return value

    return check


def weights(longest: int) -> ValueKind:
    """Allow a list of 1 to `longest` numbers, none negative, not all zero; only their proportions count."""
    allowed = f"a list of 1 to {longest} numbers, none negative, not all 0"
    return numbers(longest, _WEIGHT_MAX, allowed, all_zero=False)


def numbers(longest: int, high: float, allowed: str, *, all_zero: bool) -> ValueKind:
    """Allow a list of 1 to `longest` numbers from 0 to `high`; `allowed` says so, `all_zero` lets all be 0."""
    items = {"type": "number", "minimum": 0, "maximum": high}
    schema: Schema = {"type": "array", "items": items, "minItems": 1, "maxItems": longest}

    @saying(schema if all_zero else schema | {"contains": {"exclusiveMinimum": 0}})
    def check(value: Any) -> tuple[float, ...]:
        if not isinstance(value, list | tuple) or not 1 <= len(value) <= longest:
            raise not_allowed(value, allowed)
        for position, item in enumerate(value, start=1):
            if not is_number(item) or not 0 <= item <= high:
                raise not_allowed(item, f"{allowed} (entry {position} of {len(value)})")
        if not all_zero and not any(value):
            raise not_allowed(value, allowed)
        return tuple(value)

    return check


_AGENTS_ALLOWED = f"a number from 0 to {_AGENTS_MAX:,}, or a list with one for each half hour"
_AGENTS_LISTED = numbers(_HALF_HOURS_MAX, _AGENTS_MAX, _AGENTS_ALLOWED, all_zero=True)


@saying({"anyOf": [_AGENTS_LISTED.schema["items"], _AGENTS_LISTED.schema]})
def agents(value: Any) -> float | tuple[float, ...]:
    """Allow a number of agents, or a list of them per half hour; fractions are effective agents."""
    if isinstance(value, list | tuple):
        staffed: tuple[float, ...] = _AGENTS_LISTED(value)
        return staffed
    if not is_number(value) or not 0 <= value <= _AGENTS_MAX:
        raise not_allowed(value, _AGENTS_ALLOWED)
    checked: float = value
    return checked


def optional(check: ValueKind) -> ValueKind:
    """Allow what another check allows, or null."""

    @saying({"anyOf": [check.schema, {"type": "null"}]})
    def either(value: Any) -> Any:
        return None if value is None else check(value)

    return either


@saying({"type": "array", "items": {"type": "number", "minimum": 0}, "minItems": 5, "maxItems": 5})
def weekdays(value: Any) -> tuple[float, ...]:
    """Allow five numbers, Monday to Friday, none negative, not all 0; only their proportions count."""
    allowed = f"a list of {_WEEKDAYS} numbers, Monday to Friday, none negative, not all 0"
    if not isinstance(value, list | tuple) or len(value) != _WEEKDAYS:
        raise not_allowed(value, allowed)
    factors: tuple[float, ...] = numbers(_WEEKDAYS, _WEIGHT_MAX, allowed, all_zero=False)(value)
    return factors


def some_of(*known: str) -> ValueKind:
    """Allow a list of these words, each at most once, at least one."""
    allowed = f"a list of {', '.join(known)}, each at most once, at least one"

    @saying({"type": "array", "items": {"enum": list(known)}, "minItems": 1, "uniqueItems": True})
    def check(value: Any) -> tuple[str, ...]:
        if not isinstance(value, list | tuple) or not value:
            raise not_allowed(value, allowed)
        for item in value:
            if item not in known:
                raise not_allowed(item, f"{', '.join(known)}{did_you_mean(str(item), known)}")
        if len(set(value)) < len(value):
            raise not_allowed(value, allowed)
        return tuple(value)

    return check


def shares(*keys: str) -> ValueKind:
    """Allow a block with exactly these keys whose values are shares that sum to 1; returned in this order."""
    allowed = f"a block with a share for each of {', '.join(keys)}"
    share = {"type": "number", "minimum": 0, "maximum": 1}

    @saying(block_schema(dict.fromkeys(keys, share), required=keys))
    def check(value: Any) -> dict[str, float]:
        if not isinstance(value, dict):
            raise not_allowed(value, allowed)
        if unknown := [key for key in value if key not in keys]:
            raise not_allowed(unknown[0], f"{', '.join(keys)}{did_you_mean(unknown[0], keys)}")
        if missing := [key for key in keys if key not in value]:
            raise not_allowed(value, f"{allowed}; missing: {', '.join(missing)}")
        for key in keys:
            if not is_number(value[key]) or not 0 <= value[key] <= 1:
                raise not_allowed(value[key], f"a share from 0 to 1 for {key}")
        total = fsum(value.values())
        if abs(total - 1) > SHARES_TOLERANCE:
            raise not_allowed(round(total, 6), "shares that sum to 1")
        return {key: value[key] for key in keys}

    return check


def amounts(most: float) -> ValueKind:
    """Allow a block of names with an amount each, from 0 to `most`; it may be empty."""
    allowed = f"a block of names, each with a number from 0 to {most:,}"

    amount = {"type": "number", "minimum": 0, "maximum": most}

    @saying({"type": "object", "additionalProperties": amount})
    def check(value: Any) -> dict[str, float]:
        if not isinstance(value, dict):
            raise not_allowed(value, allowed)
        for key, amount in value.items():
            name(key)
            if not is_number(amount) or not 0 <= amount <= most:
                raise not_allowed(amount, f"{allowed} ({key})")
        return dict(value)

    return check


@saying(_TIME_SCHEMA)
def time(value: Any) -> str:
    """Allow a clock time, "HH:MM" from 00:00 to 24:00."""
    if not isinstance(value, str) or not _TIME.fullmatch(value):
        raise not_allowed(value, "a time 'HH:MM' from 00:00 to 24:00")
    return value


def minutes(clock: str) -> int:
    """Return minutes from midnight of an "HH:MM"."""
    hours, _, rest = clock.partition(":")
    return int(hours) * 60 + int(rest)


@saying(_WINDOW_SCHEMA)
def window(value: Any) -> tuple[str, str]:
    """Allow a pair of clock times, the first before the second."""
    allowed = "[open, close], two times 'HH:MM', the first before the second"
    if not isinstance(value, list | tuple) or len(value) != 2:
        raise not_allowed(value, allowed)
    for item in value:
        if not isinstance(item, str) or not _TIME.fullmatch(item):
            raise not_allowed(item, allowed)
    opens, closes = value
    if minutes(opens) >= minutes(closes):
        raise not_allowed(f"{opens} to {closes}", allowed)
    return opens, closes


@saying({"anyOf": [_WINDOW_SCHEMA, {"type": "null"}]})
def window_or_none(value: Any) -> Any:
    """Allow a contact window, or null where there is none on that day."""
    return None if value is None else window(value)


@saying(_DAY_SCHEMA)
def day(value: Any) -> str:
    """Allow a date of the calendar, "YYYY-MM-DD"."""
    try:
        if not isinstance(value, str) or not _DAY.fullmatch(value):
            raise ValueError
        date.fromisoformat(value)
    except ValueError:
        raise not_allowed(value, "a date 'YYYY-MM-DD' that exists") from None
    return value


@saying({"type": "array", "items": _DAY_SCHEMA, "maxItems": _HOLIDAYS_MAX, "uniqueItems": True})
def days(value: Any) -> tuple[str, ...]:
    """Allow a list of dates, each once."""
    allowed = f"a list of at most {_HOLIDAYS_MAX} dates 'YYYY-MM-DD', each once"
    if not isinstance(value, list | tuple) or len(value) > _HOLIDAYS_MAX:
        raise not_allowed(value, allowed)
    checked = tuple(day(item) for item in value)
    if len(set(checked)) < len(checked):
        raise not_allowed(next(item for item in checked if checked.count(item) > 1), allowed)
    return checked


@saying({"type": "string", "minLength": 1})
def time_zone(value: Any) -> str:
    """Allow an IANA time zone, such as Europe/London."""
    try:
        if not isinstance(value, str) or not value:
            raise ValueError
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError):  # OSError: a folder of zones, such as "Europe"
        raise not_allowed(value, f"an IANA time zone, such as Europe/London{_close_zone(value)}") from None
    return value


@saying(_NAME_SCHEMA)
def name(value: Any) -> str:
    """Allow a name of lower-case letters, digits, - and _."""
    if not isinstance(value, str) or not _NAME.fullmatch(value):
        raise not_allowed(value, "a name of lower-case letters, digits, - and _")
    return value


@saying({"type": "array", "items": _NAME_SCHEMA, "minItems": 1, "maxItems": _NAMES_MAX, "uniqueItems": True})
def names(value: Any) -> tuple[str, ...]:
    """Allow a list of 1 to 20 names, each once."""
    allowed = f"a list of 1 to {_NAMES_MAX} names, each once"
    if not isinstance(value, list | tuple) or not 1 <= len(value) <= _NAMES_MAX:
        raise not_allowed(value, allowed)
    checked = tuple(name(item) for item in value)
    if len(set(checked)) < len(checked):
        raise not_allowed(next(item for item in checked if checked.count(item) > 1), allowed)
    return checked


@saying({"type": "string", "pattern": "[^ \\t\\n]"})
def text(value: Any) -> str:
    """Allow text that is not blank."""
    if not isinstance(value, str) or not value.strip():
        raise not_allowed(value, "text")
    return value


def word(*known: str) -> ValueKind:
    """Allow one of some words."""
    allowed = f"{', '.join(known[:-1])} or {known[-1]}"

    @saying({"enum": list(known)})
    def check(value: Any) -> str:
        if not isinstance(value, str) or value not in known:
            raise not_allowed(value, f"{allowed}{did_you_mean(str(value), known)}")
        return value

    return check


@saying(_text_like(_CURRENCY))
def currency(value: Any) -> str:
    """Allow a currency code of three capital letters (ISO 4217)."""
    if not isinstance(value, str) or not _CURRENCY.fullmatch(value):
        raise not_allowed(value, "a currency code of three capital letters, such as GBP")
    return value


@saying({"type": "object"})
def conditions(value: Any) -> dict[str, Any]:
    """Allow a block of settings, dotted path to value; blocks inside it are joined to dotted paths."""
    if not isinstance(value, dict):
        raise not_allowed(value, "a block of settings, such as {campaign.messages: 200000}")
    return dict(_flat(value, ""))


def flat(block: dict[str, Any], path: str = "") -> dict[str, Any]:
    """Return a nested block as dotted path to value; lists stay whole."""
    return dict(_flat(block, path))


def _flat(block: dict[str, Any], path: str) -> Sequence[tuple[str, Any]]:
    pairs: list[tuple[str, Any]] = []
    for key, value in block.items():
        inner = join(path, key)
        pairs.extend(_flat(value, inner) if isinstance(value, dict) else [(inner, value)])
    return pairs


def block_schema(properties: Mapping[str, Schema], required: Sequence[str]) -> Schema:
    """Return the schema of a block with these keys and no others."""
    block: Schema = {"type": "object", "properties": dict(properties)}
    return block | {"required": list(required), "additionalProperties": False}


def is_number(value: object) -> bool:
    """Say whether a value is a number; true and false are none."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def _close_zone(value: object) -> str:
    return did_you_mean(found(value).strip("'"), sorted(available_timezones()))
