"""The report: one snapshot of the whole, and the rules behind its parts."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest
from syrupy.assertion import SnapshotAssertion

from scenarios.notes import NOT_REPRODUCED
from scenarios.result import Comparison, MeasureCheck, Verdict
from tests.cli import canned
from tui.cli.orders import Order
from tui.cli.report import next_command, render
from tui.cli.streams import coloured

ORDER = Order("compare", "invented-bank", settings=("campaign.messages=200000",))


def _text(comparison: Comparison, width: int = 110) -> str:
    return render(comparison, canned.STORY, canned.WORDS, ORDER, width)


def test_the_whole_report(snapshot: SnapshotAssertion) -> None:
    """The report of the canned comparison, word for word."""
    assert _text(canned.comparison("pass", "fail", "unsure", "not judged")) == snapshot


def test_one_design_alone(snapshot: SnapshotAssertion) -> None:
    """The report of a single design has no differences and suggests the comparison."""
    lone = canned.comparison("pass", designs=("in-message",))
    assert _text(replace(lone, baseline_check=None, provenance=[], notes=[])) == snapshot


def test_a_history_that_is_not_reproduced_is_said_at_the_head_and_figure_by_figure() -> None:
    """Each figure stands with what was allowed and whether it lies inside; overridden, the head says so at once."""
    result = canned.comparison()
    assert result.baseline_check is not None
    measures = [
        MeasureCheck("offered_per_day", 970.0, 969.1, 873.0, 1_067.0, reproduced=True),
        MeasureCheck("abandonment_rate", 0.10, 0.15, 0.08, 0.12, reproduced=False),
    ]
    check = replace(result.baseline_check, measures=measures, overridden=True)
    told = f"{NOT_REPRODUCED}: abandonment is off"
    text = _text(replace(result, baseline_check=check, notes=[told, *result.notes]))
    assert re.search(r"Offered per day .* 873 to 1,067 +✔ reproduced", text)
    assert re.search(r"Abandonment rate .* 8\.0 % to 12\.0 % +✘ not reproduced", text)
    assert "HISTORY NOT REPRODUCED" in text.split("EXPECTATIONS")[0].split("SCORECARD")[0]


@pytest.mark.parametrize("width", [80, 100, 120])
def test_design_tables_keep_to_the_width(width: int) -> None:
    """Tables fold their verdicts or break into blocks rather than run over the right edge."""
    body = _text(canned.comparison(), width).split("\n\nSCORECARD")[1].split("\n\nQUEUE")[0]
    assert max(map(len, body.splitlines())) <= width


def test_a_narrow_scorecard_keeps_its_verdicts() -> None:
    """At 100 columns the glyphs stay and a legend gives their words."""
    text = _text(canned.comparison(), 100)
    assert "✔ pass  ✘ fail  ? unsure" in text
    assert re.search(r"Call abandonment\s+< 10 %\s+52\.3 ±1\.9\s+✘\s+10\.6 ±1\.2\s+\?\s+1\.9 ±0\.3\s+✔", text)


def test_colour_changes_nothing_but_colour() -> None:
    """Without its escape codes a coloured report is the plain report."""
    text = _text(canned.comparison("pass", "fail", "unsure"))
    styled = coloured(text)
    assert styled != text
    assert re.sub(r"\x1b\[[0-9;]*m", "", styled) == text


def test_a_figure_that_does_not_apply_carries_a_footnote() -> None:
    """None is a dash with the reason below, never a nought."""
    text = _text(canned.comparison())
    assert re.search(r"Time to resolution p90\s+min, h\s+— \(1\)", text)
    assert "(1) 90 % were not reached by the end" in text


@pytest.mark.parametrize(
    ("verdicts", "command"),
    [
        (("fail", "unsure"), "sandbox compare invented-bank --set campaign.messages=200000 --replications 8"),
        (
            ("pass", "fail"),
            "sandbox trace invented-bank --design sms-to-call --case 1 --set campaign.messages=200000",
        ),
        (("pass", "not judged"), "sandbox compare invented-bank --set campaign.messages=50000"),
        (
            ("pass",),
            "sandbox trace invented-bank --design in-message --case 1 --set campaign.messages=200000",
        ),
    ],
)
def test_the_next_command_answers_the_open_question(verdicts: tuple[Verdict, ...], command: str) -> None:
    """Unsure asks for more runs, a failure for one customer, a line not judged for its own settings."""
    assert next_command(canned.comparison(*verdicts), ORDER)[0] == command


@pytest.mark.parametrize("given", [{"settings": ("customers.response_rate=0.1",)}, {"calls": "mine.csv"}])
def test_a_world_of_ones_own_is_never_sent_to_settings_that_stay_unjudged(given: dict[str, Any]) -> None:
    """With anything else changed the lines stay unjudged at their own settings too: one case is worth more."""
    order = replace(ORDER, **given)
    command = next_command(canned.comparison("not judged"), order)[0]
    assert command.startswith("sandbox trace invented-bank ")


def test_a_call_centre_of_ones_own_stays_in_the_next_command() -> None:
    """One case of the same lines: the report, and what was said of its history, go with it."""
    order = replace(ORDER, calls="mine.csv", despite_history=True)
    command = next_command(canned.comparison("not judged"), order)[0]
    assert command.startswith("sandbox trace invented-bank --design in-message ")
    assert command.endswith(" --calls mine.csv --despite-history")


def test_no_more_messages_are_asked_for_than_a_case_file_has_cases() -> None:
    """The scenario's expectations belong to more messages than the file can give: one of its customers instead."""
    found = canned.comparison("not judged")
    for most, begins in (
        (60_000, "sandbox compare invented-bank --set campaign.messages=50000"),
        (50_000, "sandbox compare invented-bank --set campaign.messages=50000"),
        (49_999, "sandbox trace invented-bank"),
    ):
        assert next_command(replace(found, messages_most=most), ORDER)[0].startswith(begins)


def test_a_lone_design_leads_to_the_comparison() -> None:
    """After one design the next step is all of them."""
    lone = replace(canned.comparison("pass", designs=("portal",)), expectations=[])
    order = Order("run", "invented-bank", designs=("portal",))
    assert next_command(lone, order)[0] == "sandbox compare invented-bank"


def test_an_expectation_on_a_design_that_did_not_run_says_so() -> None:
    """A line whose settings match but whose design is absent shows its reason, not its settings."""
    item = replace(canned.expectation("not judged"), when={}, reason="this design was not run")
    text = _text(replace(canned.comparison(), expectations=[item]))
    assert "call_abandonment_rate < 0.10  this design was not run" in text
