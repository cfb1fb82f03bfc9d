"""Calibration of a call centre: known parameters come back, the fragment runs, the bank's log has its figures."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from scenarios.calibration.calibrate import calibrate
from scenarios.run import CompareRequest, compare
from scenarios.world.spec import load_scenario
from tests.repository import SHARED
from tests.scenarios.call_logs import HEADER, call_log
from tui.cli.calibration_json import calibration_document
from tui.cli.calibration_text import calibration_text

BASE = "retail-bank-200k"
REAL = SHARED / "data" / "calls_1999_01.csv"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twelve days of 600 calls before four agents; callers have a mean patience of 300 s."""
    path = tmp_path_factory.mktemp("log") / "calls.csv"
    rows = call_log(12, 600, 4, 300.0)
    path.write_text("\n".join([HEADER, *rows, "2026-03-02 12:00,5,phantom,"]) + "\n", encoding="utf-8")
    return path


def test_known_patience_and_handling_come_back_from_a_log(made: Path) -> None:
    """Censored waits give the patience that drew them back; handling is the lognormal it was."""
    found = calibrate(str(made), BASE)
    assert found.calls is not None
    patience, handling = found.calls.patience, found.calls.handling
    assert patience.exponential_mean_s == pytest.approx(300, rel=0.08)
    assert patience.exponential_low_s < 300 < patience.exponential_high_s  # type: ignore[operator]
    assert patience.km_median_s == pytest.approx(300 * 0.693, rel=0.12)
    assert patience.weibull is not None
    assert patience.weibull.shape == pytest.approx(1.0, abs=0.08)
    assert handling is not None
    assert handling.lognormal is not None
    assert handling.lognormal.sigma == pytest.approx(0.9, abs=0.03)
    assert found.dirty[0].problems == ("outcome: found 'phantom'; allowed are answered and abandoned",)


def test_the_fragment_is_a_scenario_that_reproduces_its_own_history(made: Path, tmp_path: Path) -> None:
    """Written to a file it loads, carries its sources, and compare finds the log's figures again before it runs."""
    found = calibrate(str(made), BASE)
    path = tmp_path / "bank.yaml"
    path.write_text(found.fragment.to_yaml("bank"), encoding="utf-8")
    scenario = load_scenario(str(path))
    assert scenario.document.history.is_given
    assert scenario.expectations == []
    sources = {origin.path: origin.source for origin in scenario.provenance}
    assert sources["call_centre.other_traffic.calls_per_day"] == "measured"
    assert sources["call_centre.agents"] == "fitted-to-case"
    request = CompareRequest(str(path), ("campaign.messages=200",), ("sms-to-call",), replications=2, jobs=1)
    result = compare(request, lambda _: None, lambda: False)
    assert result.baseline_check is not None
    assert all(measure.reproduced for measure in result.baseline_check.measures)
    assert len(result.baseline_check.measures) == 5


def test_the_same_centre_as_report_and_as_log_has_the_same_traffic_and_patience(
    made: Path, tmp_path: Path
) -> None:
    """An interval report made of the log gives the settings both kinds share, under other headers too."""
    from scenarios.calibration.call_arrivals import as_report
    from scenarios.calibration.call_log import read_call_log

    lines = ["Start,Minutes,Calls Offered,Handled,Abandons,ASA,mean_wait_abandoned_s,AHT"]
    lines += [
        f"{row.start},{row.minutes},{row.offered},{row.answered},{row.abandoned},"
        f"{row.asa_s or 0:.4f},{row.mean_wait_abandoned_s or 0:.4f},{row.aht_s or 0:.4f}"
        for row in as_report(read_call_log(made)).rows
    ]
    path = tmp_path / "intervals.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    report, log = calibrate(str(path), BASE), calibrate(str(made), BASE)
    assert report.kind == "intervals"
    assert report.report is not None
    assert log.calls is not None
    assert report.report.patience_s == pytest.approx(log.calls.patience.exponential_mean_s, rel=1e-4)
    settings = {one.path: one.value for one in report.fragment.settings}
    shared = {one.path: one.value for one in log.fragment.settings}
    for setting in ("call_centre.other_traffic.calls_per_day", "call_centre.agents"):
        assert settings[setting] == pytest.approx(shared[setting], rel=2e-3)


def test_a_week_of_mondays_to_fridays_gives_weekday_factors(made: Path) -> None:
    """Where the working days are the calendar's, their levels are set apart from the day's own."""
    settings = {one.path: one.value for one in calibrate(str(made), BASE).fragment.settings}
    factors = settings["call_centre.other_traffic.weekday_factors"]
    assert len(factors) == 5  # type: ignore[arg-type]
    assert sum(factors) / 5 == pytest.approx(1.0)  # type: ignore[arg-type]


def test_redials_are_seen_by_caller_and_taken_out_of_the_traffic(tmp_path: Path) -> None:
    """Half of the leavers call again after ten minutes: the rate, the delay and the thinner traffic say so."""
    rows = []
    for number in range(90):
        minute = number % 30
        day = f"2026-03-{2 + number // 30:02d}"
        rows.append(f"{day} 09:{minute:02d}:00,60,abandoned,,c{number}")
        if number % 2:
            rows.append(f"{day} 09:{minute + 11:02d}:00,5,answered,100,c{number}")
    path = tmp_path / "calls.csv"
    path.write_text("\n".join([f"{HEADER},caller_id", *rows]) + "\n", encoding="utf-8")
    found = calibrate(str(path), BASE)
    assert found.calls is not None
    redial = found.calls.redial
    assert redial is not None
    assert (redial.identified, redial.again, redial.rate) == (90, 45, 0.5)
    assert redial.delay_min_median == pytest.approx(10.0)
    settings = {one.path: one.value for one in found.fragment.settings}
    assert settings["call_centre.redial.rate_other"] == 0.5
    assert settings["call_centre.other_traffic.calls_per_day"] == pytest.approx(30)
    assert not any("Repeat callers" in text for text in found.limits)


