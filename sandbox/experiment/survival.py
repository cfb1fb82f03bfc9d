"""Estimates from durations of which some were cut off: open cases, callers who were answered.

An open case has not resolved *yet*; dropping it would flatter the median. Kaplan and Meier ("Nonparametric
Estimation from Incomplete Observations", JASA 53, 1958) keep it in the base for as long as it was watched.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import NormalDist
from typing import NamedTuple

import numpy as np

from sandbox.errors import BadInput, RuleBroken
from sandbox.experiment.intervals import LEVEL

# A survival product such as 3/4 x 2/3 may miss its exact value by rounding; a quantile must not slip for
# that.
_ROUNDING = 1e-12


class Step(NamedTuple):
    """One step of a Kaplan-Meier curve.

    Attributes:
        at: a duration at which somebody completed, in the unit given.
        at_risk: how many were still watched then.
        ended: how many completed then.
        open_share: share still open just after, 0..1.
        error: standard error of `open_share` (Greenwood); 0 once nobody is open.
    """

    at: float
    at_risk: int
    ended: int
    open_share: float
    error: float


def kaplan_meier(completed: Sequence[float], censored: Sequence[float]) -> list[Step]:
    """The product-limit curve, a step at every duration at which somebody completed.

    Args:
        completed: durations that ended, any unit, not negative.
        censored: durations that were still running when last seen, same unit.

    Raises:
        RuleBroken: a duration is negative or not a number.
    """
    at, at_risk, ended, log_open = _product_limit(completed, censored)
    left = at_risk - ended
    with np.errstate(divide="ignore", invalid="ignore"):
        greenwood = np.cumsum(ended / (at_risk * np.where(left > 0, left, np.nan)))
    share = np.exp(log_open)
    error = np.where(left > 0, share * np.sqrt(greenwood), 0.0)
    columns = (at.tolist(), at_risk.tolist(), ended.tolist(), share.tolist(), error.tolist())
    return [Step(*row) for row in zip(*columns, strict=True)]


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
    at, _, _, log_open = _product_limit(completed, censored)
    reached = np.flatnonzero(log_open <= math.log1p(-q) + _ROUNDING)
    return float(at[reached[0]]) if len(reached) else None


def quantile_interval(
    completed: Sequence[float], censored: Sequence[float], q: float, level: float = LEVEL
) -> tuple[float | None, float | None]:
    """Interval of `kaplan_meier_quantile`: the durations at which the log-log band of the curve still holds 1 - q.

    Brookmeyer and Crowley, "A confidence interval for the median survival time", Biometrics 38, 1982, with
    Greenwood's error. The unit is the case; both ends are completed durations, so none is below nought.

    Args:
        completed: durations that ended, any unit, not negative.
        censored: durations that were still running when last seen, same unit.
        q: the share, above 0 and below 1; 0.5 is the median.
        level: two-sided confidence level, above 0 and below 1.

    Returns:
        Low and high in the unit given; high is None where the band does not pass 1 - q while anybody was watched.

    Raises:
        BadInput: `q` or `level` is out of its range.
        RuleBroken: a duration is negative or not a number.
    """
    for name, share in (("q", q), ("level", level)):
        if not 0.0 < share < 1.0:
            raise BadInput([f"{name}: found {share!r}; allowed is above 0 and below 1, such as 0.5"])
    at, at_risk, ended, log_open = _product_limit(completed, censored)
    left = at_risk - ended
    at, at_risk, ended, log_open, left = (column[left > 0] for column in (at, at_risk, ended, log_open, left))
    error = np.sqrt(np.cumsum(ended / (at_risk * left))) / -log_open
    distance = (np.log(-log_open) - math.log(-math.log1p(-q))) / error
    z = NormalDist().inv_cdf(0.5 + level / 2.0)
    first, past = np.flatnonzero(distance >= -z), np.flatnonzero(distance > z)
    return (
        float(at[first[0]]) if len(first) else None,
        float(at[past[0]]) if len(past) else None,
    )


def median_interval(steps: Sequence[Step], z: float = 1.96) -> tuple[float | None, float | None]:
    """Interval of the median of a curve: the durations whose log-log band still holds one half.

    Brookmeyer and Crowley, "A confidence interval for the median survival time", Biometrics 38, 1982.

    Args:
        steps: as `kaplan_meier` returns them.
        z: normal quantile of the level; 1.96 is 95 %.

    Returns:
        Low and high, in the curve's unit; None where the band does not cross one half.
    """
    middle = math.log(-math.log(0.5))
    inside: list[float] = []
    high: float | None = None
    for step in steps:
        if not 0.0 < step.open_share < 1.0 or step.error == 0.0:
            continue
        log_share = math.log(step.open_share)
        error = step.error / (step.open_share * -log_share)
        distance = (math.log(-log_share) - middle) / error
        if abs(distance) <= z:
            inside.append(step.at)
        elif distance > z:
            high = step.at
            break
    return (inside[0] if inside else None), high


def _product_limit(completed: Sequence[float], censored: Sequence[float]) -> tuple[np.ndarray, ...]:
    """Distinct completed durations, those at risk and completed at each, and the logarithm of the share open."""
    if not (np.greater_equal(completed, 0).all() and np.greater_equal(censored, 0).all()):
        raise RuleBroken("a duration is negative or not a number")
    ends, cuts = np.sort(np.asarray(completed, dtype=float)), np.sort(np.asarray(censored, dtype=float))
    at, first, ended = np.unique(ends, return_index=True, return_counts=True)
    # At equal durations a completion comes first: the open case was still at risk then.
    at_risk = len(ends) - first + len(cuts) - np.searchsorted(cuts, at, side="left")
    with np.errstate(divide="ignore"):  # the last one watched leaves nobody open
        log_open = np.cumsum(np.log1p(-ended / at_risk)) if len(at) else np.empty(0)
    return at, at_risk, ended, log_open


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
