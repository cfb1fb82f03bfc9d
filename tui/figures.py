"""How numbers are written on a screen: few digits, the unit people use, a real minus sign. Pure text."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from scenarios.result import Metric


MINUS = "\N{MINUS SIGN}"
MISSING = "n/a"
_MINUTES_SHOWN_AS_HOURS_FROM = 180
_MS_PER_HOUR = 3_600_000
_RULE = re.compile(r"^\s*(<=|>=|<|>|≤|≥)\s*(-?\d+(?:\.\d+)?)")
_SIGNS = {"<=": "≤", ">=": "≥"}
_BREACH = {"<": "≥", "≤": ">", ">": "≤", "≥": "<"}


class Scale(NamedTuple):
    """How one figure is shown.

    Attributes:
        unit: the unit in words; empty for plain counts.
        factor: what a stored value is multiplied by to get there.
        decimals: digits after the point of a small figure.
        suffix: written right behind the figure where one row mixes units; else empty.
    """

    unit: str
    factor: float
    decimals: int = 1
    suffix: str = ""


class Rule(NamedTuple):
    """A decision rule that could be read: a comparison sign and a threshold in the metric's stored unit."""

    sign: str
    threshold: float

    def holds(self, value: float) -> bool:
        """Say whether `value` passes."""
        if self.sign == "<":
            return value < self.threshold
        if self.sign == "≤":
            return value <= self.threshold
        if self.sign == ">":
            return value > self.threshold
        return value >= self.threshold


def base_size(n: int, n_unit: str) -> str:
    """Write how much stands behind a figure: items, or hours where its base is time."""
    return f"{n / _MS_PER_HOUR:,.0f} h" if n_unit == "ms" else f"{n:,}"


def scale_of(unit: str, value: float | None) -> Scale:
    """Choose how a value of a `Metric.unit` is shown: rates in %, long minutes in hours, money in cents."""
    if unit == "rate":
        return Scale("%", 100.0)
    if unit == "min":
        long = value is not None and abs(value) >= _MINUTES_SHOWN_AS_HOURS_FROM
        return Scale("h", 1 / 60, suffix="h") if long else Scale("min", 1.0, suffix="m")
    if unit in {"count", "messages"}:
        return Scale("", 1.0, decimals=1 if unit == "count" else 2)
    if unit in {"s", "h"}:
        return Scale(unit, 1.0)
    return Scale(unit, 1.0, decimals=2)


def places(value: float, decimals: int) -> int:
    """Return the digits after the point: none from 100 on, at most one from 10 on."""
    if abs(value) >= 100:
        return 0
    return min(decimals, 1) if abs(value) >= 10 else decimals


def number(value: float, decimals: int = 1) -> str:
    """Write a number with three digits or so, thousands parted by commas, and a real minus sign."""
    return _fixed(value, places(value, decimals))


def signed(value: float, decimals: int = 1) -> str:
    """Write a difference: always with its sign, except nought."""
    return _fixed_signed(value, places(value, decimals))


def half_width(low: float | None, high: float | None) -> float | None:
    """Return half the width of an interval, or None when there is none."""
    return None if low is None or high is None else (high - low) / 2


def estimate(metric: Metric) -> str:
    """Write value ± margin, or value [low, high] where the two sides differ to the digits shown.

    `n/a` when the metric does not apply.
    """
    if metric.value is None:
        return MISSING
    scale = scale_of(metric.unit, metric.value)
    text = f"{number(metric.value * scale.factor, scale.decimals)}{scale.suffix}"
    return text + _interval(metric.value, metric.low, metric.high, scale, _fixed)


def difference(value: float, unit: str) -> str:
    """Write a difference between two values of a `Metric.unit`."""
    scale = scale_of(unit, value)
    return f"{signed(value * scale.factor, scale.decimals)}{scale.suffix}"


