"""What a message's own switches do to the plan and to the people, number by number."""

from __future__ import annotations

import pytest

from sandbox.draws import Draws
from sandbox.journey.steps.message import Message
from sandbox.model import Choice
from sandbox.simulation.behaviour import Behaviour
from scenarios.wiring.centre import centre_of
from scenarios.wiring.message import people_facing, plan_for
from scenarios.wiring.people import people_of
from scenarios.wiring.plan import plan_of
from tests.scenarios.recorded import scenario_with

DOCUMENT = scenario_with().document
PEOPLE, PLAN = people_of(DOCUMENT), plan_of(DOCUMENT)
CASES = 5_000


def behaviour(message: Message) -> Behaviour:
    """How the customers of seed 1 behave who get this message."""
    return Behaviour(people_facing(message, PEOPLE), centre_of(DOCUMENT), Draws(1))


def test_a_message_by_the_rules_changes_nothing() -> None:
    """The very objects of the scenario: nothing is computed for what is not switched on."""
    message = Message(id="message", rigid_hour=3, generic_response_factor=0.1)
    assert plan_for(message, PLAN) is PLAN
    assert people_facing(message, PEOPLE) is PEOPLE


def test_rigid_sends_fill_their_hour() -> None:
    """One hour, from its first minute on, whatever the campaign's own hours."""
    plan = plan_for(Message(id="message", timing="rigid", rigid_hour=21), PLAN)
    assert (plan.rigid, plan.send_from_min, plan.send_weights) == (True, 21 * 60, (1.0,))
    assert (plan.cases, plan.touches) == (PLAN.cases, PLAN.touches)


def test_fewer_of_the_same_people_respond() -> None:
    """Everybody who acts on the generic message acts on the specific one; the share is the stated factor."""
    usual = behaviour(Message(id="message")).responding(0, CASES, 1)
    generic = behaviour(Message(id="message", content="generic", generic_response_factor=0.5)).responding(
        0, CASES, 1
    )
    assert all(one or not other for one, other in zip(usual, generic, strict=True))
    assert sum(generic) / sum(usual) == pytest.approx(0.5, abs=0.05)


@pytest.mark.parametrize(
    ("parameter", "answer"), [("generic_leaves_rate", "dropped"), ("generic_asks_rate", "person")]
)
def test_more_of_those_who_come_leave_or_ask(parameter: str, answer: str) -> None:
    """On the page the stated further share leaves or asks; who does so anyway still does."""
    neutral = {"generic_leaves_rate": 0.0, "generic_asks_rate": 0.0}
    message = Message(id="message", content="generic", **{**neutral, parameter: 0.3})  # type: ignore[arg-type]
    usual, generic = behaviour(Message(id="message")), behaviour(message)
    before = {case for case in range(CASES) if usual.answer("choose", case, 1, 0, ())[0] == answer}
    after = {case for case in range(CASES) if generic.answer("choose", case, 1, 0, ())[0] == answer}
    assert before < after
    assert (len(after) - len(before)) / CASES == pytest.approx(0.3, abs=0.04)


def test_breached_customers_stop_more_often_and_include_those_who_stop_anyway() -> None:
    """One uniform draw for both rates."""
    people = behaviour(Message(id="message"))
    usual = people.opting_out(0, CASES, 1)
    breached = [people.stops_when_breached(case, 1) for case in range(CASES)]
    assert all(one or not other for one, other in zip(breached, usual, strict=True))
    assert sum(breached) / CASES == pytest.approx(PEOPLE.breach_opt_out_rate, abs=0.01)


@pytest.mark.parametrize("question", ["submit_again", "ask_proof"])
def test_shares_are_those_the_step_states(question: str) -> None:
    """Nought never, one always, and in between about as many; the same person answers alike to a smaller share."""
    people = behaviour(Message(id="message"))

    def who(rate: float) -> set[int]:
        """Who says yes at this rate."""
        return {case for case in range(CASES) if people.answer(question, case, 1, 1, rate)[0]}

    assert who(0.0) == set()
    assert len(who(1.0)) == CASES
    assert who(0.2) < who(0.6)
    assert len(who(0.6)) / CASES == pytest.approx(0.6, abs=0.03)
    assert not isinstance(people.answer(question, 0, 1, 1, 1.0)[0], Choice)
