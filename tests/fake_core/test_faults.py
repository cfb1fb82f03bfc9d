"""Faults and latency are a plan: pure, reproducible, and independent of each other."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from math import exp, log, sqrt
from statistics import mean, median, stdev
from typing import Any

import pytest

from fake_core.faults import POST, READ, Fates, FaultPlan
from fake_core.profiles import LEGACY_BATCH, MODERN_API, CoreProfile
from sandbox.errors import BadInput
from sandbox.model import MS_PER_HOUR
from sandbox.ports import CoreOutcome

CALLS = 4_000
FULL = FaultPlan(
    lost_ack_rate=0.1,
    unavailable_rate=0.1,
    unavailable_after_commit_rate=0.1,
    slow_rate=0.1,
    slow_factor=3.0,
    lost_request_rate=0.1,
    in_progress_rate=0.1,
    seed=11,
)
PATIENT = CoreProfile(timeout_ms=MS_PER_HOUR)
RATES = [name for name in FaultPlan.__dataclass_fields__ if name.endswith("_rate")]
REASONS = {name: name.removesuffix("_rate") for name in RATES}


def fates(plan: FaultPlan, profile: CoreProfile = PATIENT, at_ms: int = 0, stream: str = POST) -> list[Any]:
    """Return the fates of the first calls of many keys."""
    drawn = Fates(plan, profile)
    return [drawn.draw(stream, f"key-{n}", 0, at_ms) for n in range(CALLS)]


def test_the_same_plan_draws_the_same_fates() -> None:
    """Two cores under one plan agree on every call; another seed, stream or nth call draws anew."""
    assert fates(FULL) == fates(FULL)
    assert fates(FULL) != fates(replace(FULL, seed=12))
    assert fates(FULL) != fates(FULL, stream=READ)
    one = Fates(FULL, PATIENT)
    assert [one.draw(POST, f"key-{n}", 1, 0) for n in range(CALLS)] != fates(FULL)


def test_time_of_the_call_moves_no_draw() -> None:
    """The same call at another time has the same fate."""
    assert fates(FULL, at_ms=0) == fates(FULL, at_ms=10**9)


@pytest.mark.parametrize("removed", RATES)
def test_removing_a_fault_leaves_all_other_calls_as_they_were(removed: str) -> None:
    """Only calls that met the removed fault change; this is what makes plans shrinkable."""
    full, fewer = fates(FULL), fates(replace(FULL, **{removed: 0.0}))
    if removed == "slow_rate":
        changed = [(a, b) for a, b in zip(full, fewer, strict=True) if a != b]
        assert changed
        assert all(a._replace(latency_ms=0) == b._replace(latency_ms=0) for a, b in changed)
        return
    met = [before.reason == REASONS[removed] for before in full]
    assert any(met)
    for hit, before, after in zip(met, full, fewer, strict=True):
        assert hit or before == after
        assert after.reason != REASONS[removed]


@pytest.mark.parametrize("name", [name for name in RATES if name != "slow_rate"])
def test_each_fault_comes_at_its_rate(name: str) -> None:
    """A fault alone in a plan hits its share of calls, within 4.5 standard errors."""
    rate = 0.2
    hits = sum(fate.reason == REASONS[name] for fate in fates(FaultPlan(**{name: rate}, seed=5)))
    assert abs(hits - CALLS * rate) < 4.5 * sqrt(CALLS * rate * (1 - rate))


@pytest.mark.parametrize(
    ("name", "reaches_core", "outcome"),
    [
        ("lost_request_rate", False, CoreOutcome.TIMED_OUT),
        ("unavailable_rate", False, CoreOutcome.UNAVAILABLE),
        ("in_progress_rate", False, CoreOutcome.IN_PROGRESS),
        ("lost_ack_rate", True, CoreOutcome.TIMED_OUT),
        ("unavailable_after_commit_rate", True, CoreOutcome.UNAVAILABLE),
    ],
)
def test_each_fault_has_its_meaning(name: str, reaches_core: bool, outcome: CoreOutcome) -> None:
    """A fault at rate 1 hits every call, and says whether the command was carried out."""
    drawn = fates(FaultPlan(**{name: 1.0}))
    assert {(fate.reaches_core, fate.instead) for fate in drawn} == {(reaches_core, outcome)}


def test_no_plan_no_faults() -> None:
    """The default plan disturbs nothing while the caller is patient."""
    assert {fate.instead for fate in fates(FaultPlan())} == {None}


def test_latency_is_lognormal() -> None:
    """The logarithm of latency has the profile's median and sigma, within sampling error."""
    logs = [log(fate.latency_ms) for fate in fates(FaultPlan())]
    assert abs(mean(logs) - log(300)) < 4.5 * 0.6 / sqrt(CALLS) + 0.005
    assert abs(stdev(logs) - 0.6) < 4.5 * 0.6 / sqrt(2 * CALLS) + 0.005


