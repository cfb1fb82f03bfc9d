"""Every case has one last word: hand-made stories, and whole runs against the scorecard's own counts."""

from __future__ import annotations

import pytest

from sandbox import facts
from sandbox.scorecard.ledger import Ending, Ledger, StepTraffic
from scenarios.explain.journey_map import map_design
from scenarios.run import CompareRequest
from tests.scenarios.recorded import ALL_DESIGNS, SMALL, record

MINUTE = 60_000


def told(*story: tuple[object, ...], cases: int = 1) -> Ledger:
    """A ledger that heard a story."""
    ledger = Ledger(cases)
    for fact in story:
        ledger.emit(fact)
    return ledger


TRIGGERED = facts.Triggered(0, 0, 0, "1m", False)
SENT = facts.Sent(0, 1, 1, "sms")
DELIVERED = facts.ReceiptReceived(0, 2, 1, "delivered")
ENGAGED = facts.Engaged(0, 3, 1, "click")
ACTED = facts.ActionCompleted(0, 5, "pay_now", False)
RECORDED = facts.Recorded(0, 6, "pay_now", 100, 1, False)


def left(step: str, reason: str) -> facts.Dropped:
    """The customer leaves a step."""
    return facts.Dropped(0, 4, step, reason)


@pytest.mark.parametrize(
    ("story", "step", "reason"),
    [
        ((), "", "never triggered"),
        ((facts.Excluded(0, 0, 0, "closed"),), "", "excluded by policy"),
        ((TRIGGERED,), "", "not sent"),
        ((TRIGGERED, SENT), "", "sent, no delivery reported"),
        ((TRIGGERED, SENT, facts.ReceiptReceived(0, 2, 1, "failed")), "", "sent, no delivery reported"),
        ((TRIGGERED, SENT, DELIVERED), "", "delivered, no reaction"),
        ((TRIGGERED, SENT, DELIVERED, facts.Sent(0, 9, 2, "sms")), "", "delivered, no reaction"),
        ((TRIGGERED, SENT, ENGAGED), "", "still in a visit"),
        ((TRIGGERED, SENT, ENGAGED, left("verify", "dropped")), "verify", "dropped"),
        ((TRIGGERED, SENT, ENGAGED, left("verify", "dropped"), SENT, DELIVERED), "verify", "dropped"),
        (
            (TRIGGERED, SENT, ENGAGED, left("verify", "dropped"), ENGAGED, left("choose", "nothing")),
            "choose",
            "nothing",
        ),
        ((TRIGGERED, SENT, ENGAGED, ACTED), "", "acted, not in the core"),
        ((TRIGGERED, SENT, ENGAGED, ACTED, left("confirm", "dropped")), "", "acted, not in the core"),
        (
            (TRIGGERED, SENT, ENGAGED, ACTED, facts.PostingRefused(0, 6, "declined")),
            "",
            "refused by the core",
        ),
        ((TRIGGERED, SENT, ENGAGED, ACTED, RECORDED), "", "recorded"),
        ((TRIGGERED, SENT, ENGAGED, ACTED, RECORDED, ENGAGED, left("agent", "nothing")), "", "recorded"),
    ],
)
def test_the_last_word_of_a_case(story, step: str, reason: str):
    """One story, one ending, whatever else happened on the way."""
    assert told(*story).endings() == [Ending(step, reason, 1)]


def test_minutes_are_those_between_reaching_a_step_and_leaving_it():
    """Two visits to `choose`, two and four minutes; the idle days after a finished visit count for nobody."""
    ledger = told(
        facts.StepEntered(0, 0, "choose"),
        facts.StepEntered(0, 2 * MINUTE, "write_back"),
        facts.Engaged(0, 9_000 * MINUTE, 2, "click"),
        facts.StepEntered(0, 9_000 * MINUTE, "choose"),
        facts.Dropped(0, 9_004 * MINUTE, "choose", "dropped"),
    )
    assert ledger.traffic(["choose", "write_back", "agent"]) == {
        "choose": StepTraffic(2, 1, 3.0),
        "write_back": StepTraffic(1, 0, None),
        "agent": StepTraffic(0, 0, None),
    }


