"""The ranking of the failure modes as rows of a list, one for the whole report and one for each mode."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.chartmath import fit, fit_right
from tui.cli.sums import unit_of, without_interval

if TYPE_CHECKING:
    from scenarios.explain.pitfalls import Pitfalls

WHOLE = "the two designs, the ranking and all modes"
"""The row of the whole report."""

_PLACE, _CELL = 3, 12
_SHOWN = {"completions": "completions", "calls": "calls", "cost": "cost"}


def title_width(found: Pitfalls, width: int) -> int:
    """Return the cells a mode's title gets in a list `width` cells wide: what the longest takes, if there is room."""
    longest = max(map(len, [_head(found), *(pitfall.title for pitfall in found.pitfalls)]))
    return min(longest, width - _PLACE - _CELL * len(_SHOWN))


def ranking_head(found: Pitfalls, title: int) -> str:
    """Return what stands over the columns; titles have so many cells."""
    heads = [
        f"{word}, {found.currency}" if unit_of(name, found.currency) == found.currency else word
        for name, word in _SHOWN.items()
    ]
    return _row("", _head(found), title, heads)


def ranking_rows(found: Pitfalls, title: int) -> list[str]:
    """Return a row for each mode, the dearest first; ≈ marks an interval that holds nought, a dot no difference."""
    return [
        _row(
            str(place),
            pitfall.title,
            title,
            [without_interval(pitfall.switched_on[name], unit_of(name, found.currency)) for name in _SHOWN],
        )
        for place, pitfall in enumerate(found.pitfalls, 1)
    ]


def _head(found: Pitfalls) -> str:
    return f"switched on in {found.without[0]}"


def _row(place: str, name: str, title: int, cells: list[str]) -> str:
    return f"{place:<{_PLACE}}{fit(name, title)}" + "".join(fit_right(cell, _CELL) for cell in cells)
