"""`sandbox runs`, `show` and `rerun`: a run is saved, shown as it was, repeated to the byte, completed if stopped."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from sandbox.errors import RuleBroken
from tests.scenarios.small_tasks import TINY
from tui.cli.main import app

RUNNER = CliRunner(env={"COLUMNS": "110", "SANDBOX_TRACEBACK": ""})
SETTINGS = [text for setting in TINY for text in ("--set", setting)]
COMPARE = ["compare", "retail-bank-200k", *SETTINGS, "--designs", "portal,in-message", "--jobs", "1"]
ONE = [*COMPARE, "--replications", "1"]


@pytest.fixture
def db(tmp_path: Path) -> str:
    """A database of saved runs that only this test has."""
    return f"sqlite:///{tmp_path / 'runs.sqlite'}"


def asked(db: str, *words: str) -> Result:
    """Run a command on that database."""
    return RUNNER.invoke(app, [*words, "--db", db])


def stopped_after(monkeypatch: pytest.MonkeyPatch, tasks: int) -> list[str]:
    """Let Ctrl-C arrive when so many tasks have been done in this process; returns the tasks done, as they come."""
    import scenarios.executor as executor

    done: list[str] = []
    really = executor.run_task

    def run_task(task: Any, *rest: Any) -> Any:
        if len(done) == tasks:
            signal.raise_signal(signal.SIGINT)
        outcome = really(task, *rest)
        done.append(f"{task.design} {task.replication}")
        return outcome

    monkeypatch.setattr(executor, "run_task", run_task)
    return done


@pytest.mark.wide
def test_a_run_is_saved_shown_and_repeated(db: str) -> None:
    """What `show` prints is what compare printed, its JSON the same bytes, and running it again gives them again."""
    first = asked(db, *ONE)
    assert first.stderr.splitlines()[0] == "saved as run 1; sandbox show 1"
    shown = asked(db, "show", "last")
    assert shown.stdout == first.stdout
    assert asked(db, "show", "1", "--all").stdout == RUNNER.invoke(app, [*ONE, "--all", "--no-save"]).stdout
    as_json = RUNNER.invoke(app, [*ONE, "--json", "--no-save"]).stdout
    assert asked(db, "show", "1", "--json").stdout == as_json
    again = asked(db, "rerun", "1", "--jobs", "1")
    assert (again.exit_code, again.stdout.splitlines()[0]) == (0, "run 1: byte-identical")
    document = json.loads(asked(db, "rerun", "1", "--json", "--jobs", "2").stdout)
    assert (document["identical"], document["changed"], document["first_difference"]) == (True, [], None)


@pytest.mark.wide
def test_the_list_names_runs_newest_first(db: str) -> None:
    """Number, status and command of each; without any it says how to get one."""
    assert asked(db, "runs").stdout.startswith("no run is saved yet")
    asked(db, *ONE)
    asked(db, *ONE, "--seed", "9")
    document = json.loads(asked(db, "runs", "--json").stdout)
    assert [(run["run"], run["status"]) for run in document["runs"]] == [(2, "finished"), (1, "finished")]
    assert document["runs"][0]["command"].endswith("--designs portal,in-message --seed 9 --replications 1")
    lines = asked(db, "runs").stdout.splitlines()
    assert lines[0] == "SAVED RUNS"
    assert lines[-1] == "next: sandbox show 2"
    assert max(map(len, lines)) <= 110
    assert asked(db, "runs", "list").stdout == asked(db, "runs-list").stdout
    assert asked(db, "runs", "remove", "1").stdout == "removed: 1\n"
    assert asked(db, "show", "1").exit_code == 2


@pytest.mark.wide
def test_an_interrupted_run_is_completed_with_what_it_had(db: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two of four tasks are done when Ctrl-C comes; `rerun` does the other two, for the undisturbed result."""
    words = [*COMPARE, "--replications", "2"]
    with monkeypatch.context() as patch:
        stopped_after(patch, 2)
        stopped = asked(db, *words)
    assert (stopped.exit_code, stopped.stdout) == (130, "")
    assert "run 1 is kept as interrupted; sandbox rerun 1 completes it" in stopped.stderr
    assert asked(db, "runs").stdout.splitlines()[-1] == "next: sandbox rerun 1"
    assert "sandbox rerun 1" in asked(db, "show", "1").stderr
    done = stopped_after(monkeypatch, 99)
    completed = asked(db, "rerun", "1", "--jobs", "1")
    assert completed.exit_code == 0
    assert completed.stderr.splitlines()[:2] == [
        "run 1: interrupted, 2 runs kept; going on",
        "saved as run 1; sandbox show 1",
    ]
    assert done == ["portal 1", "in-message 1"]
    monkeypatch.undo()
    assert completed.stdout == RUNNER.invoke(app, [*words, "--no-save"]).stdout


