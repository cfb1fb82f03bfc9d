"""What is kept of a run: outcomes as bytes, what determines them, and a run that takes up where one stopped."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
import zlib
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from sandbox.errors import BadInput, Cancelled
from sandbox.scorecard.outcome import RunOutcome
from scenarios import versions
from scenarios.executor import Workers, run_all
from scenarios.progress import TaskProgress
from scenarios.saved.fingerprint import fingerprint
from scenarios.saved.outcome_bytes import decoded, encoded
from scenarios.saved.runs import RunStore
from scenarios.task import Task
from scenarios.worker import run_task
from scenarios.world.library import shipped
from scenarios.world.spec import load_scenario
from tests.scenarios.small_tasks import HOURS, task, tasks

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def outcome() -> RunOutcome:
    """One finished run that also says what became of every case, and who made contact again."""
    asked = replace(task("portal"), keep_cases=True, contacts=True)
    return run_task(asked, lambda _: None, lambda: False)


class Memory:
    """`executor.Kept` in a dictionary."""

    def __init__(self) -> None:
        self.kept: dict[str, RunOutcome] = {}

    def find(self, one: Task) -> RunOutcome | None:
        """See `executor.Kept`."""
        return self.kept.get(fingerprint(one))

    def add(self, one: Task, outcome: RunOutcome) -> None:
        """See `executor.Kept`."""
        self.kept[fingerprint(one)] = outcome


def test_an_outcome_survives_as_bytes(outcome: RunOutcome) -> None:
    """Encoded and decoded it is equal in every field, case marks and tuples included."""
    again = decoded(encoded(outcome))
    assert again == outcome
    assert again is not None
    assert (
        again.parts["segment"]["1m"].ratios["completion_rate"]
        == outcome.parts["segment"]["1m"].ratios["completion_rate"]
    )
    assert repr(again) == repr(outcome)


@pytest.mark.parametrize(
    "damaged",
    [
        b"",
        b"no such thing",
        zlib.compress(b"[]"),
        zlib.compress(b'{"format": 99, "outcome": {}}'),
        zlib.compress(b'{"format": 1, "outcome": {"ratios": {}}}'),
    ],
)
def test_bytes_that_are_no_outcome_are_none(damaged: bytes) -> None:
    """A damaged row, or one of another version, is run again instead of ending the command."""
    assert decoded(damaged) is None


def test_a_cut_outcome_is_none(outcome: RunOutcome) -> None:
    """Half of the bytes are no outcome."""
    data = encoded(outcome)
    assert decoded(data[: len(data) // 2]) is None


@pytest.mark.parametrize(
    "other",
    [
        task("portal"),
        task(replication=1),
        task("in-message", 0, "campaign.messages=602"),
        task("in-message", 0, "seed=2"),
        task("in-message", 0, "call_centre.handling_s_mean.other=256"),
        task("in-message", 0, "policy.actions.pay_now.amount.minimum_minor=600"),
        replace(task(), busy_hours=frozenset({9})),
        replace(task(), campaign_runs=False),
        replace(task(), keep_cases=True),
        replace(task(), contacts=True),
        replace(task(), rollout=("portal", 0.1)),
    ],
)
def test_whatever_changes_an_outcome_changes_the_fingerprint(other: Task) -> None:
    """Design, luck, a setting of the world or the policy, and what is asked for."""
    assert fingerprint(other) != fingerprint(task())


def test_two_steps_of_a_ramp_are_never_taken_for_each_other() -> None:
    """The share moved and the design moved to count: a stopped plan takes up each of its own steps."""
    shares = [fingerprint(replace(task(), rollout=("portal", share))) for share in (0.1, 0.25, 0.5)]
    assert len({*shares, fingerprint(replace(task(), rollout=("sms-to-call", 0.1)))}) == 4
    small, large = (replace(task(), rollout=("portal", share)) for share in (0.1, 0.5))
    memory = Memory()
    first, other = run_all([small, large], Workers(1, keep=memory), lambda _: None, lambda: False)
    assert first.digest != other.digest
    again = run_all([large, small], Workers(1, keep=memory), lambda _: None, lambda: False)
    assert [one.digest for one in again] == [other.digest, first.digest]


def test_another_file_of_customers_under_the_same_name_is_another_world(tmp_path: Path) -> None:
    """What was kept of the cases as they were is not taken for the cases as they are."""
    rows = [f"r{n},{1 + n % 3}m,{100 + n}.50,{10 + n % 5},no,1" for n in range(30)]
    text = "\n".join(["ref,segment,balance,overdue,vulnerable,sms_consent", *rows]) + "\n"
    (tmp_path / "my.yaml").write_text("extends: retail-bank-200k\nscenario: my\npopulation: cases.csv\n")
    prints = []
    for cases in (text, text, text.replace("r7,2m", "r7,3m")):
        (tmp_path / "cases.csv").write_text(cases)
        prints.append(fingerprint(Task(load_scenario(str(tmp_path / "my.yaml")), "portal", 0, HOURS)))
    assert prints[0] == prints[1] != prints[2]


def test_what_no_run_reads_leaves_the_fingerprint(monkeypatch: pytest.MonkeyPatch) -> None:
    """More replications, another label or core file: the same outcome; other code: another one."""
    before = fingerprint(task())
    assert fingerprint(task("in-message", 0, "replications=9")) == before
    assert fingerprint(replace(task(), label="x")) == before
    monkeypatch.setattr("scenarios.saved.fingerprint.code_hash", lambda: "other")
    assert fingerprint(task()) != before


@pytest.mark.wide
def test_the_fingerprint_is_the_same_in_every_process() -> None:
    """Other string hashing, another process: the same number."""
    program = "from tests.scenarios.small_tasks import task; from scenarios.saved.fingerprint import fingerprint as f"
    done = subprocess.run(
        [sys.executable, "-c", f"{program}; print(f(task()))"],
        env={**os.environ, "PYTHONHASHSEED": "77", "PYTHONPATH": str(ROOT)},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == fingerprint(task())


@pytest.mark.parametrize("name", shipped("scenario"))
def test_every_shipped_world_has_fingerprints(name: str) -> None:
    """No value of a shipped scenario, policy or design is of a kind the fingerprint does not know; designs differ."""
    scenario = load_scenario(name)
    prints = [fingerprint(Task(scenario, design, 0, HOURS)) for design in scenario.designs]
    assert len(set(prints)) == len(prints)


@pytest.mark.wide
def test_a_stopped_run_takes_up_where_it_was() -> None:
    """Tasks that finished before the stop are not run again, and the outcomes are those of an undisturbed run."""
    memory, seen = Memory(), []

    def until_the_second(progress: TaskProgress) -> None:
        seen.append(progress)

    def stop() -> bool:
        return sum(one.done for one in seen) >= 2

    with pytest.raises(Cancelled):
        run_all(tasks(), Workers(1, keep=memory), until_the_second, stop)
    assert len(memory.kept) == 2
    again: list[TaskProgress] = []
    outcomes = run_all(tasks(), Workers(1, keep=memory), again.append, lambda: False)
    assert outcomes == run_all(tasks(), 1, lambda _: None, lambda: False)
    started = {(one.design, one.replication) for one in again if not one.done}
    assert started == {("portal", 1), ("in-message", 1)}
    assert sum(one.done for one in again) == 4


@pytest.mark.wide
def test_order_of_tasks_and_workers_change_nothing() -> None:
    """Shuffled tasks, two processes (two others after a stop) or this one: each task has one outcome."""
    one_by_one = run_all(tasks(), 1, lambda _: None, lambda: False)
    shuffled = [tasks()[place] for place in (3, 0, 2, 1)]
    with Workers(2).held() as workers:
        in_pool = run_all(shuffled, workers, lambda _: None, lambda: False)
        with pytest.raises(Cancelled):
            run_all(tasks(), workers, lambda _: None, lambda: True)
        once_more = run_all(tasks(), workers, lambda _: None, lambda: False)
    assert [in_pool[place] for place in (1, 3, 2, 0)] == one_by_one
    assert once_more == one_by_one


def test_a_store_keeps_outcomes_until_its_run_is_finished(tmp_path: Path, outcome: RunOutcome) -> None:
    """An equal run that was stopped goes on under its number with its outcomes; finished, it needs them no more."""
    from scenarios.saved.runs import Gave

    url = f"sqlite:///{tmp_path / 'deep' / 'runs.sqlite'}"
    store = RunStore(url)
    number = store.begin("sandbox compare x", {}, 1_000)
    store.kept(number).add(task("portal"), outcome)
    store.stop(number, "interrupted", 2_000)
    store.close()

    store = RunStore(url)
    assert store.begin("sandbox compare y", {}, 3_000) == number + 1
    assert store.begin("sandbox compare x", {"a.yaml": b"other text"}, 3_000) == number + 2
    assert store.begin("sandbox compare x", {}, 3_000) == number
    assert store.kept(number + 1).find(task("portal")) == outcome
    assert store.kept(number).find(task("in-message")) is None
    assert store.kept(number).find(replace(task("portal"), core_url="sqlite:///c.db")) is None
    store.stop(number, "failed", 4_000)
    assert store.begin("sandbox compare x", {}, 5_000) == number
    store.finish(number, {}, {"a": 1}, Gave("{}\n", "text"), 9_000)
    assert store.kept(number).find(task("portal")) is None
    saved = store.find(str(number))
    assert (saved.status, saved.result, saved.text, saved.about) == ("finished", "{}\n", "text", {"a": 1})
    assert (saved.started_ms, saved.ended_ms, saved.code) == (1_000, 9_000, versions.code_hash())
    store.close()
    assert (tmp_path / "deep" / "runs.sqlite").stat().st_mode & 0o077 == 0


@pytest.mark.wide
def test_two_processes_save_at_once(tmp_path: Path) -> None:
    """Writers wait for each other: forty runs by two processes have forty numbers and are all finished."""
    program = """
