from __future__ import annotations

import json

import pytest

from sandbox import facts
from sandbox.effects import Ask, CallResult, JoinCallQueue, PostToCore, Send, Wait
from sandbox.errors import RuleBroken
from sandbox.journey.steps.call_queue import CallQueue
from sandbox.journey.steps.choose import FORM_TRIES, Choose
from sandbox.journey.steps.confirm import Confirm
from sandbox.journey.steps.exception import ExceptionPath
from sandbox.journey.steps.write_back import STALE_TRIES, WriteBack
from sandbox.journey.table import CaseState
from sandbox.model import Action, AssuranceLevel, Choice
from sandbox.ports import CoreOutcome, OutboxState, PostCommand
from tests.journey.play import CASE, SENT_AT_MS, Line, Stage, applied, play, says

PAYMENT = Choice(Action.PAY_NOW, 20_000, 0)
PROMISE = Choice(Action.PROMISE_TO_PAY, 20_000, 7)
UNANSWERED = CallResult(answered=False, wait_ms=60_000, talk_ms=0)


@pytest.fixture
def identified(stage: Stage) -> Stage:
    """A customer who typed the right code."""
    stage.visit.level = AssuranceLevel.CODE
    return stage.at(CaseState.IDENTIFIED)


@pytest.fixture
def decided(identified: Stage) -> Stage:
    """A customer who chose to pay."""
    identified.visit.choice, identified.visit.account = PAYMENT, identified.core.account
    return identified


# -- choose --------------------------------------------------------------------------------------------------


def choose(stage: Stage, *answers: object) -> str:
    """Play the action page; every answer is one submission."""
    script = [Line(Ask, answer, 25_000) for answer in answers]
    return play(Choose(id="choose").run(stage.visit), SENT_AT_MS, *script)


def test_an_allowed_choice_is_taken_with_the_account_it_was_decided_on(identified: Stage):
    """The choice, the account version and the policy version stand on the trail before anything is posted."""
    assert choose(identified, PROMISE) == "done"
    assert identified.visit.choice == PROMISE
    assert identified.visit.account == identified.core.account
    assert identified.facts.of(facts.OptionsShown)[0].allowed == ("pay_now", "promise_to_pay", "dispute")
    assert identified.facts.of(facts.Chosen) == [
        facts.Chosen(CASE, SENT_AT_MS + 25_000, "promise_to_pay", 20_000, True)
    ]
    body = json.loads(identified.evidence()[-1].body)
    assert body == {
        "account_version": identified.core.account.version,
        "action": "promise_to_pay",
        "amount_minor": 20_000,
        "due_day_offset": 7,
        "level": int(AssuranceLevel.CODE),
        "policy_version": 1,
    }


def test_a_dispute_goes_to_a_person(identified: Stage):
    """Disputing is always judgement work."""
    assert choose(identified, Choice(Action.DISPUTE, 20_000, 0)) == "dispute"
    assert [fact.routine for fact in identified.facts.of(facts.Chosen)] == [False]


@pytest.mark.parametrize("answer", ["nothing", "dropped", "person"])
def test_who_takes_no_action_leaves_without_one(identified: Stage, answer):
    """Looking and leaving, wanting a person, walking off: three outcomes, no choice."""
    assert choose(identified, answer) == answer
    assert identified.visit.choice is None
    assert not identified.facts.of(facts.Chosen)


@pytest.mark.parametrize(
    "refused",
    [
        Choice(Action.PAY_NOW, 499, 0),
        Choice(Action.PAY_NOW, 100_001, 0),
        Choice(Action.PROMISE_TO_PAY, 20_000, 15),
    ],
)
def test_inputs_outside_the_limits_are_refused_before_submission(identified: Stage, refused):
    """Too little, too much, too late: the form asks again and takes a valid answer."""
    assert choose(identified, refused, PAYMENT) == "done"
    assert identified.facts.of(facts.Chosen) == [
        facts.Chosen(CASE, SENT_AT_MS + 50_000, "pay_now", 20_000, True)
    ]


