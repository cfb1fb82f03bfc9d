"""The defined path for what leaves the normal one: the agent gets the bundle."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

from annotated_types import Ge, Le, MaxLen

from sandbox.bundle import FOUND_OUT, Part, discovery_min
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
        leaves_out: parts the bundle does not hold although the trail does; the agent has to find them too.
        discovery_min_mean: mean minutes the agent spends, as part of the call, finding out all that a reason alone
            does not say; 4 is an assumption, range 1 to 10. A bundle that lacks some costs its equal share of them.
    """

    kind: Literal["exception"] = "exception"
    outcomes: ClassVar[tuple[str, ...]] = ("dropped",)
    to_person: ClassVar[bool] = True
    reason: str = "exception"
    takes_call_rate: Rate = 1.0
    work: Literal["judgement", "routine"] = "judgement"
    evidence: Kept = "trail"
    leaves_out: Annotated[tuple[Part, ...], MaxLen(len(FOUND_OUT))] = ()
    discovery_min_mean: Annotated[float, Ge(0.0), Le(120.0)] = 4.0

    def run(self, visit: Visit) -> Walk:
        """Write the bundle, then "done" when the customer calls, "dropped" when not."""
        visit.move(CaseEvent.HANDED_OVER)
        visit.intent = self.work
        whole = self.evidence == "trail"
        missing = hand_over(visit, visit.trouble or self.reason, whole=whole, leaves_out=self.leaves_out)
        if missing:
            visit.discovery_min_mean = discovery_min(missing, self.discovery_min_mean)
        takes_call = visit.hear((yield Ask("take_call", self.takes_call_rate, 0)))
        return "done" if takes_call else "dropped"
