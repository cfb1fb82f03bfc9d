"""`sandbox diagnose` as a user sees it: decisions first, a next command that works, JSON that holds the same."""

from __future__ import annotations

import json
import shlex
from importlib import resources
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tests.scenarios.recorded import SMALL
from tui.cli.main import app

RUNNER = CliRunner(env={"COLUMNS": "100"})
GIVEN = [text for setting in SMALL for text in ("--set", setting)] + ["--no-save"]
ASKED = ["diagnose", "retail-bank-200k", *GIVEN, "--replications", "2", "--jobs", "1"]
SHIPPED = (Path(str(resources.files("sandbox.scorecard"))) / "rules.yaml").read_text(encoding="utf-8")


@pytest.mark.wide
def test_decisions_come_first_then_rules_leaks_tests_and_questions() -> None:
    """Three lines a design, then the evidence in a fixed order; nothing is wider than the window."""
    result = RUNNER.invoke(app, [*ASKED, "--designs", "sms-to-call,in-message"])
    assert (result.exit_code, result.stderr) == (0, "")
    lines = result.stdout.splitlines()
    heads = [line.split("   ")[0] for line in lines if line[:1].isupper() and line.split()[0].isupper()]
    assert heads == ["DECISION", "RULES", "LEAKS", "TESTS", "QUESTIONS", "NOTES"]
    first = next(at for at, line in enumerate(lines) if line.startswith("DECISION"))
    assert lines[first + 1].startswith("  STOP sms-to-call: ")
    why = "    why: untouched-bucket fail (0.0 % [0.0, 0.5], line ≥ 50 %, margin −50.0 pp)"  # noqa: RUF001
    assert lines[first + 2].startswith(why)
    assert max(len(line) for line in lines if not line.startswith("next:")) <= 100
    assert "assisted service: a person does agent, back_office" in " ".join(result.stdout.split())


@pytest.mark.wide
def test_the_next_command_looks_at_the_weightiest_rule() -> None:
    """It is printed ready for a shell, names the failing design, and runs."""
    result = RUNNER.invoke(app, [*ASKED, "--designs", "sms-to-call"])
    line = result.stdout.splitlines()[-1]
    assert line.startswith("next: sandbox map retail-bank-200k --design sms-to-call")
    assert "untouched-bucket in sms-to-call" in line
    command = shlex.split(line.removeprefix("next: sandbox ").partition("   (")[0])
    assert RUNNER.invoke(app, command).exit_code == 0


@pytest.mark.wide
def test_the_json_holds_what_the_text_says() -> None:
    """Schema 1: decision, grounds, every rule with margin and evidence, leaks, tests, questions."""
    result = RUNNER.invoke(app, [*ASKED, "--designs", "portal", "--json"])
    document = json.loads(result.stdout)
    assert (document["schema"], document["stage"], document["rules"]) == (1, "pilot", "rules.yaml")
    portal = document["designs"]["portal"]
    assert portal["decision"] == "stop"
    assert {ground["kind"] for ground in portal["grounds"]} <= {"failed_rules", "open_questions"}
    rules = {rule["rule"]: rule for rule in portal["rules"]}
    gap = rules["exceptions"]
    assert gap["margin"] == pytest.approx(0.20 - gap["found"]["value"])
    assert rules["call-abandonment"]["line"] == {"comparator": "<", "threshold": 0.1}
    assert portal["closed_workflow"]["closed"] is True
    assert portal["maturity"]["stage"] == 2
    assert portal["questions"][0]["question"] == "same-journey"
    assert portal["assisted"] is None


@pytest.mark.wide
def test_compare_and_diagnose_agree_on_every_rule_they_share() -> None:
    """The bytes of a rule are one and the same, and the report says its decision in the words of the diagnosis."""
    asked = [*ASKED, "--designs", "sms-to-call,in-message"]
    compared, diagnosed = (
        json.loads(RUNNER.invoke(app, [verb, *asked[1:], "--json"]).stdout)
        for verb in ("compare", "diagnose")
    )
    for name, design in diagnosed["designs"].items():
        decision = compared["designs"][name]["decision"]
        shared = {rule["rule"] for rule in decision["rules"]}
        assert decision["rules"] == [rule for rule in design["rules"] if rule["rule"] in shared]
        assert set(decision["unanswered"]) >= {
            "audit-chain",
            *(one["question"] for one in design["questions"]),
        }
    texts = [RUNNER.invoke(app, [verb, *asked[1:]]).stdout.splitlines() for verb in ("compare", "diagnose")]
    stops = [next(line for line in text if line.startswith("  STOP sms-to-call: ")) for text in texts]
    assert stops[0] == stops[1]
    whys = [next(line for line in text if line.startswith("    why: untouched-bucket")) for text in texts]
    assert whys[1].startswith(whys[0])


@pytest.mark.wide
def test_workers_do_not_change_a_byte() -> None:
    """The same document on one worker and on two."""
    alone = RUNNER.invoke(app, [*ASKED, "--designs", "in-message", "--json"])
    two = RUNNER.invoke(app, [*ASKED[:-1], "2", "--designs", "in-message", "--json"])
    assert two.exit_code == 0
    assert alone.stdout == two.stdout


@pytest.mark.wide
def test_rules_of_ones_own_decide(tmp_path: Path) -> None:
    """A stricter line for one rule turns a go into a stop, and that rule is named first."""
    mine = tmp_path / "mine.yaml"
    old = "    metric: deflection_rate\n    fails: hold\n"
    assert old in SHIPPED
    mine.write_text(
        SHIPPED.replace(old, '    metric: deflection_rate\n    passes: ">= 0.999"\n    fails: stop\n'),
        encoding="utf-8",
    )
    asked = [*ASKED, "--designs", "in-message", "--rules", str(mine), "--json"]
    document = json.loads(RUNNER.invoke(app, asked).stdout)
    found = document["designs"]["in-message"]
    assert document["rules"] == str(mine)
    assert (found["decision"], found["grounds"][0]["name"]) == ("stop", "deflection")


def test_a_wrong_rules_file_is_refused_before_anything_runs(tmp_path: Path) -> None:
    """File, line and key, what is allowed, and what to do next."""
    mine = tmp_path / "mine.yaml"
    mine.write_text(SHIPPED.replace("metric: completion_gap", "metric: completion_gp"), encoding="utf-8")
    result = RUNNER.invoke(app, [*ASKED, "--rules", str(mine)])
    assert result.exit_code == 2
    assert f"{mine}:" in result.stderr
    assert "rules.10.metric: found 'completion_gp'; did you mean 'completion_gap'" in result.stderr
    assert "Next: correct the rules file" in result.stderr
