"""`sandbox limit` and `sandbox staff` on a tiny campaign: the answers, their text and JSON, and what is refused."""

from __future__ import annotations

import json
import shlex
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from scenarios.executor import InThisProcess
from scenarios.limits.limit import LimitRequest, Limits, TheoryLimit, find_limits, plan_limits
from scenarios.limits.send_shapes import ShapeCheck, check_shapes, propose
from scenarios.limits.staffing_plan import StaffRequest, plan_staffing
from scenarios.limits.staffing_search import StaffFound, find_staffing
from scenarios.progress import RunsAhead, TaskProgress
from scenarios.result import Metric
from scenarios.run import CompareRequest
from scenarios.world.spec import load_scenario
from tests.cli.wording import as_said
from tui.cli.limit_json import limits_json, staff_json
from tui.cli.limit_next import next_command
from tui.cli.limit_text import limits_text
from tui.cli.main import app
from tui.cli.orders import Order
from tui.cli.staff_text import fragment, staff_text

TINY = (
    "campaign.messages=1500",
    "campaign.touches_per_case=1",
    "calendar.working_days=10",
    "calendar.follow_up_days=3",
    "call_centre.other_traffic.calls_per_day=40",
    "call_centre.agents=2",
)
KEEP = ("call_abandonment_rate<0.15",)
ORDER = Order("limit", "retail-bank-200k", TINY)
WIDTH = 100


def tiny(designs: tuple[str, ...], replications: int = 1, *settings: str) -> CompareRequest:
    """The tiny campaign in this process."""
    return CompareRequest("retail-bank-200k", (*TINY, *settings), designs, None, replications, 1)


@pytest.fixture(scope="module")
def found() -> tuple[Limits, dict[str, TheoryLimit]]:
    """The limit of one design, and what theory said before."""
    request = LimitRequest(tiny(("sms-to-call",)), KEEP, "campaign.messages", "400:4000", 400)
    said: list[dict[str, TheoryLimit]] = []
    limits = find_limits(plan_limits(request), lambda _: None, lambda: False, said.append)
    return limits, said[0]


@pytest.fixture(scope="module")
def staffed() -> StaffFound:
    """The fewest agents of the tiny campaign's in-message design."""
    request = StaffRequest(tiny(("in-message",)), KEEP)
    return find_staffing(plan_staffing(request), lambda _: None, lambda: False)


def words(text: str) -> str:
    """A text without its line breaks."""
    return " ".join(text.split())


def test_the_next_command_keeps_to_the_cases_of_a_case_file(found: tuple[Limits, Any]) -> None:
    """A limit beyond what the file's cases make is no volume to compare; one within it, or of a setting else, is."""
    limits = replace(found[0], current=None)
    furthest = next(one.value for one in limits.designs.values())
    assert furthest is not None
    for most, vary, varied in (
        (None, limits.vary, True),
        (furthest, limits.vary, True),
        (furthest - 1, limits.vary, False),
        (furthest - 1, "call_centre.other_traffic.calls_per_day", True),
        (furthest - 1, "campaign.messages*", False),
    ):
        command = next_command(replace(limits, messages_most=most, vary=vary), ORDER)[0]
        assert (f"{vary}={furthest}" in command) is varied


@pytest.mark.wide
def test_a_limit_is_confirmed_on_fresh_runs_and_the_next_value_is_not(found: tuple[Limits, Any]) -> None:
    """At the limit the whole interval lies below the line; one step on it does not, or the range ends."""
    limits, _ = found
    one = limits.designs["sms-to-call"]
    assert one.kind == "within"
    at, on = one.confirmed(one.value), one.refused
    assert at is not None
    assert at.metrics[0].high is not None
    assert at.metrics[0].high < 0.15
    assert on is not None
    assert on.metrics[0].verdict != "pass"
    assert on.value > (one.value or 0)


def test_theory_is_told_before_and_stands_beside_every_run(
    found: tuple[Limits, dict[str, TheoryLimit]],
) -> None:
    """The preview names a limit of its own first; every value run has a figure of theory's near the simulation's."""
    limits, said = found
    assert set(said) == set(limits.designs)
    one = limits.designs["sms-to-call"]
    assert one.theory is not None
    for point in one.points:
        (theory,) = one.theory.curve[point.value]
        simulated = point.metrics[0].value
        assert theory is not None
        assert simulated is not None
        assert abs(theory - simulated) < 0.12
    assert "calls caused by late, lost or wrong items of the back office" in one.left_out


