"""How messages and calls travel."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import PlainValidator, model_validator

from scenarios.blocks.kinds import Block, Hours, Minutes, Rate, Seconds, Sigma
from scenarios.files.faults import Fault, refuse
from scenarios.files.values import above, number, whole

SendsPerSecond = Annotated[float, PlainValidator(above(0, 1_000_000))]
"""What a provider lets out in a second; a million is no limit."""


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
    sends_per_s_max: SendsPerSecond

    @model_validator(mode="after")
    def _one_fate_per_receipt(self) -> Self:
        total = self.receipt_lost_rate + self.receipt_late_rate + self.receipt_duplicate_rate
        if total > 1:
            allowed = "receipt_lost_rate + receipt_late_rate + receipt_duplicate_rate of at most 1"
            refuse([Fault("receipt_lost_rate", f"found a sum of {total:g}; allowed: {allowed}")])
        return self


class WhatsApp(Block):
    """A WhatsApp business account; the tier counts unique users in a moving 24 hours, outside service windows."""

    delivered_rate: Rate
    latency_s_median: Seconds
    latency_sigma: Sigma
    read_rate: Rate
    read_delay_min_median: Minutes
    read_delay_sigma: Sigma
    receipts_off_rate: Rate
    receipt_lost_rate: Rate
    template_approved: bool
    users_per_24_h_max: Annotated[int, PlainValidator(whole(1, 1_000_000_000))]
    sends_per_s_max: SendsPerSecond


class Email(Block):
    """The email route: what is not in the inbox is never seen."""

    bounce_rate: Rate
    latency_s_median: Seconds
    latency_sigma: Sigma
    inbox_rate: Rate
    opened_rate: Rate
    open_delay_h_median: Hours
    open_delay_sigma: Sigma
    tracking_off_rate: Rate
    receipt_lost_rate: Rate
    sends_per_s_max: SendsPerSecond


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
    whatsapp: WhatsApp
    email: Email
    code_sms: CodeSms
    voice: Voice
