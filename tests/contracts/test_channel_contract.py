"""What every messaging channel promises, asked of each one."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from math import sqrt
from typing import NamedTuple

import pytest

from fake_channels.email import EmailChannel
from fake_channels.limits import PER_S_UNLIMITED
from fake_channels.profiles import EmailProfile, SmsProfile, WhatsAppProfile
from fake_channels.sms import SmsChannel
from fake_channels.whatsapp import WhatsAppChannel
from sandbox.draws import Draws
from sandbox.model import Channel
from sandbox.ports import RECEIPT_STATUSES, ChannelPort, Delivery, DeliveryReceipt, Message

MESSAGES = 20_000
FEWER = 4_000
"""Messages for each other purpose and touch: whether its rates hold too is asked there, how closely of the first."""

SIGMAS = 4.5  # two-sided chance of a false alarm: 7 in a million per rate, and the seed is fixed


class Subject(NamedTuple):
    """One implementation under one setting, and the rates it must reproduce."""

    name: str
    build: Callable[[int], ChannelPort]
    delivered_rate: float
    receipts: dict[int, float]  # share of messages with this many reports of their delivery


def sms(profile: SmsProfile) -> Callable[[int], ChannelPort]:
    """Build the text message channel for a seed."""
    return lambda seed: SmsChannel(profile, Draws(seed))


def whatsapp(profile: WhatsAppProfile) -> Callable[[int], ChannelPort]:
    """Build the WhatsApp channel for a seed, everybody opted in."""
    return lambda seed: WhatsAppChannel(profile, Draws(seed), lambda _: True)


def email(profile: EmailProfile) -> Callable[[int], ChannelPort]:
    """Build the email channel for a seed."""
    return lambda seed: EmailChannel(profile, Draws(seed))


FREELY = {"sends_per_s_max": PER_S_UNLIMITED}
"""Without a limit on sends, under which a message's time depends on those before it; that has a test of its own."""
EVERYBODY = {**FREELY, "users_per_24_h_max": 10 * MESSAGES}

EVERY = (
    Subject("sms-default", sms(SmsProfile()), 0.97, {0: 0.03, 1: 0.96, 2: 0.01}),
    Subject(
        "sms-clean", sms(SmsProfile(1.0, 4_000, 0.67, 0, 0, 1, 0, 0, 0, 0)), 1.0, {0: 0.0, 1: 1.0, 2: 0.0}
    ),
    Subject("sms-dead", sms(SmsProfile(delivered_rate=0)), 0.0, {0: 0.03, 1: 0.96, 2: 0.01}),
    Subject(
        "sms-faulty",
        sms(SmsProfile(0.7, 4_000, 1.5, 0.5, 3_600_000, 10_000_000_000, 0.3, 0.3, 600_000, 0.3)),
        0.7,
        {0: 0.3, 1: 0.4, 2: 0.3},
    ),
    Subject(
        "sms-all-buffered",
        sms(SmsProfile(0.9, 0, 0, 1.0, 60_000, 10_000_000, 1.0, 0, 0, 0)),
        0.9,
        {0: 1.0, 1: 0.0, 2: 0.0},
    ),
    Subject("whatsapp-default", whatsapp(WhatsAppProfile(**EVERYBODY)), 0.93, {0: 0.01, 1: 0.99, 2: 0.0}),
    Subject(
        "whatsapp-dead", whatsapp(WhatsAppProfile(delivered_rate=0.0, **EVERYBODY)), 0.0, {0: 0.01, 1: 0.99}
    ),
    Subject("whatsapp-silent", whatsapp(WhatsAppProfile(receipt_lost_rate=1.0, **EVERYBODY)), 0.93, {0: 1.0}),
    Subject("email-default", email(EmailProfile(**FREELY)), 0.98, {0: 0.01, 1: 0.99, 2: 0.0}),
    Subject(
        "email-bouncing",
        email(EmailProfile(bounce_rate=0.6, receipt_lost_rate=0.2, **FREELY)),
        0.4,
        {0: 0.2, 1: 0.8},
    ),
)
SUBJECTS = {subject.name: subject for subject in EVERY}


@pytest.fixture(params=SUBJECTS.values(), ids=SUBJECTS.keys())
def subject(request: pytest.FixtureRequest) -> Subject:
    """Each implementation and setting in turn."""
    return request.param


def message(index: int, purpose: str = "campaign", touch: int = 1) -> Message:
    """One of many like messages."""
    return Message(index, touch, Channel.SMS, purpose, index)


def reports(delivery: Delivery) -> list[DeliveryReceipt]:
    """The reports of a message's delivery; those of its reading are another thing."""
    return [receipt for receipt in delivery.receipts if receipt.status != "read"]


def sent(
    channel: ChannelPort, purpose: str = "campaign", touch: int = 1, messages: int = MESSAGES
) -> list[Delivery]:
    """What becomes of the first messages."""
    return [channel.send(message(index, purpose, touch), 0) for index in range(messages)]


@cache
def fates(name: str) -> list[Delivery]:
    """What becomes of the first 20,000 campaign messages with seed 7; sent once for all who only look at it."""
    return sent(SUBJECTS[name].build(7))


def test_the_same_message_meets_the_same_fate(subject: Subject) -> None:
    """A delivery is a function of seed and message: not of order, repetition or the time of sending."""
    once, again = subject.build(7), subject.build(7)
    forward = [once.send(message(index), 0) for index in range(3_000)]
    backward = [again.send(message(index), 9_999_999) for index in reversed(range(3_000))]
    assert forward == backward[::-1]
    assert [once.send(message(index), 5) for index in range(3_000)] == forward


