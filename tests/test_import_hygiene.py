"""What importing a package costs and brings along, seen in a fresh interpreter.

The import contracts read the text; these tests look at what is really loaded, through every chain of imports.
That `sandbox --help` stays light is shown where the command line is tested (`tests/cli/test_main.py`).
"""

from __future__ import annotations

import json
import subprocess
import sys
from functools import cache

import pytest

from tests.repository import PACKAGES, ROOT, module_name, python_files

RULE_ROOMS = ("audit", "identity", "journey", "outreach", "policy", "writeback")
ENGINE = {"simpy"}
DATABASE = {"sqlalchemy", "sqlite3", "sqlmodel"}
STATISTICS = {"numpy", "scipy"}
SCREENS = {"rich", "textual", "typer"}
NAMES = {"faker"}

PROGRAM = """
import importlib, json, sys
for name in json.loads(sys.argv[1]):
    importlib.import_module(name)
print(json.dumps(sorted({name.partition(".")[0] for name in sys.modules})))
"""


@cache
def loaded_by(*modules: str) -> frozenset[str]:
    """Top-level names in memory after importing `modules` and nothing else; a warning on the way is an error."""
    command = [sys.executable, "-W", "error", "-c", PROGRAM, json.dumps(modules)]
    finished = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert finished.returncode == 0, finished.stderr[-2_000:]
    return frozenset(json.loads(finished.stdout))


def modules_under(folder: str) -> list[str]:
    """The modules of a folder; at least one."""
    found = [module_name(path) for path in python_files(folder)]
    assert found, f"{folder} has no modules: name the room's new place in RULE_ROOMS"
    return found


@pytest.mark.parametrize("room", RULE_ROOMS)
def test_a_rule_package_is_light(room: str) -> None:
    """A pilot that lifts one rule package gets no engine, database, statistics, screen or invented names with it."""
    loaded = loaded_by(*modules_under(f"sandbox/{room}"))
    assert "sandbox" in loaded
    assert loaded & (ENGINE | DATABASE | STATISTICS | SCREENS | NAMES) == set()


@pytest.mark.parametrize("room", RULE_ROOMS)
def test_a_rule_package_knows_no_other_top_folder(room: str) -> None:
    """A rule package can be lifted out: nothing of the simulator around it comes along."""
    loaded = loaded_by(*modules_under(f"sandbox/{room}"))
    assert loaded & (set(PACKAGES) - {"sandbox"}) == set()


def test_reading_a_scenario_needs_no_engine() -> None:
    """Checking a file answers at once: no engine, database, quantiles, names or screens are loaded for it."""
    loaded = loaded_by("scenarios.world.spec")
    assert "pydantic" in loaded
    assert loaded & (ENGINE | DATABASE | SCREENS | NAMES | {"scipy"}) == set()


def test_a_run_needs_no_database_toolkit() -> None:
    """A run asks SQLite in shipped texts: loading what makes them takes longer than reading a scenario."""
    loaded = loaded_by("scenarios.run")
    assert {"sqlite3", "simpy"} <= loaded
    assert loaded & {"sqlalchemy", "sqlmodel", "asyncio"} == set()


def test_channels_need_no_database() -> None:
    """The channels stand alone: no engine, database or screen comes with them."""
    assert loaded_by(*modules_under("fake_channels")) & (ENGINE | DATABASE | SCREENS) == set()


def test_the_core_needs_no_engine() -> None:
    """The fake core is a system of record: neither the engine nor the channels come with it."""
    loaded = loaded_by(*modules_under("fake_core"))
    assert "sqlmodel" in loaded
    assert loaded & (ENGINE | SCREENS | {"fake_channels", "scenarios", "tui"}) == set()


def test_a_result_is_plain_data() -> None:
    """A front end that shows a saved result loads nothing that computes one."""
    assert loaded_by("scenarios.result") & (ENGINE | DATABASE | STATISTICS | SCREENS | NAMES) == set()


@pytest.mark.slow
@pytest.mark.parametrize("folder", PACKAGES)
def test_every_module_can_be_imported_first(folder: str) -> None:
    """No module depends on another having been imported before it, and none warns on import."""
    for module in modules_under(folder):
        loaded_by(module)