@pytest.mark.wide
def test_the_text_answers_first_and_can_be_run_again(found: tuple[Limits, Any]) -> None:
    """Limit, preview, curve and every run inside the window; replay and one next command close it."""
    limits, _ = found
    text = limits_text(limits, [], ORDER, "sandbox limit x", WIDTH)
    one = limits.designs["sms-to-call"]
    lines = text.splitlines()
    assert lines[0] == "How far campaign.messages may go"
    for head in ("LIMITS", "CURVE", "RUNS", "HOW SURE"):
        assert any(line.startswith(head) for line in lines)
    assert f"{one.value:,}" in text
    assert "Erlang-A preview" in text
    assert "simulation: " in words(text)
    assert "● sms-to-call   ╌╌ 15.0 %" in text
    assert sum(" confirm " in line for line in lines) == sum(
        point.stage == "confirm" for design in limits.designs.values() for point in design.points
    )
    assert max(map(len, lines[:-2])) <= 120
    assert lines[-2] == "replay: sandbox limit x"
    assert shlex.split(lines[-1].removeprefix("next:").split("   (")[0])[:2] in (
        ["sandbox", "staff"],
        ["sandbox", "compare"],
    )


def test_the_json_holds_the_curve_with_its_stages(found: tuple[Limits, Any]) -> None:
    """Answer, direction, preview and every point; the same document whatever the run's order."""
    limits, _ = found
    document = json.loads(json.dumps(limits_json(limits, [], "again")))
    design = document["designs"]["sms-to-call"]
    assert document["schema"] == 1
    assert document["keep"] == [{"metric": "call_abandonment_rate", "comparator": "<", "threshold": 0.15}]
    assert design["limit"] == limits.designs["sms-to-call"].value
    assert design["direction"] == "largest"
    assert {point["stage"] for point in design["curve"]} == {"search", "confirm"}
    assert all(len(point["metrics"]) == len(point["preview"]) == 1 for point in design["curve"])


@pytest.mark.wide
def test_fewest_agents_are_confirmed_and_fewer_than_today(staffed: StaffFound) -> None:
    """The answer keeps the condition on fresh runs with fewer agent hours; theory's staffing stands beside it."""
    assert staffed.kind == "within"
    assert staffed.agents is not None
    assert len(staffed.agents) == len(staffed.starts) == len(staffed.today) == 20
    assert staffed.confirmed[0].verdict == "pass"
    assert staffed.hours(staffed.today) == 20.0
    assert (staffed.hours(staffed.agents) or 99) < 20.0
    assert staffed.theory is not None
    assert min(staffed.agents) >= 1


@pytest.mark.wide
def test_one_set_of_workers_serves_the_whole_search(
    staffed: StaffFound, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every round goes to the workers hired for the first, and who they are changes nothing of the answer."""
    hired: list[int] = []

    class Pool(InThisProcess):
        def __init__(self, jobs: int) -> None:
            hired.append(jobs)

    monkeypatch.setattr("scenarios.process_pool.ProcessPool", Pool)
    request = StaffRequest(replace(tiny(("in-message",)), jobs=2), KEEP)
    told: list[RunsAhead] = []
    ended: list[TaskProgress] = []
    again = find_staffing(plan_staffing(request), ended.append, lambda: False, told.append)
    assert hired == [2]
    assert again == staffed
    runs = sum(one.done for one in ended)
    assert len(told) >= 3
    assert told[0].likely <= told[0].most
    assert runs <= told[0].most
    assert told[-1].most <= told[0].most


def test_the_staffing_is_a_scenario_compare_accepts(staffed: StaffFound, tmp_path: Path) -> None:
    """The fragment loads as the same world with these agents, and the printed settings say the same."""
    path = tmp_path / "staffed.yaml"
    path.write_text(fragment(staffed, "retail-bank-200k", "made so"), encoding="utf-8")
    loaded = load_scenario(str(path))
    assert loaded.document.call_centre.agents == staffed.agents
    assert not loaded.expectations
    assert load_scenario("retail-bank-200k", staffed.settings).document.call_centre.agents == staffed.agents


@pytest.mark.wide
def test_the_text_of_a_staffing(staffed: StaffFound) -> None:
    """Today, theory and simulation beside each other by half hour, and the commands to try it."""
    text = staff_text(staffed, ORDER, ("sandbox staff x", None), WIDTH)
    lines = text.splitlines()
    assert sum(line[2:7] in staffed.starts for line in lines) == 20
    assert any(line.strip().startswith("today") for line in lines)
    assert "Erlang-A preview" in text
    assert "call_centre.agents=[" in text
    assert max(map(len, lines[:-2])) <= 120
    document = json.loads(json.dumps(staff_json(staffed, "again")))
    assert [row["agents"] for row in document["half_hours"]] == list(staffed.agents or ())
    assert document["agent_hours_a_day"]["today"] == 20.0


def test_shifts_make_way_for_agents() -> None:
    """On a scenario with shifts the answer's settings take them out, and heads are counted before shrinkage."""
    plan = plan_staffing(StaffRequest(CompareRequest("retail-bank-shifts"), KEEP))
    assert plan.design == "sms-to-call"
    settings = plan.settings([9] * 20)
    assert settings == {"call_centre.shifts": None, "call_centre.agents": [9] * 20}
    world = plan.world([9] * 20)
    assert world.document.agents_per_half_hour == pytest.approx((6.3,) * 20)


def test_a_proposed_shape_lies_in_window_and_opening_hours() -> None:
    """No send before the lines open or after they close, shares of one day, and no higher peak than today's."""
    scenario = load_scenario("retail-bank-200k")
    today, proposed = propose(scenario, "sms-to-call")
    hour, minute = map(int, proposed.send_from.split(":"))
    assert hour * 60 + minute >= 8 * 60
    assert hour * 60 + minute + 60 * len(proposed.weights) <= 18 * 60
    assert sum(proposed.weights) == pytest.approx(1.0, abs=0.01)
    assert proposed.peak_load < today.peak_load
    assert proposed.abandonment_rate < today.abandonment_rate


@pytest.mark.slow
def test_a_shape_is_simulated_beside_today_s_with_its_own_limit() -> None:
    """Both shapes on the same customers, the limit under each, and the settings that make the proposal."""
    request = LimitRequest(tiny(("sms-to-call",), 1), KEEP, "campaign.messages", "500:2500", 1000)
    plan = plan_limits(request)
    limits = find_limits(plan, lambda _: None, lambda: False)
    (check,) = check_shapes(plan, limits.designs, lambda _: None, lambda: False)
    assert isinstance(check, ShapeCheck)
    assert all(isinstance(one, Metric) for pair in check.simulated.values() for one in pair)
    assert set(check.differences) <= set(check.simulated)
    text = limits_text(limits, [check], ORDER, "again", WIDTH)
    assert "SEND SHAPE   sms-to-call at 1,500 messages" in text
    assert "campaign.send_weights=[" in text
    changed = load_scenario("retail-bank-200k", check.settings).document.campaign
    assert changed.send_from == check.proposed.send_from
    assert changed.send_weights == check.proposed.weights
    assert json.dumps(limits_json(limits, [check], "again"))


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (["limit", "--keep", "call_abandonment_rate<10%"], "write 0.1"),
        (["limit", "--keep", "abandonment<0.1"], "unknown metric"),
        (["limit", "--keep", "abandonment<0.1"], "Next: `sandbox metrics` lists every metric"),
        (
            ["limit", "--keep", "call_abandonment_rate<0.1", "--vary", "x.y"],
            "--settings` lists every setting",
        ),
        (["limit", "--keep", "call_abandonment_rate<0.1", "--vary", "campaign.mesages"], "did you mean"),
        (["limit", "--keep", "call_abandonment_rate<0.1", "--between", "9:1"], "LOW:HIGH, LOW below HIGH"),
        (["limit", "--keep", "call_abandonment_rate<0.1", "--between", "1:5"], "touches_per_case"),
        (["staff", "--keep", "call_abandonment_rate<0.1", "--design", "prtal"], "did you mean 'portal'"),
    ],
)
def test_wrong_orders_end_with_two_and_a_way_on(given: list[str], said: str) -> None:
    """What was found, what is allowed, and the next step; nothing is run."""
    result = CliRunner().invoke(app, [given[0], "retail-bank-200k", *given[1:]])
    assert result.exit_code == 2
    assert said in result.stderr
    assert "Next: " in result.stderr


