"""Whether a message may leave now: the record, opt-out, consent, caps and quiet hours, in that order.

Asked at send time and never when a touch is planned: an opt-out that arrives in between must win. A wait is
one answer for all timing rules together: asking again at its end, with nothing else changed, sends.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple, get_args

from sandbox.errors import RuleBroken
from sandbox.model import MS_PER_DAY, MS_PER_HOUR, Channel, ContactPreferences
from sandbox.outreach.replies import ReplyWords, compile_replies
from sandbox.outreach.schema import ContactWindow, OutreachDocument, Weekday
from sandbox.outreach.windows import ContactCalendar, Hours

MS_PER_7_DAYS = 7 * MS_PER_DAY

NO_CONSENT = "no_consent"
"""Why nothing is sent to a customer whom no channel of the sequence may reach."""


class TouchRequest(NamedTuple):
    """One planned touch that is due.

    Attributes:
        case_id: whose case.
        touch: which touch of the sequence, from 1.
        preferences: the customer's consent, opt-out and zone as they are now.
        sent_at_ms: earlier sends to this customer on any channel, oldest first.
        now_ms: milliseconds since the epoch the rules were given.
        complete: the core's record says the case is complete.
    """

    case_id: int
    touch: int
    preferences: ContactPreferences
    sent_at_ms: tuple[int, ...]
    now_ms: int
    complete: bool


class SendNow(NamedTuple):
    """Send, by this channel."""

    channel: Channel


class WaitUntil(NamedTuple):
    """Ask again at `at_ms`; `reason` is daily_cap, weekly_cap, touch_gap or quiet_hours."""

    at_ms: int
    reason: str


class Stop(NamedTuple):
    """Send nothing more in this sequence.

    `reason` is complete, opted_out, no_consent, unknown_time_zone (local hours cannot be told, so none are
    safe) or no_open_window (no contact hours in the days searched).
    """

    reason: str


@dataclass(frozen=True, slots=True)
class OutreachRules:
    """A compiled outreach document.

    Attributes:
        week: contact hours of Monday to Sunday.
        holidays: dates without contact.
        messages_per_day_max: sends in any 24 hours.
        messages_per_7_days_max: sends in any 7 times 24 hours.
        touch_gap_ms_min: least time between two sends.
        channels: channel per touch; the last repeats.
        replies: what customers' answers mean.
    """

    week: tuple[Hours | None, ...]
    holidays: frozenset[date]
    messages_per_day_max: int
    messages_per_7_days_max: int
    touch_gap_ms_min: int
    channels: tuple[Channel, ...]
    replies: ReplyWords


def compile_outreach(document: OutreachDocument) -> OutreachRules:
    """Compile a validated outreach document."""
    weekdays: tuple[Weekday, ...] = get_args(Weekday)
    return OutreachRules(
        week=tuple(_hours(document.windows.get(weekday)) for weekday in weekdays),
        holidays=document.holidays,
        messages_per_day_max=document.messages_per_day_max,
        messages_per_7_days_max=document.messages_per_7_days_max,
        touch_gap_ms_min=document.touch_gap_hours_min * MS_PER_HOUR,
        channels=document.channels,
        replies=compile_replies(document.opt_out),
    )


def _hours(window: ContactWindow | None) -> Hours | None:
    return None if window is None else Hours(_minutes(window.opens), _minutes(window.closes))


def _minutes(clock: str) -> int:
    hours, minutes = clock.split(":")
    return int(hours) * 60 + int(minutes)


class Outreach:
    """The rules of one campaign, ready to be asked.

    Attributes:
        replies: what customers' answers mean.

    Args:
        rules: the compiled document.
        epoch: the instant at which `now_ms` is 0; must carry its zone.

    Raises:
        RuleBroken: the epoch has no zone.
    """

    def __init__(self, rules: OutreachRules, epoch: datetime) -> None:
        """Bind the rules to an epoch."""
        if epoch.tzinfo is None:
            raise RuleBroken("the epoch needs a zone: without one, quiet hours would depend on the machine")
        self._rules = rules
        self.replies = rules.replies
        self._calendar = ContactCalendar(rules.week, rules.holidays, epoch)
        self._send = {channel: SendNow(channel) for channel in rules.channels}

    def decide(self, request: TouchRequest) -> SendNow | WaitUntil | Stop:
        """Say whether this touch leaves now, later or never.

        A channel the customer prefers goes before the planned one if the sequence has it; a channel without
        consent is replaced by the next consented one of the sequence.

        Raises:
            RuleBroken: the touch number is below 1.
        """
        _, touch, preferences, sent_at_ms, now_ms, complete = request
        consent, opted_out_at_ms, time_zone, preferred = preferences
        if complete:
            return _COMPLETE
        if opted_out_at_ms is not None and opted_out_at_ms <= now_ms:
            return _OPTED_OUT
        channel = self._channel(touch, consent, preferred)
        if channel is None:
            return _NO_CONSENT
        free_ms, reason = self._held_until(sent_at_ms, now_ms) if sent_at_ms else (now_ms, "")
        try:
            opening = self._calendar.next_opening(time_zone, free_ms)
        except (KeyError, ValueError, OSError):
            return _UNKNOWN_TIME_ZONE
        if opening is None:
            return _NO_OPEN_WINDOW
        at_ms = max(free_ms, opening.opens_ms)
        return self._send[channel] if at_ms <= now_ms else WaitUntil(at_ms, reason or "quiet_hours")

    def open_until(self, time_zone: str, now_ms: int) -> int:
        """Return when the contact hours end in which `now_ms` lies; 0 outside of them.

        Raises:
            KeyError, ValueError, OSError: the zone is unknown.
        """
        opening = self._calendar.next_opening(time_zone, now_ms)
        return 0 if opening is None or now_ms < opening.opens_ms else opening.closes_ms

    def planned(self, touch: int) -> Channel:
        """Return the channel a touch is planned on, whoever consents to it."""
        channels = self._rules.channels
        return channels[min(touch, len(channels)) - 1]

    def _channel(self, touch: int, consent: frozenset[Channel], preferred: Channel | None) -> Channel | None:
        channels = self._rules.channels
        if touch < 1:
            raise RuleBroken(f"touch {touch}: touches count from 1")
        if preferred is not None and preferred in consent and preferred in channels:
            return preferred
        first = min(touch, len(channels)) - 1
        if channels[first] in consent:
            return channels[first]
        for channel in channels[first + 1 :] + channels[:first]:
            if channel in consent:
                return channel
        return None

    def _held_until(self, sent_at_ms: tuple[int, ...], now_ms: int) -> tuple[int, str]:
        """Return when caps and gap are all met, and which of them holds longest; (now, "") if none does."""
        rules = self._rules
        free_ms, reason = now_ms, ""
        # With a cap of n, the next send must wait until the n-th last one has left the period.
        nth = rules.messages_per_day_max
        if len(sent_at_ms) >= nth and sent_at_ms[-nth] + MS_PER_DAY > free_ms:
            free_ms, reason = sent_at_ms[-nth] + MS_PER_DAY, "daily_cap"
        nth = rules.messages_per_7_days_max
        if len(sent_at_ms) >= nth and sent_at_ms[-nth] + MS_PER_7_DAYS > free_ms:
            free_ms, reason = sent_at_ms[-nth] + MS_PER_7_DAYS, "weekly_cap"
        if sent_at_ms[-1] + rules.touch_gap_ms_min > free_ms:
            free_ms, reason = sent_at_ms[-1] + rules.touch_gap_ms_min, "touch_gap"
        return free_ms, reason


_COMPLETE = Stop("complete")
_OPTED_OUT = Stop("opted_out")
_NO_CONSENT = Stop(NO_CONSENT)
_UNKNOWN_TIME_ZONE = Stop("unknown_time_zone")
_NO_OPEN_WINDOW = Stop("no_open_window")
