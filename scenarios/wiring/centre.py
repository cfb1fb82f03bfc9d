"""Agents, callers, the back office, and what they cost."""

from __future__ import annotations

from dataclasses import replace

from sandbox.journey.asking import INTENT
from sandbox.scorecard.outcome import Prices
from sandbox.simulation.calendar import WorkCalendar
from sandbox.simulation.settings import BackOfficeModel, CallCentreModel
from scenarios.document import ScenarioDocument


def centre_of(document: ScenarioDocument) -> CallCentreModel:
    """Agents and callers."""
    block = document.call_centre
    other, redial = block.other_traffic, block.redial
    total = sum(other.half_hour_weights)
    patience, mean, cv = block.patience_s_mean, block.handling_s_mean, block.handling_cv
    chasing = document.back_office.chasing
    return CallCentreModel(
        agents=document.agents_per_half_hour,
        other_calls_per_day=other.calls_per_day,
        other_weights=tuple(weight / total for weight in other.half_hour_weights),
        day_multiplier_cv=other.day_multiplier_cv,
        patience_s_mean={"campaign": patience.campaign, "other": patience.other},
        balk_rate=block.balk_rate,
        redial_rate={"campaign": redial.rate_campaign, "other": redial.rate_other},
        redial_delay_min_median=redial.delay_min_median,
        redial_delay_sigma=redial.delay_sigma,
        redials_max=redial.times_max,
        handling_s_mean={
            "routine": mean.routine,
            "judgement": mean.judgement,
            "other": mean.other,
            INTENT: chasing.talk_s_mean,
        },
        handling_cv={
            "routine": cv.routine,
            "judgement": cv.judgement,
            "other": cv.other,
            INTENT: chasing.talk_cv,
        },
        after_call_s_mean=block.after_call_s_mean,
    )


def back_office_of(document: ScenarioDocument) -> BackOfficeModel:
    """Manual work behind the call centre."""
    office = document.back_office
    chasing = office.chasing
    return BackOfficeModel(
        clerks=office.clerks,
        wait_h_median=office.wait_h_median,
        wait_sigma=office.wait_sigma,
        touch_min_mean=office.touch_min_mean,
        lost_rate=office.lost_rate,
        rekeying_clerks=office.rekeying_clerks,
        rekey_min_mean=office.rekey_min_mean,
        error_rate=office.error_rate,
        error_found_rate=office.error_found_rate,
        chase_after_h=chasing.after_h,
        chase_rate=chasing.rate,
        surfaces_rate=chasing.failure_rate,
        surfaces_d_median=chasing.failure_after_d_median,
        surfaces_sigma=chasing.failure_after_sigma,
    )


def office_hours_of(document: ScenarioDocument, lines: WorkCalendar) -> WorkCalendar:
    """When the back office works: on the same days as the lines, in hours of its own if it has any."""
    hours = document.back_office.open_minutes
    if hours is None:
        return lines
    return replace(lines, open_min=hours[0], close_min=hours[1])


def prices_of(document: ScenarioDocument) -> Prices:
    """Unit costs."""
    block = document.costs
    return Prices(block.agent_hour, block.message, block.code, block.session, block.back_office_item)
