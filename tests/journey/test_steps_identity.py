from __future__ import annotations

import json
from collections import Counter

import pytest

from sandbox import facts
from sandbox.effects import Ask, BotTalk, CallResult, InstallOffer, Send, TakeTurn, Wait
from sandbox.errors import RuleBroken
from sandbox.identity.codes import CodeRules
from sandbox.identity.facts_check import FactRules
from sandbox.journey.steps.agent import Agent
from sandbox.journey.steps.app_download import AppDownload
from sandbox.journey.steps.bot import Bot
from sandbox.journey.steps.known_facts import KnownFacts
from sandbox.journey.steps.login import Login
from sandbox.journey.steps.message import Message
from sandbox.journey.steps.open_link import OpenLink
from sandbox.journey.steps.verify import Verify
from sandbox.journey.table import CaseState
from sandbox.model import Action, AssuranceLevel, Channel, Choice
from sandbox.ports import Message as Outgoing
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
    play,
    set_stage,
)

CODE_TEXT = f"Your code is {CODE}. It is valid for 10 minutes."


def code_sent(nth: int, took_ms: int = 4_000) -> Line:
    """The nth one-time code of a first touch goes out."""
    outgoing = Outgoing(CASE, TOUCH * 8 + nth, Channel.SMS, "code", CASE)
    return Line(Send(outgoing, CODE_TEXT), True, took_ms)


def typed(answer: str | None, attempt: int = 0, took_ms: int = 20_000) -> Line:
    """The customer types something, asks again ("") or leaves (None)."""
    return Line(Ask("enter_code", CODE, attempt), answer, took_ms)


def verify(stage: Stage, *lines: Line, codes_max: int = 2) -> str:
    """Play the verify step."""
    step = Verify(id="verify", codes_max=codes_max)
    return play(step.run(stage.visit), stage.visit.at_ms, *lines)


# -- the signed link -----------------------------------------------------------------------------------------


def test_a_live_link_opens_at_link_level_without_taking_time_or_acting(stage: Stage):
    """Reading a link proves that somebody holds it, and changes nothing else."""
    stage.visit.at_ms = SENT_AT_MS + LINK_LIFETIME_MS - 1
    assert play(OpenLink(id="open").run(stage.visit), stage.visit.at_ms) == "done"
    assert stage.visit.level is AssuranceLevel.LINK
    assert stage.state is CaseState.ENGAGED
    assert stage.facts == [facts.LinkChecked(CASE, stage.visit.at_ms, True, "ok")]
    assert stage.kinds() == ["link_opened"]


def test_an_expired_link_is_refused_and_proves_nothing(stage: Stage):
    """A link that has run out opens no page; the refusal and its reason are on the trail."""
    stage.visit.at_ms = SENT_AT_MS + LINK_LIFETIME_MS
    assert play(OpenLink(id="open").run(stage.visit), stage.visit.at_ms) == "refused"
    assert stage.visit.level is AssuranceLevel.NONE
    assert stage.facts == [
        facts.LinkChecked(CASE, stage.visit.at_ms, False, "expired"),
        facts.IdentityRefused(CASE, stage.visit.at_ms, "signed_link"),
    ]
    assert [(row.kind, row.body) for row in stage.evidence()] == [("link_refused", '{"reason":"expired"}')]


# -- the one-time code ---------------------------------------------------------------------------------------


def test_the_right_code_identifies_the_customer_at_the_time_it_was_typed(stage: Stage):
    """Code level is reached when the code is accepted, four seconds of delivery and twenty of typing later."""
    assert verify(stage, code_sent(0), typed(CODE)) == "done"
    assert stage.visit.level is AssuranceLevel.CODE
    assert stage.visit.at_ms == SENT_AT_MS + 24_000
    assert stage.state is CaseState.IDENTIFIED
    assert stage.facts == [
        facts.ServiceMessageSent(CASE, SENT_AT_MS, "code"),
        facts.CodeChecked(CASE, SENT_AT_MS + 24_000, True, "ok"),
        facts.IdentityProven(CASE, SENT_AT_MS + 24_000, int(AssuranceLevel.CODE), "one_time_code"),
    ]
    assert stage.kinds() == ["identity_proven"]


