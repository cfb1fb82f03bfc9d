"""What the designs cost, and where two of them break even. Pure functions from a result to lines."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from scenarios.result import BreakEven, Comparison, DesignCosts
from tui.cli.numbers import NONE, fixed
from tui.cli.tables import aligned, in_blocks, wrapped

_FINE = 4
"""Decimals of the cost of one planned message: fractions of a penny."""


def costs(comparison: Comparison, width: int) -> list[str]:
    """Return fixed and variable cost of every design, and its break-even with the baseline."""
    found = comparison.costs
    if found is None or not found.designs:
        return []

    def build(names: Sequence[str]) -> list[str]:
        rows = [["", *names]]
        rows += [
            [title, *(cell(found.designs[name]) for name in names)] for title, cell in _rows(found.designs)
        ]
        return aligned(rows, "<" + ">" * len(names))

    prices = ", ".join(f"{what.replace('_', ' ')} {_price(price)}" for what, price in found.prices.items())
    lines = [f"COSTS   {found.currency} a month at {found.messages:,} planned messages"]
    lines += in_blocks(list(found.designs), width, build)
    lines += wrapped(f"prices: {prices}", width, hanging="  ")
    for item in found.break_even:
        lines += wrapped(_words(item, found.messages), width, hanging="  ")
    if found.break_even:
        lines += wrapped(f"break-even by {found.basis}; an extrapolation, not a run", width, hanging="  ")
    return lines


def _rows(designs: dict[str, DesignCosts]) -> list[tuple[str, Callable[[DesignCosts], str]]]:
    spent = list(dict.fromkeys(part for design in designs.values() for part in design.parts))

    def part(name: str) -> Callable[[DesignCosts], str]:
        return lambda design: fixed(design.parts.get(name, 0.0), 0)

    return [
        ("Fixed", lambda design: fixed(design.fixed, 0)),
        *((f"{name[0].upper()}{name[1:]}", part(name)) for name in spent),
        ("Total", lambda design: fixed(design.fixed + design.variable, 0)),
        ("Variable, per planned message", lambda design: fixed(design.per_message, _FINE)),
        ("Per resolution", lambda design: _or_none(design.per_resolution)),
    ]


def _words(item: BreakEven, messages: int) -> str:
    total = _volume(
        item.messages,
        (item.messages_low, item.messages_high),
        item.note,
        messages if item.far_outside else None,
    )
    each = _volume(
        item.messages_per_resolution,
        (item.messages_per_resolution_low, item.messages_per_resolution_high),
        item.note_per_resolution,
        messages if item.far_outside_per_resolution else None,
    )
    return f"{item.design} against {item.baseline}: total {total}; per resolution {each}"


def _volume(
    messages: float | None, ends: tuple[float | None, float | None], note: str, far_from: int | None
) -> str:
    low, high = ends
    if messages is None:
        return note if low is None else f"{note}; the runs do not rule out one {_stretch(low, high)}"
    far = "" if far_from is None else f", far outside what was run ({_times(messages / far_from)} it)"
    if low is None:
        return f"equal at {messages:,.0f} messages a month{far} ({note})"
    top = "not reached" if high is None else f"{high:,.0f}"
    told = f"equal at {messages:,.0f} [{low:,.0f}, {top}] messages a month{far} ({note})"
    return f"{told}; the runs do not rule out that they never meet" if high is None else told


def _stretch(low: float, high: float | None) -> str:
    if high is None:
        return f"from {low:,.0f} messages a month on" if low else "at any volume"
    return f"between {low:,.0f} and {high:,.0f} messages a month"


def _times(ratio: float) -> str:
    if ratio < 1.0:
        return f"{ratio * 100:.2g} % of"
    return f"{ratio:,.0f} times" if ratio >= 10.0 else f"{ratio:.1f} times"


def _or_none(value: float | None) -> str:
    return NONE if value is None else fixed(value, 2)


def _price(price: float) -> str:
    return f"{price:.4f}".rstrip("0").rstrip(".")
