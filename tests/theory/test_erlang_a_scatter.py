"""The theoretical scatter of an Erlang-A run against cases solved by hand and an independent linear solve."""

from __future__ import annotations

import math

import numpy as np
import pytest

from sandbox.experiment.erlang_a import erlang_a
from sandbox.experiment.erlang_a_scatter import Scatter, scatter


def scatter_of(calls_per_hour: float, handling_s: float, patience_s: float, agents: int) -> Scatter:
    """The scatter of a load, with its exact solution."""
    return scatter(
        calls_per_hour,
        handling_s,
        patience_s,
        agents,
        erlang_a(calls_per_hour, handling_s, patience_s, agents),
    )


def test_relaxation_is_the_handling_time_when_patience_equals_it() -> None:
    """Callers then go at one rate, waiting or not: as with infinitely many agents, exp(-t / handling)."""
    for agents in (1, 4, 30):
        assert scatter_of(600, 90, 90, agents).relaxation_s == pytest.approx(90, rel=1e-9)


def test_occupancy_with_room_for_everybody_scatters_as_with_infinitely_many_agents() -> None:
    """Nobody waits, so busy agents are M/M/infinity: variance of the time average is 2 x load x handling / time."""
    load, handling_s, agents = 2.0, 120.0, 60
    calls_per_hour = load * 3600 / handling_s
    per_call = math.sqrt(2 * load * handling_s * calls_per_hour / 3600) / agents
    assert scatter_of(calls_per_hour, handling_s, 60, agents).occupancy == pytest.approx(per_call, rel=1e-9)


def test_heavy_overload_leaves_the_scatter_of_answers_alone() -> None:
    """Agents never rest: of N calls all but a Poisson number of answers abandon, sooner or later."""
    calls_per_hour, handling_s, patience_s, agents = 20_000.0, 300.0, 100.0, 400
    arrivals, answers = calls_per_hour / 3600, agents / handling_s
    share_answered = answers / arrivals
    # Var(answers in T - share x arrivals in T) = (answers + share^2 arrivals) T; per call: over arrivals.
    expected = math.sqrt((answers + share_answered**2 * arrivals) / arrivals)
    assert scatter_of(calls_per_hour, handling_s, patience_s, agents).abandonment_rate == pytest.approx(
        expected, rel=0.01
    )


@pytest.mark.parametrize(
    "load", [(100, 180, 360, 5), (60, 240, 120, 5), (104, 180, 300, 4), (250, 300, 240, 10)]
)
def test_partial_sums_agree_with_solving_poissons_equation(load: tuple[float, float, float, int]) -> None:
    """The same variances come out of a general linear solve over the generator matrix, jump rewards included."""
    calls_per_hour, handling_s, patience_s, agents = load
    exact = erlang_a(*load)
    arrivals, states = calls_per_hour / 3600, 120
    k = np.arange(states)
    busy, waiting = np.minimum(k, agents), np.maximum(k - agents, 0)
    nothing = np.zeros(states)
    up = np.where(k < states - 1, arrivals, 0.0)
    answering, leaving = busy / handling_s, waiting / patience_s
    generator = np.diag(up[:-1], 1) + np.diag((answering + leaving)[1:], -1)
    generator -= np.diag(generator.sum(axis=1))
    pi = np.linalg.solve(np.vstack([generator.T[:-1], np.ones(states)]), np.append(nothing[:-1], 1.0))

    def variance_rate(per_second: np.ndarray, at_arrival: np.ndarray, at_leaving: float) -> float:
        rates = per_second + up * at_arrival + leaving * at_leaving
        rates = rates - pi @ rates
        h = np.linalg.solve(generator - pi, -rates)  # the row of pi makes the singular matrix solvable
        above, below = np.append(h[1:], h[-1]) - h, np.insert(h[:-1], 0, h[0]) - h
        squares = up * (at_arrival + above) ** 2 + answering * below**2 + leaving * (at_leaving + below) ** 2
        return float(pi @ squares)

    found = scatter_of(*load)
    expected = (
        math.sqrt(variance_rate(nothing, nothing - exact.abandonment_rate, 1.0) / arrivals),
        math.sqrt(variance_rate(waiting.astype(float), nothing - exact.mean_wait_s, 0.0) / arrivals),
        math.sqrt(variance_rate(nothing, (k >= agents) - exact.wait_probability, 0.0) / arrivals),
        math.sqrt(variance_rate(busy / agents - exact.occupancy, nothing, 0.0) * arrivals),
    )
    assert found[:4] == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize(
    "load",
    [
        (10, 60, 60, 50),
        (100_000, 300, 100, 10),
        (3600, 300, 1e6, 310),
        (100, 300, 1e6, 10),
        (0.001, 1, 1, 1),
        (100, 300, 1e9, 10),
    ],
)
def test_extreme_loads_have_finite_scatter(load: tuple[float, float, float, int]) -> None:
    """Shares that underflow and queues of thousands still give numbers."""
    assert all(math.isfinite(value) and value >= 0.0 for value in scatter_of(*load))
