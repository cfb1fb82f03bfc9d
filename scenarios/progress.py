"""Progress of a comparison, as absolute totals: dropping one update loses nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


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
    """

    design: str
    replication: int
    day: int
    days: int
    cases: int
    cases_total: int
    done: bool


OnProgress = Callable[[TaskProgress], None]
ShouldStop = Callable[[], bool]
