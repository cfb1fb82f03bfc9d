"""Whether a message may leave: every reason, every edge on each side, both clock changes."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest

from sandbox.errors import RuleBroken
from sandbox.model import MS_PER_DAY, MS_PER_HOUR, Channel, ContactPreferences
from sandbox.outreach.rules import (
    MS_PER_7_DAYS,
    Outreach,
    SendNow,
    Stop,
    TouchRequest,
    WaitUntil,
    compile_outreach,
)
from sandbox.outreach.schema import ContactWindow, OutreachDocument
from sandbox.outreach.windows import SEARCH_DAYS

EPOCH = datetime(2026, 3, 1, tzinfo=UTC)  # a Sunday
SMS, EMAIL, WHATSAPP, VOICE = Channel.SMS, Channel.EMAIL, Channel.WHATSAPP, Channel.VOICE
SEND = SendNow(SMS)


def utc(month: int, day: int, hour: int = 0, minute: int = 0) -> int:
    """An instant of 2026 in milliseconds since the epoch of these tests."""
    return (datetime(2026, month, day, hour, minute, tzinfo=UTC) - EPOCH) // timedelta(milliseconds=1)


MONDAY_NOON = utc(3, 2, 12)


def outreach(**settings: object) -> Outreach:
    """Default rules but for the settings named."""
    return Outreach(compile_outreach(OutreachDocument.model_validate(settings)), EPOCH)


def request(now_ms: int, **changes: object) -> TouchRequest:
    """A first touch to a consenting customer in London."""
    preferences = ContactPreferences(
        consent=changes.pop("consent", frozenset({SMS})),  # type: ignore[arg-type]
        opted_out_at_ms=changes.pop("opted_out_at_ms", None),  # type: ignore[arg-type]
        time_zone=changes.pop("time_zone", "Europe/London"),  # type: ignore[arg-type]
        preferred=changes.pop("preferred", None),  # type: ignore[arg-type]
    )
    first = TouchRequest(1, 1, preferences, (), now_ms, complete=False)
    return first._replace(**changes)  # type: ignore[arg-type]


@pytest.mark.parametrize("zone", ["Europe/London", "America/New_York", "Asia/Kolkata"])
def test_an_answer_to_a_first_touch_holds_until_its_hours_end(zone: str) -> None:
    """Asked every half hour of three weeks with a clock change: open until some time exactly while it says send."""
    rules = outreach(holidays=[date(2026, 3, 24)])
    for now_ms in range(utc(3, 16), utc(4, 6), MS_PER_HOUR // 2):
        verdict = rules.decide(request(now_ms, time_zone=zone))
        until_ms = rules.open_until(zone, now_ms)
        assert (until_ms > now_ms) is (verdict == SEND)
        if verdict == SEND:
            assert rules.decide(request(until_ms - 1, time_zone=zone)) == SEND
            assert rules.decide(request(until_ms, time_zone=zone)) != SEND


# Who: the record, opt-out, consent, channel


def test_reasons_are_given_in_order() -> None:
    """Where several reasons hold, completion is named before opt-out, consent, caps and quiet hours."""
    night = utc(3, 2, 3)
    everything = request(
        night, complete=True, opted_out_at_ms=0, consent=frozenset(), sent_at_ms=(night - 1,)
    )
    rules = outreach()
    assert rules.decide(everything) == Stop("complete")
    everything = everything._replace(complete=False)
    assert rules.decide(everything) == Stop("opted_out")
    no_consent = everything.preferences._replace(opted_out_at_ms=None)
    assert rules.decide(everything._replace(preferences=no_consent)) == Stop("no_consent")
    consent = no_consent._replace(consent=frozenset({SMS}))
    assert rules.decide(everything._replace(preferences=consent)) == WaitUntil(utc(3, 3, 8), "daily_cap")
    assert rules.decide(everything._replace(preferences=consent, sent_at_ms=())) == WaitUntil(
        utc(3, 2, 8), "quiet_hours"
    )


@pytest.mark.parametrize(("offset", "answer"), [(-1, Stop("opted_out")), (0, Stop("opted_out")), (1, SEND)])
def test_an_opt_out_counts_from_its_instant(offset: int, answer: object) -> None:
    """An opt-out at or before the send stops it; one that comes a millisecond later does not."""
    assert outreach().decide(request(MONDAY_NOON, opted_out_at_ms=MONDAY_NOON + offset)) == answer


@pytest.mark.parametrize(
    ("touch", "channel"), [(1, SMS), (2, WHATSAPP), (3, EMAIL), (4, EMAIL), (1_000, EMAIL)]
)
def test_each_touch_has_its_channel_and_the_last_repeats(touch: int, channel: Channel) -> None:
    """The sequence is followed touch by touch and stays on its last channel."""
    rules = outreach(channels=["sms", "whatsapp", "email"])
    consent = frozenset({SMS, WHATSAPP, EMAIL})
    assert rules.decide(request(MONDAY_NOON, touch=touch, consent=consent)) == SendNow(channel)


@pytest.mark.parametrize(
    ("touch", "consent", "answer"),
    [
        (1, {WHATSAPP, EMAIL}, SendNow(WHATSAPP)),
        (1, {EMAIL}, SendNow(EMAIL)),
        (2, {SMS, EMAIL}, SendNow(EMAIL)),
        (3, {SMS, WHATSAPP}, SEND),
        (9, {WHATSAPP}, SendNow(WHATSAPP)),
        (1, {VOICE}, Stop("no_consent")),
        (1, set(), Stop("no_consent")),
    ],
)
def test_a_channel_without_consent_gives_way(touch: int, consent: set[Channel], answer: object) -> None:
    """The next consented channel of the sequence is used, from its start again; outside it, none is."""
    rules = outreach(channels=["sms", "whatsapp", "email"])
    assert rules.decide(request(MONDAY_NOON, touch=touch, consent=frozenset(consent))) == answer


@pytest.mark.parametrize(
    ("channels", "preferred", "consent", "channel"),
    [
        (["sms", "email"], EMAIL, {SMS, EMAIL}, EMAIL),
        (["sms", "email"], SMS, {SMS, EMAIL}, SMS),
        (["sms", "email"], EMAIL, {SMS}, SMS),
        (["sms", "email"], WHATSAPP, {SMS, EMAIL, WHATSAPP}, SMS),
        (["sms"], EMAIL, {SMS, EMAIL}, SMS),
    ],
)
def test_a_preferred_channel_goes_first_where_it_may_and_can(
    channels: list[str], preferred: Channel, consent: set[Channel], channel: Channel
) -> None:
    """A wish is served if the customer consents to that channel and the sequence has it; else nothing changes."""
    asked = request(MONDAY_NOON, consent=frozenset(consent), preferred=preferred)
    assert outreach(channels=channels).decide(asked) == SendNow(channel)


def test_touches_count_from_one() -> None:
    """A touch numbered 0 is a bug of the caller and raised as one."""
    with pytest.raises(RuleBroken, match="touch 0"):
        outreach().decide(request(MONDAY_NOON, touch=0))


# How often: caps and gap


@pytest.mark.parametrize(
    ("ago_ms", "answer"),
    [
        (MS_PER_DAY, SEND),
        (MS_PER_DAY - 1, WaitUntil(MONDAY_NOON + 1, "daily_cap")),
        (0, WaitUntil(MONDAY_NOON + MS_PER_DAY, "daily_cap")),
    ],
)
def test_daily_cap(ago_ms: int, answer: object) -> None:
    """One message a day: the next is free exactly 24 hours after the last."""
    assert outreach().decide(request(MONDAY_NOON, sent_at_ms=(MONDAY_NOON - ago_ms,))) == answer


def test_daily_cap_of_two() -> None:
    """With two a day, the second last send decides, not the last."""
    rules = outreach(messages_per_day_max=2, touch_gap_hours_min=0)
    hour_ago, two_ago = MONDAY_NOON - MS_PER_HOUR, MONDAY_NOON - 2 * MS_PER_HOUR
    assert rules.decide(request(MONDAY_NOON, sent_at_ms=(hour_ago,))) == SEND
    waits = rules.decide(request(MONDAY_NOON, sent_at_ms=(two_ago, hour_ago)))
    assert waits == WaitUntil(two_ago + MS_PER_DAY, "daily_cap")


@pytest.mark.parametrize(
    ("first_ago_ms", "answer"),
    [
        (MS_PER_7_DAYS, SEND),
        (MS_PER_7_DAYS - 1, WaitUntil(utc(3, 13, 12) + 1, "weekly_cap")),
        (MS_PER_7_DAYS - MS_PER_HOUR, WaitUntil(utc(3, 13, 13), "weekly_cap")),
    ],
)
def test_weekly_cap(first_ago_ms: int, answer: object) -> None:
    """Three in seven days: the fourth is free exactly 7 x 24 hours after the first of the three."""
    friday_noon = utc(3, 13, 12)
    sent = (
        friday_noon - 30 * MS_PER_DAY,
        friday_noon - first_ago_ms,
        friday_noon - 4 * MS_PER_DAY,
        friday_noon - 2 * MS_PER_DAY,
    )
    assert outreach().decide(request(friday_noon, sent_at_ms=sent)) == answer


@pytest.mark.parametrize(
    ("gap_h", "answer"),
    [(48, SEND), (49, WaitUntil(utc(3, 4, 13), "touch_gap")), (72, WaitUntil(utc(3, 5, 12), "touch_gap"))],
)
def test_gap_between_touches(gap_h: int, answer: object) -> None:
    """A touch waits until the least gap since the last send, and not longer."""
    rules = outreach(touch_gap_hours_min=gap_h)
    assert rules.decide(request(utc(3, 4, 12), sent_at_ms=(MONDAY_NOON,))) == answer


def test_the_longest_hold_is_named() -> None:
    """Where day cap, week cap and gap all hold, the wait and its reason are those of the longest."""
    rules = outreach(touch_gap_hours_min=36)
    sent = (utc(3, 2, 9), utc(3, 3, 10), utc(3, 4, 11))
    assert rules.decide(request(utc(3, 4, 12), sent_at_ms=sent)) == WaitUntil(utc(3, 9, 9), "weekly_cap")


def test_a_cap_that_frees_at_night_waits_for_the_opening() -> None:
    """A cap that ends outside the hours keeps its reason and ends the wait at the next opening."""
    assert outreach().decide(request(utc(3, 6, 19), sent_at_ms=(utc(3, 6, 18),))) == WaitUntil(
        utc(3, 9, 8), "daily_cap"
    )


@pytest.mark.parametrize(
    ("caps", "ago_ms"), [((1, 3), MS_PER_DAY), ((1, 1), MS_PER_7_DAYS), ((2, 2), MS_PER_7_DAYS)]
)
def test_a_cap_that_is_just_free_is_not_blamed(caps: tuple[int, int], ago_ms: int) -> None:
    """At the instant a cap frees, the night is the only reason left to wait."""
    night = utc(3, 4, 3)
    rules = outreach(messages_per_day_max=caps[0], messages_per_7_days_max=caps[1], touch_gap_hours_min=0)
    sent = (night - ago_ms,) * caps[1] if caps[0] == caps[1] else (night - ago_ms,)
    assert rules.decide(request(night, sent_at_ms=sent)) == WaitUntil(utc(3, 4, 8), "quiet_hours")


# When: hours, holidays, clock changes


@pytest.mark.parametrize(
    ("now_ms", "answer"),
    [
        (utc(3, 2, 8) - 1, WaitUntil(utc(3, 2, 8), "quiet_hours")),
        (utc(3, 2, 8), SEND),
        (utc(3, 2, 20) - 1, SEND),
        (utc(3, 2, 20), WaitUntil(utc(3, 3, 8), "quiet_hours")),
        (utc(3, 6, 20), WaitUntil(utc(3, 7, 9), "quiet_hours")),  # Friday night
        (utc(3, 7, 9) - 1, WaitUntil(utc(3, 7, 9), "quiet_hours")),
        (utc(3, 7, 9), SEND),
        (utc(3, 7, 13) - 1, SEND),
        (utc(3, 7, 13), WaitUntil(utc(3, 9, 8), "quiet_hours")),  # Saturday noon to Monday
        (utc(3, 8, 12), WaitUntil(utc(3, 9, 8), "quiet_hours")),  # Sunday
        (-1, WaitUntil(utc(3, 2, 8), "quiet_hours")),  # before the epoch
    ],
)
def test_window_edges(now_ms: int, answer: object) -> None:
    """A message may leave from the opening until just before the closing of each weekday's hours."""
    assert outreach().decide(request(now_ms)) == answer


