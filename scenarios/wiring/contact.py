"""Contact rules and the channels messages and calls travel by."""

from __future__ import annotations

from math import exp

from fake_channels.email import EmailChannel
from fake_channels.profiles import EmailProfile, SmsProfile, VoiceProfile, WhatsAppProfile
from fake_channels.sms import SmsChannel
from fake_channels.voice import VoiceChannel
from fake_channels.whatsapp import WhatsAppChannel
from sandbox.draws import Draws
from sandbox.journey.steps.message import Message
from sandbox.model import MS_PER_HOUR, MS_PER_MINUTE, MS_PER_SECOND, Channel
from sandbox.outreach.rules import Outreach, compile_outreach
from sandbox.outreach.schema import ContactWindow, OutreachDocument, Weekday
from sandbox.ports import ChannelPort
from sandbox.simulation.behaviour import CONSENT_DRAWS
from sandbox.simulation.calendar import WorkCalendar
from sandbox.simulation.given import GivenPeople
from sandbox.simulation.settings import LetterModel
from scenarios.world.document import ScenarioDocument

_MENU_SIGMA = 0.4
_WEEKDAYS: tuple[Weekday, ...] = ("monday", "tuesday", "wednesday", "thursday", "friday")


def outreach_of(document: ScenarioDocument, calendar: WorkCalendar, message: Message) -> Outreach:
    """The contact rules of the campaign, with the channels of a design's message."""
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
            "opt_out": block.opt_out,
            "channels": [touch.channel for touch in message.sequence] or [message.channel],
        }
    )
    return Outreach(compile_outreach(rules), calendar.epoch)


def letter_of(document: ScenarioDocument) -> LetterModel:
    """The letter to customers no message can reach."""
    block = document.outreach.letter
    return LetterModel(block.address_rate, block.response_rate, block.delay_days_median, block.delay_sigma)


def channels_of(
    document: ScenarioDocument, draws: Draws, given: GivenPeople | None = None
) -> dict[Channel, ChannelPort]:
    """The campaign's routes."""
    opt_in_rate = document.customers.whatsapp_opt_in_rate

    def opted_in(case_id: int) -> bool:
        said = None if given is None else given.consents(case_id, Channel.WHATSAPP)
        return (
            draws.uniform(CONSENT_DRAWS[Channel.WHATSAPP], 0, case_id) < opt_in_rate if said is None else said
        )

    return {
        Channel.SMS: SmsChannel(_sms_profile(document), draws),
        Channel.WHATSAPP: WhatsAppChannel(_whatsapp_profile(document), draws, opted_in),
        Channel.EMAIL: EmailChannel(_email_profile(document), draws),
    }


def _sms_profile(document: ScenarioDocument) -> SmsProfile:
    sms = document.channels.sms
    return SmsProfile(
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
        sends_per_s_max=sms.sends_per_s_max,
    )


def _whatsapp_profile(document: ScenarioDocument) -> WhatsAppProfile:
    block = document.channels.whatsapp
    return WhatsAppProfile(
        delivered_rate=block.delivered_rate,
        latency_ms_median=block.latency_s_median * MS_PER_SECOND,
        latency_sigma=block.latency_sigma,
        read_rate=block.read_rate,
        read_delay_ms_median=block.read_delay_min_median * MS_PER_MINUTE,
        read_delay_sigma=block.read_delay_sigma,
        receipts_off_rate=block.receipts_off_rate,
        receipt_lost_rate=block.receipt_lost_rate,
        template_approved=block.template_approved,
        users_per_24_h_max=block.users_per_24_h_max,
        sends_per_s_max=block.sends_per_s_max,
    )


def _email_profile(document: ScenarioDocument) -> EmailProfile:
    block = document.channels.email
    return EmailProfile(
        bounce_rate=block.bounce_rate,
        latency_ms_median=block.latency_s_median * MS_PER_SECOND,
        latency_sigma=block.latency_sigma,
        inbox_rate=block.inbox_rate,
        opened_rate=block.opened_rate,
        open_delay_ms_median=block.open_delay_h_median * MS_PER_HOUR,
        open_delay_sigma=block.open_delay_sigma,
        tracking_off_rate=block.tracking_off_rate,
        receipt_lost_rate=block.receipt_lost_rate,
        sends_per_s_max=block.sends_per_s_max,
    )


def service_routes_of(document: ScenarioDocument, draws: Draws) -> tuple[SmsChannel, VoiceChannel]:
    """The route of codes and confirmations, and the telephone."""
    code, voice = document.channels.code_sms, document.channels.voice
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
    return SmsChannel(fast, draws), VoiceChannel(lines, draws)
