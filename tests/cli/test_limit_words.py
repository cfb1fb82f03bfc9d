"""What `sandbox limit` says at the edges: no limit, no direction, no metric, and which command comes next."""

from __future__ import annotations

import shlex
from dataclasses import replace
from typing import Any

import pytest

from sandbox.experiment.limits import Kind, ToldBy
from sandbox.experiment.verdict import parse_that
from scenarios.limits.knee import Knee
from scenarios.limits.limit import DesignLimit, LimitPoint, Limits, TheoryLimit
from scenarios.result import Metric
from scenarios.world.library import metrics_document
from tui.cli.limit_json import limits_json
from tui.cli.limit_next import next_command
from tui.cli.limit_text import limits_text, where
from tui.cli.orders import Order

WIDTH = 80
LINES, OTHER = "call_abandonment_rate", "deflection_rate"


def points(unit: str = "rate", value: float | None = 0.08, confirmed: int = 3000) -> tuple[LimitPoint, ...]:
    """Search at three values and a confirmation at one of them, all alike."""
    low, high = (None, None) if value is None else (value - 0.03, value + 0.03)
    metric = Metric(value, unit, 10, low, high, "", verdict=None if value is None else "pass")
    search = [LimitPoint(at, "search", (metric,), 0.95) for at in (1000, 2000, 3000)]
    return (LimitPoint(confirmed, "confirm", (metric,), 0.95), *search)


def design(kind: Kind, value: int | None, told_by: ToldBy, **changed: Any) -> DesignLimit:
    """One design's answer."""
    made = DesignLimit("portal", "Portal", kind, value, True, told_by, points(), None, (), None, ())
    return replace(made, **changed)


def limits(one: DesignLimit, metric: str = LINES, current: object = 2500) -> Limits:
    """The answer of one design."""
    keep = (parse_that(f"{metric} < 0.1"),)
    known = {metric: metrics_document().metrics[metric]}
    grid = (1000, 2000, 3000)
    return Limits("x", "X", 1, 2, 1, "campaign.messages", current, grid, keep, known, {one.name: one})


def said(found: Limits, *settings: str) -> tuple[str, list[str]]:
    """The text without line breaks, and the words of the next command."""
    text = limits_text(found, [], Order("limit", "x", settings), "again", WIDTH)
    following = text.splitlines()[-1].removeprefix("next:").split("   (")[0]
    return " ".join(text.split()), shlex.split(following)


def test_where_there_is_no_limit_none_is_set() -> None:
    """Broken all along: the agents it would need today, or why where the lines are no matter; one setting each."""
    _, following = said(limits(design("broken", None, "runs")), "campaign.messages=2500")
    assert following[:5] == ["sandbox", "staff", "x", "--design", "portal"]
    assert [word for word in following if word.startswith("campaign.messages")] == ["campaign.messages=2500"]
    _, following = said(limits(design("broken", None, "runs"), OTHER), "campaign.messages=2500")
    assert following[:5] == ["sandbox", "diagnose", "x", "--designs", "portal"]
    _, following = said(limits(design("broken", None, "runs"), current=500))  # nearer than what was looked at
    assert following[1] == "diagnose"


def test_a_limit_stands_in_for_what_was_set() -> None:
    """The next command has the limit alone, not the value of before beside it."""
    text, following = said(limits(design("within", 2000, "runs"), OTHER), "campaign.messages=2500")
    assert following == ["sandbox", "compare", "x", "--set", "campaign.messages=2000"]
    assert "the whole scorecard at the limit of portal" in text
    text, following = said(limits(design("beyond", 3000, "runs")), "campaign.messages=2500")
    assert following[1] == "compare"
    assert "the whole scorecard at 3,000" in text


