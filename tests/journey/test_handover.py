"""Every exception trigger of the policy is raised where it happens, with a bundle whose completeness is looked up."""

from __future__ import annotations

import json
from typing import Any

import pytest

from sandbox import facts
from sandbox.bundle import NEXT_ACTIONS, Bundle, bundle_from_trail
from sandbox.effects import Ask, CallResult, PostToCore, Send, Wait
from sandbox.journey.steps.agent import Agent
from sandbox.journey.steps.choose import Choose
from sandbox.journey.steps.exception import ExceptionPath
from sandbox.journey.steps.login import Login
from sandbox.journey.steps.open_link import OpenLink
from sandbox.journey.steps.verify import Verify
from sandbox.journey.steps.write_back import WriteBack
from sandbox.journey.table import CaseState
from sandbox.model import AccountFacts, Action, AssuranceLevel, Choice
from sandbox.policy.decide import Policy
from sandbox.ports import AuditRow, CoreOutcome
from tests.journey.play import CASE, CODE, LINK_LIFETIME_MS, SENT_AT_MS, WRONG_CODE, Line, Stage, play, says

PAYMENT = Choice(Action.PAY_NOW, 20_000, 0)
BLOCKED = Choice(Action.PROMISE_TO_PAY, 20_000, 7)


@pytest.fixture
def identified(stage: Stage) -> Stage:
    """A customer who typed the right code."""
    stage.visit.level = AssuranceLevel.CODE
    stage.visit.record("identity_proven", {"method": "one_time_code", "level": 2})
    return stage.at(CaseState.IDENTIFIED)


def handed_over(stage: Stage, word: str = "needs_person") -> tuple[facts.ExceptionRaised, dict[str, Any]]:
    """Let the exception step take the case, and return its fact and its bundle."""
    play(ExceptionPath(id="person", reason=word).run(stage.visit), stage.visit.at_ms, Line(Ask, False))
    raised: facts.ExceptionRaised = stage.facts.of(facts.ExceptionRaised)[-1]
    return raised, json.loads(stage.evidence()[-1].body)


def forget_the_account(stage: Stage) -> None:
    """Let the core know no account at all."""

    def unknown(account_id: int) -> AccountFacts:
        raise KeyError(account_id)

    stage.core.read_account = unknown  # type: ignore[method-assign]


def test_the_policy_names_exactly_these_triggers(policy: Policy):
    """What the code raises and what the policy lists are the same words, each with something to do next."""
    assert set(policy.exception_triggers) == set(NEXT_ACTIONS) - {"dispute"}


def test_an_account_the_core_does_not_know_is_missing_data(identified: Stage):
    """The page is not shown, nobody crashes, and the person reads what is missing and where to put it right."""
    forget_the_account(identified)
    assert play(Choose(id="choose").run(identified.visit), SENT_AT_MS) == "person"
    raised, bundle = handed_over(identified)
    assert (raised.reason, raised.bundle_complete) == ("missing_data", True)
    assert (bundle["failure"], bundle["attempted"]) == ("unknown_account", "read_account")
    assert bundle["evidence"] == ["identity_proven", "data_missing"]
    assert bundle["next_action"] == "complete the account in the core, then contact the customer again"


def test_an_agent_without_an_account_hands_it_on(identified: Stage):
    """On the phone too: no outcome is agreed on nothing, and the case is on somebody's desk."""
    forget_the_account(identified)
    identified.visit.call = CallResult(answered=True, wait_ms=0, talk_ms=240_000)
    lines = [Line(Wait, None, 240_000), Line(Ask("answer_agent", None, 0), True)]
    assert play(Agent(id="agent").run(identified.visit), SENT_AT_MS, *lines) == "nothing"
    assert [fact.reason for fact in identified.facts.of(facts.ExceptionRaised)] == ["missing_data"]


def test_an_account_nothing_may_be_done_with_goes_to_a_person(identified: Stage):
    """A customer who came and may do nothing meets no empty page: a person gets policy's reason."""
    identified.core.account = identified.core.account._replace(status="closed")
    assert play(Choose(id="choose").run(identified.visit), SENT_AT_MS) == "person"
    raised, bundle = handed_over(identified)
    assert (raised.reason, bundle["failure"]) == ("no_action_allowed", "account_closed")


def decline(stage: Stage, **changes: Any) -> str:
    """Let the core decline the payment, then show the page again; returns how the page ends for "person"."""
    stage.core.account = stage.core.account._replace(**changes)
    stage.visit.choice, stage.visit.account = PAYMENT, stage.core.account
    lines = [Line(Wait, None), Line(PostToCore, says(CoreOutcome.REFUSED, "declined"), 300)]
    assert play(WriteBack(id="write_back").run(stage.visit), SENT_AT_MS, *lines) == "refused"
    shown = [Line(Ask, "person", 5_000)] if not changes else []
    return play(Choose(id="choose").run(stage.visit), stage.visit.at_ms, *shown)


