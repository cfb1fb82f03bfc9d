"""What is planned to be sent, under which contact rules, and what the author expects of it."""

from __future__ import annotations

from typing import Annotated, Self, get_args

from pydantic import PlainValidator, model_validator

from sandbox.model import WAIT_DAYS_MAX, MessageChannel
from scenarios.blocks.kinds import MINUTES_PER_HOUR, Block, ClockTime, Rate, Sigma, Tries
from scenarios.faults import Fault, refuse
from scenarios.values import (
    above,
    conditions,
    days,
    minutes,
    name,
    text,
    weights,
    whole,
    window,
    window_or_none,
    word,
)


class Campaign(Block):
    """What is planned to be sent: cases = messages / touches_per_case, the same in every design."""

    messages: Annotated[int, PlainValidator(whole(1, 10_000_000))]
    touches_per_case: Annotated[int, PlainValidator(whole(1, 10))]
    touch_gap_days: Annotated[int, PlainValidator(whole(1, 90))]
    send_from: ClockTime
    send_weights: Annotated[tuple[float, ...], PlainValidator(weights(24))]

    @model_validator(mode="after")
    def _has_a_case(self) -> Self:
        if self.messages < self.touches_per_case:
            allowed = f"at least touches_per_case ({self.touches_per_case}), so that there is a case"
            refuse([Fault("messages", f"found {self.messages}; allowed: {allowed}")])
        return self

    @property
    def send_from_minute(self) -> int:
        """Minutes from midnight to the day's first send."""
        return minutes(self.send_from)

    @property
    def send_until_minute(self) -> int:
        """Minutes from midnight to the end of the day's last hour of sends."""
        return self.send_from_minute + MINUTES_PER_HOUR * len(self.send_weights)


class ContactWindows(Block):
    """When messages may be sent, local time; null is a day without contact. Weekdays must have a window."""

    weekday: Annotated[tuple[str, str], PlainValidator(window)]
    saturday: Annotated[tuple[str, str] | None, PlainValidator(window_or_none)]
    sunday: Annotated[tuple[str, str] | None, PlainValidator(window_or_none)]


class Letter(Block):
    """The letter to customers whom no channel of a design may reach; it asks them to call."""

    address_rate: Rate
    response_rate: Rate
    delay_days_median: Annotated[float, PlainValidator(above(0, 366))]
    delay_sigma: Sigma


class Touch(Block):
    """One planned touch of a sequence; `wait_days` are working days since the touch before."""

    channel: Annotated[MessageChannel, PlainValidator(word(*get_args(MessageChannel)))]
    wait_days: Annotated[int, PlainValidator(whole(0, WAIT_DAYS_MAX))]


class Outreach(Block):
    """Contact rules of the campaign."""

    windows: ContactWindows
    holidays: Annotated[tuple[str, ...], PlainValidator(days)]
    messages_per_day_max: Tries
    messages_per_week_max: Tries
    opt_out_rate: Rate
    letter: Letter

    @model_validator(mode="after")
    def _caps_agree(self) -> Self:
        if self.messages_per_day_max > self.messages_per_week_max:
            allowed = f"at most messages_per_week_max ({self.messages_per_week_max})"
            refuse([Fault("messages_per_day_max", f"found {self.messages_per_day_max}; allowed: {allowed}")])
        return self


class Expectation(Block):
    """One `expect:` entry; `when` is flat, dotted path to value."""

    when: Annotated[dict[str, object], PlainValidator(conditions)]
    design: Annotated[str, PlainValidator(name)]
    that: Annotated[str, PlainValidator(text)]
