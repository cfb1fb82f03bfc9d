"""What the call centre reported before the campaign, and how closely a simulation has to come back to it."""

from __future__ import annotations

from typing import Annotated

from pydantic import PlainValidator

from scenarios.blocks.kinds import Block, Rate, Seconds
from scenarios.files.values import above, number, optional

Share = Annotated[float, PlainValidator(number(0, 10, "a share of what was reported"))]
MaybeCalls = Annotated[float | None, PlainValidator(optional(above(0, 1_000_000)))]
MaybeRate = Annotated[float | None, PlainValidator(optional(number(0, 1)))]
MaybeSeconds = Annotated[float | None, PlainValidator(optional(number(0, 86_400)))]


class Tolerances(Block):
    """How far the simulated call centre may be from what it reported, and still count as reproducing it.

    Attributes:
        offered_share: of the calls a day. At 20 % day-to-day variation, as one bank's log has, the mean of 22 working
            days has a standard error of 4 %: 10 % is a little over two of them.
        abandonment_points: of the abandonment rate, 0..1. Patience fitted on one month of that log missed the next
            month's abandonment by at most 1.5 points and another regime's by 5 to 8: 2 points part the two.
        wait_share: of a mean wait. A wait moves twice as fast as the load where queues begin.
        wait_s_least: no wait has to be met more closely than this, seconds.
        aht_share: of the handling time, which is drawn from the report's own mean.
    """

    offered_share: Share = 0.10
    abandonment_points: Rate = 0.02
    wait_share: Share = 0.25
    wait_s_least: Seconds = 5.0
    aht_share: Share = 0.05


class History(Block):
    """Figures of the working days as the call centre reported them; what is null is not held against it.

    Attributes:
        offered_per_day: calls a working day.
        abandonment_rate: abandoned of offered, 0..1.
        mean_wait_s: mean wait of all callers, seconds.
        asa_s: mean wait of the answered, seconds.
        aht_s: mean handling time, after-call work included, seconds.
        tolerances: how closely a simulation has to come back to them.
    """

    offered_per_day: MaybeCalls = None
    abandonment_rate: MaybeRate = None
    mean_wait_s: MaybeSeconds = None
    asa_s: MaybeSeconds = None
    aht_s: MaybeSeconds = None
    tolerances: Tolerances = Tolerances()

    @property
    def figures(self) -> dict[str, float | None]:
        """The figures by name, in the order of a report."""
        return {name: getattr(self, name) for name in FIGURES}

    @property
    def is_given(self) -> bool:
        """Whether there is anything to be reproduced."""
        return any(value is not None for value in self.figures.values())


FIGURES = ("offered_per_day", "abandonment_rate", "mean_wait_s", "asa_s", "aht_s")
