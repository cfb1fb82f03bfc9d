"""The saved run of a command: begun when its work begins, ended however the work ends, never in its way.

    with Saving(line, how) as run:
        ... read the scenario ...
        run.begin()
        found = engine(request with run.workers(jobs, cluster), ...)
        run.finish(lambda: document, lambda: text)

What cannot be saved is said in one line on standard error; the command goes on without.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import ExitStack
from types import TracebackType
from typing import TYPE_CHECKING, Any, NamedTuple, Self

from sandbox.errors import BadInput, Cancelled
from scenarios.files import input_files
from tui.cli.streams import write_err
from tui.clock import wall_ms

if TYPE_CHECKING:
    from scenarios.executor import Jobs
    from scenarios.saved.kept import KeptOutcomes
    from scenarios.saved.runs import RunStore


class SaveOptions(NamedTuple):
    """Whether a run is saved, and where.

    Attributes:
        save: the user did not say --no-save.
        db: SQLite URL instead of the user's data folder.
    """

    save: bool = True
    db: str | None = None


def open_store(db: str | None) -> RunStore:
    """Open the saved runs; the import is late because it brings the database with it.

    Raises:
        BadInput: they cannot be opened.
    """
    from scenarios.saved.runs import RunStore, default_url

    return RunStore(default_url(os.environ) if db is None else db)


class Saving:
    """One command's run on its way into the saved runs.

    Args:
        line: the command line that runs it again; equal lines on equal input are equal runs.
        how: whether and where to save.
        clock: milliseconds since 1970, UTC.
    """

    def __init__(self, line: str, how: SaveOptions, clock: Callable[[], int] = wall_ms) -> None:
        """Prepare; nothing is opened before `begin`."""
        self._line = line
        self._how = how
        self._clock = clock
        self._stack = ExitStack()
        self._files: dict[str, bytes] = {}
        self._store: RunStore | None = None
        self._kept: KeptOutcomes | None = None
        self._number = 0
        self._ended = False

    def __enter__(self) -> Self:
        """From here on the user's files that are read belong to the run."""
        self._files = self._stack.enter_context(input_files.noted())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._stack:
            if kind is not None and self._store is not None and not self._ended:
                self._unless_refused(lambda: self._stop(kind))
            if self._kept is not None and self._kept.trouble:
                write_err(f"what finished was not kept: {self._kept.trouble}")
            if self._store is not None:
                self._store.close()

    def begin(self) -> None:
        """Note that the work begins; call when the scenario has been read and found right."""
        if self._how.save:
            self._unless_refused(self._begin)

    def workers(self, jobs: int | None, cluster: str | None = None) -> Jobs | None:
        """Return who does the work, to the end; finished tasks are kept, those of a stopped run taken over."""
        if cluster is None and self._kept is None:
            return jobs
        from scenarios.executor import Workers

        return self._stack.enter_context(Workers(jobs, cluster, self._kept).held())

    def finish(
        self,
        document: Callable[[], str],
        text: Callable[[], str] | None = None,
        about: Callable[[], dict[str, Any]] = dict,
    ) -> None:
        """Save what came out; what is not saved is not made.

        Args:
            document: makes the JSON document.
            text: makes the report for people, where `sandbox show` cannot make it from the document.
            about: what it takes to make it from the document, as plain data.
        """
        if self._store is not None:
            self._unless_refused(lambda: self._finish(document(), None if text is None else text(), about()))
        self._ended = True

    def _begin(self) -> None:
        self._store = store = open_store(self._how.db)
        self._number = store.begin(self._line, self._files, self._clock())
        self._kept = store.kept(self._number)

    def _finish(self, document: str, text: str | None, about: dict[str, Any]) -> None:
        from scenarios.saved.runs import Gave

        assert self._store is not None  # noqa: S101 - asked before
        self._store.finish(self._number, self._files, about, Gave(document, text), self._clock())
        write_err(f"saved as run {self._number}; sandbox show {self._number}")

    def _stop(self, kind: type[BaseException]) -> None:
        assert self._store is not None  # noqa: S101 - asked before
        stopped = issubclass(kind, Cancelled | KeyboardInterrupt)
        self._store.stop(self._number, "interrupted" if stopped else "failed", self._clock())
        if stopped:
            write_err(f"run {self._number} is kept as interrupted; sandbox rerun {self._number} completes it")
        elif issubclass(kind, BadInput):
            self._store.forget_if_empty(self._number)

    def _unless_refused(self, step: Callable[[], None]) -> None:
        """Take a step of saving; whatever the file system or the database has against it ends the saving only."""
        try:
            step()
        except BadInput as refused:
            write_err(f"not saved: {'; '.join(refused.problems)}")
            self._how = self._how._replace(save=False)
            if self._store is not None:
                self._store.close()
            self._store = self._kept = None
