"""What the report shows of the scorecard: families apart, main metrics or all, and the parts of a run."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from typer.testing import CliRunner

from scenarios.cuts import DIMENSIONS
from scenarios.result import Comparison, Metric
from tests.cli import canned
from tests.scenarios.recorded import SMALL
from tui.cli import breakdown, panels
from tui.cli.main import app
from tui.cli.options import Dimension
from tui.library import MetricWords

RUNNER = CliRunner(env={"COLUMNS": "110"})
WORDS = {
    "completion_rate": MetricWords("Completion", "", "", "Resolution"),
    "writeback_success_rate": MetricWords("Writeback success", "", "", "Resolution", main=False),
    "agent_hours": MetricWords("Agent hours", "", "", "Call centre"),
}


def only(*names: str) -> Comparison:
    """The canned comparison with a few metrics."""
    whole = canned.comparison()
    designs = {
        name: replace(design, metrics={one: design.metrics[one] for one in names}, calls={})
        for name, design in whole.designs.items()
    }
    return replace(whole, designs=designs)


def test_a_short_scorecard_names_families_and_what_it_leaves_out() -> None:
    """Each family under its own title; what is hidden is counted, with the option that shows it."""
    comparison = only("completion_rate", "agent_hours", "writeback_success_rate")
    passing = {
        name: replace(
            design,
            metrics={key: replace(one, verdict=None, rule="") for key, one in design.metrics.items()},
        )
        for name, design in comparison.designs.items()
    }
    lines = panels.scorecard(replace(comparison, designs=passing), WORDS, 110, everything=False)
    heads = [line.strip() for line in lines]
    assert heads.index("RESOLUTION") < heads.index("CALL CENTRE")
    assert not any("Writeback success" in line for line in lines)
    assert "1 further metrics: --all shows them" in lines[-1]
    every = panels.scorecard(replace(comparison, designs=passing), WORDS, 110, everything=True)
    assert any(line.strip() == "RESOLUTION, FURTHER" for line in every)


def test_a_failed_rule_is_never_hidden() -> None:
    """A metric outside the main ones stands in the short scorecard as soon as its rule fails somewhere."""
    lines = panels.scorecard(only("completion_rate", "writeback_success_rate"), WORDS, 110, everything=False)
    assert any("Writeback success" in line and "✘ fail" in line for line in lines)


def test_parts_stand_beside_the_whole() -> None:
    """One section a design, the whole first; no dimension, no section."""
    comparison = canned.comparison()
    sections = breakdown.parts(comparison, "segment", canned.WORDS, 110, everything=False)
    assert [section[0].split("   ")[0] for section in sections] == [
        f"SEGMENT OF {name.upper()}" for name in canned.NAMES
    ]
    assert sections[2][1].split() == ["rule,", "unit", "all", "1m", "4m+"]
    assert breakdown.parts(comparison, None, canned.WORDS, 110, everything=False) == []


def exceptions(value: float, half: float) -> dict[str, Metric]:
    """An exception rate with its interval."""
    return {
        "exception_rate": Metric(
            value, "rate", 900, value - half, value + half, "engaged cases", rule="<= 0.20"
        )
    }


@pytest.mark.parametrize(("value", "spikes"), [(0.31, True), (0.15, False), (0.08, False)])
def test_a_segment_whose_exceptions_spike_is_named(value: float, spikes: bool) -> None:
    """Its whole interval above that of the design: the policy is too broad there."""
    design = canned.comparison().designs["in-message"]
    parts = {"segment": {"1m": exceptions(0.11, 0.02), "4m+": exceptions(value, 0.05)}}
    found = breakdown.spikes(replace(design, metrics=exceptions(0.12, 0.01), segments=parts), "segment")
    told = ["exceptions spike in 4m+: 31.0 % beside 12.0 % of all; the policy is too broad there"]
    assert found == (told if spikes else [])


def test_the_options_dimensions_are_the_results() -> None:
    """`--by` offers what the JSON's segments hold."""
    assert tuple(Dimension) == DIMENSIONS


def test_the_command_cuts_and_carries_everything() -> None:
    """A real run: weeks in the text with --by, all dimensions in the JSON without it; an unknown one is refused."""
    given = [text for setting in SMALL for text in ("--set", setting)]
    run = ["run", "retail-bank-200k", "--design", "in-message", "--replications", "1", "--jobs", "1", *given]
    text = RUNNER.invoke(app, [*run, "--by", "week", "--all"])
    assert (text.exit_code, "WEEK OF IN-MESSAGE" in text.stdout) == (0, True)
    assert "week 1" in text.stdout
    assert "Messages after the customer had acted" in text.stdout
    segments = json.loads(RUNNER.invoke(app, [*run, "--json"]).stdout)["designs"]["in-message"]["segments"]
    assert list(segments) == sorted(DIMENSIONS)
    assert set(segments["route"]) == {"self_service", "person"}
    assert segments["route"]["person"]["deflection_rate"]["value"] is None
    assert "call_abandonment_rate" in segments["week"]["1"]
    assert "call_abandonment_rate" not in segments["segment"]["1m"]
    assert RUNNER.invoke(app, [*run, "--by", "month"]).exit_code == 2
