"""How many agents a design needs, by theory alone: an answer in a moment, before `sandbox staff` simulates one.

Every half hour gets the fewest agents that keep its abandonment at or below the limit by exact Erlang-A, for the
calls the preview expects in it. Fewer abandoned calls are called again less often, so the calls are reckoned anew
with those agents, until nothing changes. Days differ, and a busy one loses more than a quiet one saves: where the
preview of all days lies above the limit, the half hours are held to a lower one.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import fsum

from sandbox.errors import BadInput
from sandbox.experiment.erlang_a import agents_for
from scenarios.lines.preview import DesignPreview, preview
from scenarios.world.spec import Scenario

METRIC = "call_abandonment_rate"
"""The one condition theory turns into agents half hour by half hour."""

_ROUNDS_MAX = 6
_TIGHTER_MAX = 8
_HALF_HOURS = 2.0
_LEAST_CALLS = 1e-6


@dataclass(frozen=True, slots=True)
class TheoryAgents:
    """The fewest agents by theory.

    Attributes:
        starts: half hours, local clock time "HH:MM".
        agents: whole agents in each.
        today: effective agents in each as the scenario has them.
        abandonment_rate: of all days with these agents, by the preview.
        half_hour_limit: what each half hour of a mean day was held to.
    """

    starts: tuple[str, ...]
    agents: tuple[int, ...]
    today: tuple[float, ...]
    abandonment_rate: float
    half_hour_limit: float

    @property
    def hours(self) -> float:
        """Agent hours a day."""
        return fsum(self.agents) / _HALF_HOURS

    @property
    def hours_today(self) -> float:
        """Agent hours a day as the scenario has them."""
        return fsum(self.today) / _HALF_HOURS


def agents_by_theory(scenario: Scenario, design: str, limit: float) -> TheoryAgents | None:
    """Return the fewest agents that keep abandonment at or below a limit; None where agents come from shifts.

    Args:
        scenario: as loaded, with its settings.
        design: one of its designs.
        limit: abandoned / offered, above 0 and below 1.

    Raises:
        BadInput: the limit is out of its range.
    """
    if scenario.document.call_centre.shifts is not None:
        return None
    today = scenario.document.agents_per_half_hour
    held_to = limit
    for _ in range(_TIGHTER_MAX):
        agents, seen = _settled(scenario, design, held_to)
        found = seen.metrics[METRIC]
        if found <= limit:
            break
        held_to *= limit / found
    starts = tuple(half.start for half in seen.half_hours)
    return TheoryAgents(starts, agents, tuple(today), found, held_to)


def _settled(scenario: Scenario, design: str, limit: float) -> tuple[tuple[int, ...], DesignPreview]:
    """Return agents that keep every half hour of a mean day at a limit, and the preview with them."""
    seen = preview(scenario, designs=[design]).designs[design]
    agents: tuple[int, ...] = ()
    for _ in range(_ROUNDS_MAX):
        wanted = _fewest(seen, limit)
        if wanted == agents:
            break
        agents = wanted
        seen = preview(scenario, {"call_centre.agents": list(agents)}, designs=[design]).designs[design]
    return agents, seen


def _fewest(seen: DesignPreview, limit: float) -> tuple[int, ...]:
    if not 0.0 < limit < 1.0:
        raise BadInput([f"{METRIC}: found a limit of {limit:g}; allowed: above 0 and below 1"])
    return tuple(
        agents_for(half.offered * _HALF_HOURS, half.handling_s, half.patience_s, limit)
        if half.offered > _LEAST_CALLS
        else 1
        for half in seen.half_hours
    )
