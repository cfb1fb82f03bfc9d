"""Conditions on metrics ("call_abandonment_rate < 0.10") and what an interval says about them."""

from __future__ import annotations

import difflib
import math
import operator
import re
from collections.abc import Callable, Collection, Mapping
from types import MappingProxyType
from typing import Literal, NamedTuple, Protocol

from sandbox.errors import BadInput

Comparator = Literal["<", "<=", ">", ">="]
Outcome = Literal["pass", "fail", "unsure"]

_HOLDS: Mapping[Comparator, Callable[[float, float], bool]] = MappingProxyType(
    {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}
)
_GRAMMAR = 'METRIC < NUMBER, with <, <=, > or >=, such as "call_abandonment_rate < 0.10"'
_THAT = re.compile(r"\s*(?P<metric>[A-Za-z]\w*)\s*(?P<comparator><=|>=|<|>)(?P<threshold>[^<>=]*)", re.ASCII)
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?", re.ASCII)


class Condition(NamedTuple):
    """One parsed condition; the threshold is in the metric's own unit, rates as 0..1."""

    metric: str
    comparator: Comparator
    threshold: float


class Interval(Protocol):
    """Anything with the two ends of an interval, None where it has none."""

    @property
    def low(self) -> float | None:
        """Lower end."""
        ...

    @property
    def high(self) -> float | None:
        """Upper end."""
        ...


def judge(estimate: Interval, comparator: Comparator, threshold: float) -> Outcome:
    """Say whether the whole interval is on one side of the line.

    `pass` when the condition holds at both ends, `fail` when it holds at neither, `unsure` when the interval
    straddles the line or there is none (a single unit, an empty base). An end exactly on the line counts as
    the comparator says: [0.08, 0.10] passes `<= 0.10` and is unsure for `< 0.10`.

    Args:
        estimate: the interval.
        comparator: one of <, <=, > and >=.
        threshold: the line, in the estimate's unit.
    """
    if estimate.low is None or estimate.high is None:
        return "unsure"
    holds = _HOLDS[comparator]
    at_low, at_high = holds(estimate.low, threshold), holds(estimate.high, threshold)
    if at_low and at_high:
        return "pass"
    return "unsure" if at_low or at_high else "fail"


def parse_that(text: str, metrics: Collection[str] | None = None, rates: Collection[str] = ()) -> Condition:
    """Read one condition.

    Args:
        text: such as "call_abandonment_rate < 0.10".
        metrics: the known metric names; None accepts any name.
        rates: those of them that are shares, whose threshold lies in 0..1.

    Raises:
        BadInput: the text does not follow the grammar, the metric is unknown, or a share is held against a number
            outside 0..1; says what is allowed.
    """
    match = _THAT.fullmatch(text)
    if match is None:
        raise BadInput([f"condition: found {text!r}; allowed is {_GRAMMAR}"])
    metric, number = match["metric"], match["threshold"].strip()
    problems = []
    if metrics is not None and metric not in metrics:
        problems.append(_unknown_metric(metric, metrics))
    threshold = float(number) if _NUMBER.fullmatch(number) else math.nan
    if not math.isfinite(threshold):
        problems.append(
            f"condition: found {number!r} as the number in {text!r}; allowed is {_number_hint(number)}"
        )
    elif metric in rates and not 0.0 <= threshold <= 1.0:
        percent = f"; for {number} % write {threshold / 100:g}" if 1.0 < threshold <= 100.0 else ""
        problems.append(f"condition: found {number} for the rate in {text!r}; allowed is 0 to 1{percent}")
    if problems:
        raise BadInput(problems)
    return Condition(metric, _comparator(match["comparator"]), threshold)


def _comparator(symbol: str) -> Comparator:
    return next(known for known in _HOLDS if known == symbol)


def _unknown_metric(metric: str, metrics: Collection[str]) -> str:
    close = difflib.get_close_matches(metric, sorted(metrics), n=1)
    guess = f" (did you mean {close[0]!r}?)" if close else ""
    return f"condition: unknown metric {metric!r}{guess}; allowed are {', '.join(sorted(metrics))}"


def _number_hint(number: str) -> str:
    percent = number.removesuffix("%").strip()
    if percent != number and _NUMBER.fullmatch(percent):
        return f"a plain number; rates are shares, so write {float(percent) / 100:g}"
    return "a plain finite number, such as 0.10"