@pytest.mark.parametrize(
    ("time_zone", "opens_utc_h", "opens_utc_min"),
    [("Asia/Kathmandu", 2, 15), ("America/New_York", 13, 0), ("Africa/Johannesburg", 6, 0)],
)
def test_hours_are_the_customers_own(time_zone: str, opens_utc_h: int, opens_utc_min: int) -> None:
    """08:00 is the customer's 08:00 wherever they live, quarter-hour offsets included."""
    opens = utc(3, 3, opens_utc_h, opens_utc_min)
    rules = outreach()
    assert rules.decide(request(opens, time_zone=time_zone)) == SEND
    assert rules.decide(request(opens - 1, time_zone=time_zone)) == WaitUntil(opens, "quiet_hours")


def test_an_evening_that_is_tomorrow_in_utc() -> None:
    """Monday evening in New York is still Monday's hours although it is Tuesday in UTC."""
    rules = outreach()
    closes = utc(3, 3, 1)  # 20:00 on 2 March
    assert rules.decide(request(closes - 1, time_zone="America/New_York")) == SEND
    assert rules.decide(request(closes, time_zone="America/New_York")) == WaitUntil(
        utc(3, 3, 13), "quiet_hours"
    )


def test_holidays_are_skipped() -> None:
    """Good Friday and Easter Monday have no hours; the Saturday between and the Tuesday after do."""
    rules = outreach(holidays=[date(2026, 4, 3), date(2026, 4, 6)])
    assert rules.decide(request(utc(4, 2, 19) - 1)) == SEND
    assert rules.decide(request(utc(4, 2, 19))) == WaitUntil(utc(4, 4, 8), "quiet_hours")
    assert rules.decide(request(utc(4, 3, 11))) == WaitUntil(utc(4, 4, 8), "quiet_hours")
    assert rules.decide(request(utc(4, 4, 12))) == WaitUntil(utc(4, 7, 7), "quiet_hours")


