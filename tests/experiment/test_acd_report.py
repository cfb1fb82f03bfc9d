"""Inference from interval reports: on reports built to known figures, and on a real month where it is at hand."""

from __future__ import annotations

import csv
import math
import os
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from sandbox.errors import BadInput
from sandbox.experiment.staffing import Demand, averaged_abandonment, day_multipliers
from scenarios.calibration.acd_report import CallCentreEstimate, SlotEstimate, infer, read_report
from scenarios.calibration.acd_statements import weekday_names

COLUMNS = "interval_start,interval_min,offered,answered,abandoned,asa_s,mean_wait_abandoned_s,aht_s"
MONDAY = datetime(2026, 3, 2)  # noqa: DTZ001

_ROOT = Path(__file__).resolve().parents[2]
SHARED = Path(os.environ.get("RESOLUTION_SHARED", _ROOT.parent / "shared"))
REAL = SHARED / "data" / "intervals_1999_01.csv"
REAL_CALLS = SHARED / "data" / "calls_1999_01.csv"
needs_real = pytest.mark.skipif(
    not (REAL.is_file() and REAL_CALLS.is_file()), reason="the real month is not here"
)


def row(
    day: int,
    clock: str,
    offered: int,
    abandoned: int,
    minutes: int = 30,
    waits_s: tuple[float, float] = (20, 40),
) -> str:
    """One report row on the nth day from a Monday."""
    hour, minute = map(int, clock.split(":"))
    start = MONDAY + timedelta(days=day, hours=hour, minutes=minute)
    asa_s, left_after_s = waits_s
    return f"{start},{minutes},{offered},{offered - abandoned},{abandoned},{asa_s},{left_after_s},180"


def estimate(folder: Path, rows: Sequence[str], header: str = COLUMNS) -> CallCentreEstimate:
    """What is inferred from these rows."""
    path = folder / "report.csv"
    path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return infer(read_report(path))


def returned_abandonment(found: CallCentreEstimate, slots: Sequence[SlotEstimate]) -> float:
    """Erlang-A's abandonment over the days with the inferred agents of a group of half hours."""
    assert found.aht_s is not None
    assert found.patience_s is not None
    agents = slots[0].agents
    assert agents is not None
    demand = Demand(found.aht_s, found.patience_s, day_multipliers(found.day.day_cv or 0.0))
    loads = [slot.offered_per_day * 2 for slot in slots]
    lower = math.floor(agents)
    at_lower = averaged_abandonment(loads, demand, lower) if lower else 1.0
    share = agents - lower
    return (1 - share) * at_lower + share * averaged_abandonment(loads, demand, lower + 1)


def groups_of(found: CallCentreEstimate) -> list[list[SlotEstimate]]:
    """Half hours that share an inference."""
    starts = dict.fromkeys(slot.pooled for slot in found.slots)
    return [[slot for slot in found.slots if slot.pooled == pooled] for pooled in starts]


def said(found: CallCentreEstimate) -> str:
    """All statements as one text."""
    return "\n".join(found.statements)


def test_figures_of_a_small_report_by_hand(tmp_path: Path) -> None:
    """Two days of 100 calls, 10 abandoned: means, patience and traffic are those worked out by hand."""
    found = estimate(tmp_path, [row(0, "09:00", 100, 10), row(1, "09:00", 100, 10)])
    assert found.totals.abandonment_rate == pytest.approx(0.10)
    assert found.totals.mean_wait_s == pytest.approx(22.0)
    assert found.patience_s == pytest.approx(220.0)
    assert found.aht_s == pytest.approx(180.0)
    assert found.figures == pytest.approx(
        {"offered_per_day": 100, "abandonment_rate": 0.10, "mean_wait_s": 22.0, "asa_s": 20.0, "aht_s": 180.0}
    )
    assert [(slot.start, slot.offered_per_day) for slot in found.slots] == [("09:00", 100.0)]
    assert len(found.day.days) == 2
    assert found.day.day_cv == 0.0
    assert not found.patience_biased_low


