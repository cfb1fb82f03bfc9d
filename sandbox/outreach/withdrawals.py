"""Who asked not to be messaged, on which channel and since when; read at the moment of sending.

A STOP holds from its own instant, whenever a touch was planned. A START brings a channel back, and only the channel
it came in on: who stopped everything by one reply has not taken all of it back by another. START never gives a
consent that was not there before. Of a STOP and a START of the same instant the STOP wins.
"""

from __future__ import annotations

from bisect import insort
from typing import Literal, NamedTuple

from sandbox.model import Channel, ContactPreferences
from sandbox.outreach.replies import Intent


class _Heard(NamedTuple):
    """One reply that counts; in order of time, and at one instant a START before a STOP."""

    at_ms: int
    stops: bool
    channels: tuple[Channel, ...]


class Withdrawals:
    """The STOPs and STARTs of all customers of a campaign.

    Attributes:
        heard: by case, for those who ever sent one.
    """

    def __init__(self, scope: Literal["channel", "all"]) -> None:
        """Start with nobody; `scope` is what one STOP ends."""
        self._scope = scope
        self.heard: dict[int, list[_Heard]] = {}

    def reply(self, case_id: int, channel: Channel, intent: Intent, at_ms: int) -> bool:
        """Take note of a reply that arrives at `at_ms`; False where it changes nothing (HELP and other words).

        A reply may be told before its time: nothing is held back until then.
        """
        if intent not in (Intent.STOP, Intent.START):
            return False
        stops = intent is Intent.STOP
        every = stops and self._scope == "all"
        insort(
            self.heard.setdefault(case_id, []), _Heard(at_ms, stops, tuple(Channel) if every else (channel,))
        )
        return True

    def applied(self, case_id: int, usual: ContactPreferences, now_ms: int) -> ContactPreferences:
        """Return a customer's preferences as they are now: withdrawn channels are no longer consented to.

        Where nothing consented to is left, the time of the last STOP is the opt-out.
        """
        withdrawn: set[Channel] = set()
        last_ms = None
        for at_ms, stops, channels in self.heard.get(case_id, ()):
            if at_ms > now_ms:
                break
            if stops:
                withdrawn.update(channels)
                last_ms = at_ms
            else:
                withdrawn.difference_update(channels)
        if not withdrawn:
            return usual
        left = usual.consent - withdrawn
        if not left:  # also of somebody who was messaged without ever having consented
            return usual._replace(opted_out_at_ms=last_ms)
        return usual._replace(consent=left)
