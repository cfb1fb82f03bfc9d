"""Which tests go to one worker: those that look at the same run, so that it is made once and not once per worker."""

from __future__ import annotations

from types import ModuleType

import pytest


def _shares_runs(module: ModuleType) -> bool:
    """Whether a module has, or borrows from another test module, something that is made once per process."""
    ours = ("tests.", module.__name__)
    return any(
        hasattr(value, "cache_info") and value.__module__.startswith(ours) for value in vars(module).values()
    )


@pytest.hookimpl(tryfirst=True)  # before the names of groups are written into the tests' own
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Group the tests of a module that shares runs; tests over a list of runs are grouped run by run."""
    for item in items:
        module = getattr(item, "module", None)
        if module is None or item.get_closest_marker("xdist_group") or not _shares_runs(module):
            continue
        given = getattr(item, "callspec", None)
        run = given.id if given is not None and "run" in given.params else ""
        item.add_marker(pytest.mark.xdist_group(f"{module.__name__} {run}"))
