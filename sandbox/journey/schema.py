"""The document a designer writes for a design."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from sandbox.journey.steps.agent import Agent
from sandbox.journey.steps.app_download import AppDownload
from sandbox.journey.steps.back_office import BackOffice
from sandbox.journey.steps.bot import Bot
from sandbox.journey.steps.call_queue import CallQueue
from sandbox.journey.steps.choose import Choose
from sandbox.journey.steps.confirm import Confirm
from sandbox.journey.steps.exception import ExceptionPath
from sandbox.journey.steps.known_facts import KnownFacts
from sandbox.journey.steps.login import Login
from sandbox.journey.steps.manual_writeback import ManualWriteback
from sandbox.journey.steps.message import Message
from sandbox.journey.steps.open_link import OpenLink
from sandbox.journey.steps.verify import Verify
from sandbox.journey.steps.write_back import WriteBack

AnyStep = Annotated[
    Message
    | OpenLink
    | Verify
    | KnownFacts
    | Login
    | AppDownload
    | Bot
    | Choose
    | WriteBack
    | Confirm
    | ExceptionPath
    | CallQueue
    | Agent
    | BackOffice
    | ManualWriteback,
    Field(discriminator="kind"),
]


class DesignDocument(BaseModel):
    """A design as data: an ordered list of steps and where a customer goes on each outcome.

    Attributes:
        design: its name.
        title: one line for tables.
        normal_path: who completes a routine case by design: "self_service" or "person" (assisted service).
        steps: the first must be a message.
        person_route: the call queue a customer comes to whom no message can reach and a letter asks to call; the
            first one of the design unless named.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    design: str = Field(min_length=1, pattern=r"^[a-z0-9][a-z0-9-]*$")
    title: str = Field(min_length=1)
    normal_path: Literal["self_service", "person"]
    steps: list[AnyStep] = Field(min_length=2, max_length=50)
    person_route: str = ""
