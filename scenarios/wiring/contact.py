"""Contact rules and the channels messages and calls travel by."""

from __future__ import annotations

from math import exp

from fake_channels.profiles import SmsProfile, VoiceProfile
from fake_channels.sms import SmsChannel
from fake_channels.voice import VoiceChannel
from sandbox.draws import Draws
from sandbox.model import MS_PER_HOUR, MS_PER_SECOND
from sandbox.outreach.rules import Outreach, compile_outreach
from sandbox.outreach.schema import ContactWindow, OutreachDocument, Weekday
from sandbox.simulation.calendar import WorkCalendar
from scenarios.document import ScenarioDocument

_MENU_SIGMA = 0.4
_WEEKDAYS: tuple[Weekday, ...] = ("monday", "tuesday", "wednesday", "thursday", "friday")


def outreach_of(document: ScenarioDocument, calendar: WorkCalendar) -> Outreach:
    """The contact rules of the campaign."""
    block = document.outreach

    def window(hours: tuple[str, str] | None) -> ContactWindow | None:
        return None if hours is None else ContactWindow(opens=hours[0], closes=hours[1])

    windows: dict[Weekday, ContactWindow | None] = {day: window(block.windows.weekday) for day in _WEEKDAYS}
    windows |= {"saturday": window(block.windows.saturday), "sunday": window(block.windows.sunday)}
    rules = OutreachDocument.model_validate(
        {
            "windows": windows,
            "holidays": list(block.holidays),
            "messages_per_day_max": block.messages_per_day_max,
            "messages_per_7_days_max": block.messages_per_week_max,
        }
    )
    return Outreach(compile_outreach(rules), calendar.epoch)


def channels_of(document: ScenarioDocument, draws: Draws) -> tuple[SmsChannel, SmsChannel, VoiceChannel]:
    """The campaign's route, the route of codes and confirmations, and the telephone."""
    sms, code, voice = document.channels.sms, document.channels.code_sms, document.channels.voice
    bulk = SmsProfile(
        delivered_rate=sms.delivered_rate,
        latency_ms_median=sms.latency_s_median * MS_PER_SECOND,
        latency_sigma=sms.latency_sigma,
        buffered_rate=sms.buffered_rate,
        buffered_delay_ms_mean=sms.buffered_delay_h_mean * MS_PER_HOUR,
        buffered_expiry_ms=round(sms.buffered_expiry_h * MS_PER_HOUR),
        receipt_lost_rate=sms.receipt_lost_rate,
        receipt_late_rate=sms.receipt_late_rate,
        receipt_late_delay_ms_mean=sms.receipt_late_delay_h_mean * MS_PER_HOUR,
        receipt_duplicate_rate=sms.receipt_duplicate_rate,
    )
    fast = SmsProfile(
        delivered_rate=code.delivered_rate,
        latency_ms_median=code.latency_s_median * MS_PER_SECOND,
        latency_sigma=code.latency_sigma,
        buffered_rate=0.0,
    )
    lines = VoiceProfile(
        failed_rate=1.0 - voice.connected_rate,
        ring_and_menu_ms_median=voice.menu_s_mean * MS_PER_SECOND * exp(-(_MENU_SIGMA**2) / 2.0),
        ring_and_menu_sigma=_MENU_SIGMA,
    )
    return SmsChannel(bulk, draws), SmsChannel(fast, draws), VoiceChannel(lines, draws)
