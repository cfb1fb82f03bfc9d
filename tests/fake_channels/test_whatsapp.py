"""WhatsApp beyond the channel contract: who may be written to, when a template is needed, what is charged."""

from __future__ import annotations

from dataclasses import replace
from statistics import median

import pytest

from fake_channels.profiles import WhatsAppProfile
from fake_channels.whatsapp import NOT_OPTED_IN, TEMPLATE_NOT_APPROVED, TIER_REACHED, WhatsAppChannel
from sandbox.draws import Draws
from sandbox.errors import BadInput
from sandbox.model import MS_PER_DAY, Channel
from sandbox.ports import ConversationPort, Delivery, Message

SURE = WhatsAppProfile(1.0, 1_000, 0.0, 1.0, 60_000, 0.0, 0.0, 0.0, sends_per_s_max=1_000_000)
"""Delivered after a second, read after a minute, every report arrives."""


def channel(profile: WhatsAppProfile = SURE, opted_in: bool = True) -> WhatsAppChannel:
    """A channel to customers who all opted in, or none."""
    return WhatsAppChannel(profile, Draws(3), lambda _: opted_in)


def send(to: WhatsAppChannel, case: int = 1, at_ms: int = 0) -> Delivery:
    """Send one campaign message."""
    return to.send(Message(case, 1, Channel.WHATSAPP, "campaign", case), at_ms)


def test_a_template_is_delivered_read_and_charged() -> None:
    """Outside a window everything is reported and the template is paid for."""
    delivery = send(channel())
    assert (delivery.delivered_after_ms, delivery.seen_delay_ms, delivery.charged) == (1_000, 60_000, True)
    assert delivery.receipts == ((1_000, "delivered"), (61_000, "read"))


def test_who_never_opted_in_is_refused_even_inside_a_window() -> None:
    """Opt-in comes before everything else, and a refusal is neither delivered nor charged."""
    to = channel(opted_in=False)
    to.acted(1, 0)
    assert send(to) == Delivery(None, (), None, charged=False, refused=NOT_OPTED_IN)


def test_the_window_opens_when_the_customer_acts_and_closes_24_hours_later() -> None:
    """Free of charge until just before 24 hours are over; another action opens the window anew."""
    to = channel()
    assert send(to).charged
    to.acted(1, 5_000)
    assert not send(to, at_ms=5_000).charged
    assert not send(to, at_ms=5_000 + MS_PER_DAY - 1).charged
    assert send(to, at_ms=5_000 + MS_PER_DAY).charged
    to.acted(1, 5_000 + MS_PER_DAY)
    assert not send(to, at_ms=5_001 + MS_PER_DAY).charged
    assert send(to, case=2, at_ms=5_001 + MS_PER_DAY).charged, "a window is one customer's"


def test_without_an_approved_template_only_windows_are_served() -> None:
    """Free-form messages need no template; everything else is refused and says why."""
    to = channel(replace(SURE, template_approved=False))
    assert send(to).refused == TEMPLATE_NOT_APPROVED
    to.acted(1, 0)
    assert send(to).refused == ""


def test_the_tier_counts_unique_users_outside_windows() -> None:
    """At two users the third is refused; who is in a window takes no place; the day after, places are free again."""
    to = channel(replace(SURE, users_per_24_h_max=2))
    to.acted(9, 0)
    told = [send(to, case).refused for case in (9, 1, 2, 3, 1, 9)]
    assert told == ["", "", "", TIER_REACHED, "", ""]
    assert send(to, 3, MS_PER_DAY).refused == ""


def test_a_message_that_was_not_delivered_takes_no_place_and_costs_nothing() -> None:
    """The tier limits users delivered to, and a template is charged when it is delivered."""
    to = channel(replace(SURE, delivered_rate=0.0, users_per_24_h_max=1))
    deliveries = [send(to, case) for case in range(5)]
    assert all(one.refused == "" and not one.charged and one.seen_delay_ms is None for one in deliveries)
    assert deliveries[0].receipts == ((1_000, "failed"),)


def test_read_receipts_that_are_off_are_off_for_every_message_of_that_customer() -> None:
    """A third of customers are never reported as reading, and read all the same."""
    to = channel(replace(SURE, receipts_off_rate=1 / 3))
    silent = {case for case in range(3_000) if len(send(to, case).receipts) == 1}
    assert len(silent) == pytest.approx(1_000, abs=120)
    assert all(send(to, case).seen_delay_ms == 60_000 for case in silent)
    later = [to.send(Message(case, 2, Channel.WHATSAPP, "campaign", case), 0) for case in sorted(silent)]
    assert all(len(delivery.receipts) == 1 for delivery in later)


def test_the_published_share_is_read_after_the_delay_given() -> None:
    """Of 20,000 delivered messages 68 % are seen; half of those within the median delay."""
    to = channel(replace(SURE, read_rate=0.68, read_delay_sigma=1.5))
    seen = [
        one.seen_delay_ms
        for one in (send(to, case) for case in range(20_000))
        if one.seen_delay_ms is not None
    ]
    assert len(seen) / 20_000 == pytest.approx(0.68, abs=0.015)
    assert median(seen) == pytest.approx(60_000, rel=0.05)


def test_only_this_channel_wants_to_know_of_actions() -> None:
    """What the campaign asks for is what the class has."""
    assert isinstance(channel(), ConversationPort)


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"read_rate": 1.5}, "read_rate is 1.5"),
        ({"users_per_24_h_max": 0}, "users_per_24_h_max is 0"),
        ({"sends_per_s_max": 0.0}, "sends_per_s_max is 0.0"),
        ({"read_delay_sigma": 6}, "read_delay_sigma is 6"),
    ],
)
def test_a_wrong_profile_is_refused(wrong: dict[str, float], told: str) -> None:
    """Every number has its range, and the message names it."""
    with pytest.raises(BadInput, match=told):
        WhatsAppProfile(**wrong)  # type: ignore[arg-type]