def test_a_form_is_not_refused_for_ever(identified: Stage):
    """After the bounded number of refusals the customer is taken to have left."""
    assert choose(identified, *[Choice(Action.PAY_NOW, 1, 0)] * FORM_TRIES) == "dropped"
    assert not identified.facts.of(facts.Chosen)


def test_a_link_alone_does_not_pay(stage: Stage):
    """An action whose identity level was not reached is refused at once: no other input would help."""
    stage.visit.level = AssuranceLevel.LINK
    assert choose(stage, PAYMENT) == "unproven"


def test_a_vulnerable_customer_is_asked_nothing_and_goes_to_a_person(identified: Stage):
    """Policy's reason for a person is on the trail; no action is offered."""
    identified.core.account = identified.core.account._replace(vulnerable=True)
    assert choose(identified) == "person"
    assert identified.facts.of(facts.OptionsShown)[0].allowed == ()
    assert identified.evidence()[-1].body == (
        '{"policy_version":1,"reason":"vulnerable","rule":"vulnerable-customer"}'
    )


def test_a_refused_action_is_not_offered_again(identified: Stage):
    """What the core declined in this visit is left out of the offers the second time."""
    identified.visit.refused.append("pay_now")

    def offered(effect: Ask) -> Choice:
        assert [offer.action for offer in effect.detail] == [Action.PROMISE_TO_PAY, Action.DISPUTE]
        return PROMISE

    assert choose(identified, offered) == "done"


@pytest.mark.parametrize("how", ["core says complete", "outcome on its way"])
def test_a_case_with_an_outcome_has_nothing_left_to_choose(identified: Stage, how):
    """A second visit cannot make a second outcome, whether the core has the first already or not yet."""
    if how == "core says complete":
        identified.core.account = identified.core.account._replace(complete=True)
    else:
        identified.at(CaseState.ACTED)
    assert choose(identified) == "nothing"
    assert not identified.facts.of(facts.OptionsShown)


# -- write_back ----------------------------------------------------------------------------------------------


def write_back(stage: Stage, *lines: Line) -> str:
    """Play the writeback step."""
    return play(WriteBack(id="write_back").run(stage.visit), SENT_AT_MS, *lines)


def posting(answer: object, posted: list[PostCommand] | None = None) -> list[Line]:
    """One decision's first call to the core, answered so; the command is noted."""

    def reply(effect: PostToCore) -> object:
        if posted is not None:
            posted.append(effect.command)
        return answer(effect.command) if callable(answer) else answer

    return [Line(Wait(0), None), Line(PostToCore, reply, 300)]


def test_a_posting_the_core_takes_is_recorded(decided: Stage):
    """The customer's part is done before the call, the case recorded after it, 300 milliseconds later."""
    posted: list[PostCommand] = []
    assert write_back(decided, *posting(applied, posted)) == "done"
    assert decided.state is CaseState.RECORDED
    assert decided.visit.at_ms == SENT_AT_MS + 300
    assert (posted[0].source, posted[0].note, posted[0].expected_version) == (
        "customer",
        "pay_now by customer, in self-service",
        1,
    )
    assert decided.facts == [
        facts.ActionCompleted(CASE, SENT_AT_MS, "pay_now", False),
        facts.PostingTried(CASE, SENT_AT_MS + 300, 1, "applied"),
        facts.Recorded(CASE, SENT_AT_MS + 300, "pay_now", 20_000, 1, False),
    ]
    intent = decided.store.intent(posted[0].key)
    assert intent is not None
    assert intent.state is OutboxState.DONE


def test_a_declined_payment_is_refused_and_may_be_replaced(decided: Stage):
    """A business refusal takes the case back to identified and the action out of the visit."""
    assert write_back(decided, *posting(says(CoreOutcome.REFUSED, "declined"))) == "refused"
    assert decided.state is CaseState.IDENTIFIED
    assert decided.visit.refused == ["pay_now"]
    assert decided.facts.of(facts.PostingRefused) == [
        facts.PostingRefused(CASE, SENT_AT_MS + 300, "declined")
    ]


