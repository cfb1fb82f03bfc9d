"""Sums of whole campaigns: what replications that agree prove, and what they do not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from sandbox.experiment.exact_share import exact_share_interval
from sandbox.experiment.intervals import student_t
from sandbox.scorecard.outcome import RunOutcome
from scenarios.totals import MEASURES, NOTHING, Figure, differences, totals
from tests.scenarios.recorded import SMALL, record

DAYS = 11
CASES = 110
NOUGHT = Figure(0.0, 0.0, 0.0)


@cache
def base() -> RunOutcome:
    """Some real outcome, to be given other sums."""
    return record("in-message", SMALL).outcome


def run(recorded: Sequence[int], cases: int = CASES) -> RunOutcome:
    """An outcome in which so many cases are recorded on each cohort day, of so many cases in all."""
    whole = base()
    done = [int(count) for count in recorded]
    per_day = [cases // len(done)] * len(done)
    ratios = {
        **whole.ratios,
        "completion_rate": (done, per_day),
        "cost_per_resolution": ([1_000_000 * count for count in done], done),
    }
    ends = {**dict.fromkeys(whole.ends, 0), "recorded": sum(done), "expired": cases - sum(done)}
    return replace(whole, ratios=ratios, ends=ends)


def test_completions_are_the_sum_of_their_days() -> None:
    """The interval of days is of the very figure that is shown: both count the same cases."""
    outcome = record("sms-to-call", SMALL).outcome
    for name, measure in MEASURES.items():
        if measure.days is not None:
            assert measure.read(outcome) == pytest.approx(sum(measure.days(outcome)) * measure.scale), name


def test_what_no_day_knows_of_is_no_difference() -> None:
    """Equal day by day in every replication: the change touched no case, and that is certain."""
    runs = [run([3] * DAYS), run([4] * DAYS)]
    assert set(differences(runs, runs).values()) <= {NOUGHT, NOTHING}


def test_two_replications_that_differ_alike_have_the_interval_of_their_days() -> None:
    """Plus two in both, on other days: the share of cases over 22 days, not an interval of no width."""
    now = [run([3, 5, 4, 4, 2, 6, 3, 4, 5, 4, 4]), run([4] * DAYS)]
    fixed = [run([4, 5, 4, 3, 3, 6, 3, 4, 5, 5, 4]), run([5, 3, 5, 4, 4, 4, 4, 4, 5, 4, 4])]
    gain = differences(fixed, now)["completions"]
    changes = [b - a for one, other in zip(now, fixed, strict=True) for a, b in _days(one, other)]
    assert sum(changes) == 4
    half = student_t(0.95, 21) * np.std(changes, ddof=1) / np.sqrt(22) * DAYS
    assert gain.value == 2.0
    assert (gain.low, gain.high) == pytest.approx((2.0 - half, 2.0 + half))
    assert gain.low is not None
    assert gain.low < 0.0  # so they show no gain that could be ranked
    cost = differences(fixed, now)["cost"]
    assert (cost.low, cost.high) == pytest.approx((gain.low, gain.high))


def _days(one: RunOutcome, other: RunOutcome) -> list[tuple[int, int]]:
    return list(zip(one.ratios["completion_rate"][0], other.ratios["completion_rate"][0], strict=True))


def test_where_days_agree_too_the_two_are_held_apart() -> None:
    """One more on every day: the exact intervals of both, squared and added, and never more than all cases."""
    now, fixed = [run([1] * DAYS)] * 2, [run([2] * DAYS)] * 2
    gain = differences(fixed, now)["completions"]
    few, more = (exact_share_interval(count, 2 * CASES, 0.95) for count in (22, 44))
    below = np.hypot(0.2 - more[0], few[1] - 0.1)
    above = np.hypot(more[1] - 0.2, 0.1 - few[0])
    assert gain.value == DAYS
    assert gain.low == pytest.approx(DAYS - below * CASES)
    assert gain.high == pytest.approx(DAYS + above * CASES)
    every = differences([run([10] * DAYS)] * 2, [run([0] * DAYS)] * 2)["completions"]
    assert every.high is not None
    assert every.low is not None
    assert every.low < CASES == every.high
    cost = differences(fixed, now)["cost"]
    assert (cost.value, cost.low, cost.high) == (DAYS, None, None)  # nothing shows how it could vary


def test_agreeing_replications_miss_no_more_than_promised() -> None:
    """A fix saves one lost case in a hundred: intervals of pairs that agree by luck hold what it gains."""
    # Two replications with the same gain are picked out: by themselves their interval would have no width.
    rng = np.random.default_rng(7)
    cases, days, kept, saved = 550, 11, 0.3, 0.01
    expected = cases * (1 - kept) * saved
    held, shown = 0, 0
    for _ in range(1500):
        now, fixed = [], []
        for _replication in range(2):
            done = rng.binomial(cases // days, kept, size=days)
            now.append(run(done.tolist(), cases))
            fixed.append(run((done + rng.binomial(cases // days - done, saved)).tolist(), cases))
        gain = differences(fixed, now)["completions"]
        gains = [sum(b - a for a, b in _days(one, other)) for one, other in zip(now, fixed, strict=True)]
        if gains[0] != gains[1] or not gains[0]:
            continue
        assert gain.low is not None
        assert gain.high is not None
        shown += 1
        held += gain.low <= expected <= gain.high
    assert shown > 150
    assert 0.90 < held / shown < 0.995


def test_a_sum_that_all_replications_agree_on_is_not_known_exactly() -> None:
    """Forty of 110 twice: the share of its cases, at least as wide as the exact interval; a median by its cases."""
    runs = [run([4] * 10 + [0]), run([4] * 10 + [0])]
    found = totals(runs)["completions"]
    low, high = exact_share_interval(80, 220, 0.95)
    assert found.value == 40.0
    assert found.low is not None
    assert found.high is not None
    assert found.low <= low * CASES
    assert high * CASES <= found.high
    median = totals(runs)["minutes_to_resolution"]
    assert median.low is not None
    assert median.high is not None
    assert median.low < (median.value or 0.0) < median.high