def test_a_direction_nothing_told_is_not_claimed() -> None:
    """Neither largest nor smallest, neither beyond nor below; it is said that nothing can tell, and of what."""
    found = limits(design("beyond", 3000, "nothing"))
    text, _ = said(found)
    assert "furthest, simulated" in text
    assert "kept at 3,000" in text
    assert "kept at 3,000, where it is confirmed; at 1,000 these replications could not confirm it" in text
    assert "the value looked at between stands on the search alone" in text
    assert "cannot tell which way it breaks: at 1,000 and 3,000 the intervals overlap" in text
    assert "never breaks" not in text
    mine = limits_json(found, [], "again")["designs"]["portal"]  # type: ignore[index]
    assert mine["direction_from"] is None
    assert "broken at both ends" in said(limits(design("broken", None, "nothing")))[0]


def test_kept_at_both_ends_stands_on_both_and_the_next_command_goes_furthest() -> None:
    """Each end with its fresh figures; what was searched only is called so; the higher end is compared next."""
    both = (*points(confirmed=1000), points()[0])
    for value in (1000, 3000):  # whichever end the search called far
        one = design("beyond", value, "nothing", points=both, rising=value == 3000)
        text, following = said(limits(one, OTHER), "campaign.messages=2500")
        assert "portal kept at both ends" in text
        figures = "1,000: 8.0 % [5.0, 11.0]; 3,000: 8.0 % [5.0, 11.0]"
        assert f"each confirmed on fresh replications ({figures})" in text
        assert "the value looked at between stands on the search alone" in text
        assert following == ["sandbox", "compare", "x", "--set", "campaign.messages=3000"]
    refused = points(confirmed=1000)[0]
    refused = replace(refused, metrics=(replace(refused.metrics[0], verdict="unsure"),))
    one = design("beyond", 3000, "nothing", points=(refused, *points()))
    text, following = said(limits(one, OTHER))
    assert "kept at 3,000, where it is confirmed; at 1,000 these replications could not confirm it" in text
    assert "both ends of the range, each" not in text


def test_the_next_command_goes_as_far_as_some_design_does_and_repeats_the_question() -> None:
    """Of two limits the further one, up or down as they go; designs, replications and history of the order stay."""
    order = Order("limit", "x", (), ("a", "b"), 7, 3, db="sqlite:///mine")
    for rising, furthest in ((True, 3000), (False, 1000)):
        near = design("within", 2000, "runs", rising=rising)
        far = replace(near, name="bot", value=furthest)
        found = limits(near, OTHER)
        command = next_command(replace(found, designs={"portal": near, "bot": far}), order)
        assert command[0] == (
            f"sandbox compare x --set campaign.messages={furthest} --designs a,b --seed 7 --replications 3 "
            "--db sqlite:///mine"
        )
        assert command[1] == "the whole scorecard at the limit of bot"
    short = limits(design("broken", None, "runs"))
    assert next_command(short, order)[0].endswith("--seed 7 --replications 3 --db sqlite:///mine")


@pytest.mark.parametrize(
    ("knee", "cell", "told"),
    [
        (
            Knee(2000, 1000, 3000, 1.0, False),
            "2,000 [1,000, 3,000]",
            "knee at 2,000: above it Call abandonment rises",
        ),
        (
            Knee(2000, 1000, 3000, 1.0, True),
            "2,000 [1,000, 3,000]",
            "knee at 2,000: below it Call abandonment rises",
        ),
        (Knee(2000, None, None, 0.7, False), "≈2,000", "no range: noise may have made it"),
        (Knee(2000, None, None, None, False), "≈2,000", "no range: this metric has no days"),
    ],
)
def test_a_knee_has_its_range_and_its_direction(knee: Knee, cell: str, told: str) -> None:
    """Whichever way the curve turns worse; without a range it is not written as if it were sure."""
    found = limits(design("within", 2000, "runs", knee=knee))
    text, _ = said(found)
    assert f" {cell} " in text
    assert told in text
    mine = limits_json(found, [], "again")["designs"]["portal"]  # type: ignore[index]
    assert mine["knee"] == 2000
    assert mine["knee_range"] == (None if knee.low is None else [1000, 3000])
    assert mine["knee_direction"] == ("below" if knee.falling else "above")
    above = replace(found, keep=(parse_that(f"{LINES} > 0.01"),))
    assert "Call abandonment falls steeply" in said(above)[0]


