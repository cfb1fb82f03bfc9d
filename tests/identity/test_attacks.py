"""The attacks a secure message must stand: each through the journey's own steps, with the real identity code."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sandbox import facts
from sandbox.effects import Ask, PostToCore, Send, Wait
from sandbox.identity.assurance import Method
from sandbox.identity.codes import CodeRules
from sandbox.identity.facts_check import FactRules
from sandbox.identity.links import LinkClaims, LinkKey, LinkSigner
from sandbox.journey.steps.known_facts import KnownFacts
from sandbox.journey.steps.open_link import PURPOSE, OpenLink
from sandbox.journey.steps.verify import Verify
from sandbox.journey.steps.write_back import WriteBack
from sandbox.journey.table import CaseState
from sandbox.journey.visit import Visit
from sandbox.model import Action, AssuranceLevel, Choice
from tests.journey.play import (
    CASE,
    CODE,
    FACTS,
    LINK_LIFETIME_MS,
    SENT_AT_MS,
    TOUCH,
    WRONG_CODE,
    Line,
    Stage,
    applied,
    play,
    set_stage,
)
from tests.journey.test_steps_identity import code_sent

OLD, NEW = LinkKey("old", bytes(range(32))), LinkKey("new", bytes(range(32, 64)))


@pytest.fixture
def stage(policy, store) -> Stage:
    """An engaged case on a first visit."""
    return set_stage(policy, store)


def own_token(stage: Stage, case: int = CASE, signer: LinkSigner | None = None) -> str:
    """The link sent to a case."""
    ends_ms = SENT_AT_MS + LINK_LIFETIME_MS
    return (signer or stage.desk.links).sign(LinkClaims(case, case, PURPOSE, SENT_AT_MS, ends_ms))


def visit_by(stage: Stage, token: str = "", touch: int = TOUCH) -> Visit:
    """Somebody who comes by a link; empty for the one sent."""
    visit = Visit(stage.desk, CASE, touch, SENT_AT_MS, SENT_AT_MS + 60_000)
    visit.token = token
    return visit


def opened(stage: Stage, visit: Visit) -> str:
    """Open the link of a visit."""
    return play(OpenLink(id="open").run(visit), visit.at_ms)


def everything(stage: Stage) -> tuple[object, ...]:
    """All state that outlasts a visit: case book, codes, known facts, links used, account, outbox."""
    desk = stage.desk
    return (
        bytes(desk.book.state),
        bytes(desk.book.decisions),
        bytes(desk.book.visiting),
        len(desk.codes),
        len(desk.known_facts),
        len(desk.link_uses),
        stage.core.account,
        tuple(desk.writeback.store.due_intents(1 << 60, 100)),
    )


def paying(stage: Stage, visit: Visit) -> Visit:
    """A visitor at code level with a payment filled in."""
    stage.at(CaseState.IDENTIFIED)
    visit.level, visit.account = AssuranceLevel.CODE, stage.core.account
    visit.choice = Choice(Action.PAY_NOW, 20_000, 0)
    return visit


def test_reading_a_link_a_thousand_times_changes_nothing(stage: Stage):
    """Scanners and preview robots leave every state as it was, and the customer's own act still counts."""
    before = everything(stage)
    for _ in range(1_000):
        assert opened(stage, visit_by(stage)) == "done"
    assert everything(stage) == before
    visit = visit_by(stage)
    opened(stage, visit)
    assert visit.claim_link()


def test_a_forwarded_link_opens_a_page_and_no_action(stage: Stage):
    """Whoever gets the link stands before the code, which goes to the number on file: link level opens no payment."""
    visit = visit_by(stage)
    assert opened(stage, visit) == "done"
    gone = Line(Ask("enter_code", CODE, 0), None, 5_000)
    assert play(Verify(id="v").run(visit), visit.at_ms, code_sent(0), gone) == "dropped"
    assert visit.level is AssuranceLevel.LINK
    decision = stage.desk.policy.decide(stage.core.account)
    refused = stage.desk.policy.check_choice(decision, Choice(Action.PAY_NOW, 20_000, 0), visit.level)
    assert refused == "identity_too_weak"


def test_a_link_forwarded_to_another_case_is_refused(stage: Stage):
    """A genuine link of a neighbour does not open this page, and the trail says it was forwarded."""
    visit = visit_by(stage, own_token(stage, CASE + 1))
    assert opened(stage, visit) == "refused"
    assert visit.failure == "signed_link wrong_case"
    assert stage.facts.of(facts.IdentityRefused)[-1].method == Method.SIGNED_LINK


def test_a_replayed_code_is_refused_in_its_own_visit_and_in_another(stage: Stage):
    """Once accepted a code is used up, also for somebody on another device."""
    visit = visit_by(stage)
    typed = Line(Ask("enter_code", CODE, 0), CODE, 5_000)
    assert play(Verify(id="v").run(visit), visit.at_ms, code_sent(0), typed) == "done"
    codes = stage.desk.codes
    assert codes.check(CASE, str(TOUCH), CODE, visit.at_ms).reason == "used"
    assert codes.check(CASE, "another", CODE, visit.at_ms).reason == "used"


