"""What an interval report gives: `calibrate` and `--calls` take the same, and neither says more than it shows."""

from __future__ import annotations

import json
import math
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import t as student

from scenarios.calibration.acd_profile import WorkingDay, working_day
from scenarios.calibration.acd_rows import AcdReport, read_report
from scenarios.calibration.calibrate import Calibration, calibrate
from scenarios.calibration.fragment import plain
from scenarios.calls import CallsReport, read_calls
from scenarios.result import Provenance
from scenarios.run import CompareRequest, prepare
from scenarios.world.spec import load_scenario
from tests.scenarios.interval_reports import interval_report, mondays_busier, written
from tui.cli.calibration_json import calibration_document
from tui.cli.calibration_text import calibration_text

BASE = "retail-bank-200k"
TRAFFIC = "call_centre.other_traffic"
WEEKDAYS, DAY_CV = f"{TRAFFIC}.weekday_factors", f"{TRAFFIC}.day_multiplier_cv"


def read(folder: Path, text: str) -> tuple[Calibration, CallsReport]:
    """A report as both commands read it."""
    path = str(written(folder, text))
    return calibrate(path, BASE), read_calls(path, load_scenario(BASE))


def shown(found: Calibration) -> str:
    """What `calibrate` prints, its lines joined."""
    return " ".join(calibration_text(found, None, 80, "sandbox calibrate intervals.csv", None).split())


def values(found: Calibration) -> dict[str, object]:
    """Settings by path, as the fragment has them."""
    return {one.path: plain(one.value) for one in found.fragment.settings}


def origins(path: Path, *settings: str) -> dict[str, Provenance]:
    """Where the numbers of a comparison with `--calls` come from, by path."""
    scenario, calls = prepare(CompareRequest(BASE, settings, calls=str(path)))
    assert calls is not None
    return {origin.path: origin for origin in calls.provenance(scenario.provenance, settings)}


REPORTS = {
    "busy Mondays": interval_report(mondays_busier(30, 18)),
    "days that differ": interval_report(mondays_busier(30, 18), factors=(1.0, 1.4, 0.7)),
    "Mondays stand out": interval_report(mondays_busier(40, 18)),
    "Mondays alone": interval_report({0: 40}),
    "one day": interval_report({0: 40}, days=1),
    "one week": interval_report(mondays_busier(30, 18), days=7),
    "a quiet Saturday": interval_report(mondays_busier(30, 20, saturday=8)),
}


@pytest.mark.parametrize("text", REPORTS.values(), ids=REPORTS)
def test_calls_takes_what_calibrate_takes(tmp_path: Path, text: str) -> None:
    """The same settings with the same values and sources, whatever the report covers."""
    found, calls = read(tmp_path, text)
    assert calls.settings == values(found)
    assert calls.found == found.fragment.settings


@pytest.mark.parametrize("text", REPORTS.values(), ids=REPORTS)
def test_a_comparison_says_of_every_number_what_calibrate_says(tmp_path: Path, text: str) -> None:
    """Sources under `provenance` are those of `calibrate`, and no range of the replaced number is left."""
    found, _ = read(tmp_path, text)
    came = origins(tmp_path / "intervals.csv")
    told = [one for one in found.fragment.settings if one.path in came]
    assert len(told) >= 7
    assert {one.path: (one.source, one.range) for one in told} == {
        one.path: (came[one.path].source, came[one.path].range) for one in told
    }


def test_a_number_the_user_sets_is_the_users_even_if_the_report_says_the_same(tmp_path: Path) -> None:
    """Nobody balks because the user says so, not because the report cannot tell."""
    path = written(tmp_path, REPORTS["busy Mondays"])
    assert origins(path)["call_centre.balk_rate"].source == "set aside"
    assert origins(path)["call_centre.redial.rate_other"].source == "set aside"
    assert origins(path, "call_centre.balk_rate=0")["call_centre.balk_rate"].source == "set by user"


