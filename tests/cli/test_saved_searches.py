"""Sweeps, tornadoes, limits and staffings are saved, shown, repeated and completed as a comparison is."""

from __future__ import annotations

import json
import signal
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from tests.scenarios.small_tasks import TINY
from tui.cli.main import app

RUNNER = CliRunner(env={"COLUMNS": "110", "SANDBOX_TRACEBACK": ""})
QUIET = ("call_centre.agents=2", "call_centre.other_traffic.calls_per_day=40")
SETTINGS = [text for setting in (*TINY, *QUIET) for text in ("--set", setting)]
WORLD = ["retail-bank-200k", *SETTINGS]
ONCE = ["--replications", "1"]
COMMANDS = {
    "sweep": ["sweep", *WORLD, *ONCE, "--designs", "in-message", "--over", "call_centre.agents*=0.5:1.5:3"],
    "sensitivity": [
        *("sensitivity", *WORLD, "--replications", "2", "--design", "in-message"),
        *("--only", "identity.page_drop_rate", "--only", "identity.code_tries_max"),
    ],
    "limit": [
        *("limit", *WORLD, *ONCE, "--designs", "in-message", "--keep", "call_abandonment_rate<0.15"),
        *("--vary", "call_centre.agents*", "--between", "0.1:1", "--step", "0.1"),
    ],
    "staff": ["staff", *WORLD, *ONCE, "--design", "in-message", "--keep", "call_abandonment_rate<0.15"],
}

pytestmark = pytest.mark.wide


@pytest.fixture
def db(tmp_path: Path) -> str:
    """A database of saved runs that only this test has."""
    return f"sqlite:///{tmp_path / 'runs.sqlite'}"


def asked(db: str, *words: str) -> Result:
    """Run a command on that database."""
    return RUNNER.invoke(app, [*words, "--db", db])


def watched(monkeypatch: pytest.MonkeyPatch, stop_after: int | None = None) -> list[tuple[str, int]]:
    """Note the runs made in this process as they end; let Ctrl-C arrive after so many of them."""
    import scenarios.executor as executor

    done: list[tuple[str, int]] = []
    really = executor.run_task

    def run_task(task: Any, *rest: Any) -> Any:
        if len(done) == stop_after:
            signal.raise_signal(signal.SIGINT)
        outcome = really(task, *rest)
        done.append((task.label, task.replication))
        return outcome

    monkeypatch.setattr(executor, "run_task", run_task)
    return done


@pytest.mark.parametrize("command", COMMANDS)
def test_it_is_saved_shown_and_repeated(db: str, command: str) -> None:
    """`show` prints what was printed; run again on two workers the command gives the JSON that was kept."""
    words = [*COMMANDS[command], "--jobs", "1"]
    first = asked(db, *words)
    assert first.exit_code == 0, first.stderr
    assert "saved as run 1; sandbox show 1" in first.stderr
    (listed,) = json.loads(asked(db, "runs", "--json").stdout)["runs"]
    assert (listed["status"], listed["command"].split()[1]) == ("finished", command)
    assert asked(db, "show", "1").stdout == first.stdout
    cut = asked(db, "show", "1", "--all", "--by", "week")
    assert cut.stdout == first.stdout
    assert "--all and --by: run 1 is no comparison, so it stands here as it was printed" in cut.stderr
    as_json = asked(db, "show", "1", "--json").stdout
    assert json.loads(as_json)["schema"] == 1
    again = asked(db, "rerun", "1", "--jobs", "2")
    assert again.exit_code == 0, again.stdout
    digest = sha256(as_json.encode()).hexdigest()
    assert again.stdout.startswith(f"run 1: byte-identical\n  SHA-256 {digest}\n")


@pytest.mark.parametrize("command", COMMANDS)
def test_stopped_half_way_it_is_completed_to_the_same_bytes(
    db: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    """What was done before Ctrl-C is not done again, the rest is, and the text is that of an undisturbed command."""
    words = [*COMMANDS[command], "--jobs", "1"]
    other = f"sqlite:///{tmp_path / 'other.sqlite'}"
    with monkeypatch.context() as patch:
        whole = watched(patch)
        undisturbed = asked(other, *words)
    half = len(whole) // 2
    assert half >= 1
    with monkeypatch.context() as patch:
        before = watched(patch, half)
        stopped = asked(db, *words)
    assert (stopped.exit_code, stopped.stdout) == (130, "")
    assert "run 1 is kept as interrupted; sandbox rerun 1 completes it" in stopped.stderr
    after = watched(monkeypatch)
    completed = asked(db, "rerun", "1", "--jobs", "1")
    assert completed.exit_code == 0, completed.stderr
    assert f"run 1: interrupted, {half} runs kept; going on" in completed.stderr
    assert before + after == whole
    expected = undisturbed.stdout.replace(other, db)  # what is run next is saved where this run is
    assert completed.stdout == expected
    assert asked(db, "show", "1").stdout == expected
