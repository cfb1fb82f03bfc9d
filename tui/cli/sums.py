"""How the sums of a campaign and their differences are written, in tables and in JSON."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from tui.cli.numbers import NONE, change, decimals, difference, figure, scale_of, signed

if TYPE_CHECKING:
    from scenarios.totals import Figure

_NOUGHT = (0.0, 0.0, 0.0)


def unit_of(name: str, currency: str) -> str:
    """Return the unit a sum is shown in."""
    from scenarios.totals import MEASURES

    unit = MEASURES[name].unit
    return currency if unit == "currency" else unit


def sums_json(sums: Mapping[str, Figure], currency: str) -> dict[str, object]:
    """Return sums by name, each with unit and interval; one that does not apply has null for its value."""
    return {
        name: {"value": value, "unit": unit_of(name, currency), "low": low, "high": high}
        for name, (value, low, high) in sums.items()
    }


def sum_rows(columns: Mapping[str, Mapping[str, Figure]], currency: str, *, signed: bool) -> list[list[str]]:
    """Return a table with a row for each sum and a column for each variant; sums nobody has are left out.

    Args:
        columns: heading to sums.
        currency: the scenario's.
        signed: the figures are differences.
    """
    from scenarios.totals import MEASURES

    rows = [["", *columns]]
    for name in next(iter(columns.values())):
        unit = unit_of(name, currency)
        figures = [sums[name] for sums in columns.values()]
        if any(each.value is not None for each in figures):
            rows.append([MEASURES[name].title, *(_written(each, unit, differs=signed) for each in figures)])
    return rows


def _written(each: Figure, unit: str, *, differs: bool) -> str:
    if each.value is None:
        return NONE
    if not differs:
        return figure(each.value, unit, each.low, each.high)
    if tuple(each) == _NOUGHT:
        return "no difference"
    text = difference(each.value, each.low, each.high, unit)
    scale = scale_of(unit, each.value)
    text = text if scale.suffix or not scale.unit else f"{text} {scale.unit}"
    return f"{text} (no interval)" if each.low is None or each.high is None else text


def without_interval(each: Figure, unit: str) -> str:
    """Write a difference alone: ≈ where its interval holds nought or is not known, a dot where there is none."""
    if each.value is None:
        return NONE
    if tuple(each) == _NOUGHT:
        return "·"
    scale = scale_of(unit, each.value)
    holds_nought = each.low is None or each.high is None or each.low <= 0.0 <= each.high
    half = 0.0 if each.low is None or each.high is None else (each.high - each.low) / 2 * scale.factor
    write = signed if holds_nought else change
    text = write(each.value * scale.factor, decimals(half, scale))
    return f"{'≈' if holds_nought else ''}{text}{scale.suffix}"


def is_difference(each: Figure) -> bool:
    """Say whether there is any difference."""
    return each.value is not None and tuple(each) != _NOUGHT
