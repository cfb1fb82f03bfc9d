"""Two designs in one world: who is moved, that nobody else changes, and what the shared lines do (by theory too)."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from sandbox.draws import Draws
from sandbox.experiment.erlang_a import erlang_a
from sandbox.scorecard.marks import Mark
from sandbox.scorecard.outcome import RunOutcome
from scenarios.rollout import moved_to_second, why_not_mixed
from scenarios.run import CompareRequest, prepare
from scenarios.task import Task
from scenarios.wiring.plan import busy_hours
from scenarios.worker import run_task
from scenarios.world.spec import Scenario, load_scenario
from tests.scenarios.recorded import SMALL

LOADED = (
    *SMALL,
    f"call_centre.agents={[1] * 20}",
    "call_centre.other_traffic.calls_per_day=5",
    "call_centre.handling_s_mean.routine=1500",
)
"""One agent and long calls: the campaign alone is about what the line carries."""


@cache
def world(*settings: str) -> Scenario:
    """A small campaign with two designs that can be mixed and some that cannot."""
    names = ("sms-to-call", "in-message", "message-first", "in-message-sequence")
    return prepare(CompareRequest("retail-bank-200k", settings, names))[0]


@cache
def ran(share: float | None, design: str = "sms-to-call", settings: tuple[str, ...] = LOADED) -> RunOutcome:
    """One run with a share of the customers moved to in-message; None mixes nothing."""
    hours = busy_hours(load_scenario("retail-bank-200k").document)
    rollout = None if share is None else ("in-message", share)
    task = Task(world(*settings), design, 0, hours, keep_cases=True, rollout=rollout)
    return run_task(task, lambda _: None, lambda: False)


def rate(outcome: RunOutcome, metric: str) -> float:
    """A ratio over the whole run."""
    above, below = outcome.ratios[metric]
    return sum(above) / sum(below)


def marks(outcome: RunOutcome) -> np.ndarray:
    """What is remembered of every case, without which arm it is in."""
    return np.frombuffer(outcome.case_marks, dtype=np.int64) & ~int(Mark.MOVED)


def test_a_larger_share_moves_the_same_customers_and_some_more() -> None:
    """Shares are nested, and as large as asked for."""
    columns = [
        np.frombuffer(moved_to_second(Draws(5), share, 20_000), dtype=np.bool_) for share in (0.1, 0.25, 1.0)
    ]
    assert not (columns[0] & ~columns[1]).any()
    assert columns[0].mean() == pytest.approx(0.10, abs=0.01)
    assert columns[2].all()


def test_nobody_or_everybody_moved_is_the_design_alone() -> None:
    """At both ends of the ramp the mixed world is, sum for sum, the world of one design."""
    for share, design in ((0.0, "sms-to-call"), (1.0, "in-message")):
        mixed, alone = ran(share), ran(None, design)
        assert (marks(mixed) == marks(alone)).all()
        assert mixed.calls == alone.calls
        cost = "cost_per_resolution"  # the second design's fixed costs are not in a mix
        assert {name: it for name, it in mixed.ratios.items() if name != cost} == {
            name: it for name, it in alone.ratios.items() if name != cost
        }


def test_a_world_of_one_design_has_no_arms() -> None:
    """Nothing is added to an outcome, and so to its digest, where nothing is mixed."""
    assert "arm" not in ran(None).parts
    assert set(ran(0.25).parts["arm"]) == {"stays", "moves"}


def test_the_arms_are_parts_of_the_whole() -> None:
    """Cases, completions and exceptions of both arms add up, day by day."""
    outcome = ran(0.25)
    stays, moves = outcome.parts["arm"]["stays"].ratios, outcome.parts["arm"]["moves"].ratios
    for metric in ("completion_rate", "exception_rate", "writeback_success_rate"):
        for place in (0, 1):
            both = zip(stays[metric][place], moves[metric][place], strict=True)
            assert [a + b for a, b in both] == outcome.ratios[metric][place]
    assert sum(moves["completion_rate"][1]) == pytest.approx(1200 * 0.25, rel=0.2)


def test_who_is_moved_changes_nobody_elses_luck() -> None:
    """The same customers are triggered and react, whatever share is moved; a moved customer clicks, others call."""
    engaged = [(marks(ran(share)) & int(Mark.ENGAGED)) != 0 for share in (0.0, 0.25, 1.0)]
    assert (engaged[0] == engaged[1]).mean() > 0.99  # a second touch goes only to whom the first left open
    outcome = ran(0.25)
    moved = (np.frombuffer(outcome.case_marks, dtype=np.int64) & int(Mark.MOVED)) != 0
    clicked = (marks(outcome) & int(Mark.CLICKED)) != 0
    assert not clicked[~moved].any()
    assert clicked[moved].any()


def test_designs_with_other_messages_are_not_mixed() -> None:
    """The campaign is sent once: another sequence, timing or text, or impostors, are told as reasons."""
    scenario = world(*LOADED)
    assert why_not_mixed(scenario, "sms-to-call", "in-message") == []
    assert any(
        "sequence" in reason for reason in why_not_mixed(scenario, "sms-to-call", "in-message-sequence")
    )
    reasons = " ".join(why_not_mixed(scenario, "in-message", "message-first"))
    assert all(word in reasons for word in ("content", "timing", "trail"))
    attacked = load_scenario("retail-bank-attacks")
    first, second = list(attacked.designs)[:2]
    assert any("impostors" in reason for reason in why_not_mixed(attacked, first, second))


def theory(outcome: RunOutcome) -> float:
    """Abandonment by exact Erlang-A at this run's own calls per half hour and handling time; one agent."""
    slots, count = outcome.slots, outcome.slot_count
    handling_s = sum(slots["busy_area_ms"]) / sum(outcome.calls["answered"]) / 1000
    offered = [sum(slots["offered"][slot::count]) for slot in range(count)]
    days = len(slots["offered"]) / count
    lost = [
        calls * erlang_a(2 * calls / days, handling_s, 190.0, 1).abandonment_rate
        for calls in offered
        if calls
    ]
    return sum(lost) / sum(offered)


def test_a_tenth_of_the_customers_hardly_relieves_the_lines() -> None:
    """A tenth moved takes a tenth of the relief, give or take; Erlang-A at the simulated loads says the same."""
    nobody, tenth, everybody = ran(0.0), ran(0.10), ran(1.0)
    for abandonment in (lambda one: rate(one, "call_abandonment_rate"), theory):
        relief = (abandonment(nobody) - abandonment(tenth)) / (abandonment(nobody) - abandonment(everybody))
        assert 0.0 < relief < 0.25
    for one in (nobody, tenth, everybody):
        assert rate(one, "call_abandonment_rate") == pytest.approx(theory(one), abs=0.06)


def test_those_who_stay_gain_from_those_who_move() -> None:
    """More of the same baseline customers get through when three quarters of the others leave their lines."""
    before, after = ran(0.0), ran(0.75)
    stays = (np.frombuffer(after.case_marks, dtype=np.int64) & int(Mark.MOVED)) == 0
    answered = [int(((marks(one) & int(Mark.IDENTIFIED)) != 0)[stays].sum()) for one in (before, after)]
    assert answered[1] > 1.1 * answered[0]
