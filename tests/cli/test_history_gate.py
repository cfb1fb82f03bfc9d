"""What a command says when history is not reproduced, and when somebody runs all the same."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from scenarios.notes import NOT_REPRODUCED
from tests.scenarios.interval_reports import interval_report, mondays_busier, written
from tui.cli.main import app

SMALL = """extends: retail-bank-200k
scenario: off
calendar: {working_days: 3, follow_up_days: 1}
campaign: {messages: 40, touch_gap_days: 1}
expect: []
history: {abandonment_rate: 0.55}
"""
COMMANDS = {
    "compare": ["--replications", "1"],
    "diagnose": ["--designs", "sms-to-call", "--replications", "1"],
    "flips": ["--from", "sms-to-call", "--to", "in-message", "--replications", "2"],
    "pitfalls": ["--replications", "2"],
    "sweep": ["--over", "campaign.messages=40,60", "--designs", "sms-to-call", "--replications", "1"],
    "sensitivity": ["--design", "in-message", "--only", "identity.code_starts_rate", "--replications", "2"],
    "limit": [
        *("--keep", "call_abandonment_rate<0.99", "--between", "40:60", "--step", "20"),
        *("--designs", "sms-to-call", "--replications", "1"),
    ],
    "staff": ["--keep", "call_abandonment_rate<0.99", "--design", "sms-to-call", "--replications", "1"],
    "pilot-plan": ["--effect", "0.1", "--share", "0.25", "--replications", "2"],
    "map": ["--fix", "--design", "sms-to-call", "--replications", "2"],
}

LOOKS = {
    "trace": ["--design", "in-message", "--case", "3"],
    "cases": ["--design", "in-message"],
    "map": ["--design", "in-message"],
}
"""Commands that look at one run; they choose no workers and save nothing."""


@pytest.fixture
def off(tmp_path: Path) -> str:
    """A scenario whose history its own simulation is far from."""
    path = tmp_path / "off.yaml"
    path.write_text(SMALL, encoding="utf-8")
    return str(path)


def look(verb: str, scenario: str, *further: str) -> Result:
    """Run one command that looks at a single run."""
    return CliRunner().invoke(app, [verb, scenario, *LOOKS[verb], *further])


def invoke(verb: str, scenario: str, *further: str) -> Result:
    """Run one command on one worker; of `map` the part that compares."""
    return CliRunner().invoke(app, [verb, scenario, *COMMANDS[verb], "--jobs", "1", "--no-save", *further])


@pytest.mark.wide
@pytest.mark.parametrize("verb", COMMANDS)
def test_a_command_is_refused_and_runs_all_the_same_when_told(verb: str, off: str) -> None:
    """Exit code 1 with the figure and what to do; told so, head and notes say it, and the notes of the JSON."""
    assert_held(partial(invoke, verb, off))


@pytest.mark.wide
@pytest.mark.parametrize("verb", LOOKS)
def test_a_look_at_one_run_is_held_as_well(verb: str, off: str, tmp_path: Path) -> None:
    """What is looked at is the world of a baseline too: by the scenario's own history, and by a report's."""
    assert_held(partial(look, verb, off))
    report = str(written(tmp_path, interval_report(mondays_busier(40, 30))))
    close = look(verb, off, "--calls", report)
    assert close.exit_code == 0, close.stderr  # the report stands instead of the scenario's history
    assert "settings as in the scenario, call centre from" in " ".join(close.stdout.split())
    assert all(f"--calls {report}" in line for line in close.stdout.splitlines()[-2:])
    exact = ("--calls", report, "--set", "history.tolerances.abandonment_points=0.0001")
    assert_held(partial(look, verb, off, *exact))


def assert_held(run: Callable[..., Result]) -> None:
    """Refused with the figure; run all the same when told, and then head, notes and JSON say so."""
    refused = run()
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert refused.stderr.startswith("history: abandonment: simulated ")
    assert "say --despite-history" in refused.stderr
    text = run("--despite-history")
    assert text.exit_code == 0
    assert "  ✘ HISTORY NOT REPRODUCED: run all the same, see NOTES\n" in text.stdout
    notes = " ".join(text.stdout.partition("\nNOTES\n")[2].split())
    assert notes.startswith(f"- {NOT_REPRODUCED}: history: abandonment: simulated ")
    document = json.loads(run("--despite-history", "--json").stdout)
    assert document["notes"][0].startswith(NOT_REPRODUCED)


@pytest.mark.wide
@pytest.mark.parametrize("verb", ["flips", "pitfalls", "sweep", "sensitivity", "limit", "staff", "map"])
def test_the_line_that_repeats_it_says_so_too(verb: str, off: str) -> None:
    """Without it the replay would be refused; so would the next command."""
    lines = invoke(verb, off, "--despite-history").stdout.splitlines()
    for head in ("replay: sandbox ", "next:   sandbox "):
        line = next(line for line in lines if line.startswith(head))
        assert "--despite-history" in shlex.split(line)


@pytest.mark.wide
@pytest.mark.parametrize("verb", ["diagnose", "flips", "compare"])
def test_after_a_call_centre_of_ones_own_no_other_is_looked_at(verb: str, off: str, tmp_path: Path) -> None:
    """Every command that follows has the report too."""
    report = str(written(tmp_path, interval_report(mondays_busier(40, 30))))
    result = invoke(verb, off, "--calls", report, "--despite-history")
    assert result.exit_code == 0
    lines = [line for line in result.stdout.splitlines() if line.startswith(("next:", "follow:"))]
    assert lines
    assert all(f"--calls {report}" in line for line in lines)
