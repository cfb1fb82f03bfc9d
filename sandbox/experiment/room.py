"""How much room an estimate leaves a condition, and where of two estimates it clearly has more."""

from __future__ import annotations

from typing import NamedTuple, Protocol

from sandbox.experiment.verdict import Condition


class Reading(Protocol):
    """An estimate with its interval; None where there is none."""

    @property
    def value(self) -> float | None:
        """The estimate."""
        ...

    @property
    def low(self) -> float | None:
        """Lower end."""
        ...

    @property
    def high(self) -> float | None:
        """Upper end."""
        ...


class Look(NamedTuple):
    """What a search run leaves of its tightest condition, as shares of its threshold.

    Attributes:
        room: left when a confirmation's interval is allowed for; below 0 it would fail.
        half: half of that interval.
    """

    room: float
    half: float


def room_of(condition: Condition, reading: Reading, shrink: float) -> Look:
    """Return what a search run leaves of a condition.

    Args:
        condition: what is to be kept.
        reading: the run's estimate; one without a value breaks every condition.
        shrink: half of a confirmation's interval over half of the reading's.
    """
    value = reading.value
    if value is None:
        return Look(-1.0, 0.0)
    below = condition.comparator in ("<", "<=")
    end = reading.high if below else reading.low
    half = 0.0 if end is None else abs(end - value) * shrink
    room = (condition.threshold - value if below else value - condition.threshold) - half
    scale = max(abs(condition.threshold), 1e-9)
    return Look(room / scale, half / scale)


def roomier(condition: Condition, near: Reading, far: Reading) -> bool | None:
    """Whether a condition clearly has more room at the first reading than at the second; None where it may not."""
    low, high = (near, far) if condition.comparator in ("<", "<=") else (far, near)
    if low.high is not None and high.low is not None and low.high < high.low:
        return True
    if high.high is not None and low.low is not None and high.high < low.low:
        return False
    return None
