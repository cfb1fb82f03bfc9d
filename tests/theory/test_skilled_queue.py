"""The queue with skills and priorities beside exact theory: Erlang-A for separate groups, Cobham for priorities."""

from __future__ import annotations

from collections import defaultdict
from math import sqrt
from statistics import fmean, stdev
from typing import NamedTuple

import pytest
from numpy.random import Generator
from scipy.stats import t as student  # type: ignore[import-untyped]

from sandbox.draws import generator
from sandbox.experiment.erlang_a import erlang_a
from sandbox.experiment.erlang_a_scatter import scatter
from sandbox.simulation.call_queue import Call
from sandbox.simulation.events import Clockwork, after
from sandbox.simulation.settings import SkillGroup
from sandbox.simulation.skilled_queue import SkilledQueue

ENDLESS_S = 1e6
SIGMAS = 3.9  # one in ten thousand


class Stream(NamedTuple):
    """Callers of one intent: Poisson, with exponential handling and patience, seconds."""

    calls_per_hour: float
    aht_s: float
    patience_s: float


class Sums(NamedTuple):
    """What one intent's callers came to."""

    calls: int
    abandoned: int
    wait_s: float


class Nobody:
    """Hears no facts."""

    def emit(self, fact: tuple[object, ...]) -> None:
        """Facts are not looked at here."""


def simulate(
    streams: dict[str, Stream],
    queue_of: tuple[tuple[SkillGroup, ...], dict[str, float], int],
    hours: tuple[float, float],
    seed: int,
) -> dict[str, Sums]:
    """Offer every intent's stream for so many hours; callers of the first are forgotten, as is who came after all."""
    skills, priority, agents = queue_of
    warm_ms, until_ms = (round(hour * 3_600_000) for hour in hours)
    env = Clockwork()
    queue = SkilledQueue(env, Nobody(), skills, priority, agents)
    sums: dict[str, list[float]] = defaultdict(lambda: [0, 0, 0.0])

    def offer(intent: str, draws: Generator) -> None:
        stream = streams[intent]
        gap, talk, patience = draws.exponential(
            (3_600 / stream.calls_per_hour, stream.aht_s, stream.patience_s)
        )

        def ended(call: Call, answered: bool, wait_ms: int) -> None:
            if call.offered_at_ms >= warm_ms:
                counted = sums[intent]
                counted[0] += 1
                counted[1] += not answered
                counted[2] += wait_ms / 1_000

        def arrive(_: None) -> None:
            if env.now < until_ms:
                queue.offer(
                    Call(
                        0, -1, intent, False, 1, round(patience * 1_000), False, round(talk * 1_000), 0, ended
                    )
                )
                offer(intent, draws)

        after(env, round(gap * 1_000), arrive)

    for number, intent in enumerate(streams):
        offer(intent, generator(seed, f"theory {intent}", number))
    env.run(until=10**12)
    queue.check_conserved()
    return {intent: Sums(int(counted[0]), int(counted[1]), counted[2]) for intent, counted in sums.items()}


def test_two_separate_groups_are_two_erlang_a_queues() -> None:
    """Five agents for one intent, ten for the other: each has its own exact abandonment and wait, as if alone."""
    streams = {"routine": Stream(100, 180, 360), "other": Stream(220, 180, 240)}
    skills = (SkillGroup(1 / 3, frozenset({"routine"})), SkillGroup(2 / 3, frozenset({"other"})))
    found = simulate(streams, (skills, {}, 15), (5, 150), 4)
    for (intent, stream), agents in zip(streams.items(), (5, 10), strict=True):
        exact = erlang_a(*stream, agents)
        spread = scatter(*stream, agents, exact)
        sums = found[intent]
        root = sqrt(sums.calls)
        assert sums.abandoned / sums.calls == pytest.approx(
            exact.abandonment_rate, abs=SIGMAS * spread.abandonment_rate / root
        )
        assert sums.wait_s / sums.calls == pytest.approx(
            exact.mean_wait_s, abs=SIGMAS * spread.mean_wait_s / root
        )


def cobham(rates: list[float], aht_s: float, agents: int) -> list[float]:
    """Mean waits, seconds, of non-preemptive priority classes, the highest first (Cobham 1954); rates per second."""
    load = sum(rates) * aht_s
    blocking = 1.0
    for servers in range(1, agents + 1):
        blocking = load * blocking / (servers + load * blocking)
    waits = blocking / (1 - load / agents * (1 - blocking))  # Erlang C
    residual_s = waits * aht_s / agents
    sigma, means = 0.0, []
    for rate in rates:
        before, sigma = sigma, sigma + rate * aht_s / agents
        means.append(residual_s / ((1 - before) * (1 - sigma)))
    return means


def test_cobham_agrees_with_a_worked_example() -> None:
    """One server, two classes at a quarter and a half of its time: residual 0.75, waits 1 and 4 services."""
    assert cobham([0.25, 0.5], 1.0, 1) == pytest.approx([1.0, 4.0])


def waits_by_intent(priority: dict[str, float], replications: int) -> dict[str, tuple[float, float]]:
    """Mean and half-width at 99.9 % of each intent's mean wait, over independent runs of three agents."""
    streams = {"judgement": Stream(20, 180, ENDLESS_S), "other": Stream(30, 180, ENDLESS_S)}
    skills = (SkillGroup(1.0, frozenset(streams)),)
    runs = [simulate(streams, (skills, priority, 3), (10, 110), seed) for seed in range(replications)]
    half = float(student.ppf(0.9995, replications - 1)) / sqrt(replications)
    found = {}
    for intent in streams:
        means = [run[intent].wait_s / run[intent].calls for run in runs]
        found[intent] = (fmean(means), half * stdev(means))
    return found


def test_priorities_wait_as_cobham_says() -> None:
    """M/M/3 at 83 % with two classes: both mean waits lie within their intervals around the exact ones."""
    exact = cobham([20 / 3_600, 30 / 3_600], 180, 3)
    found = waits_by_intent({"judgement": 1.0, "other": 0.0}, 20)
    for intent, mean in zip(("judgement", "other"), exact, strict=True):
        value, half = found[intent]
        assert value == pytest.approx(mean, abs=half)
        assert half < 0.25 * mean


def test_the_check_finds_a_queue_without_priorities() -> None:
    """First come first served would have both classes wait alike, far outside the interval of the first."""
    exact = cobham([20 / 3_600, 30 / 3_600], 180, 3)
    value, half = waits_by_intent({}, 8)["judgement"]
    assert abs(value - exact[0]) > half