def test_a_wrong_code_may_be_corrected(stage: Stage):
    """A slip of the finger costs one more try, not the visit."""
    assert verify(stage, code_sent(0), typed(WRONG_CODE), typed(CODE, 1)) == "done"
    assert [fact.reason for fact in stage.facts.of(facts.CodeChecked)] == ["wrong", "ok"]


def test_a_locked_code_takes_no_right_answer_any_more(stage: Stage):
    """After five failures the right digits are refused too, and the step ends once its tries are used up."""
    tries = [typed(WRONG_CODE, attempt) for attempt in range(5)] + [typed(CODE, n) for n in range(5, 10)]
    assert verify(stage, code_sent(0), *tries) == "failed"
    reasons = [fact.reason for fact in stage.facts.of(facts.CodeChecked)]
    assert reasons == ["wrong"] * 5 + ["locked_code"] * 5
    assert stage.visit.level is AssuranceLevel.NONE


def test_who_leaves_before_typing_drops_out(stage: Stage):
    """Leaving is not failing: no check happened."""
    assert verify(stage, code_sent(0), typed(None)) == "dropped"
    assert not stage.facts.of(facts.CodeChecked)
    assert stage.state is CaseState.ENGAGED


def test_who_asks_again_gets_another_code_until_the_codes_run_out(stage: Stage):
    """A code that never came is sent again once by default; asking after that fails the step."""
    asked = [code_sent(0), typed("", 0, 60_000), code_sent(1), typed("", 0, 60_000)]
    assert verify(stage, *asked) == "failed"
    assert len(stage.facts.of(facts.ServiceMessageSent)) == 2


def test_a_second_code_too_soon_is_throttled_and_the_reason_kept(stage: Stage):
    """The code desk forbids a second send within its gap: the step fails, nothing is sent, the trail says why."""
    assert verify(stage, code_sent(0), typed("", 0, 1_000)) == "failed"
    assert len(stage.facts.of(facts.ServiceMessageSent)) == 1
    throttled = stage.evidence()[-1]
    assert (throttled.kind, throttled.body) == ("code_throttled", '{"reason":"resend_gap"}')


def test_the_hourly_limit_holds_across_visits(policy, store):
    """Coming back within the hour does not buy more codes than the rules allow."""
    stage = set_stage(policy, store, CodeRules(sends_per_hour=1))
    assert verify(stage, code_sent(0), typed(None)) == "dropped"
    stage.visit.at_ms += 1_800_000
    assert verify(stage) == "failed"
    assert stage.evidence()[-1].body == '{"reason":"sends_per_hour"}'


# -- the portal login ----------------------------------------------------------------------------------------


FORGOT, RESET = ("log_in", "forgot", 45), ("reset_password", True, 300)


