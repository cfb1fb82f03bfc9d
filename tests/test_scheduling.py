"""Tests of one simulation go to one worker; whoever makes it twice pays for it twice."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from tests.scenarios.recorded import DESIGNS, named_runs
from tests.scheduling import group_of


@cache
def made_once() -> list[str]:
    """Something that is made once per process."""
    return []


@pytest.mark.parametrize("nth", range(8))
def test_a_file_that_shares_something_stays_on_one_worker(
    nth: int, worker_id: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Each of these notes who ran it where all workers can look, and finds no other there."""
    made_once().append(worker_id)
    own: Path = tmp_path_factory.getbasetemp()
    shared = (own if worker_id == "master" else own.parent) / "who-ran-it"
    shared.mkdir(exist_ok=True)
    (shared / worker_id).touch()
    assert {note.name for note in shared.iterdir()} == {worker_id}
    assert len(made_once()) == nth + 1


@pytest.mark.parametrize(
    ("nodeid", "group"),
    [
        ("tests/test_scheduling.py::test_a[1]", "tests/test_scheduling.py"),
        ("tests/scenarios/test_monotone.py::test_a", "tests/scenarios/test_monotone.py"),
        ("tests/outreach/test_rules.py::test_a[x-[1]]", "tests/outreach/test_rules.py::test_a"),
        ("tests/outreach/test_rules.py::TestA::test_a", "tests/outreach/test_rules.py::TestA::test_a"),
        *((f"tests/any.py::test_a[{name}-more]", name) for name in named_runs(DESIGNS, calm=(), stormy=())),
        *((f"tests/other.py::test_b[{name}]", name) for name in named_runs(DESIGNS, busy=())),
    ],
)
def test_a_group_is_a_run_a_file_or_a_function(nodeid: str, group: str) -> None:
    """A file that caches or borrows what is cached is one group; a named run is one across files."""
    assert group_of(nodeid) == group
