"""`sandbox sweep` as a user sees it: text within the window, JSON, refusals with exit code 2."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from tests.cli.wording import as_said
from tests.scenarios.recorded import SMALL
from tui.cli.main import app
from tui.cli.sweep_text import about, at_text, uncrossed_words

TINY = [text for setting in (*SMALL, "campaign.messages=600") for text in ("--set", setting)]
EFFORT = ["--replications", "2", "--jobs", "1", "--designs", "sms-to-call,in-message"]
OVER = ["--over", "call_centre.agents=0.5,2"]


def invoke(*words: str, width: int = 80) -> Result:
    """Run one sweep of the tiny campaign."""
    runner = CliRunner(env={"COLUMNS": str(width)})
    return runner.invoke(app, ["sweep", "retail-bank-200k", *words, *TINY, *EFFORT, "--no-save"])


@pytest.mark.parametrize("width", [80, 120])
@pytest.mark.wide
def test_a_sweep_in_text(width: int) -> None:
    """Decisions first, a chart for each metric with its rule, a crossing called interpolated; nothing too wide."""
    result = invoke(*OVER, width=width)
    assert (result.exit_code, result.stderr) == (0, "")
    text = result.stdout
    titles = ("sms-to-call  SMS asks", "in-message   Completion inside")
    assert all(title in text for title in titles)
    assert max(map(len, text.splitlines()[:-2])) <= width
    assert text.index("\nDECISION") < text.index("\nCALL ABANDONMENT") < text.index("\nCOMPLETION")
    assert "10.0 % ┤" in text
    assert "interpolated between the runs" in text
    assert "sms-to-call: call_centre.agents ≈ " in text
    assert "in-message: passes at every value" in text or "in-message: call_centre.agents ≈" in text
    last = text.splitlines()[-2:]
    assert last[0].startswith("replay: sandbox sweep retail-bank-200k --over call_centre.agents=0.5,2")
    assert last[1].startswith("next:   sandbox sensitivity retail-bank-200k --metric call_abandonment_rate")
    assert last[0].partition(" --replications")[2] == last[1].partition(" --replications")[2]


@pytest.mark.wide
def test_a_pair_that_was_asked_for_stays_a_pair_in_the_next_command(tmp_path: Path) -> None:
    """Two designs: the one whose rule is crossed against the other; where runs are saved goes along."""
    db = f"sqlite:///{tmp_path / 'runs.sqlite'}"
    words = [*OVER, "--designs", "sms-to-call,in-message", "--metrics", "call_abandonment_rate", "--db", db]
    following = shlex.split(invoke(*words).stdout.splitlines()[-1])
    assert {following[following.index(one) + 1] for one in ("--design", "--against")} == {
        "sms-to-call",
        "in-message",
    }
    assert following[-2:] == ["--db", db]


@pytest.mark.wide
def test_a_sweep_as_json_holds_every_point_and_calls_crossings_interpolated(tmp_path: Path) -> None:
    """Metrics as in a comparison, paired differences, decisions with grounds; the file is the standard output."""
    out = tmp_path / "sweep.json"
    words = [*OVER, "--metrics", "call_abandonment_rate", "--json"]
    text = invoke(*words).stdout
    document = json.loads(text)
    assert document["schema"] == 1
    assert document["over"] == [{"path": "call_centre.agents", "values": [0.5, 2], "log": False}]
    assert [point["values"] for point in document["points"]] == [[0.5], [2]]
    mine = document["points"][0]["designs"]["in-message"]
    assert set(mine["metrics"]) == set(mine["differences"]) == {"call_abandonment_rate"}
    assert mine["decision"] in {"go", "hold", "stop"}
    assert document["crossings"]
    assert all(one["interpolated"] and one["interval"] for one in document["crossings"])
    assert invoke(*words, "--out", str(out)).exit_code == 0
    assert out.read_text() == text


@pytest.mark.wide
def test_a_grid_in_text_has_what_its_json_has() -> None:
    """Two settings: figures with intervals, shaded; paired differences; grounds; crossings along both."""
    over = ["--over", "call_centre.agents=1,1.8", "--over", "campaign.messages=300,6000"]
    result = invoke(*over, "--metrics", "call_abandonment_rate")
    text = result.stdout
    assert result.exit_code == 0
    assert text.count("across: call_centre.agents, down: campaign.messages") == 2
    assert re.search(r"\n  +300  .\s? ?\d+\.\d ±\d+\.\d", text)
    assert "█ " in text
    assert "in-message, difference to sms-to-call, pp" in text
    assert re.search(r"6,000  ≈?\S\d+\.\d \[\S\d", text)
    assert "stop: call-abandonment" in text
    assert "call_centre.agents ≈ " in text
    assert "campaign.messages ≈ " in " ".join(text.split())
    assert max(map(len, text.splitlines()[:-2])) <= 80
    document = json.loads(invoke(*over, "--metrics", "call_abandonment_rate", "--json").stdout)
    assert {one["beside"] for one in document["crossings_down"]} <= {1, 1.8}
    assert document["crossings_down"]


@pytest.mark.wide
def test_a_value_set_for_what_is_varied_is_not_said_to_have_run() -> None:
    """The head names what every point has in common; a factor does multiply what was set, so that stays."""
    agents = ["--set", "call_centre.agents=3"]
    result = invoke(*OVER, *agents)
    head = " ".join(result.stdout.partition("\nDECISION")[0].split())
    assert "changed: " in head
    assert "call_centre.agents=3" not in head
    result = invoke("--over", "call_centre.agents*=0.5,1", *agents)
    head = " ".join(result.stdout.partition("\nDECISION")[0].split())
    assert "call_centre.agents=3" in head


@pytest.mark.parametrize(
    ("words", "told", "next_step"),
    [
        (["--over", "campaign.mesages=1,2"], "did you mean 'campaign.messages'", "--settings` lists"),
        (["--over", "campaign.messages=1"], "at least 2", "--settings` lists"),
        (["--over", "campaign.message=1,2"], "did you mean 'campaign.messages'", "--settings` lists"),
        (["--over", "designs=1,2"], "found no number; allowed: a setting that holds a number", ""),
        ([*OVER, "--metrics", "completion"], "unknown; did you mean", "`sandbox metrics` lists"),
        ([*OVER, "--metrics", ","], "names no metric", ""),
        ([], "--over", ""),
    ],
)
def test_wrong_orders_are_refused_with_what_is_allowed(words: list[str], told: str, next_step: str) -> None:
    """Exit code 2, what was found, what is allowed, and the next step."""
    result = invoke(*words)
    assert result.exit_code == 2
    assert told in as_said(result.stderr)
    assert next_step in as_said(result.stderr)


def test_places_are_written_as_one_types_them() -> None:
    """Whole numbers with commas, others short; an interpolated place to three digits."""
    assert [at_text(value) for value in (50000, 0.25, 1_000_000)] == ["50,000", "0.25", "1,000,000"]
    assert [about(value) for value in (63_214.7, 1.23456, 0.04567)] == ["63,200", "1.23", "0.0457"]


@pytest.mark.wide
def test_a_factor_is_named_and_repeated_as_it_was_typed() -> None:
    """The head says what is multiplied, the axis keeps its star, and the repeating line is quoted for a shell."""
    result = invoke("--over", "call_centre.agents*=0.5,1", "--metrics", "call_abandonment_rate")
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.startswith("Sweep over a factor on call_centre.agents (2 values)\n")
    assert "\n  call_centre.agents*  " in result.stdout
    assert "sandbox sweep retail-bank-200k --over 'call_centre.agents*=0.5,1' " in result.stdout
    refused = invoke("--over", "campaign.send_from*=1,2")
    assert refused.exit_code == 2
    assert "found '08:30'; allowed: a setting that holds a number" in as_said(refused.stderr)


@pytest.mark.wide
def test_a_grid_crossed_along_its_second_setting_alone_leads_to_the_design_that_crosses() -> None:
    """The next command is of a design that crosses its rule along either setting, and a long head is wrapped."""
    over = ["--over", "campaign.messages=300,310", "--over", "call_centre.agents*=0.1,0.4"]
    words = [*over, "--metrics", "call_abandonment_rate"]
    found = json.loads(invoke(*words, "--json").stdout)
    assert found["crossings"] == []
    assert found["crossings_down"]
    lines = invoke(*words).stdout.splitlines()
    assert lines[-1].startswith(
        "next:   sandbox sensitivity retail-bank-200k --metric call_abandonment_rate "
        f"--design {found['crossings_down'][0]['design']} "
    )
    assert max(map(len, lines[:-2])) <= 80


@pytest.mark.parametrize(
    ("verdicts", "told"),
    [
        ({"pass"}, "passes at every value that was run"),
        ({"unsure"}, "is unsure at every value that was run"),
        (
            {"fail", "unsure"},
            "not crossed; at the values that were run it fails at some and is unsure at others",
        ),
        (set(), "the metric does not apply"),
    ],
)
def test_a_rule_that_is_not_crossed_is_told_with_every_verdict(verdicts: set[str], told: str) -> None:
    """A design that fails or is unsure everywhere is not told like one that passes where it is not unsure."""
    assert uncrossed_words(verdicts) == told