def test_a_holiday_is_the_customers_day() -> None:
    """A holiday lasts until the customer's midnight: in New York it covers their evening, past London's."""
    rules = outreach(holidays=[date(2026, 7, 3)])
    evening = utc(7, 3, 23, 30)  # 19:30 on 3 July in New York
    assert isinstance(rules.decide(request(evening, time_zone="America/New_York")), WaitUntil)
    before = utc(7, 2, 23, 30)
    assert rules.decide(request(before, time_zone="America/New_York")) == SEND


def test_spring_clock_change() -> None:
    """From the Monday after 29 March London opens at 07:00 UTC, not 08:00."""
    rules = outreach()
    assert rules.decide(request(utc(3, 27, 8) - 1)) == WaitUntil(utc(3, 27, 8), "quiet_hours")
    assert rules.decide(request(utc(3, 28, 13))) == WaitUntil(utc(3, 30, 7), "quiet_hours")
    assert rules.decide(request(utc(3, 30, 7) - 1)) == WaitUntil(utc(3, 30, 7), "quiet_hours")
    assert rules.decide(request(utc(3, 30, 7))) == SEND
    assert rules.decide(request(utc(3, 30, 19))) == WaitUntil(utc(3, 31, 7), "quiet_hours")


def test_autumn_clock_change() -> None:
    """From the Monday after 25 October London opens at 08:00 UTC again."""
    rules = outreach()
    assert rules.decide(request(utc(10, 23, 19) - 1)) == SEND
    assert rules.decide(request(utc(10, 24, 12))) == WaitUntil(utc(10, 26, 8), "quiet_hours")
    assert rules.decide(request(utc(10, 26, 7))) == WaitUntil(utc(10, 26, 8), "quiet_hours")
    assert rules.decide(request(utc(10, 26, 8))) == SEND
    assert rules.decide(request(utc(10, 26, 20) - 1)) == SEND


