"""The defined path for what leaves the normal one: the agent gets the bundle."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from sandbox.effects import Ask
from sandbox.journey.handover import hand_over
from sandbox.journey.steps.base import Rate, Step, Walk
from sandbox.journey.table import CaseEvent
from sandbox.journey.visit import Visit


@dataclass(frozen=True, slots=True, kw_only=True)
class ExceptionPath(Step):
    """Hand the case to a person with its context; the customer is offered a call.

    Attributes:
        reason: why, as counted and as the agent reads it, where no exception trigger of policy has said so already.
        takes_call_rate: share of customers who take the offered call; the others leave.
    """

    kind: Literal["exception"] = "exception"
    outcomes: ClassVar[tuple[str, ...]] = ("dropped",)
    to_person: ClassVar[bool] = True
    reason: str = "exception"
    takes_call_rate: Rate = 1.0

    def run(self, visit: Visit) -> Walk:
        """Write the bundle, then "done" when the customer calls, "dropped" when not."""
        visit.move(CaseEvent.HANDED_OVER)
        visit.intent = "judgement"
        hand_over(visit, visit.trouble or self.reason)
        takes_call = visit.hear((yield Ask("take_call", self.takes_call_rate, 0)))
        return "done" if takes_call else "dropped"
