"""The defined path for what leaves the normal one: the agent gets the bundle."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

from annotated_types import Ge, Le

from sandbox.effects import Ask
from sandbox.journey.handover import hand_over
from sandbox.journey.steps.base import Kept, Rate, Step, Walk
from sandbox.journey.table import CaseEvent
from sandbox.journey.visit import Visit


@dataclass(frozen=True, slots=True, kw_only=True)
class ExceptionPath(Step):
    """Hand the case to a person with its context; the customer is offered a call.

    Attributes:
        reason: why, as counted and as the agent reads it, where no exception trigger of policy has said so already.
        takes_call_rate: share of customers who take the offered call; the others leave.
        work: what the agent is left with: "judgement", or "routine" that only ended here; handling time follows.
        evidence: "trail" hands over the whole bundle; "scattered" the reason alone: the agent has to find the rest.
        discovery_min_mean: with scattered evidence, mean minutes the agent spends finding it, as part of the call;
            4 is an assumption, range 1 to 10.
    """

    kind: Literal["exception"] = "exception"
    outcomes: ClassVar[tuple[str, ...]] = ("dropped",)
    to_person: ClassVar[bool] = True
    reason: str = "exception"
    takes_call_rate: Rate = 1.0
    work: Literal["judgement", "routine"] = "judgement"
    evidence: Kept = "trail"
    discovery_min_mean: Annotated[float, Ge(0.0), Le(120.0)] = 4.0

    def run(self, visit: Visit) -> Walk:
        """Write the bundle, then "done" when the customer calls, "dropped" when not."""
        visit.move(CaseEvent.HANDED_OVER)
        visit.intent = self.work
        whole = self.evidence == "trail"
        if not whole:
            visit.discovery_min_mean = self.discovery_min_mean
        hand_over(visit, visit.trouble or self.reason, whole=whole)
        takes_call = visit.hear((yield Ask("take_call", self.takes_call_rate, 0)))
        return "done" if takes_call else "dropped"
