"""The system of record, and how postings reach it."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import PlainValidator, model_validator

from scenarios.blocks.kinds import Block, Hours, Milliseconds, Minutes, Rate, Seconds, Sigma, Tries
from scenarios.files.faults import Fault, refuse
from scenarios.files.values import (
    above,
    name,
    number,
    whole,
)


class CoreFaults(Block):
    """What goes wrong with calls to the core, each drawn on its own."""

    unavailable_rate: Rate
    unavailable_after_commit_rate: Rate
    lost_ack_rate: Rate
    lost_request_rate: Rate
    slow_rate: Rate
    slow_factor: Annotated[float, PlainValidator(number(1, 10_000))]


class Core(Block):
    """The system of record as a caller sees it.

    Attributes:
        profile: what kind of core it is; naming one brings its figures along. See `catalogue/cores`.
        closed_from_h: hour of the day at which its nightly batch begins: it can be read and takes no posting.
        closed_for_h: hours the batch takes; 0 where there is none.
    """

    profile: Annotated[str, PlainValidator(name)] = "modern-api"
    closed_from_h: Annotated[float, PlainValidator(number(0, 24, "hour of the day"))] = 0.0
    closed_for_h: Annotated[float, PlainValidator(number(0, 12, "hours"))] = 0.0
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
