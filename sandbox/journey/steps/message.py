"""The message that starts a visit; always the first step of a design."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from sandbox.errors import RuleBroken
from sandbox.journey.steps.base import Step, Walk
from sandbox.journey.visit import Visit
from sandbox.model import Channel


@dataclass(frozen=True, slots=True, kw_only=True)
class Message(Step):
    """One campaign message; who is sent one, when and how often is outreach's decision, not the design's.

    Attributes:
        channel: how it travels.
        engages_by: what the customer does when they act on it: "click" a link or "call".
    """

    kind: Literal["message"] = "message"
    channel: Channel = Channel.SMS
    engages_by: Literal["click", "call"] = "click"

    def run(self, visit: Visit) -> Walk:
        """Never runs inside a visit: a visit starts after the message was acted on."""
        message = f"step {self.id!r} was reached inside visit of case {visit.case_id}"
        raise RuleBroken(message)
        yield
