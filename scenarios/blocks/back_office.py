"""Manual work behind the call centre."""

from __future__ import annotations

from typing import Annotated

from pydantic import PlainValidator

from scenarios.blocks.kinds import Block, Hours, Minutes, Rate, Seconds, Sigma, Spread
from scenarios.files.values import (
    minutes,
    number,
    whole,
    window_or_none,
)


class Chasing(Block):
    """Customers who call because of the back office: who, when, and how long they talk.

    `after_h` is in working hours of the lines, `failure_after_d_median` in days; `failure_rate` is the share of lost
    and wrong items that the customer learns of.
    """

    after_h: Hours
    rate: Rate
    failure_rate: Rate
    failure_after_d_median: Annotated[float, PlainValidator(number(0, 365))]
    failure_after_sigma: Sigma
    talk_s_mean: Seconds
    talk_cv: Spread


class BackOffice(Block):
    """Notes are read by one group of clerks and rekeyed by another; `hours` null are those of the lines.

    All hours are working hours. `wait_h_median` lies between a note and its joining the line.
    """

    hours: Annotated[tuple[str, str] | None, PlainValidator(window_or_none)]
    clerks: Annotated[int, PlainValidator(whole(1, 10_000))]
    wait_h_median: Hours
    wait_sigma: Sigma
    touch_min_mean: Minutes
    lost_rate: Rate
    rekeying_clerks: Annotated[int, PlainValidator(whole(1, 10_000))]
    rekey_min_mean: Minutes
    error_rate: Rate
    error_found_rate: Rate
    chasing: Chasing

    @property
    def open_minutes(self) -> tuple[int, int] | None:
        """Minutes from midnight to opening and to closing; None where they are those of the lines."""
        return None if self.hours is None else (minutes(self.hours[0]), minutes(self.hours[1]))
