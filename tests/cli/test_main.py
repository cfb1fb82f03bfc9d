"""The entry point: help, version, bare call, screens, and how a process ends."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tests.cli import stand_ins
from tui.cli import main
from tui.cli.main import app

ROOT = Path(__file__).parents[2]
RUNNER = CliRunner(env={"COLUMNS": "100", "SANDBOX_TRACEBACK": ""})
LISTED = [command.name for commands in main.FIRST_PAGE.values() for command in commands]
GROUPED = [
    (noun, grouped.command.name, grouped.alone or grouped.command.name)
    for noun, (_, members) in main.GROUPS.items()
    for grouped in members
]
FIRST_PAGE_MAX = 12
"""Commands a newcomer can take in at a glance."""

HEAVY = ("textual", "sqlmodel", "sqlalchemy", "faker", "scipy", "numpy", "simpy", "ruamel")

_STUB = """
import sys, threading
from sandbox.errors import Cancelled
from tests.cli import canned, stand_ins

def patient(request, on_progress, should_stop):
    print("started", file=sys.stderr, flush=True)
    pause = threading.Event()
    while not should_stop():
        pause.wait(0.005)
    raise Cancelled("stopped")

def deaf(request, on_progress, should_stop):
    print("started", file=sys.stderr, flush=True)
    threading.Event().wait(60)

def quick(request, on_progress, should_stop):
    return canned.comparison("pass")

sys.modules.update(stand_ins.modules(globals()[sys.argv.pop(1)]))
from tui.cli.main import main
main()
"""


def _process(engine: str, *arguments: str, stdout: int = subprocess.PIPE) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", _STUB, engine, "compare", "invented-bank", "--no-save", *arguments]
    return subprocess.Popen(command, cwd=ROOT, stdout=stdout, stderr=subprocess.PIPE, text=True)


def _imported(arguments: list[str]) -> set[str]:
    command = [sys.executable, "-X", "importtime", "-m", "tui.cli.main", *arguments]
    finished = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=30, check=True)
    return {name.split(".")[0] for name in re.findall(r"\|\s*([\w.]+)$", finished.stderr, re.MULTILINE)}


@pytest.mark.parametrize("arguments", [["--help"], ["compare", "--help"]])
def test_help_imports_nothing_heavy(arguments: list[str]) -> None:
    """Help starts at once: no screens, database, names, statistics or simulation; the overview no schemas either."""
    imported = _imported(arguments)
    assert "typer" in imported
    assert imported.isdisjoint(HEAVY)
    assert "pydantic" not in imported or arguments != ["--help"]


def _first_page() -> list[str]:
    """The first word of every line of the overview that names a command."""
    return re.findall(r"^│ ([a-z][a-z-]*) ", RUNNER.invoke(app, ["--help"]).stdout, re.MULTILINE)


def test_the_first_page_holds_a_dozen_commands_and_the_groups() -> None:
    """What stands on it can be read at a glance; the rest is in groups below."""
    assert {"compare", "tui", "diagnose", "trace", "new", "check", "verify"} <= set(LISTED)
    assert len(LISTED) <= FIRST_PAGE_MAX
    assert _first_page() == [*LISTED, *main.GROUPS]


@pytest.mark.parametrize("command", [*LISTED, *main.GROUPS, *(alone for _, _, alone in GROUPED)])
def test_every_command_has_help(command: str) -> None:
    """Each command explains itself, listed or not."""
    assert RUNNER.invoke(app, [command, "--help"]).exit_code == 0


@pytest.mark.parametrize(("noun", "name", "alone"), GROUPED)
def test_a_command_in_a_group_is_the_one_on_top(noun: str, name: str, alone: str) -> None:
    """Both names lead to the same help, and the group lists what it holds."""
    inside, on_top = (
        re.sub(r"Usage:.*", "", RUNNER.invoke(app, [*words, "--help"]).stdout)
        for words in ([noun, name], [alone])
    )
    assert re.search(
        r"--(out|port|db) ", inside
    )  # an option of the command itself: not every one writes a file
    assert inside == on_top
    assert f"│ {name} " in RUNNER.invoke(app, [noun, "--help"]).stdout


def test_a_bare_group_is_its_help() -> None:
    """A noun alone lists its commands and is no error."""
    result = RUNNER.invoke(app, ["catalogue"])
    assert (result.exit_code, result.stderr) == (0, "")


def test_compare_help_says_what_the_exit_codes_and_the_json_are() -> None:
    """A script's author finds the contract from the help."""
    text = " ".join(RUNNER.invoke(app, ["compare", "--help"]).stdout.split())
    for words in ("1 an expectation failed", "130 interrupted", "README", "What is run", "How it is run"):
        assert words in text


