"""From what a call log shows to settings, beyond what an interval report does, and what it cannot show."""

from __future__ import annotations

import math
from collections.abc import Sequence

from scenarios.calibration.call_arrivals import without
from scenarios.calibration.call_estimate import (
    REDIAL_WITHIN,
    SHORT_CALL_S,
    CallEstimate,
    Patience,
    Redial,
)
from scenarios.calibration.fragment import FITTED, SET_ASIDE, Found
from scenarios.calibration.report_settings import ASIDE, HAZARD, PATIENCE, report_settings, shows_agents
from scenarios.percent import in_percent
from scenarios.world.spec import Scenario


def log_settings(estimate: CallEstimate, base: Scenario) -> list[Found]:
    """Settings a call log gives: those of its interval report, the shapes it shows on top, redials taken apart."""
    found = {one.path: one for one in report_settings(estimate.centre, base)}
    over = [*_patience(estimate.patience), *_handling(estimate, base)]
    if estimate.redial is not None:
        over += _redials(estimate, estimate.redial)
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
        note = "waits of all callers / abandoned calls: maximum likelihood, answered callers censored"
        return [
            Found(PATIENCE, mean, note, range=(low, high)),
            Found(HAZARD, None, ASIDE, SET_ASIDE),
        ]
    pieces: list[dict[str, float]] = [
        ({} if band.until_s is None else {"until_s": band.until_s}) | {"per_1000_s": band.per_1000_s}
        for band in patience.bands
    ]
    note = f"leavers per 1,000 s waited, answered callers censored; as one number {mean:.0f} s"
    return [
        Found(PATIENCE, None, "the hazard below has a mean of its own", SET_ASIDE),
        Found(HAZARD, pieces, note),
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
    at_once = in_percent(patience.at_once / (patience.left + patience.answered), 0)
    longest = max((step.at for step in patience.curve), default=0.0)
    said = [
        (
            f"Patience of the {patience.at_once:,} callers answered at once ({at_once}): "
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


def dirty_limit(dirty: int, rows: int) -> Sequence[str]:
    """Warn where so much was left out that the rest may not stand for it."""
    if dirty <= rows * _DIRTY_SHARE:
        return ()
    return (
        (
            f"Rows left out are {in_percent(dirty / rows, 0)}: the mapping of columns may be wrong, and what is left "
            "may not stand for the rest."
        ),
    )


_DIRTY_SHARE = 0.05
"""Above it a warning; one bank's raw log had 0.9 % of rows that are no calls."""
