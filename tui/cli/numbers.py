"""How estimates, intervals and differences are written in a report. Pure text functions."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from tui.figures import MINUS, half_width, read_rule

if TYPE_CHECKING:
    from scenarios.result import Metric

NONE = "—"
"""Stands for a figure that does not apply; a footnote says why."""

_HOURS_FROM_MIN = 180.0
_FINE_BELOW = 0.1
"""A half-width below this (in the shown unit) would read as nought at one decimal."""

_FINER = 3
"""Digits that are tried to tell a change from none, the usual ones first."""

_WHOLE_FROM = 100.0
"""From here on three digits say enough."""

_LOPSIDED = 0.05
"""An interval whose centre is further than this share of its width from the value is written out."""


class Scale(NamedTuple):
    """How one figure is shown.

    Attributes:
        unit: the unit in words; empty for plain counts.
        factor: what a stored value is multiplied by to get there.
        decimals: digits after the point of a small figure.
        suffix: written behind the figure where the figures of one row differ in unit; else empty.
    """

    unit: str
    factor: float
    decimals: int = 1
    suffix: str = ""


def scale_of(unit: str, value: float | None) -> Scale:
    """Choose how a value in a `Metric.unit` is shown: rates in %, long minutes in hours, money to the cent."""
    if unit == "rate":
        return Scale("%", 100.0)
    if unit == "min":
        long = value is not None and abs(value) >= _HOURS_FROM_MIN
        return Scale("h", 1 / 60, suffix=" h") if long else Scale("min", 1.0, suffix=" min")
    if unit == "count":
        return Scale("", 1.0)
    return Scale(unit, 1.0, decimals=1 if unit in {"s", "h"} else 2)


def unit_words(unit: str) -> str:
    """Return the unit a row of figures is shown in."""
    return "min, h" if unit == "min" else scale_of(unit, None).unit


def difference_unit_words(unit: str) -> str:
    """Return the unit a row of differences is shown in: those of rates are percentage points."""
    return "pp" if unit == "rate" else unit_words(unit)


def fixed(value: float, decimals: int) -> str:
    """Write a number with thousands parted by commas and a real minus sign; no decimals from 100 on."""
    text = f"{abs(value):,.{0 if abs(value) >= _WHOLE_FROM else decimals}f}"
    return f"{MINUS}{text}" if value < 0 and text.strip("0.,") else text


def signed(value: float, decimals: int) -> str:
    """Write a difference: always with its sign, except nought."""
    text = fixed(value, decimals)
    return f"+{text}" if value > 0 and text.strip("0.,") else text


def change(value: float, places: int) -> str:
    """Write a difference that is there so that it does not read as none: with more digits, else as less than 0.1."""
    text = signed(value, telling(places, value))
    if value == 0 or text.strip(f"+{MINUS}0.,"):
        return text
    return f"{MINUS if value < 0 else '+'}<{10**-places:.{places}f}"


def telling(places: int, *values: float) -> int:
    """Return the decimals at which no value reads as nought that is not; as they were where a few more cannot."""
    finer = (more for more in range(places, places + _FINER) if all(_told(value, more) for value in values))
    return next(finer, places)


def _told(value: float, places: int) -> bool:
    return value == 0 or bool(fixed(value, places).strip(f"{MINUS}0.,"))


def estimate(metric: Metric) -> str:
    """Write "52.3 ±1.1", or "99.9 [99.1, 100.0]" where the interval is not centred on the value."""
    if metric.value is None:
        return NONE
    scale = scale_of(metric.unit, metric.value)
    value = metric.value * scale.factor
    if metric.low is not None and metric.high is None:
        low_text = fixed(metric.low * scale.factor, scale.decimals)
        return f"{fixed(value, scale.decimals)}{scale.suffix} [{low_text}, not reached]"
    half = half_width(metric.low, metric.high)
    if (
        not half
        or metric.low is None
        or metric.high is None
        or _at_its_end(metric.value, metric.low, metric.high, scale)
    ):
        whole = metric.unit == "count" and value.is_integer()
        return f"{fixed(value, 0 if whole else scale.decimals)}{scale.suffix}"
    half *= scale.factor
    places = decimals(half, scale)
    low, high = metric.low * scale.factor, metric.high * scale.factor
    if abs((low + high) / 2 - value) > _LOPSIDED * (high - low):
        return f"{fixed(value, places)}{scale.suffix} [{fixed(low, places)}, {fixed(high, places)}]"
    return f"{fixed(value, places)}{scale.suffix} ±{_margin(half, value, places)}"


def difference(value: float, low: float | None, high: float | None, unit: str) -> str:
    """Write a signed difference with its interval; "≈" in front when the interval holds nought.

    Without "≈" neither the difference nor an end reads as nought.

    Args:
        value: the difference, in `unit`, as are `low` and `high`.
        low: lower end, or None.
        high: upper end, or None.
        unit: a `Metric.unit`.
    """
    scale = scale_of(unit, value)
    if low is None or high is None or low == high == value:
        return f"{change(value * scale.factor, scale.decimals)}{scale.suffix}"
    value, low, high = value * scale.factor, low * scale.factor, high * scale.factor
    places = decimals((high - low) / 2, scale)
    if low <= 0.0 <= high:
        return f"≈{signed(value, places)}{scale.suffix} [{signed(low, places)}, {signed(high, places)}]"
    places = telling(places, value, low, high)
    return f"{change(value, places)}{scale.suffix} [{change(low, places)}, {change(high, places)}]"


def figure(value: float | None, unit: str, low: float | None = None, high: float | None = None) -> str:
    """Write one figure with unit and interval for running text: "52.9 % [51.8, 54.0]"."""
    if value is None:
        return NONE
    scale = scale_of(unit, value)
    if low is None or high is None:
        text = f"{fixed(value * scale.factor, scale.decimals)} {scale.unit}".rstrip()
        return text if low is None else f"{text} [{fixed(low * scale.factor, scale.decimals)}, not reached]"
    alone = _at_its_end(value, low, high, scale)
    low, high = low * scale.factor, high * scale.factor
    places = scale.decimals if alone else decimals((high - low) / 2, scale)
    text = f"{fixed(value * scale.factor, places)} {scale.unit}".rstrip()
    return text if alone else f"{text} [{fixed(low, places)}, {fixed(high, places)}]"


def rule_words(rule: str, unit: str) -> str:
    """Write a decision rule in the unit people use ("< 10 %"); one that cannot be read is shown as it stands."""
    read = read_rule(rule)
    if read is None:
        return rule
    scale = scale_of(unit, read.threshold)
    shown = f"{read.threshold * scale.factor:,.2f}".rstrip("0").rstrip(".")
    return f"{read.sign} {shown} {scale.unit}".rstrip()


def number(value: float | None) -> str:
    """Write a value of a setting: whole ones with thousands parted by commas, others as typed."""
    if value is None:
        return NONE
    return f"{value:,}" if isinstance(value, int) or float(value).is_integer() else f"{value:g}"


def unit_by_name(name: str) -> str:
    """Return the unit a figure's name ends in ("mean_wait_s" is in s); "count" when it names none."""
    ending = name.rsplit("_", 1)[-1]
    return ending if ending in {"rate", "s", "min", "h"} else "count"


def plain(value: object) -> str:
    """Write a setting's value as `--set` takes it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(plain, value)) + "]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {plain(item)}" for key, item in value.items()) + "}"
    return "null" if value is None else str(value)


def decimals(half: float, scale: Scale) -> int:
    """Return the decimals an estimate with this half-width (in the shown unit) deserves."""
    return max(scale.decimals, 2) if 0 < half < _FINE_BELOW else scale.decimals


def _at_its_end(value: float, low: float, high: float, scale: Scale) -> bool:
    """Say whether a share that never happened, or always, is so well known that its interval reads as the value."""
    ends = {round(end * scale.factor, scale.decimals) for end in (value, low, high)}
    return value in (low, high) and len(ends) == 1


def _margin(half: float, value: float, places: int) -> str:
    if half >= 1.0 and abs(value) >= _WHOLE_FROM:  # no finer than the value it stands beside
        places = 0
    text = fixed(half, places)
    return text if text.strip("0.,") else f"<{10**-places:.{places}f}"