def test_a_direction_theory_told_is_said_to_be_theory_s() -> None:
    """Overlapping ends with a preview: its direction, called so in text and JSON."""
    theory = TheoryLimit(1000, "beyond", {}, rising=False)
    found = limits(design("beyond", 1000, "theory", rising=False, theory=theory))
    text, _ = said(found)
    assert "smallest, simulated" in text
    assert "portal below 1,000 below 1,000" in text
    assert "kept down to 1,000, the end of the range, where it is confirmed" in text
    assert "that it breaks downwards is theory's" in text
    mine = limits_json(found, [], "again")["designs"]["portal"]  # type: ignore[index]
    assert (mine["direction"], mine["direction_from"]) == ("smallest", "preview")
    assert mine["preview"] == {"kind": "beyond", "limit": 1000, "direction": "smallest"}
    assert "theory's" not in said(limits(design("beyond", 3000, "runs")))[0]


@pytest.mark.parametrize(
    ("rising", "told"), [(True, "beyond 50"), (False, "below 50"), (None, "kept throughout")]
)
def test_beyond_the_range_is_above_or_below_it(rising: bool | None, told: str) -> None:
    """A limit past the end of a range lies on the side on which the conditions would break."""
    assert where("beyond", 50, rising) == told


def test_where_the_metric_does_not_apply_there_is_no_empty_section() -> None:
    """No heading of a curve or of runs without one below it; a design that has the metric keeps both."""
    nothing = design("does not apply", None, "nothing", points=points(value=None))
    text, following = said(limits(nothing))
    assert "Call abandonment has no value in this design" in text
    assert "CURVE" not in text
    assert "RUNS" not in text
    assert "cannot tell" not in text
    assert following == ["sandbox", "compare", "x"]
    both = limits(design("within", 2000, "runs"))
    both = replace(both, designs={**both.designs, "bot": replace(nothing, name="bot")})
    lines = limits_text(both, [], Order("limit", "x"), "again", WIDTH).splitlines()
    runs = lines[next(at for at, line in enumerate(lines) if line.startswith("RUNS")) :]
    assert sum(line.startswith("  portal") for line in runs) == 4
    assert not any(line.startswith("  bot") for line in runs)


def test_a_long_setting_does_not_widen_the_table_of_runs() -> None:
    """The column of a setting with a long name is headed by what it holds; the head of the report has the name."""
    long = "call_centre.other_traffic.calls_per_day*"
    found = replace(limits(design("within", 2000, "runs")), vary=long)
    text = limits_text(found, [], Order("limit", "x"), "again", WIDTH)
    runs = text.partition("\nRUNS ")[2].partition("\n\n")[0].splitlines()
    assert runs[1].split()[:3] == ["design", "value", "stage"]
    assert max(map(len, runs)) <= WIDTH


def test_two_conditions_are_measured_below_each_other_where_they_do_not_fit_beside() -> None:
    """Every figure at the limit and one step on stands with its condition, within the window."""
    metric = points()[0].metrics[0]
    made = [
        LimitPoint(at, stage, (metric, metric), 0.95) for at, stage in ((2000, "confirm"), (3000, "confirm"))
    ]
    refused = replace(made[1], metrics=(replace(metric, verdict="fail"),) * 2)
    one = design("within", 2000, "runs", points=(made[0], refused))
    found = limits(one)
    known = {name: metrics_document().metrics[name] for name in (LINES, OTHER)}
    found = replace(found, keep=(*found.keep, parse_that(f"{OTHER} > 0.01")), definitions=known)
    lines = limits_text(found, [], Order("limit", "x"), "again", WIDTH).splitlines()
    answers = lines[next(at for at, line in enumerate(lines) if line.startswith("LIMITS")) :]
    answers = answers[: next(at for at, line in enumerate(answers) if line.startswith("CURVE"))]
    assert max(map(len, answers)) <= WIDTH
    rows = [line.split("  ") for line in answers if "8.0 % [5.0, 11.0]" in line and "3,000: " in line]
    assert len(rows) == 2
