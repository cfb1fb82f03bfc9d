"""`sandbox prelaunch` as a user sees it: summary first, a block for each case, and the exit code."""

from __future__ import annotations

import json
from pathlib import Path

from typer.testing import CliRunner

from tui.cli.main import app

RUNNER = CliRunner(env={"COLUMNS": "80"})


def test_the_text_is_a_review_that_fits_the_terminal() -> None:
    """Ten cases and two further ones in a table, then each in a block with the same entries."""
    result = RUNNER.invoke(app, ["prelaunch", "retail-bank-200k", "--design", "in-message"])
    assert (result.exit_code, result.stderr) == (0, "")
    lines = result.stdout.splitlines()
    assert max(map(len, lines)) <= 80
    assert any(line.startswith("TEN CASES   10 ok of 10") for line in lines)
    assert (
        sum(line.split(".")[0].isdigit() and line.endswith(("clean", "failing", "further")) for line in lines)
        == 12
    )
    for entry in (
        "customer",
        "sees",
        "system",
        "who sees it",
        "next action",
        "core holds",
        "evidence",
        "verdict",
    ):
        assert sum(line.startswith(f"  {entry} ") for line in lines) >= 12, entry
    assert lines[-1] == "next: sandbox map retail-bank-200k --design in-message"


def test_a_case_that_is_not_ok_is_named_and_fails_the_command() -> None:
    """The default design is today's shape, and its agents take a plan policy does not allow."""
    result = RUNNER.invoke(app, ["prelaunch", "retail-bank-200k"])
    assert result.exit_code == 1
    assert result.stderr.strip() == "1 not ok: Ineligible plan"
    words = " ".join(result.stdout.split())
    assert "✘ not ok: no wrong effect in the core: promise_to_pay by back_office" in words


def test_the_json_holds_whole_transcripts(tmp_path: Path) -> None:
    """Schema 1, every case with its checks and its moments; the file is the same as standard output."""
    out = tmp_path / "review.json"
    given = ["prelaunch", "retail-bank-200k", "--design", "portal", "--json"]
    printed = RUNNER.invoke(app, given)
    RUNNER.invoke(app, [*given, "--out", str(out)])
    assert out.read_text(encoding="utf-8") == printed.stdout
    document = json.loads(printed.stdout)
    assert (document["schema"], document["ok"], len(document["cases"])) == (1, True, 12)
    for case in document["cases"]:
        assert {"rule", "ok", "found"} == set(case["checks"][0])
        assert {"at", "who", "text"} == set(case["transcript"][0])
    assert len(document["writeback_test"]) == 5


def test_an_unknown_design_is_refused_with_what_is_allowed() -> None:
    """The usual refusal: what was found, what is allowed."""
    result = RUNNER.invoke(app, ["prelaunch", "retail-bank-200k", "--design", "portl"])
    assert result.exit_code == 2
    assert "did you mean 'portal'" in result.stderr
