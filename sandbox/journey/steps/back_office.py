"""Leave a note for the back office."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from sandbox import facts
from sandbox.effects import HandToBackOffice
from sandbox.journey.posting import NOTE_LEFT, note_for, what_is_left
from sandbox.journey.steps.base import Step, Walk
from sandbox.journey.visit import Visit


@dataclass(frozen=True, slots=True, kw_only=True)
class BackOffice(Step):
    """The note joins a queue of items, and a clerk reads and prepares it for a manual_writeback behind this step.

    Some notes are lost or cannot be read, and nobody in the office knows. How many clerks there are, when they work,
    how long a note takes and how many are lost is the operation's, not the design's: block `back_office` of a
    scenario.
    """

    kind: Literal["back_office"] = "back_office"
    outcomes: ClassVar[tuple[str, ...]] = ("lost",)
    handoff: ClassVar[str] = "agent to back-office queue"
    person_posts: ClassVar[bool] = True
    behind_the_scenes: ClassVar[bool] = True
    needs_customer: ClassVar[bool] = False
    completes: ClassVar[bool] = True

    def run(self, visit: Visit) -> Walk:
        """Return "done" when a clerk has read the note, "lost" when none ever will."""
        note = visit.note = visit.note or note_for(visit)
        visit.tell(facts.HandedToBackOffice)
        visit.evidence(NOTE_LEFT, **what_is_left(note, visit.desk.policy))
        read = visit.hear((yield HandToBackOffice(visit.item)))
        if not read.readable:
            return visit.item_failed(self.id, "lost")
        visit.clerk_ms = read.touch_ms
        return "done"