@pytest.mark.parametrize(
    ("lines", "outcome", "level", "seconds"),
    [
        ([("log_in", "in", 45)], "done", AssuranceLevel.LOGIN, 45),
        ([("log_in", "left", 10)], "dropped", AssuranceLevel.NONE, 10),
        ([FORGOT, ("reset_password", False, 300)], "failed", AssuranceLevel.NONE, 345),
        ([FORGOT, RESET, ("log_in", "in", 40)], "done", AssuranceLevel.LOGIN, 385),
        ([FORGOT, RESET, ("log_in", "left", 5)], "dropped", AssuranceLevel.NONE, 350),
        ([FORGOT, RESET, FORGOT, RESET, ("log_in", "in", 40)], "done", AssuranceLevel.LOGIN, 730),
        ([FORGOT, RESET, FORGOT, RESET, FORGOT], "failed", AssuranceLevel.NONE, 735),
    ],
)
def test_a_login_succeeds_is_left_or_goes_round_by_resets(stage: Stage, lines, outcome, level, seconds):
    """Every way through the login: straight in, left, forgotten; a finished reset leads back to the page, twice."""
    asked: Counter[str] = Counter()
    script = []
    for question, answer, took in lines:
        script.append(Line(Ask(question, None, asked[question]), answer, 1_000 * took))
        asked[question] += 1
    assert play(Login(id="login").run(stage.visit), SENT_AT_MS, *script) == outcome
    assert stage.visit.level is level
    assert stage.visit.at_ms == SENT_AT_MS + 1_000 * seconds
    assert stage.state is (CaseState.IDENTIFIED if outcome == "done" else CaseState.ENGAGED)
    assert len(stage.facts.of(facts.IdentityProven)) == (outcome == "done")


def test_a_design_may_forbid_resets(stage: Stage):
    """Without a reset a forgotten password is a failed login."""
    assert play(Login(id="login", resets_max=0).run(stage.visit), SENT_AT_MS, Line(Ask, "forgot")) == "failed"


@pytest.mark.parametrize(
    ("step", "then", "answer", "outcome"),
    [
        (Login(id="door", capacity_per_min=3.0, patience_s_mean=60.0), "log_in", "in", "done"),
        (AppDownload(id="door", capacity_per_min=3.0, patience_s_mean=60.0), "install_app", True, "done"),
        (Bot(id="door", capacity_per_min=3.0, patience_s_mean=60.0), "talk_to_bot", "nothing", "nothing"),
    ],
)
def test_who_is_let_in_in_turn_goes_on_and_who_leaves_before_is_gone(
    stage: Stage, step, then, answer, outcome
):
    """A page with a capacity asks for a turn first, at its own door and with its own patience."""
    turn = TakeTurn("door", 3.0, 60.0)
    assert play(step.run(stage.visit), SENT_AT_MS, Line(turn, False, 5_000)) == "dropped"
    assert stage.visit.at_ms == SENT_AT_MS + 5_000

    def asked(effect: Ask) -> object:
        assert effect.question == then
        return answer

    assert play(step.run(stage.visit), SENT_AT_MS, Line(turn, True, 5_000), Line(Ask, asked)) == outcome


# -- the app and the bot -------------------------------------------------------------------------------------


@pytest.mark.parametrize(("installed", "outcome"), [(True, "done"), (False, "dropped")])
def test_an_app_is_there_or_the_customer_is_gone(stage: Stage, installed, outcome):
    """The step asks with its own parameters; installing proves nobody's identity."""
    line = Line(Ask("install_app", InstallOffer(0.3, 0.8, 5.0), 0), installed, 90_000)
    step = AppDownload(id="app", taps_install_rate=0.3, finishes_rate=0.8, install_min_median=5.0)
    assert play(step.run(stage.visit), SENT_AT_MS, line) == outcome
    assert stage.visit.at_ms == SENT_AT_MS + 90_000
    assert stage.visit.level is AssuranceLevel.NONE


@pytest.mark.parametrize(
    ("transacts", "answer", "outcome"),
    [
        (True, "understood", "done"),
        (False, "understood", "escalated"),
        (True, "escalated", "escalated"),
        (False, "nothing", "nothing"),
        (True, "dropped", "dropped"),
    ],
)
def test_a_bot_that_may_not_act_escalates_what_it_understood(stage: Stage, transacts, answer, outcome):
    """Only a bot that transacts goes on; everything else ends as the customer ended it."""
    line = Line(Ask("talk_to_bot", BotTalk(0.7, 0.15, 2.0), 0), answer)
    assert play(Bot(id="bot", transacts=transacts).run(stage.visit), SENT_AT_MS, line) == outcome


# -- the agent -----------------------------------------------------------------------------------------------


