"""Worker processes that somebody ends from outside: a stop if we were to stop, else a fault."""

from __future__ import annotations

from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool
from typing import Any

import pytest

from sandbox.errors import Cancelled
from scenarios.process_pool import ProcessPool
from tests.scenarios.small_tasks import task


@pytest.mark.parametrize(("stopping", "raised"), [(True, Cancelled), (False, BrokenProcessPool)])
def test_workers_that_are_gone_are_a_stop_only_while_stopping(
    monkeypatch: pytest.MonkeyPatch, stopping: bool, raised: type[Exception]
) -> None:
    """A job scheduler ends the whole group: the workers are gone before the stop is polled."""
    pool = ProcessPool(1)
    gone: Future[Any] = Future()
    gone.set_exception(BrokenProcessPool("a worker ended"))
    monkeypatch.setattr(pool._pool, "submit", lambda *_: gone)
    with pytest.raises(raised):
        list(pool.run([task()], lambda _: None, lambda: stopping))
    pool.close()
