"""Where two straight lines of cost meet, and which volumes the runs leave open for it.

A design costs F + v V at volume V, or that over r V resolutions. Two designs cost the same where `gap - V gain` is
nought: for the total the gap is F - F' and the gain v' - v, per resolution F r' - F' r and v' r - v r'. Both are sums
over independent units, the days of all replications, each day of one design beside the same day of the other, so that
what a day did to both cancels. Replications as units would be as honest and say next to nothing: two or three of them
leave Student's t one or two degrees of freedom.

The interval is that of E. C. Fieller ("Some problems in interval estimation", Journal of the Royal Statistical
Society B 16, 1954): every volume V at which `gap - V gain` has nought inside its own interval over the units. It asks
of each volume what a test would ask, and so does not need the error of the slope to be small. The delta method does:
it divides by a slope that may be nought, and its interval always ends somewhere. Fieller's is open where the slope's
own interval holds nought, as the lines may then never meet. Where what is fixed is known, as for the total, it is the
gap over the ends of the gain.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from sandbox.errors import RuleBroken
from sandbox.experiment.intervals import LEVEL, student_t


class Sum(NamedTuple):
    """A sum over units, with each unit's part in its error.

    Attributes:
        value: the estimate.
        errors: one per unit, in the units of `value`; they add up to nought.
    """

    value: float
    errors: tuple[float, ...]

    @classmethod
    def of(cls, parts: Sequence[float]) -> Sum:
        """Return the sum of what each unit brought."""
        mean = math.fsum(parts) / len(parts)
        return cls(math.fsum(parts), tuple(part - mean for part in parts))

    def times(self, factor: float) -> Sum:
        """Return the sum times a known number."""
        return Sum(self.value * factor, tuple(error * factor for error in self.errors))

    def less(self, other: Sum) -> Sum:
        """Return the difference of two sums over the same units."""
        pairs = zip(self.errors, other.errors, strict=True)
        return Sum(self.value - other.value, tuple(ours - theirs for ours, theirs in pairs))

    def by(self, other: Sum) -> Sum:
        """Return the product of two sums over the same units, its error linearised."""
        pairs = zip(self.errors, other.errors, strict=True)
        errors = tuple(self.value * theirs + other.value * ours for ours, theirs in pairs)
        return Sum(self.value * other.value, errors)


def volumes_left_open(gap: Sum, gain: Sum, level: float = LEVEL) -> tuple[float | None, float | None]:
    """Return the volumes above nought at which the two may cost the same.

    Args:
        gap: by how much the first costs more before the first message, in currency.
        gain: by how much the other costs more with every message, in currency a message; over the same units.
        level: two-sided confidence level, above 0 and below 1.

    Returns:
        The lowest, 0 where it may be anywhere near, and the highest, None where none is too high. Both None where no
        volume is left open, and with fewer than two units, which show no spread. Where the volumes left open are two
        stretches, all from 0 on: both together.

    Raises:
        BadInput: `level` is out of its range.
        RuleBroken: the two are not over the same units.
    """
    units = len(gap.errors)
    if units != len(gain.errors):
        raise RuleBroken(f"paired units differ: {units} of the gap, {len(gain.errors)} of the gain")
    if units < 2:
        return None, None
    reach = student_t(level, units - 1) ** 2 * units / (units - 1)
    # Open is where square V^2 - 2 cross V + free <= 0, which is (gap - V gain)^2 <= t^2 its variance.
    square = gain.value**2 - reach * math.fsum(one * one for one in gain.errors)
    free = gap.value**2 - reach * math.fsum(one * one for one in gap.errors)
    shared = math.fsum(ours * theirs for ours, theirs in zip(gap.errors, gain.errors, strict=True))
    cross = gap.value * gain.value - reach * shared
    if square == 0.0:
        return _beyond_line(cross, free)
    inside = cross * cross - square * free
    if square < 0.0 and inside < 0.0:
        return 0.0, None
    inside = max(inside, 0.0)  # with a certain slope it is below nought for the last digits only
    ends = sorted((cross + sign * math.sqrt(inside)) / square for sign in (-1.0, 1.0))
    if square > 0.0:
        return (max(ends[0], 0.0), ends[1]) if ends[1] > 0.0 else (None, None)
    return (ends[1] if ends[0] <= 0.0 < ends[1] else 0.0), None


def _beyond_line(cross: float, free: float) -> tuple[float | None, float | None]:
    """Volumes above nought with free <= 2 cross V."""
    if cross == 0.0:
        return (0.0, None) if free <= 0.0 else (None, None)
    end = free / (2.0 * cross)
    if cross > 0.0:
        return max(end, 0.0), None
    return (0.0, end) if end > 0.0 else (None, None)
