"""`sandbox pilot-plan` and `sandbox actuals` as a user sees them."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
from rich.cells import cell_len
from typer.testing import CliRunner, Result

from sandbox.experiment.intervals import Estimate
from scenarios.pilot.actuals import REPLICATIONS_DEFAULT
from scenarios.pilot.plan import PilotPlan, plan_from
from tests.scenarios.pilot.test_pilot_plan import AIM, plan, ramp
from tests.scenarios.recorded import SMALL
from tui.cli.main import app
from tui.cli.numbers import NONE
from tui.cli.orders import Order
from tui.cli.pilot_plan_text import plan_text
from tui.cli.pilot_planning import plan_document
from tui.cli.pilot_ramp_text import apart_words, interference_lines, lines_change, ramp_lines

WIDTH = 80
RUNNER = CliRunner(env={"COLUMNS": str(WIDTH)})
TINY = (*SMALL, "campaign.messages=1200")
GIVEN = [text for setting in TINY for text in ("--set", setting)] + ["--no-save"]
TWICE = ["--replications", "2", "--jobs", "1"]
SECTIONS = (
    "PLAN", "SAMPLE SIZE", "DAYS OF ENROLMENT", "POWER", "LOOKS", "STOP RULES", "INTERFERENCE",
    "WHAT THIS PILOT CAN SHOW", "WHAT IT CANNOT", "RAMP",
)  # fmt: skip


def invoke(*words: str) -> Result:
    """Run one command on the tiny campaign."""
    return RUNNER.invoke(app, [*words, *GIVEN, *TWICE])


@pytest.mark.wide
def test_a_plan_is_laid_out_for_eighty_columns() -> None:
    """Every section is there, in order, no line wider than asked, with replay and next at the end."""
    result = invoke("pilot-plan", "retail-bank-200k", "--effect", "0.1", "--share", "0.25")
    assert (result.exit_code, result.stderr) == (0, "")
    lines = result.stdout.splitlines()
    heads = [line for line in lines if line.startswith(SECTIONS)]
    assert [next(name for name in SECTIONS if head.startswith(name)) for head in heads] == list(SECTIONS)
    assert [line for line in lines[:-2] if cell_len(line) > WIDTH] == []
    assert lines[-2].startswith(
        "replay: sandbox pilot-plan retail-bank-200k --design in-message --effect 0.1 --share 0.25"
    )
    assert lines[-1].startswith("next:   sandbox prelaunch retail-bank-200k --design in-message --set")
    text = " ".join(result.stdout.split())
    assert "25 % of the customers for" in text
    assert "Lan and DeMets" in text


@pytest.mark.wide
def test_the_json_of_a_plan_has_every_part() -> None:
    """Schema, arms, tables by effect and share, looks, guardrails, sights and the ramp, as numbers."""
    document = json.loads(json.dumps(plan_document(plan(), "sandbox pilot-plan")))
    assert document["schema"] == 1
    assert document["enrolment"]["days"] % 5 == 0
    assert document["looks"][-1]["spent"] == pytest.approx(0.05)
    assert set(document["power_table"]["0.1"]) == {"0.05", "0.1", "0.25", "0.5"}
    assert [step["share"] for step in document["ramp"]] == [0.0, 0.25, 1.0]
    assert {"call_abandonment_rate"} <= set(document["cannot_see"])
    assert document["guardrails"][0]["calls_for"] == "stop"
    assert document["metrics"]["completion_rate"]["effect"] == pytest.approx(0.1, abs=0.2)
    quarter = document["ramp"][1]
    assert set(quarter["difference_less_move"]) == set(quarter["lines_shift"]) == set(Estimate._fields)
    assert document["ramp"][2]["difference_less_move"] is None
    assert quarter["calls_per_day_low"] < quarter["calls_per_day"] < quarter["calls_per_day_high"]


@pytest.mark.wide
@pytest.mark.parametrize("width", [WIDTH, 120])
def test_no_rate_of_the_lines_or_arms_stands_without_an_interval(width: int) -> None:
    """Of every step, in one table or in two, and of what the pilot cannot show; the purpose of what comes next."""
    text = plan_text(plan(), Order(verb="pilot-plan", scenario="retail-bank-200k"), "replay", width)
    lines = text.splitlines()
    steps = [line.split("  ") for line in lines[lines.index(next(filter(_interference, lines))) :]]
    cells = [[cell.strip() for cell in row if cell.strip()] for row in steps]
    shown = [row for row in cells if re.fullmatch(r"\d+ %", row[0] if row else "")]
    figures = [cell for row in shown for cell in row[1:] if cell != NONE]
    assert len(shown) == len(plan().steps) * (2 if width == WIDTH else 1)
    assert (
        len(figures) == 3 * 3 + 2 * 2 + 1
    )  # three of the lines in each step, the arms there are, how far apart
    assert {cell for cell in figures if "±" not in cell and "[" not in cell} <= {"0.0"}  # nobody ever waited
    rates = [row[1] for row in shown if width > WIDTH or "✔" in row[1]]
    assert len(rates) == len(plan().steps)
    assert all("±" in rate or "[" in rate for rate in rates)
    below = text.partition("WHAT IT CANNOT")[2].partition("RAMP")[0]
    shared = [line for line in below.splitlines() if line.endswith("shared lines")]
    assert len(shared) == 4
    assert sum(line.count("±") + line.count("[") for line in shared) >= 4  # a wait of nobody has none
    assert all(line.count("±") + line.count("[") == 2 for line in shared if "Wait" not in line)
    assert lines[-1].endswith("   (its cases rehearsed before anybody is enrolled)")


def _interference(line: str) -> bool:
    return line.startswith("INTERFERENCE")


def told(beyond: tuple[float, float], lines: tuple[float, float]) -> PilotPlan:
    """The tiny plan with other ends of two intervals: the pilot's less the move's, and of the lines when all move."""

    def estimate(low: float, high: float) -> Estimate:
        return Estimate((low + high) / 2, low, high, 10, (high - low) / 2)

    found = plan()
    nobody, pilot, everybody = found.steps
    late = replace(pilot, share=0.95)
    steps = [
        nobody,
        *(replace(step, beyond=estimate(*beyond), lines=estimate(*lines)) for step in (pilot, late)),
        replace(everybody, lines=estimate(*lines)),
    ]
    return replace(found, steps=tuple(steps))


CLEAR, NOISE = (0.04, 0.06), (-0.01, 0.05)
LINES_CLEAR, LINES_NOISE, LINES_STILL = (-0.30, -0.20), (-0.30, 0.20), (-0.002, 0.003)


@pytest.mark.parametrize(
    ("beyond", "lines", "cause", "holdout"),
    [
        (CLEAR, LINES_CLEAR, True, True),
        (CLEAR, LINES_NOISE, False, False),
        (CLEAR, LINES_STILL, False, False),
        (NOISE, LINES_CLEAR, False, False),
        (NOISE, LINES_STILL, False, False),
    ],
)
def test_the_lines_are_a_cause_only_where_runs_show_it(
    beyond: tuple[float, float], lines: tuple[float, float], cause: bool, holdout: bool
) -> None:
    """More or less than the move takes an interval clear of nought, and lines that change; else they cannot tell."""
    found = told(beyond, lines)
    text = " ".join(" ".join(interference_lines(found, 200)).split())
    assert ("because both arms wait in the same lines" in text) is cause
    assert ("The pilot shows" in text) is cause
    assert ("whether the pilot shows more or less than the move" in text.lower()) is not cause
    assert ("it does not measure what the move was worth" in text) is holdout


@pytest.mark.parametrize(
    ("lines", "change", "words"),
    [
        (LINES_CLEAR, "yes", "WARNING: a 25 % pilot does not load the lines as a rollout does"),
        (LINES_NOISE, "unsure", "Whether the lines notice this design these runs cannot tell"),
        (LINES_STILL, "hardly", "The lines hardly notice this design"),
        ((0.001, 0.002), "hardly", "The lines hardly notice this design"),
        ((0.001, 0.008), "unsure", "these runs cannot tell"),
    ],
)
def test_lines_change_as_far_as_their_own_interval_says(
    lines: tuple[float, float], change: str, words: str
) -> None:
    """Half a point and clear of nought is a change; all of the interval within half a point is none; else unsure."""
    found = told(CLEAR, lines)
    assert lines_change(found) == change
    assert words in " ".join(" ".join(interference_lines(found, 200)).split())


def test_a_shift_is_laid_to_the_lines_only_where_they_change() -> None:
    """A rate that does not carry over: because the lines do, or for a reason the runs cannot tell."""
    found = plan()
    clear = Estimate(0.05, 0.04, 0.06, 10, 0.01)
    none = Estimate(0.01, -0.04, 0.06, 10, 0.05)
    for lines, shift, words in (
        (LINES_CLEAR, clear, "what does not carry over shifts because the lines do"),
        (LINES_STILL, clear, "why the others shift they cannot tell either"),
        (LINES_CLEAR, none, "cannot tell whether the pilot's rate carries over"),
    ):
        sights = tuple(replace(one, shift=shift) for one in found.sights)
        text = plan_text(
            replace(told(CLEAR, lines), sights=sights), Order("pilot-plan", "x"), "sandbox pilot-plan x", 100
        )
        flat = " ".join(text.split())
        assert words in flat
        assert ("because the lines do" in flat) is ("because the lines do" in words)
        assert ("≈+1.0 ±5.0" in flat) is (shift is none)


def test_a_margin_never_reaches_past_what_two_rates_can_differ_by() -> None:
    """Ninety-six points give or take seven end at a hundred, and say so; others keep their margin."""
    assert apart_words(Estimate(0.96, 0.89, 1.0, 10, 0.07)) == "+96.0 [+89.0, +100]"
    assert apart_words(Estimate(0.90, 0.83, 0.97, 10, 0.07)) == "+90.0 ±7.0"
    assert apart_words(Estimate(0.01, -0.02, 0.02, 10, 0.03)) == "≈+1.0 ±3.0"


def test_a_step_whose_difference_may_be_nought_does_not_have_to_show_one() -> None:
    """An interval that holds nought asks for no difference clear of nought; one that does not asks for it."""
    found = plan()
    for low, clear in ((0.02, True), (-0.02, False)):
        apart = Estimate(0.05, low, 0.1 - low, 10, 0.05 - low)
        steps = [replace(step, difference=apart) if step.difference else step for step in found.steps]
        text = " ".join(" ".join(ramp_lines(replace(found, steps=tuple(steps)), 200)).split())
        assert ("interval clear of nought" in text) is clear
        assert ("which may be none" in text) is not clear


def test_a_plan_for_a_loss_says_so_at_its_head() -> None:
    """The remedy piloted against the lines is a gain; the lines piloted against the remedy are a loss, and a fall."""
    order = Order("pilot-plan", "retail-bank-200k")
    aim = replace(AIM, metrics=("deflection_rate",))
    gain = plan(aim)
    loss = plan_from(ramp(AIM.design, gain.against), replace(aim, design=gain.against), 2)
    for found, is_loss in ((gain, False), (loss, True)):
        metric = json.loads(json.dumps(plan_document(found, "replay")))["metrics"]["deflection_rate"]
        assert metric["simulated_worse"] is is_loss
        assert (metric["visible_effect"] < 0.0) is is_loss
        text = " ".join(plan_text(found, order, "replay", WIDTH).split())
        assert ("WARNING: by the simulation the pilot is worse in Deflection" in text) is is_loss
        assert f"Smallest {'fall' if is_loss else 'rise'} that" in text


LONGEST = ("in-message-sequence", "sms-to-call-and-letter")
METRICS = ("agent_needed_rate", "completion_in_message_of_engaged_rate", "deflection_rate")


@pytest.mark.parametrize("metric", METRICS)
def test_no_line_of_a_plan_is_wider_than_eighty_columns(metric: str) -> None:
    """The longest names of designs and metrics, alone and together: tables turn or shorten, words are wrapped."""
    others = tuple(one for one in METRICS if one != metric)
    for metrics in ((metric,), (metric, *others)):
        found = plan(replace(AIM, metrics=metrics))
        far = Estimate(-0.123, -0.345, 0.099, 10, 0.222)
        sights = tuple(replace(one, cases=123_456, half_width=0.147, shift=far) for one in found.sights)
        aim = replace(found.aim, design=LONGEST[0])
        found = replace(found, aim=aim, against=LONGEST[1], sights=sights)
        for effect in (None, 0.1):
            text = plan_text(
                replace(found, aim=replace(found.aim, effect=effect)),
                Order("pilot-plan", "retail-bank-200k"),
                "replay",
                WIDTH,
            )
            assert [line for line in text.splitlines()[:-1] if cell_len(line) > WIDTH] == []
            sizes = text[text.index("SAMPLE SIZE") : text.index("DAYS OF")]
            assert all(cases in sizes for one in found.metrics for cases in (f"{one.control_cases:,} + ",))


def test_the_group_and_the_name_alone_are_one_command() -> None:
    """`sandbox pilot plan` and `sandbox pilot actuals` are the commands that stand alone too."""
    helps = [RUNNER.invoke(app, [*words, "--help"]).stdout for words in (["pilot", "plan"], ["pilot-plan"])]
    assert helps[0].replace("pilot plan", "pilot-plan").split() == helps[1].split()
    assert RUNNER.invoke(app, ["pilot", "actuals", "--help"]).exit_code == 0


def test_a_wrong_plan_exits_with_two_and_says_what_is_allowed() -> None:
    """A metric of the lines has no arms: nothing is run, the allowed ones are named."""
    result = invoke("pilot-plan", "retail-bank-200k", "--metric", "call_wait_busy_s")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "belongs to the lines both arms share" in result.stderr


def test_the_help_of_actuals_tells_the_pilots_design_from_everybody_elses() -> None:
    """Each default is said where it holds, and the number of runs is the one that is run."""
    text = RUNNER.invoke(app, ["actuals", "--help"], env={"COLUMNS": "200"}).stdout
    design, against, runs = (
        next(line for line in text.splitlines() if f"{option} " in line)
        for option in ("--design", "--against", "--replications")
    )
    assert "was piloted; to be named with --share. Default: the scenario's baseline." in design
    assert "With --share, the design of everybody else. Default: the scenario's baseline." in against
    assert f"Default: {REPLICATIONS_DEFAULT}." in runs


FUNNEL = "day,sent,delivered,clicked,verified,acted,posted\n1,590,560,180,90,70,70\n2,590,600,1,1,1,1\n"


@pytest.mark.wide
def test_a_broken_prediction_exits_with_one_and_names_setting_and_next_step(tmp_path: Path) -> None:
    """Half of those who click get through: the stage, its setting, the row left out and the command to go on with."""
    path = tmp_path / "seen.csv"
    path.write_text(FUNNEL, encoding="utf-8")
    result = invoke("actuals", "retail-bank-200k", str(path), "--design", "in-message")
    assert result.exit_code == 1
    assert "outside the prediction: identified, the whole funnel" in result.stderr
    lines = result.stdout.splitlines()
    assert [line for line in lines[:-2] if cell_len(line) > WIDTH] == []
    text = " ".join(result.stdout.split())
    assert "ROWS LEFT OUT 1 of 2" in text
    assert "delivered 600 is more than sent 590" in text
    assert "WHICH ASSUMPTION BROKE 1. Identified / clicked" in text
    assert re.search(
        r"PREDICTION ✘ \d of 5 outside what was predicted; the whole funnel too joint p \S+:", text
    )
    assert re.search(r"Recorded / messaged pp \u2212\d+\.\d \[\u2212\d+\.\d, \u2212\d+\.\d\]", text)
    assert re.search(r"gives \d+\.\d % \[\S+, \S+\] there and a completion of \d+\.\d % \[\S+, \S+\]", text)
    assert "--set identity.code_starts_rate=0." in text
    assert lines[-2].startswith(f"replay: sandbox actuals retail-bank-200k {path} --design in-message")
    assert "--set identity.code_starts_rate=0." in lines[-1]


@pytest.mark.wide
def test_the_json_of_actuals_and_a_prediction_that_holds(tmp_path: Path) -> None:
    """Inside: exit 0, nothing broken, no advice; the document says so with the same numbers."""
    path = tmp_path / "seen.csv"
    path.write_text(
        "metric,value,n\nengagement_rate,0.31,300\ncall_wait_busy_s,1e9,\nopen_rate,0.1,5\n", encoding="utf-8"
    )
    result = invoke("actuals", "retail-bank-200k", str(path), "--design", "in-message", "--json")
    document = json.loads(result.stdout)
    assert document["schema"] == 1
    by_name = {one["name"]: one for one in document["held"]}
    assert by_name["engagement_rate"]["inside"] is True
    assert by_name["open_rate"]["inside"] is None
    assert document["broken"] == ["call_wait_busy_s"]
    assert document["joint"] == {
        "figures": 3, "p": document["joint"]["p"], "broken": True, "family_wise_error": 0.05, "method": "Bonferroni"
    }  # fmt: skip
    assert document["joint"]["p"] == by_name["call_wait_busy_s"]["p_joint"] < 0.05
    gap = by_name["engagement_rate"]["difference"]
    assert gap["low"] < 0.0 < gap["high"]
    assert gap["value"] == pytest.approx(0.31 - by_name["engagement_rate"]["prediction"]["value"])
    assert by_name["open_rate"]["difference"] == {"value": None, "low": None, "high": None}
    assert document["notes"] == []
    path.write_text("metric,value,n\nengagement_rate,0.31,300\n", encoding="utf-8")
    held = invoke("actuals", "retail-bank-200k", str(path), "--design", "in-message")
    assert "cannot tell" not in held.stdout  # no funnel, no gap
    assert held.exit_code == 0
    assert "✔ all 1 inside what was predicted" in held.stdout
    assert held.stdout.splitlines()[-1].startswith(
        "next:   sandbox pilot-plan retail-bank-200k --design in-message"
    )


@pytest.mark.wide
def test_the_json_of_a_funnel_has_the_whole_beside_its_stages(tmp_path: Path) -> None:
    """The gap carries its interval, and the joint p of six figures is six times the smallest."""
    path = tmp_path / "seen.csv"
    path.write_text(FUNNEL, encoding="utf-8")
    document = json.loads(
        invoke("actuals", "retail-bank-200k", str(path), "--design", "in-message", "--json").stdout
    )
    gap, advice = document["gap"], document["advice"]
    assert gap["low"] < gap["value"] < gap["high"] < 0.0
    assert gap["prediction"]["low"] < gap["predicted"] < gap["prediction"]["high"]
    assert (gap["inside"], document["joint"]["broken"], document["joint"]["figures"]) == (False, True, 6)
    smallest = min(gap["p"], *(one["p"] for one in document["held"]))
    assert document["joint"]["p"] == pytest.approx(6 * smallest)
    assert document["level_each"] == pytest.approx(1 - 0.05 / 6)
    for name in ("gives", "primary"):
        assert advice[f"{name}_low"] < advice[name] < advice[f"{name}_high"]


def test_what_a_step_has_to_show_as_predicted_has_an_interval() -> None:
    """A rate when all have moved, and a difference that goes the wrong way, stand with their intervals."""
    found = plan()
    wrong = Estimate(-0.05, -0.08, -0.02, 10, 0.03)
    steps = [replace(step, difference=wrong) if step.difference else step for step in found.steps]
    text = " ".join(" ".join(ramp_lines(replace(found, steps=tuple(steps)), 200)).split())
    assert "as predicted (\u22125.0 [\u22128.0, \u22122.0] pp to the other arm)" in text
    last = found.steps[-1].pilot
    assert last is not None
    assert last.low is not None
    assert re.search(r"100 %: [a-z ]+ as predicted \(\d+\.\d % \[\d+\.\d, \d+\.\d\]\)", text)


@pytest.mark.wide
def test_a_gap_of_stages_that_all_hold_is_laid_to_none_of_them(tmp_path: Path) -> None:
    """Shares of a gap stand beside the words that noise may have made them; not where a stage is outside."""
    path = tmp_path / "seen.csv"
    inside = "triggered,sent,delivered,clicked,verified,acted,posted\n60,60,58,17,16,12,12\n"
    for funnel, told in ((inside, True), (FUNNEL, False)):
        path.write_text(funnel, encoding="utf-8")
        result = invoke("actuals", "retail-bank-200k", str(path), "--design", "in-message")
        text = " ".join(result.stdout.split())
        assert "WHAT EXPLAINS THE GAP" in text
        assert result.exit_code == (0 if told else 1)
        assert ("behind the gap these counts cannot tell" in text) is told
