"""A WhatsApp business provider: opt-in, templates, the 24-hour service window, the messaging tier, read receipts."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from math import exp

from fake_channels.limits import MS_PER_WINDOW, UserLimit, send_limit
from fake_channels.profiles import WhatsAppProfile
from fake_channels.reports import NO_RECEIPTS, place_in, reports
from sandbox.draws import Draws
from sandbox.ports import Delivery, Message

NOT_OPTED_IN = "not_opted_in"
TEMPLATE_NOT_APPROVED = "template_not_approved"
TIER_REACHED = "tier_reached"


def _refusal(reason: str) -> Delivery:
    return Delivery(None, NO_RECEIPTS, None, charged=False, refused=reason)


_NOT_OPTED_IN = _refusal(NOT_OPTED_IN)
_TEMPLATE_NOT_APPROVED = _refusal(TEMPLATE_NOT_APPROVED)
_TIER_REACHED = _refusal(TIER_REACHED)


@cache
def _draw_names(purpose: str) -> tuple[str, str, str, str]:
    """What a message's draws are called: apart for each purpose, so that a code never shares a touch's luck."""
    prefix = "whatsapp" if purpose == "campaign" else f"whatsapp_{purpose}"
    return f"{prefix}_delivered", f"{prefix}_latency", f"{prefix}_read", f"{prefix}_read_delay"


class WhatsAppChannel:
    """A `ports.ConversationPort` for WhatsApp messages. It remembers windows and the tier, and lets no time pass.

    Outside a customer service window a message needs an approved template, counts against the tier when it is
    delivered and is charged then. Inside one it is free-form: no template, no charge, no place in the tier. What
    becomes of a message that is taken is a pure function of the message and the seed.

    Args:
        profile: the provider's and the customers' behaviour.
        draws: the replication's random columns.
        opted_in: says of a customer (by case id) whether they opted in to messages of this sender.
    """

    def __init__(self, profile: WhatsAppProfile, draws: Draws, opted_in: Callable[[int], bool]) -> None:
        """Start without open windows, nobody counted and the line free."""
        self._profile = profile
        self._draws = draws
        self._opted_in = opted_in
        self._lost_below = 1.0 - profile.delivered_rate
        self._limit = send_limit(profile.sends_per_s_max)
        self._tier = UserLimit(profile.users_per_24_h_max)
        self._acted_ms: dict[int, int] = {}

    def acted(self, case_id: int, at_ms: int) -> None:
        """Open the customer's service window for 24 hours, or open it anew."""
        self._acted_ms[case_id] = at_ms

    def in_window(self, case_id: int, at_ms: int) -> bool:
        """Say whether the customer acted less than 24 hours before."""
        acted_ms = self._acted_ms.get(case_id)
        return acted_ms is not None and at_ms < acted_ms + MS_PER_WINDOW

    def send(self, message: Message, at_ms: int) -> Delivery:
        """Say when a message is delivered and read, if ever, or why it is refused.

        Refused without opt-in, outside a window without an approved template, and outside a window when the tier
        has no place left for one more user. A request that is refused takes its turn like any other.
        """
        wait_ms = 0 if self._limit is None else self._limit.wait_ms(at_ms)
        leaves_ms, user = at_ms + wait_ms, message.case_id
        if not self._opted_in(user):
            return _NOT_OPTED_IN
        free = self.in_window(user, leaves_ms)
        if not free and not self._profile.template_approved:
            return _TEMPLATE_NOT_APPROVED
        if not free and not self._tier.allows(user, leaves_ms):
            return _TIER_REACHED
        delivery = self._fate(message, wait_ms)
        if free:
            return delivery._replace(charged=False)
        if delivery.charged:
            self._tier.count(user, leaves_ms)
        return delivery

    def _fate(self, message: Message, wait_ms: int) -> Delivery:
        """A template is charged when it is delivered, and only then."""
        delivered, latency, read, read_delay = _draw_names(message.purpose)
        profile, draws, touch, index = self._profile, self._draws, message.touch, message.draw_index
        fate = draws.uniform(delivered, touch, index)
        spread = profile.latency_sigma * draws.normal(latency, touch, index)
        after_ms = wait_ms + int(profile.latency_ms_median * exp(spread))
        if fate < self._lost_below:
            told = place_in(fate, 0.0, self._lost_below) >= profile.receipt_lost_rate
            receipts = reports("failed", after_ms, None) if told else NO_RECEIPTS
            return Delivery(None, receipts, None, charged=False)
        seen_ms = None
        if draws.uniform(read, touch, index) < profile.read_rate:
            spread = profile.read_delay_sigma * draws.normal(read_delay, touch, index)
            seen_ms = int(profile.read_delay_ms_median * exp(spread))
        if place_in(fate, self._lost_below, 1.0) < profile.receipt_lost_rate:
            return Delivery(after_ms, NO_RECEIPTS, seen_ms)
        reported = seen_ms is not None and not self._receipts_off(index)
        read_after_ms = after_ms + seen_ms if reported and seen_ms is not None else None
        return Delivery(after_ms, reports("delivered", after_ms, read_after_ms), seen_ms)

    def _receipts_off(self, index: int) -> bool:
        """A setting of the customer's own: the same for all their messages."""
        return self._draws.uniform("whatsapp_receipts_off", 0, index) < self._profile.receipts_off_rate