@pytest.mark.parametrize(
    ("command", "one"),
    [
        ("actuals", "1 a prediction is broken"),
        ("sweep", "1 history is not reproduced"),
        ("map", "1 history is not reproduced"),
        ("pilot-choice", "1 history is not reproduced"),
        ("rerun", "1 the result is another"),
        ("calibrate", None),
        ("cases", None),
    ],
)
def test_a_help_names_the_exit_codes_of_its_own_command(command: str, one: str | None) -> None:
    """Exit code 1 means something else in each command, and stands in no help of one that never leaves with it."""
    text = " ".join(RUNNER.invoke(app, [command, "--help"]).stdout.split())
    codes = text.partition("Exit codes: ")[2]
    assert codes.startswith(f"0 ok · {one}" if one else "0 ok · 2 bad input")
    assert ("--strict" in codes) is (command in ("compare", "run"))


def test_version() -> None:
    """--version prints name and number and nothing else."""
    result = RUNNER.invoke(app, ["--version"])
    assert result.exit_code == 0
    assert re.fullmatch(r"sandbox \d+\.\d+\.\d+\n", result.stdout)


@pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="threads are counted as Linux lists them")
def test_a_command_starts_no_threads_and_leaves_at_once() -> None:
    """NumPy starts no thread a core, to spin beside a run; and what is left at the end is not searched for cycles."""
    program = (
        "import gc, os, sys; from tui.cli.main import main\n"
        "try: main()\n"
        "except SystemExit: import numpy; print(gc.get_freeze_count() > 1_000, len(os.listdir('/proc/self/task')))"
    )
    environment = {name: value for name, value in os.environ.items() if name != "OPENBLAS_NUM_THREADS"}
    finished = subprocess.run(
        [sys.executable, "-c", program, "--version"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert finished.stdout.split()[-2:] == ["True", "1"]


def test_bare_call_away_from_a_terminal_is_help() -> None:
    """In a pipe or a job nothing waits for keys."""
    result = RUNNER.invoke(app, [])
    assert result.exit_code == 0
    assert "compare" in result.stdout


@pytest.mark.parametrize(
    ("arguments", "opened"), [([], None), (["tui"], None), (["tui", "my.yaml"], "my.yaml")]
)
def test_screens_open_on_a_terminal(
    monkeypatch: pytest.MonkeyPatch, arguments: list[str], opened: str | None
) -> None:
    """`sandbox` alone and `sandbox tui` open the screens, with the scenario named if one is."""
    seen: list[str | None] = []
    monkeypatch.setattr(main, "is_terminal", lambda _: True)
    monkeypatch.setitem(sys.modules, "tui.app", stand_ins.module("tui.app", run_app=seen.append))
    assert RUNNER.invoke(app, arguments).exit_code == 0
    assert seen == [opened]


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
def test_interrupt_stops_a_run_that_listens(tmp_path: Path, sent: signal.Signals) -> None:
    """Ctrl-C, or what a job scheduler sends, ends a polling run with 130, quietly, and leaves no file behind."""
    with _process("patient", "--out", str(tmp_path / "r.txt")) as process:
        assert process.stderr is not None
        assert process.stderr.readline() == "started\n"
        process.send_signal(sent)
        _, remarks = process.communicate(timeout=10)
    assert process.returncode == 130
    assert remarks == "interrupted: nothing was written\n"
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("presses", [1, 2])
def test_interrupt_stops_a_run_that_does_not_listen(presses: int) -> None:
    """A run that never looks is ended by the watchdog, or at once by a second Ctrl-C."""
    with _process("deaf") as process:
        assert process.stderr is not None
        assert process.stderr.readline() == "started\n"
        for _ in range(presses):
            process.send_signal(signal.SIGINT)
        _, remarks = process.communicate(timeout=10)
    assert process.returncode == 130
    assert "Traceback" not in remarks


def test_a_closed_pipe_is_no_error() -> None:
    """`sandbox compare | head` ends quietly with the run's own exit code."""
    reader, writer = os.pipe()
    os.close(reader)
    with _process("quick", stdout=writer) as process:
        os.close(writer)
        _, remarks = process.communicate(timeout=30)
    assert (process.returncode, remarks) == (0, "")


def test_a_parser_fault_is_ours_and_readable(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What breaks outside any command still ends with 3 and a replay line."""

    def broken() -> None:
        raise RuntimeError("no parser")

    monkeypatch.setattr(main, "app", broken)
    monkeypatch.setattr(sys, "argv", ["sandbox", "compare", "my bank"])
    with pytest.raises(SystemExit) as left:
        main.main()
    assert left.value.code == 3
    assert "replay: sandbox compare 'my bank'" in capsys.readouterr().err
