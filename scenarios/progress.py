"""Progress of a comparison, as absolute totals: dropping one update loses nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TypeVar

from sandbox.errors import Cancelled


@dataclass(frozen=True, slots=True)
class TaskProgress:
    """How far one (design, replication) run is.

    Attributes:
        design: design name.
        replication: 0-based.
        day: simulated working day reached.
        days: working days in all, follow-up included.
        cases: cases started so far.
        cases_total: cases in all.
        done: the run has finished.
        kept: it had finished before, and took no time now.
    """

    design: str
    replication: int
    day: int
    days: int
    cases: int
    cases_total: int
    done: bool
    kept: bool = False


@dataclass(frozen=True, slots=True)
class RunsAhead:
    """How many runs a search still takes, those it is at included; told anew with every round.

    Attributes:
        likely: in most searches.
        most: with all the luck against it.
    """

    likely: int
    most: int


OnProgress = Callable[[TaskProgress], None]
OnAhead = Callable[[RunsAhead], None]
ShouldStop = Callable[[], bool]

_ITEMS_BETWEEN_POLLS = 1_000
"""Reading, checking or writing so many rows takes some milliseconds."""

_Item = TypeVar("_Item")


def until_stopped(items: Iterable[_Item], should_stop: ShouldStop) -> Iterator[_Item]:
    """Pass items on; for what goes through all rows of a run after the run itself is over.

    Raises:
        Cancelled: `should_stop` said so, asked before the first item and every thousand after it.
    """
    for place, item in enumerate(items):
        if place % _ITEMS_BETWEEN_POLLS == 0 and should_stop():
            raise Cancelled("stopped on request")
        yield item
