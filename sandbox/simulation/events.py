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
        """Run to a moment, calling what `after` scheduled straight from the schedule.

        SimPy's own loop would spend two calls and a list on every event; anything else on the schedule is left to it.

        Raises:
            RuleBroken: `until` is not a moment in milliseconds; SimPy's own loop cannot take
                an entry of `after`.
        """
        if not isinstance(until, int):
            message = f"a run ends at a moment in milliseconds, not at {until!r}"
            raise RuleBroken(message)
        queue: Any = self._queue
        pop = heappop
        while queue:
            entry = pop(queue)
            if entry[0] >= until:
                heappush(queue, entry)
                break
            try:
                self._now, _, _, callback, value = entry
            except (
                ValueError
            ):  # one of SimPy's own, with an event where an entry of `after` has callback and value
                heappush(queue, entry)
                self.step()
            else:
                callback(value)
        self._now = until
        return None


def after(env: Clockwork, delay_ms: int, callback: Callable[[Any], None], value: Any = None) -> None:
    """Call `callback` with `value` once `delay_ms` have passed.

    Ties are resolved in the order of scheduling, as for every SimPy event. A Timeout would do the same with an
    object, three calls and a dictionary; a run schedules four of these per case. SimPy's own loop never sees one.
    """
    queue: Any = env._queue  # noqa: SLF001 - an entry of five, where SimPy keeps four
    heappush(queue, (env._now + delay_ms, NORMAL, next(env._eid), callback, value))  # noqa: SLF001
