"""The grid a limit is searched on: values a person would type, close enough together to answer the question."""

from __future__ import annotations

from math import floor, isfinite, log10

from sandbox.errors import BadInput
from scenarios.files.places import did_you_mean, found
from scenarios.files.quantities import is_number
from scenarios.world.setting_texts import FACTOR
from scenarios.world.spec import Scenario

RELATIVE_STEP = 0.05
"""Neighbouring values differ by at most a twentieth where the range is wide; a finer answer needs --step."""

LINEAR_STEPS = 60
"""Steps of a narrow range, or of one that reaches nought."""

VALUES_MAX = 2_000

_FACTORS = (0.25, 2.0)
"""Range of a factor nobody gave one for."""

_WIDE = 4.0
_LARGE_COUNT = 100
_DIGITS = 10

Number = int | float


def bounds_of(scenario: Scenario, path: str, between: str | None) -> tuple[Number, Number, bool]:
    """Return the range to search, and whether only whole numbers lie on it.

    Without a range of the user's: the setting's own range where the file gives one, else a quarter to twice its
    value; large counts from a twentieth to twice their value in any case. A factor from a quarter to twice.

    Args:
        scenario: as loaded.
        path: the setting to vary, with a star where it is multiplied.
        between: "LOW:HIGH", or None.

    Raises:
        BadInput: an unknown setting, one that is no number, or a range that is none.
    """
    known = scenario.settings | scenario.inner
    name = path.removesuffix(FACTOR)
    if name not in known:
        listing = f"list all with: sandbox check {scenario.name} --settings"
        raise BadInput([f"--vary {path}: unknown setting{did_you_mean(name, known) or f'; {listing}'}"])
    value = known[name]
    listed = isinstance(value, list | tuple) and bool(value) and all(map(is_number, value))
    if not listed and not is_number(value):
        raise BadInput([f"--vary {path}: found {found(value)}; allowed: a setting that is a number"])
    if name != path:
        low, high = _FACTORS if between is None else _read(between)
        return low, high, False
    whole = all(isinstance(one, int) for one in (value if isinstance(value, list | tuple) else [value]))
    if between is not None:
        low, high = _read(between)
        return low, high, whole and all(float(end).is_integer() for end in (low, high))
    if listed or not isinstance(value, int | float) or value <= 0:
        allowed = "--between LOW:HIGH, since there is no single value above 0 to start from"
        allowed += f", or --vary '{path}{FACTOR}', a factor on the whole list" if listed else ""
        raise BadInput([f"--vary {path}: found {found(value)}; allowed: {allowed}"])
    ends = [value / 4, value * 2]
    ends = next((list(one.range) for one in scenario.provenance if one.path == path and one.range), ends)
    if whole and value >= _LARGE_COUNT:
        ends = [min(ends[0], value / 20), max(ends[1], value * 2)]
    if whole:
        ends = [max(1, round(ends[0])), round(ends[1])]
    return _number(ends[0], whole=whole), _number(ends[1], whole=whole), whole


def grid(low: Number, high: Number, *, whole: bool, step: float | None = None) -> tuple[Number, ...]:
    """Lay out the values from one end to the other, both included.

    Args:
        low: first value.
        high: last value, above it.
        whole: whole numbers only.
        step: distance of neighbours; None chooses round ones.

    Raises:
        BadInput: the step is not above 0, is wider than the range, or lays out more values than anybody waits for.
    """
    if step is not None and not (isfinite(step) and step > 0 and (not whole or float(step).is_integer())):
        raise BadInput([f"--step {step:g}: allowed: a number above 0, whole where the setting is"])
    if step is not None and step > high - low:
        raise BadInput([f"--step {step:g}: allowed: at most {high - low:g}, the width of the range"])
    values: list[Number] = [low]
    relative = step is None and low > 0 and high / low >= _WIDE
    even = (high - low) / LINEAR_STEPS if step is None else step
    while True:
        here = values[-1]
        stride = even if step is not None else _round(RELATIVE_STEP * here if relative else even)
        if whole:
            stride = max(1, stride)
        following = (floor(here / stride + 1e-9) + 1) * stride if step is None else here + stride
        if following >= high:
            return (*values, high)
        values.append(_number(following, whole=whole))
        if len(values) > VALUES_MAX:
            raise BadInput(
                [f"--step {step or 0:g}: found more than {VALUES_MAX:,} values; allowed: a larger step"]
            )


def _round(step: float) -> float:
    """The largest of 1, 2 and 5 times a power of ten that is not above a step."""
    power = 10.0 ** floor(log10(step))
    return max(one * power for one in (1, 2, 5) if one * power <= step * (1 + 1e-9))


def _read(between: str) -> tuple[Number, Number]:
    ends = between.replace("_", "").split(":")
    try:
        low, high = (float(end) for end in ends)
    except ValueError:
        low = high = float("nan")
    if not (isfinite(low) and isfinite(high) and low < high):
        allowed = "LOW:HIGH, LOW below HIGH, such as 10000:400000"
        raise BadInput([f"--between {between}: found {between!r}; allowed: {allowed}"])
    return _number(low, whole=low.is_integer()), _number(high, whole=high.is_integer())


def _number(value: float, *, whole: bool) -> Number:
    return round(value) if whole else float(f"{value:.{_DIGITS}g}")


def place_words(path: str, value: Number) -> str:
    """Name a place of the grid, for progress: the setting by the last name of its path, and the value."""
    name = path.rpartition(".")[2]
    times = " ×" if name.endswith(FACTOR) else ""  # noqa: RUF001 - a multiplication sign
    return f"{name.removesuffix(FACTOR)}{times} {value:,}"
