"""Designs side by side on one clock: the same customers, watched as the simulated day goes on.

Each design runs in a thread of its own and stops at a gate whenever its clock comes to the next mark; the gate opens
when all have come. Between two marks everything runs at full speed, so a watched run gives what an unwatched one
gives. Empty time, such as a night, is passed over in one step.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sandbox import facts
from sandbox.errors import Cancelled
from sandbox.model import MS_PER_MINUTE
from sandbox.ports import CoreOutcome
from sandbox.writeback.breaker import BreakerState
from scenarios.progress import ShouldStop
from scenarios.run import CompareRequest, chosen_designs, prepare
from scenarios.task import Task
from scenarios.wiring.plan import busy_hours, calendar_of
from scenarios.worker import run_task

STEP_MS = 15 * MS_PER_MINUTE
"""Simulated time between two marks."""

HISTORY_MARKS = 240
"""Marks of the queue that are remembered: two and a half days of opening hours."""

RECENT_CALLS = 20
"""Calls to the core whose fate is told."""

_POLL_S = 0.1
_SHORTEST_S = 0.0125
"""A shorter wait between two marks is none."""
_FAILED = frozenset({CoreOutcome.UNAVAILABLE.value, CoreOutcome.TIMED_OUT.value})


@dataclass(frozen=True, slots=True)
class DesignMoment:
    """One design at a mark.

    Attributes:
        name: the design.
        waiting, busy: callers in the queue and agents on calls, all traffic.
        offered, abandoned: calls so far.
        engaged, acted, recorded: cases so far.
        exceptions: cases handed to a person so far.
        queued: postings kept in the outbox so far.
        core_failed: of the last `RECENT_CALLS` calls to the core, those that failed.
        breaker: the state of the breaker in front of the core: closed, open, half_open.
        breaker_since: the local clock when it came to that state; "" while it has never opened.
        breaker_opened: how often it has opened so far. It is open for seconds, so most times lie between two marks.
        queue: callers waiting at each mark, the newest last.
        done: the run has come to its end.
    """

    name: str
    waiting: int
    busy: int
    offered: int
    abandoned: int
    engaged: int
    acted: int
    recorded: int
    exceptions: int
    queued: int
    core_failed: int
    breaker: str
    breaker_since: str
    breaker_opened: int
    queue: tuple[int, ...]
    done: bool


@dataclass(frozen=True, slots=True)
class LiveMoment:
    """All designs at one mark.

    Attributes:
        clock: the local date and time.
        marks: the clock at each remembered mark, the newest last, as long as the queue of each design.
        designs: each of them.
    """

    clock: str
    marks: tuple[str, ...]
    designs: tuple[DesignMoment, ...]


class LiveControl:
    """What the watcher may do: pause, let one step through, change the pace. Any thread may."""

    def __init__(self, paused: bool = False, pause_s: float = 0.1) -> None:
        """Start running, ten marks a second at most."""
        self._changed = threading.Condition()
        self.paused = paused
        self.pause_s = pause_s
        self._steps = 0

    def turn(self) -> None:
        """Pause, or go on."""
        with self._changed:
            self.paused = not self.paused
            self._changed.notify_all()

    def step(self) -> None:
        """Let one mark through, and stay paused."""
        with self._changed:
            self.paused = True
            self._steps += 1
            self._changed.notify_all()

    def pace(self, factor: float) -> None:
        """Wait longer or shorter between marks: from a second down to nothing."""
        wanted = self.pause_s * factor
        if not self.pause_s and factor > 1:
            wanted = _SHORTEST_S
        self.pause_s = 0.0 if wanted < _SHORTEST_S else min(1.0, wanted)

    def wait(self, should_stop: ShouldStop) -> None:
        """Return when the next mark may be passed."""
        with self._changed:
            if not self.paused and self.pause_s:
                self._changed.wait(self.pause_s)
            while self.paused and not self._steps and not should_stop():
                self._changed.wait(_POLL_S)
            if self._steps:
                self._steps -= 1


class _Watched:
    """Counts what happens in one design and holds it at the gate."""

    def __init__(self, name: str, gate: _Gate) -> None:
        self.name = name
        self._gate = gate
        self._counts: dict[type, int] = dict.fromkeys(_COUNTED, 0)
        self.waiting = self.busy = 0
        self._recent: deque[bool] = deque(maxlen=RECENT_CALLS)
        self._breaker = BreakerState.CLOSED.value
        self._breaker_since_ms: int | None = None
        self._opened = 0
        self._queue: deque[int] = deque(maxlen=HISTORY_MARKS)
        self.done = False

    def hear(self, fact: tuple[object, ...]) -> None:
        """Take in one fact, after its moment has come for all."""
        self._gate.come_to(self.name, fact.at_ms)  # type: ignore[attr-defined]  # every fact has its time
        kind = type(fact)
        if kind in self._counts:
            self._counts[kind] += 1
        if kind is facts.CallOffered:
            self.waiting += 1
        elif kind is facts.CallAnswered:
            self.waiting -= 1
            self.busy += 1
        elif kind is facts.CallAbandoned:
            self.waiting -= 1
        elif kind is facts.CallHandled:
            self.busy -= 1
        elif isinstance(fact, facts.PostingTried):
            self._recent.append(fact.outcome in _FAILED)
        elif isinstance(fact, facts.BreakerMoved):
            self._breaker, self._breaker_since_ms = fact.state, fact.at_ms
            self._opened += fact.state == BreakerState.OPEN

    def mark(self, clock: Callable[[int], str]) -> DesignMoment:
        """Return how it stands, times by this clock; called while it waits at the gate."""
        self._queue.append(self.waiting)
        offered, abandoned, engaged, acted, recorded, exceptions, queued = (
            self._counts[kind] for kind in _COUNTED
        )
        return DesignMoment(
            name=self.name,
            waiting=self.waiting,
            busy=self.busy,
            offered=offered,
            abandoned=abandoned,
            engaged=engaged,
            acted=acted,
            recorded=recorded,
            exceptions=exceptions,
            queued=queued,
            core_failed=sum(self._recent),
            breaker=self._breaker,
            breaker_since="" if self._breaker_since_ms is None else clock(self._breaker_since_ms),
            breaker_opened=self._opened,
            queue=tuple(self._queue),
            done=self.done,
        )


_COUNTED: tuple[type[Any], ...] = (
    facts.CallOffered,
    facts.CallAbandoned,
    facts.Engaged,
    facts.ActionCompleted,
    facts.Recorded,
    facts.ExceptionRaised,
    facts.PostingQueued,
)
"""Kinds of fact that are counted, in the order of `DesignMoment`."""


class _Gate:
    """Holds every design at the next mark until all have come to it, or have ended."""

    def __init__(self, names: list[str], should_stop: ShouldStop) -> None:
        self._moved = threading.Condition()
        self._until_ms = 0
        self._at_ms: dict[str, int | None] = dict.fromkeys(names, None)
        self._ended: set[str] = set()
        self._should_stop = should_stop

    def come_to(self, name: str, at_ms: int) -> None:
        """Wait until the mark lies beyond a moment.

        Raises:
            Cancelled: stopped on request.
        """
        if at_ms <= self._until_ms:
            return
        with self._moved:
            self._at_ms[name] = at_ms
            self._moved.notify_all()
            while at_ms > self._until_ms:
                self._moved.wait(_POLL_S)
                if self._should_stop():
                    raise Cancelled("stopped on request")
            self._at_ms[name] = None

    def end(self, name: str) -> None:
        """Note that a design has no more to come."""
        with self._moved:
            self._ended.add(name)
            self._moved.notify_all()

    def wait_for_all(self) -> int | None:
        """Return the earliest moment any design waits for; None when all have ended or it was stopped."""
        with self._moved:
            while True:
                if self._should_stop():
                    return None
                open_ones = [at for name, at in self._at_ms.items() if name not in self._ended]
                if not open_ones:
                    return None
                # Whoever was let through and has not woken yet still stands at the mark that lies behind.
                waiting = [at for at in open_ones if at is not None and at > self._until_ms]
                if len(waiting) == len(open_ones):
                    return min(waiting)
                self._moved.wait(_POLL_S)

    def open_until(self, until_ms: int) -> None:
        """Let everything up to a mark happen."""
        with self._moved:
            self._until_ms = until_ms
            self._moved.notify_all()


def watch(
    request: CompareRequest,
    control: LiveControl,
    on_moment: Callable[[LiveMoment], object],
    should_stop: ShouldStop,
) -> LiveMoment:
    """Run the first replication of every design side by side, and return the last moment.

    Args:
        request: scenario, settings, designs and seed.
        control: pace and pause.
        on_moment: told at every mark, from this thread.
        should_stop: polled; True ends all of them.

    Raises:
        BadInput: wrong scenario, setting or design.
        Cancelled: stopped on request.
        RuleBroken: a run broke one of our own invariants.
    """
    scenario, _ = prepare(request)
    names = chosen_designs(scenario, request.designs)
    clock, hours = calendar_of(scenario.document).clock, busy_hours(scenario.document)
    broken: list[BaseException] = []
    gate = _Gate(names, lambda: should_stop() or bool(broken))
    watched = [_Watched(name, gate) for name in names]

    def run(one: _Watched) -> None:
        try:
            run_task(Task(scenario, one.name, 0, hours), lambda _: None, gate_stops, one.hear)
        except BaseException as fault:  # noqa: BLE001 - it is raised again by whoever watches
            broken.append(fault)
        finally:
            one.done = True
            gate.end(one.name)

    def gate_stops() -> bool:
        return should_stop() or bool(broken)

    threads = [threading.Thread(target=run, args=(one,), name=f"live {one.name}") for one in watched]
    for thread in threads:
        thread.start()
    until_ms = 0
    marks: deque[str] = deque(maxlen=HISTORY_MARKS)

    def moment() -> LiveMoment:
        marks.append(clock(until_ms))
        return LiveMoment(marks[-1], tuple(marks), tuple(one.mark(clock) for one in watched))

    while (earliest_ms := gate.wait_for_all()) is not None:
        on_moment(moment())
        control.wait(gate_stops)
        until_ms = -(-max(until_ms + 1, earliest_ms) // STEP_MS) * STEP_MS
        gate.open_until(until_ms)
    for thread in threads:
        thread.join()
    faults = [fault for fault in broken if not isinstance(fault, Cancelled)]
    if faults or broken:
        raise (faults or broken)[0]
    last = moment()
    on_moment(last)
    return last
