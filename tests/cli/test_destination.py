"""`--out`: refused before the run, whole or not there after it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from sandbox.errors import BadInput, Cancelled, RuleBroken
from scenarios.result import Comparison
from tests.cli import canned, stand_ins
from tui.cli.destination import Destination
from tui.cli.main import app

RUNNER = CliRunner(env={"SANDBOX_TRACEBACK": ""})


def _never(request: Any, on_progress: Any, should_stop: Any) -> Comparison:
    pytest.fail("the run started although its result could not have been written")


@pytest.mark.parametrize("out", [".", "missing/result.txt", "world.yaml", "calls.csv"])
def test_an_impossible_place_is_refused_before_the_run(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, out: str
) -> None:
    """A directory, a missing folder and a file the run reads are refused without running."""
    monkeypatch.chdir(tmp_path)
    Path("world.yaml").touch()
    Path("calls.csv").touch()
    stand_ins.install(monkeypatch, _never)
    result = RUNNER.invoke(app, ["compare", "world.yaml", "--calls", "calls.csv", "--out", out])
    assert result.exit_code == 2
    assert result.stderr.startswith(f"--out {out}: ")


def test_the_result_goes_to_the_file_only(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """With --out the file holds the report, standard output nothing, and no temporary file stays."""
    stand_ins.install(monkeypatch, stand_ins.returns(canned.comparison("pass")))
    result = RUNNER.invoke(app, ["compare", "invented-bank", "--out", str(tmp_path / "r.txt")])
    assert (result.exit_code, result.stdout) == (0, "")
    assert [path.name for path in tmp_path.iterdir()] == ["r.txt"]
    assert (tmp_path / "r.txt").read_text().startswith("An invented bank")


@pytest.mark.parametrize(
    "fault", [RuleBroken("broken"), Cancelled("stopped"), KeyboardInterrupt(), BadInput(["x"])]
)
def test_a_run_that_does_not_finish_leaves_no_trace(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, fault: BaseException
) -> None:
    """Whatever ends a run early, an older result stays as it was and nothing new appears."""
    kept = tmp_path / "r.json"
    kept.write_text("older")
    stand_ins.install(monkeypatch, stand_ins.raises(fault))
    result = RUNNER.invoke(app, ["compare", "invented-bank", "--json", "--out", str(kept)])
    assert result.exit_code != 0
    assert kept.read_text() == "older"
    assert [path.name for path in tmp_path.iterdir()] == ["r.json"]


def test_a_failed_write_leaves_the_older_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """When the disk refuses half-way, the older file stays, the temporary one goes, and the user is told."""
    kept = tmp_path / "r.txt"
    kept.write_text("older")

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    destination = Destination.checked(str(kept))
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(BadInput, match="No space left on device"):
        destination.write("newer")
    assert kept.read_text() == "older"
    assert [path.name for path in tmp_path.iterdir()] == ["r.txt"]


def test_a_replaced_file_keeps_its_rights_and_its_links(tmp_path: Path) -> None:
    """Writing through a link replaces the file behind it, with the rights it had."""
    real, link = tmp_path / "real.txt", tmp_path / "link.txt"
    real.write_text("older")
    real.chmod(0o640)
    link.symlink_to(real)
    Destination.checked(str(link)).write("newer")
    assert link.is_symlink()
    assert real.read_text() == "newer"
    assert real.stat().st_mode & 0o777 == 0o640


def test_a_device_is_written_to_and_not_replaced() -> None:
    """/dev/null stays a device."""
    Destination.checked(os.devnull).write("gone")
    assert not Path(os.devnull).is_file()
