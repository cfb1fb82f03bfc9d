"""What every run shares: tests of one simulation go to one worker, and a run that tries mutants wastes no time.

A simulation that is made once per process would otherwise be made once per worker.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import Phase, settings

MEASURED = Path("mutmut-stats.json")
"""What each test took; only the folder a mutation run stands in has it."""

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


def pytest_itemcollected(item: pytest.Item) -> None:
    """Group the tests of a module that shares runs; tests over a list of runs are grouped run by run."""
    module = getattr(item, "module", None)
    if module is None or item.get_closest_marker("xdist_group") or not _shares_runs(module):
        return
    given = getattr(item, "callspec", None)
    run = given.id if given is not None and "run" in given.params else ""
    item.add_marker(pytest.mark.xdist_group(f"{module.__name__} {run}"))


def _shares_runs(module: ModuleType) -> bool:
    """Whether a module has, or borrows from another test module, something that is made once per process."""
    ours = ("tests.", module.__name__)
    return any(
        hasattr(value, "cache_info") and value.__module__.startswith(ours) for value in vars(module).values()
    )
