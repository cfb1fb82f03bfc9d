"""A campaign's channels as the send path needs them: everything that can be looked up is looked up once a run."""

from __future__ import annotations

from itertools import product

from sandbox.evidence import canonical
from sandbox.model import Channel, ContactPreferences
from sandbox.ports import ChannelPort, ConversationPort


def message_sent(channel: str, touch: int, *, consent: bool = True) -> dict[str, object]:
    """Return the evidence of a message that left; only rigid timing sends one without consent to its channel."""
    return {"channel": channel, "consent": consent, "touch": touch}


class Route:
    """One channel of a campaign.

    Attributes:
        port: the provider.
        conversation: the same provider, where it wants to know of a customer's action; else None.
        name: the channel's name in facts.
        bit: the channel's bit in who consents and who acts.
        delay_factor: time from seeing to acting, times that of an SMS.
        evidence: what the trail says of a send, per touch; encoded once, for it is most of the trail.
        against_consent: the same of a send to which the customer has not consented.
    """

    __slots__ = ("against_consent", "bit", "conversation", "delay_factor", "evidence", "name", "port")

    def __init__(
        self, port: ChannelPort, channel: Channel, bit: int, delay_factor: float, touches: int
    ) -> None:
        """Encode the evidence of every touch there may be."""
        self.port = port
        self.conversation = port if isinstance(port, ConversationPort) else None
        self.name = channel.value
        self.bit = bit
        self.delay_factor = delay_factor
        self.evidence, self.against_consent = (
            [canonical(message_sent(self.name, touch, consent=consent)) for touch in range(touches + 1)]
            for consent in (True, False)
        )


def kinds_of_reach(channels: tuple[Channel, ...]) -> int:
    """How many kinds of customer there are in one time zone: who consents to what, and who asked for what."""
    return (len(channels) + 1) << len(channels)


def preferences_by_reach(channels: tuple[Channel, ...], zones: tuple[str, ...]) -> list[ContactPreferences]:
    """Return what outreach must know of every kind of customer, by a small number.

    The number has one bit per channel consented to, the first channel's the lowest; above them stands the place (from
    1) of the channel asked for, or 0. Each further zone has its numbers behind those of the zones before it; how many
    a zone has says `kinds_of_reach`.
    """
    kinds = []
    for zone, preferred in product(zones, (None, *channels)):
        for bits in range(1 << len(channels)):
            consent = frozenset(channel for place, channel in enumerate(channels) if bits >> place & 1)
            kinds.append(ContactPreferences(consent, None, zone, preferred))
    return kinds
