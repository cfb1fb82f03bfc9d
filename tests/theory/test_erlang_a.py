"""Erlang-A against published values, two other implementations and its exact laws."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox.errors import BadInput
from sandbox.experiment.erlang_a import (
    MAX_AGENTS,
    ErlangA,
    agents_for,
    agents_from_abandonment,
    erlang_a,
    erlang_b,
    erlang_c,
)

# Calls per hour, handling s, patience s, agents; then P(W>0), P(Ab), mean wait s, occupancy as printed or "".
# Published: zinnov.com "Introduction to Erlang" after Mandelbaum and Zeltyn (first row); README of
# sebastian-hanisch/erlang-a-demo (next eight). The rest agree between independent implementations.
PRINTED = [
    (2880, 60, 120, 50, ".4678", ".0309", "3.71", ".930"),
    (3600, 1, 1, 1, ".6321", ".3679", ".3679", ".632"),
    (190, 180, 300, 10, ".5282", ".0898", "26.9", ".865"),
    (190, 180, 60, 10, ".3743", ".1362", "8.2", ".821"),
    (190, 180, 1800, 10, ".6820", ".0433", "78.0", ".909"),
    (76, 180, 300, 4, ".5754", ".1532", "45.9", ".8045"),  # rho (1 - P(Ab)); .805 would be rounded twice
    (950, 180, 300, 50, ".4198", ".0297", "8.9", ".922"),
    (260, 180, 300, 10, ".8982", ".2478", "74.3", ".978"),
    (104, 180, 300, 4, "", ".2851", "", ""),
    (1300, 180, 300, 50, "", ".2310", "", ""),
    (5200, 180, 300, 200, "", ".2308", "", ""),
    (88, 180, 300, 4, "", ".2090", "", ""),
    (220, 180, 300, 10, "", ".1531", "", ""),
    (1100, 180, 300, 50, "", ".1041", "", ""),
    (4400, 180, 300, 200, "", ".0920", "", ""),
    (180, 300, 600, 16, ".4945", "", "", ""),
    (180, 300, 600, 17, ".3815", "", "", ""),
    (100, 300, 180, 10, ".2941", ".0755", "13.60", ".770"),
    (300, 300, 240, 25, ".5004", ".0839", "20.14", ".916"),
    (625, 300, 240, 25, ".9999", ".5200", "124.8", "1.000"),
    (250, 300, 240, 10, ".9931", ".5205", "124.9", ".999"),
    (60, 240, 120, 5, ".3271", ".1273", "15.27", ".698"),
    (1200, 300, 180, 100, ".4516", ".0449", "8.08", ".955"),
    (100, 180, 360, 5, ".633151", ".146132", "52.607366", ""),
    (100, 180, 360, 6, ".431645", ".075577", "27.207712", ""),
    (200, 180, 240, 10, ".574438", ".116267", "27.904064", ""),
    (200, 180, 240, 12, ".319521", ".047172", "11.321245", ""),
    (400, 190, 231, 20, ".651247", ".110222", "25.461355", ""),
    (60, 300, 600, 5, ".633151", ".146132", "87.678943", ""),
]

LOADS = st.fixed_dictionaries(
    {
        "calls_per_hour": st.floats(1.0, 3000.0),
        "handling_s": st.floats(10.0, 900.0),
        "patience_s": st.floats(5.0, 2000.0),
        "agents": st.integers(1, 150),
    }
)


def closed_form(
    calls_per_hour: float, handling_s: float, patience_s: float, agents: int
) -> tuple[float, float]:
    """P(W>0) and P(Ab) by Palm's series A(x, y), which shares nothing with the birth-death sum."""
    arrivals = calls_per_hour / 3600
    load = arrivals * handling_s
    blocked = 1.0
    for k in range(1, agents + 1):
        blocked = load * blocked / (k + load * blocked)
    x, y = agents / handling_s * patience_s, arrivals * patience_s
    series, term, j = 1.0, 1.0, 0
    while term > series * 1e-17 or y > x + j:
        j += 1
        term *= y / (x + j)
        series += term
    waits = blocked / (1 / series + (1 - 1 / series) * blocked)  # divided through: the series may overflow
    return waits, waits * (1 - agents / load + agents / (load * series))


