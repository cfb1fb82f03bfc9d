"""How many cases, and how many days, a pilot of two arms needs to see a difference of two rates.

Customers are randomised within each day, so what a day does to both arms alike cancels. What is left of the day is
how much the difference itself changes from day to day beyond sampling (a day-by-arm interaction); it does not shrink
with more cases a day, only with more days. The variance of the estimated difference after `days` days is

    (p1 q1 / n1 + p2 q2 / n2) / days + day_variance / days        n1, n2: cases a day in the arms

with unpooled variances (J. L. Fleiss, B. Levin, M. C. Paik, "Statistical Methods for Rates and Proportions", 3rd
ed. 2003, ch. 4; the design effect 1 + day part / sampling part as in A. Donner and N. Klar, "Design and Analysis of
Cluster Randomization Trials in Health Research", 2000). Tests are two-sided, as is `alpha`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import NormalDist
from typing import NamedTuple

from sandbox.errors import BadInput, RuleBroken

_NORMAL = NormalDist()


class Arms(NamedTuple):
    """Two arms of a pilot, day by day.

    Attributes:
        control_rate, pilot_rate: expected rates, 0..1.
        control_per_day, pilot_per_day: base items (cases, engaged cases, ...) that enter each arm a day, above 0.
        day_variance: variance of the daily difference beyond sampling, in rate squared; 0 where days are alike.
        share: of the customers in the pilot, above 0 and below 1; None where base items divide as customers do.
    """

    control_rate: float
    pilot_rate: float
    control_per_day: float
    pilot_per_day: float
    day_variance: float = 0.0
    share: float | None = None

    def with_effect(self, effect: float) -> Arms:
        """Return the same arms with another difference, the pilot's rate kept within 0..1."""
        return self._replace(pilot_rate=min(max(self.control_rate + effect, 0.0), 1.0))

    def with_share(self, share: float) -> Arms:
        """Return the same arms with the customers divided anew, `share` of them to the pilot (0..1).

        A customer of either arm brings as many base items as before: where the designs differ in how many engage,
        the base does not divide as the customers do.
        """
        now = (
            self.pilot_per_day / (self.control_per_day + self.pilot_per_day)
            if self.share is None
            else self.share
        )
        return self._replace(
            control_per_day=self.control_per_day * (1.0 - share) / (1.0 - now),
            pilot_per_day=self.pilot_per_day * share / now,
            share=share,
        )


def sampling_variance(arms: Arms) -> float:
    """Variance of one day's difference from sampling alone.

    Raises:
        BadInput: an arm gets nothing, or a rate is no rate.
    """
    if not (arms.control_per_day > 0 and arms.pilot_per_day > 0):
        found = f"{arms.control_per_day:g} and {arms.pilot_per_day:g}"
        raise BadInput([f"arms: found {found} cases a day; allowed is above 0 in both"])
    if not (0 <= arms.control_rate <= 1 and 0 <= arms.pilot_rate <= 1):
        found = f"{arms.control_rate!r} and {arms.pilot_rate!r}"
        raise BadInput([f"arms: found rates {found}; allowed is 0 to 1"])
    control = arms.control_rate * (1.0 - arms.control_rate) / arms.control_per_day
    return control + arms.pilot_rate * (1.0 - arms.pilot_rate) / arms.pilot_per_day


def design_effect(arms: Arms) -> float:
    """By how much days that differ multiply the cases needed; 1 where they do not."""
    sampling = sampling_variance(arms)
    return 1.0 if sampling == 0.0 else 1.0 + arms.day_variance / sampling


def fixed_drift(alpha: float, power: float) -> float:
    """Expected z of a test with one look that has this power: z(1 - alpha/2) + z(power).

    Raises:
        BadInput: `alpha` or `power` is not between 0 and 1.
    """
    for name, value in (("alpha", alpha), ("power", power)):
        if not 0.0 < value < 1.0:
            raise BadInput([f"{name}: found {value!r}; allowed is above 0 and below 1"])
    return _NORMAL.inv_cdf(1.0 - alpha / 2.0) + _NORMAL.inv_cdf(power)


