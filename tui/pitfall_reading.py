"""The ranking of the failure modes as rows of a list, one for the whole report and one for each mode."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.chartmath import fit, fit_right
from tui.cli.sums import unit_of, without_interval

if TYPE_CHECKING:
    from scenarios.explain.pitfalls import Pitfalls

WHOLE = "the two designs, the ranking and all modes"
"""The row of the whole report."""

_TITLE, _CELL = 34, 12
_SHOWN = {"completions": "completions", "calls": "calls", "cost": "cost"}


def ranking_head(found: Pitfalls) -> str:
    """Return what stands over the columns."""
    heads = [
        f"{word}, {found.currency}" if unit_of(name, found.currency) == found.currency else word
        for name, word in _SHOWN.items()
    ]
    return _row("", f"switched on in {found.without[0]}", heads)


def ranking_rows(found: Pitfalls) -> list[str]:
    """Return a row for each mode, the dearest first; ≈ marks an interval that holds nought, a dot no difference."""
    return [
        _row(
            str(place),
            pitfall.title,
            [without_interval(pitfall.switched_on[name], unit_of(name, found.currency)) for name in _SHOWN],
        )
        for place, pitfall in enumerate(found.pitfalls, 1)
    ]


def _row(place: str, title: str, cells: list[str]) -> str:
    return f"{place:<2} {fit(title, _TITLE)}" + "".join(fit_right(cell, _CELL) for cell in cells)