def virtual_wait(
    calls_per_hour: float, handling_s: float, patience_s: float, agents: int
) -> tuple[float, float]:
    """Abandonment and mean answered wait, given a wait, by quadrature over the offered wait."""
    arrivals, answering = calls_per_hour / 3600, agents / handling_s
    x = np.linspace(0.0, 40.0 * patience_s, 400_001)
    staying = np.exp(-x / patience_s)
    log_density = arrivals * patience_s * (1 - staying) - answering * x
    density = np.exp(log_density - log_density.max())
    total = np.trapezoid(density, x)
    answered = np.trapezoid(staying * density, x) / total
    return float(1 - answered), float(np.trapezoid(x * staying * density, x) / total / answered)


def matches(value: float, printed: str) -> bool:
    """Whether a value rounds to what is printed."""
    decimals = len(printed.partition(".")[2])
    return abs(value - float(printed)) <= 0.5000001 * 10**-decimals


@pytest.mark.parametrize("row", PRINTED)
def test_reference_values_come_out_to_their_printed_digits(
    row: tuple[float, float, float, int, str, str, str, str],
) -> None:
    """Every reference value is met to the digits it is printed with."""
    *load, waits, abandoned, wait_s, occupancy = row
    solved = erlang_a(*load)
    for value, printed in (
        (solved.wait_probability, waits),
        (solved.abandonment_rate, abandoned),
        (solved.mean_wait_s, wait_s),
        (solved.occupancy, occupancy),
    ):
        assert not printed or matches(value, printed), (value, printed)


@pytest.mark.parametrize(
    ("load", "limit", "agents"),
    [(10, 0.01, 15), (50, 0.01, 57), (100, 0.01, 108), (100, 0.05, 98)],
)
def test_fewest_agents_matches_the_published_staffing(load: float, limit: float, agents: int) -> None:
    """The smallest staff for a limit is the published one (180 s handling, 300 s patience)."""
    assert agents_for(load * 20, 180, 300, limit) == agents


@pytest.mark.parametrize(("load", "agents"), [(10, 18), (50, 64), (100, 117)])
def test_erlang_b_needs_the_published_staff_for_one_percent(load: float, agents: int) -> None:
    """Lost-calls staffing for 1 % is the published one: that many agents hold it and one fewer do not."""
    assert erlang_b(load, agents) <= 0.01 < erlang_b(load, agents - 1)


def test_erlang_c_matches_the_published_case() -> None:
    """50 agents at 48 erlangs wait with probability 0.694 and 20.8 s on average when nobody leaves."""
    waits = erlang_c(48, 50)
    assert matches(waits, ".694")
    assert matches(waits * 60 / (50 - 48), "20.8")


@pytest.mark.parametrize(("load", "agents", "minutes"), [(3.8, 4, "13.4"), (47.5, 50, ".75")])
def test_erlang_c_waits_match_the_published_minutes(load: float, agents: int, minutes: str) -> None:
    """Mean waits without leaving, at 180 s handling, are the published minutes."""
    assert matches(erlang_c(load, agents) * 3 / (agents - load), minutes)


def test_erlang_c_is_one_when_the_load_reaches_the_staff() -> None:
    """Without leaving, a load at or above the staff makes everybody wait."""
    assert erlang_c(50, 50) == erlang_c(80, 50) == 1.0


@settings(max_examples=150, deadline=None)
@given(LOADS)
def test_closed_form_agrees(load: dict[str, float]) -> None:
    """The closed form, written apart, gives the same waiting and abandonment."""
    solved = erlang_a(**load)
    waits, abandoned = closed_form(**load)
    assert solved.wait_probability == pytest.approx(waits, rel=1e-9, abs=1e-12)
    assert solved.abandonment_rate == pytest.approx(abandoned, rel=1e-6, abs=1e-9)


@pytest.mark.parametrize(
    "load", [(100, 180, 360, 5), (625, 300, 240, 25), (2880, 60, 120, 50), (190, 180, 60, 10)]
)
def test_answered_wait_agrees_with_the_density_of_the_offered_wait(
    load: tuple[float, float, float, int],
) -> None:
    """Abandonment and answered wait also come out of the density of the wait, integrated numerically."""
    solved = erlang_a(*load)
    abandoned_given_wait, answered_wait_given_wait = virtual_wait(*load)
    assert solved.abandonment_rate == pytest.approx(solved.wait_probability * abandoned_given_wait, rel=1e-5)
    answered_after_wait = solved.wait_probability * (1 - abandoned_given_wait)
    expected = answered_after_wait * answered_wait_given_wait / (1 - solved.abandonment_rate)
    assert solved.mean_wait_answered_s == pytest.approx(expected, rel=1e-5)


