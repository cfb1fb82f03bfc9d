"""Run tasks on one or many workers; results come back in the order of the tasks, whoever ran them."""

from __future__ import annotations

import multiprocessing
import os
import queue
import signal
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, wait
from contextlib import contextmanager
from multiprocessing.queues import Queue
from multiprocessing.synchronize import Event
from typing import Any

from sandbox.errors import Cancelled
from sandbox.scorecard.outcome import RunOutcome
from scenarios.progress import OnProgress, ShouldStop, TaskProgress
from scenarios.task import run_task
from scenarios.wire import Task

_POLL_S = 0.1

_channel: dict[str, Any] = {}
"""What a worker process was given when it started: its stop flag and where progress goes."""


def default_jobs() -> int:
    """Workers used when nobody says: the cores this process may use."""
    return max(1, len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1)


def run_all(
    tasks: Sequence[Task], jobs: int, on_progress: OnProgress, should_stop: ShouldStop
) -> list[RunOutcome]:
    """Run every task.

    Args:
        tasks: independent tasks.
        jobs: worker processes at most; 1 runs in this process.
        on_progress: told about each task's progress, from this process.
        should_stop: polled about ten times a second.

    Raises:
        Cancelled: stopped on request; no worker is left running.
    """
    if jobs <= 1 or len(tasks) <= 1:
        return [run_task(task, on_progress, should_stop) for task in tasks]
    context = multiprocessing.get_context("spawn")
    stop, progress = context.Event(), context.Queue()
    pool = ProcessPoolExecutor(min(jobs, len(tasks)), context, _start_worker, (stop, progress))
    try:
        with _interrupt_held():
            futures = [pool.submit(_work, task) for task in tasks]
        _watch(futures, progress, on_progress, should_stop)
        return [future.result() for future in futures]
    except BaseException:
        stop.set()
        for worker in list((pool._processes or {}).values()):  # noqa: SLF001 - the pool offers no other way to stop
            worker.terminate()
        raise
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
        progress.cancel_join_thread()
        progress.close()


@contextmanager
def _interrupt_held() -> Iterator[None]:
    """Let workers be born with Ctrl-C blocked: until they can ignore it themselves it would print a traceback."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _watch(
    futures: list[Future[RunOutcome]],
    progress: Queue[TaskProgress],
    on_progress: OnProgress,
    should_stop: ShouldStop,
) -> None:
    """Pass progress on until all are done; the first failure is raised, a request to stop too."""
    pending = set(futures)
    while pending:
        done, pending = wait(pending, timeout=_POLL_S)
        for future in done:
            future.result()
        while True:
            try:
                on_progress(progress.get_nowait())
            except queue.Empty:
                break
        if should_stop():
            message = "stopped on request"
            raise Cancelled(message)


def _start_worker(stop: Event, progress: Queue[TaskProgress]) -> None:
    """Ctrl-C is the parent's to handle: it tells us by the flag."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _channel["stop"], _channel["progress"] = stop, progress


def _work(task: Task) -> RunOutcome:
    stop: Event = _channel["stop"]
    progress: Queue[TaskProgress] = _channel["progress"]
    return run_task(task, progress.put, stop.is_set)
