"""Drive a workflow under SimPy: perform what it asks for, let the time pass, hand back the answer.

A workflow is a generator of effects; this is the few lines that run one. Effects that take no simulated time are
answered at once, in a loop; the others schedule one timeout. A wall-clock driver would differ in these lines only.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sandbox.effects import Answer, Effect, Flow
from sandbox.model import record_of
from sandbox.simulation.events import Clockwork, after

Performer = Callable[[Any, "Running"], tuple[int, Any] | None]
"""Performs one effect for a running flow: (delay_ms, value), or None when it will call `resume` itself."""

_BEGIN: Any = object()
"""The answer to nothing: a flow has not asked yet."""


class Running:
    """One workflow in progress.

    Attributes:
        case_id, touch: whose workflow this is; performers key their draws by them.
        code_arrived: whether the last one-time code reached the handset.
    """

    __slots__ = ("_done", "_env", "_performers", "_send", "case_id", "code_arrived", "touch")

    def __init__(
        self,
        env: Clockwork,
        flow: Flow,
        performers: dict[type[Effect], Performer],
        whose: tuple[int, int],
        done: Callable[[Any], None],
    ) -> None:
        """Start the flow now; `done` is called with its return value."""
        self._env = env
        self._send = flow.send
        self._performers = performers
        self._done = done
        self.case_id, self.touch = whose
        self.code_arrived = True
        self.resume(_BEGIN)

    def resume(self, value: Any) -> None:
        """Hand the flow the answer to its last effect, now; perform what it asks for until something takes time."""
        env, send, performers = self._env, self._send, self._performers
        answer = None if value is _BEGIN else record_of(Answer, (value, env.now))
        while True:
            try:
                effect = send(answer)  # type: ignore[arg-type]  # a fresh generator takes None
            except StopIteration as stop:
                self._done(stop.value)
                return
            performed = performers[type(effect)](effect, self)
            if performed is None:
                return
            delay_ms, value = performed
            if delay_ms > 0:
                after(env, delay_ms, self.resume, value)
                return
            answer = record_of(Answer, (value, env.now))
