"""The message that starts a visit; always the first step of a design."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Literal

from annotated_types import Ge, Le, MaxLen

from sandbox.errors import RuleBroken
from sandbox.journey.steps.base import Step, Walk
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
    """

    kind: Literal["message"] = "message"
    channel: MessageChannel = "sms"
    engages_by: Literal["click", "call"] = "click"
    sequence: Annotated[tuple[PlannedTouch, ...], MaxLen(TOUCHES_MAX)] = ()

    def run(self, visit: Visit) -> Walk:
        """Never runs inside a visit: a visit starts after the message was acted on."""
        message = f"step {self.id!r} was reached inside visit of case {visit.case_id}"
        raise RuleBroken(message)
        yield
