"""Properties of outreach for any hours, caps, zone and history, checked against the customer's own clock."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple, get_args
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox.model import MS_PER_DAY, Channel, ContactPreferences
from sandbox.outreach.rules import (
    MS_PER_7_DAYS,
    Outreach,
    SendNow,
    Stop,
    TouchRequest,
    WaitUntil,
    compile_outreach,
)
from sandbox.outreach.schema import ContactWindow, OutreachDocument, Weekday

EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
WEEKDAYS: tuple[Weekday, ...] = get_args(Weekday)
ZONES = [
    "UTC",
    "Europe/London",
    "America/New_York",
    "America/St_Johns",
    "Asia/Kathmandu",
    "Africa/Cairo",  # springs forward at midnight
    "Australia/Lord_Howe",  # switches by half an hour
    "Pacific/Chatham",
]
CLOCK = [f"{hour:02}:{minute:02}" for hour in range(24) for minute in (0, 30)] + ["24:00"]


def _window(pair: tuple[str, str]) -> ContactWindow:
    return ContactWindow(opens=min(pair), closes=max(pair))


WINDOWS = (
    st.tuples(st.sampled_from(CLOCK), st.sampled_from(CLOCK)).filter(lambda p: p[0] != p[1]).map(_window)
)
DOCUMENTS = st.builds(
    OutreachDocument,
    windows=st.dictionaries(st.sampled_from(WEEKDAYS), WINDOWS, min_size=1),
    holidays=st.frozensets(st.dates(date(2026, 1, 1), date(2026, 12, 31)), max_size=20),
    messages_per_day_max=st.integers(1, 2),
    messages_per_7_days_max=st.integers(2, 4),
    touch_gap_hours_min=st.integers(0, 80),
    channels=st.lists(st.sampled_from(Channel), min_size=1, max_size=3).map(tuple),
)


class Situation(NamedTuple):
    """Rules and a touch that only they can hold back."""

    document: OutreachDocument
    request: TouchRequest


@st.composite
def situations(draw: st.DrawFn) -> Situation:
    """A customer of 2026 who consents to everything, with up to five sends in the ten days before."""
    document = draw(DOCUMENTS)
    now_ms = draw(st.integers(0, 365 * MS_PER_DAY))
    sent = draw(st.lists(st.integers(now_ms - 10 * MS_PER_DAY, now_ms), max_size=5).map(sorted))
    preferences = ContactPreferences(frozenset(Channel), None, draw(st.sampled_from(ZONES)))
    return Situation(
        document, TouchRequest(1, draw(st.integers(1, 5)), preferences, tuple(sent), now_ms, False)
    )


def permitted(document: OutreachDocument, request: TouchRequest, at_ms: int) -> bool:
    """A second, slower reading of the rules, on the customer's own clock."""
    zone = ZoneInfo(request.preferences.time_zone)
    local = (EPOCH + timedelta(milliseconds=at_ms)).astimezone(zone)
    window = document.windows.get(WEEKDAYS[local.weekday()])
    ages = [at_ms - sent for sent in request.sent_at_ms]
    return (
        window is not None
        and window.opens <= local.strftime("%H:%M") < window.closes
        and local.date() not in document.holidays
        and sum(age < MS_PER_DAY for age in ages) < document.messages_per_day_max
        and sum(age < MS_PER_7_DAYS for age in ages) < document.messages_per_7_days_max
        and all(age >= document.touch_gap_hours_min * 3_600_000 for age in ages)
    )


@settings(max_examples=150, deadline=None)
@given(situation=situations())
def test_a_message_leaves_only_when_permitted(situation: Situation) -> None:
    """SendNow agrees with caps recounted and the hour read from the customer's own clock."""
    document, request = situation
    if isinstance(Outreach(compile_outreach(document), EPOCH).decide(request), SendNow):
        assert permitted(document, request, request.now_ms)


@settings(max_examples=150, deadline=None)
@given(situation=situations())
def test_a_wait_ends_later_inside_a_window_and_then_sends(situation: Situation) -> None:
    """A wait ends after now at a permitted instant, and asking again then sends."""
    document, request = situation
    rules = Outreach(compile_outreach(document), EPOCH)
    answer = rules.decide(request)
    assert not isinstance(answer, Stop)
    if isinstance(answer, WaitUntil):
        assert answer.at_ms > request.now_ms
        assert permitted(document, request, answer.at_ms)
        assert isinstance(rules.decide(request._replace(now_ms=answer.at_ms)), SendNow)


@settings(max_examples=150, deadline=None)
@given(situation=situations(), share=st.floats(0, 1, exclude_max=True))
def test_a_wait_is_no_longer_than_needed(situation: Situation, share: float) -> None:
    """At no instant before its end would the rules have sent, and all of them name the same end."""
    document, request = situation
    rules = Outreach(compile_outreach(document), EPOCH)
    answer = rules.decide(request)
    if isinstance(answer, WaitUntil):
        between = request.now_ms + int(share * (answer.at_ms - request.now_ms))
        later = rules.decide(request._replace(now_ms=between))
        assert isinstance(later, WaitUntil)
        assert later.at_ms == answer.at_ms
