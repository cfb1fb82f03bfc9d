"""Tasks on worker processes of this machine."""

from __future__ import annotations

import atexit
import gc
import multiprocessing
import queue
import signal
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing.queues import Queue
from multiprocessing.synchronize import Event
from typing import Any

from sandbox.errors import Cancelled
from sandbox.scorecard.outcome import RunOutcome
from scenarios.progress import OnProgress, ShouldStop, TaskProgress
from scenarios.task import Task
from scenarios.worker import run_task

_POLL_S = 0.1

_channel: dict[str, Any] = {}
"""What a worker process was given when it started: its stop flag and where progress goes."""


class ProcessPool:
    """`executor.Executor` on worker processes, which start when there is work for them and then stay.

    Args:
        jobs: worker processes at most.
    """

    def __init__(self, jobs: int) -> None:
        """Prepare; no process is started yet."""
        context = multiprocessing.get_context("spawn")
        self._stop, self._progress = context.Event(), context.Queue()
        self._pool = ProcessPoolExecutor(jobs, context, _start_worker, (self._stop, self._progress))

    def run(
        self, tasks: Sequence[Task], on_progress: OnProgress, should_stop: ShouldStop
    ) -> Iterator[tuple[int, RunOutcome]]:
        """See `executor.Executor`; an end before its time ends the worker processes."""
        try:
            with _interrupt_held():
                places = {self._pool.submit(_work, task): place for place, task in enumerate(tasks)}
            pending: set[Future[RunOutcome]] = set(places)
            while pending:
                done, pending = wait(pending, timeout=_POLL_S, return_when=FIRST_COMPLETED)
                for future in done:
                    yield places.pop(future), future.result()
                self._pass_on(on_progress)
                if should_stop():
                    message = "stopped on request"
                    raise Cancelled(message)
        except BaseException as fault:
            self._stop.set()
            for worker in list((self._pool._processes or {}).values()):  # noqa: SLF001 - the pool offers no other way to stop
                worker.terminate()
            if (
                isinstance(fault, BrokenProcessPool) and should_stop()
            ):  # whoever stopped us stopped the workers too
                message = "stopped on request"
                raise Cancelled(message) from None
            raise

    def close(self) -> None:
        """Wait for the workers to leave."""
        self._pool.shutdown(wait=True, cancel_futures=True)
        self._progress.cancel_join_thread()
        self._progress.close()

    def _pass_on(self, on_progress: OnProgress) -> None:
        while True:
            try:
                on_progress(self._progress.get_nowait())
            except queue.Empty:
                return


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


def _start_worker(stop: Event, progress: Queue[TaskProgress]) -> None:
    """Ctrl-C is the parent's to handle: it tells us by the flag."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    atexit.register(gc.freeze)  # what is left goes with the process; nobody need look through it for cycles
    _channel["stop"], _channel["progress"] = stop, progress


def _work(task: Task) -> RunOutcome:
    stop: Event = _channel["stop"]
    progress: Queue[TaskProgress] = _channel["progress"]
    return run_task(task, progress.put, stop.is_set)