def test_the_fate_follows_the_draw_index_alone(subject: Subject) -> None:
    """Two cases with one draw index share their luck; the case id itself decides nothing."""
    channel = subject.build(7)
    assert channel.send(message(5)._replace(case_id=99), 0) == channel.send(message(5), 0)


def test_times_are_whole_and_in_order(subject: Subject) -> None:
    """Latencies are integers from 0, no receipt comes before what it reports, and receipts come in order."""
    for delivery in fates(subject.name):
        reached = delivery.delivered_after_ms
        assert reached is None or (type(reached) is int and reached >= 0)
        times = [receipt.after_ms for receipt in delivery.receipts]
        assert all(type(time) is int and time >= (reached or 0) for time in times)
        assert times == sorted(times)


def test_receipts_tell_the_truth(subject: Subject) -> None:
    """Only a message that reached its handset is reported delivered, never failed, and read only if it was seen."""
    for delivery in fates(subject.name):
        status = "failed" if delivery.delivered_after_ms is None else "delivered"
        assert {receipt.status for receipt in reports(delivery)} <= {status}
        read = [receipt.after_ms for receipt in delivery.receipts if receipt.status == "read"]
        assert len(read) <= 1
        if read:
            assert delivery.delivered_after_ms is not None
            assert delivery.seen_delay_ms is not None
            assert read == [delivery.delivered_after_ms + delivery.seen_delay_ms]
        assert {receipt.status for receipt in delivery.receipts} <= set(RECEIPT_STATUSES)


def test_what_was_taken_was_not_refused_and_what_never_arrived_was_not_seen(subject: Subject) -> None:
    """Nobody is refused without a reason of the provider's, and nothing is seen that did not arrive."""
    for delivery in fates(subject.name):
        assert delivery.refused == ""
        if delivery.delivered_after_ms is None:
            assert not delivery.seen_delay_ms


@pytest.mark.parametrize("purpose", ["campaign", "code", "confirmation"])
@pytest.mark.parametrize("touch", [1, 2])
def test_rates_are_reproduced(subject: Subject, purpose: str, touch: int) -> None:
    """Over thousands of messages every share lies within its binomial bound, for each purpose and touch."""
    first = (purpose, touch) == ("campaign", 1)
    deliveries = fates(subject.name) if first else sent(subject.build(7), purpose, touch, FEWER)
    arrived = sum(d.delivered_after_ms is not None for d in deliveries)
    assert_share(arrived, subject.delivered_rate, len(deliveries))
    for count, share in subject.receipts.items():
        assert_share(sum(len(reports(d)) == count for d in deliveries), share, len(deliveries))
    lost = [d for d in deliveries if d.delivered_after_ms is None]
    for count, share in subject.receipts.items():
        assert_share(sum(len(reports(d)) == count for d in lost), share, len(lost))


@pytest.mark.wide
def test_purposes_and_touches_have_luck_of_their_own(subject: Subject) -> None:
    """A code is not lost because the campaign message of the same touch was: lost together only by chance."""
    channel = subject.build(7)
    columns = [sent(channel), sent(channel, "code"), sent(channel, "confirmation"), sent(channel, touch=2)]
    lost = [[delivery.delivered_after_ms is None for delivery in column] for column in columns]
    share = (1 - subject.delivered_rate) ** 2
    for one in range(len(lost)):
        for other in range(one):
            assert_share(sum(a and b for a, b in zip(lost[one], lost[other], strict=True)), share)


def test_seeds_have_luck_of_their_own(subject: Subject) -> None:
    """Another seed is another world, even where only latencies or receipts are left to luck."""
    assert fates(subject.name)[:FEWER] != sent(subject.build(8), messages=FEWER)


def assert_share(found: int, share: float, of: int = MESSAGES) -> None:
    """Fail when a count is further from its expectation than chance allows."""
    assert abs(found - share * of) <= SIGMAS * sqrt(share * (1 - share) * of) + 1e-9


LIMITED: dict[str, Callable[[float], ChannelPort]] = {
    "sms": lambda per_s: SmsChannel(SmsProfile(1.0, 1_000, 0, 0, sends_per_s_max=per_s), Draws(7)),
    "whatsapp": lambda per_s: WhatsAppChannel(
        WhatsAppProfile(1.0, 1_000, 0, sends_per_s_max=per_s), Draws(7), lambda _: True
    ),
    "email": lambda per_s: EmailChannel(EmailProfile(0.0, 1_000, 0, sends_per_s_max=per_s), Draws(7)),
}


@pytest.mark.parametrize("build", LIMITED.values(), ids=LIMITED.keys())
def test_messages_beyond_the_send_limit_leave_later(build: Callable[[float], ChannelPort]) -> None:
    """At two a second the n-th of a burst arrives (n - 1) half seconds late, and after a pause nobody is late."""
    channel = build(2.0)
    burst = [channel.send(message(index), 10_000).delivered_after_ms for index in range(5)]
    assert burst == [1_000, 1_500, 2_000, 2_500, 3_000]
    assert channel.send(message(5), 12_400).delivered_after_ms == 1_100  # the sixth place is at 12,500
    assert channel.send(message(6), 20_000).delivered_after_ms == 1_000
