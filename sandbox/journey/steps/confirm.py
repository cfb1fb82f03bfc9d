"""Tell the customer that it is done, or that it is on its way."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from sandbox import facts
from sandbox.effects import Send
from sandbox.journey.aftermath import RECORDED_TEXT
from sandbox.journey.steps.base import Step, Walk
from sandbox.journey.table import CaseState
from sandbox.journey.visit import Visit
from sandbox.model import Channel, record_of
from sandbox.ports import Message

QUEUED_TEXT = "Thank you. We will confirm this shortly."


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirm(Step):
    """A confirmation by SMS, in the words of the action's form if it has one.

    It never says "done" for what is still in the outbox.
    """

    kind: Literal["confirm"] = "confirm"
    needs_customer: ClassVar[bool] = False

    def run(self, visit: Visit) -> Walk:
        """Send the confirmation."""
        visit.tell(facts.ServiceMessageSent, "confirmation")
        message = record_of(Message, (visit.case_id, visit.touch, Channel.SMS, "confirmation", visit.case_id))
        complete = visit.desk.book.state[visit.case_id] == CaseState.RECORDED
        text = _recorded_text(visit) if complete else QUEUED_TEXT
        visit.hear((yield record_of(Send, (message, text))))
        return "done"


def _recorded_text(visit: Visit) -> str:
    """What is said once the outcome stands in the core."""
    pages = visit.desk.policy.pages
    if visit.choice is None or visit.choice.action not in pages:
        return RECORDED_TEXT
    return pages[visit.choice.action].confirms
