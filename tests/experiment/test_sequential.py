"""Adding batches until precise: it stops when it may, not before, and never passes its bound."""

from __future__ import annotations

import math

import numpy as np
import pytest

from sandbox.errors import BadInput, RuleBroken
from sandbox.experiment.intervals import Estimate, mean_interval
from sandbox.experiment.sequential import (
    Batch,
    Looks,
    Precision,
    Width,
    is_precise,
    run_to_width,
    run_until_precise,
)


def noisy(spread: float) -> list[Batch]:
    """A fixed column of batches of a mean of 10 with the given standard deviation."""
    column = np.random.default_rng(4).normal(10.0, spread, 500)
    return [{"wait_s": (float(value), 1.0)} for value in column]


def test_batches_that_agree_stop_at_the_minimum() -> None:
    """Nothing is added once the minimum shows no spread."""
    result = run_until_precise(lambda _: {"rate": (1, 10)}, ["rate"], Precision(min_batches=3))
    assert result.batches == 3
    assert result.unmet == ()
    assert result.estimates["rate"].value == pytest.approx(0.1)


def test_noise_takes_more_batches_until_the_half_width_is_met() -> None:
    """It runs on while the interval is too wide and stops at the first count that is precise enough."""
    column = noisy(1.0)
    result = run_until_precise(lambda index: column[index])
    assert result.batches > 10
    assert result.unmet == ()
    assert (result.estimates["wait_s"].half_width or math.inf) <= 0.02 * (
        result.estimates["wait_s"].value or 0
    )
    short = run_until_precise(lambda index: column[index], (), Precision(max_batches=result.batches - 1))
    assert short.unmet == ("wait_s",)


def test_the_bound_is_never_passed_and_the_wide_metrics_are_named() -> None:
    """A hopeless metric ends at the bound, named, while the good one is not."""
    column = noisy(50.0)
    asked: list[int] = []

    def run(index: int) -> Batch:
        asked.append(index)
        return {"steady": (1.0, 2.0), **column[index]}

    result = run_until_precise(run, ["steady"], Precision(max_batches=25))
    assert asked == list(range(25))
    assert result.batches == 25
    assert result.unmet == ("wait_s",)


def test_a_metric_without_a_base_is_unmet() -> None:
    """An empty base is never called precise."""
    result = run_until_precise(lambda _: {"rate": (0, 0)}, ["rate"], Precision(min_batches=2, max_batches=4))
    assert result.estimates["rate"].value is None
    assert result.unmet == ("rate",)


@pytest.mark.parametrize(
    ("value", "half_width", "probability", "precise"),
    [
        (0.5, 0.0100, True, True),
        (0.5, 0.0101, True, False),
        (0.01, 0.0020, True, True),
        (0.01, 0.0021, True, False),
        (0.01, 0.0020, False, False),
        (-50.0, 1.0, False, True),
        (0.0, 0.002, True, True),
        (0.0, 0.002, False, False),
        (0.5, None, True, False),
    ],
)
def test_the_precision_rule_at_its_lines(
    value: float, half_width: float | None, probability: bool, precise: bool
) -> None:
    """2 % of the value, or 0.2 points for a probability, whichever is wider; on the line is enough."""
    estimate = Estimate(value, None, None, 10, half_width)
    assert is_precise(estimate, Precision(), probability=probability) is precise


def test_batches_must_name_the_same_metrics() -> None:
    """A batch that drops a metric is a bug, not a smaller sample."""
    batches: list[Batch] = [{"a": (1, 1), "b": (1, 1)}, {"a": (1, 1)}]
    with pytest.raises(RuleBroken, match="batch 1"):
        run_until_precise(lambda index: batches[index])


def test_a_probability_no_batch_reports_is_a_bug() -> None:
    """A misspelt probability would silently lose its absolute bound, so it is refused."""
    with pytest.raises(RuleBroken, match="abandonement"):
        run_until_precise(lambda _: {"abandonment": (1, 10)}, ["abandonement"])


@pytest.mark.parametrize(
    ("precision", "named"),
    [
        (Precision(min_batches=1), "batches"),
        (Precision(min_batches=20, max_batches=10), "batches"),
        (Precision(relative=0.0), "relative"),
        (Precision(probability=math.nan), "probability"),
    ],
)
def test_contradictory_precision_is_refused_before_any_batch(precision: Precision, named: str) -> None:
    """Bounds that contradict themselves are refused without running anything."""

    def never(index: int) -> Batch:
        raise AssertionError(f"batch {index} was run")

    with pytest.raises(BadInput, match=named):
        run_until_precise(never, (), precision)


def test_a_known_spread_stops_at_the_textbook_number_of_runs() -> None:
    """Half width 1.96 / sqrt(n) and 0.1 asked for: 385 runs in theory, and the last look is at most one on."""
    asked: list[int] = []

    def widths_after(runs: int) -> dict[str, Width]:
        asked.append(runs)
        return {"mean": Width(1.96 / math.sqrt(runs), 0.1)}

    found = run_to_width(widths_after, 5, 1_000)
    assert found.unmet == ()
    assert found.runs in {385, 386}
    assert found.looks == tuple(asked) == (5, 10, 20, 40, 80, 160, 320, found.runs)


def test_the_widest_interval_decides_and_no_interval_doubles() -> None:
    """The figure furthest off says where to look next; what has no interval yet asks for twice as many."""
    widths = {
        2: {"a": Width(None, 1.0), "b": Width(0.5, 1.0)},
        4: {"a": Width(1.2, 1.0), "b": Width(1.1, 1.0)},
        6: {"a": Width(1.0, 1.0), "b": Width(0.9, 1.0)},
    }
    assert run_to_width(widths.__getitem__, 2, 9) == Looks(6, (2, 4, 6), ())


def test_the_bound_is_never_passed_and_what_is_unmet_is_named() -> None:
    """At the bound it ends, whatever the widths are."""
    wide = {"a": Width(9.0, 1.0), "b": Width(0.1, 1.0)}
    assert run_to_width(lambda _: wide, 3, 5) == Looks(5, (3, 5), ("a",))
    assert run_to_width(lambda _: wide, 5, 5) == Looks(5, (5,), ("a",))


@pytest.mark.parametrize(("first", "most"), [(0, 5), (6, 5)])
def test_bounds_that_contradict_each_other_are_refused(first: int, most: int) -> None:
    """The first look lies between one run and the bound."""
    with pytest.raises(BadInput):
        run_to_width(lambda _: {}, first, most)
    with pytest.raises(BadInput, match="half width of a"):
        run_to_width(lambda _: {"a": Width(1.0, 0.0)}, 1, 2)


def test_stopping_when_narrow_covers_nearly_as_often_as_promised() -> None:
    """Normal days, 2,000 experiments that stop by the rule: their intervals cover the mean 93 times in 100."""
    draws = np.random.default_rng(7)
    covered = 0
    for _ in range(2_000):
        days = draws.normal(10.0, 1.0, 64 * 22)

        def widths_after(runs: int, days: np.ndarray = days) -> dict[str, Width]:
            return {"mean": Width(mean_interval(days[: runs * 22]).half_width, 0.12)}

        runs = run_to_width(widths_after, 3, 64).runs
        found = mean_interval(days[: runs * 22])
        assert found.low is not None
        assert found.high is not None
        covered += found.low <= 10.0 <= found.high
    assert covered / 2_000 >= 0.93
