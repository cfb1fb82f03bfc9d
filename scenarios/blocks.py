"""The blocks of a scenario file: typed, bounded, nothing unknown let in. Attribute names are the YAML keys.

Bounds are of two kinds: those of the thing itself (a share is 0 to 1, a time is not negative), and upper
limits far beyond any real operation, there to stop a slip of the keyboard before it becomes an hour of computing.
All keys are required: a file that wants the shipped values says `extends`.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, PlainValidator, model_validator

from scenarios.faults import Fault, refuse
from scenarios.values import (
    above,
    agents,
    conditions,
    currency,
    day,
    days,
    minutes,
    name,
    number,
    shares,
    text,
    time,
    time_zone,
    weights,
    whole,
    window,
    window_or_none,
)

Rate = Annotated[float, PlainValidator(number(0, 1))]
Sigma = Annotated[float, PlainValidator(number(0, 5))]
"""Shape of a log-normal time: standard deviation of its logarithm."""
Spread = Annotated[float, PlainValidator(number(0, 10))]
"""Coefficient of variation."""
Seconds = Annotated[float, PlainValidator(above(0, 86_400))]
Minutes = Annotated[float, PlainValidator(above(0, 10_080))]
Hours = Annotated[float, PlainValidator(above(0, 8_760))]
Milliseconds = Annotated[int, PlainValidator(whole(1, 3_600_000))]
Tries = Annotated[int, PlainValidator(whole(1, 100))]
Money = Annotated[float, PlainValidator(number(0, 1_000_000))]
"""Major units of `costs.currency`; prices of fractions of a penny exist."""
ClockTime = Annotated[str, PlainValidator(time)]
Day = Annotated[str, PlainValidator(day)]

HALF_HOUR_MIN = 30
MINUTES_PER_HOUR = 60


class Block(BaseModel):
    """What all blocks share: unknown keys are refused, nothing is converted, nothing changes afterwards."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Calendar(Block):
    """Working days and opening hours; times are local to `time_zone`."""

    start: Day
    time_zone: Annotated[str, PlainValidator(time_zone)]
    working_days: Annotated[int, PlainValidator(whole(1, 366))]
    open: ClockTime
    close: ClockTime
    follow_up_days: Annotated[int, PlainValidator(whole(0, 366))]

    @model_validator(mode="after")
    def _opens_before_it_closes(self) -> Self:
        faults = [
            Fault(key, f"found {text!r}; allowed: a whole half hour, such as '08:30'")
            for key, text in (("open", self.open), ("close", self.close))
            if minutes(text) % HALF_HOUR_MIN
        ]
        if self.open_minute >= self.close_minute:
            faults.append(Fault("close", f"found {self.close!r}; allowed: later than open ({self.open})"))
        refuse(faults)
        return self

    @property
    def start_date(self) -> date:
        """The first calendar day."""
        return date.fromisoformat(self.start)

    @property
    def open_minute(self) -> int:
        """Minutes from midnight to opening."""
        return minutes(self.open)

    @property
    def close_minute(self) -> int:
        """Minutes from midnight to closing."""
        return minutes(self.close)

    @property
    def half_hours(self) -> int:
        """How many half hours a working day has."""
        return (self.close_minute - self.open_minute) // HALF_HOUR_MIN


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


class Outreach(Block):
    """Contact rules of the campaign."""

    windows: ContactWindows
    holidays: Annotated[tuple[str, ...], PlainValidator(days)]
    messages_per_day_max: Tries
    messages_per_week_max: Tries
    opt_out_rate: Rate

    @model_validator(mode="after")
    def _caps_agree(self) -> Self:
        if self.messages_per_day_max > self.messages_per_week_max:
            allowed = f"at most messages_per_week_max ({self.messages_per_week_max})"
            refuse([Fault("messages_per_day_max", f"found {self.messages_per_day_max}; allowed: {allowed}")])
        return self


class Customers(Block):
    """Who the customers are and what they do; distributions are blocks of shares, in a fixed order."""

    response_rate: Rate
    response_decay: Rate
    response_delay_min_median: Minutes
    response_delay_sigma: Sigma
    wishes: Annotated[
        dict[str, float],
        PlainValidator(shares("pay_now", "promise_to_pay", "dispute", "person", "nothing")),
    ]
    second_wish_rate: Rate
    consent_sms_rate: Rate
    vulnerable_rate: Rate
    closed_account_rate: Rate
    already_disputed_rate: Rate
    payment_accepted_rate: Rate
    broken_promises: Annotated[dict[str, float], PlainValidator(shares("0", "1", "2", "3"))]
    arrears_bands: Annotated[dict[str, float], PlainValidator(shares("1m", "2m", "3m", "4m+"))]
    balance_minor_median: Annotated[int, PlainValidator(whole(1, 10_000_000_000))]
    balance_sigma: Sigma
    overdue_share_per_month: Rate


