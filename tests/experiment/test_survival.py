"""Censored durations: known curves, limits and an independent recount."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from sandbox.errors import BadInput, RuleBroken
from sandbox.experiment.survival import (
    exponential_mean_censored,
    kaplan_meier,
    kaplan_meier_quantile,
    median_interval,
    quantile_interval,
)

DURATIONS = st.lists(st.integers(0, 30), max_size=25)


def recount(completed: list[int], censored: list[int], q: float) -> float | None:
    """The product-limit curve written as its definition: a product over distinct completion times."""
    still_open = 1.0
    for time in sorted(set(completed)):
        at_risk = sum(c >= time for c in completed) + sum(c >= time for c in censored)
        still_open *= 1 - completed.count(time) / at_risk
        if still_open <= 1 - q + 1e-9:
            return time
    return None


def test_without_censoring_it_is_the_plain_quantile() -> None:
    """With every case completed, the median is the middle one and q the earliest reaching that share."""
    assert kaplan_meier_quantile([5, 1, 3, 2, 4], [], 0.5) == 3
    assert kaplan_meier_quantile([1, 2, 3, 4], [], 0.5) == 2
    assert kaplan_meier_quantile([1, 2, 3, 4], [], 0.75) == 3


def test_the_published_leukaemia_curve_has_its_median() -> None:
    """The 6-MP group of Freireich et al. (1963), the textbook example, has a median remission of 23 weeks."""
    completed = [6, 6, 6, 7, 10, 13, 16, 22, 23]
    censored = [6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35]
    assert kaplan_meier_quantile(completed, censored, 0.5) == 23
    assert kaplan_meier_quantile(completed, censored, 0.25) == 13


def test_open_cases_push_the_median_out() -> None:
    """Dropping the open cases would report a median of 2; keeping them shows it was not reached."""
    assert kaplan_meier_quantile([1, 2, 3], [], 0.5) == 2
    assert kaplan_meier_quantile([1, 2, 3], [10] * 5, 0.5) is None


def test_nothing_completed_has_no_quantile() -> None:
    """Only open cases, or none at all, reach no share."""
    assert kaplan_meier_quantile([], [1, 2], 0.5) is None
    assert kaplan_meier_quantile([], [], 0.5) is None


@given(DURATIONS, DURATIONS, st.sampled_from([0.1, 0.25, 0.5, 0.75, 0.9]))
def test_it_agrees_with_the_definition(completed: list[int], censored: list[int], q: float) -> None:
    """The one-pass walk gives what the product over distinct times gives, ties and censoring included."""
    assert kaplan_meier_quantile(completed, censored, q) == recount(completed, censored, q)


def test_thirty_thousand_durations_find_the_exponential_median() -> None:
    """At full size, with a third censored, the median of an exponential comes back within 3 %."""
    generator = np.random.default_rng(2)
    true, limit = generator.exponential(100.0, 30_000), generator.exponential(200.0, 30_000)
    completed, censored = true[true <= limit].tolist(), limit[true > limit].tolist()
    median = kaplan_meier_quantile(completed, censored, 0.5)
    assert median == pytest.approx(100 * math.log(2), rel=0.03)


def test_patience_counts_the_waits_of_the_answered() -> None:
    """All waits over abandoned calls: 600 s waited in all and 2 calls lost are a patience of 300 s."""
    assert exponential_mean_censored(600.0, 2) == 300.0
    assert exponential_mean_censored(600.0, 0) is None


def test_censored_patience_recovers_the_truth() -> None:
    """Callers answered early hide their patience, and the estimate still finds its mean within 3 %."""
    generator = np.random.default_rng(3)
    patience, offered_wait = generator.exponential(360.0, 20_000), generator.exponential(90.0, 20_000)
    waited = np.minimum(patience, offered_wait)
    mean = exponential_mean_censored(float(waited.sum()), int((patience < offered_wait).sum()))
    assert mean == pytest.approx(360.0, rel=0.03)


@pytest.mark.parametrize("q", [0.0, 1.0, 50, math.nan])
def test_a_share_must_be_between_its_ends(q: float) -> None:
    """A percent such as 50 is refused and 0.5 suggested."""
    with pytest.raises(BadInput, match=r"such as 0\.5"):
        kaplan_meier_quantile([1], [], q)


@pytest.mark.parametrize("duration", [-1.0, math.nan])
def test_impossible_durations_are_our_own_fault(duration: float) -> None:
    """A negative or missing duration can only come from a bug."""
    with pytest.raises(RuleBroken):
        kaplan_meier_quantile([duration], [], 0.5)
    with pytest.raises(RuleBroken):
        kaplan_meier_quantile([1.0], [duration], 0.5)
    with pytest.raises(RuleBroken):
        exponential_mean_censored(duration, 1)


COMPLETED = [6, 6, 6, 7, 10, 13, 16, 22, 23]
CENSORED = [6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35]


def test_the_published_leukaemia_curve_step_by_step() -> None:
    """At risk, completed and the share still open are the textbook's table for the 6-MP group."""
    steps = kaplan_meier(COMPLETED, CENSORED)
    assert [(step.at, step.at_risk, step.ended) for step in steps] == [
        (6, 21, 3), (7, 17, 1), (10, 15, 1), (13, 12, 1), (16, 11, 1), (22, 7, 1), (23, 6, 1),
    ]  # fmt: skip
    shares = [0.857, 0.807, 0.753, 0.690, 0.627, 0.538, 0.448]
    assert [step.open_share for step in steps] == pytest.approx(shares, abs=6e-4)
    assert [step.error for step in steps[:2]] == pytest.approx([0.0764, 0.0869], abs=1e-4)


