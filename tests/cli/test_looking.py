"""`sandbox scenarios`, `sandbox check` and `sandbox trace`."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from sandbox.errors import BadInput
from tests.cli import stand_ins
from tests.cli.wording import refusal_lines
from tui.cli.main import app

RUNNER = CliRunner(env={"COLUMNS": "110", "SANDBOX_TRACEBACK": ""})


@dataclass(frozen=True)
class Entry:
    """A scenario in the list."""

    name: str
    title: str
    story: str


@dataclass(frozen=True)
class Report:
    """What checking found."""

    ok: bool
    problems: list[str] = field(default_factory=list)
    sources: dict[str, int] = field(default_factory=lambda: {"published": 2, "assumption": 5})
    settings: dict[str, object] = field(default_factory=lambda: {"b.list": [1, 2.5], "a": 3})
    kind: str = "scenario"
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Line:
    """One moment of a case."""

    clock: str
    kind: str
    text: str


@dataclass(frozen=True)
class Trace:
    """One case."""

    scenario: str = "invented-bank"
    design: str = "in-message"
    seed: int = 7
    case_id: int = 12
    customer: str = "A. Person"
    lines: tuple[Line, ...] = (
        Line("Mon 09:01:00", "sent", "SMS, first touch"),
        Line("Mon 09:03:20", "identity", "link accepted"),
        Line("Mon 09:03:21", "audit", f"#12 posting_recorded: {'evidence ' * 14}".rstrip()),
    )
    final_state: str = "recorded: promise to pay"
    notes: tuple[str, ...] = ()


def _install_check(patch: pytest.MonkeyPatch, report: Report) -> None:
    module = stand_ins.module("scenarios.world.spec", check=lambda *_: report)
    patch.setitem(sys.modules, "scenarios.world.spec", module)


def _install_trace(patch: pytest.MonkeyPatch, engine: Any) -> None:
    stand_ins.install(patch, stand_ins.raises(AssertionError("trace does not compare")))
    name = "scenarios.evidence.trace"
    patch.setitem(sys.modules, name, stand_ins.module(name, trace_case=engine))


def test_scenarios_are_listed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Name, title and story of each, and how to start."""
    entries = [Entry("one", "The first", "It begins."), Entry("two", "The second", "")]
    module = stand_ins.module("scenarios.world.library", list_scenarios=lambda: entries)
    designs = stand_ins.module("scenarios.world.shipped_designs", list_designs=list)
    monkeypatch.setitem(sys.modules, "scenarios.world.library", module)
    monkeypatch.setitem(sys.modules, "scenarios.world.shipped_designs", designs)
    text = RUNNER.invoke(app, ["scenarios"]).stdout
    assert text.startswith("one   The first\n  It begins.\n\ntwo   The second\n")
    document = json.loads(RUNNER.invoke(app, ["scenarios", "--json"]).stdout)
    assert document["scenarios"][0] == {"name": "one", "title": "The first", "story": "It begins."}


def test_a_sound_scenario(monkeypatch: pytest.MonkeyPatch) -> None:
    """Check says so, counts sources and names the next command."""
    _install_check(monkeypatch, Report(ok=True))
    result = RUNNER.invoke(app, ["check", "my.yaml"])
    assert result.exit_code == 0
    assert result.stdout.splitlines() == [
        "my.yaml: no problems found",
        "  numbers by source: 5 assumption, 2 published",
        "next: sandbox compare my.yaml",
    ]


@pytest.mark.parametrize(
    ("kind", "file", "following"),
    [
        ("pack", "my.yaml", "sandbox compare retail-bank-200k --set outreach.pack=./my.yaml"),
        (
            "core",
            "cores/legacy-batch.yaml",
            "sandbox compare retail-bank-200k --set core.profile=legacy-batch",
        ),
        ("core", "my.yaml", "sandbox check my.yaml --settings"),
    ],
)
def test_a_sound_pack_or_profile(
    monkeypatch: pytest.MonkeyPatch, kind: str, file: str, following: str
) -> None:
    """The next command runs it within the scenario to start with, where a scenario can name it."""
    _install_check(monkeypatch, Report(ok=True, kind=kind))
    assert RUNNER.invoke(app, ["check", file]).stdout.splitlines()[-1] == f"next: {following}"
    assert json.loads(RUNNER.invoke(app, ["check", file, "--json"]).stdout)["kind"] == kind