import sys
from scenarios.saved.runs import Gave, RunStore
store = RunStore(sys.argv[1])
for turn in range(20):
    number = store.begin(f"sandbox compare {sys.argv[2]}-{turn}", {}, 0)
    store.finish(number, {}, {}, Gave("{}"), 1)
"""
    url = f"sqlite:///{tmp_path / 'runs.sqlite'}"
    writers = [subprocess.Popen([sys.executable, "-c", program, url, name], cwd=ROOT) for name in ("a", "b")]
    assert [writer.wait(60) for writer in writers] == [0, 0]
    runs = RunStore(url).listed()
    assert sorted(run.id for run in runs) == list(range(1, 41))
    assert {run.status for run in runs} == {"finished"}


@pytest.mark.wide
def test_a_run_whose_process_is_gone_is_interrupted(tmp_path: Path) -> None:
    """Killed without a word, a run is not said to be running for ever."""
    url = f"sqlite:///{tmp_path / 'runs.sqlite'}"
    program = "import sys; from scenarios.saved.runs import RunStore; RunStore(sys.argv[1]).begin('x', {}, 0)"
    subprocess.run([sys.executable, "-c", program, url], cwd=ROOT, check=True)
    store = RunStore(url)
    assert [run.status for run in store.listed()] == ["interrupted"]
    mine = store.begin("y", {}, 0)
    assert store.find(str(mine)).status == "running"
    store.close()


def test_code_and_rules_have_hashes() -> None:
    """Both are SHA-256 and differ from each other; versions name the product and what results rest on."""
    assert len({versions.code_hash(), versions.rules_hash()}) == 2
    assert {len(versions.code_hash()), len(versions.rules_hash())} == {64}
    assert {"resolution-sandbox", "python", "numpy", "simpy"} <= set(versions.versions())
    assert json.dumps(versions.versions())


def test_a_file_of_another_layout_is_refused_and_left_alone(tmp_path: Path) -> None:
    """Tables another version made are not written to: the file is named, and what to do about it."""
    path = tmp_path / "runs.sqlite"
    store = RunStore(f"sqlite:///{path}")
    store.begin("sandbox compare retail-bank-200k", {}, 1)
    store.close()
    with closing(sqlite3.connect(path)) as file:
        file.execute("PRAGMA user_version = 99")
    before = path.read_bytes()
    with pytest.raises(BadInput, match=r"runs\.sqlite.*layout 99.*--db"):
        RunStore(f"sqlite:///{path}")
    assert path.read_bytes() == before
