from __future__ import annotations

import json
from collections import Counter
from datetime import date
from itertools import pairwise

import pytest

from sandbox import facts
from sandbox.bundle import Bundle
from sandbox.draws import Draws
from sandbox.model import MS_PER_DAY
from scenarios.task import replication_seed
from scenarios.wiring.plan import calendar_of
from tests.scenarios.recorded import ALL_DESIGNS, DESIGNS, STORMY, Recorded, named_runs, record

SATURDAY = 5
CALM = named_runs(ALL_DESIGNS, calm=())
RUNS = CALM | named_runs(DESIGNS, stormy=STORMY)
in_calm = pytest.mark.parametrize("run", CALM.values(), ids=CALM, indirect=True)


@pytest.fixture(params=RUNS.values(), ids=RUNS)
def run(request: pytest.FixtureRequest) -> Recorded:
    """Every shipped design with the shipped faults, those of the headline scenario also in a storm."""
    return record(*request.param)


# -- cases ---------------------------------------------------------------------------------------------------


def test_every_case_ends_in_exactly_one_way(run: Recorded):
    """Triggered and excluded are all cases; recorded, open, expired and excluded are all cases again."""
    triggered, excluded = run.cases(facts.Triggered), run.cases(facts.Excluded)
    assert not triggered & excluded
    assert triggered | excluded == set(range(run.layout.cases))
    assert sum(run.outcome.ends.values()) == run.layout.cases
    assert run.outcome.ends["excluded"] == len(excluded)
    assert run.outcome.ends["recorded"] == len(run.cases(facts.Recorded))


def test_every_planned_touch_was_sent_or_skipped_once(run: Recorded):
    """Eligible = sent + skipped, touch by touch; excluded cases have neither."""
    planned = Counter((fact.case_id, fact.touch) for fact in run.of(facts.Sent) + run.of(facts.TouchSkipped))
    triggered = run.cases(facts.Triggered)
    touches = range(1, 1 + (len(run.scenario.designs[run.design].steps[0].sequence) or 2))
    assert planned == Counter((case, touch) for case in triggered for touch in touches)


def test_the_funnel_only_narrows(run: Recorded):
    """Nobody identifies without engaging or is recorded without acting, and nobody engages unsent."""
    stages = [
        run.cases(kind)
        for kind in (
            facts.Triggered,
            facts.Sent,
            facts.Engaged,
            facts.IdentityProven,
            facts.ActionCompleted,
            facts.Recorded,
        )
    ]
    stages[1] |= run.cases(facts.LetterSent)
    assert all(inner <= outer for outer, inner in pairwise(stages))
    assert stages[-1]


def test_nothing_happens_to_a_case_before_it_is_triggered_or_after_the_end(run: Recorded):
    """Every fact lies within the observation, in the order of time."""
    times = [fact.at_ms for fact in run.facts]
    assert times == sorted(times)
    assert times[-1] < run.layout.end_ms
    triggered = {fact.case_id: fact.at_ms for fact in run.of(facts.Triggered)}
    assert all(fact.at_ms >= triggered[fact.case_id] for fact in run.facts if fact.case_id in triggered)


# -- calls ---------------------------------------------------------------------------------------------------


def test_every_offered_call_is_answered_or_abandoned_once(run: Recorded):
    """No call is lost or counted twice, and every answered one is handled."""
    offered = [fact.call_id for fact in run.of(facts.CallOffered)]
    answered = [fact.call_id for fact in run.of(facts.CallAnswered)]
    abandoned = [fact.call_id for fact in run.of(facts.CallAbandoned)]
    assert len(set(offered)) == len(offered)
    assert Counter(answered + abandoned) == Counter(offered)
    assert sorted(fact.call_id for fact in run.of(facts.CallHandled)) == sorted(answered)


def test_waits_are_the_time_between_offer_and_answer_or_hang_up(run: Recorded):
    """What a call fact says of its wait can be recomputed from two times."""
    offered = {fact.call_id: fact.at_ms for fact in run.of(facts.CallOffered)}
    for fact in run.of(facts.CallAnswered) + run.of(facts.CallAbandoned):
        assert fact.offered_at_ms == offered[fact.call_id]
        assert fact.wait_ms == fact.at_ms - fact.offered_at_ms


