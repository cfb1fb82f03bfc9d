"""What the designs do to the same people, told from facts."""

from __future__ import annotations

from collections import Counter

import pytest

from sandbox import facts
from sandbox.journey.registry import STEP_KINDS
from tests.scenarios.recorded import DESIGNS, rate, record

LATE = ("back_office.wait_h_median=150", "back_office.wait_sigma=0.1")


def first_engagements(design: str) -> set[int]:
    """Who acts on the first message."""
    return {fact.case_id for fact in record(design).of(facts.Engaged) if fact.touch == 1}


def test_the_same_customers_act_on_the_first_message_in_every_design():
    """Designs differ in what is done to people, not in who they are or how lucky they are."""
    calls, portal, inside = (first_engagements(design) for design in DESIGNS)
    assert calls == portal == inside
    assert calls


def test_they_act_at_the_same_moment():
    """The first message is sent and read at the same time everywhere."""
    moments = [
        {fact.case_id: fact.at_ms for fact in record(design).of(facts.Engaged) if fact.touch == 1}
        for design in DESIGNS
    ]
    assert moments[0] == moments[1] == moments[2]


def test_the_same_cases_are_let_in():
    """Policy looks at accounts, and accounts are the same."""
    triggered = [record(design).of(facts.Triggered) for design in DESIGNS]
    assert triggered[0] == triggered[1] == triggered[2]


def test_the_same_other_calls_arrive_in_every_design():
    """First attempts of other callers do not know which design runs."""
    arrivals = [
        [
            fact.at_ms
            for fact in record(design).of(facts.CallOffered)
            if not fact.campaign and fact.attempt == 1
        ]
        for design in DESIGNS
    ]
    assert arrivals[0] == arrivals[1] == arrivals[2]


def test_in_message_agents_see_judgement_work_only():
    """Disputes, exceptions, the vulnerable and those no message reaches come to a person; routine never does."""
    run = record("in-message")
    intents = Counter(fact.intent for fact in run.of(facts.CallOffered) if fact.campaign)
    assert set(intents) == {"judgement"}
    called = {fact.case_id for fact in run.of(facts.CallOffered) if fact.campaign}
    assert called <= run.cases(facts.ExceptionRaised) | run.cases(facts.LetterSent)


def test_in_the_sms_to_call_design_every_outcome_is_taken_by_an_agent_and_rekeyed():
    """Nothing is deflected where the normal path is a person."""
    run = record("sms-to-call")
    assert rate(run.outcome, "deflection_rate") == 0.0
    assert all(fact.manual for fact in run.of(facts.Recorded))
    assert all(fact.with_agent for fact in run.of(facts.ActionCompleted))
    assert rate(run.outcome, "completion_in_message_rate") == 0.0


def test_vulnerable_customers_always_have_a_person():
    """None of them is recorded by self-service, in any self-service design."""
    for design in ("portal", "in-message"):
        run = record(design)
        vulnerable = {fact.case_id for fact in run.of(facts.Triggered) if fact.vulnerable}
        recorded = vulnerable & run.cases(facts.Recorded)
        assert recorded
        assert recorded <= {fact.case_id for fact in run.of(facts.CallAnswered) if fact.campaign}


def test_a_late_back_office_sends_reminders_to_customers_who_have_acted():
    """The sequence stops on the core's record: rekeying that takes weeks means a second message and a second call."""
    late, prompt = record("sms-to-call", LATE), record("sms-to-call")

    def reminded(run):
        acted = {fact.case_id: fact.at_ms for fact in run.of(facts.ActionCompleted)}
        return {
            fact.case_id
            for fact in run.of(facts.Sent)
            if fact.touch == 2 and acted.get(fact.case_id, fact.at_ms) < fact.at_ms
        } - run.cases(facts.PostingRefused)

    assert len(reminded(late)) > 10 * max(1, len(reminded(prompt)))
    repeat = {fact.case_id for fact in late.of(facts.Engaged) if fact.touch == 2} & reminded(late)
    assert repeat
    chosen = Counter(fact.case_id for fact in late.of(facts.Chosen))
    assert all(chosen[case] == 1 for case in repeat), "a repeat contact takes no second outcome"
    again = [fact for fact in late.of(facts.CallAnswered) if fact.campaign and fact.case_id in repeat]
    assert len(again) > len(repeat), "and still costs an agent's time"
    in_message = record("in-message", LATE)
    assert not reminded(in_message)


def test_a_customer_on_a_second_visit_may_choose_again_when_the_first_outcome_is_refused_meanwhile():
    """A queued payment declined while its customer is visiting again takes nothing away from that visit."""
    settings = (
        "campaign.messages=4000",
        "campaign.touches_per_case=4",
        "campaign.touch_gap_days=1",
        "customers.response_rate=1",
        "customers.response_decay=1",
        "customers.response_delay_min_median=600",
        "customers.payment_accepted_rate=0",
        "core.faults.unavailable_rate=0.7",
        "outreach.messages_per_week_max=7",
    )
    run = record("in-message", settings)
    refused = {fact.case_id for fact in run.of(facts.PostingRefused)}
    queued = {fact.case_id for fact in run.of(facts.PostingQueued)}
    assert refused & queued & run.cases(facts.Recorded)
    assert sum(run.outcome.ends.values()) == run.layout.cases


def test_an_expired_link_opens_nothing():
    """With links that live six seconds nobody gets in: every visit goes to the exception path, nothing is chosen."""
    run = record("in-message", ("identity.link_lifetime_h=0.002",))
    checks = run.of(facts.LinkChecked)
    assert checks
    assert {(fact.accepted, fact.reason) for fact in checks} == {(False, "expired")}
    assert not run.of(facts.OptionsShown)
    assert {fact.reason for fact in run.of(facts.ExceptionRaised)} == {"identity_failed"}
    assert all(run.accounts[fact.case_id].complete for fact in run.of(facts.Recorded))


@pytest.mark.parametrize("design", DESIGNS)
def test_channel_changes_are_those_of_the_steps_that_make_them(design):
    """Login and call are changes of channel; everything else happens where the customer is."""
    run = record(design)
    kinds = {step.id: step.kind for step in run.scenario.designs[design].steps}
    changed = {(fact.case_id, fact.at_ms, fact.step) for fact in run.of(facts.ChannelChanged)}
    entered = {
        (fact.case_id, fact.at_ms, fact.step)
        for fact in run.of(facts.StepEntered)
        if STEP_KINDS[kinds[fact.step]].changes_channel
    }
    assert changed == entered
    assert {kinds[step] for _, _, step in changed} <= {"login", "call_queue"}
