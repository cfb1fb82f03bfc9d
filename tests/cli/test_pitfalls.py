"""`sandbox pitfalls` and `sandbox flips` as a user sees them, and the part `sandbox map --fix` adds."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from scenarios.explain import ablation, pitfalls
from scenarios.explain.ablation import fix_handoffs
from scenarios.explain.pitfalls import find_pitfalls
from scenarios.run import CompareRequest
from tests.scenarios.recorded import SMALL
from tui.cli.main import app
from tui.cli.sums import without_interval
from tui.figures import MINUS

WIDTH = 100
RUNNER = CliRunner(env={"COLUMNS": str(WIDTH)})
TINY = (*SMALL, "campaign.messages=1200")
GIVEN = [text for setting in TINY for text in ("--set", setting)] + ["--no-save"]
TWICE = ["--replications", "2", "--jobs", "1"]


@cache
def _pitfalls(request: CompareRequest) -> pitfalls.Pitfalls:
    return find_pitfalls(request, lambda _: None, lambda: False)


@cache
def _fixes(request: CompareRequest, design: str) -> ablation.Ablation:
    return fix_handoffs(request, design, lambda _: None, lambda: False)


@pytest.fixture(autouse=True)
def _the_same_question_is_simulated_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Text and JSON are two views of one result; that both come from the same run is not what is asked here."""
    monkeypatch.setattr(pitfalls, "find_pitfalls", lambda request, *_: _pitfalls(request))
    monkeypatch.setattr(ablation, "fix_handoffs", lambda request, design, *_: _fixes(request, design))


def invoke(*words: str) -> Result:
    """Run one command on the tiny campaign."""
    return RUNNER.invoke(app, [words[0], "retail-bank-200k", *words[1:], *GIVEN, *TWICE])


def figures(node: Any) -> Iterator[dict[str, Any]]:
    """Every figure with an interval in a document."""
    if isinstance(node, dict):
        if {"value", "low", "high"} <= set(node):
            yield node
        for inner in node.values():
            yield from figures(inner)
    elif isinstance(node, list):
        for inner in node:
            yield from figures(inner)


@pytest.mark.wide
def test_pitfalls_say_what_was_switched_what_it_costs_and_what_that_rests_on() -> None:
    """All seven in text, within the window, with assumptions and their ranges, and the next command."""
    result = invoke("pitfalls")
    assert (result.exit_code, result.stderr) == (0, "")
    lines = result.stdout.splitlines()
    assert max(map(len, lines[:-2])) <= 110
    assert sum(line.strip().startswith("switched:") for line in lines) == 7
    assert sum(line.strip().startswith("rests on:") for line in lines) == 7
    assert "submits_again_rate = 0.5 (assumption, 0.2 to 0.8)" in " ".join(result.stdout.split())
    assert "no difference at all; another mode keeps every customer away" in " ".join(result.stdout.split())
    assert lines[-1].startswith("next:   sandbox flips retail-bank-200k --from message-first --to in-message")


@pytest.mark.wide
def test_the_json_of_pitfalls_holds_both_directions() -> None:
    """Ranking, both designs, and for each mode what it costs switched on and what it gives switched off."""
    document = json.loads(invoke("pitfalls", "--json").stdout)
    assert document["schema"] == 1
    assert sorted(document["ranking"]) == sorted(document["modes"])
    assert set(document["designs"]) == {"in-message", "message-first"}
    for mode in document["modes"].values():
        assert set(mode["switched_on"]) == set(mode["switched_off"]) >= {"completions", "calls", "cost"}
        assert mode["switched"]
    assert all(
        figure["low"] <= figure["value"] <= figure["high"]
        for figure in figures(document)
        if figure["value"] is not None
    )


@pytest.mark.wide
def test_flips_state_who_gets_worse_first() -> None:
    """WORSE stands before BETTER before UNCHANGED; the trace command shown can be run as it stands."""
    result = invoke("flips", "--from", "sms-to-call", "--to", "in-message")
    assert (result.exit_code, result.stderr) == (0, "")
    text = result.stdout
    commands = ("follow: ", "replay: ", "next: ")
    assert max(len(line) for line in text.splitlines() if not line.startswith(commands)) <= WIDTH
    head = " ".join(text.partition("The same")[0].split())
    assert ", changed: " in head
    assert "campaign.messages=" in head
    assert (
        0
        < text.index("\nWORSE")
        < text.index("\nBETTER")
        < text.index("\nUNCHANGED")
        < text.index("BY SEGMENT")
    )
    follow = next(line for line in text.splitlines() if line.startswith("follow: "))
    traced = RUNNER.invoke(app, shlex.split(follow.removeprefix("follow: sandbox ")))
    assert traced.exit_code == 0


def test_the_json_of_flips_adds_up() -> None:
    """Who reads the document can check that every case flips once."""
    result = invoke("flips", "--from", "portal", "--to", "in-message", "--json", "--examples", "1")
    document = json.loads(result.stdout)
    assert document["schema"] == 1
    assert sum(flip["cases"]["value"] for flip in document["flips"]) == document["cases"]
    parts = ("worse", "better", "unchanged", "elsewhere")
    assert sum(document[part]["value"] for part in parts) == document["cases"]
    assert max(len(flip["examples"]) for flip in document["flips"]) == 1


@pytest.mark.wide
def test_a_map_with_fixes_ranks_the_handoffs() -> None:
    """The map stands as without them; the fixes follow, with the settings that make each by hand."""
    result = invoke("map", "--design", "portal-app", "--fix")
    assert (result.exit_code, result.stderr) == (0, "")
    text = result.stdout
    assert text.index("CLOSED-WORKFLOW TEST") < text.index("WHICH HANDOFF TO FIX")
    assert "    --set designs.portal-app.app_download.taps_install_rate=1\n" in text
    document = json.loads(invoke("map", "--design", "portal-app", "--fix", "--json").stdout)
    assert document["fixes"][0]["kind"] == "app_download"
    assert document["schema"] == 1
    assert document["endings"]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["pitfalls", "retail-bank-200k", "--replications", "1"], "at least 2"),
        (["flips", "retail-bank-200k", "--from", "portl", "--to", "portal"], "did you mean 'portal'"),
        (["flips", "retail-bank-200k", "--from", "portal"], "--to"),
        (["flips", "retail-bank-200k", "--from", "portal", "--to", "portal"], "portal twice"),
        (["flips", "retail-bank-200k", "--from", "hybird", "--to", "portal"], "did you mean 'hybrid'"),
        (["map", "retail-bank-200k", "--replications", "3"], "with --fix"),
        (["map", "retail-bank-200k", "--fix", "--replications", "1"], "at least 2"),
    ],
)
def test_wrong_orders_are_refused_with_what_is_allowed(words: list[str], told: str) -> None:
    """Exit code 2, what was found, what is allowed."""
    result = RUNNER.invoke(app, [*words, "--no-save"])
    assert result.exit_code == 2
    assert told in " ".join(result.stderr.split())


@pytest.mark.parametrize(
    ("figure", "written"),
    [
        ((0.0, 0.0, 0.0), "·"),
        ((None, None, None), "—"),
        ((12.0, 4.0, 20.0), "+12.0"),
        ((-12.0, -30.0, 6.0), f"≈{MINUS}12.0"),
    ],
)
def test_a_difference_without_its_interval(figure: tuple, written: str) -> None:
    """A dot for none, a dash where it does not apply, ≈ where the interval holds nought."""
    from scenarios.totals import Figure

    assert without_interval(Figure(*figure), "count") == written
