"""One case driven by a plain loop: questions come out, answers go in, the clock moves by what things take."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from typing import Any

import pytest

from sandbox import facts
from sandbox.errors import RuleBroken
from sandbox.model import MS_PER_HOUR, MS_PER_MINUTE, MS_PER_SECOND, Action, Choice
from scenarios.rehearsal.cases import CaseScript, cases_of
from scenarios.rehearsal.drive import GIVES_UP_AFTER_MS, WAIT_MS, Rehearsal
from scenarios.rehearsal.parts import Directions, Heard, Question
from scenarios.rehearsal.player import Player, play
from scenarios.rehearsal.stage import CUSTOMERS_LOOKED_AT, Casting, Customer, set_stage
from scenarios.rehearsal.words import sent_text
from scenarios.run import CompareRequest, prepare
from tests.scenarios.recorded import ALL_DESIGNS

SCENARIO = prepare(CompareRequest("retail-bank-200k", (), ALL_DESIGNS))[0]
MINUTE = Directions(opens_after_ms=MS_PER_MINUTE)

Begin = Callable[..., Rehearsal]


@pytest.fixture
def begin() -> Iterator[Begin]:
    """Start a rehearsal of a design with the first customer who is in no way special."""
    with ExitStack() as stack:

        def start(design: str, directions: Directions = MINUTE, **changed: Any) -> Rehearsal:
            heard = Heard()
            stage = set_stage(SCENARIO, design, heard, stack)
            script = cases_of(stage.world.design, stage.world.link_lifetime_ms)[0]
            customer = Casting(stage.world).pick(script.fits, script.otherwise)
            assert customer is not None
            known = changed.pop("known", True)
            now = customer.before._replace(**changed) if known else None
            return Rehearsal(stage, replace(customer, now=now), replace(directions), heard)

        yield start


def asked(question: Question | None) -> Question:
    """The question, which must be there."""
    assert question is not None
    return question


def test_a_person_can_play_the_customer(begin: Begin):
    """From the message to the record, each answer given by hand: link, code, page, confirmation."""
    case = begin("in-message")
    assert case.send()
    code = asked(case.open())
    assert (code.name, code.arrived) == ("enter_code", True)
    wrong = "000000" if code.detail != "000000" else "111111"
    again = asked(case.reply(wrong, MS_PER_SECOND))
    assert (again.name, again.attempt) == ("enter_code", 1)
    assert again.page.startswith("That did not work.")
    page = asked(case.reply(code.detail, MS_PER_SECOND))
    assert page.name == "choose"
    offer = page.detail[0]
    assert case.reply(Choice(Action.PAY_NOW, offer.amount_min_minor, 0), MS_PER_SECOND) is None
    assert case.settle_down()
    assert [fact.action for fact in case.of(facts.Recorded)] == ["pay_now"]
    assert case.moments[-1].text == "message: Thank you. Your payment is made."
    assert all(claim.true for claim in case.claims)


def test_the_clock_moves_by_what_each_thing_takes(begin: Begin):
    """Message, reaction, call and talk add up by hand; nothing else takes time."""
    case = begin("sms-to-call")
    start_ms = case.now_ms
    case.send()
    arrived_ms = case.now_ms
    assert arrived_ms > start_ms
    asked(case.open())
    talk_ms = round(case.stage.world.centre.handling_s_mean["routine"] * MS_PER_SECOND)
    assert case.now_ms == arrived_ms + MS_PER_MINUTE + WAIT_MS + talk_ms
    asked(case.reply(True, 5_000))
    assert case.now_ms == arrived_ms + MS_PER_MINUTE + WAIT_MS + talk_ms + 5_000


def test_a_call_outside_hours_waits_for_the_opening(begin: Begin):
    """Acting at night reaches nobody before the lines open; a call nobody answers may be tried again."""
    case = begin("sms-to-call", Directions(opens_after_ms=14 * MS_PER_HOUR, calls_unanswered=1))
    case.send()
    redial = asked(case.open())
    assert redial.name == "redial"
    opens_ms = case.stage.world.calendar.opens_ms[1]
    assert case.now_ms == opens_ms + MS_PER_MINUTE + GIVES_UP_AFTER_MS
    assert len(case.of(facts.LineClosed)) == 1
    assert asked(case.reply(True, 0)).name == "answer_agent"


def test_a_code_that_is_lost_can_be_asked_for_again(begin: Begin):
    """The page says none came; the next one works."""
    case = begin("in-message", Directions(MS_PER_MINUTE, codes_lost=1))
    case.send()
    first = asked(case.open())
    assert not first.arrived
    assert "None came?" in first.page
    second = asked(case.reply("", 60 * MS_PER_SECOND))
    assert second.arrived
    assert asked(case.reply(second.detail, 1_000)).name == "choose"


def pay(case: Rehearsal) -> None:
    """Go through link, code and page to a payment."""
    case.send()
    code = asked(case.open())
    page = asked(case.reply(code.detail, 1_000))
    assert case.reply(Choice(Action.PAY_NOW, page.detail[0].amount_min_minor, 0), 1_000) is None


def test_a_lost_acknowledgement_is_no_second_posting(begin: Begin):
    """Applied, never acknowledged, tried again with the same key: one posting, answered from the record."""
    case = begin("in-message")
    case.stage.core.lost_acks = 1
    pay(case)
    assert [fact.outcome for fact in case.of(facts.PostingTried)] == ["timed_out", "replayed"]
    assert len(case.stage.wired.core.postings_for(case.customer.case_id)) == 1


def test_an_outage_outlives_the_visit_and_not_the_outbox(begin: Begin):
    """Told "shortly" while the core is down, told "recorded" once it is back, and never the other way round."""
    case = begin("in-message")
    case.stage.core.outage_ms = 20 * MS_PER_MINUTE
    pay(case)
    assert case.claims[-1].text == "Thank you. We will confirm this shortly."
    assert not case.of(facts.Recorded)
    assert case.settle_down()
    assert case.claims[-1].text == "Thank you. We have recorded this."
    assert len(case.stage.wired.core.postings_for(case.customer.case_id)) == 1


def test_a_queued_payment_that_is_declined_later_is_not_kept_quiet(begin: Begin):
    """The core comes back and says no: the customer hears it, an agent has the whole bundle, nothing is posted."""
    case = begin("in-message", payment_method_ok=False)
    case.stage.core.outage_ms = 20 * MS_PER_MINUTE
    pay(case)
    assert case.settle_down()
    assert case.claims[-1].text.startswith("We could not complete what you asked for. Nothing was taken")
    raised = case.of(facts.ExceptionRaised)
    assert [(fact.reason, fact.bundle_complete) for fact in raised] == [("payment_declined", True)]
    assert not case.stage.wired.core.postings_for(case.customer.case_id)


def test_a_core_that_never_comes_back_leaves_the_case_with_a_person(begin: Begin):
    """A day of sweeps later the intent is given up: the exception core_unavailable, with what the trail knows."""
    case = begin("in-message")
    case.stage.core.outage_ms = 1_000 * MS_PER_HOUR
    pay(case)
    assert case.settle_down()
    raised = case.of(facts.ExceptionRaised)
    assert [(fact.reason, fact.bundle_complete) for fact in raised] == [("core_unavailable", True)]
    assert case.now_ms >= 24 * MS_PER_HOUR


def test_a_person_excluded_by_policy_gets_no_message(begin: Begin):
    """Admission comes before contact here as in a campaign."""
    case = begin("in-message")
    case.customer = Customer(case.customer.before._replace(status="closed"), case.customer.now)
    assert not case.send()
    assert not case.moments or "kept the case out" in case.moments[-1].text


def test_answers_need_an_open_visit(begin: Begin):
    """Replying to nothing is our bug."""
    with pytest.raises(RuleBroken, match="visit that was opened"):
        begin("in-message").reply("x", 0)


def test_a_question_the_customer_does_not_know_stops_the_play(begin: Begin):
    """A new kind of step is named as what could not be rehearsed, instead of being answered by guessing."""
    case = begin("in-message")
    script = cases_of(case.stage.world.design, 1)[0]
    player = Player(script, case.stage.world.people, 1_000)
    assert not player.knows(Question("upload_document", None, 0, "", True))
    player.knows = lambda question: question.name != "choose"  # type: ignore[method-assign]
    assert play(case, player) == "a step asks 'choose', which the rehearsal's customer has no answer to"


def test_casting_takes_each_customer_once_and_stages_only_the_rare(begin: Begin):
    """The first who fits, then the next; somebody nobody is like gets the facts staged, and it is said."""
    casting = Casting(begin("in-message").stage.world)
    first, second = casting.pick(lambda _: True, {}), casting.pick(lambda _: True, {})
    assert first is not None
    assert second is not None
    assert first.case_id != second.case_id
    assert first.staged == ()
    rare = casting.pick(lambda account: account.broken_promises > 99, {"broken_promises": 100})
    assert rare is not None
    assert rare.before.broken_promises == 100
    assert rare.staged == ("nobody fits: broken_promises 100",)


def test_a_rehearsal_draws_a_few_chunks_and_loads_one_account(begin: Begin, monkeypatch: pytest.MonkeyPatch):
    """However large the campaign, the population is not made: it would cost minutes to look at ten people."""
    from scenarios.rehearsal import stage as rehearsal_stage

    drawn, real = [0], rehearsal_stage.accounts

    def counted(*args: Any) -> Iterator[Any]:
        for row in real(*args):
            drawn[0] += 1
            yield row

    monkeypatch.setattr(rehearsal_stage, "accounts", counted)
    case = begin("in-message")
    assert drawn[0] == CUSTOMERS_LOOKED_AT < case.stage.world.plan.cases
    assert case.stage.wired.core.account_count() == 1


def test_digits_of_a_message_are_covered():
    """Codes and numbers are never written down, whatever separates their digits; amounts and dates stay."""
    assert sent_text("Your code is 123456. It is valid for 10 minutes.") == (
        "Your code is ••••••. It is valid for 10 minutes."
    )
    assert sent_text("call 0800 123 456") == "call ••••••"


@pytest.mark.parametrize("design", ALL_DESIGNS)
def test_every_design_has_ten_cases_and_two_more(begin: Begin, design: str):
    """Five clean, five failing, two further, whatever the design is made of."""
    world = begin(design).stage.world
    scripts: tuple[CaseScript, ...] = cases_of(world.design, world.link_lifetime_ms)
    assert [script.kind for script in scripts] == ["clean"] * 5 + ["failing"] * 5 + ["further"] * 2
    assert len({script.title for script in scripts}) == 12
