from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from math import sqrt
from typing import Any

import pytest

from sandbox.draws import Draws
from sandbox.effects import BotTalk, InstallOffer
from sandbox.errors import RuleBroken
from sandbox.model import AccountFacts, Action, AssuranceLevel, Channel, Choice
from sandbox.policy.decision import Offer
from sandbox.simulation.behaviour import ATTEMPTS, CODE_ASKED_AGAIN_RATE, Behaviour
from scenarios.wiring.centre import centre_of
from scenarios.wiring.people import people_of
from scenarios.world.spec import load_scenario

DOCUMENT = load_scenario("retail-bank-200k").document
PEOPLE, CENTRE = people_of(DOCUMENT), centre_of(DOCUMENT)
MANY = 20_000
PAY = Offer(Action.PAY_NOW, AssuranceLevel.CODE, 500, 90_000, 0, 0, True, 20_000, "payment")
PROMISE = Offer(Action.PROMISE_TO_PAY, AssuranceLevel.CODE, 1_000, 20_000, 3, 14, True, 20_000, "promise")
DISPUTE = Offer(Action.DISPUTE, AssuranceLevel.LINK, 0, 90_000, 0, 0, False, 20_000, "dispute")
OFFERS = (PAY, PROMISE, DISPUTE)


def people(seed: int = 1, **changes: Any) -> Behaviour:
    """The scenario's customers, changed."""
    return Behaviour(replace(PEOPLE, **changes), CENTRE, Draws(seed))


def share(answers: Callable[[int], object], wanted: object) -> float:
    """How many of many customers answer so."""
    return sum(answers(case) == wanted for case in range(MANY)) / MANY


def chance(rate: float) -> Any:
    """A rate, within chance at one in ten thousand."""
    return pytest.approx(rate, abs=3.9 * sqrt(rate * (1 - rate) / MANY))


def says(
    behaviour: Behaviour, question: str, detail: object = None, attempt: int = 0
) -> Callable[[int], Any]:
    """What each customer answers at a first touch."""
    return lambda case: behaviour.answer(question, case, 1, attempt, detail)[0]


def test_customers_respond_as_often_as_the_scenario_says_and_less_to_a_second_touch():
    """First touch by the response rate, second by the rate times the decay."""
    one = people()
    for touch, rate in ((1, PEOPLE.response_rate), (2, PEOPLE.response_rate * PEOPLE.response_decay)):
        assert sum(one.responding(0, MANY, touch)) / MANY == chance(rate)


def test_half_of_those_who_respond_do_so_within_the_median():
    """Delays are lognormal around the scenario's median."""
    one = people()
    delays = [one.response_delay_ms(case, 1) for case in range(MANY)]
    median_ms = PEOPLE.response_delay_min_median * 60_000
    assert sum(delay < median_ms for delay in delays) / MANY == chance(0.5)


def test_more_response_adds_people_and_changes_nobody():
    """Who answers at a low rate answers at a high one, after the same time."""
    few, many = people(response_rate=0.1), people(response_rate=0.3)
    at_low, at_high = (one.responding(0, 2_000, 1) for one in (few, many))
    assert all(high or not low for low, high in zip(at_low, at_high, strict=True))
    assert sum(at_high) > sum(at_low) > 0
    assert all(few.response_delay_ms(case, 1) == many.response_delay_ms(case, 1) for case in range(2_000))


@pytest.mark.parametrize("wish", dict(PEOPLE.wishes))
def test_wishes_have_their_shares(wish):
    """What customers want is as frequent as the scenario says."""
    assert share(people().wish, wish) == chance(dict(PEOPLE.wishes)[wish])


def test_a_code_is_typed_right_wrong_or_not_at_all():
    """Some never begin; of the others a share types the right digits."""
    one = people()
    typed = Counter(says(one, "enter_code", "123456")(case) for case in range(MANY))
    assert typed[None] / MANY == chance(1 - PEOPLE.code_starts_rate)
    assert typed["123456"] / MANY == chance(PEOPLE.code_starts_rate * PEOPLE.code_correct_rate)
    assert typed["123457"] == MANY - typed[None] - typed["123456"]


