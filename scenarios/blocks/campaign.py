"""What is planned to be sent, under which contact rules, and what the author expects of it."""

from __future__ import annotations

from typing import Annotated, Self, get_args

from pydantic import Field, PlainValidator, Strict, model_validator

from sandbox.model import WAIT_DAYS_MAX, MessageChannel
from sandbox.outreach.schema import OptOut
from sandbox.outreach.templates import Reveals, Templates, faults
from scenarios.blocks.kinds import MINUTES_PER_HOUR, Block, ClockTime, Rate, Sigma, Tries
from scenarios.files.faults import Fault, refuse
from scenarios.files.values import (
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
    """Contact rules of the campaign, and who opts out.

    `pack` names the rules that hold where the file says nothing: a shipped pack or a path. `opt_out_own_words_rate`
    is the share of those who opt out that answer in one of `opt_out_wordings` instead of "STOP"; what the pack's
    words do not catch is no opt-out. Nobody publishes that share: 0 unless set, 0.05 to 0.3 is a plausible range.
    """

    pack: Annotated[str, PlainValidator(text)] = "strict"
    windows: ContactWindows
    holidays: Annotated[tuple[str, ...], PlainValidator(days)]
    messages_per_day_max: Tries
    messages_per_week_max: Tries
    opt_out_rate: Rate
    letter: Letter
    opt_out: OptOut = OptOut()
    reveals: Reveals
    templates: Templates
    opt_out_own_words_rate: Rate = 0.0
    opt_out_wordings: Annotated[
        tuple[Annotated[str, PlainValidator(text)], ...], Strict(False), Field(min_length=1, max_length=50)
    ] = (
        "Please stop texting me",
        "dont text me again",
        "Take me off your list",
        "wrong person",
        "not interested",
    )

    @model_validator(mode="after")
    def _caps_agree(self) -> Self:
        if self.messages_per_day_max > self.messages_per_week_max:
            allowed = f"at most messages_per_week_max ({self.messages_per_week_max})"
            refuse([Fault("messages_per_day_max", f"found {self.messages_per_day_max}; allowed: {allowed}")])
        return self

    @model_validator(mode="after")
    def _texts_may_be_sent(self) -> Self:
        refuse(
            [
                Fault(f"templates.{channel}.{content}", fault)
                for channel, content, template in self.templates.texts()
                for fault in faults(template, channel, self.reveals, self.opt_out.stop_words)
            ]
        )
        return self


class Expectation(Block):
    """One `expect:` entry; `when` is flat, dotted path to value."""

    when: Annotated[dict[str, object], PlainValidator(conditions)]
    design: Annotated[str, PlainValidator(name)]
    that: Annotated[str, PlainValidator(text)]
