"""A customer played by hand goes the way a scripted one does, in every workflow, and every answer has an option."""

from __future__ import annotations

import re

import pytest

from sandbox.errors import BadInput
from sandbox.model import LedgerEffect
from scenarios.rehearsal.phone import SWITCHES, Phone, PhonePage
from scenarios.rehearsal.phone_options import Option, typed_value
from scenarios.run import CompareRequest
from scenarios.world.library import shipped
from scenarios.world.spec import load_scenario

STEPS_MAX = 20
WORKFLOWS = [name for name in shipped("scenario") if not name.startswith(("bench", "retail-bank-s"))]
RAW = re.compile(r"[a-z]_[a-z]|GBP 0\.00")
"""What only a program calls something, and an amount of nothing."""


def played(phone: Phone, *steps: str) -> PhonePage:
    """Take steps and close."""
    page = phone.now
    for step in steps:
        page = phone.do(step)
    phone.close()
    return page


def bank(design: str = "in-message", *steps: str) -> PhonePage:
    """The retail bank with few customers."""
    return played(Phone(CompareRequest("retail-bank-200k", ("campaign.messages=200",)), design), *steps)


@pytest.mark.parametrize("name", WORKFLOWS)
def test_the_first_option_all_the_way_completes_every_workflow(name: str) -> None:
    """In every design of every scenario: somebody willing ends with one whole record and an intact chain."""
    for design in load_scenario(name).designs:
        phone = Phone(CompareRequest(name, ("campaign.messages=200",)), design)
        page = phone.now
        for _ in range(STEPS_MAX):
            if page.over:
                break
            page = phone.do("1")
        phone.close()
        assert page.over
        assert page.record.startswith("complete; ")
        assert [line.split(": ")[1].split(",")[0] for line in page.outbox] == ["done"]
        assert page.audit.startswith("chain intact; ")


@pytest.mark.parametrize("name", WORKFLOWS)
def test_options_are_words_a_customer_would_read(name: str) -> None:
    """In every design of every workflow, page by page: no raw names, no amount where the action has none."""
    for design in load_scenario(name).designs:
        phone = Phone(CompareRequest(name, ("campaign.messages=200",)), design)
        page, pages = phone.now, []
        for _ in range(STEPS_MAX):
            pages.append(page)
            if page.over:
                break
            page = phone.do("1")
        effects = {action.effect for action in phone.scenario.policy.actions.values()}
        phone.close()
        told = [moment.text for moment in page.moments if moment.who == "customer does"]
        labels = [option.label for one in pages for option in one.options]
        assert [text for text in [*labels, *told] if RAW.search(text)] == [], design
        assert "GBP 0.00" not in " ".join([page.record, *(one.page for one in pages)])
        if effects == {LedgerEffect.CHANGE}:
            assert "GBP" not in " ".join([page.customer, page.record, *labels])


def test_an_action_is_called_what_its_page_calls_it() -> None:
    """The heading of the form, not the word on its button; a dispute goes up to an amount, not from nothing."""
    labels = [option.label for option in bank("portal", "1", "1").options]
    assert labels[0].startswith("Pay now: GBP 5.00 to GBP ")
    assert labels[1].startswith("Promise to pay: GBP 5.00 to GBP ")
    assert labels[1].endswith(", 3 to 14 days from today")
    assert labels[2].startswith("Dispute the amount: up to GBP ")


def test_a_path_taken_again_gives_the_same_page() -> None:
    """Same seed, same steps, same words: what a screen shows, the command shows."""
    steps = ("core_down", "1", "2", "1", "2=20.50, 7")
    first, second = bank("in-message", *steps), bank("in-message", *steps)
    assert first == second
    assert first.path == steps
    assert "promise_to_pay GBP 20.50" in first.record


def test_a_link_that_ran_out_opens_nothing() -> None:
    """Nobody is identified, nothing is posted, and a person is offered instead."""
    page = bank("in-message", "expired_link", "1")
    assert any("signed link refused" in moment.text for moment in page.moments)
    assert page.record == "not complete; no posting"
    assert any("person" in option.label for option in page.options)


def test_too_much_is_refused_by_policy_and_asked_again() -> None:
    """The page comes back with the reason; nothing was sent."""
    page = bank("in-message", "1", "1", "2=99999, 7")
    assert page.page.startswith("The amount is above what can be taken. Nothing was sent.")
    assert page.outbox == ()
    assert not page.over


