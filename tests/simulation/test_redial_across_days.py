"""Who gives up calls again today, on the next working day, or never: by hand, and in whole runs."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, cast

import pytest

from sandbox import facts
from sandbox.draws import Draws
from sandbox.model import MS_PER_HOUR, MS_PER_MINUTE
from sandbox.scorecard.tally import Tally
from sandbox.simulation.behaviour import Behaviour
from sandbox.simulation.call_queue import CallQueue
from sandbox.simulation.drive import Running
from sandbox.simulation.events import Clockwork
from sandbox.simulation.lines import CampaignLines
from scenarios.wiring.centre import centre_of
from scenarios.wiring.people import people_of
from scenarios.wiring.plan import calendar_of
from scenarios.world.spec import load_scenario
from tests.scenarios.recorded import rate, record

DOCUMENT = load_scenario("retail-bank-200k").document
CALENDAR = calendar_of(DOCUMENT)
FRIDAY, MONDAY = 4, 5  # working days counted from the first, a Monday
CASE, TOUCH = 7, 1


class Someone:
    """A visit of one case; only whose it is matters here."""

    case_id, touch = CASE, TOUCH


def lines_at(now_ms: int, next_day_rate: float) -> tuple[CampaignLines, Behaviour]:
    """The campaign's lines at a moment, with everybody's behaviour."""
    env = Clockwork()
    env.run(until=now_ms)
    centre = replace(centre_of(DOCUMENT), next_day_rate={"campaign": next_day_rate})
    draws = Draws(1)
    behaviour = Behaviour(people_of(DOCUMENT), centre, draws)
    sink: Any = None
    return CampaignLines(
        env, CallQueue(env, cast("Any", Tally)), sink, centre, CALENDAR, behaviour, draws, sink
    ), behaviour


def redial(now_ms: int, attempt: int, today_ms: int | None, next_day_rate: float = 1.0) -> tuple[int, bool]:
    """When the case calls again."""
    lines, _ = lines_at(now_ms, next_day_rate)
    return lines.redial(cast("Running", Someone()), attempt, today_ms)


def test_while_the_lines_are_open_they_redial_the_same_day() -> None:
    """Ten minutes later is ten minutes later."""
    noon = CALENDAR.at(FRIDAY, 12 * 60)
    assert redial(noon, 1, 10 * MS_PER_MINUTE) == (10 * MS_PER_MINUTE, True)


@pytest.mark.parametrize("today_ms", [None, 3 * MS_PER_HOUR, 2 * MS_PER_HOUR])
def test_else_they_call_after_the_next_opening(today_ms: int | None) -> None:
    """Who would not redial, or only after closing at 18:00, calls on Monday, as long after opening as they react."""
    at_four = CALENDAR.at(FRIDAY, 16 * 60)
    _, behaviour = lines_at(at_four, 1.0)
    delay = behaviour.response_delay_ms(CASE, TOUCH)
    assert 0 < delay < 10 * MS_PER_HOUR
    assert redial(at_four, 1, today_ms) == (CALENDAR.opens_ms[MONDAY] + delay - at_four, True)


def test_from_a_queue_that_outlasted_closing_the_next_day_is_still_the_next() -> None:
    """Whose patience ends at 18:05 on Friday calls on Monday."""
    late = CALENDAR.closes_ms[FRIDAY] + 5 * MS_PER_MINUTE
    delay, again = redial(late, 1, MS_PER_MINUTE)
    assert again
    assert CALENDAR.day_of(late + delay) == MONDAY


def test_redials_of_all_days_are_bounded_together() -> None:
    """After the scenario's number of redials there is no next day either."""
    noon = CALENDAR.at(FRIDAY, 12 * 60)
    most = DOCUMENT.call_centre.redial.times_max
    assert redial(noon, most, None)[1]
    assert redial(noon, most + 1, None) == (0, False)


def test_nobody_calls_after_the_end_of_the_observation() -> None:
    """On the last working day there is no next one."""
    assert redial(CALENDAR.at(CALENDAR.days - 1, 12 * 60), 1, None) == (0, False)


def test_the_rate_says_how_many_come_back() -> None:
    """A share of 0.3 of those who gave up, the same people every time; none at 0."""
    _, some = lines_at(0, 0.3)
    _, none = lines_at(0, 0.0)
    back = [some.calls_next_day(case, TOUCH, 1) for case in range(20_000)]
    assert sum(back) / len(back) == pytest.approx(0.3, abs=3.9 * (0.21 / len(back)) ** 0.5)
    assert back == [some.calls_next_day(case, TOUCH, 1) for case in range(20_000)]
    assert not any(none.calls_next_day(case, TOUCH, 1) for case in range(20_000))


BUSY = (
    "call_centre.agents=1",
    "call_centre.redial.rate_campaign=0",
    "call_centre.redial.times_max=3",
    "channels.voice.connected_rate=1",
)
BACK = (*BUSY, "call_centre.redial.next_day_rate=1")
GONE = (*BUSY, "call_centre.redial.next_day_rate=0")


def attempts(settings: tuple[str, ...]) -> dict[int, list[list[int]]]:
    """The days of each campaign visit's calls, by case; a first attempt begins a visit."""
    run = record("sms-to-call", settings)
    visits: dict[int, list[list[int]]] = {}
    for fact in run.of(facts.CallOffered):
        if fact.campaign:
            mine = visits.setdefault(fact.case_id, [])
            if fact.attempt == 1:
                mine.append([])
            assert len(mine[-1]) + 1 == fact.attempt
            mine[-1].append(CALENDAR.day_of(fact.at_ms))
    return visits


def test_in_a_run_each_further_call_falls_on_the_next_working_day() -> None:
    """Everybody comes back and nobody redials: a visit's calls are on consecutive working days, at most four."""
    visits = [days for mine in attempts(BACK).values() for days in mine]
    assert max(len(days) for days in visits) == 4
    for days in visits:
        assert days == list(range(days[0], days[0] + len(days)))
    assert all(len(days) == 1 for mine in attempts(GONE).values() for days in mine)


def test_a_visit_that_waits_overnight_ends_like_any_other() -> None:
    """Cases and calls are conserved, nobody is on two visits at once, and coming back gets more cases answered."""
    back, gone = record("sms-to-call", BACK), record("sms-to-call", GONE)
    assert sum(back.outcome.ends.values()) == sum(gone.outcome.ends.values()) == 1_200
    open_since: dict[int, int] = {}
    for fact in back.facts:
        if isinstance(fact, facts.Engaged):
            assert fact.case_id not in open_since
            open_since[fact.case_id] = fact.at_ms
        elif isinstance(fact, (facts.Dropped, facts.CallAnswered)) and fact.case_id >= 0:
            open_since.pop(fact.case_id, None)
    answered = [len({fact.case_id for fact in run.of(facts.CallAnswered)}) for run in (back, gone)]
    assert answered[0] > answered[1]
    assert rate(back.outcome, "completion_rate") > rate(gone.outcome, "completion_rate")


def test_first_calls_are_the_same_with_and_without_a_next_day() -> None:
    """Coming back shifts nobody else's luck: the first call of every first visit is at the same moment."""
    first = [
        {
            fact.case_id: fact.at_ms
            for fact in reversed(record("sms-to-call", settings).of(facts.CallOffered))
            if fact.campaign and fact.attempt == 1
        }
        for settings in (BACK, GONE)
    ]
    assert first[0] == first[1]
