"""The text message route: latency, buffering, expiry and late receipts, beyond the channel contract."""

from __future__ import annotations

from array import array
from collections import Counter
from math import exp, log, log1p, nextafter
from statistics import fmean, median, pstdev

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from fake_channels.profiles import SmsProfile
from fake_channels.sms import SmsChannel
from sandbox.draws import Draws
from sandbox.errors import BadInput
from sandbox.model import Channel
from sandbox.ports import Delivery, DeliveryReceipt, Message

MESSAGES = 20_000
shares = st.floats(0, 1)
CLEAN = SmsProfile(1.0, 4_000, 0.67, 0.0, 0, 1, 0.0, 0.0, 0, 0.0)


class Fixed(Draws):
    """Draws that are the same for everybody, to stand exactly on a boundary."""

    def __init__(self, uniforms: dict[str, float], normal: float = 0.0) -> None:
        """Keep one value per purpose."""
        super().__init__(0)
        self._values = uniforms
        self._value = normal

    def uniform(self, purpose: str, attempt: int, index: int) -> float:  # noqa: ARG002 - the same for all
        """The value set for the purpose."""
        return self._values[purpose]

    def normal(self, purpose: str, attempt: int, index: int) -> float:  # noqa: ARG002 - the same for all
        """The one value set."""
        return self._value

    def uniforms(self, purpose: str, attempt: int, start: int, count: int) -> np.ndarray:  # noqa: ARG002
        """The value set for the purpose, as a column."""
        return np.full(count, self._values[purpose])

    def normals(self, purpose: str, attempt: int, start: int, count: int) -> np.ndarray:  # noqa: ARG002
        """The one value set, as a column."""
        return np.full(count, self._value)


def send(profile: SmsProfile, draws: Draws, index: int = 0, purpose: str = "campaign") -> Delivery:
    """Send one message."""
    return SmsChannel(profile, draws).send(Message(index, 1, Channel.SMS, purpose, index), 0)


def latencies(profile: SmsProfile) -> list[int]:
    """Times of the delivered among 20,000 messages."""
    channel = SmsChannel(profile, Draws(3))
    deliveries = [channel.send(Message(i, 1, Channel.SMS, "campaign", i), 0) for i in range(MESSAGES)]
    return [d.delivered_after_ms for d in deliveries if d.delivered_after_ms is not None]


def test_latency_is_lognormal_with_the_median_and_spread_given() -> None:
    """Median, log spread and 95th percentile of 20,000 latencies match the profile."""
    times = sorted(latencies(CLEAN))
    assert median(times) == pytest.approx(4_000, rel=0.03)
    assert pstdev(log(time) for time in times) == pytest.approx(0.67, rel=0.03)
    assert times[int(0.95 * MESSAGES)] == pytest.approx(4_000 * exp(0.67 * 1.645), rel=0.05)


def test_buffered_messages_wait_an_exponential_time() -> None:
    """With everything buffered and no latency, the mean wait is the profile's and its spread equals it."""
    times = latencies(SmsProfile(1.0, 0, 0, 1.0, 60_000, 10**10, 0, 0, 0, 0))
    assert fmean(times) == pytest.approx(60_000, rel=0.03)
    assert pstdev(times) == pytest.approx(60_000, rel=0.05)


def test_a_message_is_given_up_at_its_expiry() -> None:
    """One millisecond below the expiry a buffered message arrives; at the expiry it is reported failed."""
    wait = {"sms_delivered": 0.9999, "sms_buffered": 0.5}
    profile = SmsProfile(1.0, 1_000, 0.5, 0.5, 10_000, 100_000_000, 0, 0, 0, 0)
    reached = send(profile, Fixed(wait)).delivered_after_ms
    assert reached == 1_000 + int(10_000 * log(2))
    just_in_time = SmsProfile(1.0, 1_000, 0.5, 0.5, 10_000, reached + 1, 0, 0, 0, 0)
    too_late = SmsProfile(1.0, 1_000, 0.5, 0.5, 10_000, reached, 0, 0, 0, 0)
    assert send(just_in_time, Fixed(wait)).delivered_after_ms == reached
    assert send(too_late, Fixed(wait)) == Delivery(None, (DeliveryReceipt(reached, "failed"),))


@pytest.mark.parametrize("per_s_max", [0.5, 1e6])
def test_what_is_known_by_the_column_is_what_the_rule_says(per_s_max: float) -> None:
    """Messages delivered at once and reported once are not looked at one by one; the rule would say the same."""
    profile = SmsProfile(0.8, 4_000, 0.67, 0.1, 10_000, 60_000, 0.1, 0.1, 5_000, 0.1, per_s_max)
    channel, by_rule = SmsChannel(profile, Draws(3)), SmsChannel(profile, Draws(3))
    by_rule._plain_ms = lambda *chunk: array("q", [min(value, ~value) for value in channel._plain_ms(*chunk)])
    seen: Counter[tuple[bool, int]] = Counter()
    for i in range(2_000):
        message = Message(i, 1, Channel.SMS, "campaign", i)
        delivery = channel.send(message, 1_000 * i)
        assert delivery == by_rule.send(message, 1_000 * i)
        seen[delivery.delivered_after_ms is None, len(delivery.receipts)] += 1
    assert set(seen) == {(lost, reports) for lost in (False, True) for reports in (0, 1, 2)}