def test_an_unreachable_core_queues_the_outcome_and_claims_nothing(decided: Stage):
    """After the bounded tries with one key the outbox keeps the intent: not done, not failed."""
    posted: list[PostCommand] = []
    down = says(CoreOutcome.UNAVAILABLE)
    lines = posting(down, posted)
    for _ in range(4):
        lines += [Line(Wait, None, 1_000), posting(down, posted)[1]]
    assert write_back(decided, *lines) == "queued"
    assert decided.state is CaseState.ACTED
    assert len({command.key for command in posted}) == 1
    assert len(decided.facts.of(facts.PostingQueued)) == 1
    assert not decided.facts.of(facts.Recorded)
    intent = decided.store.intent(posted[0].key)
    assert intent is not None
    assert intent.state is OutboxState.UNKNOWN


def test_a_lost_answer_is_asked_for_again_under_the_same_key(decided: Stage):
    """A timeout is no failure: the retry carries the same key and the core's stored answer records the case."""
    posted: list[PostCommand] = []
    again = posting(lambda command: applied(command, CoreOutcome.REPLAYED), posted)[1]
    lines = [*posting(says(CoreOutcome.TIMED_OUT), posted), Line(Wait, None, 1_000), again]
    assert write_back(decided, *lines) == "done"
    assert posted[0] == posted[1]
    assert decided.facts.of(facts.Recorded)[0].attempts == 2


def test_a_moved_account_is_decided_again_under_a_new_key(decided: Stage):
    """Stale: the account is read again, policy asked again, and the same choice goes out as a new decision."""
    posted: list[PostCommand] = []
    decided.core.account = decided.core.account._replace(version=2)
    lines = [*posting(says(CoreOutcome.STALE, version=2), posted), *posting(applied, posted)]
    assert write_back(decided, *lines) == "done"
    first, second = posted
    assert first.key != second.key
    assert first.fingerprint != second.fingerprint
    assert (first.expected_version, second.expected_version) == (1, 2)
    assert decided.state is CaseState.RECORDED
    assert len(decided.facts.of(facts.Recorded)) == 1


def test_a_moved_account_that_no_longer_allows_the_choice_ends_it(decided: Stage):
    """When policy would not allow the choice on the account as it is now, nothing more is posted."""
    decided.core.account = decided.core.account._replace(version=2, vulnerable=True)
    assert write_back(decided, *posting(says(CoreOutcome.STALE, version=2))) == "refused"
    assert decided.state is CaseState.IDENTIFIED
    assert [refused.reason for refused in decided.facts.of(facts.PostingRefused)] == ["account_changed"]


def test_an_account_that_keeps_moving_is_given_up(decided: Stage):
    """New decisions are bounded; the case goes back to identified."""
    lines = [line for _ in range(STALE_TRIES) for line in posting(says(CoreOutcome.STALE, version=9))]
    assert write_back(decided, *lines) == "refused"
    assert decided.visit.refused == ["pay_now"]


def test_an_agents_outcome_is_posted_in_the_agents_name(decided: Stage):
    """The customer's part ended on the phone: it is not completed twice, and the record says who wrote it."""
    posted: list[PostCommand] = []
    decided.visit.with_agent = True
    decided.at(CaseState.ACTED)
    assert write_back(decided, *posting(applied, posted)) == "done"
    assert posted[0].source == "agent"
    assert not decided.facts.of(facts.ActionCompleted)
    assert not decided.facts.of(facts.Recorded)[0].manual


def test_a_writeback_without_a_choice_is_our_bug(identified: Stage):
    """Nothing is posted that nobody chose."""
    with pytest.raises(RuleBroken, match="without a choice in case 3"):
        write_back(identified)