@settings(max_examples=150, deadline=None)
@given(LOADS)
def test_laws_hold_at_every_load(load: dict[str, float]) -> None:
    """Fluid bound <= abandonment <= Erlang-B; leaving, Little's law and the agents' work balance."""
    solved = erlang_a(**load)
    arrivals = load["calls_per_hour"] / 3600
    erlangs = arrivals * load["handling_s"]
    agents = int(load["agents"])
    assert 1 - agents / erlangs <= solved.abandonment_rate + 1e-12
    assert solved.abandonment_rate <= erlang_b(erlangs, agents) + 1e-12
    assert solved.abandonment_rate * load["patience_s"] == pytest.approx(solved.mean_wait_s)
    assert solved.mean_queue == pytest.approx(arrivals * solved.mean_wait_s)
    work = erlangs * (1 - solved.abandonment_rate)
    assert solved.occupancy * agents == pytest.approx(work, rel=1e-6)
    assert solved.occupancy <= 1.0
    assert solved.abandonment_rate <= solved.wait_probability <= 1.0 + 1e-12


@settings(max_examples=100, deadline=None)
@given(LOADS)
def test_abandonment_falls_with_agents_and_rises_with_load(load: dict[str, float]) -> None:
    """One agent more never raises abandonment, a tenth more calls never lowers it."""
    base = erlang_a(**load).abandonment_rate
    assert erlang_a(**{**load, "agents": int(load["agents"]) + 1}).abandonment_rate <= base + 1e-12
    busier = {**load, "calls_per_hour": load["calls_per_hour"] * 1.1}
    assert erlang_a(**busier).abandonment_rate >= base - 1e-12


@settings(max_examples=50, deadline=None)
@given(LOADS, st.floats(0.1, 10.0))
def test_only_ratios_of_times_matter(load: dict[str, float], scale: float) -> None:
    """Stretching every time alike stretches waits and changes no share."""
    solved = erlang_a(**load)
    stretched = erlang_a(
        load["calls_per_hour"] / scale,
        load["handling_s"] * scale,
        load["patience_s"] * scale,
        int(load["agents"]),
    )
    assert stretched.abandonment_rate == pytest.approx(solved.abandonment_rate, rel=1e-8)
    assert stretched.mean_wait_answered_s == pytest.approx(solved.mean_wait_answered_s * scale, rel=1e-8)


def test_no_patience_gives_erlang_b_and_endless_patience_erlang_c() -> None:
    """The two limits: callers who leave at once are Erlang-B's, callers who never leave Erlang-C's."""
    assert erlang_a(600, 300, 1e-6, 50).abandonment_rate == pytest.approx(erlang_b(50, 50), rel=1e-5)
    assert erlang_a(576, 300, 1e9, 50).wait_probability == pytest.approx(erlang_c(48, 50), rel=1e-5)


def test_deep_overload_reaches_the_fluid_limit() -> None:
    """At four times the staff: abandonment 1 - 1/rho, answered wait patience x ln(rho), no free agent."""
    solved = erlang_a(48_000, 300, 200, 1000)
    assert solved.abandonment_rate == pytest.approx(0.75, abs=1e-4)
    assert solved.mean_wait_answered_s == pytest.approx(200 * math.log(4), rel=2e-3)
    assert solved.occupancy == pytest.approx(1.0)


@pytest.mark.parametrize("load", [(0.001, 1, 1, 500), (3e6, 3600, 1, 1), (200_000, 300, 300, 20_000)])
def test_extreme_loads_neither_overflow_nor_leave_their_range(
    load: tuple[float, float, float, int],
) -> None:
    """Nearly idle, hopelessly overloaded and very large centres stay finite and within 0..1."""
    solved = erlang_a(*load)
    assert all(map(math.isfinite, solved))
    assert all(0 <= share <= 1 for share in (solved.abandonment_rate, solved.occupancy))


