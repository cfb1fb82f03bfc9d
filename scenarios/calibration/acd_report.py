"""From a bank's ACD interval report to the call centre of a scenario, saying what was taken and how.

What a report counts (calls, waits, handling times) is measured. Patience and staff are not in it: both are
inferred here through Erlang-A and always called so. Patience and handling time come from all clean rows;
traffic and staff from the working days.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from sandbox.experiment.staffing import Demand, day_multipliers, effective_agents, pool_thin
from scenarios.calibration.acd_intervals import DayIntervals, intervals_of
from scenarios.calibration.acd_profile import SLOT_MINUTES, Slot, Totals, WorkingDay, totals_of, working_day
from scenarios.calibration.acd_rows import AcdReport, read_report
from scenarios.calibration.acd_statements import statements_of

__all__ = ["AcdReport", "CallCentreEstimate", "SlotEstimate", "Totals", "infer", "read_report"]

_SLOTS_PER_HOUR = 60 / SLOT_MINUTES

# Abandoned calls assumed where none was seen: the usual half, since no finite staff loses nobody.
_HALF_A_CALL = 0.5


class SlotEstimate(NamedTuple):
    """One half hour of the working day.

    Attributes:
        start: local clock time, "HH:MM".
        offered_per_day: mean calls of a working day, measured.
        abandonment_rate: abandoned / offered in this half hour, measured, 0..1.
        agents: effective agents, inferred; None when patience or handling time is unknown.
        pooled: starts of the half hours whose calls `agents` was inferred from together, this one included.
    """

    start: str
    offered_per_day: float
    abandonment_rate: float
    agents: float | None
    pooled: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CallCentreEstimate:
    """A call centre as far as its report shows it.

    Attributes:
        day: the working days, their weekdays, and how they differ.
        slots: half hours of the working day that have calls, in order of the clock; others had none.
        aht_s: mean handling time weighted by answered calls, seconds; None when nobody was answered.
        patience_s: mean patience, inferred, seconds; None when nobody abandoned.
        patience_biased_low: the report lacks the waits of the abandoned, so patience is a lower bound.
        totals: sums over all clean rows.
        working_totals: sums over the working days.
        intervals: of these, over the days.
        statements: what was taken and how, one plain sentence each.
    """

    day: WorkingDay
    slots: tuple[SlotEstimate, ...]
    aht_s: float | None
    patience_s: float | None
    patience_biased_low: bool
    totals: Totals
    working_totals: Totals
    intervals: DayIntervals
    statements: list[str]

    @property
    def figures(self) -> dict[str, float | None]:
        """The working days' measured figures, to stand beside a simulation of them."""
        return {
            "offered_per_day": math.fsum(slot.offered_per_day for slot in self.slots),
            "abandonment_rate": self.working_totals.abandonment_rate,
            "mean_wait_s": self.working_totals.mean_wait_s,
            "asa_s": self.working_totals.asa_s,
            "aht_s": self.working_totals.aht_s,
        }


def infer(report: AcdReport, unseen_cv: float = 0.0) -> CallCentreEstimate:
    """Estimate a call centre from its report.

    Effective agents are chosen so that Erlang-A, averaged over the days' loads (gamma with the report's own
    coefficient of variation), gives back the abandonment of the half hour. Neighbouring half hours with fewer
    than POOL_CALLS calls in the whole report are pooled and share one number of agents.

    Args:
        report: the report as read.
        unseen_cv: coefficient of variation of the days' loads where a single day cannot show it.

    Raises:
        BadInput: no clean row has a call, or the load is beyond what Erlang-A is solved for.
    """
    day = working_day(report)
    totals = totals_of(report.rows, has_abandoned_wait=report.has_abandoned_wait)
    groups = pool_thin([slot.number for slot in day.slots], [slot.offered for slot in day.slots])
    agents = _agents(day, totals, groups, unseen_cv)
    slots = tuple(
        _slot_estimate(day.slots[index], agents_of_group, [day.slots[i].start for i in group])
        for group, agents_of_group in zip(groups, agents, strict=True)
        for index in group
    )
    return CallCentreEstimate(
        day=day,
        slots=slots,
        aht_s=totals.aht_s,
        patience_s=totals.patience_s,
        patience_biased_low=not report.has_abandoned_wait,
        totals=totals,
        working_totals=totals_of(day.rows, has_abandoned_wait=report.has_abandoned_wait),
        intervals=intervals_of(report, day),
        statements=statements_of(report, day, totals, groups, unseen_cv),
    )


def _agents(day: WorkingDay, totals: Totals, groups: Sequence[range], unseen_cv: float) -> list[float | None]:
    """Effective agents of each group of half hours; None where the report cannot tell."""
    if not totals.patience_s or not totals.aht_s:
        return [None] * len(groups)
    day_cv = unseen_cv if day.day_cv is None else day.day_cv
    demand = Demand(totals.aht_s, totals.patience_s, day_multipliers(day_cv))
    return [_agents_of_group([day.slots[index] for index in group], demand) for group in groups]


def _agents_of_group(slots: Sequence[Slot], demand: Demand) -> float:
    abandoned = math.fsum(slot.abandoned for slot in slots) or _HALF_A_CALL
    rate = min(1.0, abandoned / math.fsum(slot.offered for slot in slots))
    return effective_agents([slot.offered_per_day * _SLOTS_PER_HOUR for slot in slots], demand, rate)


def _slot_estimate(slot: Slot, agents: float | None, pooled: Sequence[str]) -> SlotEstimate:
    return SlotEstimate(
        slot.start, slot.offered_per_day, slot.abandoned / slot.offered, agents, tuple(pooled)
    )