def test_calls_are_offered_only_while_the_lines_are_open(run: Recorded):
    """Who calls at night is not offered: they call again at the next opening."""
    calendar = calendar_of(run.scenario.document)
    menu_ms = 5 * 60_000  # ringing and menu may end just after closing
    for fact in run.of(facts.CallOffered):
        assert calendar.is_open(fact.at_ms) or calendar.is_open(fact.at_ms - menu_ms)


def test_redials_stay_within_the_day_of_the_first_call():
    """Where nobody calls on the next day many call again on busy lines, and none of them the next morning."""
    same_day = "call_centre.redial.next_day_rate=0"
    run = record("sms-to-call", ("campaign.messages=6000", "call_centre.agents=0.5", same_day))
    calendar = calendar_of(run.scenario.document)
    again = 0
    for offers in run.by_case(facts.CallOffered).values():
        for before, fact in pairwise(offers):
            if fact.campaign and fact.attempt == before.attempt + 1:
                again += 1
                assert calendar.day_of(fact.at_ms) == calendar.day_of(before.at_ms)
    assert again > 20, again


# -- the core ------------------------------------------------------------------------------------------------


def test_every_recorded_case_has_one_posting_and_the_core_calls_it_complete(run: Recorded):
    """If it does not post it does not count; what counts posted once, whatever the faults did."""
    recorded = run.by_case(facts.Recorded)
    assert all(len(times) == 1 for times in recorded.values())
    assert all(run.postings[case] == 1 for case in recorded)
    assert all(run.accounts[case].complete for case in recorded)


def test_a_complete_case_is_recorded_or_still_being_settled(run: Recorded):
    """The core never knows more than we do, except for answers that are still being asked for."""
    complete = {account.account_id for account in run.accounts if account.complete}
    unknown = {row.command.case_id for row in run.unfinished}
    assert complete - unknown <= run.cases(facts.Recorded) <= complete


@in_calm
def test_without_a_storm_nothing_is_left_unknown(run: Recorded):
    """At the shipped fault rates every posting is settled by the end: both books say the same."""
    complete = {account.account_id for account in run.accounts if account.complete}
    assert complete == run.cases(facts.Recorded)
    assert run.unfinished == []


def test_money_moves_once(run: Recorded):
    """Balances fall by exactly what was paid, no key took effect twice, and every change has its evidence."""
    before = sum(account.balance_minor for account in run.before)
    after = sum(account.balance_minor for account in run.accounts)
    assert before - after == run.totals.paid_minor > 0
    assert run.totals.duplicate_keys == 0
    assert run.totals.postings == sum(run.postings.values()) == run.totals.audit_rows == run.totals.events


@in_calm
def test_recorded_amounts_are_what_the_core_booked(run: Recorded):
    """Our sum of recorded payments is the core's."""
    paid = sum(fact.amount_minor for fact in run.of(facts.Recorded) if fact.action == "pay_now")
    assert paid == run.totals.paid_minor


def test_a_storm_needs_retries_and_loses_little():
    """The storm is real: half the postings take more than one call, and still nearly all are recorded."""
    run = record("in-message", STORMY)
    attempts = [fact.attempts for fact in run.of(facts.Recorded)]
    assert sum(one > 1 for one in attempts) > len(attempts) / 4
    acted = run.cases(facts.ActionCompleted) - run.cases(facts.PostingRefused)
    assert len(acted & run.cases(facts.Recorded)) >= 0.99 * len(acted)


# -- outreach ------------------------------------------------------------------------------------------------

CROWDED = (
    "campaign.touches_per_case=4",
    "campaign.touch_gap_days=1",
    "outreach.messages_per_week_max=2",
    "calendar.working_days=10",
    'outreach.holidays=["2026-03-06"]',
)


def test_messages_leave_inside_the_contact_hours_only():
    """Put off by caps and a holiday, sends reach Saturday: within its hours, never on Sunday or the holiday."""
    run = record("in-message", CROWDED)
    calendar = calendar_of(run.scenario.document)
    days = Counter()
    for fact in run.of(facts.Sent):
        day, clock = calendar.clock(fact.at_ms).split()
        weekday = date.fromisoformat(day).weekday()
        opens, closes = ("09:00:00", "13:00:00") if weekday == SATURDAY else ("08:00:00", "20:00:00")
        assert opens <= clock < closes
        assert weekday <= SATURDAY
        days[day] += 1
    assert days["2026-03-06"] == 0
    assert days["2026-03-07"] > 0


