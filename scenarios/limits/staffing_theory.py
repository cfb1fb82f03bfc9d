"""Staffings as theory sees them: the order the search goes along, and where on it the conditions should be kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from sandbox.experiment.marginal_staffing import IntervalLoad, Loss, staffings
from sandbox.experiment.verdict import Condition, judge
from scenarios.limits.staffing_plan import StaffPlan
from scenarios.lines.preview import PREVIEWED, DesignPreview, preview
from scenarios.result import Metric

PLACES_MAX = 120
"""Staffings on the search's grid: steps of one agent for half an hour, or of about a hundredth of them all."""


class Mending(NamedTuple):
    """How a metric of theory becomes one of the simulation.

    Attributes:
        factor: simulation / theory, where both were seen.
        half: half the interval a confirmation of it will have.
    """

    factor: float = 1.0
    half: float = 0.0


def mendings(plan: StaffPlan, agents: Sequence[float], seen: Sequence[Metric]) -> dict[str, Mending]:
    """Hold theory against a run with the same agents."""
    theory = lines_with(plan, agents).metrics
    found = {}
    for one, reading in zip(plan.how.conditions, seen, strict=True):
        expected = theory.get(one.metric)
        if reading.value is None or not expected:
            continue
        half = 0.0 if reading.high is None else (reading.high - reading.value) * plan.how.gain**-0.5
        found[one.metric] = Mending(reading.value / expected, half)
    return found


def ordered(plan: StaffPlan, loads: list[IntervalLoad]) -> tuple[tuple[int, ...], ...]:
    """Return staffings from lean to ample, as many as a search has use for, at least two."""
    block = plan.scenario.document.call_centre
    loss: Loss = "waited" if "wait" in plan.how.conditions[0].metric else "abandoned"
    found = staffings(loads, loss, balk_rate=block.balk_rate, shrinkage=block.shrinkage)
    stride = -(-len(found) // PLACES_MAX)
    return found[::-stride][::-1] if len(found) > 1 else (*found, tuple(one + 1 for one in found[0]))


def theory_place(
    plan: StaffPlan, order: Sequence[tuple[int, ...]], mending: Mapping[str, Mending] = MappingProxyType({})
) -> int | None:
    """The leanest staffing that keeps by theory what it knows of; None where it knows nothing or none does.

    Args:
        plan: what is kept.
        order: staffings, leanest first.
        mending: by metric; what is not in it counts as theory has it.
    """
    known = [one for one in plan.how.conditions if one.metric in PREVIEWED]

    def keeps(place: int) -> bool:
        metrics = lines_with(plan, order[place]).metrics
        return all(_holds(one, metrics[one.metric], mending.get(one.metric, Mending())) for one in known)

    if not known or not keeps(len(order) - 1):
        return None
    low, high = -1, len(order) - 1
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if keeps(middle) else (middle, high)
    return high


def _holds(condition: Condition, value: float, mending: Mending) -> bool:
    middle, half = value * mending.factor, mending.half
    interval = Metric(middle, "", 1, middle - half, middle + half, "")
    return judge(interval, condition.comparator, condition.threshold) == "pass"


def rising(plan: StaffPlan, order: Sequence[tuple[int, ...]]) -> bool | None:
    """Whether fewer agents keep the conditions better, by theory; None where it does not know all of them."""
    if not all(one.metric in PREVIEWED for one in plan.how.conditions):
        return None

    def room(place: int) -> float:
        metrics = lines_with(plan, order[place]).metrics
        return min(
            (one.threshold - metrics[one.metric]) * (1.0 if one.comparator in ("<", "<=") else -1.0)
            for one in plan.how.conditions
        )

    return room(0) >= room(-1)


def lines_with(plan: StaffPlan, agents: Sequence[float]) -> DesignPreview:
    """Preview the lines with these agents."""
    settings = plan.settings(agents)
    return preview(plan.scenario, settings, designs=(plan.design,), hours=plan.how.hours).designs[plan.design]