# -- confirm -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("state", "text"),
    [
        (CaseState.RECORDED, "Thank you. We have recorded this."),
        (CaseState.ACTED, "Thank you. We will confirm this shortly."),
    ],
)
def test_a_confirmation_never_says_done_for_what_is_on_its_way(stage: Stage, state, text):
    """The customer reads what the record says, and no more."""
    stage.at(state)

    def told(effect: Send) -> bool:
        assert effect.text == text
        assert effect.message.purpose == "confirmation"
        return True

    assert play(Confirm(id="confirm").run(stage.visit), SENT_AT_MS, Line(Send, told)) == "done"
    assert stage.facts == [facts.ServiceMessageSent(CASE, SENT_AT_MS, "confirmation")]


# -- exception -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("takes", "outcome"), [(True, "done"), (False, "dropped")])
def test_an_exception_hands_over_the_whole_bundle(decided: Stage, takes, outcome):
    """Trigger, messages, attempt, identity, reason and next action are written before the customer is asked."""
    decided.visit.refused.append("pay_now")
    decided.visit.kinds.append("identity_proven")
    step = ExceptionPath(id="person", reason="needs_person", takes_call_rate=0.9)
    assert play(step.run(decided.visit), SENT_AT_MS, Line(Ask("take_call", 0.9, 0), takes, 30_000)) == outcome
    assert decided.state is CaseState.WITH_PERSON
    assert decided.visit.intent == "judgement"
    assert decided.facts == [facts.ExceptionRaised(CASE, SENT_AT_MS, "needs_person", True)]
    row = decided.evidence()[-1]
    assert row.kind == "exception_bundle"
    assert json.loads(row.body) == {
        "attempted": "pay_now",
        "evidence": ["identity_proven"],
        "failure": "needs_person",
        "identity": "code proven",
        "messages_sent_at_ms": [SENT_AT_MS],
        "next_action": "talk to the customer and agree the outcome",
        "reason": "needs_person",
        "refused": ["pay_now"],
        "trigger": decided.desk.policy.trigger,
    }


# -- call_queue ----------------------------------------------------------------------------------------------


def call(stage: Stage, *lines: Line, attempts_max: int = 10) -> str:
    """Play the call step."""
    step = CallQueue(id="call_queue", attempts_max=attempts_max)
    return play(step.run(stage.visit), SENT_AT_MS, *lines)


def test_an_answered_call_puts_an_agent_on_the_line(stage: Stage):
    """The first answered attempt ends the step; talk time comes with it."""
    answered = CallResult(answered=True, wait_ms=20_000, talk_ms=240_000)
    assert call(stage, Line(JoinCallQueue("routine", 1), answered, 20_000)) == "done"
    assert stage.visit.with_agent
    assert stage.visit.call == answered
    assert stage.state is CaseState.WITH_PERSON


def test_a_caller_who_hangs_up_may_call_again(stage: Stage):
    """Every redial is a new attempt, numbered."""
    answered = CallResult(answered=True, wait_ms=0, talk_ms=1)
    script = [
        Line(JoinCallQueue("routine", 1), UNANSWERED, 60_000),
        Line(Ask("redial", None, 1), True, 900_000),
        Line(JoinCallQueue("routine", 2), answered),
    ]
    assert call(stage, *script) == "done"
    assert stage.visit.at_ms == SENT_AT_MS + 960_000


def test_a_caller_who_gives_up_has_abandoned(stage: Stage):
    """No agent, no redial: the visit is lost."""
    assert call(stage, Line(JoinCallQueue, UNANSWERED), Line(Ask("redial", None, 1), False)) == "abandoned"
    assert not stage.visit.with_agent


def test_redials_are_bounded_by_the_design(stage: Stage):
    """Whoever would redial for ever is stopped at the bound."""
    once = [Line(JoinCallQueue, UNANSWERED), Line(Ask, True)]
    assert call(stage, *once, *once, attempts_max=2) == "abandoned"


def test_a_case_handed_over_calls_with_its_judgement_intent(stage: Stage):
    """Handling time and patience follow the reason for calling."""
    stage.visit.intent = "judgement"
    call(stage, Line(JoinCallQueue("judgement", 1), UNANSWERED), Line(Ask, False))
