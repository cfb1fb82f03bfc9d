"""From what a call log or an interval report shows to settings, and what neither of them can show."""

from __future__ import annotations

import math
from collections.abc import Sequence

from scenarios.acd_report import CallCentreEstimate
from scenarios.calibration.call_arrivals import without
from scenarios.calibration.call_estimate import (
    REDIAL_WITHIN,
    SHORT_CALL_S,
    CallEstimate,
    Patience,
    Redial,
)
from scenarios.calibration.fragment import FITTED, MEASURED, SET_ASIDE, Found
from scenarios.calls import set_aside_by, settings_of
from scenarios.spec import Scenario

_MONDAY_TO_FRIDAY = range(5)
_DAY_CV = "call_centre.other_traffic.day_multiplier_cv"
_PATIENCE, _HAZARD = "call_centre.patience_s_mean.other", "call_centre.patience_hazard.other"
_NOTES = {
    "calendar.open": "first half hour with calls",
    "calendar.close": "last half hour with calls",
    "call_centre.agents": (
        "inferred, not measured: Erlang-A, averaged over the days' loads, then gives back the abandonment"
    ),
    "call_centre.other_traffic.calls_per_day": "mean of the working days; redials inside",
    "call_centre.other_traffic.half_hour_weights": "mean calls of a working day in each half hour",
    "call_centre.other_traffic.day_multiplier_cv": "day-to-day, net of Poisson noise; weekday differences inside",
    _PATIENCE: "waits of all callers / abandoned calls: maximum likelihood, answered callers censored",
    "call_centre.handling_s_mean.other": "mean of answered calls less the scenario's after-call work",
    "call_centre.redial.rate_other": "redials are inside the calls counted",
    "call_centre.balk_rate": "who leaves at once is inside the abandoned",
}
_SOURCES = {
    "call_centre.agents": FITTED,
    "call_centre.redial.rate_other": SET_ASIDE,
    "call_centre.balk_rate": SET_ASIDE,
}
_ASIDE = "the data stand in for it"
_WITH_AGENTS = (
    "call_centre.agents",
    "calendar.open",
    "calendar.close",
    "call_centre.other_traffic.half_hour_weights",
)
"""Settings by half hour, which are taken together or not at all."""

_STAFFING = ("call_centre.shifts", "call_centre.shrinkage")


def report_settings(estimate: CallCentreEstimate, base: Scenario) -> list[Found]:
    """Settings an interval report gives; the same as `--calls` takes from it."""
    values = settings_of(estimate, base)
    if estimate.patience_s is None:
        values.pop(_PATIENCE)
    if estimate.aht_s is None:
        values.pop("call_centre.handling_s_mean.other")
    if estimate.day_cv is None:
        values.pop(_DAY_CV)
    if not shows_agents(estimate):
        for path in _WITH_AGENTS:
            values.pop(path)
    settings = [
        Found(path, value, _NOTES[path], _SOURCES.get(path, MEASURED)) for path, value in values.items()
    ]
    return settings + [
        Found(path, value, _ASIDE, SET_ASIDE)
        for path, value in _aside(estimate, base).items()
        if path not in values
    ]


def shows_agents(estimate: CallCentreEstimate) -> bool:
    """Whether agents can be inferred: somebody was answered, and somebody left after a wait."""
    return estimate.patience_s is not None and estimate.aht_s is not None


def log_settings(estimate: CallEstimate, base: Scenario) -> list[Found]:
    """Settings a call log gives: those of its interval report, the shapes it shows on top, redials taken apart."""
    found = {one.path: one for one in report_settings(estimate.centre, base)}
    over = [*_patience(estimate.patience), *_handling(estimate, base), *_traffic(estimate)]
    for one in over:
        found.pop(one.path, None)
        found[one.path] = one
    return list(found.values())


def best_shape(patience: Patience) -> str:
    """The shape a scenario can hold that describes the waits best: exponential or piecewise."""
    held = {name: value for name, value in patience.criteria.items() if name != "weibull"}
    return min(held, key=lambda name: held[name]) if held else ""


