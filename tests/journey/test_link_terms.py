"""A payment by a link is the payment the link was signed for: amount and payee, on the page and at the posting."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from sandbox import facts
from sandbox.effects import Answer, Ask, PostToCore, Wait
from sandbox.identity.links import LinkClaims, payment_terms
from sandbox.journey.steps.choose import Choose
from sandbox.journey.steps.open_link import PURPOSE, OpenLink
from sandbox.journey.steps.write_back import WriteBack
from sandbox.journey.table import CaseState
from sandbox.journey.visit import Visit
from sandbox.model import Action, AssuranceLevel, Choice
from sandbox.policy.link_terms import LINK_RULE, NOT_IN_LINK, WRONG_TERMS
from tests.journey.play import CASE, LINK_LIFETIME_MS, SENT_AT_MS, TOUCH, Line, Stage, applied, play

PAYEE = "arrears_collections"
POSTED = (Line(Wait, None), Line(PostToCore, lambda effect: applied(effect.command)))


def due(stage: Stage) -> int:
    """What was overdue when the message left."""
    return stage.desk.book.due_minor[CASE]


def signed_for(stage: Stage, terms: str) -> str:
    """A genuine link of the case with other terms."""
    return stage.desk.links.sign(
        LinkClaims(CASE, CASE, PURPOSE, SENT_AT_MS, SENT_AT_MS + LINK_LIFETIME_MS, terms)
    )


def opened(stage: Stage, token: str = "") -> Visit:
    """Somebody who came by a link and read the code; the link is the one sent unless another is given."""
    visit = Visit(stage.desk, CASE, TOUCH, SENT_AT_MS, SENT_AT_MS + 60_000)
    visit.token = token
    assert play(OpenLink(id="open").run(visit), visit.at_ms) == "done"
    stage.at(CaseState.IDENTIFIED)
    visit.level = AssuranceLevel.CODE
    return visit


def submit(visit: Visit, choice: Choice) -> tuple[str, list[tuple[str, int]]]:
    """Submit once on the action page and leave if it is refused; returns the outcome and the offers seen."""
    seen: list[tuple[str, int]] = []

    def chooses(ask: Ask) -> Choice | str:
        if seen:
            return "dropped"
        seen.extend((offer.action, offer.amount_max_minor) for offer in ask.detail)
        return choice

    flow = Choose(id="choose").run(visit)
    ask = flow.send(None)  # type: ignore[arg-type]
    while True:
        try:
            ask = flow.send(Answer(chooses(ask), visit.at_ms))
        except StopIteration as stop:
            return str(stop.value), seen


def refusals(stage: Stage) -> list[str]:
    """Reasons for which a link was held against what its holder wanted, as counted."""
    return [one.reason for one in stage.facts.of(facts.LinkChecked) if not one.accepted]


def test_the_link_sent_carries_amount_and_payee(stage: Stage) -> None:
    """Signed for what was due at sending and for the policy's payee; not for what is due when it is opened."""
    amount = due(stage)
    stage.core.account = stage.core.account._replace(overdue_minor=amount + 500)
    visit = opened(stage)
    claims = stage.desk.links.verify(visit.token, visit.at_ms).claims
    assert claims is not None
    assert claims.terms == payment_terms(amount, PAYEE)
    assert visit.signed_minor == amount


@pytest.mark.parametrize("less", [0, 1])
def test_the_right_terms_are_chosen_and_posted(stage: Stage, less: int) -> None:
    """What was due, and a part of it, go through the page and into the core."""
    visit = opened(stage)
    outcome, seen = submit(visit, Choice(Action.PAY_NOW, due(stage) - less, 0))
    assert (outcome, seen[0]) == ("done", ("pay_now", due(stage)))
    assert play(WriteBack(id="w").run(visit), visit.at_ms, *POSTED) == "done"
    assert refusals(stage) == []


def test_a_tampered_amount_is_refused_on_the_page(stage: Stage) -> None:
    """A penny above what the link is good for: not offered, refused with its reason, counted, nothing chosen."""
    visit = opened(stage)
    outcome, _ = submit(visit, Choice(Action.PAY_NOW, due(stage) + 1, 0))
    assert outcome == "dropped"
    (row,) = [row for row in stage.evidence() if row.kind == "choice_refused"]
    assert json.loads(row.body)["reason"] == NOT_IN_LINK
    assert refusals(stage) == [NOT_IN_LINK]
    assert visit.choice is None


