"""Working days and opening hours."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Self

from pydantic import PlainValidator, model_validator

from scenarios.blocks.kinds import HALF_HOUR_MIN, Block, ClockTime, Day
from scenarios.files.faults import Fault, refuse
from scenarios.files.values import (
    minutes,
    time_zone,
    whole,
)


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
