"""The import contracts hold, cover every room, and notice what they forbid."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.repository import PACKAGES, ROOT, module_name, project, python_files

CONTRACTS = {contract["name"]: contract for contract in project()["tool"]["importlinter"]["contracts"]}
INSIDE = "Inside sandbox: load on top, rules below, data at the bottom"
RULES = "The rules know no engine, store, screen, fake or machine"


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    """Hold the tree in `folder` against its contracts, in a process that starts there and so imports it first."""
    command = [
        sys.executable,
        "-c",
        "from importlinter.cli import lint_imports_command as c; c()",
        "--no-cache",
    ]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120, check=False)


def layers(name: str) -> set[str]:
    """The modules a layers contract puts in order."""
    return {module.strip() for layer in CONTRACTS[name]["layers"] for module in layer.split("|")}


def rooms() -> set[str]:
    """The packages and modules directly inside `sandbox`."""
    names = {".".join(module_name(path).split(".")[:2]) for path in python_files("sandbox")}
    return names - {"sandbox"}


def test_the_contracts_hold() -> None:
    """No import breaks a contract; the answer names the contract and the line that breaks it."""
    finished = lint(ROOT)
    assert finished.returncode == 0, finished.stdout[-3_000:] + finished.stderr[-1_000:]


def test_every_top_folder_has_its_layer() -> None:
    """A new top folder cannot stand outside the folder graph."""
    assert set(project()["tool"]["importlinter"]["root_packages"]) == set(PACKAGES)
    assert layers("The folder graph has no back edge") == set(PACKAGES)


def test_every_room_of_sandbox_has_its_layer() -> None:
    """A new room of `sandbox` must be given its place in pyproject.toml, and a removed one taken out."""
    assert layers(INSIDE) == rooms()


def test_every_room_is_a_rule_or_named_as_load() -> None:
    """A room either obeys the contract of the rules or is one of the few that put rules under load or count."""
    load = {"sandbox.simulation", "sandbox.experiment", "sandbox.scorecard", "sandbox.draws"}
    assert set(CONTRACTS[RULES]["source_modules"]) == rooms() - load


@pytest.mark.slow
@pytest.mark.parametrize(
    ("file", "line", "contract"),
    [
        ("sandbox/policy/decide.py", "import simpy", RULES),
        ("sandbox/writeback/workflow.py", "import time", RULES),
        ("sandbox/journey/table.py", "import sandbox.simulation.engine", INSIDE),
        ("sandbox/model.py", "import scenarios.world.spec", "The folder graph has no back edge"),
        ("fake_core/store.py", "import fake_channels.sms", "The folder graph has no back edge"),
        ("fake_channels/sms.py", "import sandbox.simulation.engine", "The fakes do not simulate"),
        ("scenarios/wire.py", "import simpy", "Only sandbox.simulation imports simpy"),
        (
            "scenarios/outputs/as_json.py",
            "import sqlmodel",
            "Only fake_core and scenarios.saved touch a database",
        ),
        ("tui/app.py", "import fake_core.store", "What faces a terminal calls scenarios and nothing below"),
        ("tui/cli/main.py", "import textual", "The command line does not import the screens"),
        ("scenarios/run.py", "import typer", "Only the terminal packages import typer and textual"),
    ],
)
def test_a_forbidden_import_is_noticed(tmp_path: Path, file: str, line: str, contract: str) -> None:
    """Each contract breaks, by name, when the import it forbids is planted in a copy of the tree."""
    for package in PACKAGES:
        shutil.copytree(ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    planted = tmp_path / file
    planted.write_text(f"{planted.read_text(encoding='utf-8')}\n{line}\n", encoding="utf-8")
    finished = lint(tmp_path)
    assert finished.returncode == 1, finished.stderr[-1_000:]
    assert f"{contract} BROKEN" in finished.stdout