def test_a_wrong_code_has_the_right_length():
    """The digit after nine is nought, and leading noughts stay."""
    slips = says(people(code_correct_rate=0.0), "enter_code", "999999")
    answers = {slips(case) for case in range(200)}
    assert answers == {"000000", None}


def test_patience_with_codes_ends_at_its_limit():
    """After the scenario's number of tries nobody types another."""
    one = people()
    assert share(says(one, "enter_code", "123456", PEOPLE.code_tries_max), None) == 1.0


def test_a_missing_code_is_asked_for_again_by_some():
    """The rest leave."""
    assert share(says(people(), "code_missing"), "") == chance(CODE_ASKED_AGAIN_RATE)


def test_a_login_is_left_forgotten_or_done_by_its_shares():
    """Three ways through the portal's door."""
    log_in = says(people(), "log_in")
    found = Counter(log_in(case) for case in range(MANY))
    assert found["left"] / MANY == chance(PEOPLE.login_drop_rate)
    assert found["forgot"] / MANY == chance(PEOPLE.login_forgotten_rate)
    assert found.total() == found["left"] + found["forgot"] + found["in"]


@pytest.mark.parametrize(
    ("question", "detail", "rate"),
    [
        ("reset_password", None, PEOPLE.login_reset_done_rate),
        ("answer_agent", None, PEOPLE.known_facts_pass_rate),
        ("take_call", 0.3, 0.3),
        ("redial", None, CENTRE.redial_rate["campaign"]),
    ],
)
def test_yes_is_as_frequent_as_its_rate(question, detail, rate):
    """Resets are finished, questions answered, offered calls taken, lines redialled by their rates."""
    assert share(says(people(), question, detail), True) == chance(rate)


def test_nobody_redials_for_ever():
    """Beyond the scenario's number of redials everybody gives up."""
    beyond = CENTRE.redials_max + 1
    assert share(says(people(), "redial", None, beyond), False) == 1.0


def test_customers_choose_what_they_wish_within_the_offer():
    """Every choice is the wish, at an amount and a date the offer allows."""
    one = people(page_drop_rate=0.0)
    for case in range(3_000):
        answer, wish = says(one, "choose", OFFERS)(case), one.wish(case)
        if not isinstance(answer, Choice):
            assert answer == wish
            continue
        offer = next(offer for offer in OFFERS if offer.action == answer.action)
        assert answer.action.value == wish
        assert offer.amount_min_minor <= answer.amount_minor <= offer.amount_max_minor
        assert offer.due_days_min <= answer.due_day_offset <= offer.due_days_max


def test_what_is_not_offered_is_replaced_by_some_and_disputes_by_nobody():
    """Without a payment offer some promise instead; who wants to dispute takes no substitute."""
    one = people(page_drop_rate=0.0)
    for case in range(3_000):
        answer, wish = says(one, "choose", (PROMISE,))(case), one.wish(case)
        if wish == "dispute":
            assert answer == "nothing"
        elif wish == "pay_now" and isinstance(answer, Choice):
            assert answer.action is Action.PROMISE_TO_PAY
    payers = [case for case in range(3_000) if one.wish(case) == "pay_now"]
    took = sum(isinstance(says(one, "choose", (PROMISE,))(case), Choice) for case in payers)
    assert took / len(payers) == pytest.approx(PEOPLE.second_wish_rate, abs=0.06)


def test_an_action_page_is_left_by_its_share():
    """Some leave the page whatever they wanted."""
    only_drops = people(wishes=(("pay_now", 1.0),))
    assert share(says(only_drops, "choose", OFFERS), "dropped") == chance(PEOPLE.page_drop_rate)


def test_an_agent_hears_the_same_wish():
    """The same people want the same on the phone, up to payments their bank would decline."""
    account = AccountFacts(1, "open", "1m", 100_000, 20_000, 0, False, False, True, 1, False)
    one = people()
    for case in range(2_000):
        told, wish = says(one, "tell_agent", account)(case), one.wish(case)
        if wish == "nothing":
            assert told is None
        else:
            wanted = Action.PROMISE_TO_PAY if wish == "person" else Action(wish)
            assert told.action == wanted
            assert told.amount_minor == account.overdue_minor


