"""What a command says when history is not reproduced, and when somebody runs all the same."""

from __future__ import annotations

import json
import shlex
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from scenarios.result import NOT_REPRODUCED
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


@pytest.fixture
def off(tmp_path: Path) -> str:
    """A scenario whose history its own simulation is far from."""
    path = tmp_path / "off.yaml"
    path.write_text(SMALL, encoding="utf-8")
    return str(path)


def invoke(verb: str, scenario: str, *further: str) -> Result:
    """Run one command on one worker."""
    return CliRunner().invoke(app, [verb, scenario, *COMMANDS[verb], "--jobs", "1", "--no-save", *further])


@pytest.mark.wide
@pytest.mark.parametrize("verb", COMMANDS)
def test_a_command_is_refused_and_runs_all_the_same_when_told(verb: str, off: str) -> None:
    """Exit code 1 with the figure and what to do; told so, head and notes say it, and the notes of the JSON."""
    refused = invoke(verb, off)
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert refused.stderr.startswith("history: abandonment: simulated ")
    assert "say --despite-history" in refused.stderr
    text = invoke(verb, off, "--despite-history")
    assert text.exit_code == 0
    assert "  ✘ HISTORY NOT REPRODUCED: run all the same, see NOTES\n" in text.stdout
    notes = " ".join(text.stdout.partition("\nNOTES\n")[2].split())
    assert notes.startswith(f"- {NOT_REPRODUCED}: history: abandonment: simulated ")
    document = json.loads(invoke(verb, off, "--despite-history", "--json").stdout)
    assert document["notes"][0].startswith(NOT_REPRODUCED)


@pytest.mark.wide
@pytest.mark.parametrize("verb", ["flips", "pitfalls", "sweep", "sensitivity", "limit", "staff"])
def test_the_line_that_repeats_it_says_so_too(verb: str, off: str) -> None:
    """Without it the replay would be refused; so would the next command."""
    lines = invoke(verb, off, "--despite-history").stdout.splitlines()
    for head in ("replay: sandbox ", "next:   sandbox "):
        line = next(line for line in lines if line.startswith(head))
        assert "--despite-history" in shlex.split(line)


@pytest.mark.wide
@pytest.mark.parametrize("verb", ["diagnose", "flips", "compare"])
def test_after_a_call_centre_of_ones_own_no_other_is_looked_at(verb: str, off: str, tmp_path: Path) -> None:
    """`map` and `trace` know the scenario's own lines alone: every command that follows has the report too."""
    report = str(written(tmp_path, interval_report(mondays_busier(40, 30))))
    result = invoke(verb, off, "--calls", report, "--despite-history")
    assert result.exit_code == 0
    lines = [line for line in result.stdout.splitlines() if line.startswith(("next:", "follow:"))]
    assert lines
    assert all(f"--calls {report}" in line for line in lines)