def days_needed(arms: Arms, drift: float, fewest: float = 0.0) -> float:
    """Days (not rounded) until the arms' difference stands `drift` standard errors from nought.

    Args:
        arms: with the difference to be seen.
        drift: of a test with one look (`fixed_drift`), or of a plan with several.
        fewest: base items the smaller arm has to have by then whatever the formula says: below some 30, rates are
            not normal enough for it.

    Raises:
        BadInput: the arms do not differ.
    """
    effect = arms.pilot_rate - arms.control_rate
    if effect == 0.0:
        raise BadInput(["effect: found 0; allowed is a difference: no pilot is large enough to see none"])
    formula = (drift / effect) ** 2 * (sampling_variance(arms) + arms.day_variance)
    return max(formula, fewest / min(arms.control_per_day, arms.pilot_per_day))


def power_of(arms: Arms, days: float, alpha: float) -> float:
    """Chance that one two-sided look after `days` days sees the arms' difference, in the right direction."""
    spread = math.sqrt((sampling_variance(arms) + arms.day_variance) / days)
    line = _NORMAL.inv_cdf(1.0 - alpha / 2.0)
    effect = abs(arms.pilot_rate - arms.control_rate)
    if spread == 0.0:
        return 1.0 if effect else alpha / 2.0
    return 1.0 - _NORMAL.cdf(line - effect / spread)


def smallest_effect(arms: Arms, days: float, drift: float, *, rising: bool = True) -> float:
    """Smallest rise, or fall, of the control's rate that `days` days can see; its sampling variance is solved for.

    Returns:
        the change with its sign; all the way to 1, or to 0, where none is large enough.
    """
    sign = 1.0 if rising else -1.0
    low, high = 0.0, 1.0 - arms.control_rate if rising else arms.control_rate
    for _ in range(60):
        middle = (low + high) / 2.0
        if middle == 0.0 or days_needed(arms.with_effect(sign * middle), drift) > days:
            low = middle
        else:
            high = middle
    return sign * high


def smallest_share(
    arms: Arms, days: float, drift: float, fewest: float = 0.0, step: float = 0.005
) -> float | None:
    """Smallest share kept in the control arm, in steps, with which `days` days still see the arms' difference.

    Args:
        arms: with the difference to be seen.
        days: that there are.
        drift: see `days_needed`.
        fewest: see `days_needed`.
        step: between shares that are tried.

    Returns:
        None where not even half of the customers is enough.
    """
    for count in range(1, round(0.5 / step) + 1):
        kept = count * step
        if days_needed(arms.with_share(1.0 - kept), drift, fewest) <= days:
            return kept
    return None


def between_day_variance(numerators: Sequence[float], denominators: Sequence[float]) -> float:
    """Variance of a daily rate beyond sampling, by moments, not below 0; days without a base are left out.

    Raises:
        RuleBroken: lengths differ.
    """
    return _beyond_sampling(_days(numerators, denominators))


def between_day_variance_of_difference(
    control: tuple[Sequence[float], Sequence[float]], pilot: tuple[Sequence[float], Sequence[float]]
) -> float:
    """Variance of the daily difference of two arms beyond sampling, by moments, not below 0.

    Args:
        control: numerators and denominators per day.
        pilot: the same days in the same order; days on which an arm has no base are left out.

    Raises:
        RuleBroken: lengths differ.
    """
    ours, theirs = _days(*pilot), _days(*control)
    if len(ours) != len(theirs):
        raise RuleBroken(f"{len(theirs)} days in one arm, {len(ours)} in the other")
    both = [
        (a[0] - b[0], a[1] + b[1])
        for a, b in zip(ours, theirs, strict=True)
        if a is not None and b is not None
    ]
    return _beyond_sampling(both)


def _days(numerators: Sequence[float], denominators: Sequence[float]) -> list[tuple[float, float] | None]:
    """Each day's rate and its sampling variance at the pooled rate."""
    if len(numerators) != len(denominators):
        raise RuleBroken(f"{len(numerators)} numerators for {len(denominators)} denominators")
    base = math.fsum(denominators)
    pooled = math.fsum(numerators) / base if base else 0.0
    return [
        (y / x, pooled * (1.0 - pooled) / x) if x else None
        for y, x in zip(numerators, denominators, strict=True)
    ]


def _beyond_sampling(days: Sequence[tuple[float, float] | None]) -> float:
    kept = [day for day in days if day is not None]
    if len(kept) < 2:
        return 0.0
    mean = math.fsum(rate for rate, _ in kept) / len(kept)
    seen = math.fsum((rate - mean) ** 2 for rate, _ in kept) / (len(kept) - 1)
    return max(seen - math.fsum(sampling for _, sampling in kept) / len(kept), 0.0)
