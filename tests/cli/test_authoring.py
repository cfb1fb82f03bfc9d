"""`sandbox new` and `sandbox schema`, and a design of one's own from the first command to a full result."""

from __future__ import annotations

import json
import shlex
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from typer.testing import CliRunner

from scenarios.files.reader import read_yaml
from scenarios.world.spec import load_scenario
from tests.cli.wording import refusal_lines
from tui.cli.main import app

RUNNER = CliRunner(env={"COLUMNS": "100", "SANDBOX_TRACEBACK": ""})
HEADLINE = "retail-bank-200k"
SMALL = (
    "--set",
    "campaign.messages=2400",
    "--set",
    "call_centre.other_traffic.calls_per_day=60",
    "--jobs",
    "1",
)

OWN_DESIGN = """\
# Mine: a portal whose bot may act; who fails there is called.
design: own
title: A portal with a bot that transacts
normal_path: self_service
steps:
  - {id: message, kind: message, channel: sms, engages_by: click, next: login}
  - {id: login, kind: login, next: bot, on: {failed: fallback, dropped: fallback}}
  - {id: bot, kind: bot, transacts: true, understands_rate: 0.9, next: choose, on: {escalated: fallback}}
  - {id: choose, kind: choose, next: write_back, on: {person: fallback, dispute: fallback, dropped: fallback}}
  - {id: write_back, kind: write_back, next: confirm, on: {refused: choose, queued: confirm}}
  - {id: confirm, kind: confirm}
  - {id: fallback, kind: exception, reason: gave_up, takes_call_rate: 0.3, next: call_queue}
  - {id: call_queue, kind: call_queue, next: agent}
  - {id: agent, kind: agent, next: post}
  - {id: post, kind: write_back}
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of one's own to work in."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def ran(*words: str, code: int = 0) -> str:
    """Run a command that must end with this code and return its standard output."""
    result = RUNNER.invoke(app, words)
    assert result.exit_code == code, result.stderr
    return result.stdout


def next_command(output: str) -> list[str]:
    """The words of the command an output names as the next one."""
    return output.splitlines()[-1].removeprefix("next: sandbox ").split()


def test_a_copy_is_written_checked_and_run_by_the_commands_it_names() -> None:
    """Each command's last line is the next command, from `new` to `compare`."""
    output = ran("new", "my.yaml", "--from", HEADLINE)
    assert output.splitlines()[0] == (
        "my.yaml: a scenario, with the designs sms-to-call, portal, in-message to edit in place"
    )
    assert next_command(output) == ["check", "my.yaml"]
    checked = ran(*next_command(output))
    assert "no problems found" in checked
    assert next_command(checked) == ["compare", "my.yaml"]
    result = json.loads(ran(*next_command(checked), *SMALL, "--replications", "1", "--json"))
    assert (result["scenario"], set(result["designs"])) == ("my", {"sms-to-call", "portal", "in-message"})


@pytest.mark.parametrize("source", ["bot", "collections-promise-to-pay"])
def test_a_copied_part_runs_by_the_command_its_check_names(source: str) -> None:
    """A design and a policy run inside the scenario to start with, by the very line that was printed."""
    checked = ran(*next_command(ran("new", "part.yaml", "--from", source)))
    words = shlex.split(checked.splitlines()[-1].removeprefix("next: sandbox "))
    result = json.loads(ran(*words, *SMALL, "--replications", "1", "--json"))
    assert (source == "bot") == ("part" in result["designs"])
    assert result["settings"]["policy"] == (
        "collections-promise-to-pay" if source == "bot" else "./part.yaml"
    )


def test_nothing_is_overwritten_and_nothing_left_behind(folder: Path) -> None:
    """An existing file is refused with a way out, and a refused copy leaves no file."""
    (folder / "my.yaml").write_text("mine\n")
    result = RUNNER.invoke(app, ["new", "my.yaml"])
    assert result.exit_code == 2
    assert refusal_lines(result.stderr)[0] == (
        "my.yaml: exists already, and a copy never overwrites; allowed: another name, or remove it first"
    )
    ran("new", "other.yaml", "--from", "nothing-like-it", code=2)
    ran("new", "missing/other.yaml", code=2)
    assert [path.name for path in folder.iterdir()] == ["my.yaml"]
    assert (folder / "my.yaml").read_text() == "mine\n"


