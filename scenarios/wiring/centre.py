"""Agents, callers, the back office, and what they cost."""

from __future__ import annotations

from dataclasses import replace
from math import fsum

from sandbox.journey.asking import INTENT
from sandbox.scorecard.outcome import Prices
from sandbox.simulation.calendar import WorkCalendar
from sandbox.simulation.handling import ExponentialTalk, ObservedTalk, QuantileTalk, TalkTime
from sandbox.simulation.settings import BackOfficeModel, CallCentreModel, SkillGroup
from scenarios.blocks import Block, CallCentre
from scenarios.blocks.callers import hazard_of
from scenarios.blocks.skills import Priorities
from scenarios.world.document import ScenarioDocument


def centre_of(document: ScenarioDocument) -> CallCentreModel:
    """Agents and callers."""
    block = document.call_centre
    other, redial = block.other_traffic, block.redial
    total = fsum(other.half_hour_weights)
    patience, mean, cv = block.patience_s_mean, block.handling_s_mean, block.handling_cv
    chasing = document.back_office.chasing
    return CallCentreModel(
        agents=document.agents_per_half_hour,
        other_calls_per_day=other.calls_per_day,
        other_weights=tuple(weight / total for weight in other.half_hour_weights),
        day_multiplier_cv=other.day_multiplier_cv,
        patience_s_mean=_given(patience),
        balk_rate=block.balk_rate,
        redial_rate={"campaign": redial.rate_campaign, "other": redial.rate_other},
        redial_delay_min_median=redial.delay_min_median,
        redial_delay_sigma=redial.delay_sigma,
        redials_max=redial.times_max,
        handling_s_mean={**_given(mean), INTENT: chasing.talk_s_mean},
        handling_cv={**_given(cv), INTENT: chasing.talk_cv},
        after_call_s_mean=block.after_call_s_mean,
        next_day_rate={"campaign": redial.next_day_rate, "other": redial.next_day_rate_other},
        weekday_factors=_weekday_factors(other.weekday_factors),
        talk_shapes=_talk_shapes(block),
        patience_shapes={who: hazard_of(pieces) for who, pieces in block.patience_hazard if pieces},
        skills=tuple(SkillGroup(skill.share, frozenset(skill.takes)) for skill in block.skills or ()),
        priority=_priority(block.priority),
    )


def _given(block: Block) -> dict[str, float]:
    """The numbers of a block that are not null, by key."""
    return {key: value for key, value in block if value is not None}


def _weekday_factors(factors: tuple[float, ...]) -> tuple[float, ...]:
    """Factors with mean 1; empty where all days are alike, so that nothing is multiplied."""
    if len(set(factors)) == 1:
        return ()
    mean = fsum(factors) / len(factors)
    return tuple(factor / mean for factor in factors)


def _priority(block: Priorities) -> dict[str, float]:
    """Priority by intent; empty where all are equal: the lines are then one queue."""
    ranks = dict(block)
    return {} if len(set(ranks.values())) == 1 else ranks


def _talk_shapes(block: CallCentre) -> dict[str, TalkTime]:
    """Talk time that is not lognormal, by intent."""
    shapes: dict[str, TalkTime] = {}
    for intent, shape in block.handling_shape:
        mean: float | None = getattr(block.handling_s_mean, intent)
        if isinstance(shape, dict):
            observed = shape.get("observed_s")
            shapes[intent] = (
                QuantileTalk(shape["quantiles_s"], mean) if observed is None else ObservedTalk(observed, mean)
            )
        elif shape == "exponential" and mean is not None:
            shapes[intent] = ExponentialTalk(mean)
    return shapes


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


def prices_of(document: ScenarioDocument, design: str) -> Prices:
    """Unit costs, and what a design costs whatever the volume: the campaign is one month."""
    block = document.costs
    return Prices(
        agent_hour=block.agent_hour,
        message=block.message,
        code=block.code,
        session=block.session,
        back_office_item=block.back_office_item,
        case=block.case,
        core_call=block.core_call,
        fixed=block.fixed_per_month.get(design, 0.0),
        whatsapp=block.whatsapp,
        email=block.email,
        letter=block.letter,
    )