def test_a_known_monday_peak_is_no_noise(tmp_path: Path) -> None:
    """Weekday levels come back, and what is left from day to day is what differs within a weekday."""
    found, _ = read(tmp_path, REPORTS["busy Mondays"])
    assert values(found)[WEEKDAYS] == pytest.approx([30 / 20.4, *[18 / 20.4] * 4], rel=1e-5)
    assert values(found)[DAY_CV] == 0
    assert re.search(
        r"their mean 1: Mon 1\.47 \[1\.\d\d, 1\.\d\d\], Tue 0\.88 \[0\.\d\d, 0\.\d\d\]", shown(found)
    )
    differing, _ = read(tmp_path, REPORTS["days that differ"])
    assert values(differing)[WEEKDAYS] == pytest.approx(values(found)[WEEKDAYS], rel=0.02)
    assert values(differing)[DAY_CV] == pytest.approx(0.27, abs=0.01)  # weeks of 1, 1.4, 0.7 and 1
    assert differing.report is not None
    assert differing.report.day.day_cv == pytest.approx(0.34, abs=0.01)


def test_the_busy_monday_stands_in_the_scenario_as_it_is_run(tmp_path: Path) -> None:
    """With `--calls` as with the fragment the scenario's Mondays are busier; agents lose what the report lost."""
    found, calls = read(tmp_path, REPORTS["busy Mondays"])
    taken = found.fragment.check().document.call_centre.other_traffic
    scenario, _ = prepare(CompareRequest(BASE, calls=str(tmp_path / "intervals.csv")))
    assert scenario.document.call_centre.other_traffic == taken
    assert taken.weekday_factors[0] / taken.weekday_factors[1] == pytest.approx(30 / 18, rel=1e-4)
    assert "Weekdays, their mean 1: Monday 1.47, Tuesday 0.88" in "\n".join(calls.lines)


def test_weekdays_left_out_are_said_with_their_calls(tmp_path: Path) -> None:
    """Four weeks with Mondays of 40 and other days of 18: the traffic is Monday's, and nobody can miss it."""
    found, calls = read(tmp_path, REPORTS["Mondays stand out"])
    document = json.loads(json.dumps(calibration_document(found, None)))
    centre = document["call_centre"]
    assert centre["figures"]["offered_per_day"] == 400
    assert centre["working_weekdays"] == ["Monday"]
    assert centre["weekdays_left_out"] == ["Tuesday", "Wednesday", "Thursday", "Friday"]
    assert centre["working_days"] == 4
    told = (
        "WARNING: Traffic and agents are of 1 of the 5 weekdays with calls (Monday): Tuesday, Wednesday, Thursday "
        "and Friday had under 50 % of the busiest weekday's calls; 64 % of all calls came then"
    )
    week = (
        "A scenario's week is Monday to Friday: on Tuesday, Wednesday, Thursday and Friday it has the calls and "
        "agents of the mean working day here (Monday)."
    )
    assert any(text.startswith(told) for text in document["not_identified"])
    assert week in document["not_identified"]
    assert any(line.startswith(told) for line in calls.lines)
    assert week in calls.lines
    text = shown(found)
    assert "of 4 working days working weekdays: Mon days differ" in text
    assert told in text


def test_a_quiet_weekend_is_told_without_alarm(tmp_path: Path) -> None:
    """A scenario has no Saturday, so its leaving out is said, once, and is no warning."""
    found, calls = read(tmp_path, REPORTS["a quiet Saturday"])
    text = shown(found)
    assert "Traffic and agents are of 5 of the 6 weekdays with calls" in text
    assert "Saturday had under 50 % of the busiest weekday's calls" in text
    assert "WARNING" not in text
    for once in (text, " ".join(calls.lines)):
        assert once.count("Saturday") == 1
    assert "A scenario's week" not in text


def test_mondays_alone_have_nothing_left_out_and_still_are_no_week(tmp_path: Path) -> None:
    """The report covers Mondays: no weekday is left out, but a scenario has four more."""
    found, _ = read(tmp_path, REPORTS["Mondays alone"])
    assert found.report is not None
    assert found.report.day.weekdays_left_out == ()
    text = shown(found)
    assert "left out of traffic" not in text
    assert (
        "on Tuesday, Wednesday, Thursday and Friday it has the calls and agents of the mean working day"
        in text
    )
    assert WEEKDAYS in {one.path for one in found.fragment.settings if one.source == "set aside"}


