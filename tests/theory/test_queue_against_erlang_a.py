"""The product's own call queue, simulated, beside exact Erlang-A: intervals, never golden numbers."""

from __future__ import annotations

import math
from statistics import variance

import pytest
from scipy.stats import binom, chi2  # type: ignore[import-untyped]

from sandbox.errors import RuleBroken
from sandbox.experiment.erlang_a import erlang_a
from sandbox.experiment.erlang_a_scatter import scatter
from sandbox.experiment.intervals import ratio_interval
from sandbox.simulation.call_queue import Call, CallQueue
from sandbox.simulation.stationary import BatchSums, Load, StationaryQueue
from scenarios.lines.erlang_a_table import TABLE
from scenarios.lines.verification import TABLE_BATCHES, TABLE_CALLS, verify, verify_point, verify_table
from scenarios.lines.verification_plan import BATCH_RELAXATIONS, FIGURES, POINT_CALLS_MAX, solve
from tests.theory.test_erlang_a import PRINTED

SMALL = Load(100, 180, 360, 5)
QUICK = (SMALL, Load(625, 300, 240, 25), Load(3600, 1, 1, 1))


def go_on() -> bool:
    """Never stop."""
    return False


def silent(_text: str) -> None:
    """Progress nobody reads."""


def batches_of(load: Load, batches: int, batch_calls: int, seed: int, stream: int = 0) -> list[BatchSums]:
    """The first batches of one run."""
    queue = StationaryQueue(load, batch_calls, seed, stream, go_on)
    return [queue.next_batch() for _ in range(batches)]


def test_a_few_rows_lie_inside_theory() -> None:
    """Small, overloaded and one-second rows, at a tenth of the table's length and the family-wise level."""
    points = verify_table(QUICK, 30_000, 1, 1, silent, go_on)
    assert [point.name for point in points if not point.inside] == []


def test_the_table_is_every_row_with_all_four_numbers() -> None:
    """The loads are those whose printed values `erlang_a` is held to, in the same order."""
    assert [tuple(load) for load in TABLE] == [row[:4] for row in PRINTED]


def test_the_tables_batches_are_long_against_the_relaxation_time() -> None:
    """Every batch lasts at least 20 relaxation times, so batches are as good as independent."""
    for load in TABLE:
        lasts_s = TABLE_CALLS / TABLE_BATCHES / load.calls_per_s
        assert lasts_s >= BATCH_RELAXATIONS * solve(load).scatter.relaxation_s, load


@pytest.mark.slow
def test_the_whole_table_lies_inside_theory() -> None:
    """What `sandbox verify` runs, with another seed than its default."""
    points = verify(None, None, None, None, 20, silent, go_on)
    assert len(points) == len(TABLE)
    assert {point.calls for point in points} == {TABLE_CALLS}
    assert [point.name for point in points if not point.inside] == []


@pytest.mark.slow
def test_intervals_cover_the_exact_value_as_often_as_they_say() -> None:
    """Of 200 runs of 20 batches the 95 % batch interval holds the exact value about 190 times, for every figure."""
    runs, exact = 200, erlang_a(*SMALL)
    covered = dict.fromkeys(FIGURES, 0)
    for seed in range(runs):
        ratios = [sums.ratios() for sums in batches_of(SMALL, 20, 300, seed)]
        for figure in FIGURES:
            found = ratio_interval([r[figure][0] for r in ratios], [r[figure][1] for r in ratios])
            assert found.value is not None
            assert found.half_width is not None
            covered[figure] += abs(found.value - getattr(exact, figure)) <= found.half_width
    least, most = binom.ppf([0.0005, 0.9995], runs, 0.95)
    assert [figure for figure in FIGURES if not least <= covered[figure] <= most] == [], covered