def asked(designs: str) -> Result:
    """A limit of a metric that a call has not, at two values of the tiny campaign."""
    settings = [word for one in TINY for word in ("--set", one)]
    grid = ["--keep", "click_rate>0.01", "--between", "400:800", "--step", "400"]
    effort = ["--designs", designs, "--replications", "1", "--jobs", "1", "--no-save"]
    return CliRunner().invoke(app, ["limit", "retail-bank-200k", *grid, *effort, *settings])


def test_a_metric_no_design_asked_for_has_is_a_wrong_question() -> None:
    """Exit code 2, whose metric it is not, and where to look; nothing is printed as if it were an answer."""
    result = asked("sms-to-call")
    assert result.exit_code == 2
    assert result.stdout == ""
    assert "--keep click_rate > 0.01: Clicks has no value in sms-to-call; allowed: a metric" in as_said(
        result.stderr
    )
    assert "Next: `sandbox metrics` says what each metric is counted of" in as_said(result.stderr)


@pytest.mark.wide
def test_a_metric_some_design_has_is_answered_for_that() -> None:
    """Exit code 0: the table says of whom it is not, and the other has its limit."""
    result = asked("sms-to-call,in-message")
    assert result.exit_code == 0
    text = as_said(result.stdout)
    assert "sms-to-call does not apply" in text
    assert "sms-to-call: Clicks has no value in this design" in text
    assert "in-message kept at" in text
    assert "--designs sms-to-call,in-message --replications 1" in text.partition("next:")[2]


def test_a_factor_on_the_agents_does_not_touch_those_the_search_puts_there() -> None:
    """The staffings tried, and those of a limit's grid, replace what a factor made of today's agents."""
    world = CompareRequest("retail-bank-200k", ("call_centre.agents*=0.5",), ("in-message",))
    plan = plan_staffing(StaffRequest(world, KEEP))
    assert plan.scenario.document.agents_per_half_hour[0] == 2
    assert plan.world([9] * 20).document.agents_per_half_hour == (9,) * 20
    limit = plan_limits(LimitRequest(world, KEEP, "call_centre.agents", "5:9"))
    assert limit.world(0).document.agents_per_half_hour == (5,) * 20
