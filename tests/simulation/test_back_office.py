from __future__ import annotations

from datetime import date

import pytest

from sandbox.draws import Draws
from sandbox.model import MS_PER_HOUR
from sandbox.simulation.back_office import BackOfficeDesk
from sandbox.simulation.calendar import WorkCalendar
from sandbox.simulation.events import Clockwork, after
from sandbox.simulation.settings import BackOfficeModel
from tests.writeback.bench import Facts, command

CALENDAR = WorkCalendar(date(2026, 3, 2), "Europe/London", 5, 480, 1080, 0)
EXACT = BackOfficeModel(
    wait_h_median=12.0, wait_sigma=0.0, touch_min_mean=0.0, error_rate=0.0, error_found_rate=0.0
)


class Office:
    """A back office that receives one note at a given hour of Monday."""

    def __init__(self, model: BackOfficeModel, left_at_h: float = 16.0) -> None:
        """Run the whole week."""
        env, self.facts, self.posted = Clockwork(), Facts(), []
        desk = BackOfficeDesk(
            env, model, CALENDAR, Draws(1), self.facts, lambda note: self.posted.append((env.now, note))
        )
        after(env, round(left_at_h * MS_PER_HOUR), lambda _event: desk.receive(command()))
        env.run(until=CALENDAR.end_ms)

    @property
    def clocks(self) -> list[str]:
        """When postings were made, local time."""
        return [CALENDAR.clock(at_ms) for at_ms, _ in self.posted]


def test_a_note_is_rekeyed_after_its_wait_in_working_time():
    """Left on Monday at 16:00 with twelve working hours before it, a note is posted on Tuesday at 18:00."""
    office = Office(EXACT)
    assert office.clocks == ["2026-03-03 18:00:00"]
    assert office.posted[0][1] == command()
    assert [fact.error for fact in office.facts] == [False]


def test_touch_time_comes_on_top_of_the_wait():
    """What a person spends on an item is part of when it is done, and of what it costs."""
    office = Office(BackOfficeModel(12.0, 0.0, 8.0, 0.0, 0.0))
    touch_ms = office.facts[0].touch_ms
    assert touch_ms > 0
    assert office.posted[0][0] == CALENDAR.opens_ms[2] + touch_ms


def test_a_rekeying_error_that_is_found_is_done_again_a_working_day_later():
    """Reconciliation finds it the next day; every attempt is counted, none but a right one reaches the core."""
    office = Office(BackOfficeModel(1.0, 0.0, 0.0, 1.0, 1.0))
    times = [CALENDAR.clock(fact.at_ms) for fact in office.facts]
    assert times[:3] == ["2026-03-02 17:00:00", "2026-03-03 17:00:00", "2026-03-04 17:00:00"]
    assert {fact.error for fact in office.facts} == {True}
    assert office.posted == []


def test_an_error_nobody_finds_stays_wrong():
    """The core never learns of it."""
    office = Office(BackOfficeModel(1.0, 0.0, 0.0, 1.0, 0.0))
    assert len(office.facts) == 1
    assert office.posted == []


@pytest.mark.parametrize("wait_h", [45.0, 1_000.0])
def test_what_is_not_reached_by_the_end_stays_open(wait_h):
    """A queue longer than the observation leaves the note where it is."""
    office = Office(BackOfficeModel(wait_h, 0.0, 0.0, 0.0, 0.0))
    assert office.posted == []
    assert list(office.facts) == []
