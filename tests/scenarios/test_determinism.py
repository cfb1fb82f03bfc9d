"""The same seed gives the same bytes: again, elsewhere, with other workers and other commits."""

from __future__ import annotations

import builtins
import math
import operator
import os
import subprocess
import sys
from functools import reduce
from pathlib import Path

import pytest

from scenarios.executor import default_jobs
from scenarios.outputs.as_json import comparison_json
from scenarios.run import CompareRequest, compare
from tests.scenarios.recorded import DESIGNS, STORMY, record, run
from tests.scenarios.small_tasks import TINY

ROOT = Path(__file__).parents[2]
SENT_BY_THE_HOUR = (*TINY, "campaign.send_weights=[0.1, 0.2, 0.3, 0.3, 0.1]")
"""Weights whose sum depends on how it is added: 1, or the float above it."""
DIGESTS = """
import json, sys
from scenarios.run import CompareRequest, compare
request = CompareRequest("retail-bank-200k", tuple(json.loads(sys.argv[1])), replications=1, jobs=1)
designs = compare(request, lambda _: None, lambda: False).designs
sys.stdout.write(json.dumps({name: design.digest for name, design in designs.items()}))
"""


def compared(jobs: int, settings: tuple[str, ...] = TINY, seed: int = 5) -> str:
    """A whole comparison of two replications as JSON."""
    request = CompareRequest("retail-bank-200k", settings, seed=seed, replications=2, jobs=jobs)
    return comparison_json(compare(request, lambda _: None, lambda: False))


@pytest.mark.parametrize("design", DESIGNS)
def test_the_same_seed_gives_the_same_digest_again(design):
    """A second run in the same process repeats the first, fact by fact and link by link of the audit chain."""
    first, again = record(design), run(design)
    assert first.outcome.digest == again.digest
    assert first.outcome.ratios == again.ratios


@pytest.mark.parametrize("design", DESIGNS)
def test_another_seed_gives_another_digest(design):
    """The digest covers what happened: other people, other digest."""
    assert run(design, seed=2).digest != record(design).outcome.digest


def test_digests_do_not_depend_on_the_hash_seed():
    """Two processes with different string hashing agree: no result hangs on the order of a set."""
    import json

    def digests(hash_seed: str) -> str:
        done = subprocess.run(
            [sys.executable, "-c", DIGESTS, json.dumps(TINY)],
            env={**os.environ, "PYTHONHASHSEED": hash_seed, "PYTHONPATH": str(ROOT)},
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout

    first = digests("1")
    assert first == digests("4242")
    assert first.count('"') == 4 * len(DESIGNS)


def test_one_worker_and_two_write_the_same_bytes():
    """Who ran what does not show in the result."""
    assert compared(jobs=1) == compared(jobs=2)


def test_how_python_adds_does_not_show(monkeypatch):
    """From 3.12 on `sum` makes up for what adding floats loses; results are the same under either way."""

    def one_by_one(values, start=0):
        return reduce(operator.add, values, start)

    def made_up_for(values, start=0):
        values = list(values)
        floats = any(isinstance(value, float) for value in values)
        return math.fsum([start, *values]) if floats else reduce(operator.add, values, start)

    assert one_by_one([0.1] * 10) != made_up_for([0.1] * 10)
    monkeypatch.setattr(builtins, "sum", one_by_one)
    before = compared(jobs=1, settings=SENT_BY_THE_HOUR)
    monkeypatch.setattr(builtins, "sum", made_up_for)
    assert compared(jobs=1, settings=SENT_BY_THE_HOUR) == before


def test_who_says_nothing_gets_a_process_for_each_core_there_is(monkeypatch):
    """The cores this process may use, not those of the machine."""
    monkeypatch.setattr(os, "sched_getaffinity", lambda _process: {0, 2, 5}, raising=False)
    assert default_jobs() == 3


@pytest.mark.parametrize("design", DESIGNS)
@pytest.mark.parametrize("faults", [(), STORMY], ids=["calm", "stormy"])
def test_grouping_commits_changes_nothing(design, faults):
    """Committing after every posting or after five hundred is a matter of speed alone."""
    every_one, grouped = (
        run(design, (*TINY, *faults, f"writeback.commit_every={group}")).digest for group in (1, 500)
    )
    assert every_one == grouped


def test_listening_in_changes_nothing():
    """A trace of every fact is the run that was compared."""
    assert record("portal").outcome.digest == run("portal").digest


def test_designs_run_alone_as_they_do_together():
    """What else is compared is no part of a design's result."""
    alone = CompareRequest("retail-bank-200k", TINY, ("in-message",), seed=5, replications=1, jobs=1)
    together = CompareRequest("retail-bank-200k", TINY, None, seed=5, replications=1, jobs=1)
    digests = [
        compare(request, lambda _: None, lambda: False).designs["in-message"].digest
        for request in (alone, together)
    ]
    assert digests[0] == digests[1]
