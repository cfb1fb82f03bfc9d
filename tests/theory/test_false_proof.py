"""How often a rule on a share is passed, or failed, that the truth breaks, or keeps: by simulation."""

from __future__ import annotations

import numpy as np
import pytest

from sandbox.experiment.intervals import paired_ratio_difference, ratio_interval
from sandbox.experiment.verdict import judge

DAYS = 44
TRIALS = 2_000
NOISE = 3.0 * (0.025 * 0.975 / TRIALS) ** 0.5
"""Three standard errors of a simulated 2.5 %."""


def drawn(cases: int, rate: float, seed: int) -> list[tuple[list[int], list[int]]]:
    """Return counts and bases of every trial, with the cases scattered over the days."""
    rng = np.random.default_rng(seed)
    bases = rng.multinomial(cases, [1 / DAYS] * DAYS, size=TRIALS)
    events = rng.binomial(bases, rate)
    return [(y.tolist(), x.tolist()) for y, x in zip(events, bases, strict=True)]


@pytest.mark.parametrize("cases", [11, 44, 400])
def test_a_broken_rule_is_seldom_passed(cases: int) -> None:
    """True rate 95 %, rule 98 %: at most 2.5 of 100 trials pass it, however few the cases."""
    trials = drawn(cases, 0.95, seed=cases)
    passed = sum(judge(ratio_interval(*one, share=True), ">=", 0.98) == "pass" for one in trials)
    assert passed / TRIALS <= 0.025 + NOISE


@pytest.mark.parametrize("cases", [11, 44, 400])
def test_a_kept_rule_is_seldom_failed(cases: int) -> None:
    """The mirror: true rate 2 %, rule at least 1 %."""
    trials = drawn(cases, 0.02, seed=cases)
    failed = sum(judge(ratio_interval(*one, share=True), ">=", 0.01) == "fail" for one in trials)
    assert failed / TRIALS <= 0.025 + NOISE


@pytest.mark.parametrize("events", [6, 10, 12, 15, 20, 30, 45, 60, 80, 100])
def test_the_line_itself_is_seldom_passed_or_failed_with_few_events(events: int) -> None:
    """True rate on the line, so many events expected: the hardest case for a spread between days, on either side."""
    trials = drawn(events * 50, 0.98, seed=events)
    found = [ratio_interval(*one, share=True) for one in trials]
    passed = sum(judge(one, ">", 0.98) == "pass" for one in found)
    failed = sum(judge(one, ">=", 0.98) == "fail" for one in found)
    assert passed / TRIALS <= 0.025 + NOISE
    assert failed / TRIALS <= 0.025 + NOISE


@pytest.mark.parametrize("events", [10, 20, 40])
def test_the_spread_of_days_alone_would_pass_it_too_often(events: int) -> None:
    """What the exact end is for: without it one and a half times as many trials pass as are promised."""
    trials = drawn(events * 50, 0.98, seed=events)
    passed = sum(judge(ratio_interval(*one), ">", 0.98) == "pass" for one in trials)
    assert passed / TRIALS > 1.5 * 0.025


def test_plenty_of_events_keep_the_interval_of_their_days() -> None:
    """From a hundred events on nothing is added, and the days miss on one side in about three of a hundred trials."""
    trials = [one for one in drawn(10_000, 0.98, seed=3) if sum(one[1]) - sum(one[0]) >= 150]
    found = [(ratio_interval(*one, share=True), ratio_interval(*one)) for one in trials]
    assert all(kept[:3] == pytest.approx(free[:3]) for kept, free in found)
    passed = sum(judge(kept, ">", 0.98) == "pass" for kept, _ in found)
    assert passed / len(found) <= 0.03 + NOISE


@pytest.mark.parametrize(("cases", "others"), [(11, 44), (44, 44), (400, 60)])
def test_a_difference_that_is_none_is_seldom_found(cases: int, others: int) -> None:
    """Two designs with the same true rate near one: intervals miss nought in at most 5 of 100 trials."""
    pairs = zip(drawn(cases, 0.97, seed=1), drawn(others, 0.97, seed=2), strict=True)
    found = [paired_ratio_difference(*one, *other, shares=True) for one, other in pairs]
    missed = sum(not (each.low or 0.0) <= 0.0 <= (each.high or 0.0) for each in found)
    assert missed / TRIALS <= 0.05 + 3.0 * (0.05 * 0.95 / TRIALS) ** 0.5
