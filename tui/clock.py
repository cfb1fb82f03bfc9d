"""The one edge that reads wall time. Everything else is handed a clock."""

from __future__ import annotations

import time
from collections.abc import Callable

Clock = Callable[[], float]
"""Seconds on a clock that never runs backwards; only differences mean something."""


def wall_ms() -> int:
    """Return milliseconds since 1970, UTC; the core that is served goes by it."""
    return time.time_ns() // 1_000_000


def wait_ms(for_ms: int) -> None:
    """Let time pass on the machine's clock."""
    time.sleep(for_ms / 1000)


def monotonic_s() -> float:
    """Return seconds on the machine's monotonic clock."""
    return time.monotonic()  # noqa: TID251 - this module is the edge the ban points to
