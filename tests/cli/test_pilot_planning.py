"""`sandbox pilot-plan` and `sandbox actuals` as a user sees them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from rich.cells import cell_len
from typer.testing import CliRunner, Result

from scenarios.actuals import REPLICATIONS_DEFAULT
from tests.scenarios.recorded import SMALL
from tests.scenarios.test_pilot_plan import plan
from tui.cli.main import app
from tui.cli.pilot_planning import plan_document

WIDTH = 80
RUNNER = CliRunner(env={"COLUMNS": str(WIDTH)})
TINY = (*SMALL, "campaign.messages=1200")
GIVEN = [text for setting in TINY for text in ("--set", setting)] + ["--no-save"]
TWICE = ["--replications", "2", "--jobs", "1"]
SECTIONS = (
    "PLAN", "SAMPLE SIZE", "DAYS OF ENROLMENT", "POWER", "LOOKS", "STOP RULES", "INTERFERENCE",
    "WHAT THIS PILOT CAN SHOW", "WHAT IT CANNOT", "RAMP",
)  # fmt: skip


def invoke(*words: str) -> Result:
    """Run one command on the tiny campaign."""
    return RUNNER.invoke(app, [*words, *GIVEN, *TWICE])


@pytest.mark.wide
def test_a_plan_is_laid_out_for_eighty_columns() -> None:
    """Every section is there, in order, no line wider than asked, with replay and next at the end."""
    result = invoke("pilot-plan", "retail-bank-200k", "--effect", "0.1", "--share", "0.25")
    assert (result.exit_code, result.stderr) == (0, "")
    lines = result.stdout.splitlines()
    heads = [line for line in lines if line.startswith(SECTIONS)]
    assert [next(name for name in SECTIONS if head.startswith(name)) for head in heads] == list(SECTIONS)
    assert [line for line in lines[:-2] if cell_len(line) > WIDTH] == []
    assert lines[-2].startswith(
        "replay: sandbox pilot-plan retail-bank-200k --design in-message --effect 0.1 --share 0.25"
    )
    assert lines[-1].startswith("next:   sandbox prelaunch retail-bank-200k --design in-message --set")
    text = " ".join(result.stdout.split())
    assert "25 % of the customers for" in text
    assert "Lan and DeMets" in text


@pytest.mark.wide
def test_the_json_of_a_plan_has_every_part() -> None:
    """Schema, arms, tables by effect and share, looks, guardrails, sights and the ramp, as numbers."""
    document = json.loads(json.dumps(plan_document(plan(), "sandbox pilot-plan")))
    assert document["schema"] == 1
    assert document["enrolment"]["days"] % 5 == 0
    assert document["looks"][-1]["spent"] == pytest.approx(0.05)
    assert set(document["power_table"]["0.1"]) == {"0.05", "0.1", "0.25", "0.5"}
    assert [step["share"] for step in document["ramp"]] == [0.0, 0.25, 1.0]
    assert {"call_abandonment_rate"} <= set(document["cannot_see"])
    assert document["guardrails"][0]["calls_for"] == "stop"
    assert document["metrics"]["completion_rate"]["effect"] == pytest.approx(0.1, abs=0.2)


def test_the_group_and_the_name_alone_are_one_command() -> None:
    """`sandbox pilot plan` and `sandbox pilot actuals` are the commands that stand alone too."""
    helps = [RUNNER.invoke(app, [*words, "--help"]).stdout for words in (["pilot", "plan"], ["pilot-plan"])]
    assert helps[0].replace("pilot plan", "pilot-plan").split() == helps[1].split()
    assert RUNNER.invoke(app, ["pilot", "actuals", "--help"]).exit_code == 0


def test_a_wrong_plan_exits_with_two_and_says_what_is_allowed() -> None:
    """A metric of the lines has no arms: nothing is run, the allowed ones are named."""
    result = invoke("pilot-plan", "retail-bank-200k", "--metric", "call_wait_busy_s")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "belongs to the lines both arms share" in result.stderr


def test_the_help_of_actuals_tells_the_pilots_design_from_everybody_elses() -> None:
    """Each default is said where it holds, and the number of runs is the one that is run."""
    text = RUNNER.invoke(app, ["actuals", "--help"], env={"COLUMNS": "200"}).stdout
    design, against, runs = (
        next(line for line in text.splitlines() if f"{option} " in line)
        for option in ("--design", "--against", "--replications")
    )
    assert "was piloted; to be named with --share. Default: the scenario's baseline." in design
    assert "With --share, the design of everybody else. Default: the scenario's baseline." in against
    assert f"Default: {REPLICATIONS_DEFAULT}." in runs


FUNNEL = "day,sent,delivered,clicked,verified,acted,posted\n1,590,560,180,90,70,70\n2,590,600,1,1,1,1\n"


@pytest.mark.wide
def test_a_broken_prediction_exits_with_one_and_names_setting_and_next_step(tmp_path: Path) -> None:
    """Half of those who click get through: the stage, its setting, the row left out and the command to go on with."""
    path = tmp_path / "seen.csv"
    path.write_text(FUNNEL, encoding="utf-8")
    result = invoke("actuals", "retail-bank-200k", str(path), "--design", "in-message")
    assert result.exit_code == 1
    assert "outside the prediction: identified" in result.stderr
    lines = result.stdout.splitlines()
    assert [line for line in lines[:-2] if cell_len(line) > WIDTH] == []
    text = " ".join(result.stdout.split())
    assert "ROWS LEFT OUT 1 of 2" in text
    assert "delivered 600 is more than sent 590" in text
    assert "WHICH ASSUMPTION BROKE 1. Identified / clicked" in text
    assert "--set identity.code_starts_rate=0." in text
    assert lines[-2].startswith(f"replay: sandbox actuals retail-bank-200k {path} --design in-message")
    assert "--set identity.code_starts_rate=0." in lines[-1]


@pytest.mark.wide
def test_the_json_of_actuals_and_a_prediction_that_holds(tmp_path: Path) -> None:
    """Inside: exit 0, nothing broken, no advice; the document says so with the same numbers."""
    path = tmp_path / "seen.csv"
    path.write_text(
        "metric,value,n\nengagement_rate,0.31,300\ncall_wait_busy_s,1e9,\nopen_rate,0.1,5\n", encoding="utf-8"
    )
    result = invoke("actuals", "retail-bank-200k", str(path), "--design", "in-message", "--json")
    document = json.loads(result.stdout)
    assert document["schema"] == 1
    by_name = {one["name"]: one for one in document["held"]}
    assert by_name["engagement_rate"]["inside"] is True
    assert by_name["open_rate"]["inside"] is None
    assert document["broken"] == ["call_wait_busy_s"]
    path.write_text("metric,value,n\nengagement_rate,0.31,300\n", encoding="utf-8")
    held = invoke("actuals", "retail-bank-200k", str(path), "--design", "in-message")
    assert held.exit_code == 0
    assert "✔ all 1 inside what was predicted" in held.stdout
    assert held.stdout.splitlines()[-1].startswith(
        "next:   sandbox pilot-plan retail-bank-200k --design in-message"
    )
