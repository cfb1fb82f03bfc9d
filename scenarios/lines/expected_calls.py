"""Calls a design puts on the lines, in expectation: by kind of campaign day and half hour, before any redial."""

from __future__ import annotations

from collections import Counter
from functools import lru_cache
from math import fsum, log
from typing import NamedTuple

import numpy as np

from sandbox.experiment.erlang_a_rows import Floats
from sandbox.journey.design import compile_design
from sandbox.journey.schema import DesignDocument
from sandbox.journey.steps.message import Message
from sandbox.model import Channel
from sandbox.policy.document import PolicyDocument
from sandbox.simulation.callers import OTHER
from sandbox.simulation.settings import CallCentreModel, CampaignPlan, PeopleModel
from scenarios.lines.call_shares import Shares, audience_of, call_shares
from scenarios.wiring.message import people_facing, plan_for
from scenarios.wiring.people import people_of
from scenarios.wiring.plan import calendar_of, for_message, plan_of
from scenarios.world.document import ScenarioDocument

_DAY_MIN = 24 * 60
_HOUR_MIN = 60
_HALF_HOUR_MIN = 30

_DELAYS = 400
"""Equally likely delays that stand for the lognormal."""

_WITHIN = 6
"""Moments an hour of sends (or a half hour of calls) stands for."""


class ExpectedCalls(NamedTuple):
    """Demand of one design.

    Attributes:
        days: how many campaign days are of each kind.
        campaign, other: calls by kind of day and half hour.
        campaign_handling_s, other_handling_s: mean time an agent spends, after-call work included.
        campaign_patience_s, other_patience_s: mean patience.
    """

    days: Floats
    campaign: Floats
    other: Floats
    campaign_handling_s: float
    campaign_patience_s: float
    other_handling_s: float
    other_patience_s: float


def expected_calls(
    document: ScenarioDocument, policy: PolicyDocument, design: DesignDocument, centre: CallCentreModel
) -> ExpectedCalls:
    """Reckon what a design's campaign and the other traffic bring, by kind of day and half hour.

    A kind of day is which touches go out on it and which weekday it is.
    """
    compiled = compile_design(design)
    message = compiled.message
    plan = plan_for(message, for_message(plan_of(document), message))
    people = people_facing(message, people_of(document))
    audience = audience_of(policy, people)
    shares = call_shares(compiled, audience, people, document.channels.code_sms.delivered_rate)
    calls_each = fsum(shares.calls.values()) * document.channels.voice.connected_rate
    closes = shares.completed + calls_each * people.known_facts_pass_rate * (1.0 - shares.nothing)
    responders = _responders(document, plan, message, people, closes)
    per_day = plan.cases / plan.cohort_days * audience.admitted
    kinds, level = _kinds_of_day(document, plan, centre)
    by_day = (
        np.array([fsum(responders[touch] for touch in touches) for touches, _ in kinds])
        * per_day
        * calls_each
    )
    letters = _letters(document, message, people) * per_day
    by_day += letters * np.array([bool(touches) for touches, _ in kinds])
    arriving = np.array(plan.send_weights) @ response_kernel(document, plan, people)
    handled = _means(shares.calls, {one: _talk_s(centre, one) for one in shares.calls})
    patience = 1.0 / _means(shares.calls, {one: 1.0 / patience_s(centre, one) for one in shares.calls})
    other = np.array([centre.other_calls_per_day * level[weekday] for _, weekday in kinds])
    return ExpectedCalls(
        np.array(list(kinds.values()), float),
        by_day[:, None] * arriving,
        other[:, None] * np.array(centre.other_weights),
        handled + centre.after_call_s_mean,
        patience,
        _talk_s(centre, OTHER) + centre.after_call_s_mean,
        patience_s(centre, OTHER),
    )


def response_kernel(document: ScenarioDocument, plan: CampaignPlan, people: PeopleModel) -> Floats:
    """Share of responders to each hour's sends who call in each half hour of a day, (hours, half hours).

    Who acts while the lines are closed calls after the next opening, as long after it as they took to react, in
    hours of opening. Days follow on each other: what comes on a later day is counted at its time of day.
    """
    sms = document.channels.sms
    latency_min = sms.latency_s_median / 60.0
    return _kernel(
        plan.send_from_min,
        len(plan.send_weights),
        _HOUR_MIN,
        (people.response_delay_min_median + latency_min, people.response_delay_sigma),
        (document.calendar.open_minute, document.calendar.close_minute),
        True,
    )


def redial_kernel(document: ScenarioDocument, centre: CallCentreModel) -> Floats:
    """Share of same-day redials from each half hour that come in each half hour; later ones are lost with closing."""
    block = document.calendar
    return _kernel(
        block.open_minute,
        block.half_hours,
        _HALF_HOUR_MIN,
        (centre.redial_delay_min_median, centre.redial_delay_sigma),
        (block.open_minute, block.close_minute),
        False,
    )


