"""Two designs case by case: nobody is lost between them, and a second count from the facts agrees."""

from __future__ import annotations

from collections import Counter
from functools import cache
from typing import Any

import pytest

from sandbox import facts
from sandbox.errors import BadInput, Cancelled
from sandbox.experiment.exact_share import exact_share_interval
from sandbox.scorecard.standing import Standing
from sandbox.simulation.population import accounts
from scenarios.explain import flips as flips_module
from scenarios.explain.flips import Flip, Flips, find_flips, flip_replications
from scenarios.run import CompareRequest
from scenarios.task import Task
from scenarios.totals import Figure
from scenarios.wiring.plan import busy_hours
from scenarios.worker import run_task
from tests.scenarios.recorded import SMALL, record, scenario_with

EVERY_CASE = 10_000
"""More examples than a small run has cases."""

REQUEST = CompareRequest("retail-bank-200k", SMALL, replications=2, jobs=1)


@cache
def kept(design: str, settings: tuple[str, ...] = ()) -> bytes:
    """The marks of every case of one run."""
    scenario = scenario_with(settings)
    task = Task(scenario, design, 0, busy_hours(scenario.document), keep_cases=True)
    return run_task(task, lambda _: None, lambda: False).case_marks


@cache
def found() -> Flips:
    """Two replications of the call-centre design and of in-message completion."""
    return find_flips(REQUEST, "sms-to-call", "in-message", EVERY_CASE, lambda _: None, lambda: False)


def total(figures: list[Figure]) -> float:
    """The sum of means."""
    return sum(figure.value or 0.0 for figure in figures)


@pytest.mark.wide
def test_every_case_flips_once() -> None:
    """The matrix adds up to all cases, and so do worse, better, elsewhere and unchanged."""
    flips = found()
    assert total([flip.cases for flip in flips.flips]) == flips.cases
    assert total([flips.worse, flips.better, flips.same, flips.sideways]) == flips.cases
    assert total([flip.cases for flip in flips.flips if flip.change < 0]) == flips.worse.value
    assert total([flip.cases for flip in flips.flips if flip.change > 0]) == flips.better.value


def test_who_gets_worse_stands_first() -> None:
    """Then who gets better, then who moves without either, then who stays; each group by size."""
    order = [
        0 if flip.change < 0 else 1 if flip.change > 0 else 2 + (flip.before is flip.after)
        for flip in found().flips
    ]
    assert order == sorted(order)
    assert {0, 1, 3} <= set(order)


@pytest.mark.wide
def test_a_count_from_the_facts_agrees() -> None:
    """Cases recorded in both designs, in one or in none, counted from what happened in the first replication."""
    one, other = (record(design).cases(facts.Recorded) for design in ("sms-to-call", "in-message"))
    flips = found()
    resolved = {Standing.UNTOUCHED, Standing.WITH_PERSON}
    first: Counter[tuple[bool, bool]] = Counter()
    for flip in flips.flips:
        first[flip.before in resolved, flip.after in resolved] += len(flip.examples)
    assert first[True, True] == len(one & other)
    assert first[True, False] == len(one - other)
    assert first[False, True] == len(other - one)
    assert first.total() == flips.cases


def test_examples_are_cases_that_really_flipped() -> None:
    """Each example of a flip from resolved alone to lost is recorded in the one run and not in the other."""
    flips = find_flips(REQUEST, "in-message", "portal", 5, lambda _: None, lambda: False)
    (flip,) = (
        flip for flip in flips.flips if (flip.before, flip.after) == (Standing.UNTOUCHED, Standing.LOST)
    )
    assert 0 < len(flip.examples) <= 5
    for case in flip.examples:
        assert record("in-message").by_case(facts.Recorded)[case]
        assert not record("portal").by_case(facts.Recorded)[case]


