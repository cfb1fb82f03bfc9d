"""How long a command of several rounds still takes, said before each round from the runs of those before it."""

from __future__ import annotations

from math import fsum
from typing import TYPE_CHECKING

from scenarios.progress import OnProgress, TaskProgress
from tui.clock import Clock
from tui.figures import duration

if TYPE_CHECKING:
    from scenarios.sweeps.tornado import Round


class Timetable:
    """Learns what a run takes from the runs of a round, one by one, and says what the next rounds will take.

    A run is timed from its first word to its last, so that neither starting workers nor laying out worlds is taken
    for running, nor two runs on many workers for all that those can do.

    Args:
        clock: seconds, monotonic.
        workers: how many run side by side; None where nobody knows, as on a cluster.
    """

    def __init__(self, clock: Clock, workers: int | None) -> None:
        """Start before the first round."""
        self._clock = clock
        self._workers = workers
        self._round: Round | None = None
        self._began_s = clock()
        self._first_s: dict[tuple[str, int], float] = {}
        self._took_s: dict[tuple[str, int], float] = {}
        self._ends_s: list[float] = []
        self._run_s: float | None = None

    def listening(self, on_progress: OnProgress) -> OnProgress:
        """Return a listener to the runs of the round that begins, which passes every word on."""

        def heard(task: TaskProgress) -> None:
            on_progress(task)
            if task.kept:
                return
            now_s, run = self._clock(), (task.design, task.replication)
            if not task.done:
                self._first_s.setdefault(run, now_s)
                return
            self._ends_s.append(now_s)
            if run in self._first_s:
                self._took_s[run] = now_s - self._first_s[run]

        return heard

    def before(self, round_: Round) -> str:
        """Return what is to be said before a round; no time before the first, whose runs nobody has timed."""
        first = self._round is None or not self._round.share
        self._learn()
        self._round, self._began_s = round_, self._clock()
        if first or not round_.runs:
            return ""
        later = f", then up to {round_.later:.0f} at full length" if round_.later else ""
        told = f"{round_.name}: {round_.runs} runs{later}"
        if self._run_s is None:
            return told
        left_s = self._run_s * (self._rounds_of(round_.runs) * round_.share + self._rounds_of(round_.later))
        return f"{told}; about {duration(left_s)} in all"

    def _rounds_of(self, runs: float) -> float:
        """How many runs one worker has of so many."""
        return runs / max(1.0, min(self._workers or 1, runs))

    def _learn(self) -> None:
        """What a run at full length takes, from the round that ended; of one whose runs were all kept, nothing."""
        if self._round is not None and self._round.share and self._ends_s:
            took = fsum(self._took_s.values()) / max(1, len(self._took_s))
            if took == 0.0 or self._workers is None:  # heard of at their end only: what each of them added
                took = (self._ends_s[-1] - self._began_s) / len(self._ends_s)
            self._run_s = took / self._round.share
        self._first_s, self._took_s, self._ends_s = {}, {}, []
