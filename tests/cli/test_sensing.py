"""`sandbox sensitivity` as a user sees it."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner, Result

from scenarios.sweeps import sensitivity as engine
from tests.scenarios.recorded import SMALL
from tui.cli.main import app
from tui.cli.sensing import LIMIT_DEFAULT
from tui.cli.sensitivity_text import tornado_bar

TINY = [text for setting in (*SMALL, "campaign.messages=600") for text in ("--set", setting)]
EFFORT = ["--replications", "2", "--jobs", "1"]
THREE = [
    "--only",
    "identity.page_drop_rate",
    "--only",
    "identity.code_tries_max",
    "--only",
    "campaign.touches_per_case",
]


def invoke(*words: str, width: int = 80) -> Result:
    """Run one tornado on the tiny campaign."""
    runner = CliRunner(env={"COLUMNS": str(width)})
    return runner.invoke(
        app, ["sensitivity", "retail-bank-200k", "--design", "in-message", *words, *TINY, *EFFORT]
    )


@pytest.mark.parametrize("width", [80, 120])
@pytest.mark.wide
def test_a_tornado_in_text(width: int) -> None:
    """What could change the decision, then bars, ends with intervals, exports; what was screened is called so."""
    result = invoke(*THREE, "--limit", "2", width=width)
    assert result.exit_code == 0
    assert "screening: " in result.stderr
    assert "in all" in result.stderr
    text = result.stdout
    parts = [
        "COULD CHANGE",
        "TORNADO",
        "\n  screened",
        "AT FULL LENGTH",
        "WHAT TO MEASURE FIRST",
        "replay:",
        "next:",
    ]
    assert [text.index(part) for part in parts] == sorted(text.index(part) for part in parts)
    assert max(map(len, text.splitlines()[:-2])) <= width
    flat = " ".join(text.split())
    assert "it ranks, it does not decide" in flat
    assert (
        "not known, cannot be run: campaign.touches_per_case at " in flat
    )  # neither could nor could not change it
    legend = text.partition("\nTORNADO")[2].splitlines()[1]
    assert "✘ cannot be run" in legend
    assert next(line for line in text.splitlines() if line.startswith("  campaign.touches")).endswith("✘")
    assert "known-facts checks): identity.code_tries_max" in flat
    following = text.splitlines()[-1]
    assert following.startswith(
        "next:   sandbox sweep retail-bank-200k --over campaign.touches_per_case=1,2 "
    )
    assert " --designs in-message " in following
    assert following.endswith(" --replications 2")


@pytest.mark.wide
def test_the_json_of_a_tornado() -> None:
    """Every assumption with both ends, what it was run at, and the export; screened ones decide nothing."""
    document = json.loads(invoke(*THREE, "--limit", "2", "--json").stdout)
    assert document["schema"] == 1
    assert [one["run"] for one in document["assumptions"]] == ["full", "full", "screened"]
    rows = {one["path"]: one for one in document["assumptions"]}
    first = rows["identity.code_tries_max"]
    assert isinstance(first["could_change_decision"], bool)
    assert rows["identity.page_drop_rate"]["could_change_decision"] is None
    assert rows["identity.page_drop_rate"]["export"]["command"] == "sandbox calibrate funnel.csv"
    low = first["ends"]["low"]
    assert low["effect_low"] <= low["effect"] <= low["effect_high"]
    assert low["value"] == 1
    refused = rows["campaign.touches_per_case"]
    assert refused["ends"]["high"]["effect"] is None
    assert refused["ends"]["high"]["refused"]


@pytest.mark.parametrize(
    ("words", "told", "next_step"),
    [
        (["--only", "call_center"], "did you mean", "--settings` lists"),
        (["--metric", "completion"], "unknown; did you mean", "`sandbox metrics` lists"),
        (["--against", "in-message"], "allowed: another one", "Next:"),
        (["--limit", "0"], "--limit", ""),
    ],
)
def test_wrong_orders_are_refused_with_what_is_allowed(words: list[str], told: str, next_step: str) -> None:
    """Exit code 2, what was found, what is allowed, and the next step."""
    result = invoke(*words)
    assert result.exit_code == 2
    assert told in result.stderr
    assert next_step in result.stderr


def test_a_bar_has_both_ends_on_their_side() -> None:
    """The longer end is drawn first, so that two on one side are both seen; what was not run leaves nothing."""
    assert tornado_bar(-2, 1, 2, 4) == "░░░░│██  "
    assert tornado_bar(4, 2, 4, 4) == "    │██░░"
    assert tornado_bar(None, -0.001, 4, 4) == "   █│    "
    assert tornado_bar(None, None, 0, 2) == "  │  "


def test_the_limit_is_the_engine_s() -> None:
    """The default the help shows is the one the engine has."""
    assert LIMIT_DEFAULT == engine.LIMIT_DEFAULT == engine.SensitivityRequest(None).limit  # type: ignore[arg-type]