def test_handling_time_is_weighted_by_answered_calls(tmp_path: Path) -> None:
    """A busy half hour's handling time counts by its calls."""
    rows = [
        f"{MONDAY + timedelta(hours=9)},30,90,90,0,1,,100",
        f"{MONDAY + timedelta(hours=10)},30,10,10,0,1,,300",
    ]
    assert estimate(tmp_path, rows).aht_s == pytest.approx(120.0)


def test_the_inferred_agents_return_the_reports_abandonment(tmp_path: Path) -> None:
    """Over days that differ, every half hour's own abandonment comes back from its agents."""
    rows = [
        row(7 * week, clock, offered, abandoned)
        for week, factor in enumerate((1.0, 1.5, 0.7, 1.2, 0.6))
        for clock, offered, abandoned in (
            ("09:00", round(80 * factor), round(4 * factor)),
            ("09:30", round(120 * factor), round(30 * factor)),
            ("10:00", round(60 * factor), round(36 * factor)),
        )
    ]
    found = estimate(tmp_path, rows)
    assert found.day.day_cv == pytest.approx(0.36, abs=0.03)
    assert [slot.pooled for slot in found.slots] == [("09:00",), ("09:30",), ("10:00",)]
    for slot in found.slots:
        assert returned_abandonment(found, [slot]) == pytest.approx(slot.abandonment_rate, rel=1e-6)


def test_thin_half_hours_share_agents_that_return_their_joint_abandonment(tmp_path: Path) -> None:
    """Pooled half hours have one number of agents, and their calls together lose what the report lost."""
    rows = [row(0, "09:00", 90, 9), row(0, "09:30", 60, 3), row(0, "10:00", 110, 20)]
    found = estimate(tmp_path, rows)
    assert {slot.pooled for slot in found.slots} == {("09:00", "09:30", "10:00")}
    assert len({slot.agents for slot in found.slots}) == 1
    assert returned_abandonment(found, found.slots) == pytest.approx(32 / 260, rel=1e-6)
    assert "sharing one number of agents: 09:00-10:30" in said(found)


def test_day_spread_is_net_of_poisson_noise(tmp_path: Path) -> None:
    """Mondays of 90 to 110 calls spread no more than Poisson calls do; Mondays of 50 and 150 clearly do."""
    quiet, wild = (
        estimate(tmp_path, [row(7 * week, "09:00", calls, 5) for week, calls in enumerate(mondays)])
        for mondays in ((90, 110, 95, 105), (50, 150, 50, 150))
    )
    assert quiet.day.day_cv == 0.0
    assert wild.day.day_cv == pytest.approx(math.sqrt(1 / 3 - 0.01))


def test_one_day_has_unknown_spread(tmp_path: Path) -> None:
    """A single day says nothing about how days differ, and that is stated."""
    found = estimate(tmp_path, [row(0, "09:00", 100, 10)])
    assert found.day.day_cv is None
    assert "unknown from a single day" in said(found)


def test_weekends_are_left_out_of_traffic_and_named(tmp_path: Path) -> None:
    """Days of a weekday with under half the busiest one's calls shape neither traffic nor agents."""
    week = [row(day, "09:00", 100, 10) for day in range(5)]
    found = estimate(tmp_path, [*week, row(5, "09:00", 49, 40), row(6, "09:00", 3, 0)])
    assert len(found.day.days) == 5
    assert weekday_names(found.day.weekdays) == ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday")
    assert found.figures["abandonment_rate"] == pytest.approx(0.10)
    assert found.totals.offered == 552
    assert "Saturday and Sunday had under 50 % of the busiest weekday's calls" in said(found)


def test_a_weekday_at_half_the_busiest_is_a_working_day(tmp_path: Path) -> None:
    """Exactly half still counts as working."""
    found = estimate(tmp_path, [row(0, "09:00", 100, 10), row(1, "09:00", 50, 5)])
    assert weekday_names(found.day.weekdays) == ("Monday", "Tuesday")


def test_missing_working_days_are_named_and_not_counted(tmp_path: Path) -> None:
    """A Tuesday without calls between two others is a gap in the report, not a day of zero calls."""
    days = [0, 1, 7, 14, 15]
    found = estimate(tmp_path, [row(day, "09:00", 100, 10) for day in days])
    assert len(found.day.days) == 5
    assert found.figures["offered_per_day"] == 100.0
    assert "No calls on 1 working day, not counted: 2026-03-10." in said(found)


