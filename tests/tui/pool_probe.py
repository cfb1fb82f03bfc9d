"""Starts a spawn pool of one trivial job inside a running app; run as a program, so that nothing is warm."""

from __future__ import annotations

import multiprocessing
import sys
from concurrent.futures import ProcessPoolExecutor

from scenarios.progress import OnProgress, ShouldStop
from scenarios.result import Comparison
from tests.tui.canned import comparison
from tests.tui.driving import Stage, drive
from tui.cli.orders import Order
from tui.runner import prepare_process_pools


class PoolRunner:
    """Takes its seed from a worker process."""

    def compare(self, order: Order, on_progress: OnProgress, should_stop: ShouldStop) -> Comparison:  # noqa: ARG002
        """Ask a fresh process for a number, as a run asks its workers."""
        context = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(1, context) as pool:
            return comparison(seed=pool.submit(abs, -7).result(timeout=20))


async def run_once(stage: Stage) -> None:
    """Run, and say what the screen says."""
    await stage.press("r")
    sys.__stdout__.write(stage.text())


if __name__ == "__main__":
    if "--unprepared" not in sys.argv:
        prepare_process_pools()
    drive(run_once, PoolRunner())