def test_caps_hold_for_every_customer():
    """Four touches on four days under a cap of two a week: nobody gets three within seven days or two in a day."""
    run = record("in-message", CROWDED)
    sends = [[fact.at_ms for fact in sent] for sent in run.by_case(facts.Sent).values()]
    assert max(len(times) for times in sends) > 2
    assert all(
        third - first >= 7 * MS_PER_DAY
        for times in sends
        for first, third in zip(times, times[2:], strict=False)
    )
    assert all(b - a >= MS_PER_DAY for times in sends for a, b in pairwise(times))


def test_who_answers_stop_gets_no_further_message(run: Recorded):
    """Whose STOP reached us is skipped at the next touch and ever after, and nobody else is skipped for it."""
    sequence = run.scenario.designs[run.design].steps[0].sequence
    draws, rate = Draws(replication_seed(1, 0)), run.scenario.document.outreach.opt_out_rate

    def willing(touch: int) -> set[int]:
        stops = draws.uniforms("opts_out", touch, 0, run.layout.cases)
        return {case for case, u in enumerate(stops) if u < rate}

    read = {
        fact.case_id
        for fact in run.of(facts.ReceiptReceived)
        if (fact.touch, fact.status) == (1, "read" if sequence else "delivered")
    }
    skipped = {fact.case_id: fact for fact in run.of(facts.TouchSkipped)[::-1] if fact.reason == "opted_out"}
    assert skipped
    assert read & willing(1) <= set(skipped)
    assert all(
        any(case in willing(touch) for touch in range(1, fact.touch)) for case, fact in skipped.items()
    )
    assert not [
        fact
        for fact in run.of(facts.Sent)
        if fact.case_id in skipped and fact.touch > skipped[fact.case_id].touch
    ]


def test_who_never_consented_gets_no_message_at_all(run: Recorded):
    """Consent comes first."""
    silent = {fact.case_id for fact in run.of(facts.TouchSkipped) if fact.reason == "no_consent"}
    assert silent
    assert not silent & run.cases(facts.Sent)


def test_the_sequence_stops_on_the_cores_record(run: Recorded):
    """No message leaves after the case was recorded; the touch is skipped as complete."""
    recorded = {fact.case_id: fact.at_ms for fact in run.of(facts.Recorded)}
    assert all(fact.at_ms < recorded.get(fact.case_id, run.layout.end_ms) for fact in run.of(facts.Sent))
    complete = {fact.case_id for fact in run.of(facts.TouchSkipped) if fact.reason == "complete"}
    assert complete
    assert all(run.accounts[case].complete for case in complete)


# -- evidence ------------------------------------------------------------------------------------------------


def test_the_trail_verifies_against_the_head_kept_outside(run: Recorded):
    """The chain is whole, and no row was added or cut since the head was taken."""
    assert run.chain.ok, run.chain.problem
    assert run.chain.head_checked
    assert run.chain.rows == len(run.trail)


def test_every_step_that_counts_left_its_evidence(run: Recorded):
    """Sent messages, identities, choices and records stand on the trail as often as they happened."""
    kinds = Counter(row.kind for row in run.trail)
    assert kinds["triggered"] == len(run.of(facts.Triggered))
    assert kinds["message_sent"] == len(run.of(facts.Sent))
    assert kinds["identity_proven"] == len(run.of(facts.IdentityProven))
    assert kinds["posting_recorded"] == len(run.of(facts.Recorded))
    assert kinds["choice_submitted"] + kinds["outcome_agreed"] == len(run.of(facts.Chosen))


def test_every_exception_left_a_complete_bundle(run: Recorded):
    """A person who takes a case over finds what triggered it, what was tried, who it is and why it failed."""
    bundles = [json.loads(row.body) for row in run.trail if row.kind == "exception_bundle"]
    assert len(bundles) == len(run.of(facts.ExceptionRaised))
    assert all(fact.bundle_complete for fact in run.of(facts.ExceptionRaised))
    assert all(set(bundle) == set(Bundle._fields) for bundle in bundles)
    assert all(part or name == "refused" for bundle in bundles for name, part in bundle.items())
    assert bool(bundles) == (run.design not in {"sms-to-call", "bot"})
