"""Who is scheduled when: shifts with their breaks, and the heads they put on the lines in each half hour."""

from __future__ import annotations

from collections.abc import Sequence
from math import fsum
from typing import Annotated, Self

from pydantic import PlainValidator, Strict, model_validator

from scenarios.blocks.kinds import HALF_HOUR_MIN, Block, ClockTime
from scenarios.files.faults import Fault, refuse
from scenarios.files.values import minutes, number, window

Pause = Annotated[tuple[str, str], PlainValidator(window)]


class Shift(Block):
    """Heads scheduled from `start` to `end`, on whole half hours; all of them are away during `breaks`.

    A break may begin and end at any minute: one of a quarter of an hour takes half of that half hour's heads.
    """

    start: ClockTime
    end: ClockTime
    agents: Annotated[float, PlainValidator(number(0, 10_000))]
    breaks: Annotated[tuple[Pause, ...], Strict(False)] = ()

    @model_validator(mode="after")
    def _ends_after_it_starts_with_breaks_inside(self) -> Self:
        faults = [
            Fault(key, f"found {text!r}; allowed: a whole half hour, such as '08:30'")
            for key, text in (("start", self.start), ("end", self.end))
            if minutes(text) % HALF_HOUR_MIN
        ]
        if minutes(self.start) >= minutes(self.end):
            faults.append(Fault("end", f"found {self.end!r}; allowed: later than start ({self.start})"))
        until = self.start
        for index, (leaves, returns) in enumerate(self.breaks):
            if minutes(leaves) < minutes(until) or minutes(returns) > minutes(self.end):
                allowed = f"between {until} and {self.end}, breaks in order"
                faults.append(Fault(f"breaks.{index}", f"found {leaves} to {returns}; allowed: {allowed}"))
            until = returns
        refuse(faults)
        return self

    def covers(self, start_min: int) -> float:
        """Share of the half hour from a clock minute on in which this shift is at work, 0..1."""
        end_min = start_min + HALF_HOUR_MIN
        if minutes(self.start) > start_min or minutes(self.end) < end_min:
            return 0.0
        away = sum(
            max(0, min(minutes(returns), end_min) - max(minutes(leaves), start_min))
            for leaves, returns in self.breaks
        )
        return 1.0 - away / HALF_HOUR_MIN


def scheduled(shifts: Sequence[Shift], open_min: int, half_hours: int) -> tuple[float, ...]:
    """Heads at work in each half hour from opening; what a shift works outside opening hours is not on the lines."""
    starts = [open_min + HALF_HOUR_MIN * slot for slot in range(half_hours)]
    return tuple(fsum(shift.agents * shift.covers(start) for shift in shifts) for start in starts)