def talk(stage: Stage, *lines: Line) -> str:
    """Play the agent step for a customer on the line."""
    stage.visit.with_agent = True
    return play(Agent(id="agent").run(stage.visit), stage.visit.at_ms, *lines)


def test_an_agent_identifies_the_caller_and_takes_the_outcome(stage: Stage):
    """Talking takes its time, known facts identify, the outcome is agreed and the customer's part is done."""
    stage.at(CaseState.WITH_PERSON)
    stage.visit.call = CallResult(answered=True, wait_ms=0, talk_ms=240_000)
    promise = Choice(Action.PROMISE_TO_PAY, 20_000, 7)
    script = [
        Line(Wait(240_000), None, 240_000),
        Line(Ask("answer_agent", None, 0), True),
        Line(Ask("tell_agent", stage.core.account, 0), promise),
    ]
    assert talk(stage, *script) == "done"
    now = SENT_AT_MS + 240_000
    assert stage.visit.at_ms == now
    assert (stage.visit.choice, stage.visit.account) == (promise, stage.core.account)
    assert stage.state is CaseState.ACTED
    assert facts.Chosen(CASE, now, "promise_to_pay", 20_000, True) in stage.facts
    assert facts.ActionCompleted(CASE, now, "promise_to_pay", True) in stage.facts
    assert stage.kinds() == ["identity_proven", "outcome_agreed"]
    said = json.loads(stage.evidence()[-1].body)
    assert said["policy_version"] == stage.desk.policy.version
    assert "promise_to_pay" in said["offered"]


@pytest.mark.parametrize(
    ("changes", "action", "routine"),
    [
        ({}, Action.PROMISE_TO_PAY, True),
        ({}, Action.DISPUTE, False),
        ({"vulnerable": True}, Action.PROMISE_TO_PAY, False),
        ({"broken_promises": 9}, Action.PROMISE_TO_PAY, False),
        ({"broken_promises": 9}, Action.PAY_NOW, True),
    ],
)
def test_policy_says_what_is_routine_and_not_the_way_to_the_agent(stage: Stage, changes, action, routine):
    """Work a customer could have done alone is routine, also when an exception brought it to the agent."""
    stage.at(CaseState.WITH_PERSON)
    stage.visit.intent = "judgement"
    stage.core.account = stage.core.account._replace(**changes)
    told = Line(Ask, Choice(action, 20_000, 7))
    assert talk(stage, Line(Ask("answer_agent", None, 0), True), told) == "done"
    assert [fact.routine for fact in stage.facts.of(facts.Chosen)] == [routine]


def test_a_caller_who_fails_the_questions_gets_nothing(stage: Stage):
    """No identity, no outcome; the refusal is on the trail."""
    stage.at(CaseState.WITH_PERSON)
    assert talk(stage, Line(Ask("answer_agent", None, 0), False)) == "identity_failed"
    assert stage.state is CaseState.WITH_PERSON
    assert stage.visit.choice is None
    assert stage.kinds() == ["identity_refused"]


def test_a_caller_who_agrees_to_nothing_leaves_no_action(stage: Stage):
    """An answered call without an outcome is contact, not resolution."""
    stage.at(CaseState.WITH_PERSON)
    assert talk(stage, Line(Ask("answer_agent", None, 0), True), Line(Ask, None)) == "nothing"
    assert not stage.facts.of(facts.ActionCompleted)


@pytest.mark.parametrize("state", [CaseState.ACTED, CaseState.RECORDED])
def test_a_repeat_contact_costs_a_call_and_changes_nothing(stage: Stage, state):
    """Whose outcome is on its way or posted is told so: they are identified again, and no second outcome is taken."""
    stage.at(state)
    assert talk(stage, Line(Ask("answer_agent", None, 0), True)) == "nothing"
    assert stage.state is state
    assert not stage.facts.of(facts.Chosen)


