"""`sandbox compare NAME --sequences` as a user sees it."""

from __future__ import annotations

import json
import shlex

import pytest
from typer.testing import CliRunner

from scenarios.world.spec import load_scenario
from tests.cli.wording import as_said
from tests.scenarios.recorded import SMALL
from tui.cli.main import app

RUNNER = CliRunner(env={"COLUMNS": "100"})
GIVEN = [text for setting in SMALL for text in ("--set", setting)] + ["--replications", "1"]
CALL = ["compare", "retail-bank-200k", "--sequences", "--no-save", *GIVEN]


@pytest.mark.wide
def test_the_text_ranks_says_how_and_what_next() -> None:
    """Every candidate stands in the table once; the rule is told; the next command sets the first sequence."""
    result = RUNNER.invoke(app, CALL)
    assert (result.exit_code, result.stderr) == (0, "")
    lines = result.stdout.splitlines()
    assert lines[0] == "SEQUENCES for in-message"
    candidates = load_scenario("retail-bank-200k").document.sequences
    rows = [line.split() for line in lines if line.strip()[:1].isdigit()][: len(candidates)]
    assert any("whatsapp" in line and "email" in line for line in lines)
    assert [row[0] for row in rows] == [str(place) for place in range(1, len(candidates) + 1)]
    assert {row[2] for row in rows} == set(candidates)
    assert "fewest touches per completion" in " ".join(result.stdout.split())
    assert max(map(len, lines[:-1])) <= 100
    following = shlex.split(lines[-1].removeprefix("next: "))
    assert following[:3] == ["sandbox", "compare", "retail-bank-200k"]
    first = candidates[rows[0][2]]
    settings = [following[place + 1] for place, word in enumerate(following) if word == "--set"]
    message = load_scenario("retail-bank-200k", settings).designs["in-message"].steps[0]
    assert [(touch.channel, touch.wait_days) for touch in message.sequence] == [
        (touch.channel, touch.wait_days) for touch in first
    ]


@pytest.mark.wide
def test_the_json_has_every_figure_the_table_has() -> None:
    """Rates are shares, the first is compared with itself, and messages are told by channel."""
    result = RUNNER.invoke(app, [*CALL, "--designs", "sms-to-call,portal", "--json"])
    document = json.loads(result.stdout)
    assert (document["schema"], document["design"], document["replications"]) == (1, "portal", 1)
    first = document["sequences"][0]
    assert first["rank"] == first["level"] == 1
    assert first["completion_against_best"] == {"value": 0, "low": 0, "high": 0}
    for entry in document["sequences"]:
        assert 0 < entry["completion_rate"]["value"] < 1
        assert entry["touches_per_completion"]["value"] > 1
        assert entry["cost_per_resolution"]["unit"] == "GBP"
        assert sum(entry["messages"].values()) > 0
        assert entry["touches"][0]["wait_days"] == 0
    assert "--designs portal" in document["next"]


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (["--designs", "portl"], "did you mean 'portal'"),
        (["--core-db", "sqlite:///x.db"], "--core-db: cannot go with --sequences"),
        (["--strict"], "--strict: cannot go with --sequences"),
        (["--set", "campaign.touches_per_case=1"], "sequences.sms-half-month: found waits that sum to 11"),
    ],
)
def test_what_cannot_be_done_is_refused(given: list[str], told: str) -> None:
    """Bad input ends with 2 and says what is wrong."""
    result = RUNNER.invoke(app, [*CALL, *given])
    assert result.exit_code == 2
    assert told in as_said(result.stderr)
