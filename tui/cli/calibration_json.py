"""A calibration as JSON, schema 1: rates 0..1, times in seconds unless the name says otherwise, null for unknown."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sandbox.experiment.fits import Share
    from scenarios.calibration.acd_intervals import DayIntervals
    from scenarios.calibration.acd_profile import WorkingDay
    from scenarios.calibration.acd_report import CallCentreEstimate
    from scenarios.calibration.calibrate import Calibration
    from scenarios.calibration.call_arrivals import Arrivals
    from scenarios.calibration.call_estimate import CallEstimate, Handling, Patience, Redial
    from scenarios.calibration.funnel import FunnelEstimate
    from scenarios.calibration.replay import Replay

SCHEMA = 1


def calibration_document(found: Calibration, scored: Replay | None) -> dict[str, object]:
    """Return the JSON form: what was read, what was found by kind of file, settings, what cannot be told."""
    from scenarios.calibration.fragment import plain

    document: dict[str, object] = {
        "schema": SCHEMA,
        "kind": found.kind,
        "file": found.name,
        "columns": found.columns.headers,
        "guessed": list(found.columns.guessed),
        "ignored": list(found.columns.ignored),
        "period": {"first": found.first, "last": found.last},
        "rows": {
            "read": found.rows,
            "clean": found.clean,
            "dirty": [{"line": row.line, "reasons": list(row.problems)} for row in found.dirty],
        },
    }
    if found.calls is not None:
        document |= _calls(found.calls)
    if found.report is not None:
        document["call_centre"] = _centre(found.report)
        if found.calls is None:
            document |= _means(found.report)
    if found.funnel is not None:
        document["funnel"] = _funnel(found.funnel)
    return document | {
        "settings": [
            {
                "path": one.path,
                "value": plain(one.value),
                "source": one.source,
                "range": None if one.range is None else list(one.range),
                "note": one.note,
            }
            for one in found.fragment.settings
        ],
        "not_identified": found.limits,
        "replay": None if scored is None else replay_json(scored),
    }


def _means(estimate: CallCentreEstimate) -> dict[str, object]:
    """Patience and handling times of a report; a lower bound of patience has no upper end."""
    patience, handling = estimate.intervals.patience_s, estimate.intervals.aht_s
    return {
        "patience": {
            "exponential_mean_s": estimate.patience_s,
            "exponential_low_s": patience.low,
            "exponential_high_s": None if estimate.patience_biased_low else patience.high,
        },
        "handling": {"mean_s": estimate.aht_s, "mean_low_s": handling.low, "mean_high_s": handling.high},
    }


def _calls(estimate: CallEstimate) -> dict[str, object]:
    return {
        "patience": _patience(estimate.patience),
        "handling": None if estimate.handling is None else _handling(estimate.handling),
        "redial": None if estimate.redial is None else _redial(estimate.redial),
        "arrivals": _arrivals(estimate.arrivals),
        "groups": {
            by: {
                group.name: {
                    "calls": group.calls,
                    "abandonment_rate": group.abandonment_rate,
                    "patience_s": group.patience_s,
                    "handling_s": group.handling_s,
                }
                for group in groups
            }
            for by, groups in estimate.groups.items()
        },
    }


def _patience(patience: Patience) -> dict[str, object]:
    from scenarios.calibration.call_estimate import CURVE_AT_S
    from scenarios.calibration.call_settings import best_shape

    weibull = patience.weibull
    return {
        "abandoned": patience.left,
        "answered": patience.answered,
        "answered_at_once": patience.at_once,
        "left_at_zero": patience.left_at_zero,
        "exponential_mean_s": patience.exponential_mean_s,
        "exponential_low_s": patience.exponential_low_s,
        "exponential_high_s": patience.exponential_high_s,
        "km_median_s": patience.km_median_s,
        "km_median_low_s": patience.km_low_s,
        "km_median_high_s": patience.km_high_s,
        "km": [{"at_s": at, "still_waiting": patience.still_waiting(at)} for at in CURVE_AT_S],
        "weibull": None
        if weibull is None
        else {
            "shape": weibull.shape,
            "scale_s": weibull.scale_s,
            "mean_s": weibull.mean_s,
            "median_s": weibull.median_s,
        },
        "hazard": [
            {
                "from_s": band.from_s,
                "until_s": band.until_s,
                "per_1000_s": band.per_1000_s,
                "abandoned": band.leavers,
                "waited_s": band.waited_s,
            }
            for band in patience.bands
        ],
        "aic": patience.criteria,
        "in_fragment": best_shape(patience) or None,
    }


def _handling(handling: Handling) -> dict[str, object]:
    from scenarios.calibration.call_estimate import SHORT_CALL_S

    fit = handling.lognormal
    return {
        "answered": handling.n,
        "mean_s": handling.mean_s,
        "cv": handling.cv,
        "short_calls": handling.short,
        "short_below_s": SHORT_CALL_S,
        "lognormal_n": None if fit is None else fit.n,
        "lognormal_mu": None if fit is None else fit.mu,
        "lognormal_sigma": None if fit is None else fit.sigma,
        "lognormal_sigma_low": None if fit is None else fit.sigma_low,
        "lognormal_sigma_high": None if fit is None else fit.sigma_high,
        "quantiles_s": [list(point) for point in handling.quantiles],
    }


def _redial(redial: Redial) -> dict[str, object]:
    return {
        "identified": redial.identified,
        "again": redial.again,
        "rate": redial.rate,
        "low": redial.low,
        "high": redial.high,
        "delay_min_median": redial.delay_min_median,
        "delay_sigma": redial.delay_sigma,
    }


def _arrivals(arrivals: Arrivals) -> dict[str, object]:
    day = arrivals.day
    return _days(day) | {
        "half_hours": [{"start": slot.start, "offered_per_day": slot.offered_per_day} for slot in day.slots],
        "variance_to_mean": arrivals.variance_to_mean,
        "variance_to_mean_in_day": arrivals.variance_to_mean_in_day,
        "calls_by_day": {one.isoformat(): calls for one, calls in arrivals.calls_by_day.items()},
    }


def _days(day: WorkingDay) -> dict[str, object]:
    """Which days the traffic is of, and how they differ."""
    from scenarios.calibration.acd_statements import weekday_names

    factors = day.weekday_factors
    return {
        "working_days": len(day.days),
        "working_weekdays": list(weekday_names(day.weekdays)),
        "weekdays_left_out": list(weekday_names(day.weekdays_left_out)),
        "days_missing": [one.isoformat() for one in day.days_missing],
        "weekday_factors": dict(zip(weekday_names(list(factors)), factors.values(), strict=True)),
        "weekday_factors_taken": day.weekdays_apart,
        "day_cv": day.day_cv,
        "day_cv_in_weekday": day.day_cv_in_weekday,
    }


def _days_95(intervals: DayIntervals) -> dict[str, object]:
    """Between what their levels and how they differ lie; null or without a weekday where days are too few."""
    from scenarios.calibration.acd_statements import weekday_names

    levels = intervals.weekday_factors
    ends = [one._asdict() for one in levels.values()]
    return {
        "weekday_factors_95": dict(zip(weekday_names(list(levels)), ends, strict=True)),
        "day_cv_95": None if intervals.day_cv is None else intervals.day_cv._asdict(),
        "day_cv_in_weekday_95": None
        if intervals.day_cv_in_weekday is None
        else intervals.day_cv_in_weekday._asdict(),
    }


def _centre(estimate: CallCentreEstimate) -> dict[str, object]:
    return {
        "figures": estimate.figures,
        "figures_95": {
            name: {"low": one.low, "high": one.high} for name, one in estimate.intervals.figures.items()
        },
        **_days(estimate.day),
        **_days_95(estimate.intervals),
        "patience_is_lower_bound": estimate.patience_biased_low,
        "half_hours": [
            {
                "start": slot.start,
                "offered_per_day": slot.offered_per_day,
                "abandonment_rate": slot.abandonment_rate,
                "agents_inferred": slot.agents,
                "pooled": list(slot.pooled),
            }
            for slot in estimate.slots
        ],
    }


def _funnel(estimate: FunnelEstimate) -> dict[str, object]:
    from scenarios.calibration.funnel import bases

    before = bases(estimate.stages)
    return {
        "days": len(estimate.days),
        "stages": estimate.stages,
        "rates": {
            channel: {stage: _share(share) | {"of": before[stage]} for stage, share in rates.items()}
            for channel, rates in estimate.rates.items()
        },
    }


def _share(share: Share) -> dict[str, object]:
    return {
        "value": share.value,
        "low": share.low,
        "high": share.high,
        "n": share.hits,
        "base": share.base,
        "dispersion": share.dispersion,
    }


def replay_json(scored: Replay) -> dict[str, object]:
    """Return the JSON form of a replay's score."""
    predicted, actual = scored.pooled
    worst = scored.worst
    return {
        "seed": scored.seed,
        "repetitions": scored.repetitions,
        "fitted_days": scored.fitted,
        "scored_days": len(scored.days),
        "mean_absolute_error": scored.mean_absolute_error,
        "mean_absolute_error_working_days": scored.working_error,
        "bias": scored.bias,
        "carried_over_error": scored.carried_over,
        "worst_day": worst.day,
        "worst_error": worst.error,
        "abandonment_predicted": predicted,
        "abandonment_actual": actual,
        "days_outside_replays": scored.missed,
        "unscored": [{"day": day, "reason": reason} for day, reason in scored.unscored],
        "staff_follows_calls_exponent": scored.elasticity.exponent,
        "priorities_apart": scored.ranks,
        "days": [
            {
                "day": day.day,
                "kind": day.kind,
                "offered": day.offered,
                "actual": day.actual,
                "predicted": day.predicted,
                "low": day.low,
                "high": day.high,
                "error": day.error,
                "staff_level": day.staff_level,
            }
            for day in scored.days
        ],
        "agents": scored.agents,
    }
