"""The fewest agents by theory: every half hour at its limit, one agent fewer above it, and the day below."""

from __future__ import annotations

import pytest

from sandbox.errors import BadInput
from sandbox.experiment.erlang_a import erlang_a
from scenarios.lines.agents_by_theory import agents_by_theory
from scenarios.lines.preview import preview
from scenarios.world.spec import load_scenario

LIMIT = 0.10


@pytest.mark.parametrize("design", ["sms-to-call", "portal"])
def test_each_half_hour_has_the_fewest_agents_that_will_do(design: str) -> None:
    """Exact Erlang-A for the calls expected with these agents: enough with them, too few with one less."""
    scenario = load_scenario("retail-bank-200k")
    found = agents_by_theory(scenario, design, LIMIT)
    assert found is not None
    seen = preview(scenario, {"call_centre.agents": list(found.agents)}, designs=[design]).designs[design]
    for half, agents in zip(seen.half_hours, found.agents, strict=True):
        load = (half.offered * 2, half.handling_s, half.patience_s)
        assert erlang_a(*load, agents).abandonment_rate <= found.half_hour_limit + 1e-3
        if agents > 1:
            assert erlang_a(*load, agents - 1).abandonment_rate > found.half_hour_limit - 1e-3
    assert found.abandonment_rate == pytest.approx(seen.metrics["call_abandonment_rate"])
    assert found.abandonment_rate <= LIMIT
    assert found.hours == sum(found.agents) / 2


def test_a_stricter_limit_needs_more_and_the_portal_fewer_than_calls() -> None:
    """Agents rise as the limit falls; a design that calls less needs fewer, and today's are more than enough."""
    scenario = load_scenario("retail-bank-200k")
    hours = [agents_by_theory(scenario, "portal", limit).hours for limit in (0.20, 0.10, 0.02)]
    assert hours == sorted(hours)
    calls = agents_by_theory(scenario, "sms-to-call", LIMIT)
    assert calls.hours > calls.hours_today > hours[1]


def test_shifts_are_left_to_the_simulation() -> None:
    """Where heads stand in shifts, theory names no agents by half hour."""
    assert agents_by_theory(load_scenario("retail-bank-shifts"), "portal", LIMIT) is None


@pytest.mark.parametrize("limit", [0.0, 1.0])
def test_a_limit_that_is_none_is_refused(limit: float) -> None:
    """Nought and one are no limits."""
    with pytest.raises(BadInput, match="allowed: above 0 and below 1"):
        agents_by_theory(load_scenario("retail-bank-200k"), "portal", limit)