def test_an_absent_half_hour_is_empty_but_a_dirty_one_is_unknown(tmp_path: Path) -> None:
    """Without a row the mean is over both days; with a dirty row only over the day that was seen."""
    nine = [row(0, "09:00", 100, 10), row(1, "09:00", 100, 10)]
    ten = row(0, "10:00", 60, 6)
    absent = estimate(tmp_path, [*nine, ten])
    assert [slot.offered_per_day for slot in absent.slots] == [100.0, 30.0]
    dirty = row(1, "10:00", 60, 6).replace(",180", ",")
    unknown = estimate(tmp_path, [*nine, ten, dirty])
    assert [slot.offered_per_day for slot in unknown.slots] == [100.0, 60.0]
    assert "Left out as dirty: 1 of 4 rows (line 5: aht_s: missing for 54 calls" in said(unknown)
    assert unknown.day.day_cv == 0.0


def test_a_repeated_interval_is_still_observed(tmp_path: Path) -> None:
    """A duplicate row is dirty, but its half hour was seen through the first."""
    rows = [row(0, "09:00", 100, 10), row(1, "09:00", 50, 10), row(1, "09:00", 50, 10)]
    found = estimate(tmp_path, rows)
    assert found.slots[0].offered_per_day == 75.0


def test_dirty_rows_whose_time_is_unknown_are_counted_in_words(tmp_path: Path) -> None:
    """Calls that cannot be placed are missing from the traffic, and the statement says how many rows."""
    bad = [f"soon,30,{n},1,0,1,,100" for n in range(7)]
    found = estimate(tmp_path, [row(0, "09:00", 100, 10), *bad])
    assert "Left out as dirty: 7 of 8 rows" in said(found)
    assert "and 2 more" in said(found)
    assert "the time of 7 cannot be told" in said(found)


def test_quarter_hours_add_up_and_hours_split(tmp_path: Path) -> None:
    """The same day in quarter hours, half hours and hours has the same traffic."""
    quarters = [row(0, clock, 50, 5, minutes=15) for clock in ("09:00", "09:15", "09:30", "09:45")]
    halves = [row(0, clock, 100, 10) for clock in ("09:00", "09:30")]
    hours = [row(0, "09:00", 200, 20, minutes=60)]
    profiles = [
        [(slot.start, slot.offered_per_day, slot.abandonment_rate) for slot in estimate(tmp_path, rows).slots]
        for rows in (quarters, halves, hours)
    ]
    assert profiles[0] == profiles[1] == profiles[2] == [("09:00", 100.0, 0.1), ("09:30", 100.0, 0.1)]


def test_without_waits_of_the_abandoned_patience_is_a_marked_lower_bound(tmp_path: Path) -> None:
    """The answered's waits alone give a smaller patience than all waits, and it is marked so."""
    rows = [row(0, "09:00", 100, 10), row(1, "09:00", 100, 10)]
    whole = estimate(tmp_path, rows)
    header = COLUMNS.replace("mean_wait_abandoned_s", "other")
    bound = estimate(tmp_path, rows, header)
    assert bound.patience_biased_low
    assert bound.patience_s == pytest.approx(180.0)
    assert (whole.patience_s or 0) > 180.0
    assert bound.figures["mean_wait_s"] is None
    assert "biased low" in said(bound)
    assert "biased low" not in said(whole)


def test_nobody_abandoned_leaves_patience_and_agents_unknown(tmp_path: Path) -> None:
    """A report without abandonment cannot tell patience, and nothing is made up."""
    found = estimate(tmp_path, [row(0, "09:00", 100, 0)])
    assert found.patience_s is None
    assert [slot.agents for slot in found.slots] == [None]
    assert "Patience and agents: unknown" in said(found)
    assert "Erlang-A" not in said(found)


def test_nobody_answered_leaves_handling_and_agents_unknown(tmp_path: Path) -> None:
    """A report in which every call was abandoned has no handling time."""
    found = estimate(tmp_path, [row(0, "09:00", 10, 10)])
    assert found.aht_s is None
    assert [slot.agents for slot in found.slots] == [None]
    assert "Handling time and agents: unknown" in said(found)