def _patience(patience: Patience) -> list[Found]:
    mean, low, high = patience.exponential_mean_s, patience.exponential_low_s, patience.exponential_high_s
    if mean is None or low is None or high is None:
        return []
    if best_shape(patience) == "exponential":
        return [
            Found(_PATIENCE, mean, _NOTES[_PATIENCE], range=(low, high)),
            Found(_HAZARD, None, _ASIDE, SET_ASIDE),
        ]
    pieces: list[dict[str, float]] = [
        ({} if band.until_s is None else {"until_s": band.until_s}) | {"per_1000_s": band.per_1000_s}
        for band in patience.bands
    ]
    note = f"leavers per 1,000 s waited, answered callers censored; as one number {mean:.0f} s"
    return [
        Found(_PATIENCE, None, "the hazard below has a mean of its own", SET_ASIDE),
        Found(_HAZARD, pieces, note),
    ]


def _handling(estimate: CallEstimate, base: Scenario) -> list[Found]:
    handling = estimate.handling
    if handling is None:
        return []
    after_call = base.document.call_centre.after_call_s_mean
    talk = max(handling.mean_s - after_call, 1.0)
    # After-call work comes on top with a spread of its own (CV 1); talk has what is left of the variance.
    variance = max(0.0, (handling.cv * handling.mean_s) ** 2 - after_call**2)
    error = 1.96 * handling.cv * handling.mean_s / math.sqrt(handling.n)
    total = f"{handling.mean_s:.1f} s a call in the log"
    return [
        Found(
            "call_centre.handling_s_mean.other",
            talk,
            f"{total}, less the scenario's after-call work of {after_call:g} s",
            range=(max(talk - error, 0.1), talk + error),
        ),
        Found(
            "call_centre.handling_cv.other",
            math.sqrt(variance) / talk,
            f"so that talk and after-call work together have the log's own {handling.cv:.2f}",
            FITTED,
        ),
        Found("call_centre.handling_shape.other", "lognormal", "the shape fitted to the log", FITTED),
    ]


def _traffic(estimate: CallEstimate) -> list[Found]:
    found: list[Found] = []
    arrivals = estimate.arrivals
    if set(arrivals.weekday_factors) == set(_MONDAY_TO_FRIDAY) and arrivals.day_cv_in_weekday is not None:
        factors = [arrivals.weekday_factors[weekday] for weekday in _MONDAY_TO_FRIDAY]
        prefix = "call_centre.other_traffic"
        found = [
            Found(f"{prefix}.weekday_factors", factors, "mean calls of each weekday, Monday to Friday"),
            Found(
                f"{prefix}.day_multiplier_cv",
                arrivals.day_cv_in_weekday,
                "day-to-day, net of Poisson noise and of weekdays",
            ),
        ]
    if estimate.redial is not None:
        found += _redials(estimate, estimate.redial)
    return found


def _aside(estimate: CallCentreEstimate, base: Scenario) -> dict[str, object]:
    """What the scenario says in another way; its own staffing stays where nothing stands in for it."""
    kept = set() if shows_agents(estimate) else set(_STAFFING)
    kept |= {_HAZARD} if estimate.patience_s is None else set()
    return {path: value for path, value in set_aside_by(base).items() if path not in kept}


def _redials(estimate: CallEstimate, redial: Redial) -> list[Found]:
    """Redials apart from the traffic: what is taken out of the calls comes back as calls of who left."""
    day = estimate.arrivals.day
    start = day.slots[0].number
    first_calls = {
        slot.number: slot.offered_per_day for slot in without(day, estimate.log.calls, redial.lines)
    }
    weights = [first_calls.get(number, 0.0) for number in range(start, day.slots[-1].number + 1)]
    left = estimate.patience.left
    within = f"within {REDIAL_WITHIN.total_seconds() / 60:.0f} min"
    told = (
        f"{redial.again} of {left} calls abandoned were followed by another {within}; "
        f"{redial.identified} could be told apart"
    )
    found = [
        Found(
            "call_centre.other_traffic.calls_per_day",
            math.fsum(weights),
            "mean of the working days without redials",
        ),
        *(
            [
                Found(
                    "call_centre.other_traffic.half_hour_weights",
                    weights,
                    "mean calls of a working day in each half hour without redials",
                )
            ]
            if shows_agents(estimate.centre)
            else []
        ),
        Found("call_centre.redial.rate_other", redial.again / left, told),
    ]
    if redial.delay_min_median is not None and redial.delay_sigma is not None:
        note = "from leaving to calling again; the scenario has one for all callers"
        found += [
            Found("call_centre.redial.delay_min_median", redial.delay_min_median, note),
            Found("call_centre.redial.delay_sigma", redial.delay_sigma, note),
        ]
    return found