@settings(max_examples=60, deadline=None)
@given(
    st.floats(5.0, 1500.0),
    st.floats(30.0, 600.0),
    st.floats(20.0, 900.0),
    st.floats(0.001, 0.999),
)
def test_inferred_agents_give_the_abandonment_back(
    calls_per_hour: float, handling_s: float, patience_s: float, rate: float
) -> None:
    """The whole numbers around the inferred staff, mixed in its proportion, return the observed rate."""
    agents = agents_from_abandonment(calls_per_hour, handling_s, patience_s, rate)
    lower = math.floor(agents)
    share = agents - lower
    at = [
        1.0 if staff == 0 else erlang_a(calls_per_hour, handling_s, patience_s, staff).abandonment_rate
        for staff in (lower, lower + 1)
    ]
    assert (1 - share) * at[0] + share * at[1] == pytest.approx(rate, rel=1e-6)


def test_inferred_agents_are_whole_where_the_abandonment_is() -> None:
    """The abandonment of exactly six agents infers six, and everybody leaving infers none."""
    rate = erlang_a(100, 180, 360, 6).abandonment_rate
    assert agents_from_abandonment(100, 180, 360, rate) == pytest.approx(6.0)
    assert agents_from_abandonment(100, 180, 360, 1.0) == 0.0


@settings(max_examples=50, deadline=None)
@given(st.floats(1.0, 2000.0), st.floats(30.0, 600.0), st.floats(20.0, 900.0), st.floats(0.005, 0.9))
def test_fewest_agents_hold_the_limit_and_one_fewer_does_not(
    calls_per_hour: float, handling_s: float, patience_s: float, limit: float
) -> None:
    """The answer is on the right side of the limit and its neighbour on the wrong one."""
    agents = agents_for(calls_per_hour, handling_s, patience_s, limit)
    assert erlang_a(calls_per_hour, handling_s, patience_s, agents).abandonment_rate <= limit
    if agents > 1:
        assert erlang_a(calls_per_hour, handling_s, patience_s, agents - 1).abandonment_rate > limit


@pytest.mark.parametrize(
    ("load", "named"),
    [
        ((0, 180, 300, 5), ["calls_per_hour"]),
        ((100, -1, math.nan, 5), ["handling_s", "patience_s"]),
        ((math.inf, 180, 300, 5), ["calls_per_hour"]),
        ((100, 180, 300, 0), ["agents"]),
        ((100, 180, 300, 2.5), ["agents"]),
        ((100, 180, 300, True), ["agents"]),
        ((100, 180, 300, MAX_AGENTS + 1), ["agents"]),
        ((1e7, 180, 1e9, 1), ["load"]),
    ],
)
def test_bad_loads_are_refused_by_name(load: tuple[float, float, float, int], named: list[str]) -> None:
    """Every argument out of range is named, with what is allowed."""
    with pytest.raises(BadInput, match="allowed") as refused:
        erlang_a(*load)
    assert [problem.split(":")[0] for problem in refused.value.problems] == named


@pytest.mark.parametrize("limit", [0.0, 1.0, -0.1, math.nan])
def test_an_abandonment_limit_must_be_a_share(limit: float) -> None:
    """No finite staff holds zero and any holds one, so neither is a limit."""
    with pytest.raises(BadInput, match="abandonment_limit"):
        agents_for(100, 180, 300, limit)


@pytest.mark.parametrize("rate", [0.0, -0.1, 1.1, math.nan])
def test_an_observed_abandonment_must_be_a_share_above_zero(rate: float) -> None:
    """Nothing finite gives zero abandonment, so it infers no staff."""
    with pytest.raises(BadInput, match="abandonment_rate"):
        agents_from_abandonment(100, 180, 300, rate)


def test_staff_beyond_the_bound_is_refused() -> None:
    """A load that needs more agents than are ever solved for is an input fault, not a long wait."""
    with pytest.raises(BadInput, match="agents"):
        agents_for(4_000_000, 300, 300, 0.01)


def test_the_result_names_its_fields() -> None:
    """The fields other rooms read are there by name and in order."""
    assert ErlangA._fields == (
        "abandonment_rate",
        "mean_wait_s",
        "wait_probability",
        "occupancy",
        "mean_wait_answered_s",
        "mean_queue",
    )
