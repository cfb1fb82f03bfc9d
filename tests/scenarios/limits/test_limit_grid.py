"""The values a limit is searched on, and the range it is searched in."""

from __future__ import annotations

from itertools import pairwise

import pytest

from sandbox.errors import BadInput
from scenarios.limits.grid import RELATIVE_STEP, bounds_of, grid
from scenarios.world.spec import load_scenario


def test_a_wide_range_has_round_values_at_most_a_twentieth_apart() -> None:
    """Both ends included, rising, whole, and never further apart than 5 %."""
    values = grid(10_000, 400_000, whole=True)
    assert (values[0], values[-1]) == (10_000, 400_000)
    assert all(0 < after - before <= RELATIVE_STEP * before for before, after in pairwise(values))
    assert {56_000, 60_000, 200_000} <= set(values)
    assert len(values) < 150


def test_small_counts_go_one_by_one() -> None:
    """Agents are whole people."""
    assert grid(1, 12, whole=True) == tuple(range(1, 13))


def test_a_narrow_range_is_cut_evenly() -> None:
    """Shares between a tenth and three tenths, with the digits one would type."""
    values = grid(0.1, 0.3, whole=False)
    assert (values[0], values[-1]) == (0.1, 0.3)
    assert 0.212 in values
    assert len(values) > 50


def test_a_step_of_one_s_own() -> None:
    """--step lays out the grid; the far end stays in it."""
    assert grid(10, 45, whole=True, step=10) == (10, 20, 30, 40, 45)
    assert grid(10, 45, whole=True, step=35) == (10, 45)


@pytest.mark.parametrize(
    ("step", "whole"), [(0, False), (-1, False), (0.5, True), (1e-6, False), (99.5, False), (100, True)]
)
def test_a_step_that_makes_no_sense_is_refused(step: float, whole: bool) -> None:
    """Nought, backwards, half a person, a million values, past the other end at once."""
    with pytest.raises(BadInput, match="--step"):
        grid(1, 100, whole=whole, step=step)


def test_the_range_comes_from_the_user_the_file_or_the_value() -> None:
    """--between first; large counts from a twentieth to twice their value; else what the file gives."""
    scenario = load_scenario("retail-bank-200k")
    assert bounds_of(scenario, "campaign.messages", "20_000:90000") == (20_000, 90_000, True)
    assert bounds_of(scenario, "campaign.messages", None) == (10_000, 400_000, True)
    assert bounds_of(scenario, "customers.response_rate", None) == (0.03, 0.25, False)
    assert bounds_of(scenario, "call_centre.agents", "5:40") == (5, 40, True)
    assert bounds_of(scenario, "designs.in-message.person.takes_call_rate", None) == (0.6, 1.0, False)


@pytest.mark.parametrize(
    ("path", "between", "said"),
    [
        ("campaign.mesages", None, "did you mean 'campaign.messages'"),
        ("campaign.send_from", None, "a setting that is a number"),
        ("call_centre.agents", None, "--between LOW:HIGH"),
        ("campaign.messages", "5:1", "LOW:HIGH"),
        ("campaign.messages", "few:many", "LOW:HIGH"),
    ],
)
def test_what_cannot_be_varied_is_told(path: str, between: str | None, said: str) -> None:
    """Unknown and unsuitable settings, ranges that are none."""
    with pytest.raises(BadInput, match=said):
        bounds_of(load_scenario("retail-bank-200k"), path, between)


def test_a_factor_is_searched_between_a_quarter_and_twice() -> None:
    """Whatever it multiplies, a profile included; what is no number has no factor; a list alone is sent there."""
    scenario = load_scenario("retail-bank-200k")
    assert bounds_of(scenario, "call_centre.agents*", None) == (0.25, 2.0, False)
    assert bounds_of(scenario, "campaign.messages*", "0.5:1.5") == (0.5, 1.5, False)
    for path, told in (
        ("campaign.send_from*", "a setting that is a number"),
        ("call_centre.agnts*", "did you mean 'call_centre.agents'"),
        ("call_centre.agents", r"or --vary 'call_centre.agents\*', a factor on the whole list"),
    ):
        with pytest.raises(BadInput, match=told):
            bounds_of(scenario, path, None)
