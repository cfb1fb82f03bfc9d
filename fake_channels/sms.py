"""A text message provider: what becomes of each message is a pure function of the message and the seed."""

from __future__ import annotations

from array import array
from functools import cache
from math import log1p

import numpy as np

from fake_channels.limits import send_limit
from fake_channels.profiles import SmsProfile
from fake_channels.reports import NO_RECEIPTS, place_in
from sandbox.draws import CHUNK, CHUNK_BITS, IN_CHUNK, Draws
from sandbox.model import record_of
from sandbox.ports import Delivery, DeliveryReceipt, Message

_LAST_PLACE = 1.0 - 2.0**-53  # the largest float below 1


@cache
def _draw_names(purpose: str) -> tuple[str, str, str]:
    """What a message's draws are called: apart for each purpose, so that a code never shares a touch's luck."""
    prefix = "sms" if purpose == "campaign" else purpose
    return f"{prefix}_delivered", f"{prefix}_latency", f"{prefix}_buffered"


class SmsChannel:
    """A `ports.ChannelPort` for text messages. It keeps its next free moment, nothing else, and lets no time pass.

    One uniform draw decides a message's fate and, by its position inside that fate's range, the fate of the
    receipt; a normal draw gives the latency. Only a buffered message needs a third draw. Codes and
    confirmations use purposes of their own, so that they never share luck with the campaign message of the
    same touch.

    Args:
        profile: the route's behaviour.
        draws: the replication's random columns.
    """

    def __init__(self, profile: SmsProfile, draws: Draws) -> None:
        """Lay the fates out on [0, 1): lost, delivered at once, buffered."""
        self._profile = profile
        self._draws = draws
        self._lost_below = 1.0 - profile.delivered_rate
        self._buffered_from = 1.0 - profile.delivered_rate * profile.buffered_rate
        self._late_from = profile.receipt_lost_rate
        self._twice_from = self._late_from + profile.receipt_late_rate
        self._once_from = self._twice_from + profile.receipt_duplicate_rate
        self._expiry_ms = int(profile.buffered_expiry_ms)
        self._limit = send_limit(profile.sends_per_s_max)
        self._plain_ms = draws.kept(self._plain_column)

    def send(self, message: Message, at_ms: int) -> Delivery:
        """Say when a message reaches the handset, if ever, and which receipts follow.

        A message beyond the provider's limit leaves later; its latency and its expiry count from then on. A receipt
        of a delivered message arrives with the delivery or later; a lost message is reported failed after the
        latency it would have had, an expired one at its expiry.
        """
        _, touch, _, purpose, index = message
        wait_ms = 0 if self._limit is None else self._limit.wait_ms(at_ms)
        plain_ms = self._plain_ms(purpose, touch, index >> CHUNK_BITS)[index & IN_CHUNK]
        if plain_ms < 0:
            return self._fate(purpose, touch, index, wait_ms, ~plain_ms)
        after_ms = wait_ms + plain_ms
        receipt = record_of(DeliveryReceipt, (after_ms, "delivered"))
        return record_of(Delivery, (after_ms, (receipt,), 0, True, ""))

    def _plain_column(self, purpose: str, touch: int, chunk: int) -> array[int]:
        """Latencies of one chunk's messages, milliseconds, inverted (~) for those whose fate must be looked at.

        Nine in ten are delivered at once and reported once, with the delivery: of them there is no more to say.
        """
        delivered, latency, _ = _draw_names(purpose)
        profile, draws, start = self._profile, self._draws, chunk * CHUNK
        fate = draws.uniforms(delivered, touch, start, CHUNK)
        place = place_in(fate, self._lost_below, self._buffered_from)
        plain = (fate >= self._lost_below) & (fate < self._buffered_from) & (place >= self._once_from)
        spread = profile.latency_sigma * draws.normals(latency, touch, start, CHUNK)
        latency_ms = (profile.latency_ms_median * np.exp(spread)).astype(np.int64)
        return array("q", np.where(plain, latency_ms, ~latency_ms).tobytes())

    def _fate(self, purpose: str, touch: int, index: int, wait_ms: int, latency_ms: int) -> Delivery:
        """Say what becomes of any message that leaves in `wait_ms` and has this latency from then on."""
        delivered, _, buffered = _draw_names(purpose)
        profile, draws = self._profile, self._draws
        fate = draws.uniform(delivered, touch, index)
        after_ms = wait_ms + latency_ms
        if fate < self._lost_below:
            return Delivery(None, self._receipts("failed", after_ms, fate / self._lost_below))
        if fate < self._buffered_from:
            place = place_in(fate, self._lost_below, self._buffered_from)
            return Delivery(after_ms, self._receipts("delivered", after_ms, place))
        place = (fate - self._buffered_from) / (1.0 - self._buffered_from)
        after_ms += int(-profile.buffered_delay_ms_mean * log1p(-draws.uniform(buffered, touch, index)))
        if after_ms - wait_ms >= self._expiry_ms:
            return Delivery(None, self._receipts("failed", wait_ms + self._expiry_ms, place))
        return Delivery(after_ms, self._receipts("delivered", after_ms, place))

    def _receipts(self, status: str, after_ms: int, place: float) -> tuple[DeliveryReceipt, ...]:
        """Receipts of a message whose fate is known `after_ms` after its send; `place` is uniform."""
        if place >= self._once_from:
            return (DeliveryReceipt(after_ms, status),)
        if place < self._late_from:
            return NO_RECEIPTS
        if place < self._twice_from:
            late_ms = self._late_ms((place - self._late_from) / (self._twice_from - self._late_from))
            return (DeliveryReceipt(after_ms + late_ms, status),)
        gap_ms = self._late_ms((place - self._twice_from) / (self._once_from - self._twice_from))
        return (DeliveryReceipt(after_ms, status), DeliveryReceipt(after_ms + gap_ms, status))

    def _late_ms(self, place: float) -> int:
        # Just below the upper end of its range a place may round to 1, where the logarithm has no value.
        return int(-self._profile.receipt_late_delay_ms_mean * log1p(-min(place, _LAST_PLACE)))
