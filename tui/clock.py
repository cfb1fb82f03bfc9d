"""The one edge that reads wall time. Everything else is handed a clock."""

from __future__ import annotations

import time
from collections.abc import Callable

Clock = Callable[[], float]
"""Seconds on a clock that never runs backwards; only differences mean something."""


def monotonic_s() -> float:
    """Return seconds on the machine's monotonic clock."""
    return time.monotonic()  # noqa: TID251 - this module is the edge the ban points to
