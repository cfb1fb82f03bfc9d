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

_SMS, _RECORDED = Channel.SMS, CaseState.RECORDED

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
        visit.tell(facts.ServiceMessageSent, ("confirmation",))
        case_id = visit.case_id
        message = record_of(Message, (case_id, visit.touch, _SMS, "confirmation", case_id))
        complete = visit.desk.book.state[case_id] == _RECORDED
        text = _recorded_text(visit) if complete else QUEUED_TEXT
        visit.hear((yield record_of(Send, (message, text))))
        return "done"


def _recorded_text(visit: Visit) -> str:
    """What is said once the outcome stands in the core."""
    own = visit.desk.policy.confirmation_of(visit.choice.action) if visit.choice is not None else ""
    return own or RECORDED_TEXT
