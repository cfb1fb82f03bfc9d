"""What every run shares: one worker for tests of one simulation, a place for saved runs, no time lost on mutants."""

from __future__ import annotations

import gc
import json
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import Phase, settings

MEASURED = Path("mutmut-stats.json")
"""What each test took; only the folder a mutation run stands in has it."""

# A session keeps thousands of tests and whole results; at the usual thresholds (700, 10, 10) the cycle collector
# walks them again and again, for a tenth of the session's time.
gc.set_threshold(50_000, 20, 50)

# That an example fails is all that is asked: it need not be the smallest one, nor another one each time.
if MEASURED.exists():
    settings.register_profile(
        "mutants", phases=(Phase.explicit, Phase.generate), derandomize=True, database=None
    )
    settings.load_profile("mutants")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the tests of a mutant's own package first, the quickest at the front: nearly every mutant dies there."""
    if MEASURED.exists():
        seconds = json.loads(MEASURED.read_text())["duration_by_test"]
        package = os.environ.get("MUTANT_UNDER_TEST", "").split(".")[1:2]
        items.sort(key=lambda item: (item.nodeid.split("/")[1:2] != package, seconds.get(item.nodeid, 0.0)))


@pytest.fixture(scope="session", autouse=True)
def _data_folder() -> Iterator[None]:
    """Give this session, and every process it starts, a data folder of its own."""
    before = os.environ.get("SANDBOX_DATA")
    with tempfile.TemporaryDirectory(prefix="sandbox-data-") as folder:
        os.environ["SANDBOX_DATA"] = folder
        yield
    if before is None:
        del os.environ["SANDBOX_DATA"]
    else:
        os.environ["SANDBOX_DATA"] = before


@pytest.fixture(scope="session", autouse=True)
def _one_core() -> Iterator[None]:
    """Leave a worker of xdist its one core: who asks for no number of processes runs its tasks here.

    Starting two takes longer than any simulation of the tests; what is about processes asks for them by number.
    """
    with pytest.MonkeyPatch.context() as patch:
        if "PYTEST_XDIST_WORKER" in os.environ and hasattr(os, "sched_getaffinity"):
            patch.setattr(os, "sched_getaffinity", lambda _process: {0})
        yield


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Hand tests out by what they share; None, for another `--dist`, lets xdist do it."""
    if config.getvalue("dist") != "loadgroup":
        return None
    from tests.scheduling import BySimulation

    return BySimulation(config, log)
