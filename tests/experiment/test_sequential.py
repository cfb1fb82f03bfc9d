"""Adding batches until precise: it stops when it may, not before, and never passes its bound."""

from __future__ import annotations

import math

import numpy as np
import pytest

from sandbox.errors import BadInput, RuleBroken
from sandbox.experiment.intervals import Estimate
from sandbox.experiment.sequential import Batch, Precision, is_precise, run_until_precise


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
