"""The switches of the failure modes in the steps themselves, played by hand."""

from __future__ import annotations

import json

import pytest

from sandbox import facts
from sandbox.bundle import FOUND_OUT, Part, discovery_min, reason_alone
from sandbox.effects import Ask, CallResult, JoinCallQueue, PostToCore, Send
from sandbox.journey.steps.call_queue import CallQueue
from sandbox.journey.steps.choose import Choose
from sandbox.journey.steps.exception import ExceptionPath
from sandbox.journey.steps.login import Login
from sandbox.journey.steps.verify import Verify
from sandbox.journey.steps.write_back import WriteBack
from sandbox.journey.table import CaseState
from sandbox.model import Action, AssuranceLevel, Choice
from sandbox.ports import CoreOutcome, PostCommand
from tests.journey.play import CASE, CODE, SENT_AT_MS, Line, Stage, applied, play, says

PAYMENT = Choice(Action.PAY_NOW, 20_000, 0)
DISPUTE = Choice(Action.DISPUTE, 20_000, 0)


@pytest.fixture
def decided(stage: Stage) -> Stage:
    """A customer who chose to pay."""
    stage.visit.level = AssuranceLevel.CODE
    stage.visit.choice, stage.visit.account = PAYMENT, stage.core.account
    return stage.at(CaseState.IDENTIFIED)


# -- weak identity -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("accepted_as", ["full", "link"])
def test_a_code_counts_as_what_risk_accepts_it_for(stage: Stage, accepted_as) -> None:
    """The same code typed: with full trust it opens payment, as a link alone the real policy refuses it."""
    step = Verify(id="verify", accepted_as=accepted_as)
    assert play(step.run(stage.visit), SENT_AT_MS, Line(Send, True, 4_000), Line(Ask, CODE)) == "done"
    level = AssuranceLevel.CODE if accepted_as == "full" else AssuranceLevel.LINK
    assert stage.visit.level is level
    assert stage.facts.of(facts.IdentityProven)[0].level == int(level)
    assert json.loads(stage.evidence()[-1].body) == {"level": int(level), "method": "one_time_code"}
    outcome = play(Choose(id="choose").run(stage.visit), SENT_AT_MS, Line(Ask, PAYMENT))
    assert outcome == ("done" if accepted_as == "full" else "unproven")


def test_a_login_may_be_too_weak_as_well(stage: Stage) -> None:
    """A portal whose password risk does not trust opens no more than the link does."""
    assert play(Login(id="login", accepted_as="link").run(stage.visit), SENT_AT_MS, Line(Ask, "in")) == "done"
    assert stage.visit.level is AssuranceLevel.LINK


def test_what_the_link_opens_stays_open(stage: Stage) -> None:
    """A dispute needs no more than the link; only what needs more is refused, once, with its reason on the trail."""
    stage.visit.level = AssuranceLevel.LINK
    stage.at(CaseState.IDENTIFIED)
    assert play(Choose(id="choose").run(stage.visit), SENT_AT_MS, Line(Ask, DISPUTE)) == "dispute"
    stage.visit.choice = None
    assert play(Choose(id="choose").run(stage.visit), SENT_AT_MS, Line(Ask, PAYMENT)) == "unproven"
    assert stage.visit.choice is None
    said = {"action": "pay_now", "policy_version": 1, "reason": "identity_too_weak"}
    assert json.loads(stage.evidence()[-1].body) == said


# -- no idempotent writeback ---------------------------------------------------------------------------------


def blind(stage: Stage, *script: Line) -> str:
    """Play a writeback without idempotency."""
    return play(WriteBack(id="write_back", idempotent=False).run(stage.visit), SENT_AT_MS, *script)


def heard(stage: Stage, outcome: CoreOutcome, effects: int):
    """Answer a call, and let the core hold so many effects from now on."""

    def answer(effect: PostToCore) -> object:
        """Answer this very command."""
        stage.core.account = stage.core.account._replace(version=1 + effects, complete=effects > 0)
        return applied(effect.command) if outcome is CoreOutcome.APPLIED else says(outcome)

    return answer


def test_a_lost_answer_and_another_submission_are_one_duplicate(decided: Stage) -> None:
    """The core holds two effects, so one is too many; the second call had another key."""
    first = Line(PostToCore, heard(decided, CoreOutcome.TIMED_OUT, 1), 2_000)
    second = Line(PostToCore, heard(decided, CoreOutcome.APPLIED, 2), 300)
    assert blind(decided, first, Line(Ask, True, 25_000), second) == "done"
    assert decided.facts.of(facts.DuplicateEffect) == [facts.DuplicateEffect(CASE, SENT_AT_MS + 27_300)]
    assert len(decided.facts.of(facts.Recorded)) == 1
    assert decided.state is CaseState.RECORDED


def test_a_lost_request_and_another_submission_are_no_duplicate(decided: Stage) -> None:
    """The core holds one effect: nothing is told from what the client heard, only from what stands there."""
    first = Line(PostToCore, heard(decided, CoreOutcome.TIMED_OUT, 0), 2_000)
    second = Line(PostToCore, heard(decided, CoreOutcome.APPLIED, 1), 300)
    assert blind(decided, first, Line(Ask, True, 25_000), second) == "done"
    assert not decided.facts.of(facts.DuplicateEffect)


