"""Each handoff fixed in turn: the fixes do what they say, and what buys most stands first."""

from __future__ import annotations

from functools import cache

import pytest

from sandbox import facts
from sandbox.journey.registry import STEP_KINDS
from scenarios.explain.ablation import Ablation, fix_handoffs, known_fixes
from scenarios.run import CompareRequest, prepare
from scenarios.task import Task
from scenarios.wiring.plan import busy_hours
from scenarios.worker import run_task
from scenarios.world.library import shipped
from tests.scenarios.recorded import SMALL

ANY_PROOF = (*SMALL, "policy=collections-any-proof")
"""With the policy under which every shipped design may run, also the one whose link is its only proof."""

BUSY = (*SMALL, "campaign.messages=4000", "call_centre.agents=2")


@cache
def found(design: str, settings: tuple[str, ...] = SMALL) -> Ablation:
    """Two replications of a design and of each of its fixes."""
    request = CompareRequest("retail-bank-200k", settings, replications=2, jobs=1)
    return fix_handoffs(request, design, lambda _: None, lambda: False)


def test_every_kind_with_a_handoff_has_a_fix() -> None:
    """Whoever adds a handoff says here what it would mean to fix it; no entry is for a kind that does not exist."""
    fixes = known_fixes()
    assert set(fixes) <= set(STEP_KINDS)
    assert {name for name, kind in STEP_KINDS.items() if kind.handoff} <= set(fixes)


@pytest.mark.parametrize("design", shipped("design"))
def test_every_fix_can_be_given_by_hand(design: str) -> None:
    """The settings shown are settings the scenario takes, for each design's own steps."""
    scenario, _ = prepare(CompareRequest("retail-bank-200k", ANY_PROOF, designs=(design,)))
    kinds = {step.kind for step in scenario.designs[design].steps}  # type: ignore[attr-defined]
    from scenarios.explain.ablation import _settings

    for kind, settings in _settings(scenario.designs[design], known_fixes()).items():
        assert kind in kinds
        prepare(CompareRequest("retail-bank-200k", (*ANY_PROOF, *settings), designs=(design,)))


@pytest.mark.wide
def test_the_lines_are_what_an_overloaded_call_design_lacks() -> None:
    """With two agents for everybody nothing buys more than answering; the back office buys time and no volume."""
    ablation = found("sms-to-call", BUSY)
    assert ablation.fixes[0].kind == "call_queue"
    gains = {fix.kind: fix.gains for fix in ablation.fixes}
    assert (gains["call_queue"]["completions"].value or 0) > 20
    assert (gains["call_queue"]["agent_hours"].value or 0) > 0
    assert (gains["back_office"]["minutes_to_resolution"].value or 0) < 0
    assert (gains["back_office"]["completions"].value or 0) < (gains["call_queue"]["completions"].value or 0)


@pytest.mark.wide
def test_fixes_are_ranked_by_completions_gained() -> None:
    """The app is where the portal-app design loses most; only kinds the design has are tried."""
    ablation = found("portal-app")
    gained = [fix.gains["completions"].value or 0.0 for fix in ablation.fixes]
    assert gained == sorted(gained, reverse=True)
    assert ablation.fixes[0].kind == "app_download"
    assert {fix.kind for fix in ablation.fixes} == {
        "login",
        "app_download",
        "exception",
        "call_queue",
        "back_office",
        "manual_writeback",
    }


def _facts(design: str, kind: str) -> list:
    settings = next(fix.settings for fix in found(design).fixes if fix.kind == kind)
    scenario, _ = prepare(CompareRequest("retail-bank-200k", (*SMALL, *settings), designs=(design,)))
    heard: list = []
    task = Task(scenario, design, 0, busy_hours(scenario.document))
    run_task(task, lambda _: None, lambda: False, heard.append)
    return heard


@pytest.mark.parametrize(
    ("design", "kind", "steps"),
    [
        ("portal", "login", {"login"}),
        ("portal-app", "app_download", {"app_download"}),
        ("portal", "exception", {"call_instead", "person", "dispute"}),
        ("portal", "call_queue", {"call_queue"}),
    ],
)
@pytest.mark.wide
def test_nobody_is_lost_at_a_handoff_that_is_fixed(design: str, kind: str, steps: set[str]) -> None:
    """Whoever reaches the step goes on; before the fix somebody was lost there or at the next."""
    heard = _facts(design, kind)
    assert any(type(fact) is facts.StepEntered and fact.step in steps for fact in heard)
    assert not [fact for fact in heard if type(fact) is facts.Dropped and fact.step in steps]


@pytest.mark.wide
def test_calls_are_answered_at_once_where_the_lines_are_fixed() -> None:
    """Nobody waits a millisecond, nobody balks."""
    heard = _facts("sms-to-call", "call_queue")
    waits = [fact.wait_ms for fact in heard if type(fact) is facts.CallAnswered]
    assert waits
    assert set(waits) == {0}
    assert not any(type(fact) is facts.CallAbandoned for fact in heard)


@pytest.mark.parametrize(("kind", "reason"), [("back_office", "lost"), ("manual_writeback", "wrong")])
@pytest.mark.wide
def test_no_item_is_lost_or_wrong_where_its_handoff_is_fixed(kind: str, reason: str) -> None:
    """Each of the two handoffs behind the agent has a fault of its own; only that one is gone."""
    heard = _facts("sms-to-call", kind)
    assert any(type(fact) is facts.BackOfficeDone for fact in heard)
    assert reason not in {fact.reason for fact in heard if type(fact) is facts.ItemFailed}
