"""`sandbox cases`, `sandbox phone` and `sandbox new --set`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from scenarios.world.spec import load_scenario
from tui.cli.main import app

RUNNER = CliRunner(env={"COLUMNS": "110", "SANDBOX_TRACEBACK": ""})
SMALL = ("--set", "campaign.messages=800", "--set", "call_centre.other_traffic.calls_per_day=40")
FAULTY = (*SMALL, "--set", "core.faults.unavailable_rate=0.3")


def cases(*options: str) -> str:
    """Run `sandbox cases` on few messages and a core that is often away."""
    done = RUNNER.invoke(app, ["cases", "retail-bank-200k", "--design", "in-message", *FAULTY, *options])
    assert done.exit_code == 0, done.output
    return done.stdout


def test_what_happened_is_listed_with_numbers_and_leads_to_the_cases() -> None:
    """The next command names a failed write; its cases lead to a trace."""
    text = cases()
    assert "WHAT HAPPENED" in text
    repeat, following = text.splitlines()[-2:]
    assert repeat.startswith("replay: sandbox cases retail-bank-200k --design in-message --set ")
    assert "sandbox cases retail-bank-200k --design in-message --what 'core write failed once'" in following
    listed = cases("--what", "core write failed once", "--what", "ended: recorded untouched")
    assert "CORE WRITE FAILED ONCE AND ENDED: RECORDED UNTOUCHED" in listed
    assert listed.splitlines()[-1].startswith(
        "next:   sandbox trace retail-bank-200k --design in-message --case "
    )


def test_where_no_case_had_it_all_no_case_is_followed() -> None:
    """Two ends exclude each other: nothing is listed, and the next command goes back to what did happen."""
    listed = cases("--what", "ended: not engaged", "--what", "ended: recorded untouched", "--list", "3")
    assert "ENDED: NOT ENGAGED AND ENDED: RECORDED UNTOUCHED   0 cases" in listed
    repeat, following = listed.splitlines()[-2:]
    assert " --list 3 " in repeat
    assert following.startswith("next:   sandbox cases retail-bank-200k --design in-message --set ")
    assert "--what" not in following


def test_the_json_of_cases_says_the_same() -> None:
    """Counts of what happened, and the cases asked for, no more than wanted."""
    document = json.loads(cases("--what", "core write failed once", "--list", "2", "--json"))
    counts = {row["what"]: row["cases"] for row in document["happened"]}
    assert document["schema"] == 1
    assert document["matching"] == counts["core write failed once"]
    assert len(document["listed"]) == 2
    assert document["audit"].endswith("chain intact")
    assert document["notes"] == []
    assert document["replay"].startswith(
        "sandbox cases retail-bank-200k --design in-message --what 'core write failed once' "
    )


def test_what_happened_to_nobody_is_refused() -> None:
    """Exit 2, and what there is."""
    done = RUNNER.invoke(
        app, ["cases", "retail-bank-200k", "--design", "portal", *SMALL, "--what", "flew away"]
    )
    assert done.exit_code == 2
    assert "happened to nobody; allowed:" in done.stderr


def test_a_phone_is_played_step_by_step() -> None:
    """Each call shows the page, the options and the next command; at the end the record."""
    first = RUNNER.invoke(app, ["phone", "retail-bank-200k", "--design", "in-message", *SMALL])
    assert first.exit_code == 0
    assert "ON THE PHONE" in first.stdout
    assert "1  Tap the link" in first.stdout
    assert first.stdout.splitlines()[-1].startswith(
        "next: sandbox phone retail-bank-200k --design in-message --do 1"
    )
    steps = ["--do", "core_down", "--do", "1", "--do", "1", "--do", "1"]
    last = RUNNER.invoke(app, ["phone", "retail-bank-200k", "--design", "in-message", *SMALL, *steps])
    assert "THE VISIT IS OVER" in last.stdout
    assert "core: complete; pay_now" in last.stdout


def test_the_json_of_a_phone_and_a_wrong_step() -> None:
    """Path, page, options, moments; exit 2 for an option that is not there."""
    asked = ["phone", "retail-bank-200k", "--customer", "1", *SMALL]
    document = json.loads(RUNNER.invoke(app, [*asked, "--do", "1", "--json"]).stdout)
    assert document["path"] == ["1"]
    assert document["options"][0] == "Answer the agent's questions"
    refused = RUNNER.invoke(app, [*asked, "--do", "9"])
    assert refused.exit_code == 2
    assert "allowed: 1 to 2" in refused.stderr


def test_new_writes_settings_into_the_copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The copy runs as the source with --set does."""
    monkeypatch.chdir(tmp_path)
    done = RUNNER.invoke(
        app, ["new", "mine.yaml", "--from", "retail-bank-200k", "--set", "campaign.messages=90000"]
    )
    assert done.exit_code == 0, done.output
    assert load_scenario("./mine.yaml").settings["campaign.messages"] == 90_000
    refused = RUNNER.invoke(app, ["new", "other.yaml", "--set", "campaign.messages=few"])
    assert refused.exit_code == 2
    assert not (tmp_path / "other.yaml").exists()


def test_a_form_is_filled_in_by_the_names_of_its_fields() -> None:
    """The text and the JSON name the fields below their option; what is typed by name is posted."""
    world = ["phone", "address-update", "--design", "in-message-facts", "--set", "campaign.messages=200"]
    steps = [word for _ in range(4) for word in ("--do", "1")]
    told = RUNNER.invoke(app, [*world, *steps])
    assert "postcode=" in told.stdout
    assert "From: 2026-03-02 to 2026-05-01" in told.stdout
    fields = json.loads(RUNNER.invoke(app, [*world, *steps, "--json"]).stdout)["fields"]
    assert [(one["option"], one["name"]) for one in fields] == [
        (3, "street"),
        (3, "postcode"),
        (3, "from_day"),
    ]
    filled = "3=street=Elm Road 5; postcode=AB1 2CD; from_day=2026-03-09"
    done = RUNNER.invoke(app, [*world, *steps, "--do", filled, "--json"])
    assert json.loads(done.stdout)["over"]
    short = RUNNER.invoke(app, [*world, *steps, "--do", filled.replace("Elm Road 5", "Elm")])
    (line,) = (line for line in short.stdout.splitlines() if line.lstrip().startswith("street="))
    assert line.split()[0] == "street=Elm"
    assert "; ✘ too short" in line
    refused = RUNNER.invoke(app, [*world, *steps, "--do", "3=town=Leeds"])
    assert refused.exit_code == 2
    assert "allowed: street, postcode, from_day" in " ".join(refused.output.split())