def test_slow_calls_take_the_factor_longer() -> None:
    """At a slow rate of 1 the median latency is the factor times the plain one."""
    slow = median(fate.latency_ms for fate in fates(FaultPlan(slow_rate=1, slow_factor=3)))
    plain = median(fate.latency_ms for fate in fates(FaultPlan()))
    assert slow == pytest.approx(3 * plain, rel=0.01)


def test_latency_beyond_the_timeout_is_an_applied_command_without_answer() -> None:
    """The client never waits past its timeout; what took longer was carried out all the same."""
    profile = CoreProfile(timeout_ms=round(300 * exp(0.6)))  # one sigma: about 16 % take longer
    drawn = fates(FaultPlan(), profile)
    late = [fate for fate in drawn if fate.instead is CoreOutcome.TIMED_OUT]
    assert abs(len(late) - 0.1587 * CALLS) < 4.5 * sqrt(CALLS * 0.1587 * 0.8413)
    assert all(fate.reaches_core and fate.reason == "too_slow" for fate in late)
    assert max(fate.latency_ms for fate in drawn) == profile.timeout_ms
    assert all(fate.latency_ms < profile.timeout_ms for fate in drawn if fate not in late)


@pytest.mark.parametrize(("at_ms", "down"), [(99, False), (100, True), (199, True), (200, False)])
def test_an_outage_has_its_exact_span(at_ms: int, down: bool) -> None:
    """Every call from the first millisecond of an outage to the last is unavailable, no other."""
    reasons = Counter(fate.reason for fate in fates(FaultPlan(outages=((100, 200),)), at_ms=at_ms))
    assert reasons == {"outage": CALLS} if down else {"": CALLS}


@pytest.mark.parametrize(
    ("clock", "closed"),
    [("22:59", False), ("23:00", True), ("00:00", True), ("01:59", True), ("02:00", False), ("12:00", False)],
)
def test_the_batch_window_closes_postings_and_not_reads(clock: str, closed: bool) -> None:
    """Through the night a batch core takes no posting, but can be asked by key."""
    hours, minutes = map(int, clock.split(":"))
    at_ms = hours * MS_PER_HOUR + minutes * 60_000 + 3 * 24 * MS_PER_HOUR
    drawn = Fates(FaultPlan(), LEGACY_BATCH)
    assert (drawn.draw(POST, "k", 0, at_ms).reason == "window_closed") == closed
    assert drawn.draw(READ, "k", 0, at_ms).reason != "window_closed"


def test_a_window_within_the_day() -> None:
    """A window that does not span midnight is closed between its ends only."""
    profile = CoreProfile(closed_from_ms=100, closed_to_ms=200)
    assert [profile.is_closed(at_ms) for at_ms in (99, 100, 199, 200)] == [False, True, True, False]
    assert not any(MODERN_API.is_closed(hour * MS_PER_HOUR) for hour in range(24))


@pytest.mark.parametrize(
    ("values", "named"),
    [
        ({"lost_ack_rate": 1.01}, "lost_ack_rate"),
        ({"slow_rate": -0.1}, "slow_rate"),
        ({"slow_factor": 0.9}, "slow_factor"),
        ({"outages": ((5, 5),)}, "outages"),
    ],
)
def test_impossible_plans_are_refused(values: dict[str, Any], named: str) -> None:
    """A plan with a value out of range is refused by its name."""
    with pytest.raises(BadInput, match=named):
        FaultPlan(**values)


@pytest.mark.parametrize(
    "values", [{"latency_ms_median": 0}, {"latency_sigma": -1}, {"timeout_ms": 0}, {"retention_ms": 0}]
)
def test_impossible_profiles_are_refused(values: dict[str, Any]) -> None:
    """A profile with a value out of range is refused by its name."""
    with pytest.raises(BadInput, match=next(iter(values))):
        CoreProfile(**values)
