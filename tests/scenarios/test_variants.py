"""Variants of a world run side by side: each under its own name, the same people in all of them."""

from __future__ import annotations

import gc
from array import array

import pytest

from sandbox.draws import Draws
from sandbox.errors import RuleBroken
from sandbox.scorecard.tally import Mark
from scenarios.variants import Variant, VariantRun, run_variants
from scenarios.wiring.plan import busy_hours
from tests.scenarios.recorded import run, scenario_with

HOW = VariantRun(frozenset({9, 10, 11, 14}), replications=2, jobs=1, keep_cases=True)


def test_each_variant_comes_back_under_its_name() -> None:
    """Two names for one world give equal outcomes, replication by replication; another design gives others."""
    world = scenario_with()
    variants = [
        Variant("one", world, "in-message"),
        Variant("again", world, "in-message"),
        Variant("other", world, "portal"),
    ]
    seen: set[str] = set()
    found = run_variants(variants, HOW, lambda progress: seen.add(progress.design), lambda: False)
    assert list(found) == ["one", "again", "other"]
    assert seen == {"one", "again", "other"}
    assert found["one"] == found["again"]
    assert found["one"][0].digest != found["one"][1].digest
    assert found["other"][0].digest != found["one"][0].digest


def test_cases_are_kept_when_asked_for() -> None:
    """The marks of single cases add up to the funnel, and a run that was not asked for them has none."""
    world = scenario_with()
    how = VariantRun(busy_hours(world.document), replications=1, jobs=1, keep_cases=True)
    (outcome,) = run_variants([Variant("one", world, "portal")], how, lambda _: None, lambda: False)["one"]
    marks = array("q", outcome.case_marks)
    triggered = [mark for mark in marks if mark & Mark.TRIGGERED]
    assert len(triggered) == outcome.funnel["triggered"]
    assert sum(bool(mark & Mark.RECORDED) for mark in triggered) == outcome.funnel["recorded"]
    plain = run("portal")
    assert plain.case_marks == b""
    assert plain.digest == outcome.digest


def test_two_variants_of_one_name_are_refused() -> None:
    """A name that stands twice would hide one variant behind the other."""
    world = scenario_with()
    with pytest.raises(RuleBroken, match="names of their own"):
        run_variants([Variant("one", world, "portal")] * 2, HOW, lambda _: None, lambda: False)


@pytest.mark.wide
def test_a_finished_run_leaves_no_world_behind() -> None:
    """A worker does many runs: the columns drawn for one are gone when the next begins."""

    def worlds() -> int:
        """How many sets of drawn columns are alive."""
        return sum(isinstance(thing, Draws) for thing in gc.get_objects())

    run("portal")
    before = worlds()
    run("portal")
    run("in-message")
    assert worlds() == before