def test_guessing_in_parallel_sessions_gains_nothing(policy, store):
    """A hundred sessions together get the five failures one session has, and then the right code is refused too."""
    stage = set_stage(policy, store, CodeRules(digits=6))
    codes = stage.desk.codes
    codes.issue(CASE, "own", CODE, 0)
    reasons = [codes.check(CASE, f"session {n}", f"{n:06d}", 1).reason for n in range(100)]
    assert reasons.count("other_session") == 5
    assert reasons.count("locked_code") == 95
    assert codes.check(CASE, "own", CODE, 2).reason == "locked_code"


def test_guessing_facts_in_parallel_visits_ends_with_the_day(policy, store):
    """Whatever the number of visits, an account gives five wrong answers a day and no more."""
    stage = set_stage(policy, store, fact_rules=FactRules())
    desk = stage.desk.known_facts
    enrolled = desk.enrol(CASE, FACTS)
    counted = 0
    for n in range(100):
        if desk.open(CASE, f"visit {n}", enrolled, n) is None:
            counted += desk.check(CASE, f"visit {n}", {"postcode": f"{n}"}, n).reason == "not_known"
    assert counted == 5


def test_a_link_with_any_byte_changed_is_refused(stage: Stage):
    """Every byte, flipped in each of its eight bits: never accepted, never believed."""
    token = own_token(stage)
    for place, char in enumerate(token):
        for bit in range(8):
            forged = token[:place] + chr(ord(char) ^ (1 << bit)) + token[place + 1 :]
            assert opened(stage, visit_by(stage, forged)) == "refused"
    assert opened(stage, visit_by(stage, token)) == "done"


def test_a_retired_key_opens_nothing_and_a_rotated_one_still_does(stage: Stage):
    """While keys rotate, links of the old key work; from the moment it is retired they do not, and say why."""
    token = own_token(stage, signer=LinkSigner([OLD]))
    stage.desk = replace(stage.desk, links=LinkSigner([OLD, NEW]))
    assert opened(stage, visit_by(stage, token)) == "done"
    stage.desk = replace(stage.desk, links=LinkSigner([replace(OLD, retired=True), NEW]))
    visit = visit_by(stage, token)
    assert opened(stage, visit) == "refused"
    assert visit.failure == "signed_link retired_key"


def test_only_a_known_fact_stops_the_new_owner_of_a_number(stage: Stage):
    """Link and code both reach a recycled number: the code is passed, the facts are not."""
    visit = visit_by(stage)
    opened(stage, visit)
    typed = Line(Ask("enter_code", CODE, 0), CODE, 5_000)
    assert play(Verify(id="v").run(visit), visit.at_ms, code_sent(0), typed) == "done"
    assert visit.level is AssuranceLevel.CODE
    wrong = (("date_of_birth", "1999-01-01"), ("postcode", "ZZ9 9ZZ"))
    asked = [Line(Ask("answer_facts", FACTS[:2], n), wrong, 5_000) for n in range(2)]
    assert play(KnownFacts(id="k").run(visit), visit.at_ms, *asked) == "failed"
    assert visit.level is AssuranceLevel.CODE


def test_a_link_acts_once_and_the_second_act_is_refused_with_evidence(stage: Stage):
    """Two people with the same link: one posts, the other is refused and nothing reaches the core."""
    first = visit_by(stage)
    opened(stage, first)
    paying(stage, first)
    posted = [Line(Wait, None), Line(PostToCore, lambda effect: applied(effect.command))]
    assert play(WriteBack(id="w").run(first), first.at_ms, *posted) == "done"
    second = visit_by(stage)
    opened(stage, second)
    paying(stage, second)
    assert play(WriteBack(id="w").run(second), second.at_ms) == "refused"
    assert [(row.kind, row.body) for row in stage.evidence()][-1] == ("link_refused", '{"reason":"used"}')
    assert len(stage.facts.of(facts.ActionCompleted)) == 1


def test_a_link_whose_act_came_to_nothing_may_act_again(stage: Stage):
    """After a refusal of the core nothing has happened: given back, at once or when the queue has ended."""
    visit = visit_by(stage)
    opened(stage, visit)
    assert visit.claim_link()
    assert visit.claim_link()  # until it is done, a visit may try again
    visit.give_link_back()
    other = visit_by(stage)
    opened(stage, other)
    assert other.claim_link()
    other.link_waits()
    stage.desk.link_uses.settled(CASE, recorded=False)
    third = visit_by(stage)
    opened(stage, third)
    assert third.claim_link()
    third.link_waits()
    stage.desk.link_uses.settled(CASE, recorded=True)
    fourth = visit_by(stage)
    opened(stage, fourth)
    assert not fourth.claim_link()


def test_codes_are_sent_to_the_number_on_file_only(stage: Stage):
    """No answer of whoever opens the link chooses where the code goes."""
    visit = visit_by(stage)
    sent: list[Send] = []

    def keep(effect: Send) -> bool:
        sent.append(effect)
        return True

    gone = Line(Ask("enter_code", CODE, 0), WRONG_CODE, 5_000)
    left = Line(Ask("enter_code", CODE, 1), None, 5_000)
    assert play(Verify(id="v").run(visit), visit.at_ms, Line(Send, keep), gone, left) == "dropped"
    assert [(one.message.case_id, one.message.channel) for one in sent] == [(CASE, "sms")]
