"""All kinds of step a design may use, by the name a scenario file gives them."""

from __future__ import annotations

from sandbox.journey.steps.agent import Agent
from sandbox.journey.steps.app_download import AppDownload
from sandbox.journey.steps.back_office import BackOffice
from sandbox.journey.steps.base import Step
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

STEP_KINDS: dict[str, type[Step]] = {
    "message": Message,
    "open_link": OpenLink,
    "verify": Verify,
    "known_facts": KnownFacts,
    "login": Login,
    "app_download": AppDownload,
    "bot": Bot,
    "choose": Choose,
    "write_back": WriteBack,
    "confirm": Confirm,
    "exception": ExceptionPath,
    "call_queue": CallQueue,
    "agent": Agent,
    "back_office": BackOffice,
    "manual_writeback": ManualWriteback,
}