@pytest.mark.parametrize(
    ("fate", "delivered", "buffered"),
    [
        (0.0, False, False),
        (0.2499, False, False),
        (0.25, True, False),
        (0.6249, True, False),
        (0.625, True, True),
    ],
)
def test_the_fates_meet_at_the_shares_given(fate: float, *, delivered: bool, buffered: bool) -> None:
    """With a quarter lost and half of the rest buffered, each boundary falls to the right side."""
    profile = SmsProfile(0.75, 1_000, 0, 0.5, 10_000, 10**8, 0, 0, 0, 0)
    delivery = send(profile, Fixed({"sms_delivered": fate, "sms_buffered": 0.9}))
    assert (delivery.delivered_after_ms is not None) is delivered
    assert (delivered and delivery.delivered_after_ms > 1_000) is buffered


@pytest.mark.parametrize(
    ("place", "receipts"),
    [(0.0, 0), (0.2499, 0), (0.25, "late"), (0.4999, "late"), (0.5, 2), (0.7499, 2), (0.75, 1), (0.9999, 1)],
)
def test_the_fates_of_a_receipt_meet_at_the_shares_given(place: float, receipts: int | str) -> None:
    """A quarter lost, a quarter late, a quarter doubled: each boundary falls to the right side."""
    profile = SmsProfile(1.0, 1_000, 0, 0, 0, 10**8, 0.25, 0.25, 50_000_000, 0.25)
    found = send(profile, Fixed({"sms_delivered": place})).receipts
    if receipts == "late":
        assert [receipt.after_ms for receipt in found] == [1_000 + int(-50_000_000 * log1p(1 - 4 * place))]
    else:
        assert len(found) == receipts
        assert all(receipt.after_ms == 1_000 for receipt in found[:1])


def test_late_receipts_are_late_by_the_mean_given() -> None:
    """When every receipt is late, the mean lateness is the profile's, for lost messages too."""
    for delivered_rate in (1.0, 0.0):
        profile = SmsProfile(delivered_rate, 1_000, 0, 0, 0, 10**8, 0, 1.0, 30_000, 0)
        channel = SmsChannel(profile, Draws(3))
        late = [
            channel.send(Message(i, 1, Channel.SMS, "code", i), 0).receipts[0].after_ms - 1_000
            for i in range(MESSAGES)
        ]
        assert min(late) >= 0
        assert fmean(late) == pytest.approx(30_000, rel=0.03)


@example(
    delivered=1.0, buffered=0.0, lost=0.0, late=0.5625, twice=0.984375, near=0.0
)  # a place that rounds to 1
@given(shares, shares, shares, shares, shares, shares)
def test_every_draw_on_the_edge_of_a_range_is_answered(
    delivered: float, buffered: float, lost: float, late: float, twice: float, near: float
) -> None:
    """The floats next to every boundary, stretched over their range, give finite times under any shares."""
    total = max(1.0, (lost + late + twice) * (1 + 1e-9))
    profile = SmsProfile(
        delivered, 1_000, 0, buffered, 1_000, 10**8, lost / total, late / total, 1_000, twice / total
    )
    # Inside the range of messages delivered at once, the receipt's boundaries lie at these fates.
    start, end = 1.0 - delivered, 1.0 - delivered * buffered
    inner = [start + share / total * (end - start) for share in (lost, lost + late, lost + late + twice)]
    for edge in (0.0, near, start, end, *inner, 1.0):
        for beside in (nextafter(edge, 0.0), edge, nextafter(edge, 1.0)):
            fate = min(beside, 1.0 - 2.0**-53)
            delivery = send(profile, Fixed({"sms_delivered": fate, "sms_buffered": fate}))
            assert all(0 <= receipt.after_ms <= 100_000 for receipt in delivery.receipts)


def test_a_lower_delivery_rate_only_takes_messages_away() -> None:
    """Whoever a better route loses, a worse route loses too: the same luck under another setting."""
    draws = Draws(3)
    good = SmsChannel(SmsProfile(delivered_rate=0.97), draws)
    bad = SmsChannel(SmsProfile(delivered_rate=0.8), draws)
    for index in range(5_000):
        message = Message(index, 1, Channel.SMS, "campaign", index)
        if good.send(message, 0).delivered_after_ms is None:
            assert bad.send(message, 0).delivered_after_ms is None


def test_every_fault_of_a_profile_is_listed() -> None:
    """Shares, times and spreads out of range, and numbers that are none, are all reported."""
    nan = float("nan")
    with pytest.raises(BadInput) as caught:
        SmsProfile(1.1, -1, 6, nan, float("inf"), -1, -0.1, 2, nan, 3)
    assert len(caught.value.problems) == 11
    with pytest.raises(BadInput, match=r"add up to 1\.5"):
        SmsProfile(receipt_lost_rate=0.5, receipt_late_rate=0.5, receipt_duplicate_rate=0.5)