@pytest.mark.parametrize("base", [BASE, "retail-bank-shifts"])
@pytest.mark.parametrize("tail", ["answered,60", "abandoned,"])
def test_a_log_that_cannot_show_agents_leaves_the_scenarios_own(tmp_path: Path, base: str, tail: str) -> None:
    """Nobody left, or nobody was answered: staffing and hours stay, nothing is held as history, and it is said."""
    path = tmp_path / "calls.csv"
    rows = [f"2026-03-0{2 + n % 3} 09:{n:02d}:00,{1 + n % 7},{tail}" for n in range(60)]
    path.write_text("\n".join([HEADER, *rows]) + "\n", encoding="utf-8")
    found = calibrate(str(path), base)
    made, own = found.fragment.check().document, load_scenario(base).document
    assert made.agents_per_half_hour == own.agents_per_half_hour
    assert (made.calendar.open, made.history.is_given) == (own.calendar.open, False)
    assert any(text.startswith("Agents: nobody") for text in found.limits)
    assert calibration_text(found, None, 80, "", None)


def test_nothing_of_a_caller_comes_out(tmp_path: Path) -> None:
    """Ids of callers are in no text, no JSON and no fragment."""
    rows = [
        f"2026-03-0{2 + n % 3} 09:{n % 60:02d}:{n % 50:02d},{30 + n},abandoned,,secret{n}" for n in range(60)
    ]
    rows += [
        f"2026-03-0{2 + n % 3} 10:{n % 60:02d}:{n % 50:02d},{n},answered,{90 + n},secret{n}"
        for n in range(60)
    ]
    rows.append("2026-03-02 11:00,x,answered,30,secret99")
    path = tmp_path / "calls.csv"
    path.write_text("\n".join([f"{HEADER},caller_id", *rows]) + "\n", encoding="utf-8")
    found = calibrate(str(path), BASE)
    told = calibration_text(found, None, 100, "sandbox calibrate calls.csv", None)
    told += json.dumps(calibration_document(found, None)) + found.fragment.to_yaml("bank")
    assert "secret" not in told


@pytest.mark.skipif(not REAL.exists(), reason="the bank's log is not part of the project")
def test_the_banks_month_has_its_published_figures() -> None:
    """Mean patience, Kaplan-Meier median and lognormal sigma of the Anonymous Bank's January 1999."""
    document = json.loads(json.dumps(calibration_document(calibrate(str(REAL), BASE), None)))
    assert document["patience"]["exponential_mean_s"] == pytest.approx(367, abs=5)
    assert document["patience"]["km_median_s"] == pytest.approx(311, abs=10)
    assert document["handling"]["lognormal_sigma"] == pytest.approx(0.93, abs=0.02)
    assert document["handling"]["short_calls"] == 1_510
    assert document["rows"]["dirty"] == []
    assert document["arrivals"]["days_missing"] == ["1999-01-11", "1999-01-12"]
    shares = {point["at_s"]: point["still_waiting"] for point in document["patience"]["km"]}
    published = {30: 0.909, 60: 0.831, 120: 0.727, 180: 0.641, 300: 0.515, 600: 0.347}
    assert {at: shares[at] for at in published} == pytest.approx(published, abs=0.003)


def test_what_one_day_cannot_show_is_not_called_measured(tmp_path: Path) -> None:
    """How days differ stays the scenario's, agents are inferred for it, and rates nobody saw are set aside."""
    path = tmp_path / "calls.csv"
    path.write_text("\n".join([HEADER, *call_log(1, 600, 4, 300.0)]) + "\n", encoding="utf-8")
    found = calibrate(str(path), BASE)
    settings = {one.path: one for one in found.fragment.settings}
    assert "call_centre.other_traffic.day_multiplier_cv" not in settings
    assert any("How days differ: there is one working day" in text for text in found.limits)
    assert settings["call_centre.redial.rate_other"].source == "set aside"
    assert settings["call_centre.balk_rate"].source == "set aside"
    assert settings["call_centre.agents"].source == "fitted-to-case"
    assert found.calls is not None
    assert found.calls.arrivals.day.day_cv is None
    text = calibration_text(found, None, 100, "sandbox calibrate calls.csv", None)
    assert "one working day: how days differ" in text
    taken = found.fragment.check().document.call_centre
    base = load_scenario(BASE).document.call_centre.other_traffic
    assert taken.other_traffic.day_multiplier_cv == base.day_multiplier_cv > 0
    steady = calibrate(str(path), _steady(tmp_path)).fragment.check().document.call_centre
    assert sum(steady.agents or []) < sum(
        taken.agents or []
    )  # days that differ lose more for the same agents
    written = found.fragment.to_yaml("bank")
    assert 'balk_rate: {value: 0, source: assumption, note: "set aside: ' in written


def _steady(folder: Path) -> str:
    """The scenario with days that are all alike."""
    path = folder / "steady.yaml"
    path.write_text(
        f"scenario: steady\nextends: {BASE}\ncall_centre: {{other_traffic: {{day_multiplier_cv: 0}}}}\n",
        encoding="utf-8",
    )
    return str(path)
