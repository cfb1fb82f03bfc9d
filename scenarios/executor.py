"""Run tasks on one or many workers; results come back in the order of the tasks, whoever ran them."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Protocol, Self, TypeAlias

from sandbox.scorecard.outcome import RunOutcome
from scenarios.progress import OnProgress, ShouldStop, TaskProgress
from scenarios.task import Task
from scenarios.worker import run_task


class Executor(Protocol):
    """Whoever runs tasks: this process, worker processes, a cluster."""

    def run(
        self, tasks: Sequence[Task], on_progress: OnProgress, should_stop: ShouldStop
    ) -> Iterator[tuple[int, RunOutcome]]:
        """Run every task and hand over each outcome, with its task's place, as soon as it is there.

        Args:
            tasks: independent tasks.
            on_progress: told how far tasks are, from the calling thread; at the least when one is done.
            should_stop: polled about ten times a second.

        Raises:
            Cancelled: stopped on request. Whatever ends the iteration early, no task is left queued.
        """
        ...

    def close(self) -> None:
        """Let the workers go; nothing may be running."""
        ...


class Kept(Protocol):
    """Outcomes of runs that finished before, by what determines them."""

    def find(self, task: Task) -> RunOutcome | None:
        """Return the outcome of an equal task, or None."""
        ...

    def add(self, task: Task, outcome: RunOutcome) -> None:
        """Keep a finished outcome; may give up quietly, never raises for want of space or rights."""
        ...


@dataclass(slots=True)
class Workers:
    """Who runs the tasks of a command, and what is kept of them. No result depends on any of it.

    Attributes:
        jobs: worker processes at most; None uses all cores, 1 this process.
        cluster: address of a Dask scheduler that runs the tasks instead of this machine.
        keep: where outcomes are looked up before and put after a run.
    """

    jobs: int | None = None
    cluster: str | None = None
    keep: Kept | None = None
    _hired: Executor | None = field(default=None, init=False, repr=False, compare=False)
    _holding: bool = field(default=False, init=False, repr=False, compare=False)

    @contextmanager
    def held(self) -> Iterator[Self]:
        """Keep whoever is hired first for all calls of `run_all` inside, instead of new workers for each.

        Entered again inside, it changes nothing.
        """
        if self._holding:
            yield self
            return
        self._holding = True
        try:
            yield self
        finally:
            self._holding = False
            self._let_go()

    @contextmanager
    def at_work(self, tasks: int) -> Iterator[Executor]:
        """Give whoever is to run so many tasks; after a failure or a stop nobody stays.

        Raises:
            BadInput: the cluster does not answer.
        """
        if tasks <= 1 and self.cluster is None:
            yield InThisProcess()
            return
        if self._hired is None:
            self._hired = self._hire(None if self._holding else tasks)
        try:
            yield self._hired
        except BaseException:
            self._let_go()
            raise
        if not self._holding:
            self._let_go()

    def _let_go(self) -> None:
        hired, self._hired = self._hired, None
        if hired is not None:
            hired.close()

    def _hire(self, tasks: int | None = None) -> Executor:
        if self.cluster is not None:
            from scenarios.cluster import Cluster

            return Cluster(self.cluster)
        jobs = self.jobs or default_jobs()
        if jobs <= 1:
            return InThisProcess()
        from scenarios.process_pool import ProcessPool

        return ProcessPool(jobs if tasks is None else min(jobs, tasks))


Jobs: TypeAlias = int | Workers
"""How many worker processes, or who else."""


@contextmanager
def workers_held(jobs: Jobs | None) -> Iterator[Workers]:
    """Give workers that stay for all calls of `run_all` inside, for work of several rounds."""
    with (jobs if isinstance(jobs, Workers) else Workers(jobs)).held() as workers:
        yield workers


def default_jobs() -> int:
    """Workers used when nobody says: the cores this process may use."""
    return max(1, len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1)


class InThisProcess:
    """One task after the other, here."""

    def run(
        self, tasks: Sequence[Task], on_progress: OnProgress, should_stop: ShouldStop
    ) -> Iterator[tuple[int, RunOutcome]]:
        """See `Executor`."""
        for place, task in enumerate(tasks):
            yield place, run_task(task, on_progress, should_stop)

    def close(self) -> None:
        """There is nobody to let go."""


def run_all(
    tasks: Sequence[Task], jobs: Jobs, on_progress: OnProgress, should_stop: ShouldStop
) -> list[RunOutcome]:
    """Run every task whose outcome is not kept from before.

    Args:
        tasks: independent tasks.
        jobs: worker processes at most (1 runs in this process), or who else runs them and what is kept.
        on_progress: told about each task's progress, from this process.
        should_stop: polled about ten times a second.

    Raises:
        Cancelled: stopped on request; no worker is left running, and what had finished is kept.
        BadInput: the cluster does not answer.
    """
    workers = jobs if isinstance(jobs, Workers) else Workers(jobs)
    outcomes: dict[int, RunOutcome] = {}
    if workers.keep is not None:
        for place, task in enumerate(tasks):
            if (known := workers.keep.find(task)) is not None:
                outcomes[place] = known
                on_progress(replace(finished(task, known), kept=True))
    left = [place for place in range(len(tasks)) if place not in outcomes]
    if left:
        with workers.at_work(len(left)) as executor:
            for nth, outcome in executor.run([tasks[place] for place in left], on_progress, should_stop):
                outcomes[left[nth]] = outcome
                if workers.keep is not None:
                    workers.keep.add(tasks[left[nth]], outcome)
    return [outcomes[place] for place in range(len(tasks))]


def finished(task: Task, outcome: RunOutcome) -> TaskProgress:
    """The last word on a task of which only the outcome is at hand."""
    days = len(outcome.staffed) // outcome.slot_count
    cases = sum(outcome.ends.values())
    return TaskProgress(task.label or task.design, task.replication, days, days, cases, cases, done=True)
