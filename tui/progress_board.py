"""How far a whole run is: the updates of its tasks, gathered from any thread, in one figure."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass

from scenarios.progress import RunsAhead, TaskProgress
from tui.cli.progress import REWRITE_EVERY_S, Board
from tui.clock import Clock


@dataclass(frozen=True, slots=True)
class RunProgress:
    """How far a whole run is.

    Attributes:
        tasks_done: (design, replication) runs finished.
        tasks: runs announced so far; of a search, those of all its rounds that are likely.
        fraction: share of the announced work done, 0..1.
        left_s: seconds left at the pace of the runs at work; None while it is not known.
        latest: the update that came last.
        most: runs of a search at most; None where all are announced.
    """

    tasks_done: int
    tasks: int
    fraction: float
    left_s: float | None
    latest: TaskProgress
    most: int | None = None


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
        self._board = Board(0)
        self._lock = threading.Lock()

    def update(self, task: TaskProgress) -> None:
        """Note a task's totals; post a summary when the last one is old enough."""
        with self._lock:
            now_s = self._clock()
            self._board.update(task, now_s - self._began_s)
            if self._posted_s is not None and now_s - self._posted_s < REWRITE_EVERY_S:
                return
            self._posted_s = now_s
            summary = self._summary(task, now_s - self._began_s)
        self._post(summary)

    def expect(self, ahead: RunsAhead) -> None:
        """Note how many runs a search still takes beside those of the rounds before, which all have ended."""
        with self._lock:
            self._board.expect(ahead)

    def _summary(self, latest: TaskProgress, at_s: float) -> RunProgress:
        board = self._board
        return RunProgress(
            tasks_done=board.done,
            tasks=board.runs,
            fraction=board.fraction,
            left_s=board.left_s(at_s),
            latest=latest,
            most=board.most,
        )
