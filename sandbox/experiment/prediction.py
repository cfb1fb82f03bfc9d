"""Where a figure of a real pilot should fall: prediction intervals, wider than confidence intervals.

A confidence interval says how well the simulation knows its own mean. What a pilot reports has sampling noise of its
own, at the pilot's size, and its days have luck of their own. All three are in a prediction interval.

A gap (actual less predicted) is told with the interval that inverts the same test: the shifts of the prediction under
which the actual figure would not be outside. So it holds nought exactly where the figure lies inside.

Several figures of one pilot are judged together by Bonferroni's inequality (O. J. Dunn, "Multiple comparisons among
means", JASA 56, 1961), which asks nothing of how they hang together: stages share days, and the whole funnel is made
of its stages. Holm's step-down would name a few more of several broken ones, but has no intervals to go with its
verdicts; whether any is broken, both answer alike. Measured on made-up funnels of five stages and their whole, how
often any of the six is called broken when none is, where 5 % are promised (2,000 pilots each; days' luck is normal
on the logit scale, of this standard deviation, a quarter of its variance shared by all stages):

    days simulated, cases each    pilot's days, cases each    no luck    0.1    0.2
    66, 400                       20, 100                       4.0 %  3.0 %  3.8 %
    66, 400                        5, 100                       3.2 %  3.0 %  3.0 %
    132, 100                      10, 30                        2.2 %  2.8 %  2.7 %
    20, 400                       10, 100                       2.8 %  4.0 %  4.0 %
    66, 400                        2, 400                       3.2 %  4.1 %  3.8 %

What the simulation cannot see it cannot allow for: where its days hold a tenth of the cases of the pilot's, and the
days have luck of 0.3, two days of a pilot are called broken in one of ten.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from sandbox.errors import BadInput
from sandbox.experiment.intervals import LEVEL, ratio_interval, student_t
from sandbox.experiment.sample_size import between_day_variance

_NEAR_NOUGHT, _FINE = 1e-12, 1e-9
"""Rates between which the ends of a gap are looked for, and how near they are found."""


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


class Gap(NamedTuple):
    """An actual figure less the predicted one.

    Attributes:
        value: the difference; None where nothing is predicted.
        low, high: of the true difference, at the asked level; None where the spread cannot be seen.
    """

    value: float | None
    low: float | None
    high: float | None


NO_GAP = Gap(None, None, None)
"""Where nothing is predicted."""


def joint_p(p: float, figures: int) -> float:
    """Chance that any of so many figures lies as far out as this one when all predictions are right (at most)."""
    return min(1.0, p * figures)


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
    from scipy.stats import betabinom  # type: ignore[import-untyped]  # late: start-up time

    rate, weight = _spread(numerators, denominators, days)
    low, high = betabinom.interval(level, n, rate * weight, (1.0 - rate) * weight)
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
    rate, weight = _spread(numerators, denominators, days)
    return min(1.0, 2.0 * min(_at_most(count, n, rate, weight), _at_least(count, n, rate, weight)))


def rate_gap(
    numerators: Sequence[float],
    denominators: Sequence[float],
    count: int,
    n: int,
    days: float,
    level: float = LEVEL,
) -> Gap:
    """Actual rate less the predicted one, with the shifts under which `count` would not be outside.

    The distribution of `rate_prediction` is moved along, as certain of its rate as it is; Clopper and Pearson's way
    (Biometrika 26, 1934), exact near 0 and 1.

    Args:
        numerators: simulated counts, per day.
        denominators: their bases.
        count: actual count, from 0 to `n`.
        n: base of the actual figure, at least 1.
        days: days the actual figure comes from, above 0.
        level: chance that the interval holds the true difference.
    """
    base = math.fsum(denominators)
    if not base:
        return NO_GAP
    from scipy.optimize import brentq  # type: ignore[import-untyped]  # late: start-up time

    rate, weight = _spread(numerators, denominators, days)
    tail, ends = (1.0 - level) / 2.0, (_NEAR_NOUGHT, 1.0 - _NEAR_NOUGHT)
    low = brentq(lambda at: _at_least(count, n, at, weight) - tail, *ends, xtol=_FINE) if count else 0.0
    high = brentq(lambda at: _at_most(count, n, at, weight) - tail, *ends, xtol=_FINE) if count < n else 1.0
    # The half event the rate is shrunk by may push an end past the gap itself, where few were simulated.
    gap = count / n - math.fsum(numerators) / base
    return Gap(gap, min(float(low) - rate, gap), max(float(high) - rate, gap))


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
    value, error, freedom = _error(numerators, denominators, days)
    if value is None or error is None:
        return Prediction(value, None, None)
    half = student_t(level, freedom) * error
    return Prediction(value, value - half, value + half)


def mean_tail(
    numerators: Sequence[float], denominators: Sequence[float], actual: float, days: float
) -> float | None:
    """Two-sided tail chance of `actual` under the distribution `mean_prediction` takes its interval from.

    Args:
        numerators: simulated sums, per day.
        denominators: their bases.
        actual: the actual figure.
        days: days it comes from, above 0.

    Returns:
        None where the days' spread cannot be seen; where they have none, 1 for the value itself and 0 for others.
    """
    from scipy.stats import t as student  # late: start-up time

    value, error, freedom = _error(numerators, denominators, days)
    if value is None or error is None:
        return None
    if not error:
        return float(actual == value)
    return 2.0 * float(student.sf(abs(actual - value) / error, freedom))


def moved(prediction: Prediction, actual: float) -> Gap:
    """Actual figure less the predicted one, where the spread does not hang on the value."""
    if prediction.value is None or prediction.low is None or prediction.high is None:
        return Gap(None if prediction.value is None else actual - prediction.value, None, None)
    return Gap(actual - prediction.value, actual - prediction.high, actual - prediction.low)


def _error(
    numerators: Sequence[float], denominators: Sequence[float], days: float
) -> tuple[float | None, float | None, int]:
    """A simulated ratio, the standard error of a further one over `days` days less it, and degrees of freedom."""
    estimate = ratio_interval(numerators, denominators)
    units = estimate.n_units
    if estimate.value is None or estimate.half_width is None:
        return estimate.value, None, 0
    error = estimate.half_width / student_t(LEVEL, units - 1)
    return estimate.value, error * math.sqrt(1.0 + units / days), units - 1


def _spread(numerators: Sequence[float], denominators: Sequence[float], days: float) -> tuple[float, float]:
    """Mean of the beta distribution of the pilot's own rate, and its two parameters' sum."""
    base = math.fsum(denominators)
    rate = (math.fsum(numerators) + 0.5) / (base + 1.0)
    spread = rate * (1.0 - rate)
    estimate = ratio_interval(numerators, denominators)
    error = 0.0
    if estimate.half_width is not None:
        error = (estimate.half_width / student_t(LEVEL, estimate.n_units - 1)) ** 2
    variance = max(error, spread / (base + 2.0)) + between_day_variance(numerators, denominators) / days
    return rate, max(spread / variance - 1.0, 1.0)


def _at_most(count: int, n: int, rate: float, weight: float) -> float:
    from scipy.stats import betabinom  # late: start-up time

    return float(betabinom.cdf(count, n, rate * weight, (1.0 - rate) * weight))


def _at_least(count: int, n: int, rate: float, weight: float) -> float:
    # Counted from the other side: one less a chance near 1 would lose a small one.
    return _at_most(n - count, n, 1.0 - rate, weight)
