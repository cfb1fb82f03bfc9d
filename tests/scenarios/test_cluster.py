"""A Dask cluster as executor: the same bytes as on this machine, and what is said when there is none."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest

from sandbox.errors import BadInput, Cancelled
from scenarios import cluster
from scenarios.cluster import Cluster
from scenarios.executor import Jobs, Workers
from scenarios.outputs.as_json import comparison_json
from scenarios.progress import TaskProgress
from scenarios.run import CompareRequest, compare

TINY = ("campaign.messages=1200", "calendar.working_days=12")
OLDER = pytest.mark.filterwarnings(
    "ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning"
)
"""The library leaves sockets to the garbage collector."""


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """The scheduler of a cluster of two worker processes on loopback."""
    from distributed import LocalCluster

    with LocalCluster(
        n_workers=2, threads_per_worker=1, dashboard_address=":0", host="127.0.0.1", protocol="tcp"
    ) as started:
        yield started.scheduler_address


def compared(jobs: Jobs, said: list[TaskProgress] | None = None) -> str:
    """A comparison of three designs in two replications as JSON."""
    request = CompareRequest("retail-bank-200k", TINY, seed=5, replications=2, jobs=jobs)
    return comparison_json(compare(request, (said if said is not None else []).append, lambda: False))


@OLDER
@pytest.mark.slow
@pytest.mark.xdist_group("cluster")
def test_a_cluster_writes_the_bytes_of_one_worker_and_of_two(address: str) -> None:
    """Two workers of a cluster, this process and two processes give one and the same document."""
    said: list[TaskProgress] = []
    on_cluster = compared(Workers(cluster=address), said)
    assert on_cluster == compared(1)
    assert on_cluster == compared(2)
    assert [(one.done, one.cases, one.cases_total) for one in said] == [(True, 600, 600)] * 6


@OLDER
@pytest.mark.slow
@pytest.mark.xdist_group("cluster")
def test_a_cluster_is_asked_to_stop(address: str) -> None:
    """A request to stop ends the waiting and withdraws what had not begun."""
    request = CompareRequest("retail-bank-200k", TINY, jobs=Workers(cluster=address))
    with pytest.raises(Cancelled):
        compare(request, lambda _: None, lambda: True)


@OLDER
@pytest.mark.slow
@pytest.mark.xdist_group("cluster")
def test_workers_with_other_code_are_refused(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker whose code is not ours would make results depend on who computed them."""
    monkeypatch.setattr(cluster, "code_hash", lambda: "other code")
    with pytest.raises(BadInput, match="another version"):
        Cluster(address)


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ("tcp://127.0.0.1:1", "no Dask scheduler answers"),
        ("127.0.0.1", "no Dask scheduler answers"),
        ("", "no Dask scheduler answers"),
    ],
)
def test_an_address_where_nobody_answers_is_bad_input(asked: str, told: str) -> None:
    """The address is named, with what one looks like, before anything runs."""
    with pytest.raises(BadInput, match=told) as refused:
        compared(Workers(cluster=asked))
    assert refused.value.problems[0].startswith(f"--cluster {asked}: ")
    assert "tcp://host:8786" in refused.value.problems[0]


def test_without_the_extra_it_is_said_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    """A cluster needs an optional package; without it the message has the command."""
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(BadInput, match=r"pip install 'resolution-sandbox\[cluster\]'"):
        compared(Workers(cluster="tcp://127.0.0.1:1"))