@pytest.mark.parametrize(
    ("opens", "closes", "day", "first", "last"),
    [
        # 29 March, 01:00 to 02:00 does not exist: 01:30 opens when the clock shows 02:30
        ("01:30", "03:00", 29, utc(3, 29, 1, 30), utc(3, 29, 2)),
        # 25 October, 01:00 to 02:00 comes twice: a window opens at the second 01:30 ...
        ("01:30", "03:00", 25, utc(10, 25, 1, 30), utc(10, 25, 3)),
        # ... and closes at the first
        ("00:30", "01:30", 25, utc(10, 24, 23, 30), utc(10, 25, 0, 30)),
        # a window across the switch is an hour shorter or longer
        ("00:30", "03:00", 29, utc(3, 29, 0, 30), utc(3, 29, 2)),
        ("00:30", "03:00", 25, utc(10, 24, 23, 30), utc(10, 25, 3)),
    ],
)
def test_windows_in_the_hour_of_the_switch(opens: str, closes: str, day: int, first: int, last: int) -> None:
    """On the night of a clock change a window never reaches outside its hours on the customer's clock."""
    rules = outreach(windows={"sunday": {"opens": opens, "closes": closes}})
    assert rules.decide(request(first - 1)) == WaitUntil(first, "quiet_hours")
    assert rules.decide(request(first)) == SEND
    assert rules.decide(request(last - 1)) == SEND
    assert isinstance(rules.decide(request(last)), WaitUntil)


