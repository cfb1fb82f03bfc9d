from __future__ import annotations

from dataclasses import replace

import pytest

from sandbox import facts
from sandbox.scorecard.outcome import Prices, RunOutcome, close, int64s
from sandbox.scorecard.tally import Fanout, Layout, Tally

HALF_HOUR = 1_800_000
DAY = 86_400_000
LAYOUT = Layout(
    cases=4,
    cohort_days=2,
    opens_ms=[0, DAY, 2 * DAY],
    campaign_days=2,
    slots=2,
    slot_ms=HALF_HOUR,
    busy_slots=frozenset({1}),
    end_ms=3 * DAY,
)
FREE = Prices(agent_hour=0.0, message=0.0, code=0.0, session=0.0, back_office_item=0.0)


def counted(*happened: tuple[object, ...], prices: Prices = FREE) -> RunOutcome:
    """The outcome of these facts: four cases on two cohort days, two half hours a day, two agents on duty."""
    tally = Tally.start(LAYOUT)
    for fact in happened:
        tally.emit(fact)
    return close(tally, prices, [2, 2, 2, 2], {}, b"head")


def triggered(*cases: int) -> list[facts.Triggered]:
    """Cases let in on their cohort day."""
    return [facts.Triggered(case, 1_000 * case, case // 2, "1m", False) for case in cases]


def acted(case: int, at_ms: int = 5_000) -> list[tuple[object, ...]]:
    """A routine case that acts by itself."""
    return [
        facts.Engaged(case, at_ms, 1, "click"),
        facts.Chosen(case, at_ms, "pay_now", 100, True),
        facts.ActionCompleted(case, at_ms, "pay_now", False),
    ]


def recorded(case: int, at_ms: int = 6_000, attempts: int = 1, *, manual: bool = False) -> facts.Recorded:
    """The core's yes."""
    return facts.Recorded(case, at_ms, "pay_now", 100, attempts, manual)


def offered(call: int, at_ms: int, case: int = -1, attempt: int = 1) -> facts.CallOffered:
    """A call reaches the lines; with a case it is the campaign's."""
    return facts.CallOffered(call, case, at_ms, "routine", case >= 0, attempt)


def answered(call: int, offered_ms: int, wait_ms: int, case: int = -1) -> facts.CallAnswered:
    """An agent picks up."""
    return facts.CallAnswered(call, case, offered_ms + wait_ms, wait_ms, case >= 0, offered_ms)


def abandoned(call: int, offered_ms: int, wait_ms: int, case: int = -1) -> facts.CallAbandoned:
    """The caller leaves."""
    return facts.CallAbandoned(call, case, offered_ms + wait_ms, wait_ms, case >= 0, offered_ms, wait_ms == 0)


def test_cases_count_on_the_day_of_their_first_touch():
    """Cases 0 and 1 belong to the first cohort day, 2 and 3 to the second, whenever they are recorded."""
    outcome = counted(*triggered(0, 1, 2), *acted(2), recorded(2, 2 * DAY), *acted(0), recorded(0))
    assert outcome.ratios["completion_rate"] == ([1, 1], [2, 1])
    assert int64s(outcome.resolved_ms).tolist() == [6_000, 2 * DAY - 2_000]


def test_a_silent_customer_is_never_deflected():
    """Deflection counts routine cases recorded without a person; who did nothing is in neither part."""
    outcome = counted(*triggered(0, 1, 2, 3), *acted(0), recorded(0))
    assert outcome.ratios["deflection_rate"] == ([1, 0], [1, 0])


def test_a_call_before_the_record_takes_deflection_away_and_a_call_after_it_does_not():
    """Case 0 spoke to an agent before its record, case 1 rang up to ask about it afterwards."""
    outcome = counted(
        *triggered(0, 1),
        *acted(0),
        *acted(1),
        recorded(1),
        offered(1, 7_000, 0),
        answered(1, 7_000, 0, 0),
        recorded(0, 8_000),
        offered(2, 9_000, 1),
        answered(2, 9_000, 0, 1),
    )
    assert outcome.ratios["deflection_rate"] == ([1, 0], [2, 0])
    assert outcome.ratios["bucket_completed_untouched"] == ([1, 0], [2, 0])


def test_a_change_of_channel_counts_until_the_record_and_not_after_it():
    """Case 0 logged in to act, case 1 called once all was done: only case 1 completed in the message."""
    outcome = counted(
        *triggered(0, 1),
        facts.ChannelChanged(0, 4_000, "login"),
        *acted(0),
        recorded(0),
        *acted(1),
        recorded(1),
        facts.ChannelChanged(1, 9_000, "call_queue"),
    )
    assert outcome.ratios["completion_in_message_rate"] == ([1, 0], [2, 0])


def test_judgement_work_is_not_in_the_base_of_deflection():
    """A dispute and a vulnerable customer leave the base; whoever falls back to a routine choice returns."""
    dispute = facts.Chosen(0, 5_000, "dispute", 0, False)
    outcome = counted(
        *triggered(0, 1),
        facts.Triggered(2, 2_000, 1, "1m", True),
        *acted(0),
        dispute,
        recorded(0),
        dispute._replace(case_id=1),
        *acted(1),
        recorded(1),
        *acted(2),
        recorded(2),
    )
    assert outcome.ratios["deflection_rate"] == ([1, 0], [1, 0])


def test_retries_and_rekeying_are_recorded_and_not_at_first_try():
    """Writeback success counts all three, the first try one."""
    outcome = counted(
        *triggered(0, 1, 2),
        *(fact for case in (0, 1, 2) for fact in acted(case)),
        recorded(0),
        recorded(1, attempts=2),
        recorded(2, manual=True),
    )
    assert outcome.ratios["writeback_success_rate"] == ([2, 1], [2, 1])
    assert outcome.ratios["writeback_first_try_rate"] == ([1, 0], [2, 1])
    assert outcome.ratios["completion_gap"] == ([0, 1], [2, 1])


def test_a_declined_payment_is_no_action_the_core_failed_to_take():
    """A business refusal leaves the base of writeback success; an action on its way stays in it, censored."""
    outcome = counted(*triggered(0, 1), *acted(0), facts.PostingRefused(0, 6_000, "declined"), *acted(1))
    assert outcome.ratios["writeback_success_rate"] == ([0, 0], [1, 0])
    assert int64s(outcome.censored_ms).tolist() == [3 * DAY - 1_000]


def test_a_wait_is_spread_over_the_half_hours_it_lies_in():
    """Ten minutes from 00:25: five in the first half hour and five in the second; the wait belongs to the first."""
    start = HALF_HOUR - 300_000
    outcome = counted(offered(1, start), abandoned(1, start, 600_000))
    assert outcome.slots["waiting_area_ms"] == [300_000, 300_000, 0, 0]
    assert outcome.slots["wait_ms"] == [600_000, 0, 0, 0]
    assert outcome.slots["abandoned"] == [1, 0, 0, 0]


def test_work_beyond_closing_belongs_to_the_last_half_hour():
    """An agent who is on a call at closing finishes it; occupancy may pass one."""
    handled = facts.CallHandled(1, -1, 3 * HALF_HOUR, HALF_HOUR, HALF_HOUR, False)
    outcome = counted(offered(1, HALF_HOUR), answered(1, HALF_HOUR, 0), handled)
    assert outcome.slots["busy_area_ms"] == [0, 2 * HALF_HOUR, 0, 0]
    assert outcome.ratios["agent_occupancy"] == ([2 * HALF_HOUR, 0], [4 * HALF_HOUR, 4 * HALF_HOUR])


def test_calls_count_on_the_day_they_were_offered_and_only_in_the_campaign():
    """Three attempts on two days, one of them a balk; a call of the follow-up is nobody's."""
    outcome = counted(
        offered(1, 0),
        answered(1, 0, 10_000),
        offered(2, DAY + HALF_HOUR),
        abandoned(2, DAY + HALF_HOUR, 30_000),
        offered(3, DAY + HALF_HOUR),
        abandoned(3, DAY + HALF_HOUR, 0),
        offered(4, 2 * DAY),
        abandoned(4, 2 * DAY, 5_000),
    )
    assert outcome.ratios["call_abandonment_rate"] == ([0, 2], [1, 2])
    assert outcome.ratios["call_wait_busy_s"] == ([0, 30_000], [0, 2])
    assert outcome.ratios["call_wait_answered_s"] == ([10_000, 0], [1, 0])
    assert outcome.calls["balked"] == [0, 1]


def test_a_caller_is_lost_only_if_no_attempt_of_the_visit_was_answered():
    """Case 0 hangs up and gets through on redial, case 1 never does, case 2's first attempt did not connect."""
    outcome = counted(
        *(facts.Engaged(case, 0, 1, "call") for case in (0, 1, 2)),
        offered(1, 1_000, 0),
        abandoned(1, 1_000, 500, 0),
        offered(2, 9_000, 0, attempt=2),
        answered(2, 9_000, 0, 0),
        offered(3, 2_000, 1),
        abandoned(3, 2_000, 500, 1),
        offered(4, 9_000, 2, attempt=2),
        answered(4, 9_000, 0, 2),
    )
    assert outcome.ratios["caller_abandonment_rate"] == ([1, 0], [3, 0])
    assert outcome.ratios["campaign_abandonment_rate"] == ([2, 0], [4, 0])


def test_costs_are_summed_in_millionths():
    """One message, one code, one session, half an agent hour and one item, at a price each."""
    prices = Prices(agent_hour=28.0, message=0.04, code=0.03, session=0.08, back_office_item=4.0)
    outcome = counted(
        *triggered(0),
        facts.Sent(0, 0, 1, "sms"),
        facts.ServiceMessageSent(0, 0, "code"),
        *acted(0),
        facts.CallHandled(1, 0, HALF_HOUR, HALF_HOUR - 1_000, 1_000, True),
        facts.BackOfficeDone(0, HALF_HOUR, 1, False),
        recorded(0, HALF_HOUR),
        prices=prices,
    )
    assert outcome.ratios["cost_per_resolution"] == ([18_150_000, 0], [1, 0])


def test_every_price_counts_and_what_is_fixed_is_borne_by_every_case():
    """Two core calls at 2, three cases at 0.5 and 9 fixed: 3 a case, so 4 + 7 on the first day, 3.5 on the second."""
    prices = replace(FREE, case=0.5, core_call=2.0, fixed=9.0)
    tried = facts.PostingTried(0, 5_500, 1, "applied")
    outcome = counted(*triggered(0, 1, 2), *acted(0), tried, tried, recorded(0), prices=prices)
    assert outcome.ratios["cost_per_resolution"] == ([11_000_000, 3_500_000], [1, 0])
    assert outcome.consumed["core_calls"] == [2, 0]
    assert outcome.consumed["cases"] == [2, 1]
    band = outcome.parts["segment"]["1m"].ratios["cost_per_resolution"]
    assert band == outcome.ratios["cost_per_resolution"]


def test_reminders_and_calls_after_acting_are_the_cost_of_a_late_record():
    """Case 0 acted, got a reminder, came back and called twice; the agent's time on the answered call is counted."""
    outcome = counted(
        *triggered(0, 1),
        facts.Sent(0, 0, 1, "sms"),
        facts.Sent(1, 0, 1, "sms"),
        *acted(0),
        facts.Sent(0, 6_000, 2, "sms"),
        facts.Sent(1, 6_000, 2, "sms"),
        facts.Engaged(0, 7_000, 2, "call"),
        offered(1, 7_000, 0),
        abandoned(1, 7_000, 500, 0),
        offered(2, 9_000, 0, attempt=2),
        answered(2, 9_000, 0, 0),
        facts.CallHandled(2, 0, 60_000, 40_000, 5_000, True),
        recorded(0, 90_000, manual=True),
        facts.Sent(0, 99_000, 3, "sms"),
    )
    assert outcome.totals["extra_touches_after_acting"] == [2, 0]
    assert outcome.totals["repeat_calls_after_acting"] == [2, 0]
    assert outcome.totals["repeat_call_agent_min"] == [45_000, 0]
    assert outcome.ratios["repeat_contact_rate"] == ([1, 0], [1, 0])
    assert outcome.ratios["first_touch_resolution_rate"] == ([0, 0], [1, 0])
    assert outcome.ratios["wrap_up_min_per_resolution"] == ([5_000, 0], [1, 0])
    assert (outcome.funnel["recorded"], outcome.funnel["closed"]) == (1, 0)


def test_the_call_in_which_the_customer_acts_is_no_repeat():
    """It reached the lines before they had acted; that the agent is still at it afterwards changes nothing."""
    outcome = counted(
        *triggered(0),
        facts.Engaged(0, 1_000, 1, "call"),
        offered(1, 1_000, 0),
        answered(1, 1_000, 0, 0),
        facts.ActionCompleted(0, 5_000, "pay_now", True),
        facts.CallHandled(1, 0, 9_000, 5_000, 3_000, True),
        recorded(0, 99_000, manual=True),
    )
    assert outcome.totals["repeat_calls_after_acting"] == [0, 0]
    assert outcome.ratios["agent_needed_rate"] == ([1, 0], [1, 0])


def test_who_takes_the_route_to_a_person_is_judged_apart():
    """A vulnerable customer and one without a channel leave every judged rate and have their own."""
    outcome = counted(
        *triggered(0, 2),
        facts.Triggered(1, 1_000, 0, "4m+", True),
        facts.RoutedToPerson(2, 2_000, "no_channel"),
        *acted(0),
        recorded(0),
        *acted(1),
        facts.ExceptionRaised(1, 5_000, "vulnerable", True),
        recorded(1),
    )
    assert outcome.totals["person_route_cases"] == [1, 1]
    assert outcome.ratios["person_route_completion_rate"] == ([1, 0], [1, 1])
    for name in ("exception_rate", "agent_needed_rate", "bucket_unresolved"):
        assert outcome.ratios[name] == ([0, 0], [1, 0]), name
    assert outcome.ratios["deflection_rate"] == ([1, 0], [1, 0])
    assert outcome.ratios["completion_rate"] == ([2, 0], [2, 1])
    assert outcome.parts["route"]["person"].ratios["completion_rate"] == ([1, 0], [1, 1])
    assert outcome.parts["segment"]["4m+"].ratios["completion_rate"] == ([1, 0], [1, 0])
    assert outcome.reasons["person_route"] == {"no_channel": 1}


def test_exceptions_have_a_quality():
    """One case of two has whole bundles; finding out took four minutes; an unsettled posting is to reconcile."""
    outcome = counted(
        *triggered(0, 1),
        facts.ExceptionRaised(0, 1_000, "identity_failed", True),
        facts.ExceptionRaised(1, 1_000, "core_unavailable", False),
        facts.ExceptionRaised(1, 2_000, "identity_failed", True),
        facts.DiscoveryDone(1, 3_000, 240_000),
        facts.ReconciliationItem(0, 4_000, "rekeyed_wrongly"),
    )
    assert outcome.ratios["exception_bundle_complete_rate"] == ([1, 0], [2, 0])
    assert outcome.ratios["discovery_min_per_handover"] == ([240_000, 0], [2, 0])
    assert outcome.ratios["reconciliation_per_1000_cases"] == ([2, 0], [2, 0])


def test_duplicates_and_breaches_are_counted_one_by_one():
    """A second effect is also an item to reconcile, and a recorded case with one is not at rest."""
    breach = facts.ContactBreach(2, 3_000, "quiet_hours")
    outcome = counted(
        *triggered(0, 2), *acted(0), recorded(0), facts.DuplicateEffect(0, 7_000), breach, breach
    )
    assert outcome.totals["duplicate_effects"] == [1, 0]
    assert outcome.totals["contact_breaches"] == [0, 2]
    assert outcome.ratios["reconciliation_per_1000_cases"] == ([1, 0], [1, 1])
    assert outcome.funnel["closed"] == 0


def test_money_is_payments_and_promises_kept():
    """100 paid, 70 promised and kept, 30 promised and broken, 20 promised and not yet due."""
    promise = recorded(1)._replace(action="promise_to_pay", amount_minor=70)
    outcome = counted(
        *triggered(0, 1, 2, 3),
        recorded(0),
        promise,
        promise._replace(case_id=2, amount_minor=30),
        promise._replace(case_id=3, amount_minor=20),
        facts.PromiseKept(1, DAY, 70),
        facts.PromiseBroken(2, DAY, 30),
    )
    totals = outcome.totals
    assert totals["money_collected"] == [170, 0]
    assert totals["money_promised"] == [70, 50]
    assert (totals["promises_made"], totals["promises_due"]) == ([1, 2], [1, 1])
    assert outcome.ratios["promise_kept_rate"] == ([1, 0], [1, 1])
    assert outcome.ratios["money_collected_per_case"] == ([170, 0], [2, 2])


def test_an_open_counts_only_where_a_channel_reports_opens():
    """Without one read receipt in the run opens do not apply; with one they have every message's case as base."""
    sent = [facts.Sent(case, 0, 1, "whatsapp") for case in (0, 1)]
    silent = counted(*triggered(0, 1), *sent)
    assert silent.ratios["open_rate"] == ([0, 0], [0, 0])
    assert silent.funnel["opened"] is silent.funnel["clicked"] is None
    read = counted(*triggered(0, 1), *sent, facts.ReceiptReceived(0, 9, 1, "read"))
    assert read.ratios["open_rate"] == ([1, 0], [2, 0])
    assert read.funnel["opened"] == 1


@pytest.mark.parametrize("change", ["facts", "order of ties", "audit head", "ends"])
def test_the_digest_is_the_digest_of_what_counts(change):
    """Another fact, audit head or ending is another digest; the order of equal facts is not."""
    tally, other = Tally.start(LAYOUT), Tally.start(LAYOUT)
    happened = [*triggered(0, 1), *acted(0), *acted(1), recorded(0)]
    for fact in happened:
        tally.emit(fact)
    swapped = [*triggered(1, 0), *acted(1), *acted(0), recorded(0)]
    for fact in swapped if change == "order of ties" else happened:
        other.emit(fact)
    if change == "facts":
        other.emit(recorded(1))
    ends = {"open": 1} if change == "ends" else {}
    head = b"other" if change == "audit head" else b"head"
    one, two = close(tally, FREE, [2] * 4, {}, b"head"), close(other, FREE, [2] * 4, ends, head)
    assert (one.digest == two.digest) == (change == "order of ties")


def test_listeners_hear_every_fact_in_order():
    """A fan-out hands each fact to all, and claims to hear any kind."""
    first: list[object] = []
    second: list[object] = []
    sink = Fanout([first.append, second.append])
    for fact in triggered(0, 1):
        sink.emit(fact)
    assert first == second == triggered(0, 1)
    assert facts.LineClosed in sink.heard


def test_the_tally_hears_only_what_counts():
    """Kinds no metric needs are not even built on the hot path."""
    heard = Tally.start(LAYOUT).heard
    assert facts.Recorded in heard
    assert facts.LineClosed not in heard
