"""Hours and holidays on the customer's own clock: each side of every edge, in zones unlike each other."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import get_args
from zoneinfo import ZoneInfo

import pytest

from sandbox.model import MS_PER_DAY, MS_PER_HOUR, Channel, ContactPreferences
from sandbox.outreach.rules import Outreach, SendNow, TouchRequest, WaitUntil, compile_outreach
from sandbox.outreach.schema import OutreachDocument, Weekday

EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
MS = timedelta(milliseconds=1)
SEND = SendNow(Channel.SMS)
WEEKDAYS: tuple[Weekday, ...] = get_args(Weekday)
EVERY_DAY = {day: {"opens": "08:00", "closes": "21:00"} for day in WEEKDAYS}
US = ("America/New_York", "America/Chicago", "America/Denver", "America/Phoenix", "America/Los_Angeles")


def at(zone: str, year: int, *moment: int) -> int:
    """A moment on a zone's clock, in milliseconds of these tests."""
    return (datetime(year, *moment, tzinfo=ZoneInfo(zone)).astimezone(UTC) - EPOCH) // MS  # type: ignore[misc]


def decided(zone: str, now_ms: int, *sent: int, **rules: object) -> object:
    """What the rules say to a consenting customer of a zone."""
    document = OutreachDocument.model_validate({"windows": EVERY_DAY, "touch_gap_hours_min": 0, **rules})
    person = ContactPreferences(frozenset({Channel.SMS}), None, zone)
    request = TouchRequest(1, 1, person, sent, now_ms, complete=False)
    return Outreach(compile_outreach(document), EPOCH).decide(request)


@pytest.mark.parametrize("zone", [*US, "Europe/London", "Africa/Johannesburg", "Asia/Kathmandu"])
@pytest.mark.parametrize("day", [(3, 7), (3, 8), (3, 9), (3, 29), (6, 1), (10, 25), (11, 1), (11, 2)])
def test_each_side_of_opening_and_closing_on_the_customers_clock(zone: str, day: tuple[int, int]) -> None:
    """On days of clock changes in both directions, and on those beside them, in America and in Europe."""
    opens, closes = at(zone, 2026, *day, 8), at(zone, 2026, *day, 21)
    assert decided(zone, opens - 1) == WaitUntil(opens, "quiet_hours")
    assert decided(zone, opens) == SEND
    assert decided(zone, closes - 1) == SEND
    after = date(2026, *day) + timedelta(days=1)
    assert decided(zone, closes) == WaitUntil(at(zone, 2026, after.month, after.day, 8), "quiet_hours")


@pytest.mark.parametrize(("day", "hours"), [((3, 8), 23), ((11, 1), 25), ((6, 1), 24)])
def test_a_night_lasts_as_long_as_the_clock_says(day: tuple[int, int], hours: int) -> None:
    """From eight to eight: an hour shorter in spring, an hour longer in autumn, and never in Arizona."""
    before = date(2026, *day) - timedelta(days=1)
    opens = at("America/New_York", 2026, *day, 8)
    assert opens - at("America/New_York", 2026, before.month, before.day, 8) == hours * MS_PER_HOUR
    arizona = at("America/Phoenix", 2026, *day, 8)
    assert arizona - at("America/Phoenix", 2026, before.month, before.day, 8) == MS_PER_DAY


def test_arizona_and_denver_part_in_summer() -> None:
    """In winter eight o'clock is the same moment in both, in summer Denver's comes an hour earlier."""
    winter, summer = at("America/Denver", 2026, 1, 15, 8), at("America/Denver", 2026, 7, 15, 8)
    assert [decided("America/Phoenix", now) for now in (winter, winter - 1)] == [
        SEND,
        WaitUntil(winter, "quiet_hours"),
    ]
    assert decided("America/Denver", summer) == SEND
    assert decided("America/Phoenix", summer) == WaitUntil(summer + MS_PER_HOUR, "quiet_hours")


@pytest.mark.parametrize("zone", [*US, "Africa/Johannesburg", "Pacific/Auckland"])
def test_a_holiday_is_the_customers_own_day(zone: str) -> None:
    """The last moment of the evening before is open, all of the holiday is closed, the next morning opens."""
    closed = {"holidays": ["2026-12-25"]}
    eve, morning = at(zone, 2026, 12, 24, 21), at(zone, 2026, 12, 26, 8)
    assert decided(zone, eve - 1, **closed) == SEND
    assert decided(zone, at(zone, 2026, 12, 25, 12), **closed) == WaitUntil(morning, "quiet_hours")
    assert decided(zone, morning - 1, **closed) == WaitUntil(morning, "quiet_hours")
    assert decided(zone, morning, **closed) == SEND


def test_one_moment_is_a_holiday_here_and_none_there() -> None:
    """When it is Christmas in Auckland it is still the day before in Los Angeles."""
    now = at("Pacific/Auckland", 2026, 12, 25, 9)
    assert decided("America/Los_Angeles", now, holidays=["2026-12-25"]) == SEND
    assert isinstance(decided("Pacific/Auckland", now, holidays=["2026-12-25"]), WaitUntil)


@pytest.mark.parametrize(("cap", "period"), [("messages_per_day_max", 1), ("messages_per_7_days_max", 7)])
@pytest.mark.parametrize("most", [1, 2, 5])
def test_each_side_of_a_cap(cap: str, period: int, most: int) -> None:
    """Below the cap it sends; at the cap it waits to the millisecond at which the oldest that counts leaves."""
    now = at("UTC", 2026, 6, 10, 12)
    rules = {"messages_per_day_max": 50, "messages_per_7_days_max": 50, cap: most}
    if cap == "messages_per_7_days_max":
        rules["messages_per_day_max"] = most
    start = now - period * MS_PER_DAY
    inside = [start + 1 + place for place in range(most)]
    assert decided("UTC", now, *inside[1:], **rules) == SEND
    assert decided("UTC", now, start, *inside[1:], **rules) == SEND
    reason = "daily_cap" if period == 1 else "weekly_cap"
    assert decided("UTC", now, *inside, **rules) == WaitUntil(now + 1, reason)