def test_a_window_that_the_switch_swallows_waits_a_week() -> None:
    """Hours that lie wholly in the skipped hour do not exist that night."""
    rules = outreach(windows={"sunday": {"opens": "01:00", "closes": "02:00"}})
    assert rules.decide(request(utc(3, 28, 12))) == WaitUntil(utc(4, 5), "quiet_hours")


def test_round_the_clock() -> None:
    """Hours from 00:00 to 24:00 on every day leave no gap at midnight."""
    all_day = ContactWindow(opens="00:00", closes="24:00")
    days = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
    rules = outreach(windows=dict.fromkeys(days, all_day))
    for now_ms in (utc(3, 2), utc(3, 2) - 1, utc(3, 29, 1), utc(10, 25, 1)):
        assert rules.decide(request(now_ms)) == SEND


def test_the_search_for_an_opening_is_bounded() -> None:
    """A calendar whose every day for over a year is a holiday ends the sequence instead of searching on."""
    first = EPOCH.date()
    closed = [first + timedelta(days=days) for days in range(SEARCH_DAYS)]
    assert outreach(holidays=closed).decide(request(MONDAY_NOON)) == WaitUntil(
        SEARCH_DAYS * MS_PER_DAY + 7 * MS_PER_HOUR, "quiet_hours"
    )
    closed.append(first + timedelta(days=SEARCH_DAYS))  # a Monday, the last day looked at
    assert outreach(holidays=closed).decide(request(MONDAY_NOON)) == Stop("no_open_window")


@pytest.mark.parametrize("time_zone", ["Europe/Londn", "", "../etc/passwd", "/etc/passwd", "Europe"])
def test_an_unknown_zone_stops(time_zone: str) -> None:
    """Where the customer's local time cannot be told, no message leaves."""
    assert outreach().decide(request(MONDAY_NOON, time_zone=time_zone)) == Stop("unknown_time_zone")


def test_the_epoch_is_an_instant() -> None:
    """The same instant written in another zone gives the same answers; one without a zone is refused."""
    rules = compile_outreach(OutreachDocument())
    elsewhere = Outreach(rules, EPOCH.astimezone(ZoneInfo("Asia/Tokyo")))
    shifted = Outreach(rules, EPOCH.astimezone(timezone(timedelta(hours=-3))))
    for now_ms in (MONDAY_NOON, utc(3, 29, 12), utc(3, 30, 7)):
        expected = Outreach(rules, EPOCH).decide(request(now_ms))
        assert elsewhere.decide(request(now_ms)) == shifted.decide(request(now_ms)) == expected
    with pytest.raises(RuleBroken, match="epoch needs a zone"):
        Outreach(rules, EPOCH.replace(tzinfo=None))


def test_a_zone_and_day_are_worked_out_once() -> None:
    """A thousand sends on one day cost one look at the zone's rules; the rest is comparing integers."""
    rules = outreach()
    for minute in range(600):
        assert rules.decide(request(utc(3, 2, 8) + minute * 60_000)) == SEND
    assert rules._calendar._openings.cache_info().misses == 1


@pytest.mark.parametrize(("touch", "channel"), [(1, SMS), (2, WHATSAPP), (3, EMAIL), (4, EMAIL), (99, EMAIL)])
def test_a_touch_is_planned_on_its_channel_whoever_consents(touch: int, channel: Channel) -> None:
    """The plan knows the sequence only, and stays on its last channel."""
    assert outreach(channels=["sms", "whatsapp", "email"]).planned(touch) is channel
