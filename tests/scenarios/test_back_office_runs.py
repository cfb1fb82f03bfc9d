"""The back office inside whole runs: its books, what late items cost, and the calls it brings back."""

from __future__ import annotations

from collections import Counter
from contextlib import ExitStack
from functools import cache
from itertools import pairwise

import pytest

from sandbox import facts
from sandbox.errors import BadInput
from sandbox.journey.posting import unkeyed_notes
from sandbox.model import MS_PER_HOUR
from sandbox.scorecard.tally import Fanout
from sandbox.simulation.engine import Engine
from sandbox.simulation.world import RunEnd
from scenarios.task import Task
from scenarios.wire import Hooks, wire
from scenarios.wiring.centre import office_hours_of
from scenarios.wiring.plan import busy_hours, calendar_of
from tests.scenarios.recorded import Recorded, record, scenario_with

BLOCK = "back_office"
NOBODY_ASKS = (f"{BLOCK}.chasing.rate=0", f"{BLOCK}.chasing.failure_rate=0")
NO_FAILURES = (f"{BLOCK}.lost_rate=0", f"{BLOCK}.error_rate=0")
EVERYBODY_ASKS = (f"{BLOCK}.chasing.rate=1", f"{BLOCK}.chasing.failure_rate=1")
BUSY_OFFICE = ("call_centre.agents=8", f"{BLOCK}.lost_rate=0.1", f"{BLOCK}.error_rate=0.2")
TROUBLED = (*EVERYBODY_ASKS, *BUSY_OFFICE, f"{BLOCK}.chasing.failure_after_d_median=2")


@cache
def ended(design: str, settings: tuple[str, ...] = ()) -> tuple[RunEnd, list[tuple[object, ...]]]:
    """A small run's own end, with all its facts."""
    scenario = scenario_with(settings)
    heard: list[tuple[object, ...]] = []
    hooks = Hooks(lambda _day, _cases: None, lambda: False, lambda _: Fanout([heard.append]))
    with ExitStack() as stack:
        wired = wire(Task(scenario, design, 0, busy_hours(scenario.document)), hooks, stack)
        return Engine(wired.world).run(), heard


# -- the books -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("slow", [(), (f"{BLOCK}.wait_h_median=100", f"{BLOCK}.rekey_min_mean=600")])
def test_every_item_is_done_waiting_or_lost(slow: tuple[str, ...]):
    """What the office counts at the end is what the facts say, stage by stage; a slow one has much waiting."""
    end, heard = ended("sms-to-call", (*BUSY_OFFICE, *slow))
    items, kinds = end.items, Counter(type(fact) for fact in heard)
    failed = Counter(fact.reason for fact in heard if isinstance(fact, facts.ItemFailed))
    read = sum(isinstance(fact, facts.StepEntered) and fact.step == "manual_writeback" for fact in heard)
    assert items["handed_over"] == kinds[facts.HandedToBackOffice] > 100
    assert items["lost"] == failed["lost"] > 0
    assert items["read"] == read
    assert items["waiting_to_be_read"] == items["handed_over"] - items["lost"] - items["read"]
    assert items["keyed"] == kinds[facts.BackOfficeDone]
    again = kinds[facts.ReconciliationItem]
    assert items["waiting_to_be_keyed"] == read + again - items["keyed"]
    assert items["wrong_unfound"] == failed["wrong"]
    waiting = sum(number for place, number in items.items() if place.startswith("waiting"))
    right = sum(isinstance(fact, facts.BackOfficeDone) and not fact.error for fact in heard)
    assert items["handed_over"] == right + items["lost"] + items["wrong_unfound"] + waiting
    assert (waiting > 20) == bool(slow)


def test_a_case_has_one_item_at_a_time():
    """A note is left again only after the one before came to nothing."""
    live: set[int] = set()
    for fact in record("sms-to-call", TROUBLED).facts:
        if isinstance(fact, facts.HandedToBackOffice):
            assert fact.case_id not in live
            live.add(fact.case_id)
        elif isinstance(fact, facts.ItemFailed | facts.Recorded | facts.PostingRefused):
            live.discard(fact.case_id)


