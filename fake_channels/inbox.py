"""What customers saw: the texts that reached a handset, for a person, a test or the trace to read.

An inbox stands for the customer's own phone, so it holds one-time codes and links in the clear. Nothing
read from it belongs in a log or in the audit trail.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from sandbox.ports import Delivery, Message

TEXTS_PER_CASE = 50
"""Texts kept per case: several times what any outreach rule lets a customer receive."""


class Text(NamedTuple):
    """One text on a handset.

    Attributes:
        at_ms: when it arrived.
        channel, purpose, touch: of the message it came with.
        text: what the customer reads.
    """

    at_ms: int
    channel: str
    purpose: str
    touch: int
    text: str


class Inbox:
    """Keeps the texts of the cases somebody watches; nothing else, so a bulk run pays nothing for it.

    Args:
        watched: cases to keep; none by default.
        texts_per_case: the oldest text makes room once a case has this many.
    """

    def __init__(self, watched: Iterable[int] = (), texts_per_case: int = TEXTS_PER_CASE) -> None:
        """Open an empty inbox for every watched case."""
        self._texts: dict[int, list[Text]] = {case_id: [] for case_id in watched}
        self._texts_per_case = texts_per_case

    def put(self, message: Message, delivery: Delivery, text: str, sent_at_ms: int) -> bool:
        """Keep a text if its case is watched and it reached the handset; returns whether it was kept."""
        texts = self._texts.get(message.case_id)
        if texts is None or delivery.delivered_after_ms is None:
            return False
        at_ms = sent_at_ms + delivery.delivered_after_ms
        texts.append(Text(at_ms, message.channel.value, message.purpose, message.touch, text))
        texts.sort(key=_arrival)
        del texts[: -self._texts_per_case]
        return True

    def read(self, case_id: int, until_ms: int | None = None) -> tuple[Text, ...]:
        """Return a case's texts by arrival, up to and including `until_ms`; nothing if nobody watches it."""
        texts = self._texts.get(case_id, [])
        return tuple(text for text in texts if until_ms is None or text.at_ms <= until_ms)


def _arrival(text: Text) -> int:
    return text.at_ms
