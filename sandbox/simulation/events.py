"""SimPy's environment with integer milliseconds, and the one way this engine schedules something."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from simpy import Environment, Timeout


class Clockwork(Environment):
    """A SimPy environment whose time is an integer number of milliseconds since the scenario's start."""

    @property
    def now(self) -> int:
        """Current simulated time, milliseconds."""
        return cast("int", self._now)


class Later(Timeout):
    """A timeout that carries a value to one callback."""

    @property
    def value(self) -> Any:
        """What was handed to `after`."""
        return self._value


def after(env: Environment, delay_ms: int, callback: Callable[[Later], None], value: Any = None) -> None:
    """Call `callback` with an event carrying `value` once `delay_ms` have passed.

    Ties are resolved in the order of scheduling. A process per wait would cost four times as much.
    """
    Later(env, delay_ms, value).callbacks.append(callback)