def test_one_day_leaves_how_days_differ_to_the_scenario(tmp_path: Path) -> None:
    """No coefficient of variation is made up of one day: the scenario's stays, and agents are inferred for it."""
    found, calls = read(tmp_path, REPORTS["one day"])
    own = load_scenario(BASE).document.call_centre.other_traffic.day_multiplier_cv
    assert DAY_CV not in calls.settings
    assert own > 0
    path = str(tmp_path / "intervals.csv")
    scenario, _ = prepare(CompareRequest(BASE, calls=path))
    assert scenario.document.call_centre.other_traffic.day_multiplier_cv == own
    assert any(
        f"the scenario's stays, a coefficient of variation of {own:.3f}" in line for line in calls.lines
    )
    assert origins(Path(path))[DAY_CV].note == next(
        origin.note for origin in load_scenario(BASE).provenance if origin.path == DAY_CV
    )
    alike = load_scenario(BASE, (f"{DAY_CV}=0",))
    fewer, more = (
        read_calls(path, one).settings["call_centre.agents"] for one in (alike, load_scenario(BASE))
    )
    assert sum(fewer) < sum(more)  # type: ignore[arg-type]  # days that differ lose more for the same agents
    assert "one working day: how days differ cannot be told" in shown(found)


def test_one_week_cannot_part_weekdays_from_days(tmp_path: Path) -> None:
    """Every weekday once: the difference may be the weekday's or the day's, and one number holds both."""
    found, _ = read(tmp_path, REPORTS["one week"])
    assert values(found)[WEEKDAYS] == [1, 1, 1, 1, 1]
    assert values(found)[DAY_CV] == pytest.approx(0.26, abs=0.02)
    assert any("no weekday was seen twice" in text for text in found.limits)


def test_weekday_levels_are_shown_where_they_can_be_told_and_nowhere_else(tmp_path: Path) -> None:
    """One week sets the factors to 1 and prints no others; four weeks print those they set, with intervals."""
    week, _ = read(tmp_path, REPORTS["one week"])
    assert "working weekdays: Mon, Tue, Wed, Thu, Fri days differ" in shown(week)
    assert "their mean 1" not in shown(week)
    told = json.loads(json.dumps(calibration_document(week, None)))["call_centre"]
    assert (told["weekday_factors_taken"], told["weekday_factors_95"]) == (False, {})
    weeks, _ = read(tmp_path, REPORTS["days that differ"])
    told = json.loads(json.dumps(calibration_document(weeks, None)))["call_centre"]
    assert told["weekday_factors_taken"] is True
    assert list(told["weekday_factors_95"]) == list(told["weekday_factors"])
    for name, ends in told["weekday_factors_95"].items():
        assert ends["low"] < told["weekday_factors"][name] < ends["high"]
    assert "not taken" not in shown(weeks)
    saturdays = interval_report({**mondays_busier(30, 18), 5: 20}, factors=(1.0, 1.2))
    six, _ = read(tmp_path, saturdays)
    assert "their mean 1 (inside how days differ, not taken: see below): Mon" in shown(six)
    assert values(six)[WEEKDAYS] == [1, 1, 1, 1, 1]


