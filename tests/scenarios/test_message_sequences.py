"""Sequences, channels and refusals in whole small runs: who is sent what, when, by which channel, and why not."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from itertools import pairwise

import pytest

from sandbox import facts
from sandbox.draws import Draws
from sandbox.journey.steps.message import PlannedTouch
from sandbox.model import MS_PER_DAY
from sandbox.simulation.behaviour import CONSENT_DRAWS
from scenarios.sweeps.sequences import with_sequence
from scenarios.task import Task, replication_seed
from scenarios.wiring.plan import busy_hours, calendar_of
from scenarios.worker import run_task
from tests.scenarios.recorded import Recorded, record, run, scenario_with

DESIGN = "in-message-sequence"
EVERYBODY = (
    "customers.consent_sms_rate=1",
    "customers.whatsapp_opt_in_rate=1",
    "customers.email_on_file_rate=1",
    "customers.preferred_channel={none: 1, sms: 0, whatsapp: 0, email: 0}",
    "outreach.opt_out_rate=0",
)
SILENT = (*EVERYBODY, "customers.response_rate=0")
"""Everybody may be reached by everything and nobody acts: only the plan decides who is sent what."""


def sent_by(found: Recorded) -> Counter[tuple[int, str]]:
    """Messages by touch and channel."""
    return Counter((fact.touch, fact.channel) for fact in found.of(facts.Sent))


def consenting(channel: str, found: Recorded) -> set[int]:
    """The cases whose customers consent to a channel, drawn again."""
    who = found.scenario.document.customers
    rates = {
        "sms": who.consent_sms_rate,
        "whatsapp": who.whatsapp_opt_in_rate,
        "email": who.email_on_file_rate,
    }
    drawn = Draws(replication_seed(1, 0)).uniforms(CONSENT_DRAWS[channel], 0, 0, found.layout.cases)
    return {case for case, u in enumerate(drawn) if u < rates[channel]}


def test_a_sequence_like_the_campaigns_own_plan_changes_nothing():
    """Two text messages eleven working days apart are what is sent without a sequence: not a byte differs."""
    scenario = scenario_with()
    own = with_sequence(scenario, "in-message", (PlannedTouch("sms"), PlannedTouch("sms", 11)))
    task = Task(own, "in-message", 0, busy_hours(own.document))
    outcome = run_task(task, lambda _: None, lambda: False)
    assert own.designs["in-message"] != scenario.designs["in-message"]
    assert outcome.digest == record("in-message").outcome.digest


def test_each_touch_leaves_by_its_channel_after_its_wait():
    """Everybody may be reached, nobody acts: WhatsApp, SMS two working days later, email five later, same minute."""
    found = record(DESIGN, SILENT)
    triggered = len(found.cases(facts.Triggered))
    assert sent_by(found) == {(1, "whatsapp"): triggered, (2, "sms"): triggered, (3, "email"): triggered}
    calendar = calendar_of(found.scenario.document)
    for touches in found.by_case(facts.Sent).values():
        days = [calendar.day_of(fact.at_ms) for fact in touches]
        assert [after - before for before, after in pairwise(days)] == [2, 5]
        assert len({calendar.clock(fact.at_ms)[11:] for fact in touches}) == 1
        assert days[0] == touches[0].case_id * found.scenario.document.cohort_days // found.layout.cases


def test_the_cases_are_the_same_whatever_the_sequence():
    """Planned touches differ from design to design; cases, their days and who is let in do not."""
    ours, theirs = record(DESIGN), record("in-message")
    assert ours.layout.cases == theirs.layout.cases
    assert ours.of(facts.Triggered) == theirs.of(facts.Triggered)
    assert ours.of(facts.Excluded) == theirs.of(facts.Excluded)


def test_every_touch_leaves_by_a_channel_its_customer_consents_to():
    """The planned channel where consent allows it, else the next consented one; none at all is skipped as such."""
    settings = ("customers.preferred_channel={none: 1, sms: 0, whatsapp: 0, email: 0}",)
    found = record(DESIGN, settings)
    plan = ("whatsapp", "sms", "email")
    consent = {channel: consenting(channel, found) for channel in plan}
    assert len({len(cases) for cases in consent.values()}) == 3
    for fact in found.of(facts.Sent):
        order = plan[fact.touch - 1 :] + plan[: fact.touch - 1]
        assert fact.channel == next(channel for channel in order if fact.case_id in consent[channel])
    nobody = found.cases(facts.Triggered) - set.union(*consent.values())
    assert nobody
    assert nobody == {fact.case_id for fact in found.of(facts.TouchSkipped) if fact.reason == "no_consent"}


def test_a_preferred_channel_is_used_for_every_touch():
    """Who asked for email, and has an address on file, gets nothing else where the design has email at all."""
    found = record(DESIGN, (*SILENT, "customers.preferred_channel={none: 0, sms: 0, whatsapp: 0, email: 1}"))
    assert {channel for _, channel in sent_by(found)} == {"email"}
    assert {fact.channel for fact in record("in-message").of(facts.Sent)} == {"sms"}


# -- refusals ------------------------------------------------------------------------------------------------


def test_a_template_that_is_not_approved_sends_everything_by_the_next_channel():
    """Every WhatsApp touch is refused, told as a fact and in the trail, and leaves by SMS in the same moment."""
    found = record(DESIGN, (*SILENT, "channels.whatsapp.template_approved=false"))
    triggered = len(found.cases(facts.Triggered))
    assert sent_by(found) == {(1, "sms"): triggered, (2, "sms"): triggered, (3, "email"): triggered}
    refused = found.of(facts.SendRefused)
    assert {(fact.touch, fact.channel, fact.reason) for fact in refused} == {
        (1, "whatsapp", "template_not_approved")
    }
    assert len(refused) == triggered == sum(row.kind == "send_refused" for row in found.trail)
    at = {(fact.case_id, fact.touch): fact.at_ms for fact in found.of(facts.Sent)}
    assert all(at[fact.case_id, fact.touch] == fact.at_ms for fact in refused)


def test_the_tier_lets_its_number_of_users_through_and_the_rest_fall_back():
    """Of some hundred first touches a day ten leave by WhatsApp; no moving 24 hours hold more users than that."""
    found = record(
        DESIGN, (*SILENT, "channels.whatsapp.users_per_24_h_max=10", "channels.whatsapp.delivered_rate=1")
    )
    times = [(fact.at_ms, fact.case_id) for fact in found.of(facts.Sent) if fact.channel == "whatsapp"]
    assert len(times) == 10 * found.scenario.document.cohort_days
    for at_ms, _ in times:
        assert len({case for sent_ms, case in times if at_ms - MS_PER_DAY < sent_ms <= at_ms}) <= 10
    assert {fact.reason for fact in found.of(facts.SendRefused)} == {"tier_reached"}
    assert sum(sent_by(found).values()) == 3 * len(found.cases(facts.Triggered))


def test_who_has_no_other_channel_is_skipped_for_the_refusals_reason():
    """Nothing but WhatsApp, and WhatsApp refuses: the touch is skipped as refused, not as a lack of consent."""
    settings = (
        *SILENT,
        "customers.consent_sms_rate=0",
        "customers.email_on_file_rate=0",
        "channels.whatsapp.template_approved=false",
    )
    found = record(DESIGN, settings)
    assert not found.of(facts.Sent)
    skipped = Counter((fact.touch, fact.reason) for fact in found.of(facts.TouchSkipped))
    triggered = len(found.cases(facts.Triggered))
    assert skipped == {(touch, "template_not_approved"): triggered for touch in (1, 2, 3)}
    assert found.outcome.reasons["skipped"] == {"template_not_approved": 3 * triggered}


@pytest.mark.wide
def test_a_message_to_someone_who_acted_within_24_hours_is_free():
    """Two WhatsApp touches a day apart: the second is free for exactly those who acted on the first since."""
    scenario = scenario_with(
        (*EVERYBODY, "customers.response_delay_min_median=30", "core.faults.unavailable_rate=1")
    )
    daily = with_sequence(scenario, "in-message", (PlannedTouch("whatsapp"), PlannedTouch("whatsapp", 1)))
    heard: list[object] = []
    task = Task(daily, "in-message", 0, busy_hours(daily.document))
    run_task(task, lambda _: None, lambda: False, heard.append)
    acted = {
        fact.case_id: fact.at_ms for fact in heard if isinstance(fact, facts.Engaged) and fact.touch == 1
    }
    second = [fact for fact in heard if isinstance(fact, facts.Sent) and fact.touch == 2]
    window = {
        fact.case_id
        for fact in second
        if fact.case_id in acted and acted[fact.case_id] <= fact.at_ms < acted[fact.case_id] + MS_PER_DAY
    }
    free = {fact.case_id for fact in second if not fact.charged}
    assert len(window) > 50
    assert window <= free
    outside = free - window
    undelivered = {
        fact.case_id
        for fact in heard
        if isinstance(fact, facts.ReceiptReceived) and (fact.touch, fact.status) == (2, "failed")
    }
    lost = 0.07 * len(second)  # what was not delivered is not charged either; a report may be missing
    assert undelivered - window <= outside
    assert len(outside) < 1.5 * lost


# -- response ------------------------------------------------------------------------------------------------


def responders(design: str, *settings: str) -> set[int]:
    """Who acts on the first touch."""
    found = record(design, (*EVERYBODY, *settings))
    return {fact.case_id for fact in found.of(facts.Engaged) if fact.touch == 1}


def test_the_same_people_act_on_a_channel_with_a_higher_rate():
    """One draw decides for all channels: who acts on the weaker channel is among those who act on the stronger."""
    surely = ("channels.whatsapp.delivered_rate=1", "channels.whatsapp.read_rate=1")
    weak, middle, strong = (
        responders(DESIGN, *surely, f"customers.channel_response.whatsapp.rate_factor={factor}")
        for factor in (0.5, 1.0, 2.0)
    )
    assert weak < middle < strong
    by_sms = responders("in-message", "channels.sms.delivered_rate=1")
    missed = middle ^ by_sms  # a handset that is off for a day loses the SMS
    assert len(missed) <= 0.02 * len(middle)


def test_nobody_acts_on_a_message_that_is_never_seen():
    """With nothing read, the first touch moves nobody; with nothing in the inbox, the third does not either."""
    assert responders(DESIGN, "channels.whatsapp.read_rate=0") == set()
    found = record(DESIGN, (*EVERYBODY, "channels.email.inbox_rate=0"))
    assert {fact.touch for fact in found.of(facts.Engaged)} == {1, 2}
    assert not [fact for fact in found.of(facts.ReceiptReceived) if (fact.touch, fact.status) == (3, "read")]
    assert [fact for fact in found.of(facts.ReceiptReceived) if (fact.touch, fact.status) == (1, "read")]


def test_messages_are_told_by_channel_and_cost_their_own_price():
    """Dear emails make the run dearer by exactly their number; the outcome says how many left by which channel."""
    plain = record(DESIGN)
    told = Counter(fact.channel for fact in plain.of(facts.Sent))
    assert plain.outcome.messages == dict(told)
    dear = run(DESIGN, ("costs.email=1.001",))
    extra = sum(dear.ratios["cost_per_resolution"][0]) - sum(plain.outcome.ratios["cost_per_resolution"][0])
    assert extra == pytest.approx(told["email"] * 1_000_000, abs=20)


def test_a_slow_provider_delays_what_it_takes():
    """At one message in 333 seconds a day's messages pile up; each is delivered later and none is lost."""
    fast, slow = record(DESIGN, SILENT), record(DESIGN, (*SILENT, "channels.sms.sends_per_s_max=0.003"))
    assert sent_by(fast) == sent_by(slow)

    def mean_delay(found: Recorded) -> float:
        left = {fact.case_id: fact.at_ms for fact in found.of(facts.Sent) if fact.touch == 2}
        waits = [
            fact.at_ms - left[fact.case_id]
            for fact in found.of(facts.ReceiptReceived)
            if (fact.touch, fact.status) == (2, "delivered")
        ]
        return sum(waits) / len(waits)

    assert mean_delay(slow) > mean_delay(fast) + 3_000_000


def test_a_sequence_of_ten_touches_runs():
    """The most there may be, every second one skipped once a case is complete, conservation checked by the engine."""
    scenario = scenario_with(("outreach.messages_per_week_max=7",))
    touches = (
        PlannedTouch("sms"),
        *(PlannedTouch(channel, 1) for channel in ("email", "sms", "whatsapp") * 3),
    )
    ten = with_sequence(scenario, DESIGN, touches)
    heard: Counter[tuple[type, int]] = Counter()

    def listen(fact: tuple[object, ...]) -> None:
        if isinstance(fact, facts.Sent | facts.TouchSkipped):
            heard[type(fact), fact.touch] += 1

    task = replace(Task(ten, DESIGN, 0, busy_hours(ten.document)))
    outcome = run_task(task, lambda _: None, lambda: False, listen)
    for touch in range(1, 11):
        assert heard[facts.Sent, touch] + heard[facts.TouchSkipped, touch] == outcome.funnel["triggered"]
    assert outcome.reasons["skipped"]["complete"] > 0