def test_segments_cover_the_triggered_cases_twice() -> None:
    """Bands part all triggered cases, and so does vulnerability; the vulnerable are those the facts name."""
    flips = found()
    parts = {part.segment: part for part in flips.segments}
    bands = [part for name, part in parts.items() if name.startswith("arrears")]
    others = [parts["vulnerable"], parts["not vulnerable"]]
    assert total([part.cases for part in bands]) == total([part.cases for part in others])
    for group in (bands, others):
        assert total([part.worse for part in group]) == flips.worse.value
        assert total([part.better for part in group]) == flips.better.value
    both = [record("portal", seed=1)]
    vulnerable = sum(fact.vulnerable for fact in both[0].of(facts.Triggered))
    assert parts["vulnerable"].cases.low is not None
    assert parts["vulnerable"].cases.low <= vulnerable <= (parts["vulnerable"].cases.high or 0.0)


def test_a_design_against_itself_flips_nobody() -> None:
    """The same people with the same luck under the same design end in the same place."""
    flips = find_flips(REQUEST, "portal", "portal", 0, lambda _: None, lambda: False)
    assert flips.worse == flips.better == flips.sideways == Figure(0.0, 0.0, 0.0)
    assert flips.same.value == flips.cases


def test_two_replications_that_agree_on_few_cases_prove_no_exact_number() -> None:
    """The interval of a flip is at least the exact one of its cases among all; nobody in two runs is not nobody."""
    flips = found()
    for flip in flips.flips:
        counted = round(2 * (flip.cases.value or 0.0))
        if counted < 100:
            low, high = exact_share_interval(counted, 2 * flips.cases, 0.95)
            assert flip.cases.low is not None
            assert flip.cases.high is not None
            assert flip.cases.low <= low * flips.cases + 1e-9
            assert flip.cases.high >= high * flips.cases - 1e-9
    assert any(counted_few(flip) for flip in flips.flips)


def counted_few(flip: Flip) -> bool:
    """Whether a flip happened fewer than a hundred times in two replications."""
    return 0.0 < (flip.cases.value or 0.0) < 50.0


@pytest.mark.wide
def test_the_result_does_not_depend_on_the_workers() -> None:
    """Two worker processes find what one finds."""
    two = CompareRequest("retail-bank-200k", SMALL, replications=2, jobs=2)
    assert find_flips(two, "sms-to-call", "in-message", EVERY_CASE, lambda _: None, lambda: False) == found()


def test_one_replication_is_refused() -> None:
    """Without a spread there is no interval."""
    once = CompareRequest("retail-bank-200k", SMALL, replications=1)
    with pytest.raises(BadInput, match="at least 2"):
        find_flips(once, "portal", "in-message", 3, lambda _: None, lambda: False)


def test_the_scenarios_replications_count_unless_others_are_asked_for() -> None:
    """Twice where the scenario says once: without a spread there is no interval."""
    said = {
        settings: flip_replications(CompareRequest("retail-bank-200k", (settings,)))
        for settings in ("replications=1", "replications=2", "replications=4")
    }
    assert said == {"replications=1": 2, "replications=2": 2, "replications=4": 4}
    assert flip_replications(CompareRequest("retail-bank-200k", ("replications=4",), replications=3)) == 3


@pytest.mark.wide
def test_a_stop_is_heard_after_the_runs_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """While the customers of every replication are walked through once more for the segments."""
    walking: list[int] = []

    def told(*asked: Any) -> Any:
        walking.append(1)
        return accounts(*asked)

    monkeypatch.setattr(flips_module, "accounts", told)
    with pytest.raises(Cancelled):
        find_flips(REQUEST, "sms-to-call", "in-message", 3, lambda _: None, lambda: bool(walking))
    assert walking == [1]


def test_an_unknown_design_is_refused() -> None:
    """With the closest one there is."""
    with pytest.raises(BadInput, match="did you mean 'portal'"):
        find_flips(REQUEST, "portl", "in-message", 3, lambda _: None, lambda: False)
