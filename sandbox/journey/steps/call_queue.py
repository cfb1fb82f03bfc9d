"""Call the lines: wait, be answered, hang up, call again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

from annotated_types import Ge, Le

from sandbox.effects import Ask, JoinCallQueue
from sandbox.journey.steps.base import Step, Walk
from sandbox.journey.table import CaseEvent
from sandbox.journey.visit import Visit


@dataclass(frozen=True, slots=True, kw_only=True)
class CallQueue(Step):
    """Join the shared queue; after hanging up a customer may redial.

    Attributes:
        attempts_max: bound on attempts in one visit; how many a customer makes is their own trait.
    """

    kind: Literal["call_queue"] = "call_queue"
    outcomes: ClassVar[tuple[str, ...]] = ("abandoned",)
    changes_channel: ClassVar[bool] = True
    handoff: ClassVar[str] = "self-service or message to agent"
    to_person: ClassVar[bool] = True
    connects: ClassVar[bool] = True
    attempts_max: Annotated[int, Ge(1), Le(20)] = 10

    def run(self, visit: Visit) -> Walk:
        """Return "done" when an agent answered, "abandoned" when the customer stops calling."""
        visit.move(CaseEvent.HANDED_OVER)
        for attempt in range(1, self.attempts_max + 1):
            call = JoinCallQueue(visit.intent, attempt, visit.discovery_min_mean)
            visit.call = visit.hear((yield call))
            if visit.call is not None and visit.call.answered:
                visit.with_agent = True
                return "done"
            if not visit.hear((yield Ask("redial", None, attempt))):
                break
        return "abandoned"
