"""Ctrl-C, or SIGTERM: the first one asks the run to stop, and the process is gone within a second either way.

The handler only sets a flag, which the run polls through `should_stop`. A watchdog ends the process if the
run has not come back in time (a long import, a loop that does not poll), and a second Ctrl-C ends it at once.
Both are safe: results are written under a temporary name and renamed, so nothing half-written can remain.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from types import FrameType, TracebackType
from typing import Any, Self

from tui.cli.exit_codes import ExitCode

_SIGNALS = (signal.SIGINT, signal.SIGTERM)
"""What a person's Ctrl-C sends, and what a job scheduler, a container or `kill` sends."""

GRACE_S = 0.9
"""How long a run may take to come back after Ctrl-C: just inside the promised second."""


class StopOnInterrupt:
    """While entered, SIGINT and SIGTERM set a flag instead of ending what is going on in the middle.

    Entered on a thread other than the main one it changes nothing: signals go to the main thread only.

    Args:
        grace_s: seconds between the first signal and the end of the process.
    """

    def __init__(self, grace_s: float = GRACE_S) -> None:
        """Prepare; nothing is installed yet."""
        self._grace_s = grace_s
        self._asked = threading.Event()
        self._over = threading.Event()
        self._requested = False
        self._before: dict[int, Any] = {}
        self._watchdog: threading.Thread | None = None

    def requested(self) -> bool:
        """Say whether the user asked to stop; this is what a run polls."""
        return self._requested

    def __enter__(self) -> Self:
        if threading.current_thread() is threading.main_thread():
            # The thread is started here and not in the handler: a handler may run while a lock of the
            # threading module is held, and would then wait for itself.
            self._watchdog = threading.Thread(target=self._watch, name="ctrl-c", daemon=True)
            self._watchdog.start()
            self._before = {number: signal.signal(number, self._on_interrupt) for number in _SIGNALS}
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._watchdog is None:
            return
        self._over.set()
        self._asked.set()
        self._watchdog.join()
        for number, before in self._before.items():
            signal.signal(number, before)

    def _on_interrupt(self, number: int, frame: FrameType | None) -> None:
        del number, frame
        if self._requested:
            end_now()
        self._requested = True
        self._asked.set()

    def _watch(self) -> None:
        self._asked.wait()
        if not self._over.wait(self._grace_s):
            end_now()


def end_now() -> None:
    """End this process and its worker processes without waiting for anything."""
    processes = sys.modules.get("multiprocessing")
    if processes is not None:
        for child in processes.active_children():
            child.terminate()
    os.write(2, b"\ninterrupted: nothing was written\n")
    os._exit(ExitCode.INTERRUPTED)
