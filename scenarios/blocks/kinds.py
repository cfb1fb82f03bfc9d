"""What the numbers of a scenario may be, and what all its blocks share.

Bounds are of two kinds: those of the thing itself (a share is 0 to 1, a time is not negative), and upper
limits far beyond any real operation, there to stop a slip of the keyboard before it becomes an hour of computing.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, PlainValidator

from scenarios.files.values import (
    above,
    day,
    number,
    time,
    whole,
)

Rate = Annotated[float, PlainValidator(number(0, 1, "a share or probability, 0 to 1"))]
Sigma = Annotated[
    float, PlainValidator(number(0, 5, "shape of a log-normal time: standard deviation of its logarithm"))
]
Spread = Annotated[float, PlainValidator(number(0, 10, "coefficient of variation"))]
Seconds = Annotated[float, PlainValidator(above(0, 86_400, "seconds"))]
Minutes = Annotated[float, PlainValidator(above(0, 10_080, "minutes"))]
Hours = Annotated[float, PlainValidator(above(0, 8_760, "hours"))]
Milliseconds = Annotated[int, PlainValidator(whole(1, 3_600_000, "milliseconds"))]
Tries = Annotated[int, PlainValidator(whole(1, 100))]
Money = Annotated[float, PlainValidator(number(0, 1_000_000, "major units of costs.currency"))]
"""Prices of fractions of a penny exist."""
ClockTime = Annotated[str, PlainValidator(time)]
Day = Annotated[str, PlainValidator(day)]

MADE_OF_NUMBERS = "x-made-of-numbers"
"""Marks, in a field's JSON schema, a list of blocks that is one figure: its source is written with the whole."""

HALF_HOUR_MIN = 30
MINUTES_PER_HOUR = 60


class Block(BaseModel):
    """What all blocks share: unknown keys are refused, nothing is converted, nothing changes afterwards."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)
