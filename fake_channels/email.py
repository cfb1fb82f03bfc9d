"""A bulk email provider: bounces, the spam folder nobody looks into, and the hours until a mail is opened."""

from __future__ import annotations

from functools import cache
from math import exp

from fake_channels.limits import send_limit
from fake_channels.profiles import EmailProfile
from fake_channels.reports import NO_RECEIPTS, place_in, reports
from sandbox.draws import Draws
from sandbox.ports import Delivery, Message


@cache
def _draw_names(purpose: str) -> tuple[str, str, str, str, str]:
    """What a message's draws are called: apart for each purpose, so that a code never shares a touch's luck."""
    prefix = "email" if purpose == "campaign" else f"email_{purpose}"
    kinds = ("delivered", "latency", "inbox", "opened", "open_delay")
    one, two, three, four, five = (f"{prefix}_{kind}" for kind in kinds)
    return one, two, three, four, five


class EmailChannel:
    """A `ports.ChannelPort` for email. It keeps nothing but its next free moment and lets no time pass.

    "Delivered" is what the provider knows: the mailbox took the mail. A mail in the spam folder was delivered and is
    never seen; one in the inbox is opened or not, hours later. An opening is reported where the customer's program
    loads the picture that tells of it.

    Args:
        profile: the route's and the customers' behaviour.
        draws: the replication's random columns.
    """

    def __init__(self, profile: EmailProfile, draws: Draws) -> None:
        """Start with the line free."""
        self._profile = profile
        self._draws = draws
        self._limit = send_limit(profile.sends_per_s_max)

    def send(self, message: Message, at_ms: int) -> Delivery:
        """Say when a mail reaches the mailbox and is opened, if ever."""
        delivered, latency, inbox, opened, open_delay = _draw_names(message.purpose)
        profile, draws, touch, index = self._profile, self._draws, message.touch, message.draw_index
        fate = draws.uniform(delivered, touch, index)
        spread = profile.latency_sigma * draws.normal(latency, touch, index)
        wait_ms = 0 if self._limit is None else self._limit.wait_ms(at_ms)
        after_ms = wait_ms + int(profile.latency_ms_median * exp(spread))
        if fate < profile.bounce_rate:
            told = place_in(fate, 0.0, profile.bounce_rate) >= profile.receipt_lost_rate
            return Delivery(None, reports("failed", after_ms, None) if told else NO_RECEIPTS, None)
        seen_ms = None
        in_inbox = draws.uniform(inbox, touch, index) < profile.inbox_rate
        if in_inbox and draws.uniform(opened, touch, index) < profile.opened_rate:
            spread = profile.open_delay_sigma * draws.normal(open_delay, touch, index)
            seen_ms = int(profile.open_delay_ms_median * exp(spread))
        if place_in(fate, profile.bounce_rate, 1.0) < profile.receipt_lost_rate:
            return Delivery(after_ms, NO_RECEIPTS, seen_ms)
        read_after_ms = after_ms + seen_ms if seen_ms is not None and self._tracked(index) else None
        return Delivery(after_ms, reports("delivered", after_ms, read_after_ms), seen_ms)

    def _tracked(self, index: int) -> bool:
        """A setting of the customer's own program: the same for all their mails."""
        return self._draws.uniform("email_tracking_off", 0, index) >= self._profile.tracking_off_rate