def test_the_curve_is_scipys() -> None:
    """Shares agree with SciPy's product-limit estimate, ties and censoring included."""
    generator = np.random.default_rng(8)
    completed, censored = generator.integers(0, 40, 200), generator.integers(0, 40, 300)
    steps = kaplan_meier(completed.tolist(), censored.tolist())
    theirs = stats.ecdf(stats.CensoredData(uncensored=completed, right=censored)).sf
    assert [step.open_share for step in steps] == pytest.approx(theirs.evaluate([step.at for step in steps]))


def test_the_interval_of_a_median_is_where_the_log_log_band_holds_one_half() -> None:
    """For the 6-MP group it is 13 weeks to no upper end, as published; for plenty of data it brackets the truth."""
    assert median_interval(kaplan_meier(COMPLETED, CENSORED)) == (13, None)
    generator = np.random.default_rng(9)
    patience, offered = generator.exponential(300, 4_000), generator.exponential(300, 4_000)
    gone = patience < offered
    low, high = median_interval(kaplan_meier(patience[gone].tolist(), offered[~gone].tolist()))
    assert low is not None
    assert high is not None
    assert low < 300 * math.log(2) < high
    assert high - low < 40


def test_the_interval_of_any_quantile_agrees_with_that_of_the_median() -> None:
    """At one half it is the same; a quarter of the 6-MP group went into relapse between week 6 and 22."""
    assert quantile_interval(COMPLETED, CENSORED, 0.5) == (13, None)
    assert quantile_interval(COMPLETED, CENSORED, 0.25) == (6, 22)
    generator = np.random.default_rng(5)
    times = generator.exponential(60, 500)
    gone, held = times[times < 50].tolist(), [50.0] * int((times >= 50).sum())
    assert quantile_interval(gone, held, 0.5) == median_interval(kaplan_meier(gone, held), 1.959964)


def test_an_interval_of_a_quantile_has_no_end_where_the_data_have_none() -> None:
    """Nobody completed: no end at all; everybody, but too few to say: no upper end; never below nought."""
    assert quantile_interval([], [5, 6], 0.5) == (None, None)
    assert quantile_interval([3], [], 0.5) == (None, None)
    low, high = quantile_interval([1, 2, 900], [], 0.5)
    assert low == 1
    assert high is None
    for wrong in ({"q": 1.0}, {"q": 0.5, "level": 95}):
        with pytest.raises(BadInput, match="allowed is above 0 and below 1"):
            quantile_interval([1], [], **wrong)


@pytest.mark.parametrize("q", [0.5, 0.9])
def test_intervals_of_quantiles_cover_the_truth_as_often_as_they_say(q: float) -> None:
    """Of 1,000 censored samples of 120, 95 % hold the true quantile, within the noise of the simulation."""
    generator = np.random.default_rng(21)
    true, held = -100 * math.log1p(-q), 0
    for _ in range(1_000):
        times, seen = generator.exponential(100, 120), generator.uniform(200, 900, 120)
        low, high = quantile_interval(times[times <= seen].tolist(), seen[times > seen].tolist(), q)
        held += low is not None and low <= true and (high is None or true <= high)
    assert 930 <= held <= 975


def test_a_curve_that_ends_with_everybody_done_has_no_error_left() -> None:
    """Once nobody is open the share is 0 and so is its error; nobody completed gives no step."""
    last = kaplan_meier([1, 2, 2], [])[-1]
    assert (last.open_share, last.error) == (0.0, 0.0)
    assert kaplan_meier([], [3, 4]) == []
