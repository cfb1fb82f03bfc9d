"""Cases of a case file that are run more than once are told beside what is decided by their intervals."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from scenarios.world.spec import load_scenario
from tests.scenarios.pilot.test_pilot_plan import plan
from tui.cli.main import app
from tui.cli.orders import Order
from tui.cli.pilot_plan_text import plan_text

HEADER = "ref,segment,balance,overdue,vulnerable,sms_consent,name"
SCENARIO = (
    "extends: retail-bank-200k\nscenario: my\npopulation: cases.csv\n"
    "calendar: {working_days: 3, follow_up_days: 1}\ncampaign: {touch_gap_days: 1}\n"
)
TWICE = "campaign.messages=160"
OTHERS = "call_centre.other_traffic.calls_per_day"
KEEP = ["--keep", "call_abandonment_rate<0.9"]
ONCE = ["--replications", "2", "--jobs", "1", "--no-save"]
SENTENCE = (
    "cases.csv holds 40 cases and 80 are run: each case about 2.0 times, with luck of its own; intervals treat "
    "copies as independent, so read them as too narrow"
)


@pytest.fixture
def scenario(tmp_path: Path) -> str:
    """A scenario of three days that runs forty cases of a file beside it."""
    rows = [f"r{n},{1 + n % 3}m,{100 + n}.50,{10 + n % 5},no,1,Jo Roe{n}" for n in range(40)]
    (tmp_path / "cases.csv").write_text("\n".join([HEADER, *rows]) + "\n", encoding="utf-8")
    path = tmp_path / "my.yaml"
    path.write_text(SCENARIO, encoding="utf-8")
    return str(path)


def sections(text: str) -> dict[str, str]:
    """Each section by the first word or words of its heading, its lines joined."""
    found: dict[str, list[str]] = {}
    name = ""
    for line in text.splitlines():
        if line[:1].isupper() and line.split("   ")[0].isupper():
            name = line.split("   ")[0]
        found.setdefault(name, []).append(line)
    return {name: " ".join(" ".join(lines).split()) for name, lines in found.items()}


@pytest.mark.wide
@pytest.mark.parametrize(
    ("command", "section", "words"),
    [
        ("compare", "DECISION", ["--designs", "in-message"]),
        ("diagnose", "DECISION", ["--designs", "in-message"]),
        ("actuals", "PREDICTION", ["--design", "in-message"]),
        ("sweep", "DECISION", ["--designs", "in-message", "--over", f"{OTHERS}=100,200"]),
        (
            "limit",
            "LIMITS",
            ["--designs", "in-message", *KEEP, "--vary", OTHERS, "--between", "100:120"],
        ),
        (
            "sensitivity",
            "COULD CHANGE THE DECISION",
            ["--design", "in-message", "--metric", "completion_rate", "--only", OTHERS],
        ),
        ("flips", "WORSE", ["--from", "sms-to-call", "--to", "in-message"]),
        ("staff", "AGENT HOURS", ["--design", "in-message", *KEEP]),
        ("pitfalls", "RANKING", []),
    ],
)
def test_beside_a_decision(
    scenario: str, tmp_path: Path, command: str, section: str, words: list[str]
) -> None:
    """The sentence of the notes stands once more under the decision; with a case a row it stands nowhere."""
    (tmp_path / "seen.csv").write_text("day,sent,delivered\n1,60,58\n", encoding="utf-8")
    runner = CliRunner(env={"COLUMNS": "100"})
    seen = [str(tmp_path / "seen.csv")] if command == "actuals" else []
    given = [command, scenario, *seen, *words, *ONCE]
    told = sections(runner.invoke(app, [*given, "--set", TWICE]).stdout)
    assert f"△ {SENTENCE}" in told[section]
    assert f"- {SENTENCE}" in told["NOTES"]
    plain = runner.invoke(app, given).stdout
    assert section in sections(plain)
    assert "too narrow" not in plain


def test_beside_looks_and_sample_size_of_a_plan(scenario: str) -> None:
    """Both rest on the spread between days; neither says it where no case is run twice."""
    notes = load_scenario(scenario, [TWICE]).notes
    order = Order(verb="pilot-plan", scenario="my.yaml")
    told = sections(plan_text(replace(plan(), notes=notes), order, "replay", 80))
    for name in ("LOOKS", "SAMPLE SIZE"):
        assert f"△ {SENTENCE}" in told[name]
    assert f"- {SENTENCE}" in told["NOTES"]
    assert "△" not in plan_text(replace(plan(), notes=load_scenario(scenario).notes), order, "replay", 80)