def test_a_message_never_runs_inside_a_visit(stage: Stage):
    """A visit starts after the message; reaching it again is our bug and says so."""
    with pytest.raises(RuleBroken, match="was reached inside visit of case 3"):
        play(Message(id="message").run(stage.visit), SENT_AT_MS)


# -- known facts in the message ------------------------------------------------------------------------------

KNOWN = FACTS[:2]
MISTAKEN = (FACTS[0], ("postcode", "ZZ9 9ZZ"))


def answered(answers: object, attempt: int = 0, took_ms: int = 35_000) -> Line:
    """The customer answers two facts, or leaves (None)."""
    return Line(Ask("answer_facts", KNOWN, attempt), answers, took_ms)


def ask_facts(stage: Stage, *lines: Line, tries_max: int = 2) -> str:
    """Play the step for known facts after a code."""
    stage.visit.level = AssuranceLevel.CODE
    return play(KnownFacts(id="facts", tries_max=tries_max).run(stage.visit), stage.visit.at_ms, *lines)


def test_facts_after_a_code_reach_the_level_of_both(stage: Stage):
    """Code and facts together are a level of their own; the trail holds the method and no answer."""
    assert ask_facts(stage, answered(KNOWN)) == "done"
    assert stage.visit.level is AssuranceLevel.CODE_AND_FACTS
    assert [(row.kind, row.body) for row in stage.evidence()] == [
        ("identity_proven", '{"level":4,"method":"facts_in_message"}')
    ]
    assert stage.facts == [
        facts.FactsChecked(CASE, SENT_AT_MS + 35_000, True, "ok"),
        facts.IdentityProven(CASE, SENT_AT_MS + 35_000, 4, "facts_in_message"),
    ]


def test_facts_behind_a_link_alone_open_nothing_more(stage: Stage):
    """Without a code the same answers leave the customer at link level."""
    stage.visit.level = AssuranceLevel.LINK
    step = KnownFacts(id="facts")
    assert play(step.run(stage.visit), stage.visit.at_ms, answered(KNOWN)) == "done"
    assert stage.visit.level is AssuranceLevel.LINK


@pytest.mark.parametrize(
    ("lines", "outcome"),
    [
        ([answered(MISTAKEN), answered(KNOWN, 1)], "done"),
        ([answered(MISTAKEN), answered(MISTAKEN, 1)], "failed"),
        ([answered(MISTAKEN), answered(None, 1)], "dropped"),
        ([answered(None)], "dropped"),
    ],
)
def test_one_slip_may_be_mended_and_two_end_it(stage: Stage, lines: list[Line], outcome: str):
    """Two tries by default; leaving is not failing."""
    assert ask_facts(stage, *lines) == outcome
    assert (stage.visit.level is AssuranceLevel.CODE_AND_FACTS) is (outcome == "done")


def test_a_refusal_says_nowhere_which_fact_was_wrong(stage: Stage):
    """Trail, facts and the words for the agent name the method and that it failed, whatever was wrong."""
    assert ask_facts(stage, answered(MISTAKEN), tries_max=1) == "failed"
    assert [(row.kind, row.body) for row in stage.evidence()] == [
        ("identity_refused", '{"method":"facts_in_message"}')
    ]
    assert stage.visit.failure == "facts_in_message not_known"
    assert stage.facts == [
        facts.FactsChecked(CASE, SENT_AT_MS + 35_000, False, "not_known"),
        facts.IdentityRefused(CASE, SENT_AT_MS + 35_000, "facts_in_message"),
    ]


def test_a_locked_account_is_not_asked_at_all(policy, store):
    """Another visit after the day's failures meets no question, and the trail says it was refused."""
    stage = set_stage(policy, store, fact_rules=FactRules(failures_per_account_day=1))
    assert ask_facts(stage, answered(MISTAKEN), tries_max=1) == "failed"
    stage.visit.touch = 2
    assert ask_facts(stage) == "failed"
    assert stage.visit.failure == "facts_in_message locked_account"
