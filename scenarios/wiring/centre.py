"""Agents, callers, the back office, and what they cost."""

from __future__ import annotations

from sandbox.scorecard.outcome import Prices
from sandbox.simulation.settings import BackOfficeModel, CallCentreModel
from scenarios.document import ScenarioDocument


def centre_of(document: ScenarioDocument) -> CallCentreModel:
    """Agents and callers."""
    block = document.call_centre
    other, redial = block.other_traffic, block.redial
    total = sum(other.half_hour_weights)
    patience, mean, cv = block.patience_s_mean, block.handling_s_mean, block.handling_cv
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
        handling_s_mean={"routine": mean.routine, "judgement": mean.judgement, "other": mean.other},
        handling_cv={"routine": cv.routine, "judgement": cv.judgement, "other": cv.other},
        after_call_s_mean=block.after_call_s_mean,
    )


def back_office_of(document: ScenarioDocument) -> BackOfficeModel:
    """Manual work behind the call centre."""
    office = document.back_office
    return BackOfficeModel(
        office.wait_h_median,
        office.wait_sigma,
        office.touch_min_mean,
        office.error_rate,
        office.error_found_rate,
    )


def prices_of(document: ScenarioDocument) -> Prices:
    """Unit costs."""
    block = document.costs
    return Prices(
        block.agent_hour,
        block.message,
        block.code,
        block.session,
        block.back_office_item,
        block.whatsapp,
        block.email,
        block.letter,
    )