@pytest.mark.parametrize(("effects", "items"), [(0, 0), (1, 1)])
def test_nobody_trying_again_is_a_miss_or_an_unknown_record(decided: Stage, effects: int, items: int) -> None:
    """Lost before the core it is a miss; lost behind it the record stands, and somebody has to find that out."""
    first = Line(PostToCore, heard(decided, CoreOutcome.TIMED_OUT, effects), 2_000)
    assert blind(decided, first, Line(Ask, False)) == "lost"
    assert decided.state is CaseState.ACTED
    assert not decided.facts.of(facts.Recorded)
    assert [fact.cause for fact in decided.facts.of(facts.ReconciliationItem)] == ["unacknowledged"] * items


# -- evidence scattered --------------------------------------------------------------------------------------


def test_a_scattered_bundle_says_the_reason_alone_and_costs_the_call(stage: Stage) -> None:
    """The agent gets no history; the minutes to find it go with the call into the queue."""
    step = ExceptionPath(id="person", reason="needs_person", evidence="scattered", discovery_min_mean=6.0)
    assert play(step.run(stage.visit), SENT_AT_MS, Line(Ask, True)) == "done"
    assert [fact.bundle_complete for fact in stage.facts.of(facts.ExceptionRaised)] == [False]
    bundle = json.loads(stage.evidence()[-1].body)
    assert {part: said for part, said in bundle.items() if said} == {"reason": "needs_person"}
    answered = CallResult(answered=True, wait_ms=0, talk_ms=0)
    call = Line(JoinCallQueue("judgement", 1, 6.0), answered)
    assert play(CallQueue(id="call_queue").run(stage.visit), SENT_AT_MS, call) == "done"


def test_a_complete_bundle_costs_no_minute(stage: Stage) -> None:
    """On the trail the parameter of the other state has no effect."""
    step = ExceptionPath(id="person", discovery_min_mean=6.0, work="routine")
    stage.visit.evidence("link_opened", touch=1)
    assert play(step.run(stage.visit), SENT_AT_MS, Line(Ask, True)) == "done"
    assert (stage.visit.discovery_min_mean, stage.visit.intent) == (0.0, "routine")
    assert [fact.bundle_complete for fact in stage.facts.of(facts.ExceptionRaised)] == [True]


@pytest.mark.parametrize(
    ("left_out", "minutes"),
    [
        (("identity",), 1.0),
        (("messages_sent_at_ms", "next_action", "evidence"), 3.0),
        (FOUND_OUT[1:], 6.0),
        (FOUND_OUT, 7.0),
    ],
)
def test_each_part_a_bundle_leaves_out_costs_its_share_of_the_minutes(
    stage: Stage, left_out: tuple[Part, ...], minutes: float
) -> None:
    """Seven minutes for the seven parts a reason does not say: one minute a part, in the call itself."""
    step = ExceptionPath(id="person", leaves_out=left_out, discovery_min_mean=7.0)
    stage.visit.evidence("link_opened", touch=1)
    assert play(step.run(stage.visit), SENT_AT_MS, Line(Ask, True)) == "done"
    assert stage.visit.discovery_min_mean == minutes
    assert [fact.bundle_complete for fact in stage.facts.of(facts.ExceptionRaised)] == [False]
    bundle = json.loads(stage.evidence()[-1].body)
    assert {part for part in FOUND_OUT if not bundle[part]} == set(left_out)
    call = Line(JoinCallQueue("judgement", 1, minutes), CallResult(answered=True, wait_ms=0, talk_ms=0))
    assert play(CallQueue(id="call_queue").run(stage.visit), SENT_AT_MS, call) == "done"


def test_a_trail_that_knows_nothing_yet_costs_the_part_it_cannot_give(stage: Stage) -> None:
    """A visit without a single row has no evidence to hand over: one part of seven is missing and is looked for."""
    step = ExceptionPath(id="person", discovery_min_mean=3.5)
    assert play(step.run(stage.visit), SENT_AT_MS, Line(Ask, True)) == "done"
    assert json.loads(stage.evidence()[-1].body)["evidence"] == []
    assert stage.visit.discovery_min_mean == 0.5


def test_the_parts_an_agent_can_find_out_are_all_but_the_reason() -> None:
    """The shares are of the parts a reason alone lacks; none of them costs minutes when all are there."""
    assert reason_alone("dispute").missing == FOUND_OUT
    assert discovery_min(FOUND_OUT, 0.1) == 0.1  # to the last digit: what was scattered costs what it did
    assert discovery_min((), 4.0) == 0.0


@pytest.mark.parametrize("asked", [True, False])
def test_a_record_without_a_trail_may_have_to_be_proved_by_hand(decided: Stage, asked: bool) -> None:
    """The outcome counts all the same; whether somebody asks for proof is the stated share."""
    step = WriteBack(id="write_back", evidence="scattered", reconciles_rate=0.3)
    script = [
        Line(PostToCore, lambda effect: _yes(effect.command), 300),
        Line(Ask("ask_proof", 0.3, 0), asked),
    ]
    assert _play_posting(decided, step, script) == "done"
    items = decided.facts.of(facts.ReconciliationItem)
    assert [fact.cause for fact in items] == ["evidence_scattered"] * asked


def _yes(command: PostCommand) -> object:
    return applied(command)


def _play_posting(stage: Stage, step: WriteBack, script: list[Line]) -> str:
    from sandbox.effects import Wait

    return play(step.run(stage.visit), SENT_AT_MS, Line(Wait, None), *script)
