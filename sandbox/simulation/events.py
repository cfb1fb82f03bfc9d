"""SimPy's environment with integer milliseconds, and the one way this engine schedules something."""

from __future__ import annotations

from collections.abc import Callable
from heapq import heappush
from typing import Any, cast

from simpy import Environment, Event
from simpy.events import NORMAL


class Clockwork(Environment):
    """A SimPy environment whose time is an integer number of milliseconds since the scenario's start."""

    _now: int  # SimPy allows floats; this engine never makes one

    @property
    def now(self) -> int:
        """Current simulated time, milliseconds."""
        return self._now


class Later:
    """What SimPy's loop needs of an event, and nothing more: one callback and the value it is handed.

    A Timeout would do the same with three calls and a dictionary; a run schedules five of these per case.
    """

    __slots__ = ("callbacks", "value")

    _ok = True

    def __init__(self, callback: Callable[[Later], None], value: Any) -> None:
        """Keep the callback until the loop takes it."""
        self.callbacks: list[Callable[[Later], None]] | None = [callback]
        self.value = value


def after(env: Clockwork, delay_ms: int, callback: Callable[[Later], None], value: Any = None) -> None:
    """Call `callback` with an event carrying `value` once `delay_ms` have passed.

    Ties are resolved in the order of scheduling, as for every SimPy event.
    """
    event = cast("Event", Later(callback, value))
    heappush(env._queue, (env._now + delay_ms, NORMAL, next(env._eid), event))  # noqa: SLF001 - see Later
