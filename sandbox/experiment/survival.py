"""Estimates from durations of which some were cut off: open cases, callers who were answered.

An open case has not resolved *yet*; dropping it would flatter the median. Kaplan and Meier ("Nonparametric
Estimation from Incomplete Observations", JASA 53, 1958) keep it in the base for as long as it was watched.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from sandbox.errors import BadInput, RuleBroken

# A survival product such as 3/4 x 2/3 may miss its exact value by rounding; a quantile must not slip for
# that.
_ROUNDING = 1e-12


def kaplan_meier_quantile(completed: Sequence[float], censored: Sequence[float], q: float) -> float | None:
    """Earliest duration by which a share `q` has completed, allowing for those still open.

    Args:
        completed: durations that ended, any unit, not negative.
        censored: durations that were still running when last seen, same unit.
        q: the share, above 0 and below 1; 0.5 is the median.

    Returns:
        One of the completed durations, or None when the share was not reached while anybody was watched.

    Raises:
        BadInput: `q` is out of its range.
        RuleBroken: a duration is negative or not a number.
    """
    if not 0.0 < q < 1.0:
        raise BadInput([f"q: found {q!r}; allowed is above 0 and below 1, such as 0.5"])
    if not (np.greater_equal(completed, 0).all() and np.greater_equal(censored, 0).all()):
        raise RuleBroken("a duration is negative or not a number")
    if not len(completed):
        return None
    ends, cuts = np.sort(np.asarray(completed, dtype=float)), np.sort(np.asarray(censored, dtype=float))
    # At equal durations a completion comes first: the open case was still at risk then.
    at_risk = len(ends) + len(cuts) - np.arange(len(ends)) - np.searchsorted(cuts, ends, side="left")
    with np.errstate(divide="ignore"):  # the last one watched leaves nobody open
        log_open = np.cumsum(np.log1p(-1.0 / at_risk))
    reached = np.flatnonzero(log_open <= math.log1p(-q) + _ROUNDING)
    return float(ends[reached[0]]) if len(reached) else None


def exponential_mean_censored(total_wait: float, abandons: int) -> float | None:
    """Maximum-likelihood mean of exponential patience: all waiting time over abandoned calls.

    Answered callers' waits belong in the total: each shows patience at least that long. Averaging the waits
    of abandoned calls alone understates patience several times over.

    Args:
        total_wait: waiting time of all callers, answered and abandoned, any unit.
        abandons: calls abandoned.

    Returns:
        Mean patience in the unit of `total_wait`, or None when nobody abandoned.

    Raises:
        RuleBroken: a number is negative or not finite.
    """
    if not (math.isfinite(total_wait) and total_wait >= 0) or abandons < 0:
        raise RuleBroken(f"waiting time {total_wait!r} over {abandons!r} abandoned calls")
    return total_wait / abandons if abandons else None