def test_a_declined_payment_becomes_a_promise_for_some_on_the_phone():
    """The agent sees that the payment would fail: the customer promises or leaves."""
    account = AccountFacts(1, "open", "1m", 100_000, 20_000, 0, False, False, False, 1, False)
    tells = says(people(wishes=(("pay_now", 1.0),)), "tell_agent", account)
    told = [tells(case) for case in range(MANY)]
    assert {one.action for one in told if one} == {Action.PROMISE_TO_PAY}
    assert sum(one is not None for one in told) / MANY == chance(PEOPLE.second_wish_rate)


@pytest.mark.parametrize("taps", [0.0, 0.4, 1.0])
def test_an_app_is_installed_by_those_who_tap_and_finish(taps):
    """Both shares multiply; who does not tap spends a page's time, not an installation's."""
    offer = InstallOffer(taps, 0.75, 3.0)
    assert share(says(people(), "install_app", offer), True) == chance(taps * 0.75)
    quick = people(page_s_median=1.0)
    took = sorted(quick.answer("install_app", case, 1, 0, offer)[1] for case in range(MANY))
    assert (took[MANY // 2] > 60_000) == (taps == 1.0)


def test_a_bot_loses_contains_understands_or_escalates():
    """Leaving comes first; of the others those with a mere question are done, a request is understood or not."""
    wishes = (("pay_now", 0.7), ("person", 0.1), ("nothing", 0.2))
    answers = says(people(wishes=wishes), "talk_to_bot", BotTalk(0.6, 0.25, 2.0))
    assert share(answers, "dropped") == chance(0.25)
    assert share(answers, "nothing") == chance(0.75 * 0.2)
    assert share(answers, "understood") == chance(0.75 * 0.7 * 0.6)
    assert share(answers, "escalated") == chance(0.75 * (0.7 * 0.4 + 0.1))


def test_people_belong_to_their_seed_and_not_to_what_was_asked_before():
    """Two behaviours of one seed agree on every answer; another seed is other people."""
    one, same, other = people(1), people(1), people(2)
    for case in range(500):
        other_questions = says(one, "log_in")(case), one.response_delay_ms(case, 2)
        assert other_questions == (says(same, "log_in")(case), same.response_delay_ms(case, 2))
        assert says(one, "choose", OFFERS)(case) == says(same, "choose", OFFERS)(case)
    assert one.responding(0, 500, 1) == same.responding(0, 500, 1) != other.responding(0, 500, 1)


def test_asking_without_end_is_our_bug():
    """Questions of one visit are bounded, or draws of two touches would mix."""
    with pytest.raises(RuleBroken, match="asked 64 times in one visit"):
        people().answer("redial", 1, 1, ATTEMPTS, None)


def test_columns_of_consent_and_stop_have_their_rates():
    """Read for a block of neighbours at once, they are the same people as one by one."""
    one = people(opt_out_rate=0.05)
    consenting, stopping = one.consenting(0, MANY), one.opting_out(0, MANY, 1)
    assert sum(consenting) / MANY == chance(PEOPLE.habits[Channel.SMS].consent_rate)
    assert sum(stopping) / MANY == chance(0.05)
    assert consenting[256:512] == one.consenting(256, 256)


def test_the_same_customer_names_the_same_sum_on_a_page_and_to_an_agent():
    """What is paid or promised is what is asked for, so that money collected differs by design only in who acts."""
    one = people(page_drop_rate=0.0)
    account = AccountFacts(0, "open", "1m", 90_000, 20_000, 0, False, False, True, 1, False)
    for case in range(500):
        page, agent = says(one, "choose", OFFERS)(case), says(one, "tell_agent", account)(case)
        if isinstance(page, Choice) and isinstance(agent, Choice):
            assert (page.action, page.amount_minor) == (agent.action, agent.amount_minor)
