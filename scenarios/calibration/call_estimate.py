"""What a call-level log says of a call centre: patience, handling, redials, groups; arrivals stand beside it."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import NamedTuple

from sandbox.experiment.fits import (
    Z_95,
    LognormalFit,
    lognormal_fit,
    wilson,
)
from sandbox.experiment.patience import (
    Band,
    WeibullFit,
    bands_log_likelihood,
    exponential_log_likelihood,
    hazard_bands,
    information_criterion,
    weibull_censored,
)
from sandbox.experiment.survival import (
    Step,
    exponential_mean_censored,
    kaplan_meier,
    kaplan_meier_quantile,
    median_interval,
)
from scenarios.calibration.acd_report import CallCentreEstimate, infer
from scenarios.calibration.call_arrivals import Arrivals, arrivals_of, as_report, mean_of
from scenarios.calibration.call_log import CallLog, LoggedCall

SHORT_CALL_S = 10.0
"""Answered calls shorter than this are left out of the lognormal: agents hanging up for rest were 7 % of one bank's
calls and fell to 2 % once it was looked into (Brown et al. 2005, section 4.1). They stay in the mean: it is work."""

REDIAL_WITHIN = timedelta(hours=1)
"""A call by the same caller within this time of abandoning counts as a redial."""

CURVE_AT_S = (10, 20, 30, 45, 60, 90, 120, 180, 240, 300, 420, 600)
"""Waits at which the Kaplan-Meier curve is told, seconds."""

QUANTILE_SHARES = (0.0, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99, 1.0)
"""Shares at which the handling times of a log are told; what a scenario draws its straight lines between."""

_GROUP_LEAVERS = 30
_IDENTIFIED = 30
"""Fewest leavers for a patience of a group's own, and fewest identified leavers for a redial rate."""


class Patience(NamedTuple):
    """How long callers are ready to wait; seconds, answered callers censored.

    Attributes:
        left, answered, at_once: calls abandoned, answered, and of these answered without a wait.
        left_at_zero: left after 0 s, so that it cannot be told whether they waited at all.
        waited_s: waits of all callers, summed.
        exponential_mean_s, exponential_low_s, exponential_high_s: maximum likelihood, with its 95 % interval.
        km_median_s, km_low_s, km_high_s: Kaplan-Meier median and its 95 % interval; None where not reached.
        curve: the whole Kaplan-Meier curve.
        weibull: its fit, or None.
        bands: the banded hazard.
        criteria: Akaike's criterion by shape; the smallest describes the waits best.
    """

    left: int
    answered: int
    at_once: int
    left_at_zero: int
    waited_s: float
    exponential_mean_s: float | None
    exponential_low_s: float | None
    exponential_high_s: float | None
    km_median_s: float | None
    km_low_s: float | None
    km_high_s: float | None
    curve: list[Step]
    weibull: WeibullFit | None
    bands: list[Band]
    criteria: dict[str, float]

    def still_waiting(self, wait_s: float) -> float | None:
        """Kaplan-Meier share of callers ready to wait longer; None beyond the last wait anybody was watched."""
        share = 1.0
        for step in self.curve:
            if step.at > wait_s:
                return share
            share = step.open_share
        return share if share == 0.0 else None


class Handling(NamedTuple):
    """Time agents spend on answered calls, seconds.

    Attributes:
        n: answered calls.
        mean_s, cv: of all of them.
        short: of these, shorter than SHORT_CALL_S.
        lognormal: fit to the others, or None.
        quantiles: (share, seconds within which that share ends), of all of them.
    """

    n: int
    mean_s: float
    cv: float
    short: int
    lognormal: LognormalFit | None
    quantiles: list[tuple[float, float]]


class Redial(NamedTuple):
    """Who calls again within REDIAL_WITHIN of abandoning.

    Attributes:
        identified, again: leavers who can be told apart, and of these who called again.
        rate, low, high: of the identified; 95 % interval.
        delay_min_median, delay_sigma: lognormal time to the next call; None with fewer than two.
        lines: lines of the calls that are redials.
    """

    identified: int
    again: int
    rate: float
    low: float
    high: float
    delay_min_median: float | None
    delay_sigma: float | None
    lines: frozenset[int]


class Group(NamedTuple):
    """Calls of one type, or of one priority."""

    name: str
    calls: int
    abandonment_rate: float
    patience_s: float | None
    handling_s: float | None


@dataclass(frozen=True, slots=True)
class CallEstimate:
    """Everything a log says.

    Attributes:
        log: as read.
        patience, handling, redial, arrivals: see there; handling is None where nobody was answered, redial where
            callers cannot be told apart.
        groups: by call type and by priority where the log has them.
        centre: agents and the working day's figures, inferred as from an interval report.
    """

    log: CallLog
    patience: Patience
    handling: Handling | None
    redial: Redial | None
    arrivals: Arrivals
    groups: dict[str, list[Group]]
    centre: CallCentreEstimate