def test_a_wrong_code_is_not_let_in() -> None:
    """Typed by option or by hand; the right one by hand is."""
    wrong = bank("in-message", "1", "4=000000")
    assert any("one-time code refused" in moment.text for moment in wrong.moments)
    code = bank("in-message", "1").options[0]
    assert code.value not in code.label
    right = bank("in-message", "1", f"4={code.value}")
    assert any("proven by one_time_code" in moment.text for moment in right.moments)


def test_a_form_sent_twice_posts_once() -> None:
    """The repetition is answered as a duplicate, and the core holds one posting."""
    page = bank("in-message", "double_tap", "1", "1", "1")
    assert any("(duplicate)" in moment.text for moment in page.moments)
    assert page.record.count("pay_now") == 2  # the posting and the note that names it
    assert len(page.outbox) == 1


def form_of(page: PhonePage) -> tuple[dict[str, str], dict[str, str]]:
    """What stands in the form on a page, and what is wrong with it."""
    (option,) = (one for one in page.options if one.sheet is not None)
    assert option.sheet is not None
    return {blank.name: blank.text for blank in option.sheet.blanks(option.typed or "")}, option.faults


def test_a_refused_form_keeps_what_was_filled_in() -> None:
    """What was typed stands in the fields with what is wrong, whoever filled it in; begun anew it has none of it."""
    phone = Phone(CompareRequest("address-update", ("campaign.messages=200",)), "in-message-facts")

    def after(*answers: str) -> tuple[dict[str, str], dict[str, str]]:
        phone.again()
        return form_of([phone.do(step) for step in ("1", "1", "1", "1", *answers)][-1])

    suggested, faults = after()
    assert all(suggested.values())
    assert faults == {}
    mine = {"street": "Elm", "postcode": "AB1 2CD", "from_day": "2026-03-09"}
    typed = "; ".join(f"{name}={text}" for name, text in mine.items())
    assert after(f"3={typed}") == (mine, {"street": "too short"})
    kept, faults = after("2")  # something wrong, as the sandbox fills it in
    assert kept not in (mine, suggested)
    assert len(faults) == 1
    assert after('3={"street": ') == (suggested, {})  # no submission at all
    assert after() == (suggested, {})
    phone.close()


def test_a_core_that_is_down_gets_it_from_the_outbox() -> None:
    """Kept, tried again, recorded in the end, and the customer hears of it."""
    page = bank("in-message", "core_down", "1", "1", "1")
    assert any("kept in the outbox" in moment.text for moment in page.moments)
    assert page.page == "message: Thank you. We have recorded this."
    assert page.record.startswith("complete; ")


def test_switches_go_off_again() -> None:
    """On and off again leaves a case as if nothing had been."""
    page = bank("in-message", *(switch for switch in SWITCHES for _ in range(2)), "1", "1", "1")
    assert page.page == bank("in-message", "1", "1", "1").page
    assert page.switches == ()


def test_customers_differ_and_come_again_alike() -> None:
    """The next customer is somebody else; beginning again is the same one."""
    phone = Phone(CompareRequest("retail-bank-200k", ("campaign.messages=200",)), None)
    first = phone.now.customer
    second = phone.next_customer().customer
    assert first != second
    assert phone.again().customer == second
    assert phone.customers == 1
    phone.close()


def test_who_does_nothing_stays_as_they_were() -> None:
    """No visit, no record; the case is over."""
    page = bank("in-message", "2")
    assert page.over
    assert page.record == "not complete; no posting"


@pytest.mark.parametrize(
    ("step", "words"), [("9", "allowed: 1 to 2"), ("core-down", "no such step"), ("x=1", "no such")]
)
def test_a_step_that_does_not_exist_is_refused(step: str, words: str) -> None:
    """The message says which there are."""
    with pytest.raises(BadInput, match=words):
        bank("in-message", step)


def test_a_population_can_be_used_up() -> None:
    """The message says what to change."""
    phone = Phone(CompareRequest("retail-bank-200k", ("campaign.messages=8",)), None)
    said = []
    for _ in range(5):
        try:
            phone.next_customer()
        except BadInput as refused:
            said += refused.problems
    phone.close()
    assert said
    assert all("campaign.messages" in problem for problem in said)


def test_an_amount_is_read_with_or_without_days() -> None:
    """Days that are not given stay as offered; what is no number is refused."""
    offer = next(option for option in bank("in-message", "1", "1").options if option.takes_text)
    assert typed_value(offer, "20.50").amount_minor == 2_050
    assert typed_value(offer, "20.50").due_day_offset == offer.value.due_day_offset
    assert typed_value(offer, "7, 5 days").due_day_offset == 5
    with pytest.raises(BadInput, match="allowed: an amount"):
        typed_value(offer, "much")
    assert typed_value(Option("", "", "", ""), " 12 ") == "12"
