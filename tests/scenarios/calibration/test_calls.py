"""`--calls` beside what a scenario or its user says of the same call centre in another way."""

from __future__ import annotations

import pytest

from sandbox.errors import BadInput
from scenarios.run import CompareRequest, prepare
from scenarios.world.library import scenario_path
from scenarios.world.spec import load_scenario

HEADER = "interval_start,interval_min,offered,answered,abandoned,asa_s,mean_wait_abandoned_s,aht_s\n"
SHIFT = '{start: "08:00", end: "18:00", agents: 9}'
OWN = f"""extends: retail-bank-200k
scenario: my
call_centre:
  agents: null
  shifts: [{SHIFT}]
  shrinkage: 0.3
  patience_s_mean: {{campaign: null, other: null}}
  patience_hazard:
    campaign: [{{until_s: 20, per_1000_s: 3.5}}, {{per_1000_s: 2.0}}]
    other: [{{per_1000_s: 2.5}}]
"""


@pytest.fixture
def report(write) -> str:
    """A report of two half hours on three days."""
    rows = [
        f"2026-03-0{day} {clock},30,40,36,4,20,40,180\n" for day in (2, 3, 4) for clock in ("09:00", "09:30")
    ]
    return write("intervals.csv", HEADER + "".join(rows))


def prepared(scenario: str, report: str, *settings: str):
    """The scenario and the report as a comparison would use them."""
    found, calls = prepare(CompareRequest(scenario, settings, calls=report))
    assert calls is not None
    return found, calls


def test_the_report_staffs_the_headline_scenario(report: str):
    """Effective agents are those inferred, half hour by half hour; callers who came back are inside the report."""
    scenario, _ = prepared("retail-bank-200k", report)
    centre = scenario.document.call_centre
    assert centre.shifts is None
    assert scenario.document.agents_per_half_hour == centre.agents
    assert len(centre.agents) == 2
    assert (centre.redial.rate_other, centre.redial.next_day_rate_other) == (0.0, 0.0)
    assert centre.redial.next_day_rate > 0
    assert (
        len(set(centre.other_traffic.weekday_factors)) == 1
    )  # the report's day-to-day variation holds its weekdays


def test_the_report_stands_in_for_shifts_and_hazard_and_says_so(write, report: str):
    """A scenario with shifts, shrinkage and a hazard takes agents and patience from the report, net of both."""
    path = write("my.yaml", OWN)
    scenario, calls = prepared(path, report)
    centre = scenario.document.call_centre
    assert (centre.shifts, centre.shrinkage, centre.patience_hazard.other) == (None, 0.0, None)
    assert scenario.document.agents_per_half_hour == centre.agents
    assert centre.patience_s_mean.other is not None
    assert centre.patience_hazard.campaign is not None
    said = "\n".join(calls.lines)
    assert "The report stands in for what the scenario says under " in said
    for path in ("call_centre.shifts", "call_centre.shrinkage", "call_centre.patience_hazard.other"):
        assert path in said
    assert "Campaign callers keep the scenario's patience (485.5 s)" in said


def test_what_the_user_sets_wins_over_the_report(write, report: str):
    """Shifts and a hazard on the command line replace what was inferred; a plain number does too."""
    shifts = ("call_centre.shifts=[" + SHIFT + "]", "call_centre.shrinkage=0.2", "calendar.open='08:00'")
    wide = ("calendar.close='18:00'", f"call_centre.other_traffic.half_hour_weights={[1] * 20}")
    scenario, _ = prepared("retail-bank-200k", report, *shifts, *wide)
    assert scenario.document.call_centre.agents is None
    assert scenario.document.agents_per_half_hour == pytest.approx([7.2] * 20)
    hazard, _ = prepared("retail-bank-200k", report, "call_centre.patience_hazard.other=[{per_1000_s: 4}]")
    assert hazard.document.call_centre.patience_s_mean.other is None
    agents, _ = prepared(write("my.yaml", OWN), report, "call_centre.agents=5")
    assert agents.document.agents_per_half_hour == (5, 5)


def test_a_file_without_agents_can_take_them_from_a_report(write, report: str):
    """The key may be missing altogether, in a file that extends no other: the report adds it."""
    shipped = scenario_path("retail-bank-200k").read_text(encoding="utf-8")
    start, end = shipped.index("  agents: "), shipped.index("  other_traffic:")
    text = f"{shipped[:start]}  shifts: [{SHIFT}]\n{shipped[end:]}".replace(
        "scenario: retail-bank-200k", "scenario: alone"
    )
    path = write("alone.yaml", text)
    assert load_scenario(path).document.agents_per_half_hour == (9.0,) * 20
    scenario, _ = prepared(path, report)
    assert len(scenario.document.agents_per_half_hour) == 2
    assert scenario.document.call_centre.shifts is None


def test_a_setting_that_is_none_is_told_beside_a_report(report: str):
    """A slip of the keyboard is told the same way with a report as without."""
    with pytest.raises(BadInput, match="found 'seed'; allowed: PATH=VALUE"):
        prepare(CompareRequest("retail-bank-200k", ("seed",), calls=report))


def test_a_call_log_in_place_of_a_report_is_sent_to_calibrate(write):
    """Somebody with single calls is told what takes them."""
    log = write("calls.csv", "arrived_at,wait_s,outcome,handling_s\n2026-03-02 09:00,1,answered,60\n")
    with pytest.raises(BadInput, match="looks like a call-level log; allowed: sandbox calibrate"):
        prepare(CompareRequest("retail-bank-200k", (), calls=log))


def test_a_factor_comes_on_top_of_the_report(report: str):
    """It multiplies the agents inferred from the report, not those the report takes the place of."""
    plain, _ = prepare(CompareRequest("retail-bank-200k", calls=report))
    more, _ = prepare(CompareRequest("retail-bank-200k", ("call_centre.agents*=2",), calls=report))
    twice = [2 * agents for agents in plain.document.agents_per_half_hour]
    assert more.document.agents_per_half_hour == pytest.approx(twice)