@pytest.mark.wide
def test_a_result_that_differs_says_what_changed(db: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Exit code 1, the first line that differs, and whether code or rules are others than then."""
    asked(db, *ONE)
    monkeypatch.setattr("scenarios.saved.runs.code_hash", lambda: "f" * 64)
    import scenarios.replications as replications

    really = replications.run_all
    monkeypatch.setattr(replications, "run_all", lambda tasks, *rest: really([*tasks[:-1], tasks[0]], *rest))
    found = asked(db, "rerun", "1", "--jobs", "1")
    assert found.exit_code == 1
    assert "run 1: DIFFERS from what was saved" in found.stdout
    assert "the code changed" in found.stdout
    assert "first difference: line " in found.stdout


@pytest.mark.wide
def test_a_file_that_changed_is_run_as_it_was(
    db: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A saved run has the text of the user's files: changed or gone, the same bytes come out, and it is said."""
    monkeypatch.chdir(tmp_path)
    mine = Path("mine.yaml")
    text = "extends: base.yaml\ncampaign: {messages: 600, touch_gap_days: 2}\n"
    mine.write_text(text, encoding="utf-8")
    Path("base.yaml").write_text("extends: retail-bank-200k\ncalendar: {working_days: 4}\n", encoding="utf-8")
    words = ["compare", "mine.yaml", "--designs", "in-message", "--replications", "1", "--jobs", "1"]
    assert asked(db, *words).exit_code == 0
    mine.write_text(text.replace("600", "700"), encoding="utf-8")
    Path("base.yaml").unlink()
    again = asked(db, "rerun", "1", "--jobs", "1")
    assert (again.exit_code, again.stdout[:21]) == (0, "run 1: byte-identical")
    assert "mine.yaml: changed or gone since; the text that was saved is run" in again.stderr
    assert "base.yaml: changed or gone since; the text that was saved is run" in again.stderr


@pytest.mark.wide
def test_other_commands_are_saved_alike(db: str) -> None:
    """`flips` is saved with its report, shown from it and repeated."""
    words = ["flips", "retail-bank-200k", "--from", "portal", "--to", "in-message", *SETTINGS]
    first = asked(db, *words, "--replications", "2", "--jobs", "1", "--examples", "1")
    assert first.exit_code == 0, first.stderr
    assert asked(db, "show", "1").stdout == first.stdout
    assert asked(db, "rerun", "1", "--jobs", "1").stdout.startswith("run 1: byte-identical")


@pytest.mark.wide
@pytest.mark.parametrize(("value", "following"), [("0.2", "pilot-plan"), ("0.99", "compare")])
def test_what_follows_a_pilot_is_saved_where_its_actuals_are(
    db: str, tmp_path: Path, value: str, following: str
) -> None:
    """Whether the prediction holds or is broken, the next line names the database; the saved line does not."""
    seen = tmp_path / "seen.csv"
    seen.write_text(f"metric,value,n\ncompletion_rate,{value},{'5' if value == '0.2' else '900'}\n")
    effort = ["--replications", "2", "--jobs", "1"]
    words = ["actuals", "retail-bank-200k", str(seen), "--design", "in-message", *SETTINGS, *effort]
    *_, replay, told = asked(db, *words).stdout.splitlines()
    assert told.startswith(f"next:   sandbox {following} retail-bank-200k ")
    assert told.endswith(f" --db {db}")
    assert replay.startswith("replay: sandbox actuals ")
    assert "--db" not in replay


@pytest.mark.wide
def test_what_cannot_be_saved_stops_nothing(tmp_path: Path) -> None:
    """No database there, or a folder nobody can make: one line on standard error, and the result as ever."""
    whole = RUNNER.invoke(app, [*ONE, "--no-save"])
    file = tmp_path / "file"
    file.write_text("no database", encoding="utf-8")
    for url in (f"sqlite:///{file}", f"sqlite:///{file}/runs.sqlite", "postgresql://host/runs"):
        found = asked(url, *ONE)
        assert (found.exit_code, found.stdout) == (whole.exit_code, whole.stdout)
        assert found.stderr.splitlines()[0].startswith("not saved: ")
        assert len(found.stderr.splitlines()) == len(whole.stderr.splitlines()) + 1


def test_wrong_input_and_our_own_faults_leave_no_finished_run(
    db: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A wrong report is no run; a fault of ours is a failed one."""
    assert asked(db, *ONE, "--calls", "missing.csv").exit_code == 2
    assert json.loads(asked(db, "runs", "--json").stdout)["runs"] == []

    def broken(*_: Any) -> Any:
        raise RuleBroken("broken")

    monkeypatch.setattr("scenarios.replications.run_all", broken)
    assert asked(db, *ONE).exit_code == 3
    assert [run["status"] for run in json.loads(asked(db, "runs", "--json").stdout)["runs"]] == ["failed"]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["show", "7"], "run '7': not saved; allowed: none is saved yet"),
        (["rerun", "x"], "run 'x': not saved"),
        (["runs", "remove", "1"], "run '1': not saved"),
    ],
)
def test_a_run_that_is_not_there_is_bad_input(db: str, words: list[str], told: str) -> None:
    """The message says which there are, and the next step how to see them."""
    found = asked(db, *words)
    assert found.exit_code == 2
    assert told in found.stderr
    assert "Next: `sandbox runs` lists what is saved" in found.stderr


def test_runs_are_saved_in_the_data_folder(tmp_path: Path) -> None:
    """SANDBOX_DATA names it; else it is a folder of the product's own in XDG_DATA_HOME."""
    from scenarios.saved.runs import default_url

    assert default_url({"SANDBOX_DATA": "d"}) == f"sqlite:///{Path('d') / 'runs.sqlite'}"
    shared = default_url({"XDG_DATA_HOME": "x"})
    assert shared == f"sqlite:///{Path('x') / 'resolution-sandbox' / 'runs.sqlite'}"
    assert os.environ["SANDBOX_DATA"], "tests never save in the data folder of who runs them"
    result = RUNNER.invoke(app, ["runs"], env={"SANDBOX_DATA": str(tmp_path / "new")})
    assert (result.exit_code, (tmp_path / "new" / "runs.sqlite").exists()) == (0, True)


@pytest.mark.wide
def test_auto_replications_are_saved_and_repeated(db: str) -> None:
    """The number that was found is in the result; the line says auto, so that it is found again."""
    words = ["--replications", "auto", "--half-width", "completion_rate=0.5"]
    found = asked(db, *COMPARE, *words)
    assert found.exit_code == 0, found.stderr
    assert "replications auto: 3 run, looked at after 3; every half width asked for is met" in " ".join(
        found.stdout.split()
    )
    assert asked(db, "rerun", "last", "--jobs", "1").stdout.startswith("run 1: byte-identical")


@pytest.mark.parametrize(
    "words",
    [
        ["--replications", "some"],
        ["--replications", "0"],
        ["--half-width", "completion_rate=0.1"],
        ["--replications", "3", "--replications-max", "4"],
        ["--replications", "auto", "--half-width", "completion=0.1"],
        ["--replications", "auto", "--replications-max", "2"],
        ["--cluster", "tcp://127.0.0.1:1"],
    ],
)
@pytest.mark.wide
def test_efforts_that_make_no_sense_are_bad_input(db: str, words: list[str]) -> None:
    """Exit code 2 before anything ran, and no run is saved."""
    assert asked(db, *COMPARE, *words).exit_code == 2
    assert json.loads(asked(db, "runs", "--json").stdout)["runs"] == []