@pytest.mark.parametrize(
    ("kind", "source"), [("scenario", HEADLINE), ("design", "bot"), ("policy", "collections-promise-to-pay")]
)
def test_a_schema_beside_the_copy_is_named_in_its_first_line(folder: Path, kind: str, source: str) -> None:
    """Without one the header says how to get it; with one an editor finds it, and the copy is valid against it."""
    ran("new", "before.yaml", "--from", source)
    assert f"sandbox schema {kind} --out {kind}.schema.json" in (folder / "before.yaml").read_text()
    ran("schema", kind, "--out", f"{kind}.schema.json")
    ran("new", "after.yaml", "--from", source)
    first = (folder / "after.yaml").read_text().splitlines()[0]
    assert first == f"# yaml-language-server: $schema={kind}.schema.json"
    schema = json.loads((folder / f"{kind}.schema.json").read_text())
    assert list(Draft202012Validator(schema).iter_errors(read_yaml("after.yaml").data)) == []


def test_a_schema_on_standard_output_is_json_alone() -> None:
    """It can be piped; the grouped name gives the same."""
    assert ran("schema", "design") == ran("catalogue", "schema", "design")
    assert json.loads(ran("schema"))["properties"]["extends"]["type"] == "string"


def test_a_design_of_shipped_steps_runs_with_no_python(folder: Path) -> None:
    """A YAML file alone is checked, compared with a shipped design and gives every figure; nobody is lost."""
    (folder / "own.yaml").write_text(OWN_DESIGN)
    assert "no problems found" in ran("check", "own.yaml")
    asked = ("compare", HEADLINE, "--set", "designs=[sms-to-call, ./own.yaml]", *SMALL, "--replications", "1")
    result = json.loads(ran(*asked, "--json"))
    own, shipped = result["designs"]["own"], result["designs"]["sms-to-call"]
    assert set(own["metrics"]) == set(shipped["metrics"])
    completion = own["metrics"]["completion_rate"]
    assert 0 < completion["low"] < completion["value"] < completion["high"]
    assert all(metric["value"] is not None or metric["note"] for metric in own["metrics"].values())
    # The bot lets its customers act alone; who calls is always with an agent.
    assert own["metrics"]["deflection_rate"]["value"] > shipped["metrics"]["deflection_rate"]["value"] == 0
    assert any(row["design"] == "own" and row["metric"] == "completion_rate" for row in result["comparisons"])
    text = ran(*asked)
    assert "A portal with a bot that transacts" in text
    assert "SCORECARD" in text


def test_what_is_set_inside_a_design_or_policy_stands_in_the_result(folder: Path) -> None:
    """A reader of the JSON sees every setting that made it, wherever it was."""
    inner = {
        "designs.in-message.unproven.takes_call_rate": 0.4,
        "policy.actions.pay_now.amount.minimum_minor": 700,
    }
    given = [word for path, value in inner.items() for word in ("--set", f"{path}={value}")]
    plain = json.loads(
        ran("run", HEADLINE, "--design", "in-message", *SMALL, "--replications", "1", "--json")
    )
    changed = json.loads(
        ran("run", HEADLINE, "--design", "in-message", *given, *SMALL, "--replications", "1", "--json")
    )
    assert not inner.keys() & plain["settings"].keys()
    assert {path: changed["settings"][path] for path in inner} == inner


def test_every_setting_listed_can_be_set_to_what_it_is() -> None:
    """Designs and policy included: handed back to --set, every line is accepted and changes nothing."""
    lines = ran("check", HEADLINE, "--settings").splitlines()
    assert "designs.in-message.verify.codes_max=2" in lines  # a default the file does not even mention
    assert "policy.actions.promise_to_pay.due_days.max=14" in lines
    shipped, changed = load_scenario(HEADLINE), load_scenario(HEADLINE, lines)
    assert len(changed.overrides) == len(lines)
    assert changed.document == shipped.document
    assert changed.designs == shipped.designs
    assert changed.policy == shipped.policy
