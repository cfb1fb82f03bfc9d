"""The back office by hand-computed schedules: who is worked on when, and what comes of it."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from sandbox.draws import Draws
from sandbox.effects import Answer, AwaitReconciliation, Effect, HandToBackOffice, Rekey
from sandbox.errors import RuleBroken
from sandbox.model import MS_PER_HOUR, MS_PER_MINUTE
from sandbox.simulation.back_office import DOUBLE_ENTRY_ERRORS, BackOfficeDesk, Clerks
from sandbox.simulation.calendar import WorkCalendar
from sandbox.simulation.drive import Running
from sandbox.simulation.events import Clockwork, after
from sandbox.simulation.settings import BackOfficeModel

CALENDAR = WorkCalendar(date(2026, 3, 2), "Europe/London", 5, 480, 1080, 0)
MODEL = BackOfficeModel(
    clerks=2,
    wait_h_median=12.0,
    wait_sigma=0.0,
    touch_min_mean=5.0,
    lost_rate=0.0,
    rekeying_clerks=1,
    rekey_min_mean=3.0,
    error_rate=0.0,
    error_found_rate=0.0,
    chase_after_h=20.0,
    chase_rate=0.0,
    surfaces_rate=0.0,
    surfaces_d_median=7.0,
    surfaces_sigma=0.0,
)
MONDAY_16 = 16 * MS_PER_HOUR
NINE = 9 * MS_PER_HOUR


def clocks(clerks: int, items: list[tuple[int, int, int]]) -> list[str]:
    """When items are done; each is (minutes after Monday 09:00 it is brought, minutes of delay, minutes of work)."""
    env = Clockwork()
    office = Clerks(env, CALENDAR.add_working, clerks)
    done: dict[int, str] = {}

    def bring(nth: int) -> None:
        _, delay, work = items[nth]

        def finished(_: None) -> None:
            done[nth] = CALENDAR.clock(env.now)

        office.take(delay * MS_PER_MINUTE, work * MS_PER_MINUTE, finished)

    for nth, (minute, _, _) in enumerate(items):
        after(env, NINE + minute * MS_PER_MINUTE, bring, nth)
    env.run(until=CALENDAR.end_ms)
    office.check_conserved("the test")
    assert office.waiting == len(items) - len(done)
    return [done.get(nth, "") for nth in range(len(items))]


def monday(*times: str) -> list[str]:
    """Full local times of a Monday."""
    return [f"2026-03-02 {time}:00" for time in times]


def test_one_clerk_works_in_order_of_arrival():
    """Three items of 10, 20 and 5 minutes within a minute: each waits for those before it."""
    assert clocks(1, [(0, 0, 10), (0, 0, 20), (1, 0, 5)]) == monday("09:10", "09:30", "09:35")


def test_two_clerks_take_two_at_a_time():
    """The third item starts when the first clerk is free, not when both are."""
    assert clocks(2, [(0, 0, 10), (0, 0, 20), (1, 0, 5)]) == monday("09:10", "09:20", "09:15")


def test_an_item_joins_the_line_after_its_delay_and_not_before():
    """Who was brought first and joins last is worked on last."""
    assert clocks(1, [(0, 30, 10), (0, 0, 10), (25, 0, 10)]) == monday("09:45", "09:10", "09:35")


def test_work_stops_at_closing_and_goes_on_in_the_morning():
    """A clerk at an item of an hour from 17:30 on finishes it at 08:30; the next one waits until then."""
    found = clocks(1, [(510, 0, 60), (511, 0, 15)])
    assert found == ["2026-03-03 08:30:00", "2026-03-03 08:45:00"]


def test_what_is_brought_at_night_is_begun_in_the_morning():
    """Both clerks begin when the office opens."""
    night = 14 * 60
    assert clocks(2, [(night, 0, 10), (night + 60, 0, 20)]) == ["2026-03-03 08:10:00", "2026-03-03 08:20:00"]


def test_what_is_not_done_by_the_end_waits():
    """Work or a delay beyond the observation leaves items where they are, and the books still hold."""
    week = 50 * 60
    assert clocks(1, [(0, 0, 10), (0, 0, week), (0, 0, 5), (0, week, 5)]) == [*monday("09:10"), "", "", ""]


@pytest.mark.parametrize("slip", ["received", "done", "_busy", "_coming"])
def test_a_vanished_item_is_our_bug(slip: str):
    """Conservation is checked against the line itself."""
    office = Clerks(Clockwork(), CALENDAR.add_working, 1)
    office.take(0, 5, lambda _: None)
    setattr(office, slip, getattr(office, slip) + 1)
    with pytest.raises(RuleBroken, match="items not conserved at the test"):
        office.check_conserved("the test")


# -- the desk ------------------------------------------------------------------------------------------------


class Office:
    """A back office that performs the effects of one flow for each case, begun on Monday at 16:00."""

    def __init__(self, model: BackOfficeModel, *effects: Effect, cases: int = 1) -> None:
        """Run the whole week."""
        self.env = Clockwork()
        self.desk = BackOfficeDesk(self.env, model, CALENDAR, Draws(1))
        self.answers: list[list[Answer]] = [[] for _ in range(cases)]
        performers: Any = {
            HandToBackOffice: self.desk.hand_over,
            Rekey: self.desk.rekey,
            AwaitReconciliation: self.desk.reconcile,
        }

        def flow(case: int) -> Generator[Effect, Answer, str]:
            for effect in effects:
                self.answers[case].append((yield effect))
            return "done"

        for case in range(cases):

            def begin(case: int) -> None:
                Running(self.env, flow(case), performers, (case, 1), lambda _: None)

            after(self.env, MONDAY_16, begin, case)
        self.env.run(until=CALENDAR.end_ms)
        self.items = self.desk.check_conserved()

    @property
    def values(self) -> list[Any]:
        """The answers of the first case."""
        return [answer.value for answer in self.answers[0]]

    @property
    def clocks(self) -> list[str]:
        """When they came, local time."""
        return [CALENDAR.clock(answer.at_ms) for answer in self.answers[0]]


NOTE, KEY = HandToBackOffice(0), Rekey(0, 0, 1.0, double_entry=False)


def test_a_note_is_read_after_its_wait_in_working_time_and_the_time_of_a_clerk():
    """Left on Monday at 16:00 with eleven working hours before it, a note is read on Tuesday at 17:00 and a bit."""
    office = Office(replace(MODEL, wait_h_median=11.0), NOTE)
    touch_ms = office.values[0].touch_ms
    assert touch_ms > 0
    assert office.answers[0][0].at_ms == CALENDAR.closes_ms[1] - MS_PER_HOUR + touch_ms
    assert office.items["read"] == 1


def test_a_lost_note_is_answered_at_once_and_takes_nobodys_time():
    """Nobody will ever work on it; the books count it as lost."""
    office = Office(replace(MODEL, lost_rate=1.0), NOTE)
    assert [(value.readable, value.touch_ms) for value in office.values] == [(False, 0)]
    assert office.clocks == ["2026-03-02 16:00:00"]
    assert (office.items["handed_over"], office.items["lost"]) == (1, 1)


def test_reconciliation_is_a_working_day_later():
    """Asked for on Monday at 16:00, answered on Tuesday at 16:00."""
    office = Office(MODEL, AwaitReconciliation())
    assert office.clocks == ["2026-03-03 16:00:00"]
    assert office.items["waiting_for_reconciliation"] == 0


def test_double_entry_takes_twice_the_time_and_makes_fewer_of_the_same_errors():
    """The same luck: who is wrong in two entries was wrong in one, and about half of those remain."""
    cases, wrong_model = 2_000, replace(MODEL, error_rate=0.4, error_found_rate=1.0, rekeying_clerks=2_000)
    once = Office(wrong_model, KEY, cases=cases)
    twice = Office(wrong_model, KEY._replace(double_entry=True), cases=cases)
    pairs = [
        (one[0].value, two[0].value)
        for one, two in zip(once.answers, twice.answers, strict=True)
        if one and two
    ]
    assert len(pairs) == cases
    assert all(two.touch_ms == 2 * one.touch_ms for one, two in pairs)
    assert all(one.wrong for one, two in pairs if two.wrong)
    shares = [sum(pair[nth].wrong for pair in pairs) / cases for nth in (0, 1)]
    for share, expected in zip(shares, (0.4, 0.4 * DOUBLE_ENTRY_ERRORS), strict=True):
        assert abs(share - expected) < 4 * (expected * (1 - expected) / cases) ** 0.5


@pytest.mark.parametrize(("found_rate", "found"), [(1.0, True), (0.0, False)])
def test_what_is_wrong_is_found_or_not(found_rate: float, found: bool):
    """A wrong item nobody will find is counted as such."""
    office = Office(replace(MODEL, error_rate=1.0, error_found_rate=found_rate), KEY)
    assert [(value.wrong, value.found) for value in office.values] == [(True, found)]
    assert office.items["wrong_unfound"] == (not found)


def test_each_item_of_a_case_has_its_own_luck():
    """A note left again does not take exactly as long as the first."""
    first, second = (Office(MODEL, HandToBackOffice(item)).values[0].touch_ms for item in (0, 1))
    assert first != second


def test_a_note_that_slips_away_is_our_bug():
    """Handed over = lost + read + waiting."""
    office = Office(MODEL, NOTE)
    office.desk._handed += 1
    with pytest.raises(RuleBroken, match="notes not conserved"):
        office.desk.check_conserved()
