"""Designs watched side by side: one clock, nothing changed by watching, paused and stopped at will."""

from __future__ import annotations

import threading
from collections import Counter

import pytest

from sandbox import facts
from sandbox.errors import BadInput, Cancelled
from scenarios.live import HISTORY_MARKS, LiveControl, LiveMoment, watch
from scenarios.run import CompareRequest
from scenarios.task import run_task
from scenarios.wire import Task
from scenarios.wiring.plan import busy_hours
from tests.scenarios.recorded import SMALL, scenario_with

DESIGNS = ("sms-to-call", "in-message")
REQUEST = CompareRequest("retail-bank-200k", SMALL, DESIGNS)


def counted(design: str) -> Counter[type]:
    """Facts by kind of an unwatched run."""
    scenario, counts = scenario_with(), Counter()
    task = Task(scenario, design, 0, busy_hours(scenario.document))
    run_task(task, lambda _: None, lambda: False, lambda fact: counts.update([type(fact)]))
    return counts


def test_watching_changes_nothing_and_nobody_runs_ahead() -> None:
    """The last moment holds what an unwatched run counts; calls in the queue are never negative and end at none."""
    seen: list[LiveMoment] = []
    last = watch(REQUEST, LiveControl(pause_s=0.0), seen.append, lambda: False)
    assert [one.name for one in last.designs] == list(DESIGNS)
    for one in last.designs:
        counts = counted(one.name)
        assert one.offered == counts[facts.CallOffered]
        assert one.abandoned == counts[facts.CallAbandoned]
        assert one.recorded == counts[facts.Recorded]
        assert one.exceptions == counts[facts.ExceptionRaised]
        assert one.waiting == one.busy == 0
        assert one.done
    assert all(one.waiting >= 0 and one.busy >= 0 for moment in seen for one in moment.designs)
    assert [moment.clock for moment in seen] == sorted(moment.clock for moment in seen)
    assert max(len(one.queue) for moment in seen for one in moment.designs) == HISTORY_MARKS


def test_a_paused_run_moves_by_single_steps_and_goes_on() -> None:
    """Each step lets one mark through; turning lets the rest run; stopping while paused ends it at once."""
    control, seen, stop = LiveControl(paused=True, pause_s=0.0), [], threading.Event()
    marks = threading.Semaphore(0)

    def told(moment: LiveMoment) -> None:
        seen.append(moment)
        marks.release()

    ended: list[type] = []

    def run() -> None:
        try:
            watch(REQUEST, control, told, stop.is_set)
        except Cancelled as fault:
            ended.append(type(fault))

    thread = threading.Thread(target=run)
    thread.start()
    for expected in (1, 2, 3):
        assert marks.acquire(timeout=30)
        assert len(seen) == expected
        control.step()
    stop.set()
    thread.join(timeout=30)
    assert ended == [Cancelled]


def test_the_pace_has_its_bounds() -> None:
    """Twice as fast until there is no waiting at all, half as fast until a second."""
    control = LiveControl()
    for _ in range(9):
        control.pace(0.5)
    assert control.pause_s == 0.0
    for _ in range(12):
        control.pace(2.0)
    assert control.pause_s == 1.0


def test_wrong_designs_are_refused_before_anything_runs() -> None:
    """As everywhere."""
    with pytest.raises(BadInput, match="no-such"):
        watch(
            CompareRequest("retail-bank-200k", SMALL, ("no-such",)),
            LiveControl(),
            lambda _: None,
            lambda: False,
        )
