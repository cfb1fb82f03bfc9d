"""The campaign over its days: calendar, sends, and where the tally places what happens."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from itertools import accumulate
from math import fsum, log
from statistics import NormalDist

from sandbox.journey.steps.message import Message
from sandbox.model import Channel
from sandbox.scorecard.tally import Layout
from sandbox.simulation.calendar import SLOT_MIN, SLOT_MS, WorkCalendar
from sandbox.simulation.settings import CampaignPlan
from scenarios.blocks import Customers
from scenarios.world.document import ScenarioDocument

_HOUR_MIN = 60


def calendar_of(document: ScenarioDocument) -> WorkCalendar:
    """The scenario's working days and opening hours."""
    block = document.calendar
    return WorkCalendar(
        block.start_date,
        block.time_zone,
        block.working_days,
        block.open_minute,
        block.close_minute,
        block.follow_up_days,
    )


def plan_of(document: ScenarioDocument) -> CampaignPlan:
    """The campaign's plan: cases = messages / touches, the same in every design."""
    block = document.campaign
    total = fsum(block.send_weights)
    return CampaignPlan(
        cases=block.messages // block.touches_per_case,
        touches=block.touches_per_case,
        gap_days=block.touch_gap_days,
        cohort_days=document.cohort_days,
        send_from_min=block.send_from_minute,
        send_weights=tuple(weight / total for weight in block.send_weights),
    )


def for_message(plan: CampaignPlan, message: Message) -> CampaignPlan:
    """The plan with a design's own touches: the same cases on the same first day, whatever its sequence."""
    sequence = message.sequence
    if not sequence:
        return replace(plan, channels=(Channel(message.channel),))
    return replace(
        plan,
        touches=len(sequence),
        touch_days=tuple(accumulate(touch.wait_days for touch in sequence)),
        channels=tuple(dict.fromkeys(Channel(touch.channel) for touch in sequence)),
    )


def layout_of(document: ScenarioDocument, calendar: WorkCalendar, hours: frozenset[int]) -> Layout:
    """What the tally must know of the scenario."""
    plan = plan_of(document)
    slots = range(calendar.slots)
    return Layout(
        cases=plan.cases,
        cohort_days=plan.cohort_days,
        opens_ms=calendar.opens_ms,
        campaign_days=document.calendar.working_days,
        slots=calendar.slots,
        slot_ms=SLOT_MS,
        busy_slots=frozenset(
            slot for slot in slots if (calendar.open_min + SLOT_MIN * slot) // _HOUR_MIN in hours
        ),
        end_ms=calendar.end_ms,
        bands=tuple(document.customers.arrears_bands),
    )


def busy_hours(document: ScenarioDocument) -> frozenset[int]:
    """The four clock hours with most planned offered calls, e.g. {9, 10, 11, 14}.

    Planned calls of an hour: other traffic by its profile, plus the campaign's responders to a day's sends, spread
    by the response delay. Called on the scenario as shipped, so that the hours are the same for every design and
    setting.
    """
    calendar = document.calendar
    other = document.call_centre.other_traffic
    total = fsum(other.half_hour_weights)
    planned: dict[int, float] = defaultdict(float)
    starts = range(calendar.open_minute, calendar.close_minute, SLOT_MIN)
    for start, weight in zip(starts, other.half_hour_weights, strict=True):
        planned[start // _HOUR_MIN] += other.calls_per_day * weight / total
    campaign, who = document.campaign, document.customers
    daily = (
        campaign.messages / calendar.working_days * document.channels.sms.delivered_rate * who.response_rate
    )
    weights = fsum(campaign.send_weights)
    for hour, weight in enumerate(campaign.send_weights):
        sent_min = campaign.send_from_minute + _HOUR_MIN * hour + _HOUR_MIN // 2
        for start in starts:
            share = _responded(start + SLOT_MIN - sent_min, who) - _responded(start - sent_min, who)
            planned[start // _HOUR_MIN] += daily * weight / weights * share
    return frozenset(sorted(planned, key=lambda hour: (-planned[hour], hour))[:4])


def _responded(minutes: float, who: Customers) -> float:
    """Share of responders who act within so many minutes: the lognormal distribution function."""
    if minutes <= 0:
        return 0.0
    if who.response_delay_sigma <= 0:
        return float(minutes >= who.response_delay_min_median)
    return NormalDist().cdf(log(minutes / who.response_delay_min_median) / who.response_delay_sigma)
