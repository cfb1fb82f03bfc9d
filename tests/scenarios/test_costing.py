"""Costs by hand, and where two straight lines of cost meet."""

from __future__ import annotations

import re

import pytest

from sandbox.errors import BadInput
from sandbox.experiment.intervals import paired_mean_difference
from scenarios.costing import costs_of, crossing
from scenarios.result import Comparison
from scenarios.run import CompareRequest, compare
from scenarios.wiring.centre import prices_of
from scenarios.world.spec import load_scenario
from tests.scenarios.recorded import SMALL, run, scenario_with


@pytest.mark.parametrize(
    ("ours", "theirs", "volume", "words"),
    [
        ((2_000.0, 0.10), (0.0, 0.50), 5_000.0, "a is cheaper above it, b below"),
        ((0.0, 0.50), (2_000.0, 0.10), 5_000.0, "b is cheaper above it, a below"),
        ((2_000.0, 0.50), (0.0, 0.10), None, "none: b is cheaper at every volume"),
        ((0.0, 0.10), (2_000.0, 0.50), None, "none: a is cheaper at every volume"),
        ((2_000.0, 0.10), (0.0, 0.10), None, "none: b is cheaper at every volume"),
        ((0.0, 0.50), (0.0, 0.10), None, "none: b is cheaper at every volume; they start level"),
        ((0.0, 0.10), (0.0, 0.10), None, "they cost the same at every volume"),
    ],
)
def test_two_lines_meet_once_or_not_at_all(
    ours: tuple[float, float], theirs: tuple[float, float], volume: float | None, words: str
):
    """2,000 fixed against 40 pence a message saved is 5,000 messages; parallel or diverging lines never meet."""
    found, said = crossing(("a", *ours), ("b", *theirs))
    assert found == (None if volume is None else pytest.approx(volume))
    assert said == words


def test_a_designs_month_is_units_times_prices():
    """Every unit the run consumed at its price, and fixed cost on top; a message planned, a case recorded."""
    outcome, scenario = run("in-message"), scenario_with()
    block = scenario.document.costs
    found = costs_of(scenario, {"sms-to-call": [run("sms-to-call")], "in-message": [outcome]})
    design = found.designs["in-message"]
    units = {name: sum(days) for name, days in outcome.consumed.items()}
    variable = (
        units["messages"] * block.message
        + units["letters"] * block.letter
        + units["service_messages"] * block.code
        + units["sessions"] * block.session
        + units["agent_ms"] * block.agent_hour / 3_600_000
        + units["back_office_items"] * block.back_office_item
        + units["core_calls"] * block.core_call
        + units["cases"] * block.case
    )
    assert design.variable == pytest.approx(variable)
    assert sum(design.parts.values()) == pytest.approx(variable)
    assert design.fixed == block.fixed_per_month["in-message"] == 2_000
    assert design.per_message == pytest.approx(variable / 2_400)
    recorded = sum(outcome.ratios["completion_rate"][0])
    assert design.per_resolution == pytest.approx((2_000 + variable) / recorded)
    spent = sum(outcome.ratios["cost_per_resolution"][0]) / 1_000_000
    assert spent == pytest.approx(2_000 + variable, abs=1e-3)


def test_at_the_break_even_both_designs_cost_the_same():
    """Fixed plus variable at that volume, in total and per resolution, on either side."""
    runs = {name: [run(name)] for name in ("sms-to-call", "in-message")}
    found = costs_of(scenario_with(), runs)
    (item,) = found.break_even
    ours, theirs = found.designs["in-message"], found.designs["sms-to-call"]
    assert item.messages is not None
    assert item.messages_per_resolution is not None
    here = [one.fixed + one.per_message * item.messages for one in (ours, theirs)]
    assert here[0] == pytest.approx(here[1])
    rate = {name: sum(runs[name][0].ratios["completion_rate"][0]) / 2_400 for name in runs}
    each = [
        (one.fixed / item.messages_per_resolution + one.per_message) / rate[name]
        for name, one in (("in-message", ours), ("sms-to-call", theirs))
    ]
    assert each[0] == pytest.approx(each[1])


