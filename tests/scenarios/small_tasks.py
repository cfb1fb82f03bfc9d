"""A few quick tasks of one small world, for tests of who runs them and what is kept of them."""

from __future__ import annotations

from functools import cache

from scenarios.run import CompareRequest, prepare
from scenarios.task import Task
from scenarios.world.spec import Scenario

TINY = ("campaign.messages=600", "calendar.working_days=4", "campaign.touch_gap_days=2")
HOURS = frozenset({9, 10, 11, 12})


@cache
def world(*settings: str) -> Scenario:
    """The headline scenario at 300 cases in four days, with further settings."""
    return prepare(CompareRequest("retail-bank-200k", (*TINY, *settings)))[0]


def task(design: str = "in-message", replication: int = 0, *settings: str) -> Task:
    """One run of that world."""
    return Task(world(*settings), design, replication, HOURS)


def tasks() -> list[Task]:
    """Two designs in two replications."""
    return [task(design, replication) for replication in (0, 1) for design in ("portal", "in-message")]
