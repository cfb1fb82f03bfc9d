"""What each step of a design can take in a working hour, before anybody waits."""

from __future__ import annotations

from statistics import fmean

from sandbox.journey.steps.app_download import AppDownload
from sandbox.journey.steps.back_office import BackOffice
from sandbox.journey.steps.base import Step
from sandbox.journey.steps.bot import Bot
from sandbox.journey.steps.call_queue import CallQueue
from sandbox.journey.steps.login import Login
from sandbox.journey.steps.manual_writeback import ManualWriteback
from scenarios.wiring.centre import back_office_of, centre_of
from scenarios.world.document import ScenarioDocument

_MINUTES_PER_HOUR = 60.0
_SECONDS_PER_HOUR = 3600.0


def capacity_per_h(step: Step, document: ScenarioDocument) -> float | None:
    """Return how many cases a step can take in a working hour; None where nothing limits it.

    For the lines that is the mean of the day, all traffic, at the handling time of a routine call.
    """
    office = back_office_of(document)
    match step:
        case Login() | AppDownload() | Bot():
            per_min = step.capacity_per_min
            return None if per_min is None else per_min * _MINUTES_PER_HOUR
        case CallQueue():
            centre = centre_of(document)
            handling_s = centre.handling_s_mean["routine"] + centre.after_call_s_mean
            return fmean(centre.agents) * _SECONDS_PER_HOUR / handling_s
        case BackOffice():
            return office.clerks * _MINUTES_PER_HOUR / office.touch_min_mean
        case ManualWriteback():
            entries = 2 if step.double_entry else 1
            return office.rekeying_clerks * _MINUTES_PER_HOUR / (office.rekey_min_mean * entries)
        case _:
            return None