def test_every_fitted_figure_of_a_report_has_the_interval_its_days_give(tmp_path: Path) -> None:
    """Text, JSON and the settings' ranges say the same ends; a single day has none of them."""
    found, _ = read(tmp_path, REPORTS["days that differ"])
    document = json.loads(json.dumps(calibration_document(found, None)))
    centre = document["call_centre"]
    for name, ends in centre["figures_95"].items():
        assert ends["low"] <= centre["figures"][name] <= ends["high"]
    ends = centre["figures_95"]["offered_per_day"]
    days = [round(level * factor) * 10.0 for factor in (1.0, 1.4, 0.7, 1.0) for level in (30, 18, 18, 18, 18)]
    half = student.ppf(0.975, 19) * np.std(days, ddof=1) / math.sqrt(20)
    assert (ends["low"], ends["high"]) == pytest.approx((np.mean(days) - half, np.mean(days) + half))
    assert centre["day_cv_95"]["low"] < centre["day_cv"] < centre["day_cv_95"]["high"]
    patience = document["patience"]
    assert patience["exponential_low_s"] <= patience["exponential_mean_s"] <= patience["exponential_high_s"]
    ranges = {one.path: one.range for one in found.fragment.settings}
    assert ranges[f"{TRAFFIC}.calls_per_day"] == pytest.approx((ends["low"], ends["high"]))
    assert ranges[DAY_CV] == pytest.approx(tuple(centre["day_cv_in_weekday_95"].values()))
    assert ranges["call_centre.patience_s_mean.other"] == pytest.approx(
        (patience["exponential_low_s"], patience["exponential_high_s"])
    )
    assert "a day the unit: Student's t over the days" in shown(found)
    single, _ = read(tmp_path, REPORTS["one day"])
    document = json.loads(json.dumps(calibration_document(single, None)))
    assert {end for ends in document["call_centre"]["figures_95"].values() for end in ends.values()} == {None}
    assert (document["call_centre"]["day_cv_95"], document["handling"]["mean_low_s"]) == (None, None)
    assert all(one.range is None for one in single.fragment.settings)
    assert "95 % intervals" not in shown(single)


def test_a_lower_bound_of_patience_has_no_upper_end(tmp_path: Path) -> None:
    """Without the waits of who left, the days say how low the bound may lie and nothing of what is above it."""
    rows = [row.split(",") for row in REPORTS["days that differ"].splitlines()]
    text = "\n".join(",".join(cells[:6] + cells[7:]) for cells in rows) + "\n"
    found, _ = read(tmp_path, text)
    patience = json.loads(json.dumps(calibration_document(found, None)))["patience"]
    assert patience["exponential_low_s"] <= patience["exponential_mean_s"]
    assert patience["exponential_high_s"] is None
    assert {one.path: one.range for one in found.fragment.settings}[
        "call_centre.patience_s_mean.other"
    ] is None
    assert re.search(r"patience, exponential mean: at least \d+ s;", shown(found))


def test_patience_of_a_report_is_never_called_measured(tmp_path: Path) -> None:
    """A report has means: patience is what an exponential shape makes of them."""
    found, _ = read(tmp_path, REPORTS["busy Mondays"])
    sources = {one.path: one.source for one in found.fragment.settings}
    assert sources["call_centre.patience_s_mean.other"] == "fitted-to-case"
    assert sources["call_centre.agents"] == "fitted-to-case"
    assert sources["call_centre.handling_s_mean.other"] == "measured"


def test_what_a_dirty_row_hides_of_a_day_does_not_lower_its_weekday(tmp_path: Path) -> None:
    """Half of one Tuesday is unreadable: its level is of the half that was seen."""

    def of(text: str) -> WorkingDay:
        return working_day(read_report(written(tmp_path, text)))

    whole = interval_report(mondays_busier(30, 20))
    lines = [
        line.replace(",20,18,", ",20,x,") if line.startswith("2026-03-03") and int(line[11:13]) < 11 else line
        for line in whole.splitlines()
    ]
    hidden = of("\n".join(lines) + "\n")
    assert len(read_report(tmp_path / "intervals.csv").dirty) == 6
    assert hidden.weekday_factors == pytest.approx(of(whole).weekday_factors, rel=0.02)
    assert hidden.weekdays_apart


def test_days_in_another_order_have_the_same_levels(tmp_path: Path) -> None:
    """Rows may come in any order: weekdays and their levels do not depend on it."""
    report = read_report(written(tmp_path, REPORTS["days that differ"]))
    turned: AcdReport = replace(report, rows=tuple(reversed(report.rows)))
    assert working_day(turned).weekday_factors == working_day(report).weekday_factors
    assert working_day(turned).day_cv_in_weekday == working_day(report).day_cv_in_weekday
