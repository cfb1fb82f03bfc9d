"""What one value of a scenario may be: small validators that name what was found and what is allowed."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from scenarios.faults import not_allowed
from scenarios.places import did_you_mean, found, join

Check = Callable[[Any], Any]

SHARES_TOLERANCE = 1e-6
"""How far shares may be from summing to 1: typed decimals, not computed ones."""

_AGENTS_MAX = 10_000
_WEIGHT_MAX = 1e9
_HALF_HOURS_MAX = 48
_HOLIDAYS_MAX = 366
_TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d|24:00", re.ASCII)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}", re.ASCII)
_CURRENCY = re.compile(r"[A-Z]{3}", re.ASCII)


def number(low: float, high: float) -> Check:
    """Allow a number from `low` to `high`."""
    return _bounded(low, high, f"a number from {low:,} to {high:,}", least_allowed=True, kinds=(int, float))


def above(low: float, high: float) -> Check:
    """Allow a number above `low`, up to `high`."""
    allowed = f"a number above {low:,}, up to {high:,}"
    return _bounded(low, high, allowed, least_allowed=False, kinds=(int, float))


def whole(low: int, high: int) -> Check:
    """Allow a whole number from `low` to `high`."""
    return _bounded(low, high, f"a whole number from {low:,} to {high:,}", least_allowed=True, kinds=(int,))


def _bounded(
    low: float, high: float, allowed: str, *, least_allowed: bool, kinds: tuple[type[int | float], ...]
) -> Check:
    def check(value: Any) -> Any:
        if isinstance(value, bool) or not isinstance(value, kinds):
            raise not_allowed(value, allowed)
        inside = low <= value <= high if least_allowed else low < value <= high
        if not inside:  # also where value is not a number (nan)
            raise not_allowed(value, allowed)
        return value

    return check


def weights(longest: int) -> Check:
    """Allow a list of 1 to `longest` numbers, none negative, not all zero; only their proportions count."""
    allowed = f"a list of 1 to {longest} numbers, none negative, not all 0"
    return _numbers(longest, _WEIGHT_MAX, allowed, all_zero=False)


def _numbers(longest: int, high: float, allowed: str, *, all_zero: bool) -> Check:
    def check(value: Any) -> tuple[float, ...]:
        if not isinstance(value, list | tuple) or not 1 <= len(value) <= longest:
            raise not_allowed(value, allowed)
        for position, item in enumerate(value, start=1):
            if not _is_number(item) or not 0 <= item <= high:
                raise not_allowed(item, f"{allowed} (entry {position} of {len(value)})")
        if not all_zero and not any(value):
            raise not_allowed(value, allowed)
        return tuple(value)

    return check


def agents(value: Any) -> float | tuple[float, ...]:
    """Allow a number of agents, or a list of them per half hour; fractions are effective agents."""
    allowed = f"a number from 0 to {_AGENTS_MAX:,}, or a list with one for each half hour"
    if isinstance(value, list | tuple):
        staffed: tuple[float, ...] = _numbers(_HALF_HOURS_MAX, _AGENTS_MAX, allowed, all_zero=True)(value)
        return staffed
    if not _is_number(value) or not 0 <= value <= _AGENTS_MAX:
        raise not_allowed(value, allowed)
    checked: float = value
    return checked


def shares(*keys: str) -> Check:
    """Allow a block with exactly these keys whose values are shares that sum to 1; returned in this order."""
    allowed = f"a block with a share for each of {', '.join(keys)}"

    def check(value: Any) -> dict[str, float]:
        if not isinstance(value, dict):
            raise not_allowed(value, allowed)
        if unknown := [key for key in value if key not in keys]:
            raise not_allowed(unknown[0], f"{', '.join(keys)}{did_you_mean(unknown[0], keys)}")
        if missing := [key for key in keys if key not in value]:
            raise not_allowed(value, f"{allowed}; missing: {', '.join(missing)}")
        for key in keys:
            if not _is_number(value[key]) or not 0 <= value[key] <= 1:
                raise not_allowed(value[key], f"a share from 0 to 1 for {key}")
        total = sum(value.values())
        if abs(total - 1) > SHARES_TOLERANCE:
            raise not_allowed(round(total, 6), "shares that sum to 1")
        return {key: value[key] for key in keys}

    return check


def time(value: Any) -> str:
    """Allow a clock time, "HH:MM" from 00:00 to 24:00."""
    if not isinstance(value, str) or not _TIME.fullmatch(value):
        raise not_allowed(value, "a time 'HH:MM' from 00:00 to 24:00")
    return value


def minutes(clock: str) -> int:
    """Return minutes from midnight of an "HH:MM"."""
    hours, _, rest = clock.partition(":")
    return int(hours) * 60 + int(rest)


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


def window_or_none(value: Any) -> tuple[str, str] | None:
    """Allow a contact window, or null where there is none on that day."""
    return None if value is None else window(value)


def day(value: Any) -> str:
    """Allow a date of the calendar, "YYYY-MM-DD"."""
    try:
        if not isinstance(value, str) or not _DAY.fullmatch(value):
            raise ValueError
        date.fromisoformat(value)
    except ValueError:
        raise not_allowed(value, "a date 'YYYY-MM-DD' that exists") from None
    return value


def days(value: Any) -> tuple[str, ...]:
    """Allow a list of dates, each once."""
    allowed = f"a list of at most {_HOLIDAYS_MAX} dates 'YYYY-MM-DD', each once"
    if not isinstance(value, list | tuple) or len(value) > _HOLIDAYS_MAX:
        raise not_allowed(value, allowed)
    checked = tuple(day(item) for item in value)
    if len(set(checked)) < len(checked):
        raise not_allowed(next(item for item in checked if checked.count(item) > 1), allowed)
    return checked


def time_zone(value: Any) -> str:
    """Allow an IANA time zone, such as Europe/London."""
    try:
        if not isinstance(value, str) or not value:
            raise ValueError
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError):  # OSError: a folder of zones, such as "Europe"
        raise not_allowed(value, f"an IANA time zone, such as Europe/London{_close_zone(value)}") from None
    return value


def name(value: Any) -> str:
    """Allow a name of lower-case letters, digits, - and _."""
    if not isinstance(value, str) or not _NAME.fullmatch(value):
        raise not_allowed(value, "a name of lower-case letters, digits, - and _")
    return value


def names(value: Any) -> tuple[str, ...]:
    """Allow a list of 1 to 20 names, each once."""
    most = 20
    allowed = f"a list of 1 to {most} names, each once"
    if not isinstance(value, list | tuple) or not 1 <= len(value) <= most:
        raise not_allowed(value, allowed)
    checked = tuple(name(item) for item in value)
    if len(set(checked)) < len(checked):
        raise not_allowed(next(item for item in checked if checked.count(item) > 1), allowed)
    return checked


def text(value: Any) -> str:
    """Allow text that is not blank."""
    if not isinstance(value, str) or not value.strip():
        raise not_allowed(value, "text")
    return value


def word(*known: str) -> Check:
    """Allow one of some words."""
    allowed = f"{', '.join(known[:-1])} or {known[-1]}"

    def check(value: Any) -> str:
        if not isinstance(value, str) or value not in known:
            raise not_allowed(value, f"{allowed}{did_you_mean(str(value), known)}")
        return value

    return check


def currency(value: Any) -> str:
    """Allow a currency code of three capital letters (ISO 4217)."""
    if not isinstance(value, str) or not _CURRENCY.fullmatch(value):
        raise not_allowed(value, "a currency code of three capital letters, such as GBP")
    return value


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


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _close_zone(value: object) -> str:
    return did_you_mean(found(value).strip("'"), sorted(available_timezones()))
