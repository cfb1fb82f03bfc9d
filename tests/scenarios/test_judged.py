"""Which what-ifs an expectation speaks of: only the scenario as written, with the expectation's own `when`."""

from __future__ import annotations

import pytest

from scenarios.run import differing
from scenarios.world.spec import load_scenario

NAME = "retail-bank-200k"
STEP = "designs.in-message.unproven.takes_call_rate"
RULE = "policy.actions.promise_to_pay.due_days.max"


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ((), []),
        (("seed=9", "replications=3"), []),
        (("customers.response_rate=0.2",), ["customers.response_rate"]),
        ((f"{STEP}=0.9",), [STEP]),
        ((f"{STEP}=0.5",), []),
        (("designs.portal.call_instead.takes_call_rate=0.9",), []),
        ((f"{RULE}=21",), [RULE]),
        ((f"{RULE}=14",), []),
    ],
)
def test_an_expectation_is_not_judged_on_another_world(settings: tuple[str, ...], told: list[str]) -> None:
    """Settings, the design it speaks of and the policy count; a value set to what it was, seed and size do not."""
    scenario, shipped = load_scenario(NAME, settings), load_scenario(NAME)
    expected = next(
        one for one in scenario.expectations if one.design == "in-message" and "campaign.messages" in one.when
    )
    assert differing(scenario, shipped, expected) == told