def test_extreme_half_hours_stay_finite_and_are_said(tmp_path: Path) -> None:
    """A half hour that lost nobody is taken as half a call, one that lost everybody has no agents."""
    rows = [row(0, "09:00", 300, 0), row(0, "09:30", 300, 30), row(0, "12:00", 300, 300)]
    none_lost, _, all_lost = estimate(tmp_path, rows).slots
    found = estimate(tmp_path, rows)
    assert none_lost.agents is not None
    assert returned_abandonment(found, [none_lost]) == pytest.approx(0.5 / 300, rel=1e-6)
    assert all_lost.agents == 0.0
    assert "Nobody abandoned, taken as half a call, so agents are a guess: 09:00-09:30." in said(found)


def test_inferred_numbers_are_called_inferred(tmp_path: Path) -> None:
    """Patience and agents are said to be inferred; agents never to be measured."""
    lines = estimate(tmp_path, [row(0, "09:00", 300, 30)]).statements
    patience = next(line for line in lines if line.startswith("Patience"))
    agents = next(line for line in lines if line.startswith("Agents"))
    assert "inferred" in patience
    assert "inferred, not measured" in agents


def test_columns_that_are_not_read_are_said(tmp_path: Path) -> None:
    """Extra columns are ignored by name, never in silence."""
    found = estimate(tmp_path, [row(0, "09:00", 300, 30) + ",x"], COLUMNS + ",Skill Group")
    assert "Columns not read: Skill Group." in said(found)


def test_a_report_without_a_call_is_refused(tmp_path: Path) -> None:
    """Rows of nothing but zeros carry no call centre."""
    with pytest.raises(BadInput, match="no offered call"):
        estimate(tmp_path, [row(0, "09:00", 0, 0)])


@needs_real
def test_the_real_month_has_its_known_totals() -> None:
    """January 1999 at the Anonymous Bank: 30,129 offered, 10.26 % abandoned, patience near 369 s, all rows clean."""
    report = read_report(REAL)
    found = infer(report)
    assert report.dirty == ()
    assert found.totals.offered == 30_129
    assert round(found.totals.abandonment_rate, 4) == 0.1026
    assert found.totals.mean_wait_s == pytest.approx(37.6, abs=0.05)
    assert found.patience_s == pytest.approx(369, rel=0.01)
    assert weekday_names(found.day.weekdays) == ("Monday", "Tuesday", "Wednesday", "Thursday", "Sunday")
    assert "No calls on 2 working days, not counted: 1999-01-11, 1999-01-12." in said(found)


@needs_real
def test_the_real_report_agrees_with_the_calls_it_was_made_of() -> None:
    """Handling time and patience from the interval report are those of the single calls, to the report's rounding."""
    with REAL_CALLS.open(newline="") as file:
        calls = list(csv.DictReader(file))
    handled = [float(call["handling_s"]) for call in calls if call["handling_s"]]
    abandoned = sum(call["outcome"] == "abandoned" for call in calls)
    found = infer(read_report(REAL))
    assert found.totals.abandoned == abandoned
    assert found.aht_s == pytest.approx(sum(handled) / len(handled), rel=1e-4)
    assert found.patience_s == pytest.approx(
        sum(float(call["wait_s"]) for call in calls) / abandoned, rel=1e-3
    )


@needs_real
def test_the_real_months_abandonment_comes_back_in_every_group() -> None:
    """Each group of half hours loses, over the days' loads, exactly what the report says it lost."""
    found = infer(read_report(REAL))
    for group in groups_of(found):
        offered = math.fsum(slot.offered_per_day for slot in group)
        lost = math.fsum(slot.offered_per_day * slot.abandonment_rate for slot in group)
        assert returned_abandonment(found, group) == pytest.approx(lost / offered, rel=1e-6)
    assert found.day.day_cv == pytest.approx(0.20, abs=0.01)
    assert all(3 < (slot.agents or 0) < 8 for slot in found.slots if "08:00" <= slot.start < "18:00")
