from __future__ import annotations

from datetime import date
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.model import MS_PER_DAY, MS_PER_HOUR, MS_PER_MINUTE
from sandbox.simulation.calendar import WorkCalendar

HOUR, DAY = MS_PER_HOUR, MS_PER_DAY


def calendar(start: date = date(2026, 3, 2), **changes) -> WorkCalendar:
    """The headline month: 22 working days from Monday 2 March 2026 in London, 08:00 to 18:00."""
    plan = {"zone": "Europe/London", "working_days": 22, "open_min": 480, "close_min": 1080}
    return WorkCalendar(start, **{**plan, "follow_up_days": 14, **changes})


MARCH = calendar()


def test_a_month_is_its_working_days_plus_the_follow_up():
    """22 working days end on Tuesday 31 March; 14 calendar days after it hold ten more."""
    assert MARCH.days == 22 + 10
    assert MARCH.clock(MARCH.opens_ms[0]) == "2026-03-02 08:00:00"
    assert MARCH.clock(MARCH.opens_ms[21]) == "2026-03-31 08:00:00"
    assert MARCH.clock(MARCH.end_ms) == "2026-04-15 00:00:00"
    assert MARCH.slots == 20


def test_weekends_are_closed():
    """Between Friday and Monday lie three days, between the others one."""
    gaps = {b - a for a, b in pairwise(MARCH.opens_ms[:20])}
    assert gaps == {DAY, 3 * DAY}
    friday = MARCH.opens_ms[4]
    assert not MARCH.is_open(friday + DAY + HOUR)


def test_a_start_on_a_weekend_moves_to_monday_and_keeps_time_zero_at_its_own_midnight():
    """Time 0 is midnight of the day named; the lines open on the first working day after it."""
    saturday = calendar(date(2026, 2, 28))
    assert saturday.opens_ms[0] == 2 * DAY + 8 * HOUR
    assert saturday.clock(0) == "2026-02-28 00:00:00"


def test_opening_stays_at_eight_by_the_clock_when_summer_time_begins():
    """The night of 29 March 2026 is an hour short in London: Monday opens an hour of real time earlier."""
    friday, monday = MARCH.opens_ms[19], MARCH.opens_ms[20]
    assert MARCH.clock(friday) == "2026-03-27 08:00:00"
    assert MARCH.clock(monday) == "2026-03-30 08:00:00"
    assert monday - friday == 3 * DAY - HOUR
    assert MARCH.closes_ms[20] - MARCH.opens_ms[20] == 10 * HOUR
    assert MARCH.end_ms == 44 * DAY - HOUR


def test_opening_stays_at_eight_by_the_clock_when_summer_time_ends():
    """The night of 25 October 2026 is an hour long."""
    autumn = calendar(date(2026, 10, 23), working_days=2)
    assert autumn.opens_ms[1] - autumn.opens_ms[0] == 3 * DAY + HOUR


def test_lines_open_on_the_minute_and_close_on_the_minute():
    """Opening is inside, closing is outside."""
    opens, closes = MARCH.opens_ms[0], MARCH.closes_ms[0]
    states = [MARCH.is_open(at) for at in (0, opens - 1, opens, closes - 1, closes)]
    assert states == [False, False, True, True, False]


def test_half_past_nine_is_ninety_minutes_after_opening():
    """Local clock minutes become times."""
    assert MARCH.at(3, 570) == MARCH.opens_ms[3] + 90 * MS_PER_MINUTE


def test_the_next_opening_is_tomorrows_or_none_at_the_end():
    """After Friday's close comes Monday; after the last close nothing."""
    assert MARCH.next_open_ms(0) == MARCH.opens_ms[0]
    assert MARCH.next_open_ms(MARCH.closes_ms[4]) == MARCH.opens_ms[5]
    assert MARCH.next_open_ms(MARCH.closes_ms[-1]) is None


@pytest.mark.parametrize(
    ("start_h", "work_h", "day", "at_h"),
    [
        (8, 10, 0, 18),  # the whole day, to the minute
        (17, 2, 1, 9),  # over night
        (20, 1, 1, 9),  # left after closing: begins next morning
        (0, 1, 0, 9),  # left before opening: begins at opening
        (8, 25, 2, 13),  # two days and a half
    ],
)
def test_working_time_passes_only_while_open(start_h, work_h, day, at_h):
    """Work left at some hour of Monday is done at this hour of that day."""
    done = MARCH.add_working(start_h * HOUR, work_h * HOUR)
    assert done == MARCH.opens_ms[day] + (at_h - 8) * HOUR


def test_work_left_on_friday_evening_waits_for_monday_across_the_clock_change():
    """One hour of work left at Friday 17:30 before the clocks change ends on Monday 08:30."""
    left = MARCH.opens_ms[19] + 9 * HOUR + 30 * MS_PER_MINUTE
    done = MARCH.add_working(left, HOUR)
    assert done is not None
    assert MARCH.clock(done) == "2026-03-30 08:30:00"


def test_work_beyond_the_last_day_is_not_done():
    """What would be finished after the observation has no time."""
    assert MARCH.add_working(MARCH.opens_ms[-1], 10 * HOUR) == MARCH.closes_ms[-1]
    assert MARCH.add_working(MARCH.opens_ms[-1], 10 * HOUR + 1) is None
    assert MARCH.add_working(MARCH.closes_ms[-1], 1) is None


@given(st.integers(0, 30 * DAY), st.integers(0, 50 * HOUR), st.integers(1, 50 * HOUR))
def test_work_in_two_parts_takes_as_long_as_in_one(at_ms, first_ms, second_ms):
    """Adding working time is additive, and never ends outside opening hours."""
    halfway, whole = MARCH.add_working(at_ms, first_ms), MARCH.add_working(at_ms, first_ms + second_ms)
    if halfway is None or whole is None:
        assert whole is None
        return
    assert MARCH.add_working(halfway, second_ms) == whole
    day = MARCH.day_of(whole)
    assert MARCH.opens_ms[day] <= whole <= MARCH.closes_ms[day]


def test_working_days_know_their_weekday_across_a_clock_change():
    """From a Wednesday in March on through the change to summer time: Wednesday to Friday, then whole weeks."""
    calendar = WorkCalendar(date(2026, 3, 18), "Europe/London", 15, 8 * 60, 18 * 60, 0)
    assert [calendar.weekday(day) for day in range(13)] == [2, 3, 4, 0, 1, 2, 3, 4, 0, 1, 2, 3, 4]