def estimate_calls(log: CallLog, unseen_cv: float = 0.0) -> CallEstimate:
    """Estimate everything a log shows.

    Args:
        log: the log as read.
        unseen_cv: how days differ where a single one cannot show it; see `infer`.

    Raises:
        BadInput: the load is beyond what Erlang-A is solved for.
    """
    report = as_report(log)
    redial = redials(log.calls)
    return CallEstimate(
        log=log,
        patience=patience_of(log.calls),
        handling=handling_of([call.handling_s for call in log.calls if call.answered]),
        redial=redial,
        arrivals=arrivals_of(report, log.calls),
        groups=_groups(log.calls),
        centre=infer(report, unseen_cv),
    )


def patience_of(calls: Sequence[LoggedCall]) -> Patience:
    """Fit every shape of patience to some calls."""
    left = [call.wait_s for call in calls if not call.answered]
    answered = [call.wait_s for call in calls if call.answered]
    waited_s = math.fsum(left) + math.fsum(answered)
    mean = exponential_mean_censored(waited_s, len(left)) or None
    spread = Z_95 / math.sqrt(len(left)) if left else 0.0
    curve = kaplan_meier(left, answered)
    low, high = median_interval(curve)
    weibull, bands = weibull_censored(left, answered), hazard_bands(left, answered)
    criteria: dict[str, float] = {}
    after_a_wait = sum(wait > 0 for wait in left)
    if after_a_wait:
        criteria["exponential"] = information_criterion(exponential_log_likelihood(after_a_wait, waited_s), 1)
        criteria["piecewise"] = information_criterion(bands_log_likelihood(bands), len(bands))
    if weibull is not None:
        criteria["weibull"] = information_criterion(weibull.log_likelihood, 2)
    return Patience(
        len(left),
        len(answered),
        sum(wait == 0 for wait in answered),
        len(left) - after_a_wait,
        waited_s,
        mean,
        mean and mean * math.exp(-spread),
        mean and mean * math.exp(spread),
        kaplan_meier_quantile(left, answered, 0.5),
        low,
        high,
        curve,
        weibull,
        bands,
        criteria,
    )


def handling_of(times_s: Sequence[float]) -> Handling | None:
    """Fit handling times; None without any."""
    if not times_s or not math.fsum(times_s):
        return None
    ranked = sorted(times_s)
    mean = math.fsum(ranked) / len(ranked)
    variance = math.fsum((time - mean) ** 2 for time in ranked) / len(ranked)
    whole = [time for time in ranked if time >= SHORT_CALL_S]
    last = len(ranked) - 1
    quantiles = [(share, _between(ranked, share * last)) for share in QUANTILE_SHARES]
    return Handling(
        len(ranked),
        mean,
        math.sqrt(variance) / mean,
        len(ranked) - len(whole),
        lognormal_fit(whole),
        quantiles,
    )


def _between(ranked: Sequence[float], place: float) -> float:
    low = math.floor(place)
    high = min(low + 1, len(ranked) - 1)
    return ranked[low] + (place - low) * (ranked[high] - ranked[low])


def redials(calls: Sequence[LoggedCall]) -> Redial | None:
    """Find calls by who abandoned shortly before; None where too few leavers can be told apart."""
    waiting: dict[str, LoggedCall] = {}
    identified, delays_min, lines = 0, [], []
    for call in calls:
        if not call.caller_id:
            continue
        before = waiting.pop(call.caller_id, None)
        if before is not None:
            gone_at = before.arrived_at + timedelta(seconds=before.wait_s)
            delay = call.arrived_at - gone_at
            if delay <= REDIAL_WITHIN:
                lines.append(call.line)
                delays_min.append(max(delay.total_seconds(), 1.0) / 60.0)
        if not call.answered:
            identified += 1
            waiting[call.caller_id] = call
    if identified < _IDENTIFIED:
        return None
    low, high = wilson(len(lines), identified)
    fit = lognormal_fit(delays_min)
    median = None if fit is None else math.exp(fit.mu)
    sigma = None if fit is None else fit.sigma
    rate = len(lines) / identified
    return Redial(identified, len(lines), rate, low, high, median, sigma, frozenset(lines))


def _groups(calls: Sequence[LoggedCall]) -> dict[str, list[Group]]:
    groups: dict[str, list[Group]] = {}
    for name in ("call_type", "priority"):
        parts: dict[str, list[LoggedCall]] = defaultdict(list)
        for call in calls:
            parts[getattr(call, name)].append(call)
        if len(parts) > 1:
            groups[name] = [_group(part, members) for part, members in sorted(parts.items())]
    return groups


def _group(name: str, calls: Sequence[LoggedCall]) -> Group:
    left = sum(not call.answered for call in calls)
    waited = math.fsum(call.wait_s for call in calls)
    patience = exponential_mean_censored(waited, left) if left >= _GROUP_LEAVERS else None
    handling = [call.handling_s for call in calls if call.answered]
    return Group(name or "(none)", len(calls), left / len(calls), patience, mean_of(handling))