def difference_estimate(value: float, low: float | None, high: float | None, unit: str) -> str:
    """Write a difference with its interval, as `estimate` writes a value; both on the scale of the larger."""
    ends = [abs(end) for end in (value, low, high) if end is not None]
    scale = scale_of(unit, max(ends))
    text = f"{signed(value * scale.factor, scale.decimals)}{scale.suffix}"
    return text + _interval(value, low, high, scale, _fixed_signed)


def count_estimate(value: float, low: float | None, high: float | None) -> str:
    """Write a mean number of things, whole, with its interval as `estimate` writes it."""
    return number(value, 0) + _interval(value, low, high, Scale("", 1.0, decimals=0), _fixed)


def interval_below(text: str, width: int, below: int = 0) -> list[str]:
    """Return an estimate on one line, or its interval on a line of its own where `width` does not hold both.

    An interval that is too long for the line of its own is written closer.

    Args:
        text: the estimate.
        width: columns beside what stands in front of it.
        below: columns of the line of its own, where they are more.
    """
    figure, opens, interval = text.partition(" [")
    if not opens or len(text) <= width:
        return [text]
    fits = len(interval) < max(width, below)
    return [figure, f"[{interval if fits else interval.replace(', ', '–')}"]  # noqa: RUF001 - a range


def read_rule(rule: str) -> Rule | None:
    """Read "< 0.10" into its parts; None when the text holds no comparison with a number."""
    match = _RULE.match(rule)
    if match is None:
        return None
    return Rule(_SIGNS.get(match.group(1), match.group(1)), float(match.group(2)))


def rule_text(rule: str, unit: str) -> str:
    """Write a rule in the unit people use ("< 10 %"); one that cannot be read is shown as it stands."""
    read = read_rule(rule)
    return f"{read.sign} {threshold_text(read, unit)}" if read else rule


def breach_text(rule: Rule, unit: str) -> str:
    """Write what breaks a rule: "≥ 60 s" for a rule "< 60"."""
    return f"{_BREACH[rule.sign]} {threshold_text(rule, unit)}"


def threshold_text(rule: Rule, unit: str) -> str:
    """Write a rule's threshold with its unit and no idle noughts."""
    scale = scale_of(unit, rule.threshold)
    shown = f"{rule.threshold * scale.factor:,.2f}".rstrip("0").rstrip(".")
    return f"{shown} {scale.unit}".rstrip()


def with_unit(value: float | None, unit: str) -> str:
    """Write one figure with its unit, for running text."""
    if value is None:
        return MISSING
    scale = scale_of(unit, value)
    return f"{number(value * scale.factor, scale.decimals)} {scale.unit}".rstrip()


def duration(seconds: float) -> str:
    """Write a time span as people say it: "40 s", "3 min", "1 h 05 min"."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    minutes = round(seconds / 60)
    if minutes < 60:
        return f"{minutes} min"
    return f"{minutes // 60} h {minutes % 60:02d} min"


def _interval(
    value: float, low: float | None, high: float | None, scale: Scale, write: Callable[[float, int], str]
) -> str:
    """Write an interval behind its value: a margin, both ends of a lopsided one, or nothing where there is none."""
    if low is None or high is None or low == high:
        return ""
    digits = places(value * scale.factor, scale.decimals)
    below, above = (f"{side * scale.factor:,.{digits}f}" for side in (value - low, high - value))
    if below != above:
        low_text, high_text = (write(end * scale.factor, digits) for end in (low, high))
        return f" [{low_text}, {high_text}]"
    if not _is_nought(above):
        return f" ±{above}"
    if value in (low, high):
        return ""  # never happened, or always: known to more digits than are shown
    return f" ±<{10**-digits:.{digits}f}"


def _fixed(value: float, digits: int) -> str:
    text = f"{abs(value):,.{digits}f}"
    return f"{MINUS}{text}" if value < 0 and not _is_nought(text) else text


def _fixed_signed(value: float, digits: int) -> str:
    text = _fixed(value, digits)
    return f"+{text}" if value > 0 and not _is_nought(text) else text


def _is_nought(text: str) -> bool:
    return not text.strip("0.,")
