"""Erlang-A with balking, many intervals at once: against the single solver and the chain solved by brute force."""

from __future__ import annotations

import math

import numpy as np
import pytest

from sandbox.errors import RuleBroken
from sandbox.experiment.erlang_a import erlang_a, erlang_b
from sandbox.experiment.erlang_a_rows import erlang_a_rows, erlang_a_rows_rostered


def by_brute_force(
    calls_per_hour: float, handling_s: float, patience_s: float, agents: int, balk_rate: float
) -> tuple[float, float, float]:
    """Abandonment, mean wait and occupancy from the chain's generator matrix, solved as linear equations."""
    arrivals, states = calls_per_hour / 3600, agents + 120
    up = [arrivals if state < agents else arrivals * (1 - balk_rate) for state in range(states)]
    down = [min(state, agents) / handling_s + max(0, state - agents) / patience_s for state in range(states)]
    generator = np.zeros((states, states))
    for state in range(states - 1):
        generator[state, state + 1] = up[state]
        generator[state + 1, state] = down[state + 1]
    generator -= np.diag(generator.sum(axis=1))
    system = np.vstack([generator.T[:-1], np.ones(states)])
    shares = np.linalg.solve(system, np.append(np.zeros(states - 1), 1.0))
    queue = sum(share * max(0, state - agents) for state, share in enumerate(shares))
    balked = balk_rate * sum(shares[agents:])
    busy = sum(share * min(state, agents) for state, share in enumerate(shares))
    return balked + queue / patience_s / arrivals, queue / arrivals, busy / agents


def test_every_row_is_the_single_solver_s_answer() -> None:
    """Three hundred random loads, light to twice overloaded, agree in all six figures to nine digits."""
    rng = np.random.default_rng(0)
    calls, handling = rng.uniform(0.5, 800, 300), rng.uniform(60, 400, 300)
    patience, agents = rng.uniform(30, 600, 300), rng.integers(1, 60, 300)
    rows = erlang_a_rows(calls, handling, patience, agents)
    for place in range(300):
        exact = erlang_a(calls[place], handling[place], patience[place], int(agents[place]))
        assert [figure[place] for figure in rows] == pytest.approx(list(exact), rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("balk_rate", [0.0, 0.03, 0.4, 1.0])
@pytest.mark.parametrize(("calls", "agents"), [(60.0, 6), (130.0, 10), (260.0, 10)])
def test_balking_is_the_chain_solved_by_brute_force(calls: float, agents: int, balk_rate: float) -> None:
    """Callers who leave at once: the same shares as the generator matrix gives."""
    rows = erlang_a_rows(calls, 290.0, 200.0, agents, balk_rate)
    found = (float(rows.abandonment_rate), float(rows.mean_wait_s), float(rows.occupancy))
    assert found == pytest.approx(by_brute_force(calls, 290.0, 200.0, agents, balk_rate), rel=1e-7, abs=1e-7)


def test_if_everybody_balks_it_is_erlang_b() -> None:
    """Nobody joins a queue: the loss formula."""
    rows = erlang_a_rows(150.0, 240.0, 100.0, 12, 1.0)
    assert float(rows.abandonment_rate) == pytest.approx(erlang_b(10.0, 12), rel=1e-9)
    assert float(rows.mean_wait_s) == 0.0


def test_extremes_stay_numbers() -> None:
    """No calls, no agents, a hundred idle agents and a queue of tens of thousands beside each other."""
    rows = erlang_a_rows([0, 50, 5, 60_000], [300, 300, 1, 300], [100, 100, 100, 2000], [10, 0, 100, 10])
    assert all(np.all(np.isfinite(figure)) for figure in rows)
    assert rows.abandonment_rate.tolist() == pytest.approx([0.0, 1.0, 0.0, 0.998], abs=1e-6)
    assert rows.occupancy[1] == 0.0
    assert rows.mean_wait_s[3] == pytest.approx(erlang_a(60_000, 300, 2000, 10).mean_wait_s, rel=1e-9)


def test_a_fraction_of_an_agent_lies_between_its_neighbours() -> None:
    """7.25 agents: eight on a quarter of the days, seven on the others."""
    low, high = (float(erlang_a_rows(90, 290, 200, agents).abandonment_rate) for agents in (7, 8))
    mixed = float(erlang_a_rows_rostered(90, 290, 200, 7.25).abandonment_rate)
    assert mixed == pytest.approx(0.75 * low + 0.25 * high)
    assert float(erlang_a_rows_rostered(90, 290, 200, 7.0).abandonment_rate) == pytest.approx(low)


@pytest.mark.parametrize(
    "wrong", [(-1, 1, 1, 1, 0), (1, 0, 1, 1, 0), (1, 1, 0, 1, 0), (1, 1, 1, 1.5, 0), (1, 1, 1, 1, 1.1)]
)
def test_numbers_out_of_range_are_our_own_fault(wrong: tuple[float, ...]) -> None:
    """Negative calls, no handling or patience, half an agent, more than everybody."""
    with pytest.raises(RuleBroken):
        erlang_a_rows(*wrong)


def test_nothing_infinite_is_taken() -> None:
    """An infinite patience is another model."""
    with pytest.raises(RuleBroken):
        erlang_a_rows(1, 1, math.inf, 1)
