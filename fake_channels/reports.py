"""The reports a provider sends of a message whose fate is known, for channels that report reading too."""

from __future__ import annotations

from typing import TypeVar

import numpy as np

from sandbox.ports import DeliveryReceipt

Draw = TypeVar("Draw", float, np.ndarray)

NO_RECEIPTS: tuple[DeliveryReceipt, ...] = ()
_SMALLEST_RANGE = 1e-300  # a range nobody falls into must still divide


def place_in(value: Draw, low: float, high: float) -> Draw:
    """Return where in [low, high) a uniform value lies, as a value in [0, 1): uniform again, given the range.

    Of a column it is said of each value.
    """
    return (value - low) / max(high - low, _SMALLEST_RANGE)


def reports(status: str, after_ms: int, read_after_ms: int | None) -> tuple[DeliveryReceipt, ...]:
    """Return the report of a fate, and of reading where the customer lets it be reported.

    Args:
        status: "delivered" or "failed".
        after_ms: when that is known, from the send on.
        read_after_ms: when the message is read, from the send on; None when nothing will be reported of it.
    """
    told = DeliveryReceipt(after_ms, status)
    return (told,) if read_after_ms is None else (told, DeliveryReceipt(read_after_ms, "read"))