def test_the_interval_of_a_break_even_is_of_the_days_that_were_run():
    """The total's ends are the known gap over the ends of the paired cost a message; resolutions have theirs too."""
    runs = {name: [run(name)] for name in ("sms-to-call", "in-message")}
    scenario = scenario_with()
    (item,) = costs_of(scenario, runs).break_even
    daily = {}
    for name, (outcome,) in runs.items():
        each = prices_of(scenario.document, name).each()
        days = zip(*(outcome.consumed[unit] for unit in each), strict=True)
        daily[name] = [sum(n * price for n, price in zip(day, each.values(), strict=True)) for day in days]
    gain = paired_mean_difference(daily["sms-to-call"], daily["in-message"])
    assert gain.low is not None
    assert gain.high is not None
    per_message = gain.n_units / 2_400
    assert item.messages_low == pytest.approx(2_000 / (gain.high * per_message))
    assert item.messages_high == (pytest.approx(2_000 / (gain.low * per_message)) if gain.low > 0 else None)
    assert item.messages is not None
    assert item.messages_low < item.messages
    assert item.messages_per_resolution is not None
    assert item.messages_per_resolution_low is not None
    assert item.messages_per_resolution_low < item.messages_per_resolution
    assert item.far_outside is (item.messages > 4_800)
    more = costs_of(scenario, {name: [run(name), run(name)] for name in runs}).break_even[0]
    assert more.messages == pytest.approx(item.messages)
    assert more.messages_low is not None
    assert more.messages_low > item.messages_low


def test_a_volume_far_from_the_run_is_called_so():
    """The break-even is in proportion to the fixed cost: within half and twice of what was run it is near."""
    runs = {name: [run(name)] for name in ("sms-to-call", "in-message")}
    (item,) = costs_of(scenario_with(), runs).break_even
    assert item.messages is not None
    for times, far in ((0.45, True), (0.55, False), (1.9, False), (2.1, True)):
        fixed = 2_000 * 2_400 / item.messages * times
        (moved,) = costs_of(scenario_with((f"costs.fixed_per_month.in-message={fixed}",)), runs).break_even
        assert moved.messages == pytest.approx(2_400 * times)
        assert moved.far_outside is far


def test_a_design_that_resolves_nothing_has_no_cost_per_resolution():
    """With nobody responding there is no resolution to divide by, and none to break even on."""
    settings = (*SMALL, "campaign.messages=200", "customers.response_rate=0", "calendar.working_days=12")
    request = CompareRequest("retail-bank-200k", settings, ("sms-to-call", "portal"), replications=1, jobs=1)
    found: Comparison = compare(request, lambda _: None, lambda: False)
    assert found.costs is not None
    assert found.costs.designs["portal"].per_resolution is None
    (item,) = found.costs.break_even
    assert item.messages_per_resolution is None
    assert "resolves nothing" in item.note_per_resolution


def test_a_fixed_cost_reaches_the_cost_per_resolution_of_its_design_alone():
    """Setting one design's fixed cost moves that design by exactly its share."""
    dear = ("costs.fixed_per_month.in-message=9000",)
    before, after = run("in-message"), run("in-message", dear)
    recorded = sum(before.ratios["completion_rate"][0])
    gained = sum(after.ratios["cost_per_resolution"][0]) - sum(before.ratios["cost_per_resolution"][0])
    assert gained / 1_000_000 / recorded == pytest.approx(7_000 / recorded, rel=1e-6)
    assert run("portal", dear).ratios == run("portal").ratios


@pytest.mark.parametrize(
    ("setting", "told"),
    [
        ("costs.fixed_per_month.portal=-1", "a block of names, each with a number from 0"),
        ("costs.fixed_per_month.portal=dear", "a block of names, each with a number from 0"),
        ("costs.fixed_per_month.portl=1", "did you mean 'costs.fixed_per_month.portal'"),
        ("costs.core_call=-1", "a number from 0 to 1,000,000"),
    ],
)
def test_a_wrong_price_is_refused_with_what_is_allowed(setting: str, told: str):
    """Amounts are never negative, and a misspelt design is not a design without cost."""
    with pytest.raises(BadInput, match=re.escape(told)):
        load_scenario("retail-bank-200k", (setting,))
