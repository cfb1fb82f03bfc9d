"""`sandbox verify` as a function: what it refuses, how it reports, how it stops."""

from __future__ import annotations

import math

import pytest

from sandbox.errors import BadInput, Cancelled
from sandbox.simulation.stationary import Load
from scenarios.lines.verification import VerifyPoint, verify, verify_point, verify_table
from scenarios.lines.verification_plan import FIGURES

LOADS = (Load(100, 180, 360, 5), Load(60, 60, 60, 1))
POINT = (100.0, 180.0, 360.0, 5)


def go_on() -> bool:
    """Never stop."""
    return False


def silent(_text: str) -> None:
    """Progress nobody reads."""


def refused(*point: float | None) -> list[str]:
    """What is wrong with a point."""
    calls_per_hour, aht_s, patience_s, agents = point
    with pytest.raises(BadInput) as caught:
        verify(calls_per_hour, aht_s, patience_s, agents, 1, silent, go_on)  # type: ignore[arg-type]
    return caught.value.problems


@pytest.mark.parametrize("missing", range(4))
def test_part_of_a_point_is_refused(missing: int) -> None:
    """Three numbers are neither a point nor the table; the fourth is named."""
    name = ("calls_per_hour", "aht_s", "patience_s", "agents")[missing]
    point = [None if place == missing else value for place, value in enumerate(POINT)]
    assert refused(*point) == [f"{name}: missing; one point needs calls_per_hour, aht_s, patience_s, agents"]


@pytest.mark.parametrize(
    ("point", "problems"),
    [
        ((0.0, 180.0, 360.0, 5), ["calls_per_hour: found 0.0; allowed is a number above 0"]),
        ((math.inf, 180.0, 360.0, 5), ["calls_per_hour: found inf; allowed is a number above 0"]),
        ((100.0, 0.5, 360.0, 5), ["aht_s: found 0.5; allowed is a number of at least 1"]),
        ((100.0, 180.0, math.nan, 5), ["patience_s: found nan; allowed is a number of at least 1"]),
        ((100.0, 180.0, 360.0, 0), ["agents: found 0; allowed is a whole number from 1 to 100,000"]),
        ((100.0, 180.0, 360.0, 2.5), ["agents: found 2.5; allowed is a whole number from 1 to 100,000"]),
        (
            (-1.0, -1.0, 360.0, 5),
            [
                "calls_per_hour: found -1.0; allowed is a number above 0",
                "aht_s: found -1.0; allowed is a number of at least 1",
            ],
        ),
    ],
)
def test_numbers_no_queue_has_are_refused(point: tuple[float, ...], problems: list[str]) -> None:
    """Every fault of a point is named, with what is allowed."""
    assert refused(*point) == problems


def test_a_point_that_would_take_forever_is_refused() -> None:
    """A queue that settles over months of simulated calls is not begun."""
    (problem,) = refused(3_600.0, 300.0, 3e6, 310)
    assert problem.startswith("point: found a queue so slow to settle that it takes ")


def test_a_figure_out_of_reach_is_named_and_the_others_are_met() -> None:
    """With agents for everybody no call ever waits: the wait stays unknown within 2 % and the run ends."""
    point = verify_point(Load(10, 60, 60, 50), 1, silent, go_on)
    assert point.unmet == ("mean_wait_s",)
    assert point.inside
    assert point.simulated["mean_wait_s"].value == 0.0


def test_the_number_of_workers_changes_no_figure() -> None:
    """One process or two, the table is the same to the last digit, in the order of its rows."""
    told: list[str] = []
    one = verify_table(LOADS, 6_000, 3, 1, silent, go_on)
    assert verify_table(LOADS, 6_000, 3, 2, told.append, go_on) == one
    assert [point.given["agents"] for point in one] == [5, 1]
    assert told[-1] == "2 of 2 points"


def test_intervals_of_rates_stay_within_what_a_rate_can_be() -> None:
    """Near 0 and 1 an interval is cut, and always holds its own value."""
    points = verify_table((Load(10, 60, 60, 50), Load(5_000, 300, 60, 10)), 6_000, 1, 1, silent, go_on)
    for figure, found in [item for point in points for item in point.simulated.items()]:
        assert 0.0 <= found.low <= found.value <= found.high, figure
        assert figure == "mean_wait_s" or found.high <= 1.0


def test_a_row_names_its_load_and_its_level() -> None:
    """A point says what was simulated and what its intervals mean."""
    point: VerifyPoint = verify_table((Load(60, 60, 60, 1),), 3_000, 1, 1, silent, go_on)[0]
    assert point.name == "1 agent, 60 calls/h, handling 60 s, patience 60 s"
    assert point.interval == "99.9 % for the whole table"
    assert tuple(point.simulated) == FIGURES


@pytest.mark.parametrize("jobs", [1, 2])
def test_the_table_stops_on_request(jobs: int) -> None:
    """A request to stop ends the run, in one process or several, without waiting for its end."""
    with pytest.raises(Cancelled):
        verify_table(LOADS, 30_000_000, 1, jobs, silent, lambda: True)


def test_a_point_stops_on_request() -> None:
    """A request to stop in the middle of a point ends it."""
    told: list[str] = []
    with pytest.raises(Cancelled):
        verify_point(LOADS[0], 1, told.append, lambda: len(told) >= 2)
    assert len(told) == 2
