"""Tasks on a Dask cluster that somebody else set up: the scheduler's address is all we know of it.

The cluster schedules, ships and repeats; nothing of that is ours. A task is told as done when its outcome is
here, and a request to stop lets each worker finish the task it is at.
"""

from __future__ import annotations

import socket
from collections.abc import Iterator, Sequence
from concurrent.futures import CancelledError
from contextlib import suppress
from typing import Any

from sandbox.errors import BadInput, Cancelled
from sandbox.scorecard.outcome import RunOutcome
from scenarios.progress import OnProgress, ShouldStop, TaskProgress
from scenarios.task import Task
from scenarios.versions import code_hash
from scenarios.worker import run_task

ANSWER_WITHIN_S = 10
"""A scheduler or a worker that says nothing for so long is not there."""

_POLL_S = 0.1


class Cluster:
    """`executor.Executor` on a Dask cluster.

    Args:
        address: of its scheduler, such as "tcp://scheduler:8786".

    Raises:
        BadInput: the extra is not installed, nobody answers, there is no worker, or a worker runs other code than
            this process: results would then depend on who computed them.
    """

    def __init__(self, address: str) -> None:
        """Connect, and look at who works there."""
        self._address = address
        self._client: Any = self._connected()
        try:
            self._check_workers()
        except BaseException:
            self._client.close()
            raise

    def run(
        self, tasks: Sequence[Task], on_progress: OnProgress, should_stop: ShouldStop
    ) -> Iterator[tuple[int, RunOutcome]]:
        """See `executor.Executor`."""
        from distributed import wait

        waiting: Any = wait  # the library tells no types
        code = code_hash()
        places = {
            self._client.submit(_work, task, code, pure=False): place for place, task in enumerate(tasks)
        }
        try:
            while places:
                with suppress(TimeoutError), self._client.as_current():
                    waiting(list(places), timeout=_POLL_S, return_when="FIRST_COMPLETED")
                for future in [future for future in places if future.done()]:
                    last_word, outcome = self._outcome(future)
                    on_progress(last_word)
                    yield places.pop(future), outcome
                    future.release()
                if should_stop():
                    message = "stopped on request"
                    raise Cancelled(message)
        finally:
            if places:
                self._client.cancel(list(places), force=True)

    def close(self) -> None:
        """Leave the cluster; it goes on without us."""
        self._client.close()

    def _connected(self) -> Any:
        try:
            from distributed import Client
        except ImportError:
            text = "needs the extra: pip install 'resolution-sandbox[cluster]'"
            raise BadInput([self._problem(text)]) from None
        client: Any = Client
        try:
            _knock(self._address)
            return client(self._address, timeout=ANSWER_WITHIN_S, set_as_default=False)
        except (OSError, ValueError) as error:  # nobody there, or no address at all
            text = f"no Dask scheduler answers ({error}); allowed: an address such as tcp://host:8786"
            raise BadInput([self._problem(text)]) from None

    def _check_workers(self) -> None:
        try:
            self._client.wait_for_workers(1, timeout=ANSWER_WITHIN_S)
        except TimeoutError:
            raise BadInput([self._problem("the scheduler answers, but has no worker")]) from None
        try:
            codes: dict[str, str] = self._client.run(_code_there)
        except ImportError as error:
            raise BadInput([self._problem(f"a worker lacks this product ({error})")]) from None
        others = sorted(worker for worker, code in codes.items() if code != code_hash())
        if others:
            text = f"workers with another version of this product: {', '.join(others)}; allowed: this one"
            raise BadInput([self._problem(text)])

    def _outcome(self, future: Any) -> tuple[TaskProgress, RunOutcome]:
        from distributed.scheduler import KilledWorker

        try:
            found: tuple[TaskProgress, RunOutcome] = future.result(timeout=ANSWER_WITHIN_S)
        except (KilledWorker, CancelledError, OSError) as error:
            text = f"gave a run up ({type(error).__name__}: {error}); what had finished need not run again"
            raise BadInput([self._problem(text)]) from error
        return found

    def _problem(self, text: str) -> str:
        return f"--cluster {self._address}: {text}"


def _knock(address: str) -> None:
    """Open and close a connection: a client that never came to one takes long to give up, and not quietly.

    Raises:
        OSError: nobody listens there.
        ValueError: not an address.
    """
    from distributed.comm.addressing import get_address_host_port

    find: Any = get_address_host_port
    host, port = find(address, strict=True)
    socket.create_connection((host, port), timeout=ANSWER_WITHIN_S).close()


def _code_there() -> str:
    """On a worker: what it runs."""
    return code_hash()


def _work(task: Task, code: str) -> tuple[TaskProgress, RunOutcome]:
    """On a worker: the run's outcome, and its last word on how far it is."""
    if code != code_hash():  # a worker that came later
        raise BadInput(["--cluster: a worker runs another version of this product"])
    said: list[TaskProgress] = []

    def note(progress: TaskProgress) -> None:
        said[:] = [progress]

    outcome = run_task(task, note, lambda: False)
    return said[0], outcome