def log_limits(estimate: CallEstimate) -> list[str]:
    """What this log cannot show, one sentence each."""
    patience = estimate.patience
    total = patience.left + patience.answered
    longest = max((step.at for step in patience.curve), default=0.0)
    said = [
        (
            f"Patience of the {patience.at_once:,} callers answered at once ({patience.at_once / total:.0%}): "
            "they never waited; they are taken to be like the others."
        ),
        (
            f"Balking against reneging: {patience.left_at_zero:,} callers left after 0 s; whether they would have "
            "waited for an announcement cannot be told, and they count as abandoned."
        ),
        f"Patience beyond {longest:.0f} s: nobody was seen to leave later, so the tail is extrapolated.",
        "Agents on duty: the log has no log-in times; they are inferred from abandonment, as effective ones.",
        "After-call work: the log has one handling time; the scenario's after-call work is taken to be inside it.",
        "Callers who met a busy line or left in the voice menu: they are in no queue and in no log.",
        "Campaign callers: the log shows callers before a campaign; theirs stay assumptions of the scenario.",
    ]
    if estimate.redial is None:
        few = "caller_id" in estimate.log.columns.position
        why = "too few leavers have an id" if few else "the log has no caller ids (--column caller_id=HEADER)"
        said.append(f"Repeat callers: {why}, so a redial counts as a call and as a person.")
    if "priority" in estimate.groups:
        said.append(
            "Order of the queue: who has priority waits less for the same patience, so waits by priority say nothing "
            "of whose patience is longer; a head start is not in the log."
        )
    if estimate.handling is not None and estimate.handling.short:
        said.append(
            f"Whether the {estimate.handling.short:,} answered calls under {SHORT_CALL_S:.0f} s were calls: "
            "they stay in the mean, which is work, and out of the lognormal."
        )
    return said


def report_limits(estimate: CallCentreEstimate) -> list[str]:
    """What an interval report cannot show, one sentence each."""
    said = [
        "The shape of patience and of handling times: a report has means; exponential patience is assumed.",
        "Repeat callers, balking, and callers who met a busy line: they are inside the counts or nowhere.",
        "Agents on duty: inferred from abandonment; they stand for effective ones.",
        "Campaign callers: the report shows callers before a campaign; theirs stay assumptions of the scenario.",
    ]
    if estimate.patience_biased_low:
        said.insert(0, "How long the abandoned waited: without their waits the patience is a lower bound.")
    return said


def reported(estimate: CallCentreEstimate) -> dict[str, float | None]:
    """The figures a simulation of this call centre has to come back to; none where its agents are not known."""
    return estimate.figures if shows_agents(estimate) else {}


def unseen_parts(estimate: CallCentreEstimate) -> list[str]:
    """Say what is not taken where agents cannot be inferred, or one day has to stand for all."""
    return [*_unseen_agents(estimate), *_unseen_days(estimate)]


def _unseen_days(estimate: CallCentreEstimate) -> list[str]:
    if estimate.day_cv is not None:
        return []
    agents = ", and agents are inferred for days that differ so" if shows_agents(estimate) else ""
    return [f"How days differ: there is one working day, so the scenario's day_multiplier_cv stays{agents}."]


def _unseen_agents(estimate: CallCentreEstimate) -> list[str]:
    if shows_agents(estimate):
        return []
    why = "nobody was answered" if estimate.aht_s is None else "nobody left after a wait"
    return [
        (
            f"Agents: {why}, so they cannot be inferred; agents, opening hours and the profile of the day stay the "
            "scenario's, and there is no history to be reproduced."
        )
    ]


def dirty_limit(dirty: int, rows: int) -> Sequence[str]:
    """Warn where so much was left out that the rest may not stand for it."""
    if dirty <= rows * _DIRTY_SHARE:
        return ()
    return (
        (
            f"Rows left out are {dirty / rows:.0%}: the mapping of columns may be wrong, and what is left may not "
            "stand for the rest."
        ),
    )


_DIRTY_SHARE = 0.05
"""Above it a warning; one bank's raw log had 0.9 % of rows that are no calls."""
