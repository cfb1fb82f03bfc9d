from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from scipy.stats import chi2

from sandbox.draws import Draws
from sandbox.facts import CallOffered
from sandbox.simulation.call_queue import CallQueue
from sandbox.simulation.events import Clockwork
from sandbox.simulation.traffic import OtherTraffic, _key, arrivals, day_multiplier
from scenarios.wiring.centre import centre_of
from scenarios.wiring.plan import calendar_of
from scenarios.world.spec import load_scenario

DOCUMENT = load_scenario("retail-bank-200k").document
CALENDAR = calendar_of(DOCUMENT)
STEADY = replace(centre_of(DOCUMENT), day_multiplier_cv=0.0, weekday_factors=())
SLOT_MS = 1_800_000
RUNS = 20


def a_day(centre=STEADY, seed: int = 1, day: int = 0) -> list[int]:
    """One day's other calls."""
    return list(arrivals(centre, CALENDAR, Draws(seed), day))


def counts(centre, days: int) -> np.ndarray:
    """Calls per day over many independent days."""
    per_seed = CALENDAR.days
    return np.array(
        [len(a_day(centre, seed, day)) for seed in range(days // per_seed) for day in range(per_seed)]
    )


def test_calls_of_a_day_come_in_order_and_within_opening_hours():
    """From the first half hour to the last, never outside."""
    day = a_day(day=3)
    assert all(a <= b for a, b in pairwise(day))
    assert CALENDAR.opens_ms[3] <= day[0]
    assert day[-1] < CALENDAR.closes_ms[3]


def test_without_a_multiplier_days_are_poisson():
    """Mean and index of dispersion of the daily counts lie within a Poisson's limits at one in ten thousand."""
    found = counts(STEADY, RUNS * CALENDAR.days)
    n, mean = len(found), STEADY.other_calls_per_day
    assert found.mean() == pytest.approx(mean, abs=3.9 * (mean / n) ** 0.5)
    dispersion = (n - 1) * found.var(ddof=1) / found.mean()
    low, high = chi2.ppf([5e-5, 1 - 5e-5], n - 1)
    assert low < dispersion < high


def test_with_a_multiplier_days_spread_as_the_gamma_says():
    """Variance is the mean plus (cv x mean) squared; the mean itself does not move."""
    cv, mean = 0.25, STEADY.other_calls_per_day
    found = counts(replace(STEADY, day_multiplier_cv=cv), RUNS * CALENDAR.days)
    exact = mean + (cv * mean) ** 2
    n = len(found)
    assert found.mean() == pytest.approx(mean, abs=3.9 * (exact / n) ** 0.5)
    assert found.var(ddof=1) == pytest.approx(exact, rel=3.9 * (2.5 / n) ** 0.5)


def test_the_multiplier_has_mean_one_and_belongs_to_seed_and_day():
    """The same day of the same seed is as busy in every design; without a spread every day is the same."""
    many = np.array([day_multiplier(seed, 0, 0.25) for seed in range(4_000)])
    assert many.mean() == pytest.approx(1.0, abs=3.9 * 0.25 / 4_000**0.5)
    assert many.std() == pytest.approx(0.25, rel=0.06)
    assert day_multiplier(9, 4, 0.25) == day_multiplier(9, 4, 0.25) != day_multiplier(9, 5, 0.25)
    assert day_multiplier(9, 4, 0.0) == 1.0


def test_half_hours_follow_the_profile():
    """Over many days each half hour has its share of the calls: a chi-square test at one in ten thousand."""
    found = np.zeros(CALENDAR.slots)
    for seed in range(RUNS):
        for day in range(CALENDAR.days):
            for at_ms in a_day(seed=seed, day=day):
                found[(at_ms - CALENDAR.opens_ms[day]) // SLOT_MS] += 1
    exact = found.sum() * np.array(STEADY.other_weights)
    assert ((found - exact) ** 2 / exact).sum() < chi2.ppf(1 - 1e-4, CALENDAR.slots - 1)


def test_more_traffic_keeps_the_early_callers():
    """Call by call, more traffic is the same calls sooner, and more of them at the end of the day."""
    few, many = a_day(), a_day(replace(STEADY, other_calls_per_day=STEADY.other_calls_per_day * 1.2))
    assert len(many) > len(few)
    assert all(sooner <= later for sooner, later in zip(many, few, strict=False))


def test_an_empty_half_hour_gets_no_calls_and_delays_nobody_else():
    """A closed first half hour shifts no caller of the second into it."""
    weights = (0.0, *STEADY.other_weights[1:])
    first = a_day(replace(STEADY, other_weights=weights))[0]
    assert first >= CALENDAR.opens_ms[0] + SLOT_MS


def test_no_traffic_is_no_calls():
    """The lines can be the campaign's alone."""
    assert a_day(replace(STEADY, other_calls_per_day=0.0)) == []


def test_mondays_are_as_much_busier_as_their_factor_says():
    """Each weekday has its own mean, and given the weekday the days are Poisson; the five together keep the level."""
    factors, mean = (1.3, 0.9, 0.9, 0.9, 1.0), STEADY.other_calls_per_day
    found = counts(replace(STEADY, weekday_factors=factors), RUNS * CALENDAR.days).reshape(RUNS, -1)
    for weekday, factor in enumerate(factors):
        days = [day for day in range(CALENDAR.days) if CALENDAR.weekday(day) == weekday]
        here = found[:, days].ravel()
        assert here.mean() == pytest.approx(factor * mean, abs=3.9 * (factor * mean / here.size) ** 0.5)
        dispersion = (here.size - 1) * here.var(ddof=1) / here.mean()
        low, high = chi2.ppf([5e-5, 1 - 5e-5], here.size - 1)
        assert low < dispersion < high


def test_weekdays_and_days_spread_together():
    """Over days of one weekday the variance is its mean plus (cv x its mean) squared, Mondays included."""
    cv, factors = 0.25, (1.4, 0.9, 0.9, 0.9, 0.9)
    mean = factors[0] * STEADY.other_calls_per_day
    centre = replace(STEADY, day_multiplier_cv=cv, weekday_factors=factors)
    mondays = [day for day in range(CALENDAR.days) if CALENDAR.weekday(day) == 0]
    found = np.array([len(a_day(centre, seed, day)) for seed in range(60) for day in mondays])
    exact = mean + (cv * mean) ** 2
    assert found.mean() == pytest.approx(mean, abs=3.9 * (exact / found.size) ** 0.5)
    assert found.var(ddof=1) == pytest.approx(exact, rel=3.9 * (2.5 / found.size) ** 0.5)


def test_the_shipped_weekday_factors_have_mean_one():
    """What is shipped moves calls between days, not the month's level."""
    assert sum(centre_of(DOCUMENT).weekday_factors) == pytest.approx(5.0)
    assert CALENDAR.weekday(0) == 0  # the scenario's first day is a Monday


class Unanswered:
    """Other traffic of a few days on lines nobody staffs; every call it offered, caller by caller."""

    def __init__(self, days: int, **changed) -> None:
        self.env = Clockwork()
        self.offered: list[CallOffered] = []
        centre = replace(STEADY, other_calls_per_day=40.0, balk_rate=0.0, **changed)
        traffic = OtherTraffic(self.env, CallQueue(self.env, self), centre, CALENDAR, Draws(5))
        for day in range(days):
            self.env.run(until=CALENDAR.opens_ms[day])
            traffic.start(day)
        self.env.run(until=CALENDAR.end_ms)

    def emit(self, fact: tuple[object, ...]) -> None:
        """Keep the offered calls."""
        if isinstance(fact, CallOffered):
            self.offered.append(fact)

    def per_day(self, attempt: int) -> list[int]:
        """Calls of one attempt on each of the first five days."""
        days = [CALENDAR.day_of(call.at_ms) for call in self.offered if call.attempt == attempt]
        assert all(CALENDAR.is_open(call.at_ms) for call in self.offered)
        return [days.count(day) for day in range(5)]


def test_who_gives_up_for_the_day_calls_on_the_next_at_most_so_often_in_all():
    """With everybody coming back, a day's callers are the next day's second and the day after's third calls."""
    patient = {"other": 0.0, "campaign": 0.0}
    run = Unanswered(2, redial_rate=patient, next_day_rate={"other": 1.0}, redials_max=2)
    first, second, third = (run.per_day(attempt) for attempt in (1, 2, 3))
    assert first[0] > 20
    assert first[2:] == [0, 0, 0]
    assert second == [0, *first[:2], 0, 0]
    assert third == [0, 0, *first[:2], 0]
    assert run.per_day(4) == [0] * 5


def test_without_the_rate_nobody_comes_back_the_next_day():
    """The lines of the third day are quiet when nobody first calls then."""
    run = Unanswered(2, next_day_rate={}, redials_max=20)
    assert {CALENDAR.day_of(call.at_ms) for call in run.offered} == {0, 1}
    assert max(call.attempt for call in run.offered) > 1


def test_next_day_callers_come_at_the_hours_of_the_others():
    """A chi-square test of their half hours against the profile, at one in ten thousand."""
    zero = {"other": 0.0, "campaign": 0.0}
    run = Unanswered(20, redial_rate=zero, next_day_rate={"other": 1.0}, redials_max=1)
    again = [call.at_ms for call in run.offered if call.attempt == 2]
    found = np.zeros(CALENDAR.slots)
    for at_ms in again:
        found[(at_ms - CALENDAR.opens_ms[CALENDAR.day_of(at_ms)]) // SLOT_MS] += 1
    exact = found.sum() * np.array(STEADY.other_weights)
    assert ((found - exact) ** 2 / exact).sum() < chi2.ppf(1 - 1e-4, CALENDAR.slots - 1)


def test_no_two_redials_of_a_run_share_their_luck():
    """Draw keys of callers of different days stay apart, however often one of them redials."""
    keys = [_key(day, redials) for day in range(300) for redials in range(21)]
    assert len(set(keys)) == len(keys)
