"""From an interval report to settings, for `calibrate` and for `--calls` alike, and what a report cannot show."""

from __future__ import annotations

from math import fsum

from sandbox.experiment.intervals import Estimate
from scenarios.calibration.acd_report import CallCentreEstimate
from scenarios.calibration.acd_statements import weekdays_told
from scenarios.calibration.fragment import FITTED, SET_ASIDE, Found
from scenarios.files.values import minutes
from scenarios.world.spec import Scenario

ASIDE = "the data stand in for it"
"""Note of what the scenario says in another way than the data do."""

PATIENCE, HAZARD = "call_centre.patience_s_mean.other", "call_centre.patience_hazard.other"

_TRAFFIC = "call_centre.other_traffic"
_WEEKDAYS = f"{_TRAFFIC}.weekday_factors"
_SHIFTS, _SHRINKAGE = "call_centre.shifts", "call_centre.shrinkage"
_NEXT_DAY = "call_centre.redial.next_day_rate_other"
_HALF_HOUR_MIN = 30
_NOBODY = 0.0
_LEAST_TALK_S = 0.1


def report_settings(estimate: CallCentreEstimate, base: Scenario) -> list[Found]:
    """Settings an interval report gives: what it shows, and what of the scenario it stands in for."""
    shown = [*_by_half_hour(estimate), *_days(estimate), *_callers(estimate, base)]
    paths = {one.path for one in shown}
    return shown + [one for one in stood_in_for(estimate, base) if one.path not in paths]


def unseen_day_cv(base: Scenario) -> float:
    """How the scenario's days differ: what stays, and what agents are inferred with, where a report has one day."""
    return base.document.call_centre.other_traffic.day_multiplier_cv


def shows_agents(estimate: CallCentreEstimate) -> bool:
    """Whether agents can be inferred: somebody was answered, and somebody left after a wait."""
    return estimate.patience_s is not None and estimate.aht_s is not None


def _by_half_hour(estimate: CallCentreEstimate) -> list[Found]:
    """Calls a day; and from the first half hour with calls to the last hours, agents and the profile of the day.

    These are taken together or not at all: without agents the scenario's own stay.
    """
    by_start = {minutes(slot.start): slot for slot in estimate.slots}
    first, last = min(by_start), max(by_start)
    starts = range(first, last + _HALF_HOUR_MIN, _HALF_HOUR_MIN)
    offered = [by_start[start].offered_per_day if start in by_start else _NOBODY for start in starts]
    agents = [(by_start[start].agents or _NOBODY) if start in by_start else _NOBODY for start in starts]
    per_day = Found(
        f"{_TRAFFIC}.calls_per_day",
        round(fsum(offered), 3),
        "mean of the working days; redials inside",
        range=_range(estimate.intervals.figures["offered_per_day"]),
    )
    if not shows_agents(estimate):
        return [per_day]
    inferred = (
        "inferred, not measured: Erlang-A, averaged over the days' loads, then gives back the abandonment"
    )
    weights = [round(value, 6) for value in offered]
    return [
        Found("calendar.open", _clock(first), "first half hour with calls"),
        Found("calendar.close", _clock(last + _HALF_HOUR_MIN), "last half hour with calls"),
        Found("call_centre.agents", [round(value, 3) for value in agents], inferred, FITTED),
        per_day,
        Found(f"{_TRAFFIC}.half_hour_weights", weights, "mean calls of a working day in each half hour"),
    ]


def _days(estimate: CallCentreEstimate) -> list[Found]:
    """How days differ: weekdays apart from the day's own level where both can be told; nothing of a single day."""
    day = estimate.day
    cv = f"{_TRAFFIC}.day_multiplier_cv"
    if day.day_cv is None:
        return []
    if not day.weekdays_apart:
        note = "day-to-day, net of Poisson noise; weekday differences inside"
        return [Found(cv, round(day.day_cv, 4), note, range=estimate.intervals.day_cv)]
    factors = [day.weekday_factors[weekday] for weekday in day.weekdays]
    return [
        Found(_WEEKDAYS, factors, "mean calls of each weekday, Monday to Friday"),
        Found(
            cv,
            day.day_cv_in_weekday,
            "day-to-day, net of Poisson noise and of weekdays",
            range=estimate.intervals.day_cv_in_weekday,
        ),
    ]


