"""Who the customers are, how they behave, and how they cope with proving who they are."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, PlainValidator

from scenarios.blocks.account_facts import FactSpread, wish_shares
from scenarios.blocks.kinds import MADE_OF_NUMBERS, Block, Hours, Minutes, Rate, Seconds, Sigma, Tries
from scenarios.files.values import (
    name,
    number,
    optional,
    shares,
    whole,
)
from scenarios.files.zone_values import zone_shares


class ChannelResponse(Block):
    """How customers deal with a message they have seen, times how they deal with a delivered SMS."""

    rate_factor: Annotated[float, PlainValidator(number(0, 100))]
    delay_factor: Annotated[float, PlainValidator(number(0, 100))]


class ChannelResponses(Block):
    """One block for each channel that is not SMS."""

    whatsapp: ChannelResponse
    email: ChannelResponse


class Customers(Block):
    """Who the customers are and what they do; distributions are blocks of shares, in a fixed order.

    Attributes:
        wishes: share of customers by what they want: each action of the policy, a person, or nothing.
        facts: what the core knows of accounts in this workflow, by fact of the policy.
        form_errors_rate: share of forms that are handed in with something wrong.
        time_zones: share of customers in each IANA time zone; without it all live in the calendar's. Hours and
            holidays of contact are those of the customer's own zone, sends are planned by the calendar's.
    """

    response_rate: Rate
    response_decay: Rate
    response_delay_min_median: Minutes
    response_delay_sigma: Sigma
    wishes: Annotated[
        dict[str, float],
        PlainValidator(wish_shares),
        Field(json_schema_extra={MADE_OF_NUMBERS: True}),
    ]
    second_wish_rate: Rate
    consent_sms_rate: Rate
    breach_opt_out_rate: Rate
    whatsapp_opt_in_rate: Rate
    email_on_file_rate: Rate
    preferred_channel: Annotated[dict[str, float], PlainValidator(shares("none", "sms", "whatsapp", "email"))]
    channel_response: ChannelResponses
    vulnerable_rate: Rate
    closed_account_rate: Rate
    already_disputed_rate: Rate
    payment_accepted_rate: Rate
    promise_kept_rate: Rate
    broken_promises: Annotated[dict[str, float], PlainValidator(shares("0", "1", "2", "3"))]
    arrears_bands: Annotated[dict[str, float], PlainValidator(shares("1m", "2m", "3m", "4m+"))]
    balance_minor_median: Annotated[int, PlainValidator(whole(1, 10_000_000_000))]
    balance_sigma: Sigma
    overdue_share_per_month: Rate
    facts: dict[Annotated[str, PlainValidator(name)], FactSpread] = Field(default_factory=dict)
    form_errors_rate: Rate = 0.0
    time_zones: Annotated[dict[str, float] | None, PlainValidator(optional(zone_shares))] = None


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
    facts_pass_rate: Rate = 0.90
    facts_retry_pass_rate: Rate = 0.50
    facts_entry_s_median: Seconds = 35.0
    facts_failures_per_visit_max: Tries = 2
    facts_failures_per_day_max: Tries = 5
    page_s_median: Seconds
    page_sigma: Sigma
    page_drop_rate: Rate
