"""Stop lines for a guardrail: how many bad outcomes, out of how many, end a pilot at each look.

Exact for counts, where a normal boundary would be wrong (few cases, rates near nought). Under a true rate exactly on
the line, the chance that any look stops the pilot stays within alpha, spent over the looks (Lan and DeMets 1983, see
`spending`); the recursion runs over the binomial counts of paths that have not stopped (Armitage, McPherson and Rowe
1969). Cases are taken to be independent: days that differ make a stop likelier than stated.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from sandbox.errors import BadInput
from sandbox.experiment.spending import Spending, linear

Column = npt.NDArray[np.float64]


def count_limits(
    bases: Sequence[int], line: float, alpha: float, spending: Spending = linear
) -> tuple[int | None, ...]:
    """Return the fewest bad outcomes that stop the pilot at each look; None where none could.

    Args:
        bases: cases seen by each look, rising, above 0.
        line: rate of bad outcomes that is just still allowed, above 0 and below 1.
        alpha: one-sided chance to stop although the true rate is on the line.
        spending: alpha by information; information is counted in cases.

    Raises:
        BadInput: an argument is out of its range.
    """
    _check(bases, line)
    limits: list[int | None] = []
    kept: Column = np.ones(1)
    before, used = 0, 0.0
    for base in bases:
        kept = _more(kept, base - before, line)
        tails = np.cumsum(kept[::-1])[::-1]  # chance of this many or more
        allowed = spending(base / bases[-1], alpha) - used
        count = int(np.searchsorted(-tails, -allowed, side="left"))
        if count >= len(tails):
            limits.append(None)
        else:
            used += float(tails[count])
            kept = kept[:count]
            limits.append(count)
        before = base
    return tuple(limits)


def chance_of_stop(bases: Sequence[int], limits: Sequence[int | None], rate: float) -> float:
    """Chance that some look stops the pilot when bad outcomes come at a true rate."""
    kept: Column = np.ones(1)
    before = 0
    for base, limit in zip(bases, limits, strict=True):
        kept = _more(kept, base - before, rate)
        if limit is not None:
            kept = kept[:limit]
        before = base
    return max(1.0 - float(kept.sum()), 0.0)


def _more(kept: Column, cases: int, rate: float) -> Column:
    """The counts' distribution after further cases."""
    from scipy.stats import binom  # type: ignore[import-untyped]  # late: start-up time

    pmf: Column = binom.pmf(np.arange(cases + 1), cases, rate)
    return np.convolve(kept, pmf)


def _check(bases: Sequence[int], line: float) -> None:
    rising = all(a < b for a, b in zip([0, *bases], bases, strict=False))
    if not bases or not rising:
        raise BadInput([f"looks: found {list(bases)} cases; allowed is rising numbers above 0"])
    if not 0.0 < line < 1.0:
        raise BadInput([f"line: found {line!r}; allowed is above 0 and below 1"])
