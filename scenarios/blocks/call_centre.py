"""Agents and callers."""

from __future__ import annotations

from typing import Annotated

from pydantic import PlainValidator

from scenarios.blocks.kinds import Block, Minutes, Rate, Seconds, Sigma, Spread
from scenarios.values import (
    agents,
    number,
    weights,
    whole,
)


class OtherTraffic(Block):
    """Calls that have nothing to do with the campaign."""

    calls_per_day: Annotated[float, PlainValidator(number(0, 1_000_000))]
    half_hour_weights: Annotated[tuple[float, ...], PlainValidator(weights(48))]
    day_multiplier_cv: Spread


class Patience(Block):
    """Mean time a caller is ready to wait, seconds."""

    campaign: Seconds
    other: Seconds


class Redial(Block):
    """Who calls again after leaving the queue, when and how often."""

    rate_campaign: Rate
    rate_other: Rate
    delay_min_median: Minutes
    delay_sigma: Sigma
    times_max: Annotated[int, PlainValidator(whole(0, 20))]


class HandlingMean(Block):
    """Mean talk time by kind of call, seconds."""

    routine: Seconds
    judgement: Seconds
    other: Seconds


class HandlingSpread(Block):
    """Coefficient of variation of talk time by kind of call."""

    routine: Spread
    judgement: Spread
    other: Spread


class CallCentre(Block):
    """Agents and callers. `agents` is one number, or one for each half hour from opening to closing."""

    agents: Annotated[float | tuple[float, ...], PlainValidator(agents)]
    other_traffic: OtherTraffic
    patience_s_mean: Patience
    balk_rate: Rate
    redial: Redial
    handling_s_mean: HandlingMean
    handling_cv: HandlingSpread
    after_call_s_mean: Annotated[float, PlainValidator(number(0, 3_600))]
    abandonment_limit: Rate
    wait_limit_s: Seconds
