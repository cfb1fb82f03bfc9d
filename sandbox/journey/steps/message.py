"""The message that starts a visit; always the first step of a design."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Literal

from annotated_types import Ge, Le, MaxLen

from sandbox.errors import RuleBroken
from sandbox.journey.steps.base import Rate, Step, Walk
from sandbox.journey.visit import Visit
from sandbox.model import TOUCHES_MAX, WAIT_DAYS_MAX, MessageChannel


@dataclass(frozen=True, slots=True)
class PlannedTouch:
    """One planned touch of a sequence.

    Attributes:
        channel: how it is to travel; outreach may choose another the customer consents to.
        wait_days: working days since the planned touch before; 0 for the first.
    """

    __pydantic_config__: ClassVar[Any] = {"extra": "forbid"}

    channel: MessageChannel
    wait_days: Annotated[int, Ge(0), Le(WAIT_DAYS_MAX)] = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Message(Step):
    """One campaign message; who is sent one and when it leaves is outreach's decision, not the design's.

    Attributes:
        channel: how every touch travels when there is no sequence.
        engages_by: what the customer does when they act on it: "click" a link or "call".
        sequence: one entry per planned touch; none means the campaign's own number of touches and gap.
        timing: "rules" lets the contact rules decide when a message leaves; "rigid" sends at a fixed hour whatever
            they say (a STOP and the core's record still end the sequence), and every such message is a breach.
        rigid_hour: local hour of rigid sends; 7, an hour before contact is allowed, is an assumption.
        content: "specific" gives amount, dates and what the customer may do; "generic" says none of it.
        generic_response_factor: responses to a generic message, times those to a specific one; 0.75 is an assumption,
            range 0.4 to 1.
        generic_leaves_rate: further share of those who came by a generic message that leave the page; 0.06 is an
            assumption, range 0.02 to 0.2.
        generic_asks_rate: share of those who came by a generic message that want to ask a person first; 0.08 is an
            assumption, range 0.02 to 0.2.
    """

    kind: Literal["message"] = "message"
    channel: MessageChannel = "sms"
    engages_by: Literal["click", "call"] = "click"
    sequence: Annotated[tuple[PlannedTouch, ...], MaxLen(TOUCHES_MAX)] = ()
    timing: Literal["rules", "rigid"] = "rules"
    rigid_hour: Annotated[int, Ge(0), Le(23)] = 7
    content: Literal["specific", "generic"] = "specific"
    generic_response_factor: Rate = 0.75
    generic_leaves_rate: Rate = 0.06
    generic_asks_rate: Rate = 0.08

    def run(self, visit: Visit) -> Walk:
        """Never runs inside a visit: a visit starts after the message was acted on."""
        message = f"step {self.id!r} was reached inside visit of case {visit.case_id}"
        raise RuleBroken(message)
        yield