@lru_cache(maxsize=64)
def _kernel(
    from_min: int,
    rows: int,
    step_min: int,
    delay: tuple[float, float],
    hours: tuple[int, int],
    comes_back: bool,
) -> Floats:
    opens, closes = hours
    delays = delay_quantiles(*delay)
    starts = from_min + step_min * np.arange(rows)[:, None] + step_min * (np.arange(_WITHIN) + 0.5) / _WITHIN
    at = starts[:, :, None] + delays
    clock = at % _DAY_MIN
    inside = (clock >= opens) & (clock < closes)
    if comes_back:
        clock = np.where(inside, clock, opens + np.broadcast_to(delays % (closes - opens), clock.shape))
        inside = np.ones_like(inside)
    else:
        inside &= at < closes
    slots = ((clock - opens) // _HALF_HOUR_MIN).astype(int)
    slots[~inside] = 0
    kernel = np.zeros((rows, (closes - opens) // _HALF_HOUR_MIN))
    row = np.broadcast_to(np.arange(rows)[:, None, None], slots.shape)
    np.add.at(kernel, (row[inside], slots[inside]), 1.0 / (_WITHIN * len(delays)))
    return kernel


@lru_cache(maxsize=64)
def delay_quantiles(median_min: float, sigma: float) -> Floats:
    """Equally likely delays, minutes, that stand for a lognormal."""
    if sigma <= 0:
        return np.array([median_min])
    # Late: SciPy costs start-up time that most commands need not pay.
    from scipy.special import ndtri  # type: ignore[import-untyped]

    found: Floats = np.exp(log(max(median_min, 1e-9)) + sigma * ndtri((np.arange(_DELAYS) + 0.5) / _DELAYS))
    return found


def patience_s(centre: CallCentreModel, who: str) -> float:
    """Mean patience of one kind of caller, seconds; that of the campaign where they have none of their own."""
    for kind in (who, "campaign"):
        if kind in centre.patience_shapes:
            return centre.patience_shapes[kind].mean_s
        if kind in centre.patience_s_mean:
            return centre.patience_s_mean[kind]
    return centre.patience_s_mean["campaign"]


def _talk_s(centre: CallCentreModel, intent: str) -> float:
    mean = centre.handling_s_mean.get(intent)
    return float(getattr(centre.talk_shapes.get(intent), "mean_s", 0.0)) if mean is None else mean


def _means(shares: Shares, values: dict[str, float]) -> float:
    total = fsum(shares.values())
    if total <= 0:
        return values["routine"]
    return fsum(share * values[one] for one, share in shares.items()) / total


def _responders(
    document: ScenarioDocument, plan: CampaignPlan, message: Message, people: PeopleModel, closes: float
) -> list[float]:
    """Share of admitted cases who act on each touch; who is done after one touch is not sent the next."""
    touches = [touch.channel for touch in message.sequence] or [message.channel] * plan.touches
    open_cases, found = 1.0, []
    for touch, channel in enumerate(touches):
        acting = open_cases * _acting(document, people, (Channel(channel), *plan.channels), touch)
        found.append(acting)
        open_cases -= acting * closes + open_cases * people.opt_out_rate
    return found


def _acting(
    document: ScenarioDocument, people: PeopleModel, channels: tuple[Channel, ...], touch: int
) -> float:
    """Share of customers who act on a touch: by the planned channel, else by the first they consent to."""
    rate = people.response_rate * people.response_decay**touch
    acting, left = 0.0, 1.0
    for channel in dict.fromkeys(channels):
        habits = people.habits[channel]
        seen = _seen(document, channel)
        acting += left * habits.consent_rate * seen * min(1.0, rate * habits.response_factor)
        left *= 1.0 - habits.consent_rate
    return acting


def _seen(document: ScenarioDocument, channel: Channel) -> float:
    """Share of messages of a channel that arrive and are seen."""
    block = document.channels
    match channel:
        case Channel.WHATSAPP:
            return block.whatsapp.delivered_rate * block.whatsapp.read_rate
        case Channel.EMAIL:
            email = block.email
            return (1.0 - email.bounce_rate) * email.inbox_rate * email.opened_rate
        case _:
            return block.sms.delivered_rate


def _letters(document: ScenarioDocument, message: Message, people: PeopleModel) -> float:
    """Share of cases who call because of a letter: those whom no channel of the design may reach."""
    channels = {Channel(touch.channel) for touch in message.sequence} or {Channel(message.channel)}
    unreached = 1.0
    for channel in channels:
        unreached *= 1.0 - people.habits[channel].consent_rate
    letter = document.outreach.letter
    return unreached * letter.address_rate * letter.response_rate


def _kinds_of_day(
    document: ScenarioDocument, plan: CampaignPlan, centre: CallCentreModel
) -> tuple[Counter[tuple[tuple[int, ...], int]], dict[int, float]]:
    """How many campaign days have which touches on which weekday, and other traffic's factor by weekday."""
    calendar = calendar_of(document)
    kinds: Counter[tuple[tuple[int, ...], int]] = Counter()
    varied = centre.weekday_factors
    for day in range(document.calendar.working_days):
        going = tuple(
            touch
            for touch in range(plan.touches)
            if 0 <= day - plan.day_of_touch(touch + 1) < plan.cohort_days
        )
        kinds[going, calendar.weekday(day) if varied else 0] += 1
    return kinds, dict(enumerate(varied)) if varied else {0: 1.0}
