"""One line on standard error that says how far a run is, rewritten in place and gone at the end.

Silent when standard error is not a terminal. Updates carry absolute totals, so dropping some loses nothing.
"""

from __future__ import annotations

import shutil
import threading
from math import fsum
from types import TracebackType
from typing import Self, TextIO

from scenarios.progress import OnAhead, OnProgress, RunsAhead, TaskProgress
from tui.chartmath import eta_s, fit
from tui.cli.streams import is_terminal
from tui.clock import Clock
from tui.figures import duration

REWRITE_EVERY_S = 0.1
"""Ten rewrites a second is as fast as people read a moving number."""

ETA_FROM_FRACTION = 0.03
"""Below this share of the work the estimate of the time left is mostly start-up cost."""


class ProgressLine:
    """A line that exists only while entered.

    Args:
        stream: where the line stands; nothing is written unless it is a terminal.
        clock: seconds, monotonic.
    """

    def __init__(self, stream: TextIO, clock: Clock) -> None:
        """Prepare; nothing is written yet."""
        self._stream = stream
        self._clock = clock
        self._shown = is_terminal(stream)
        self._written_s: float | None = None
        self._lock = threading.Lock()  # a run may report from any thread

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._written_s is not None:
            self._put("")
            self._stream.write("\r")
            self._stream.flush()

    def say(self, text: str) -> None:
        """Show `text` at once."""
        if self._shown:
            with self._lock:
                self._written_s = self._clock()
                self._put(text)

    def follow(self, runs: int) -> OnProgress:
        """Return the listener that shows a comparison of `runs` (design, replication) runs."""
        return self._listener(Board(runs))

    def follow_search(self) -> tuple[OnProgress, OnAhead]:
        """Return the listeners that show a search, of which nobody knows beforehand how many runs it takes."""
        board = Board(0)

        def on_ahead(ahead: RunsAhead) -> None:
            with self._lock:
                board.expect(ahead)

        return self._listener(board), on_ahead

    def _listener(self, board: Board) -> OnProgress:
        began_s = self._clock()

        def on_progress(task: TaskProgress) -> None:
            if not self._shown:
                return
            with self._lock:
                now_s = self._clock()
                board.update(task, now_s - began_s)
                if self._written_s is None or now_s - self._written_s >= REWRITE_EVERY_S:
                    self._written_s = now_s
                    self._put(board.text(now_s - began_s))

        return on_progress

    def _put(self, text: str) -> None:
        columns = shutil.get_terminal_size().columns
        self._stream.write("\r" + fit(text, columns - 1))
        self._stream.flush()


class Board:
    """The latest word from every run, and what they add up to.

    A run that is only announced (no days, no cases, not done) counts as one to come that nobody has heard of yet.

    Args:
        runs: (design, replication) runs in all, as far as is known.

    Attributes:
        most: runs of a search at most; None where all are known.
    """

    def __init__(self, runs: int) -> None:
        """Start with no word from any run."""
        self.most: int | None = None
        self._runs = runs
        self._tasks: dict[tuple[str, int], TaskProgress] = {}
        self._began: tuple[float, float] | None = None

    def update(self, task: TaskProgress, at_s: float) -> None:
        """Replace what is known of one run.

        Time counts from the first word of a run at work: what was read and started before it, and runs kept from
        before, say nothing of how long a run takes. Where runs are heard of only when they are done (on a cluster)
        it counts from the start.

        Args:
            task: the word.
            at_s: when, in seconds from the start.
        """
        if self._began is None and task.done and not task.kept:
            self._began = (0.0, self._work())
        self._tasks[task.design, task.replication] = task
        if self._began is None and not task.done and _heard_of(task):
            self._began = (at_s, self._work())

    def expect(self, ahead: RunsAhead) -> None:
        """Note how many runs a search still takes beside those of the rounds before, which all have ended."""
        before = len(self._tasks)
        self._runs, self.most = before + ahead.likely, before + ahead.most

    @property
    def done(self) -> int:
        """Runs that have ended."""
        return sum(task.done for task in self._tasks.values())

    @property
    def runs(self) -> int:
        """Runs in all, as far as is known; of a search those that are likely."""
        return max(self._runs, len(self._tasks))

    @property
    def fraction(self) -> float:
        """The share of the whole work done, 0..1, runs kept from before included."""
        return self._work() / self._whole()

    def left_s(self, at_s: float) -> float | None:
        """Return the seconds left at the pace since the work began; None while next to nothing was done at it.

        Args:
            at_s: now, in seconds from the start.
        """
        if self._began is None:
            return None
        began_s, before = self._began
        fraction = (self._work() - before) / max(1.0, self._whole() - before)
        return eta_s(fraction, at_s - began_s) if fraction >= ETA_FROM_FRACTION else None

    def text(self, at_s: float) -> str:
        """Return "day d/D, cases n/N, k of m runs done, about T left"; of a search what may still come.

        The day is that of the run furthest behind among those at work; cases are summed over all runs.
        """
        slowest = min(self._at_work() or self._tasks.values(), key=lambda task: task.day)
        text = f"day {slowest.day}/{slowest.days}, {self._amount()}"
        left_s = self.left_s(at_s)
        return text if left_s is None else f"{text}, about {duration(left_s)} left"

    def _work(self) -> float:
        """What is done, in cases of whole runs."""
        return fsum(_weight(task) * share_done(task) for task in self._tasks.values())

    def _whole(self) -> float:
        """All there is to do, in cases; runs nobody has heard of yet are taken to be as long as those at work."""
        known, at_work = self._known(), self._at_work()
        usual = sum(map(_weight, at_work)) / len(at_work) if at_work else 1.0
        return sum(map(_weight, known)) + usual * (self.runs - len(known))

    def _known(self) -> list[TaskProgress]:
        return [task for task in self._tasks.values() if _heard_of(task)]

    def _at_work(self) -> list[TaskProgress]:
        """The runs at work; between two of them all that are known."""
        known = self._known()
        return [task for task in known if not task.done] or known

    def _amount(self) -> str:
        done, runs = self.done, self.runs
        if self.most is not None:
            ended = "1 run" if done == 1 else f"{done} runs"
            return f"{ended} done, about {runs - done} to come ({self.most - done} at most)"
        cases = sum(task.cases for task in self._tasks.values())
        cases_total = runs * max(task.cases_total for task in self._tasks.values())
        return f"cases {cases:,}/{cases_total:,}, {done} of {runs} runs done"


def _heard_of(task: TaskProgress) -> bool:
    """Whether more than the name of a run is known."""
    return task.done or task.days > 0


def _weight(task: TaskProgress) -> int:
    """Runs of many cases take long."""
    return max(1, task.cases_total)


def share_done(task: TaskProgress) -> float:
    """Return the share of one run done, 0..1: halfway between cases begun and days finished.

    Cases alone would call a run finished while its follow-up days still go on; days alone would call the busy
    sending days as long as the quiet ones after them.
    """
    if task.done:
        return 1.0
    parts = ((task.cases, task.cases_total), (task.day, task.days))
    return sum(min(1.0, part / whole) if whole > 0 else 0.0 for part, whole in parts) / len(parts)