@pytest.mark.parametrize("changes", [{}, {"broken_promises": 3}, {"arrears_band": "4m+"}])
def test_a_declined_payment_goes_to_a_person_when_asked_or_when_nothing_else_is_left(
    identified: Stage, changes: dict[str, Any]
):
    """With a promise still possible the customer decides; without one a page with a dispute alone is not shown."""
    assert decline(identified, **changes) == "person"
    raised, bundle = handed_over(identified)
    assert (raised.reason, raised.bundle_complete) == ("payment_declined", True)
    assert (bundle["attempted"], bundle["failure"], bundle["refused"]) == ("pay_now", "declined", ["pay_now"])


def test_what_was_declined_does_not_name_a_later_dispute(identified: Stage):
    """A customer who takes another action after the refusal has no trouble any more."""
    identified.core.account = identified.core.account._replace(version=1)
    identified.visit.fail("payment_declined", "pay_now", "declined")
    dispute = Choice(Action.DISPUTE, 20_000, 0)
    assert play(Choose(id="choose").run(identified.visit), SENT_AT_MS, Line(Ask, dispute)) == "dispute"
    assert handed_over(identified, "dispute")[0].reason == "dispute"


def test_a_choice_policy_blocks_is_kept_as_what_was_attempted(identified: Stage):
    """An old page sent in again: not taken, on the trail, and in the bundle when the customer asks for a person."""
    identified.core.account = identified.core.account._replace(broken_promises=3)
    lines = [Line(Ask, BLOCKED, 1_000), Line(Ask, "person", 1_000)]
    assert play(Choose(id="choose").run(identified.visit), SENT_AT_MS, *lines) == "person"
    _, bundle = handed_over(identified)
    assert (bundle["attempted"], bundle["failure"]) == ("promise_to_pay", "action_not_offered")
    assert "choice_refused" in bundle["evidence"]


def test_every_way_identity_fails_is_named_the_same(stage: Stage):
    """An expired link, a code never typed and a reset never finished hand over one trigger, each with its failure."""
    failures = []
    stage.visit.at_ms = SENT_AT_MS + LINK_LIFETIME_MS
    assert play(OpenLink(id="open_link").run(stage.visit), stage.visit.at_ms) == "refused"
    failures.append(handed_over(stage)[1]["failure"])
    lines = [Line(Send, True), Line(Ask, WRONG_CODE), Line(Ask, "", 40_000), Line(Send, True), Line(Ask, "")]
    stage.visit.at_ms = SENT_AT_MS
    assert play(Verify(id="verify").run(stage.visit), SENT_AT_MS, *lines) == "failed"
    failures.append(handed_over(stage)[1]["failure"])
    lines = [Line(Ask, "forgot"), Line(Ask, False)]
    assert play(Login(id="login").run(stage.visit), SENT_AT_MS, *lines) == "failed"
    failures.append(handed_over(stage)[1]["failure"])
    assert failures == [
        "signed_link expired",
        "one_time_code not_entered",
        "portal_login reset_not_finished",
    ]
    assert {raised.reason for raised in stage.facts.of(facts.ExceptionRaised)} == {"identity_failed"}
    assert CODE not in "".join(row.body for row in stage.evidence())


def test_a_bundle_is_complete_only_with_every_part():
    """Each part but the refusals counts; whatever is empty is named."""
    whole = Bundle(
        "missed", (1,), "pay_now", "code proven", "needs_person", "asked", ("link_opened",), "talk"
    )
    assert whole.complete
    for name in Bundle._fields[:-1]:
        poorer = whole._replace(**{name: type(getattr(whole, name))()})
        assert (poorer.complete, poorer.missing) == (False, (name,))


def test_a_bundle_from_the_trail_knows_what_the_trail_knows():
    """Trigger, sends, proof, attempt and refusal are read back from the case's rows; the rest is missing."""
    bodies = [
        ("triggered", {"policy": "collections", "version": 1}),
        ("message_sent", {"channel": "sms", "touch": 1}),
        ("link_refused", {"reason": "expired"}),
        ("identity_proven", {"method": "one_time_code", "level": 2}),
        ("choice_submitted", {"action": "pay_now"}),
        ("posting_refused", {"reason": "declined"}),
    ]
    rows = [
        AuditRow(n, CASE, 10 * n, kind, json.dumps(body), b"") for n, (kind, body) in enumerate(bodies, 1)
    ]
    found = bundle_from_trail(rows, "payment_declined", "declined")
    assert found.complete
    assert found[:4] == ("collections, version 1", (20,), "pay_now", "one_time_code accepted")
    assert found.refused == ("pay_now",)
    by_letter = [row._replace(kind="letter_sent") if row.kind == "message_sent" else row for row in rows]
    assert bundle_from_trail(by_letter, "payment_declined", "declined").messages_sent_at_ms == (20,)
    assert bundle_from_trail(rows[:1], "core_unavailable", "gave_up").missing == (
        "messages_sent_at_ms",
        "attempted",
        "identity",
    )
