"""What a provider holds its sender to: so many sends a second, so many users in a moving day."""

from __future__ import annotations

from collections import deque
from math import ceil

from sandbox.model import MS_PER_DAY

_US_PER_MS = 1_000
_US_PER_SECOND = 1_000_000

PER_S_UNLIMITED = float(_US_PER_SECOND)
"""One message a microsecond: more than any campaign sends."""

MS_PER_WINDOW = MS_PER_DAY
"""A customer service window of WhatsApp, from the customer's last action on."""


class SendLimit:
    """Sends a second: a message beyond the limit leaves at the next free moment, which is kept; nothing waits.

    Moments are kept in whole microseconds, so that a limit of 300 a second is not 250.

    Args:
        per_s_max: sends a second, above 0; evenly spaced.
    """

    def __init__(self, per_s_max: float) -> None:
        """Start with the next moment free."""
        self._gap_us = ceil(_US_PER_SECOND / per_s_max)
        self._free_us = 0

    def wait_ms(self, at_ms: int) -> int:
        """Take the next free moment from `at_ms` on; return how many milliseconds away it is, rounded up."""
        now_us = at_ms * _US_PER_MS
        leaves_us = self._free_us
        if leaves_us <= now_us:
            self._free_us = now_us + self._gap_us
            return 0
        self._free_us = leaves_us + self._gap_us
        return -((now_us - leaves_us) // _US_PER_MS)


class UserLimit:
    """Unique users written to in a moving 24 hours: a further one is refused, one already counted is not.

    Args:
        users_max: how many.
    """

    def __init__(self, users_max: int) -> None:
        """Start with nobody counted."""
        self._users_max = users_max
        self._last_ms: dict[int, int] = {}
        self._sends: deque[tuple[int, int]] = deque()

    def allows(self, user: int, at_ms: int) -> bool:
        """Say whether this user may be written to now; a send exactly 24 hours old no longer counts."""
        sends, last_ms = self._sends, self._last_ms
        while sends and sends[0][0] <= at_ms - MS_PER_DAY:
            sent_ms, gone = sends.popleft()
            if last_ms[gone] == sent_ms:
                del last_ms[gone]
        return user in last_ms or len(last_ms) < self._users_max

    def count(self, user: int, at_ms: int) -> None:
        """A message to this user was delivered; times must not go back."""
        if self._last_ms.get(user) != at_ms:
            self._last_ms[user] = at_ms
            self._sends.append((at_ms, user))


def send_limit(per_s_max: float) -> SendLimit | None:
    """Return the limit of a route, or None where none can be felt."""
    return SendLimit(per_s_max) if per_s_max < PER_S_UNLIMITED else None