def test_settings_are_listed_as_they_are_typed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each line of --settings can be handed to --set."""
    _install_check(monkeypatch, Report(ok=True))
    assert RUNNER.invoke(app, ["check", "my.yaml", "--settings"]).stdout == "a=3\nb.list=[1, 2.5]\n"


@pytest.mark.parametrize("options", [[], ["--json"]])
def test_a_faulty_scenario(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, options: list[str]) -> None:
    """Every problem is on standard error, the code is 2, and JSON holds them too."""
    file = tmp_path / "my.yaml"
    problems = [f"{file}:3: a: found -1", f"{file}:4: b: found x"]
    _install_check(monkeypatch, Report(ok=False, problems=problems))
    result = RUNNER.invoke(app, ["check", str(file), *options])
    assert result.exit_code == 2
    assert refusal_lines(result.stderr) == [
        *problems,
        f"Next: correct the file, then `sandbox check {file}`",
    ]
    if options:
        assert json.loads(result.stdout)["ok"] is False


def test_an_unknown_scenario_leads_to_the_list(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that does not exist is answered with where names are listed."""
    _install_check(monkeypatch, Report(ok=False, problems=["found 'nope'"]))
    assert "`sandbox scenarios` lists" in RUNNER.invoke(app, ["check", "nope"]).stderr


def test_one_case_as_text_and_json(monkeypatch: pytest.MonkeyPatch) -> None:
    """A trace is a timeline with customer and final state; JSON holds the same."""
    asked: list[tuple[object, ...]] = []

    def engine(request: Any, design: str, case: int, should_stop: Any) -> Trace:
        asked.append((request.settings, request.seed, design, case))
        return Trace()

    _install_trace(monkeypatch, engine)
    words = [
        "trace",
        "invented-bank",
        "--design",
        "in-message",
        "--case",
        "12",
        "--seed",
        "7",
        "--set",
        "a=1",
    ]
    assert RUNNER.invoke(app, words).stdout.splitlines() == [
        "invented-bank, in-message, case 12, seed 7, changed: a=1",
        "  customer: A. Person",
        "",
        "  Mon 09:01:00  sent      SMS, first touch",
        "  Mon 09:03:20  identity  link accepted",
        f"  Mon 09:03:21  audit     #12 posting_recorded: {'evidence ' * 7}".rstrip(),
        f"                          {'evidence ' * 7}".rstrip(),
        "",
        "final state: recorded: promise to pay",
        "replay: sandbox trace invented-bank --design in-message --case 12 --set a=1 --seed 7",
        "next:   sandbox map invented-bank --design in-message --set a=1 --seed 7   (how many go this way)",
    ]
    document = json.loads(RUNNER.invoke(app, [*words, "--json"]).stdout)
    assert (
        document["replay"] == "sandbox trace invented-bank --design in-message --case 12 --set a=1 --seed 7"
    )
    assert document["lines"][1] == {"clock": "Mon 09:03:20", "kind": "identity", "text": "link accepted"}
    assert asked == [(("a=1",), 7, "in-message", 12)] * 2


def test_a_case_that_does_not_exist(monkeypatch: pytest.MonkeyPatch) -> None:
    """The engine's refusal is bad input."""

    def engine(request: Any, design: str, case: int, should_stop: Any) -> Trace:
        raise BadInput(["--case 99: allowed: 0 to 10"])

    _install_trace(monkeypatch, engine)
    result = RUNNER.invoke(app, ["trace", "invented-bank", "--design", "portal", "--case", "99"])
    assert (result.exit_code, result.stderr.splitlines()[0]) == (2, "--case 99: allowed: 0 to 10")
