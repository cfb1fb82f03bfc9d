"""`sandbox policy` as a user sees it: show, explain and diff, as text and as JSON."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from syrupy.assertion import SnapshotAssertion
from typer.testing import CliRunner

from tests.cli.wording import as_said
from tui.cli.main import app

NAME = "collections-promise-to-pay"
SHIPPED = Path(__file__).parents[2] / "scenarios" / "catalogue" / "policies" / f"{NAME}.yaml"
FACTS: dict[str, Any] = {
    "status": "open",
    "arrears_band": "1m",
    "balance_minor": 100_000,
    "overdue_minor": 40_000,
    "broken_promises": 3,
    "vulnerable": False,
    "disputed": False,
    "payment_method_ok": True,
}


def _run(*words: str, columns: int = 80) -> Any:
    return CliRunner(env={"COLUMNS": str(columns)}).invoke(app, ["policy", *words])


def _explain(folder: Path, *words: str, **changed: object) -> Any:
    path = folder / "facts.json"
    path.write_text(json.dumps(FACTS | changed))
    return _run("explain", NAME, "--customer", str(path), *words)


@pytest.mark.parametrize("columns", [80, 120])
def test_show_is_a_document_to_sign(columns: int, snapshot: SnapshotAssertion) -> None:
    """The whole policy in words, within the window."""
    result = _run("show", NAME, columns=columns)
    assert (result.exit_code, result.stderr) == (0, "")
    assert max(map(len, result.stdout.splitlines()[:-1])) <= columns
    assert result.stdout == snapshot


def test_show_reads_the_policy_of_a_scenario() -> None:
    """A scenario's name shows the policy it decides by, with the numbers' sources."""
    document = json.loads(_run("show", "retail-bank-200k", "--json").stdout)
    assert document["policy"]["policy"] == NAME
    assert document["numbers"]["actions.promise_to_pay.due_days.max"]["value"] == 14


def test_explain_names_limits_and_the_rule_that_blocks(tmp_path: Path, snapshot: SnapshotAssertion) -> None:
    """Three broken promises block the promise by name; two do not."""
    assert _explain(tmp_path).stdout == snapshot
    fewer = json.loads(_explain(tmp_path, "--json", broken_promises=2).stdout)
    promise = next(offer for offer in fewer["allowed"] if offer["action"] == "promise_to_pay")
    assert (promise["amount_min_minor"], promise["amount_max_minor"]) == (1_000, 40_000)
    assert (promise["due_days_min"], promise["due_days_max"], fewer["blocked"]) == (3, 14, [])


def test_explain_tells_exclusion_from_a_person(tmp_path: Path) -> None:
    """An excluded customer is sent to nobody; a vulnerable one to a person, each by its rule."""
    closed = _explain(tmp_path, status="closed").stdout
    assert "kept out by account-closed: account_closed" in closed
    assert "to a person by vulnerable-customer: vulnerable" in _explain(tmp_path, vulnerable=True).stdout


def test_wrong_facts_are_all_told_with_what_is_allowed(tmp_path: Path) -> None:
    """Unknown, wrong and missing facts stand in one answer, exit code 2."""
    path = tmp_path / "facts.json"
    given = {name: value for name, value in FACTS.items() if name != "status"}
    path.write_text(json.dumps(given | {"balance_minr": 1, "overdue_minor": -1}))
    result = _run("explain", NAME, "--customer", str(path))
    assert result.exit_code == 2
    assert "balance_minr: unknown fact; did you mean 'balance_minor'?" in result.stderr
    assert "overdue_minor: found -1; allowed: whole numbers from 0" in result.stderr
    assert "status: missing; allowed: closed, open" in result.stderr


def test_diff_counts_who_loses_an_action_by_which_rule(tmp_path: Path) -> None:
    """A stricter limit takes the promise from customers with two broken promises, and from nobody else."""
    old, new = tmp_path / "old.yaml", tmp_path / "new.yaml"
    text = SHIPPED.read_text()
    old.write_text(text)
    new.write_text(text.replace("at_least: {value: 3, source", "at_least: {value: 2, source"))
    given = ["--scenario", "retail-bank-200k", "--set", "campaign.messages=400", "--designs", "in-message"]
    given += ["--replications", "2", "--jobs", "1", "--json", "--no-save"]
    document = json.loads(_run("diff", str(old), str(new), *given).stdout)
    (move,) = document["moves"]
    assert (move["before"], move["after"]) == ("offered", "blocked: too-many-broken-promises")
    assert move["cases"] == document["touched"] > 0
    (rule,) = document["rules"]
    assert (rule["before"], rule["after"]) == (3, 2)
    same = json.loads(_run("diff", str(old), str(old), *given).stdout)
    assert (same["touched"], same["moves"], same["rules"]) == (0, [], [])
    assert {one["value"] for one in same["scorecard"]["in-message"].values()} == {0.0}


def test_a_rule_nobody_reaches_is_refused_with_file_and_line(tmp_path: Path) -> None:
    """`sandbox check` names the line of the rule and the rule that covers it."""
    path = tmp_path / "mine.yaml"
    text = SHIPPED.read_text().replace("arrears_band: {equals: 4m+}", "disputed: {equals: true}")
    path.write_text(text)
    line = text[: text.index("rule: arrears-too-old")].count("\n") + 1
    result = CliRunner().invoke(app, ["check", str(path)])
    assert result.exit_code == 2
    assert f"mine.yaml:{line}: policy.actions.promise_to_pay.blocked_when.1.rule" in as_said(result.stderr)
    assert "covered by rule 'already-disputed'" in result.stderr
