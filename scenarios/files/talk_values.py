"""What the shape of talk time may be in a scenario file."""

from __future__ import annotations

from typing import Any

from scenarios.files.faults import not_allowed
from scenarios.files.values import block_schema, is_number, numbers, saying

_OBSERVED_MAX = 10_000
_SECONDS_MAX = 86_400


@saying(
    {
        "anyOf": [
            {"enum": ["lognormal", "exponential"]},
            block_schema(
                {"observed_s": {"type": "array", "items": {"type": "number", "minimum": 0}, "minItems": 1}},
                ["observed_s"],
            ),
            block_schema(
                {"quantiles_s": {"type": "array", "items": {"type": "array"}, "minItems": 2}}, ["quantiles_s"]
            ),
        ]
    }
)
def talk_shape(value: Any) -> str | dict[str, tuple[Any, ...]]:
    """Allow the shape of talk time: lognormal, exponential, observed seconds, or quantiles from share 0 to 1."""
    allowed = "lognormal, exponential, {observed_s: [...]} or {quantiles_s: [[share, seconds], ...]}"
    if isinstance(value, str) and value in {"lognormal", "exponential"}:
        return value
    if not isinstance(value, dict) or len(value) != 1:
        raise not_allowed(value, allowed)
    ((kind, data),) = value.items()
    if kind == "observed_s":
        listed = f"a list of 1 to {_OBSERVED_MAX:,} seconds of single calls, none negative, not all 0"
        return {kind: numbers(_OBSERVED_MAX, _SECONDS_MAX, listed, all_zero=False)(data)}
    if kind == "quantiles_s":
        return {kind: _quantiles(data)}
    raise not_allowed(kind, allowed)


def _quantiles(value: Any) -> tuple[tuple[float, float], ...]:
    allowed = "a list of [share, seconds], rising in both, from share 0 to share 1 and not all 0 s"
    if not isinstance(value, list | tuple) or len(value) < 2:
        raise not_allowed(value, allowed)
    points: list[tuple[float, float]] = []
    for position, pair in enumerate(value, start=1):
        which = f"{allowed} (entry {position} of {len(value)})"
        if not isinstance(pair, list | tuple) or len(pair) != 2 or not all(map(is_number, pair)):
            raise not_allowed(pair, which)
        share, seconds = pair
        least_s = points[-1][1] if points else 0
        rises = share > points[-1][0] if points else share == 0
        if not rises or not least_s <= seconds <= _SECONDS_MAX:
            raise not_allowed(f"{share:g}: {seconds:g} s", which)
        points.append((share, seconds))
    if points[-1][0] != 1 or not points[-1][1]:
        raise not_allowed(f"{points[-1][0]:g}: {points[-1][1]:g} s", f"{allowed}; the last has share 1")
    return tuple(points)
