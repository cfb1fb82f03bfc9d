"""Which of a run's sums a metric is estimated from: all of them, or those of one segment, route or week.

Weeks are five working days of the campaign: cases belong to the week of their first planned touch, calls to the week
they were offered in. Segments are arrears bands.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from sandbox.scorecard.case_table import ROUTES
from sandbox.scorecard.layout import DAYS_PER_WEEK
from sandbox.scorecard.outcome import RunOutcome, Series, who

DIMENSIONS = ("segment", "week", "route")
"""What a scorecard can be cut by."""

_Unit = TypeVar("_Unit")
_Times = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Cut:
    """A part of the runs of a design; the default is the whole.

    Attributes:
        dimension: one of DIMENSIONS, or empty for the whole.
        value: which segment, week (from "1") or route.
    """

    dimension: str = ""
    value: str = ""

    def ratio(self, outcomes: Sequence[RunOutcome], name: str) -> Series | None:
        """A ratio's units of all replications, one after the other; None where it cannot be cut this way."""
        found = [self._ratios(outcome).get(name) for outcome in outcomes]
        each = [series for series in found if series is not None]
        if len(each) < len(found):
            return None
        numerators = [value for series in each for value in self._days(series[0])]
        denominators = [value for series in each for value in self._days(series[1])]
        return numerators, denominators

    def total(self, outcomes: Sequence[RunOutcome], name: str) -> list[int] | None:
        """A total's units of all replications, one after the other; None where it cannot be cut this way."""
        found = [self._totals(outcome).get(name) for outcome in outcomes]
        each = [values for values in found if values is not None]
        if len(each) < len(found):
            return None
        return [value for values in each for value in self._days(values)]

    def slots(self, outcome: RunOutcome, series: str) -> list[int] | None:
        """A series of half hours, flat; None where it cannot be cut this way."""
        if self.dimension in ("segment", "route"):
            return None
        if not self.dimension:
            return outcome.slots[series]
        per_week = DAYS_PER_WEEK * outcome.slot_count
        first = (int(self.value) - 1) * per_week
        return outcome.slots[series][first : first + per_week]

    def times(self, outcome: RunOutcome) -> tuple[_Times, _Times]:
        """Times to resolution of recorded cases, and of those still open."""
        resolved = np.frombuffer(outcome.resolved_ms, dtype=np.int64)
        censored = np.frombuffer(outcome.censored_ms, dtype=np.int64)
        if not self.dimension:
            return resolved, censored
        return (
            resolved[self._whose(outcome, outcome.resolved_who)],
            censored[self._whose(outcome, outcome.censored_who)],
        )

    def _whose(self, outcome: RunOutcome, data: bytes) -> npt.NDArray[np.bool_]:
        whose = who(data)
        if self.dimension == "segment":
            codes, wanted = whose.band, outcome.bands.index(self.value)
        elif self.dimension == "route":
            codes, wanted = whose.route, ROUTES.index(self.value)
        else:
            codes, wanted = whose.week, int(self.value)
        theirs: npt.NDArray[np.bool_] = codes == wanted
        return theirs

    def _ratios(self, outcome: RunOutcome) -> dict[str, Series]:
        parts = outcome.parts.get(self.dimension)
        return outcome.ratios if parts is None else parts[self.value].ratios

    def _totals(self, outcome: RunOutcome) -> dict[str, list[int]]:
        parts = outcome.parts.get(self.dimension)
        return outcome.totals if parts is None else parts[self.value].totals

    def _days(self, units: list[_Unit]) -> list[_Unit]:
        if self.dimension != "week":
            return units
        first = (int(self.value) - 1) * DAYS_PER_WEEK
        return units[first : first + DAYS_PER_WEEK]


WHOLE = Cut()


def cuts(outcomes: Sequence[RunOutcome]) -> dict[str, list[Cut]]:
    """Every part of a design's runs, by dimension, in the order they are shown."""
    first = outcomes[0]
    days = max(len(first.ratios["completion_rate"][0]), len(first.ratios["call_abandonment_rate"][0]))
    weeks = range(1, -(-days // DAYS_PER_WEEK) + 1)
    values = {"segment": first.bands, "week": [str(week) for week in weeks], "route": ROUTES}
    return {dimension: [Cut(dimension, value) for value in values[dimension]] for dimension in DIMENSIONS}