@pytest.mark.slow
def test_batches_scatter_as_theory_says() -> None:
    """The variance between 400 batches is the theoretical one, within its chi-square bounds, for every figure."""
    batches, calls = 400, 1_000
    exact, theory = erlang_a(*SMALL), scatter(*SMALL, erlang_a(*SMALL))
    sums = [one.ratios() for one in batches_of(SMALL, batches, calls, 3)]
    low, high = chi2.ppf([0.0005, 0.9995], batches - 1) / (batches - 1)
    for figure in FIGURES:
        base = sum(one[figure][1] for one in sums) / batches
        scores = [(one[figure][0] - getattr(exact, figure) * one[figure][1]) / base for one in sums]
        ratio = variance(scores) / (getattr(theory, figure) ** 2 / calls)
        assert low * 0.95 <= ratio <= high * 1.05, figure  # a batch's ends blur its variance by some 1 %


def test_an_agent_who_overlooks_the_line_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """The check can fail: one freed agent in ten does not take the next caller, and theory is missed."""
    agent_free = CallQueue._agent_free

    def overlook(self: CallQueue, call: Call) -> None:
        on_duty = self.agents
        if self.answered % 10 == 0:
            self.agents = 0
        agent_free(self, call)
        self.agents = on_duty

    monkeypatch.setattr(CallQueue, "_agent_free", overlook)
    assert not verify_table((SMALL,), 60_000, 1, 1, silent, go_on)[0].inside


def test_a_batch_counts_every_call_offered_in_it_and_nothing_else() -> None:
    """Calls per batch are exact, answered and abandoned ones add up, and busy time never exceeds agent time."""
    for sums in batches_of(SMALL, 5, 200, 1):
        assert sums.offered == 200
        assert 0 < sums.abandoned <= sums.waited <= sums.offered
        assert 0 < sums.busy_ms <= sums.agent_ms


def test_longer_batches_are_sums_of_shorter_ones() -> None:
    """Cutting the same run differently moves no call and no busy millisecond."""
    short, long = batches_of(SMALL, 4, 250, 7), batches_of(SMALL, 2, 500, 7)
    assert [BatchSums(*map(sum, zip(*short[i : i + 2], strict=True))) for i in (0, 2)] == long


def test_the_arrival_rate_is_not_biased_by_whole_milliseconds() -> None:
    """Gaps of a few milliseconds keep their mean: 20,000 calls take the time they must, within 5 standard errors."""
    load = Load(1_200_000, 1, 1, 400)  # a call every 3 ms
    calls = 20_000
    lasted_ms = sum(sums.agent_ms / load.agents for sums in batches_of(load, 4, calls // 4, 2))
    expected_ms = calls * 3.0
    assert abs(lasted_ms - expected_ms) < 5 * expected_ms / math.sqrt(calls)


def test_same_seed_same_run_and_streams_differ() -> None:
    """A run is a function of its seed and stream."""
    first = batches_of(SMALL, 2, 300, 5)
    assert first == batches_of(SMALL, 2, 300, 5)
    assert first != batches_of(SMALL, 2, 300, 6)
    assert first != batches_of(SMALL, 2, 300, 5, stream=1)


def test_a_queue_that_loses_a_call_is_our_bug(monkeypatch: pytest.MonkeyPatch) -> None:
    """Conservation is checked after every batch."""
    answer = CallQueue._answer

    def forgetful(self: CallQueue, call: Call) -> None:
        answer(self, call)
        self.answered -= 1

    monkeypatch.setattr(CallQueue, "_answer", forgetful)
    with pytest.raises(RuleBroken, match="not conserved"):
        batches_of(SMALL, 1, 100, 1)


def test_a_point_runs_until_it_is_precise() -> None:
    """The wait is known within 2 % and every probability within 0.002, and the exact values are inside."""
    told: list[str] = []
    point = verify_point(Load(3600, 60, 60, 10), 1, told.append, go_on)
    assert point.inside
    assert point.unmet == ()
    assert point.given == {"calls_per_hour": 3600, "aht_s": 60, "patience_s": 60, "agents": 10}
    assert set(point.exact) == set(point.simulated) == set(FIGURES)
    assert point.simulated["mean_wait_s"].half_width <= 0.02 * point.exact["mean_wait_s"]
    assert all(point.simulated[figure].half_width <= 0.002 for figure in FIGURES if figure != "mean_wait_s")
    assert told[-1] == f"{point.calls:,} calls"
    assert point.calls <= POINT_CALLS_MAX