def test_work_behind_the_customers_back_overlaps_with_their_visits():
    """A reminder's call of two minutes inside the ten an item takes: each step has its own time, none the other's."""
    ledger = told(
        TRIGGERED,
        SENT,
        ENGAGED,
        facts.StepEntered(0, 0, "agent"),
        ACTED,
        facts.HandedOn(0, 4 * MINUTE, "back_office"),
        facts.StepEntered(0, 4 * MINUTE, "back_office", True),
        facts.Engaged(0, 6 * MINUTE, 2, "call"),
        facts.StepEntered(0, 6 * MINUTE, "agent"),
        facts.Dropped(0, 8 * MINUTE, "agent", "nothing"),
        facts.StepEntered(0, 14 * MINUTE, "manual_writeback", True),
        facts.BackOfficeDone(0, 15 * MINUTE, 1, True),
        facts.BackOfficeDone(0, 17 * MINUTE, 1, False),
    )
    assert ledger.traffic(["agent", "back_office", "manual_writeback"]) == {
        "agent": StepTraffic(2, 1, 3.0),
        "back_office": StepTraffic(1, 0, 10.0),
        "manual_writeback": StepTraffic(1, 0, 3.0),
    }
    assert ledger.endings() == [Ending("", "acted, not in the core", 1)]


@pytest.mark.parametrize(
    ("after", "step", "reason"),
    [
        ((), "back_office", "lost"),
        ((ENGAGED, left("agent", "nothing")), "back_office", "lost"),
        ((facts.FailureDemand(0, 7, "lost"),), "back_office", "lost"),
        ((facts.StepEntered(0, 8, "back_office", True),), "", "acted, not in the core"),
        ((facts.StepEntered(0, 8, "back_office", True), RECORDED), "", "recorded"),
        ((facts.ItemFailed(0, 9, "manual_writeback", "wrong"),), "manual_writeback", "wrong"),
    ],
)
def test_an_item_that_came_to_nothing_is_the_last_word_until_it_is_taken_up_again(after, step, reason):
    """What the customer does meanwhile moves nothing; a new note does."""
    before = (TRIGGERED, SENT, ENGAGED, ACTED, facts.StepEntered(0, 5, "back_office", True))
    lost = facts.ItemFailed(0, 6, "back_office", "lost")
    assert told(*before, lost, *after).endings() == [Ending(step, reason, 1)]


@pytest.mark.parametrize("design", ALL_DESIGNS)
def test_the_ledger_agrees_with_the_scorecard(design: str):
    """Another count of the same run: all cases once, as many recorded and excluded as the run's own books say."""
    run = record(design)
    ledger = Ledger(run.layout.cases)
    for fact in run.facts:
        ledger.emit(fact)
    endings = {(ending.step, ending.reason): ending.cases for ending in ledger.endings()}
    assert sum(endings.values()) == run.layout.cases
    assert endings["", "recorded"] == run.outcome.ends["recorded"]
    assert endings["", "excluded by policy"] == run.outcome.ends["excluded"]


def test_a_map_accounts_for_everybody_and_judges_the_normal_path():
    """The calling design's path: one channel change, one identity check, and a person who rekeys."""
    request = CompareRequest("retail-bank-200k", SMALL)
    found = map_design(request, "sms-to-call", lambda _: None, lambda: False)
    assert sum(ending.cases for ending in found.endings) == found.cases
    assert sum(step.lost for step in found.steps) == sum(one.cases for one in found.endings if one.step)
    assert found.closed.faults == ("the record waits for a person after the customer has acted",)
    assert [step.step for step in found.steps if step.handoff] == [
        "call_queue",
        "back_office",
        "manual_writeback",
    ]
    inside = map_design(request, "in-message", lambda _: None, lambda: False)
    assert inside.closed.closed