def _callers(estimate: CallCentreEstimate, base: Scenario) -> list[Found]:
    """Patience and handling time where the report shows them; what it cannot tell is set aside."""
    found = []
    if estimate.patience_s is not None:
        note = "waits of all callers / abandoned calls: maximum likelihood, answered callers censored"
        if estimate.patience_biased_low:
            note = "a lower bound: waits of answered callers / abandoned calls, the others' are not in the report"
        # A bound has no interval: how far above it the patience lies is what the report does not say.
        ends = None if estimate.patience_biased_low else _range(estimate.intervals.patience_s)
        found.append(Found(PATIENCE, round(estimate.patience_s, 1), note, FITTED, ends))
    if estimate.aht_s is not None:
        # The report's handling time includes after-call work; the scenario adds that on top of talk.
        after_call = base.document.call_centre.after_call_s_mean
        talk = max(estimate.aht_s - after_call, 1.0)
        note = "mean of answered calls less the scenario's after-call work"
        ends = _range(estimate.intervals.aht_s)
        if ends is not None:
            ends = max(ends[0] - after_call, _LEAST_TALK_S), max(ends[1] - after_call, talk)
        found.append(Found("call_centre.handling_s_mean.other", round(talk, 1), note, range=ends))
    return [
        *found,
        Found("call_centre.redial.rate_other", 0.0, "redials are inside the calls counted", SET_ASIDE),
        Found("call_centre.balk_rate", 0.0, "who leaves at once is inside the abandoned", SET_ASIDE),
    ]


def _range(found: Estimate) -> tuple[float, float] | None:
    return None if found.low is None or found.high is None else (found.low, found.high)


def stood_in_for(estimate: CallCentreEstimate, base: Scenario) -> list[Found]:
    """What the scenario says of its call centre in another way than the report does, made to say nothing.

    Inferred agents are those who answered: net of any shrinkage; without them the scenario's own staffing stays.
    The report's days hold their weekdays and the callers who came back from the day before.
    """
    centre = base.document.call_centre
    staffed = shows_agents(estimate)
    said = {
        _SHIFTS: (staffed and centre.shifts is not None, None),
        _SHRINKAGE: (staffed and centre.shrinkage > 0, 0.0),
        _WEEKDAYS: (len(set(centre.other_traffic.weekday_factors)) > 1, [1.0, 1.0, 1.0, 1.0, 1.0]),
        HAZARD: (estimate.patience_s is not None and centre.patience_hazard.other is not None, None),
        _NEXT_DAY: (centre.redial.next_day_rate_other > 0, 0.0),
    }
    return [Found(path, nothing, ASIDE, SET_ASIDE) for path, (speaks, nothing) in said.items() if speaks]


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
    """Say what is not taken where agents cannot be inferred, weekdays lack, or one day has to stand for all."""
    return [*_unseen_agents(estimate), *weekdays_told(estimate.day, estimate.totals), *_unseen_days(estimate)]


def _unseen_days(estimate: CallCentreEstimate) -> list[str]:
    day = estimate.day
    if day.day_cv is None:
        agents = ", and agents are inferred for days that differ so" if shows_agents(estimate) else ""
        return [
            f"How days differ: there is one working day, so the scenario's day_multiplier_cv stays{agents}."
        ]
    if day.weekdays_apart or len(day.weekdays) == 1:
        return []
    why = (
        "no weekday was seen twice"
        if day.day_cv_in_weekday is None
        else "a scenario's weekdays are Monday to Friday, all of them"
    )
    return [f"Weekdays apart from the days' own level: {why}, so they are inside day_multiplier_cv."]


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


def _clock(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"
