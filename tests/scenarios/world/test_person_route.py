"""The route to a person: a letter for those no message may reach, a person for those policy wants to have one."""

from __future__ import annotations

from statistics import median

import pytest

from sandbox import facts
from sandbox.draws import Draws
from sandbox.model import MS_PER_DAY
from scenarios.evidence.trace import trace_case
from scenarios.run import CompareRequest
from scenarios.task import replication_seed
from scenarios.world.person_route import without_person_route
from tests.scenarios.recorded import SMALL, Recorded, record, run

NOBODY = ("customers.consent_sms_rate=0", "outreach.letter.response_rate=1", "outreach.letter.address_rate=1")
"""No message may be sent at all; everybody is written to and calls."""
DESIGNS = ("sms-to-call", "portal", "in-message", "hybrid")


def no_channel(found: Recorded) -> set[int]:
    """The cases routed to a person because no channel reaches them."""
    return {fact.case_id for fact in found.of(facts.RoutedToPerson) if fact.reason == "no_channel"}


@pytest.mark.parametrize("design", DESIGNS)
def test_who_has_no_channel_and_an_address_gets_one_letter_and_no_message(design):
    """Who is skipped for lack of consent is routed and, where there is an address, written to; nobody else is."""
    found = record(design)
    routed = no_channel(found)
    skipped = {fact.case_id for fact in found.of(facts.TouchSkipped) if fact.reason == "no_consent"}
    drawn = Draws(replication_seed(1, 0)).uniforms("letter_address", 0, 0, found.layout.cases)
    reachable = {case for case in routed if drawn[case] < 0.97}
    assert routed == skipped
    assert reachable == found.cases(facts.LetterSent)
    assert len(found.of(facts.LetterSent)) == len(reachable)
    assert not routed & found.cases(facts.Sent)
    assert sum(row.kind == "letter_sent" for row in found.trail) == len(reachable)


@pytest.mark.parametrize("design", DESIGNS)
def test_who_answers_a_letter_calls_as_judgement_work_and_is_recorded_by_a_person(design):
    """Nobody clicks anything: every visit begins at the call queue, every outcome is an agent's."""
    found = record(design, NOBODY)
    assert not found.of(facts.Sent)
    engaged = found.cases(facts.Engaged)
    assert engaged <= found.cases(facts.LetterSent)
    assert len(engaged) > 0.95 * len(found.cases(facts.LetterSent))  # a few letters outlast the observation
    assert {fact.via for fact in found.of(facts.Engaged)} == {"call"}
    called = {fact.intent for fact in found.of(facts.CallOffered) if fact.campaign}
    assert called - {"chase"} == {"judgement"}  # some ask later what became of it
    assert {fact.step for fact in found.of(facts.StepEntered)} <= {
        "call_queue",
        "agent",
        "back_office",
        "agent_write_back",
        "manual_writeback",
    }
    recorded = found.cases(facts.Recorded)
    assert recorded
    assert recorded <= {fact.case_id for fact in found.of(facts.CallAnswered)}
    assert not found.of(facts.ExceptionRaised)


def test_a_letter_takes_its_days():
    """From sending to the call, before the lines' own hours, the median is the scenario's four days."""
    found = record("in-message", (*NOBODY, "outreach.letter.delay_sigma=0.3"))
    sent = {fact.case_id: fact.at_ms for fact in found.of(facts.LetterSent)}
    waited = [fact.at_ms - sent[fact.case_id] for fact in found.of(facts.Engaged)]
    assert median(waited) == pytest.approx(4 * MS_PER_DAY, rel=0.05)


def test_the_same_customers_answer_their_letters_in_every_design():
    """Who calls after a letter, and when, is no design's doing."""
    answers = [
        sorted((fact.case_id, fact.at_ms) for fact in record(design, NOBODY).of(facts.Engaged))
        for design in DESIGNS
    ]
    assert answers[0]
    assert all(one == answers[0] for one in answers[1:])


def test_letters_cost_what_the_scenario_says():
    """A pound more for a letter makes the campaign dearer by a pound for each."""
    cheap, dear = record("in-message"), run("in-message", ("costs.letter=1.60",))
    extra = sum(dear.ratios["cost_per_resolution"][0]) - sum(cheap.outcome.ratios["cost_per_resolution"][0])
    assert extra == pytest.approx(len(cheap.of(facts.LetterSent)) * 1_000_000, abs=20)


def test_without_addresses_nobody_is_written_to_and_the_route_is_told_all_the_same():
    """Those who cannot be reached at all are counted, too."""
    found = record("in-message", ("outreach.letter.address_rate=0",))
    assert no_channel(found)
    assert not found.of(facts.LetterSent)
    assert not no_channel(found) & found.cases(facts.Engaged)


def test_a_sequence_leaves_fewer_customers_without_a_channel():
    """Who cannot be sent an SMS may be written to by WhatsApp or email, and then needs no letter."""
    assert no_channel(record("in-message-sequence")) < no_channel(record("in-message"))


@pytest.mark.parametrize("design", ["portal", "in-message", "hybrid"])
def test_vulnerable_customers_who_come_to_the_choice_are_routed_to_a_person(design):
    """Policy's own reason is told, for vulnerable customers alone and never for one who was offered anything."""
    found = record(design)
    routed = {fact.case_id for fact in found.of(facts.RoutedToPerson) if fact.reason == "vulnerable"}
    vulnerable = {fact.case_id for fact in found.of(facts.Triggered) if fact.vulnerable}
    assert routed
    assert routed <= vulnerable
    offered = {fact.case_id for fact in found.of(facts.OptionsShown) if fact.allowed}
    assert not routed & offered


def test_a_trace_tells_letters_refusals_and_channels():
    """One customer's story names the channel of each touch, why a provider refused it, and the way to a person."""
    request = CompareRequest("retail-bank-200k", (*SMALL, "channels.whatsapp.template_approved=false"))
    found = record("in-message-sequence", ("channels.whatsapp.template_approved=false",))

    def told(case: int) -> list[str]:
        return [line.text for line in trace_case(request, "in-message-sequence", case, lambda: False).lines]

    written_to = min(found.cases(facts.LetterSent))
    story = told(written_to)
    assert "takes the route to a person: no_channel" in story
    assert "letter sent: no message may reach them; it asks them to call" in story
    assert "touch 1 not sent: no_consent" in story
    refused = min(found.cases(facts.SendRefused))
    assert "touch 1 refused by whatsapp: template_not_approved" in told(refused)


def test_only_a_design_without_a_call_queue_has_no_route():
    """All shipped designs have one."""
    assert without_person_route(record("portal").scenario.designs) == []
