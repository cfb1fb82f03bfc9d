"""What a sweep varies: settings with their values, read from text, and the grid of points they span."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import product
from typing import NamedTuple

from sandbox.errors import BadInput

VALUES_MAX = 50
"""Values of one setting; a terminal has no room for more, and a curve needs fewer."""

POINTS_MAX = 400
"""Points of a grid, 20 by 20: already more runs than anybody waits for at full size."""

DIMENSIONS_MAX = 2
"""Settings varied at once; more cannot be shown on a screen, and `sandbox sensitivity` asks another question."""

_DIGITS = 10
"""Significant digits of a value in between: what a user can type again, not the last bits of a division."""

FACTOR = "*"
"""Ends the path of an axis whose values multiply what the setting holds, a profile as a whole."""

_SHAPE = (
    "PATH=FROM:TO:COUNT, PATH=FROM:TO:COUNT:log or PATH=A,B,C, such as campaign.messages=50000:400000:8; PATH*= "
    "varies a factor, such as call_centre.agents*=0.8:1.4:7"
)


class Axis(NamedTuple):
    """One setting and the values it takes.

    Attributes:
        path: dotted path of the setting, with a star where the values are factors.
        values: in rising order, each once; in the setting's own unit, or what it is multiplied by.
        log: the values lie at equal ratios, and between them one interpolates on the logarithm.
        spaced: the values were reckoned from a range, not written one by one.
        text: as it was given.
    """

    path: str
    values: tuple[float, ...]
    log: bool
    spaced: bool
    text: str

    @property
    def factor(self) -> bool:
        """Whether the values multiply what the setting holds."""
        return self.path.endswith(FACTOR)

    @property
    def setting(self) -> str:
        """The path without a star."""
        return self.path.removesuffix(FACTOR)


def parse_axis(text: str) -> Axis:
    """Read one `--over` text.

    Args:
        text: "PATH=FROM:TO:COUNT", the same with ":log", or "PATH=A,B,C"; "PATH*=" for factors.

    Raises:
        BadInput: what was found and what is allowed.
    """
    path, equals, values = text.partition("=")
    path, values = path.strip(), values.strip()
    bare = path.removesuffix(FACTOR).rstrip()
    if not equals or not values or not all(bare.split(".")):
        raise BadInput([f"--over {text}: found {text!r}; allowed: {_SHAPE}"])
    path = f"{bare}{FACTOR}" if path.endswith(FACTOR) else bare
    if ":" in values:
        return _range(path, values.split(":"), text)
    listed = sorted({_number(part, text) for part in values.split(",")})
    if len(listed) < 2:
        raise BadInput([f"--over {text}: found {len(listed)} value; allowed: at least 2 different ones"])
    return _bounded(Axis(path, tuple(listed), log=False, spaced=False, text=text))


def rounded(axis: Axis) -> Axis:
    """Return an axis with its values rounded to whole numbers, for a setting that takes no others.

    Raises:
        BadInput: two values fall together.
    """
    whole = tuple(dict.fromkeys(round(value) for value in axis.values))
    if len(whole) < len(axis.values):
        found = f"found {len(axis.values)} values for {len(whole)} whole numbers"
        raise BadInput([f"--over {axis.text}: {found}; allowed: fewer values, or a wider range"])
    return axis._replace(values=whole)


def points(axes: Sequence[Axis]) -> tuple[tuple[float, ...], ...]:
    """Return the points of a grid, one value per axis; the last axis varies fastest.

    Raises:
        BadInput: no axis or too many, one setting twice, or more points than anybody waits for.
    """
    if not 1 <= len(axes) <= DIMENSIONS_MAX:
        raise BadInput([f"--over: found {len(axes)} settings; allowed: 1 to {DIMENSIONS_MAX}"])
    paths = [axis.setting for axis in axes]
    if len(set(paths)) < len(paths):
        raise BadInput([f"--over: found {paths[0]} twice; allowed: each setting once"])
    size = math.prod(len(axis.values) for axis in axes)
    if size > POINTS_MAX:
        raise BadInput([f"--over: found {size} points; allowed: at most {POINTS_MAX}"])
    return tuple(product(*(axis.values for axis in axes)))


def _range(path: str, parts: Sequence[str], text: str) -> Axis:
    log = len(parts) == 4 and parts[3].strip() == "log"
    if len(parts) != 3 and not log:
        raise BadInput([f"--over {text}: found {':'.join(parts)!r}; allowed: {_SHAPE}"])
    low, high = _number(parts[0], text), _number(parts[1], text)
    counted = parts[2].strip()
    if not counted.isdecimal() or not 2 <= int(counted) <= VALUES_MAX:
        allowed = f"a whole number of values from 2 to {VALUES_MAX}"
        raise BadInput([f"--over {text}: found {counted!r} as the count; allowed: {allowed}"])
    if not low < high:
        raise BadInput([f"--over {text}: found {low:g} to {high:g}; allowed: the lower end first"])
    if log and low <= 0:
        raise BadInput([f"--over {text}: found {low:g} as the lower end; allowed with log: above 0"])
    return _bounded(Axis(path, _spaced(low, high, int(counted), log=log), log, spaced=True, text=text))


def _spaced(low: float, high: float, count: int, *, log: bool) -> tuple[float, ...]:
    shares = [place / (count - 1) for place in range(count)]
    between = [low * (high / low) ** share if log else low + (high - low) * share for share in shares]
    return tuple(_plain(value) for value in (low, *between[1:-1], high))


def _number(part: str, text: str) -> float:
    try:
        value = float(part.replace("_", ""))
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise BadInput([f"--over {text}: found {part.strip()!r}; allowed: numbers, {_SHAPE}"])
    return _plain(value)


def _plain(value: float) -> float:
    """Cut a number to the digits one types; a whole one is an integer, as a setting in a file would be."""
    value = float(f"{value:.{_DIGITS}g}")
    return int(value) if value.is_integer() else value


def _bounded(axis: Axis) -> Axis:
    if len(axis.values) > VALUES_MAX:
        raise BadInput(
            [f"--over {axis.text}: found {len(axis.values)} values; allowed: at most {VALUES_MAX}"]
        )
    return axis