class BulkSms(Block):
    """The campaign's text message route and its receipts."""

    delivered_rate: Rate
    latency_s_median: Seconds
    latency_sigma: Sigma
    buffered_rate: Rate
    buffered_delay_h_mean: Hours
    buffered_expiry_h: Hours
    receipt_lost_rate: Rate
    receipt_late_rate: Rate
    receipt_late_delay_h_mean: Hours
    receipt_duplicate_rate: Rate

    @model_validator(mode="after")
    def _one_fate_per_receipt(self) -> Self:
        total = self.receipt_lost_rate + self.receipt_late_rate + self.receipt_duplicate_rate
        if total > 1:
            allowed = "receipt_lost_rate + receipt_late_rate + receipt_duplicate_rate of at most 1"
            refuse([Fault("receipt_lost_rate", f"found a sum of {total:g}; allowed: {allowed}")])
        return self


class CodeSms(Block):
    """The route of one-time codes."""

    delivered_rate: Rate
    latency_s_median: Seconds
    latency_sigma: Sigma


class Voice(Block):
    """The way from dialling to the call queue."""

    connected_rate: Rate
    menu_s_mean: Annotated[float, PlainValidator(number(0, 3_600))]


class Channels(Block):
    """How messages and calls travel."""

    sms: BulkSms
    code_sms: CodeSms
    voice: Voice


class Identity(Block):
    """Links, codes, logins and known facts: their limits, and how customers cope with them."""

    link_lifetime_h: Hours
    code_digits: Annotated[int, PlainValidator(whole(4, 12))]
    code_lifetime_min: Minutes
    code_failures_max: Tries
    account_failures_per_day_max: Tries
    code_sends_per_hour_max: Tries
    code_starts_rate: Rate
    code_correct_rate: Rate
    code_tries_max: Tries
    code_entry_s_median: Seconds
    code_entry_sigma: Sigma
    code_patience_s_mean: Seconds
    login_forgotten_rate: Rate
    login_reset_done_rate: Rate
    login_drop_rate: Rate
    login_s_median: Seconds
    login_reset_min_median: Minutes
    known_facts_pass_rate: Rate
    page_s_median: Seconds
    page_sigma: Sigma
    page_drop_rate: Rate


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


class BackOffice(Block):
    """Manual rekeying; the wait is in working hours."""

    wait_h_median: Hours
    wait_sigma: Sigma
    touch_min_mean: Minutes
    error_rate: Rate
    error_found_rate: Rate


class CoreFaults(Block):
    """What goes wrong with calls to the core, each drawn on its own."""

    unavailable_rate: Rate
    unavailable_after_commit_rate: Rate
    lost_ack_rate: Rate
    lost_request_rate: Rate
    slow_rate: Rate
    slow_factor: Annotated[float, PlainValidator(number(1, 10_000))]


class Core(Block):
    """The system of record as a caller sees it."""

    latency_ms_median: Annotated[float, PlainValidator(above(0, 3_600_000))]
    latency_sigma: Sigma
    timeout_ms: Milliseconds
    faults: CoreFaults


class Writeback(Block):
    """Retries, breaker and outbox of a posting."""

    backoff_base_ms: Milliseconds
    backoff_cap_ms: Milliseconds
    tries_max: Tries
    breaker_window_s: Seconds
    breaker_calls_min: Annotated[int, PlainValidator(whole(1, 100_000))]
    breaker_failure_share: Annotated[float, PlainValidator(above(0, 1))]
    breaker_open_s: Seconds
    breaker_open_s_max: Seconds
    breaker_probes: Tries
    outbox_retry_min: Minutes
    outbox_give_up_h: Hours
    commit_every: Annotated[int, PlainValidator(whole(1, 100_000))]

    @model_validator(mode="after")
    def _limits_are_not_below_their_start(self) -> Self:
        capped: tuple[tuple[str, float, str, float], ...] = (
            ("backoff_cap_ms", self.backoff_cap_ms, "backoff_base_ms", self.backoff_base_ms),
            ("breaker_open_s_max", self.breaker_open_s_max, "breaker_open_s", self.breaker_open_s),
        )
        refuse(
            [
                Fault(cap, f"found {most}; allowed: at least {start} ({least})")
                for cap, most, start, least in capped
                if most < least
            ]
        )
        return self


class Costs(Block):
    """Prices in major units of `currency`."""

    currency: Annotated[str, PlainValidator(currency)]
    agent_hour: Money
    message: Money
    code: Money
    session: Money
    back_office_item: Money


class Expectation(Block):
    """One `expect:` entry; `when` is flat, dotted path to value."""

    when: Annotated[dict[str, object], PlainValidator(conditions)]
    design: Annotated[str, PlainValidator(name)]
    that: Annotated[str, PlainValidator(text)]
