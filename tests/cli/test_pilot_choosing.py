"""`sandbox pilot-choice` as a user sees it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from scenarios.notes import NOT_REPRODUCED
from scenarios.pilot import portfolio as portfolios
from scenarios.pilot.measure import NO_SCENARIO
from tests.scenarios.recorded import SMALL
from tui.cli.main import app

RUNNER = CliRunner(env={"COLUMNS": "100"})


def portfolio_with(folder: Path, settings: tuple[str, ...]) -> Path:
    """The shipped portfolio, of which only the first workflow is simulated, under these settings."""
    whole = portfolios.find("portfolio", portfolios.SHIPPED).path.read_text(encoding="utf-8")
    others = "    measured_by: {scenario: "
    shipped = "".join(line for line in whole.splitlines(keepends=True) if not line.startswith(others))
    start = shipped.index("      settings: [")
    mine = folder / "mine.yaml"
    line = f"      settings: [{', '.join(settings)}]\n"
    mine.write_text(shipped[:start] + line + shipped[shipped.index("\n", start) + 1 :], encoding="utf-8")
    return mine


def test_the_text_names_the_choice_and_why_each_is_in_or_out() -> None:
    """The choice first, the ranking, every margin, and the questions before expanding."""
    result = RUNNER.invoke(app, ["pilot-choice"])
    assert (result.exit_code, result.stderr) == (0, "")
    lines = result.stdout.splitlines()
    assert max(len(line) for line in lines if not line.startswith(("replay:", "next:"))) <= 100
    assert "PILOT FIRST   promise-to-pay: Payment plan or promise to pay" in lines
    text = " ".join(result.stdout.split())
    assert "✘ debit-order-change (identity: code): ? volume 9.7 %" in text
    assert text.count("this sandbox answers yes") == 3
    assert text.count("this sandbox answers in part") == 1
    assert "MEASURED" not in text
    assert lines[-2] == "replay: sandbox pilot-choice"
    assert lines[-1].startswith("next:   sandbox diagnose retail-bank-200k --designs sms-to-call,in-message")


def test_measured_figures_stand_beside_the_stated_ones(tmp_path: Path) -> None:
    """A bank's own file with one workflow that has a scenario: three figures measured, and none replaced."""
    mine = portfolio_with(tmp_path, SMALL)
    asked = ["pilot-choice", str(mine), "--measure", "--replications", "2", "--jobs", "1", "--no-save"]
    result = RUNNER.invoke(app, [*asked, "--json"])
    assert result.exit_code == 0, result.stderr
    document = json.loads(result.stdout)
    assert (document["schema"], document["chosen"]) == (1, "promise-to-pay")
    first = document["ranking"][0]
    assert set(first["measured"]["readings"]) == {
        "repeat_contact_rate",
        "clear_policy_share",
        "exception_share",
    }
    assert first["stated"]["clear_policy_share"]["value"] == 0.9
    for reading in first["measured"]["readings"].values():
        assert reading["low"] < reading["value"] < reading["high"]
    assert first["measured"]["replications"] == 2
    assert first["measured"]["against_stated"]["repeat_contact_rate"] in ("inside", "unsure", "outside")
    assert first["measured"]["rules"]["clear-policy"] == "pass"
    assert first["not_measured"] is None
    assert [one["measured"] for one in document["ranking"][1:]] == [None] * 7
    assert {one["not_measured"] for one in document["ranking"][1:]} == {NO_SCENARIO}
    replay = f"sandbox pilot-choice {mine} --replications 2 --measure"
    assert document["replay"] == replay
    text = RUNNER.invoke(app, asked).stdout
    lines = text.splitlines()
    assert f"replay: {replay}" in lines
    assert (
        max(len(line) for line in lines if not line.startswith(("replay:", "next:", "  catalogue", "  /")))
        <= 100
    )
    told = " ".join(text.split())
    assert (
        "promise-to-pay as retail-bank-200k simulates it: sms-to-call today, in-message piloted; seed 1, 2"
        in told
    )
    assert "not measured: failed-payment, address-update, dispute, kyc-refresh, debit-order-change, " in told
    assert NO_SCENARIO in told
    figures = [line for line in lines if line.startswith("  clear policy ")]
    assert len(figures) == 1
    assert figures[0].count("[") == 2  # the stated range and the measured interval
    assert "✔ ≥ 80 %" in figures[0]


def test_what_only_a_simulation_can_follow_is_refused_without_one() -> None:
    """Seed, replications and workers change nothing where nothing is simulated."""
    given = ["--seed", "3", "--replications", "2", "--jobs", "1"]
    refused = RUNNER.invoke(app, ["pilot-choice", *given])
    assert refused.exit_code == 2
    assert "--seed, --replications, --jobs: nothing is simulated; allowed: with --measure" in refused.stderr


def test_measuring_is_held_by_history_too(tmp_path: Path) -> None:
    """A scenario far from its own history is refused as a measure, and marked where it is measured all the same."""
    mine = portfolio_with(tmp_path, (*SMALL, "history.abandonment_rate=0.55"))
    asked = ["pilot-choice", str(mine), "--measure", "--replications", "1", "--jobs", "1", "--no-save"]
    refused = RUNNER.invoke(app, asked)
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert refused.stderr.startswith("history: abandonment: simulated ")
    told = RUNNER.invoke(app, [*asked, "--despite-history"]).stdout
    _, _, below = told.partition("MEASURED ")
    assert f"✘ {NOT_REPRODUCED}: history: abandonment" in " ".join(below.split())


def test_history_is_not_overruled_where_nothing_is_simulated() -> None:
    """The flag alone is refused with what goes with it."""
    refused = RUNNER.invoke(app, ["pilot-choice", "--despite-history"])
    assert refused.exit_code == 2
    assert "allowed: with --measure" in refused.stderr


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("volume_per_month: {value: 60000", "volume_per_month: {value: many", "workflows.1.volume_per_month"),
        ("portfolio: eight-workflows", "portfolios: eight", "unknown key; did you mean 'portfolio'"),
    ],
)
def test_a_wrong_portfolio_is_refused(tmp_path: Path, old: str, new: str, told: str) -> None:
    """File, line and key, and exit code 2."""
    shipped = portfolios.find("portfolio", portfolios.SHIPPED).path.read_text(encoding="utf-8")
    mine = tmp_path / "mine.yaml"
    mine.write_text(shipped.replace(old, new), encoding="utf-8")
    result = RUNNER.invoke(app, ["pilot-choice", str(mine)])
    assert result.exit_code == 2
    assert f"{mine}:" in result.stderr
    assert told in result.stderr


def test_an_unknown_portfolio_is_refused_with_what_there_is() -> None:
    """A name nothing shipped has: the shipped one is told."""
    result = RUNNER.invoke(app, ["pilot-choice", "nine-workflows"])
    assert result.exit_code == 2
    assert "eight-workflows" in result.stderr
