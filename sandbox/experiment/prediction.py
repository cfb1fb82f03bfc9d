"""Where a figure of a real pilot should fall: prediction intervals, wider than confidence intervals.

A confidence interval says how well the simulation knows its own mean. What a pilot reports has sampling noise of its
own, at the pilot's size, and its days have luck of their own. All three are in a prediction interval.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

from sandbox.errors import BadInput
from sandbox.experiment.intervals import LEVEL, ratio_interval, student_t
from sandbox.experiment.sample_size import between_day_variance


class Prediction(NamedTuple):
    """An expected value and the interval a future figure falls into with the asked chance.

    Attributes:
        value: expected; None when nothing is in its base.
        low, high: ends of the interval, None where the spread cannot be seen.
    """

    value: float | None
    low: float | None
    high: float | None

    def holds(self, actual: float) -> bool | None:
        """Say whether an actual value lies inside; None where there is no interval."""
        if self.low is None or self.high is None:
            return None
        return self.low <= actual <= self.high


def rate_prediction(
    numerators: Sequence[float], denominators: Sequence[float], n: int, days: float, level: float = LEVEL
) -> Prediction:
    """Predict a rate out of `n` items over `days` days.

    Beta-binomial: the true rate of the pilot's days is spread around the simulated one by the simulation's own error
    and by how days differ, and the count is binomial at that rate; exact near 0 and 1 where a normal is not. The
    simulated rate is shrunk by half an event (Jeffreys): one simulated as nought does not forbid an event.

    Args:
        numerators: simulated counts, per day.
        denominators: their bases.
        n: base of the actual figure, at least 1.
        days: days the actual figure comes from, above 0.
        level: chance to fall inside.

    Raises:
        BadInput: `n` or `days` is out of its range.
    """
    if n < 1 or not days > 0:
        raise BadInput(
            [f"prediction: found {n} items over {days:g} days; allowed is at least 1, above 0 days"]
        )
    estimate = ratio_interval(numerators, denominators, level)
    if estimate.value is None:
        return Prediction(None, None, None)
    low, high = _counts(numerators, denominators, n, days).interval(level)
    return Prediction(estimate.value, float(low) / n, float(high) / n)


def rate_tail(
    numerators: Sequence[float], denominators: Sequence[float], count: int, n: int, days: float
) -> float:
    """Two-sided tail chance of `count` out of `n` under the distribution `rate_prediction` takes its interval from.

    Twice the smaller tail, at most 1. Below 1 - level for a count outside that interval, so that the two do not
    contradict each other.

    Args:
        numerators: simulated counts, per day.
        denominators: their bases, not all nought.
        count: actual count, from 0 to `n`.
        n: base of the actual figure, at least 1.
        days: days the actual figure comes from, above 0.
    """
    counts = _counts(numerators, denominators, n, days)
    return min(1.0, 2.0 * min(float(counts.cdf(count)), float(counts.sf(count - 1))))


def mean_prediction(
    numerators: Sequence[float], denominators: Sequence[float], days: float, level: float = LEVEL
) -> Prediction:
    """Predict a ratio that is no rate (seconds per call, ...) over `days` further days, by Student's t.

    Args:
        numerators: simulated sums, per day.
        denominators: their bases.
        days: days the actual figure comes from, above 0.
        level: chance to fall inside.
    """
    estimate = ratio_interval(numerators, denominators, level)
    if estimate.value is None or estimate.half_width is None:
        return Prediction(estimate.value, None, None)
    units = estimate.n_units
    error = estimate.half_width / student_t(level, units - 1)
    half = student_t(level, units - 1) * error * math.sqrt(1.0 + units / days)
    return Prediction(estimate.value, estimate.value - half, estimate.value + half)


def _counts(numerators: Sequence[float], denominators: Sequence[float], n: int, days: float) -> Any:
    """The count out of `n` as a frozen distribution of SciPy's."""
    from scipy.stats import betabinom  # type: ignore[import-untyped]  # late: start-up time

    base = math.fsum(denominators)
    rate = (math.fsum(numerators) + 0.5) / (base + 1.0)
    spread = rate * (1.0 - rate)
    estimate = ratio_interval(numerators, denominators)
    error = 0.0
    if estimate.half_width is not None:
        error = (estimate.half_width / student_t(LEVEL, estimate.n_units - 1)) ** 2
    variance = max(error, spread / (base + 2.0)) + between_day_variance(numerators, denominators) / days
    weight = max(spread / variance - 1.0, 1.0)
    return betabinom(n, rate * weight, (1.0 - rate) * weight)
