"""How long callers are ready to wait: exponential by its mean, or a hazard of leaving that changes as they wait.

Each is the inverse of its distribution applied to one uniform draw, and rises with it: a caller who is patient under
one model is patient under every other, so designs and settings are compared on the same people.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from math import exp, expm1, inf, log1p
from typing import NamedTuple, Protocol

from sandbox.errors import BadInput

_PER = 1_000.0
"""Hazards are stated per 1,000 seconds of waiting, as the logs of call centres are read."""

_MS = 1_000.0


class Patience(Protocol):
    """A distribution of patience."""

    def ms(self, u: float) -> int:
        """Return the patience of the caller whose uniform draw in [0, 1) is `u`, milliseconds."""
        ...

    @property
    def mean_s(self) -> float:
        """Mean patience, seconds."""
        ...


class ExponentialPatience:
    """A hazard that never changes: the same chance to leave in every second of the wait."""

    __slots__ = ("_mean_s",)

    def __init__(self, mean_s: float) -> None:
        """Bind the mean, seconds."""
        self._mean_s = mean_s

    def ms(self, u: float) -> int:
        """Patience for a uniform draw, milliseconds."""
        return round(-log1p(-u) * self._mean_s * _MS)

    @property
    def mean_s(self) -> float:
        """Mean patience, seconds."""
        return self._mean_s


LEAST_PER_1000_S = 1e-6
"""Least hazard above none: once in a billion seconds. Below it a wait in milliseconds would have no end."""


class Piece(NamedTuple):
    """One stretch of a hazard.

    Attributes:
        until_s: seconds of waiting at which it ends; None for the last, which never does.
        per_1000_s: leavers per 1,000 seconds waited while it lasts; 0 where nobody leaves.
    """

    until_s: float | None
    per_1000_s: float


class PiecewiseHazard:
    """A hazard of leaving that is constant within pieces, such as a bump at an announcement.

    The cumulative hazard H is a chain of straight lines; patience is where H reaches -ln(1 - u). With one piece
    this is the exponential distribution, to the millisecond.

    Args:
        pieces: in order; every one but the last ends, later than the one before, and the last has a hazard above 0.

    Raises:
        BadInput: pieces that are not so; their number is named, counted from 1.
    """

    __slots__ = ("_mean_s_per_h", "_pieces", "_reached", "_starts_s")

    def __init__(self, pieces: Sequence[Piece]) -> None:
        """Lay out where each piece starts, and how much hazard lies before it."""
        _refuse_misfits(pieces)
        self._pieces = tuple(pieces)
        self._starts_s, self._reached = [0.0], [0.0]
        for piece in pieces[:-1]:
            until_s = piece.until_s or 0.0  # only the last has none
            lasts_s = until_s - self._starts_s[-1]
            self._reached.append(self._reached[-1] + piece.per_1000_s / _PER * lasts_s)
            self._starts_s.append(until_s)
        self._mean_s_per_h = [_PER / piece.per_1000_s if piece.per_1000_s else inf for piece in pieces]

    def ms(self, u: float) -> int:
        """Patience for a uniform draw, milliseconds."""
        hazard = -log1p(-u)
        # A piece without hazard reaches what the next one starts with; nobody leaves in it, so the last one counts.
        place = bisect_right(self._reached, hazard) - 1
        return round(
            self._starts_s[place] * _MS + (hazard - self._reached[place]) * self._mean_s_per_h[place] * _MS
        )

    def survival(self, wait_s: float) -> float:
        """Share of callers still ready to wait after so many seconds."""
        place = bisect_right(self._starts_s, wait_s) - 1
        rate = self._pieces[place].per_1000_s / _PER
        return exp(-self._reached[place] - rate * (wait_s - self._starts_s[place]))

    @property
    def mean_s(self) -> float:
        """Mean patience, seconds: the area below the survival curve, piece by piece."""
        total = 0.0
        for place, piece in enumerate(self._pieces):
            at_start = exp(-self._reached[place])
            if piece.until_s is None:
                total += at_start * self._mean_s_per_h[place]
                continue
            lasts_s = piece.until_s - self._starts_s[place]
            rate = piece.per_1000_s / _PER
            total += at_start * (-expm1(-rate * lasts_s) / rate if rate else lasts_s)
        return total


def _refuse_misfits(pieces: Sequence[Piece]) -> None:
    """Tell every piece that does not follow on the one before, and a last one under which somebody never leaves."""
    problems: list[str] = []
    last, ends_s = len(pieces), 0.0
    if not pieces:
        problems.append("found no piece; allowed: at least one")
    for number, piece in enumerate(pieces, start=1):
        if (piece.until_s is None) != (number == last):
            rule = "the last piece has no until_s, every other has one"
            problems.append(f"piece {number}: found until_s {piece.until_s}; allowed: {rule}")
        elif piece.until_s is not None and piece.until_s <= ends_s:
            problems.append(f"piece {number}: found until_s {piece.until_s:g}; allowed: above {ends_s:g}")
        least_rate = 0 if number < last and piece.per_1000_s == 0 else LEAST_PER_1000_S
        if piece.per_1000_s < least_rate:
            least = f"at least {LEAST_PER_1000_S:g}"
            least += ", or somebody never leaves" if number == last else ", or 0"
            problems.append(f"piece {number}: found per_1000_s {piece.per_1000_s:g}; allowed: {least}")
        ends_s = piece.until_s or ends_s
    if problems:
        raise BadInput(problems)