def test_what_waits_can_be_rebuilt_from_the_trail():
    """After a restart the stored rows give back every note nobody has keyed, with key and fingerprint."""
    run = record("sms-to-call", (*BUSY_OFFICE, *NOBODY_ASKS, f"{BLOCK}.wait_h_median=60"))
    keyed = {fact.case_id for fact in run.of(facts.BackOfficeDone) if not fact.error}
    notes = unkeyed_notes(run.trail)
    assert {note.case_id for note in notes} == run.cases(facts.HandedToBackOffice) - keyed
    assert len(notes) > 20
    assert len({note.key for note in notes}) == len(notes)
    intents = {row.command.key for row in run.unfinished}
    assert not intents & {note.key for note in notes}


def test_items_are_done_in_the_office_s_own_hours():
    """An office open from nine to noon keys nothing before or after; the lines keep theirs."""
    run = record("sms-to-call", (f'{BLOCK}.hours=["09:00", "12:00"]',))
    calendar = calendar_of(run.scenario.document)
    office = office_hours_of(run.scenario.document, calendar)
    assert run.of(facts.BackOfficeDone)
    for fact in run.of(facts.BackOfficeDone):
        day = office.day_of(fact.at_ms)
        assert (
            office.opens_ms[day]
            < fact.at_ms
            <= office.closes_ms[day]
            == office.opens_ms[day] + 3 * MS_PER_HOUR
        )
    assert max(calendar.clock(fact.at_ms)[11:] for fact in run.of(facts.CallOffered)) > "17"


@pytest.mark.parametrize("hours", ['["12:00", "09:00"]', '["9", "12:00"]', "08:00"])
def test_hours_that_are_none_are_refused(hours: str):
    """Opening comes before closing, both are clock times."""
    with pytest.raises(BadInput, match=r"back_office\.hours"):
        scenario_with((f"{BLOCK}.hours={hours}",))


# -- what a late record costs --------------------------------------------------------------------------------


def repeats(settings: tuple[str, ...]) -> tuple[int, int]:
    """Messages sent to, and calls taken from, customers who have acted and are not in the core yet."""
    acted: set[int] = set()
    sent = calls = 0
    for fact in record("sms-to-call", (*NOBODY_ASKS, *NO_FAILURES, *settings)).facts:
        match fact:
            case facts.ActionCompleted():
                acted.add(fact.case_id)
            case facts.Recorded() | facts.PostingRefused():
                acted.discard(fact.case_id)
            case facts.Sent():
                sent += fact.case_id in acted
            case facts.CallAnswered():
                calls += fact.case_id in acted
    return sent, calls


@pytest.mark.parametrize(
    "slower",
    [
        [f"{BLOCK}.wait_h_median={hours}" for hours in (2, 60, 120, 240)],
        [f"{BLOCK}.rekey_min_mean={minutes}" for minutes in (3, 240, 480, 960)],
        [f"{BLOCK}.touch_min_mean={minutes}" for minutes in (5, 400, 800, 1600)],
    ],
    ids=["pick-up", "keying", "reading"],
)
@pytest.mark.wide
def test_a_slower_office_means_more_reminders_and_more_repeat_calls(slower: list[str]):
    """Stop-on-completion reads the record: the same customers, reached again and calling again, ever more often."""
    found = [repeats((setting,)) for setting in slower]
    assert found[0][0] <= 2
    assert all(later[0] > earlier[0] for earlier, later in pairwise(found)), found
    assert all(later[1] >= earlier[1] for earlier, later in pairwise(found)), found
    assert found[-1][1] > found[0][1] + 10


def test_the_customer_is_free_while_the_item_waits():
    """Between handing on and the record the same customers act on the next message: a visit of its own."""
    run = record("sms-to-call", (*NOBODY_ASKS, f"{BLOCK}.wait_h_median=150", f"{BLOCK}.wait_sigma=0.1"))
    handed = {fact.case_id: fact.at_ms for fact in run.of(facts.HandedOn)}
    recorded = {fact.case_id: fact.at_ms for fact in run.of(facts.Recorded)}
    between = [
        fact
        for fact in run.of(facts.Engaged)
        if handed.get(fact.case_id, fact.at_ms) < fact.at_ms < recorded.get(fact.case_id, run.layout.end_ms)
    ]
    assert len(between) > 20
    waited_h = [(recorded[case] - handed[case]) / MS_PER_HOUR for case in recorded]
    assert min(waited_h) > 24


# -- calls the office causes ---------------------------------------------------------------------------------


