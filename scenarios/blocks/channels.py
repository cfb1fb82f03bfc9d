"""How messages and calls travel."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import PlainValidator, model_validator

from scenarios.blocks.kinds import Block, Hours, Rate, Seconds, Sigma
from scenarios.faults import Fault, refuse
from scenarios.values import (
    number,
)


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
