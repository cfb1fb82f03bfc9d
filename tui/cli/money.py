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
        lines += wrapped(_words(item), width, hanging="  ")
    if found.break_even:
        lines += wrapped(f"break-even by {found.basis}; an extrapolation, not a run", width, hanging="  ")
    return lines


def _rows(designs: dict[str, DesignCosts]) -> list[tuple[str, Callable[[DesignCosts], str]]]:
    spent = list(dict.fromkeys(part for design in designs.values() for part in design.parts))

    def part(name: str) -> Callable[[DesignCosts], str]:
        return lambda design: fixed(design.parts.get(name, 0.0), 0)

    return [
        ("Fixed", lambda design: fixed(design.fixed, 0)),
        *((name.capitalize().replace("Whatsapp", "WhatsApp"), part(name)) for name in spent),
        ("Total", lambda design: fixed(design.fixed + design.variable, 0)),
        ("Variable, per planned message", lambda design: fixed(design.per_message, _FINE)),
        ("Per resolution", lambda design: _or_none(design.per_resolution)),
    ]


def _words(item: BreakEven) -> str:
    total = _volume(item.messages, item.note)
    each = _volume(item.messages_per_resolution, item.note_per_resolution)
    return f"{item.design} against {item.baseline}: total {total}; per resolution {each}"


def _volume(messages: float | None, note: str) -> str:
    return note if messages is None else f"equal at {messages:,.0f} messages a month ({note})"


def _or_none(value: float | None) -> str:
    return NONE if value is None else fixed(value, 2)


def _price(price: float) -> str:
    return f"{price:.4f}".rstrip("0").rstrip(".")