def demands(run: Recorded) -> Counter[str]:
    """Calls by cause."""
    return Counter(fact.cause for fact in run.of(facts.FailureDemand))


def test_who_is_not_recorded_in_time_asks_at_the_very_moment():
    """Everybody asks: exactly those whose item is late, ten working hours after the note, in the common queue."""
    settings = (
        f"{BLOCK}.chasing.rate=1",
        f"{BLOCK}.chasing.failure_rate=0",
        f"{BLOCK}.chasing.after_h=10",
        f"{BLOCK}.lost_rate=0",
        f"{BLOCK}.error_rate=0",
    )
    run = record("sms-to-call", settings)
    calendar = calendar_of(run.scenario.document)
    handed = {fact.case_id: fact.at_ms for fact in run.of(facts.HandedToBackOffice)}
    due = {case: calendar.add_working(at_ms, 10 * MS_PER_HOUR) for case, at_ms in handed.items()}
    asked = {fact.case_id: fact.at_ms for fact in run.of(facts.FailureDemand)}
    assert all(at_ms == due[case] for case, at_ms in asked.items())
    ended_ms = {fact.case_id: fact.at_ms for fact in run.of(facts.Recorded) + run.of(facts.PostingRefused)}
    late = {
        case for case, at_ms in due.items() if at_ms is not None and ended_ms.get(case, at_ms + 1) > at_ms
    }
    assert set(asked) <= late
    assert len(asked) >= len(late) - 2, "but for who is on the phone at that moment"
    calls = [fact for fact in run.of(facts.CallOffered) if fact.intent == "chase"]
    assert all(fact.campaign for fact in calls)
    assert {fact.case_id for fact in calls} <= set(asked)
    assert len({fact.case_id for fact in calls}) > 0.98 * len(asked)
    assert demands(run) == {"late": len(asked)}


def test_a_lost_or_wrong_item_comes_back_as_a_call_and_is_done_again():
    """An answered question leaves a new note, nothing else does; what stays silent stays out of the core."""
    silent = record("sms-to-call", (*BUSY_OFFICE, *NOBODY_ASKS))
    run = record("sms-to-call", TROUBLED)
    causes = demands(run)
    assert min(causes["lost"], causes["wrong"], causes["late"]) > 5
    assert not demands(silent)
    for told in (silent.by_case(facts.HandedToBackOffice), silent.by_case(facts.Chosen)):
        assert all(len(each) <= 2 for each in told.values())
    story: dict[int, str] = {}
    for fact in run.facts:
        if isinstance(fact, facts.ItemFailed):
            story[fact.case_id] = fact.reason
        elif isinstance(fact, facts.FailureDemand):
            assert fact.cause == story.get(fact.case_id, "late")
        elif isinstance(fact, facts.HandedToBackOffice):
            story.pop(fact.case_id, None)
    again = [case for case, notes in run.by_case(facts.HandedToBackOffice).items() if len(notes) > 1]
    assert len(again) > 10
    assert len(run.cases(facts.Recorded)) > len(silent.cases(facts.Recorded)) + 10
    assert run.outcome.ends["open"] < silent.outcome.ends["open"]


def test_questions_cost_calls_and_agents_time():
    """The lines carry the office's failures: same customers, more campaign calls, more agent hours."""
    silent, run = record("sms-to-call", (*BUSY_OFFICE, *NOBODY_ASKS)), record("sms-to-call", TROUBLED)
    for series in ("campaign_offered", "campaign_busy_ms"):
        assert sum(run.outcome.calls[series]) > sum(silent.outcome.calls[series])


def test_no_back_office_no_questions():
    """A design that posts at once cannot be asked after."""
    run = record("in-message", TROUBLED)
    assert not demands(run)
    assert not run.of(facts.HandedOn)


# -- self-service with a capacity ----------------------------------------------------------------------------


def test_a_login_page_that_lets_in_few_loses_more():
    """The same customers, a narrower door each time: fewer get in, and without a limit nobody waits."""
    narrow = [
        record("portal", (f"designs.portal.login.capacity_per_min={per_min}",)) for per_min in (0.02, 0.1, 5)
    ]
    free = record("portal")
    got_in = [len(run.cases(facts.IdentityProven)) for run in (*narrow, free)]
    assert got_in[0] < got_in[1] < got_in[2] <= got_in[3]
