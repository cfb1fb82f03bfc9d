"""SimPy's environment with integer milliseconds, and the one way this engine schedules something."""

from __future__ import annotations

from collections.abc import Callable
from heapq import heappop, heappush
from operator import attrgetter
from typing import Any

from simpy import Environment
from simpy.events import NORMAL

from sandbox.errors import RuleBroken


class Clockwork(Environment):
    """A SimPy environment whose time is an integer number of milliseconds since the scenario's start."""

    _now: int  # SimPy allows floats; this engine never makes one

    now: int = property(attrgetter("_now"))  # type: ignore[assignment]
    """Current simulated time, milliseconds; read without a Python call, ten times a case."""

    def run(self, until: Any = None) -> Any:
        """Run to a moment, calling each `Later` straight from the schedule.

        SimPy's own loop would spend two calls and a list on every event; anything else on the schedule is left to it.

        Raises:
            RuleBroken: `until` is not a moment in milliseconds; SimPy's own loop cannot call a `Later`.
        """
        if not isinstance(until, int):
            message = f"a run ends at a moment in milliseconds, not at {until!r}"
            raise RuleBroken(message)
        queue, pop = self._queue, heappop
        while queue and queue[0][0] < until:
            event: Any = queue[0][3]
            if type(event) is Later:
                self._now = pop(queue)[0]  # type: ignore[assignment]  # integers only, see _now
                event.callback(event)
            else:
                self.step()
        self._now = until
        return None


class Later:
    """An entry of the schedule: one callback and the value it is handed.

    A Timeout would do the same with three calls and a dictionary; a run schedules five of these per case.
    """

    __slots__ = ("callback", "value")

    def __init__(self, callback: Callable[[Later], None], value: Any) -> None:
        """Keep the callback until the loop takes it."""
        self.callback = callback
        self.value = value


def after(env: Clockwork, delay_ms: int, callback: Callable[[Later], None], value: Any = None) -> None:
    """Call `callback` with an event carrying `value` once `delay_ms` have passed.

    Ties are resolved in the order of scheduling, as for every SimPy event.
    """
    event: Any = Later(callback, value)  # no Event, and SimPy's own loop never sees it
    heappush(env._queue, (env._now + delay_ms, NORMAL, next(env._eid), event))  # noqa: SLF001 - see Later
