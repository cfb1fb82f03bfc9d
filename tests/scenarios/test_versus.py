"""Two saved runs held against each other: what makes them a pair, and the interval of each difference."""

from __future__ import annotations

from dataclasses import replace
from math import sqrt
from statistics import mean, stdev

import pytest

from scenarios.result import Comparison, Spread
from scenarios.run import CompareRequest, compare
from scenarios.versus import Change, Ran, held_against
from tests.scenarios.recorded import SMALL
from tests.tui.canned import comparison
from tests.tui.canned_worlds import saved

RATE = "completion_of_engaged_rate"
T_3 = 3.182446
"""Student's t for 95 % and three degrees of freedom, from a printed table."""


def ran(given: Comparison, **made: object) -> Ran:
    """A saved run that gave this."""
    return Ran(replace(saved(1, "sandbox compare canned-bank"), **made), given)


def other_facts(*replications: float) -> Comparison:
    """The canned comparison with other facts in the first design, and these completions by replication."""
    given = comparison()
    design = given.designs["sms-to-call"]
    spread = {**design.spread, RATE: Spread((), replications)}
    given.designs["sms-to-call"] = replace(design, digest="f" * 64, spread=spread)
    return given


@pytest.mark.parametrize(
    ("made", "reason"),
    [
        ({"rules": "other"}, "shipped rules differ"),
        ({"code": "other"}, "versions of the code differ"),
        ({"files": {"mine.yaml": b"x"}}, "files of the scenario differ"),
    ],
)
def test_other_inputs_part_two_runs(made: dict[str, object], reason: str) -> None:
    """Another code, rules or file draws other customers, so nothing is paired; and it is named among the changes."""
    held = held_against(ran(comparison()), ran(other_facts(0.1, 0.2, 0.3, 0.4), **made))
    assert held.apart == reason
    assert not held.designs["sms-to-call"][RATE].paired
    assert next(iter(made)).rstrip("s") in held.changes[0].what


def test_seed_and_replications_part_two_runs() -> None:
    """Both are named; so is a stored number of replications too small to be paired."""
    more = replace(comparison(seed=7), replications=9)
    assert held_against(ran(comparison()), ran(more)).apart == "seeds and numbers of replications differ"
    few = replace(comparison(), replications=2)
    assert held_against(ran(few), ran(few)).apart == "fewer than 3 replications are stored"


def test_the_same_customers_are_paired_by_replication() -> None:
    """The interval is Student's on the replications' differences, reckoned here a second time."""
    one = comparison()
    before = one.designs["sms-to-call"].spread[RATE].replications
    gaps = (0.05, 0.07, 0.04, 0.06)
    other = other_facts(*(value + gap for value, gap in zip(before, gaps, strict=True)))
    other.settings["call_centre.agents"] = 99
    held = held_against(ran(one), ran(other))
    moved = held.designs["sms-to-call"][RATE]
    half = T_3 * stdev(gaps) / sqrt(4)
    assert moved.paired
    assert moved.value == pytest.approx(mean(gaps))
    assert (moved.low, moved.high) == pytest.approx((mean(gaps) - half, mean(gaps) + half), abs=1e-6)
    assert Change("call_centre.agents", "as in the file", "99") in held.changes


def test_estimates_that_stand_apart_have_both_their_widths() -> None:
    """Each side is the root of the sum of the squared distances to the ends."""
    one, other = comparison(), comparison(seed=7)
    design = other.designs["portal"]
    figure = replace(design.metrics[RATE], value=0.5, low=0.47, high=0.54)
    other.designs["portal"] = replace(design, metrics={**design.metrics, RATE: figure})
    was = replace(one.designs["portal"].metrics[RATE], value=0.4, low=0.36, high=0.43)
    one.designs["portal"] = replace(
        one.designs["portal"], metrics={**one.designs["portal"].metrics, RATE: was}
    )
    moved = held_against(ran(one), ran(other)).designs["portal"][RATE]
    assert (moved.value, moved.low, moved.high) == pytest.approx(
        (0.1, 0.1 - sqrt(0.0018), 0.1 + sqrt(0.0032))
    )


def test_replications_that_differ_alike_prove_nothing() -> None:
    """Three runs without an exception are no proof that there is none: the estimates stand apart then."""
    one = comparison()
    other = other_facts(*one.designs["sms-to-call"].spread[RATE].replications)
    moved = held_against(ran(one), ran(other)).designs["sms-to-call"][RATE]
    assert not moved.paired
    assert moved.low is not None
    assert moved.low < 0.0


@pytest.mark.wide
def test_a_real_change_is_found_on_the_same_customers() -> None:
    """Two runs of a small world with other agents: fewer give up, and as many engage, to the customer."""
    small = (*SMALL, "call_centre.agents=2")
    first, second = (
        compare(
            CompareRequest("retail-bank-200k", settings, ("sms-to-call",), replications=3, jobs=1),
            lambda _: None,
            lambda: False,
        )
        for settings in (small, (*SMALL, "call_centre.agents=6"))
    )
    held = held_against(ran(first), ran(second))
    assert held.apart == ""
    assert held.changes == (Change("call_centre.agents", "2", "6"),)
    moved, reached = (
        held.designs["sms-to-call"]["call_abandonment_rate"],
        held.designs["sms-to-call"]["engagement_rate"],
    )
    assert moved.paired
    assert moved.high is not None
    assert moved.high < 0.0
    assert reached.value == 0.0
