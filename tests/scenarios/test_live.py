"""Designs watched side by side: one clock, nothing changed by watching, paused and stopped at will."""

from __future__ import annotations

import threading
from collections import Counter, deque

import pytest

from sandbox import facts
from sandbox.errors import BadInput, Cancelled
from scenarios.live import HISTORY_MARKS, LiveControl, LiveMoment, watch
from scenarios.run import CompareRequest
from scenarios.task import Task
from scenarios.wiring.plan import busy_hours, calendar_of
from scenarios.worker import run_task
from tests.scenarios.recorded import SMALL, record, scenario_with

DESIGNS = ("sms-to-call", "in-message")
REQUEST = CompareRequest("retail-bank-200k", SMALL, DESIGNS)


def counted(design: str) -> Counter[type]:
    """Facts by kind of an unwatched run."""
    scenario, counts = scenario_with(), Counter()
    task = Task(scenario, design, 0, busy_hours(scenario.document))
    run_task(task, lambda _: None, lambda: False, lambda fact: counts.update([type(fact)]))
    return counts


FAILING = (
    "core.faults.unavailable_rate=0.6",
    "writeback.breaker_window_s=3600",
    "writeback.breaker_calls_min=5",
    "writeback.breaker_open_s=600",
    "writeback.breaker_open_s_max=1200",
    "writeback.breaker_probes=1",
)


def with_times(design: str) -> list[tuple[str, str, tuple[object, ...]]]:
    """Calls, records and breaker moves of an unwatched run: the second each was over by, and its local time."""
    run = record(design, FAILING)
    clock = calendar_of(run.scenario.document).clock
    kinds = (facts.CallOffered, facts.Recorded, facts.BreakerMoved)
    heard = [fact for fact in run.facts if isinstance(fact, kinds)]
    return [(clock(fact.at_ms + 999), clock(fact.at_ms), fact) for fact in heard]


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
    assert all(len(one.queue) == len(moment.marks) for moment in seen for one in moment.designs)
    assert list(last.marks) == [moment.clock for moment in seen][-HISTORY_MARKS:]


@pytest.mark.wide
def test_every_moment_holds_what_had_happened_by_then_and_nothing_else() -> None:
    """At each mark all designs stand where an unwatched run stood, the breaker's state, its time and openings too."""
    seen: list[LiveMoment] = []
    watch(
        CompareRequest("retail-bank-200k", (*SMALL, *FAILING), DESIGNS),
        LiveControl(pause_s=0.0),
        seen.append,
        lambda: False,
    )
    for at, design in enumerate(DESIGNS):
        happened = deque(with_times(design))
        so_far: Counter[str] = Counter()
        breaker = ("", "closed")
        states = set()
        for moment in seen:
            while happened and happened[0][0] <= moment.clock:
                _, clock, fact = happened.popleft()
                so_far[type(fact).__name__] += 1
                if isinstance(fact, facts.BreakerMoved):
                    breaker = (clock, fact.state)
                    so_far[fact.state] += 1
            one = moment.designs[at]
            assert (one.offered, one.recorded) == (so_far["CallOffered"], so_far["Recorded"])
            assert (one.breaker_since, one.breaker, one.breaker_opened) == (*breaker, so_far["open"])
            states.add(one.breaker)
        assert states >= {"open", "closed"}
        assert not happened


@pytest.mark.wide
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
