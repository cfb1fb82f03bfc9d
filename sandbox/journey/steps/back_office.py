"""Leave the agent's note for the back office to rekey."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from sandbox import facts
from sandbox.effects import HandToBackOffice
from sandbox.journey.posting import command_for
from sandbox.journey.steps.base import Step, Walk
from sandbox.journey.visit import Visit
from sandbox.ports import BY_HAND


@dataclass(frozen=True, slots=True, kw_only=True)
class BackOffice(Step):
    """Manual writeback: the customer's part is over, the core learns of it when someone has rekeyed the note."""

    kind: Literal["back_office"] = "back_office"
    handoff: ClassVar[str] = "agent to back-office queue"
    person_posts: ClassVar[bool] = True
    posts: ClassVar[bool] = True

    def run(self, visit: Visit) -> Walk:
        """Queue the item and end the visit's part."""
        visit.tell(facts.HandedToBackOffice)
        visit.hear((yield HandToBackOffice(command_for(visit, BY_HAND))))
        return "done"
