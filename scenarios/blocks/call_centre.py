"""Agents and callers."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, PlainValidator, Strict, model_validator

from scenarios.blocks.callers import (
    HandlingMean,
    HandlingShape,
    HandlingSpread,
    Patience,
    PatienceHazard,
    caller_faults,
)
from scenarios.blocks.kinds import Block, Minutes, Rate, Seconds, Sigma, Spread
from scenarios.blocks.shifts import Shift, scheduled
from scenarios.blocks.skills import Priorities, Skill, skill_faults
from scenarios.files.faults import Fault, refuse
from scenarios.files.values import (
    agents,
    number,
    weekdays,
    weights,
    whole,
)

Agents = Annotated[float | tuple[float, ...], PlainValidator(agents)]
Shifts = Annotated[tuple[Shift, ...], Strict(False), Field(max_length=200)]
Skills = Annotated[tuple[Skill, ...], Strict(False), Field(max_length=20)]

_STAFFING = "agents (effective, per half hour) or shifts (scheduled heads)"

_AGENT_DIGITS = 9
"""Seven tenths of ten heads are seven agents, not a hair less."""


class OtherTraffic(Block):
    """Calls that have nothing to do with the campaign. Only the proportions of `weekday_factors` count."""

    calls_per_day: Annotated[float, PlainValidator(number(0, 1_000_000))]
    half_hour_weights: Annotated[tuple[float, ...], PlainValidator(weights(48))]
    day_multiplier_cv: Spread
    weekday_factors: Annotated[tuple[float, ...], PlainValidator(weekdays)] = (1.0, 1.0, 1.0, 1.0, 1.0)


class Redial(Block):
    """Who calls again after leaving the queue, when and how often.

    `next_day_rate` is the share of campaign callers who gave up for the day (they would not redial, or the lines
    were closed by then) and call on the next working day; `next_day_rate_other` the same of other callers. Redials
    of all days together are at most `times_max`.
    """

    rate_campaign: Rate
    rate_other: Rate
    delay_min_median: Minutes
    delay_sigma: Sigma
    times_max: Annotated[int, PlainValidator(whole(0, 20))]
    next_day_rate: Rate = 0.0
    next_day_rate_other: Rate = 0.0


class CallCentre(Block):
    """Agents and callers.

    Either `agents`, one number or one for each half hour from opening to closing, or `shifts`; `shrinkage` is the
    share of that time lost to what neither of them has taken out yet: breaks, training, absence.
    """

    agents: Agents | None = None
    shifts: Shifts | None = None
    shrinkage: Rate = 0.0
    skills: Skills | None = None
    priority: Priorities = Priorities()
    other_traffic: OtherTraffic
    patience_s_mean: Patience
    patience_hazard: PatienceHazard = PatienceHazard()
    balk_rate: Rate
    redial: Redial
    handling_s_mean: HandlingMean
    handling_cv: HandlingSpread
    handling_shape: HandlingShape = HandlingShape()
    after_call_s_mean: Annotated[float, PlainValidator(number(0, 3_600))]
    abandonment_limit: Rate
    wait_limit_s: Seconds

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        staffing, callers = self._staffing_faults(), caller_faults(self)
        refuse([*staffing, *skill_faults(self.skills or ()), *callers])
        return self

    def _staffing_faults(self) -> list[Fault]:
        if self.agents is None and self.shifts is None:
            return [Fault("agents", f"missing; allowed: one of {_STAFFING}")]
        if self.agents is not None and self.shifts is not None:
            null = "null (such as --set call_centre.shifts=null)"
            text = f"found beside agents; allowed: one of {_STAFFING}, the other {null} or left out"
            return [Fault("shifts", text)]
        return []

    def staffed(self, open_min: int, half_hours: int) -> tuple[float, ...]:
        """Effective agents for each half hour from opening to closing, net of shrinkage."""
        if self.shifts is not None:
            heads = scheduled(self.shifts, open_min, half_hours)
        else:
            heads = self.agents if isinstance(self.agents, tuple) else (self.agents or 0.0,) * half_hours
        if not self.shrinkage:
            return heads
        return tuple(round(on_duty * (1.0 - self.shrinkage), _AGENT_DIGITS) for on_duty in heads)