@pytest.mark.parametrize("terms", ["", payment_terms(25_000, "somebody_else"), payment_terms(1, PAYEE)])
def test_a_link_for_another_payee_or_amount_pays_nothing(stage: Stage, terms: str) -> None:
    """It opens and a dispute is still possible, but no payment is offered, and one sent all the same is refused."""
    visit = opened(stage, signed_for(stage, terms))
    outcome, seen = submit(visit, Choice(Action.PAY_NOW, 1_000, 0))
    assert outcome == "dropped"
    assert [action for action, _ in seen] == ["promise_to_pay", "dispute"]
    assert refusals(stage) == [WRONG_TERMS]
    assert submit(opened(stage, visit.token), Choice(Action.DISPUTE, 0, 0))[0] == "dispute"


def test_a_payee_changed_after_sending_takes_no_payment(stage: Stage) -> None:
    """A new edition of the policy names another payee: links sent before it are not good for that one."""
    token = opened(stage).token
    terms = stage.desk.policy.link_terms
    assert terms is not None
    other = replace(stage.desk.policy, link_terms=replace(terms, payee="somebody_else"))
    stage.desk = replace(stage.desk, policy=other)
    assert submit(opened(stage, token), Choice(Action.PAY_NOW, 1_000, 0))[0] == "dropped"
    assert refusals(stage) == [WRONG_TERMS]


def test_what_is_shown_names_the_rule(stage: Stage) -> None:
    """A payment the link does not cover is among the blocked actions, by the rule of the link terms."""
    visit = opened(stage, signed_for(stage, ""))
    submit(visit, Choice(Action.DISPUTE, 0, 0))
    (shown,) = stage.facts.of(facts.OptionsShown)
    assert ("pay_now", WRONG_TERMS) in shown.blocked
    assert LINK_RULE == "link-terms"


@pytest.mark.parametrize(
    ("amount", "terms", "reason"),
    [(1, None, NOT_IN_LINK), (0, payment_terms(1_000, "somebody_else"), WRONG_TERMS)],
)
def test_a_posting_against_the_terms_is_refused_before_the_core(
    stage: Stage, amount: int, terms: str | None, reason: str
) -> None:
    """Whatever stood between page and posting: nothing is completed, the link has not acted, the trail says why."""
    visit = opened(stage, "" if terms is None else signed_for(stage, terms))
    visit.account = stage.core.account
    visit.choice = Choice(Action.PAY_NOW, due(stage) + amount, 0)
    assert play(WriteBack(id="w").run(visit), visit.at_ms) == "refused"
    assert [(row.kind, row.body) for row in stage.evidence()][-1] == (
        "link_refused",
        f'{{"reason":"{reason}"}}',
    )
    assert visit.failure == f"signed_link {reason}"
    assert refusals(stage) == [reason]
    assert len(stage.desk.link_uses) == 0
    assert stage.facts.of(facts.ActionCompleted) == []


def test_whoever_does_not_act_by_the_link_is_not_held_to_it(stage: Stage) -> None:
    """A refused link is not what a visit goes on by, and an agent on the phone agrees what policy allows."""
    visit = Visit(stage.desk, CASE, TOUCH, SENT_AT_MS, SENT_AT_MS + LINK_LIFETIME_MS)
    assert play(OpenLink(id="open").run(visit), visit.at_ms) == "refused"
    assert visit.token == ""
    more = Choice(Action.PAY_NOW, due(stage) + 1, 0)
    assert visit.against_link(more) == ""
    phoned = opened(stage)
    phoned.with_agent, phoned.account, phoned.choice = True, stage.core.account, more
    stage.at(CaseState.ACTED)
    assert play(WriteBack(id="w").run(phoned), phoned.at_ms, *POSTED) == "done"


def test_a_policy_without_terms_binds_nothing(stage: Stage) -> None:
    """Its links carry none, and its payments are held to its own limits alone."""
    stage.desk = replace(stage.desk, policy=replace(stage.desk.policy, link_terms=None))
    visit = opened(stage)
    claims = stage.desk.links.verify(visit.token, visit.at_ms).claims
    assert claims is not None
    assert claims.terms == ""
    assert submit(visit, Choice(Action.PAY_NOW, due(stage) + 1, 0))[0] == "done"
