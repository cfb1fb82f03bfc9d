"""Runs a comparison off the screen's thread, and says in messages how it goes.

A run is a thread that waits on `scenarios.run.compare`. It stops by a flag that the run polls, never by
killing. The same order gives the command line the same numbers.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from multiprocessing import resource_tracker
from typing import TYPE_CHECKING, Protocol

from sandbox.errors import BadInput, Cancelled, NotReproduced
from scenarios.progress import OnProgress, ShouldStop, TaskProgress
from tui.cli.orders import Order
from tui.cli.progress import REWRITE_EVERY_S, share_done
from tui.clock import Clock
from tui.messages import News, RunFailed, RunFinished, RunProgressed, RunStopped

if TYPE_CHECKING:
    from scenarios.result import Comparison


def order_of(scenario: str) -> Order:
    """Return the order to compare a scenario as it stands: its own designs, seed and replications."""
    return Order("compare", scenario)


def replay_command(order: Order, comparison: Comparison) -> str:
    """Return the command line that gives a result's numbers again, seed and replications spelt out."""
    return replace(order, seed=comparison.seed, replications=comparison.replications).command()


class Runner(Protocol):
    """Runs one comparison to its end, on the calling thread."""

    def compare(self, order: Order, on_progress: OnProgress, should_stop: ShouldStop) -> Comparison:
        """Return the result.

        Raises:
            Cancelled: `should_stop` said so.
            BadInput: the order or the scenario is wrong.
        """
        ...


class LibraryRunner:
    """The real one: hands the order to `scenarios.run`."""

    def compare(self, order: Order, on_progress: OnProgress, should_stop: ShouldStop) -> Comparison:
        """Announce every run first, so that the share done is of all the work, then run.

        The import is late because it brings the engine with it.
        """
        from scenarios.run import chosen_designs, compare, prepare

        request = order.request()
        scenario, _ = prepare(request)
        for replication in range(scenario.document.replications):
            for design in chosen_designs(scenario, request.designs):
                on_progress(TaskProgress(design, replication, 0, 0, 0, 0, done=False))
        return compare(request, on_progress, should_stop)


@dataclass(frozen=True, slots=True)
class RunProgress:
    """How far a whole run is.

    Attributes:
        tasks_done: (design, replication) runs finished.
        tasks: runs announced so far.
        fraction: share of the announced work done, 0..1.
        elapsed_s: seconds since the run began.
        latest: the update that came last.
    """

    tasks_done: int
    tasks: int
    fraction: float
    elapsed_s: float
    latest: TaskProgress


class ProgressBoard:
    """Collects task updates from any thread and lets at most one summary through per tenth of a second.

    Args:
        clock: seconds, monotonic.
        post: takes the summaries.
    """

    def __init__(self, clock: Clock, post: Callable[[RunProgress], object]) -> None:
        """Start the clock of this run."""
        self._clock = clock
        self._post = post
        self._began_s = clock()
        self._posted_s: float | None = None
        self._tasks: dict[tuple[str, int], TaskProgress] = {}
        self._lock = threading.Lock()

    def update(self, task: TaskProgress) -> None:
        """Note a task's totals; post a summary when the last one is old enough."""
        with self._lock:
            self._tasks[task.design, task.replication] = task
            now_s = self._clock()
            if self._posted_s is not None and now_s - self._posted_s < REWRITE_EVERY_S:
                return
            self._posted_s = now_s
            summary = self._summary(task, now_s)
        self._post(summary)

    def _summary(self, latest: TaskProgress, now_s: float) -> RunProgress:
        tasks = list(self._tasks.values())
        return RunProgress(
            tasks_done=sum(task.done for task in tasks),
            tasks=len(tasks),
            fraction=sum(map(share_done, tasks)) / len(tasks),
            elapsed_s=now_s - self._began_s,
            latest=latest,
        )


def run_and_report(
    runner: Runner, order: Order, post: Callable[[News], object], clock: Clock, should_stop: ShouldStop
) -> None:
    """Run to the end on this thread; every outcome, a crash included, ends in exactly one `RunEnded` message.

    Args:
        runner: does the work.
        order: what to run.
        post: thread-safe; takes progress and the outcome.
        clock: seconds, monotonic; paces progress messages.
        should_stop: polled by the run.
    """
    board = ProgressBoard(clock, lambda progress: post(RunProgressed(progress)))
    try:
        comparison = runner.compare(order, board.update, should_stop)
    except Cancelled:
        post(RunStopped())
    except Exception as fault:  # noqa: BLE001 - whatever breaks a run must not break the screen that shows it
        post(RunFailed(order, describe(fault)))
    else:
        post(RunFinished(order, comparison))


def describe(fault: BaseException) -> str:
    """Say what went wrong: the fault's own words, with its kind in front unless it is the user's input."""
    words = str(fault)
    if isinstance(fault, BadInput | NotReproduced) and words:
        return words
    return f"{type(fault).__name__}: {words}" if words else type(fault).__name__


def prepare_process_pools() -> None:
    """Start multiprocessing's resource tracker; call before the app runs.

    A running app replaces standard error by an object without a file descriptor. A process pool first made
    then would hand that to the tracker it starts and fail with "bad value(s) in fds_to_keep". A tracker that
    already runs is simply used.
    """
    resource_tracker.ensure_running()
