"""Actuals held against a prediction: dirty rows, inside and outside, which stage broke, which setting fits."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from functools import cache
from math import fsum
from pathlib import Path

import numpy as np
import pytest

from sandbox.errors import BadInput
from sandbox.journey.design import compile_design
from scenarios.pilot.actuals import Report, World, hold_against
from scenarios.pilot.actuals_held import HeldFunnel, hold_stages, stages_of
from scenarios.pilot.actuals_levers import LEVERS, Lever, fit, levers_for
from scenarios.pilot.actuals_rows import SHAPES, read_actuals
from scenarios.run import CompareRequest, prepare
from scenarios.task import Task
from scenarios.wiring.plan import busy_hours
from scenarios.worker import run_task
from scenarios.world.spec import load_scenario
from tests.repository import ROOT
from tests.scenarios.recorded import SMALL
from tui.cli.actuals_text import report_text
from tui.cli.orders import Order

UNITS = {"completion_rate": "rate", "call_wait_busy_s": "s"}
DESIGNS = ("sms-to-call", "portal", "in-message", "in-message-facts")
REQUEST = CompareRequest("retail-bank-200k", SMALL, replications=2, jobs=1)


def at(path: Path, text: str) -> str:
    """A file with this text."""
    path.write_text(text, encoding="utf-8")
    return str(path)


@cache
def stages(design: str, *settings: str) -> dict[str, int]:
    """Cases at each stage of a run of a small campaign, with luck the predictions do not use."""
    scenario, _ = prepare(CompareRequest("retail-bank-200k", (*SMALL, *settings), DESIGNS))
    task = Task(scenario, design, 7, busy_hours(scenario.document), keep_cases=True)
    outcome = run_task(task, lambda _: None, lambda: False)
    return {stage: sum(days) for stage, days in stages_of([outcome], None).items()}


def funnel(counts: dict[str, int], **changed: float) -> str:
    """A funnel of one row with some stages' rates changed, all later ones with them."""
    names = ("messaged", "delivered", "clicked", "identified", "acted", "recorded")
    factor, cells = 1.0, []
    for name in names:
        factor *= changed.get(name, 1.0)
        cells.append(str(round(counts[name] * factor)))
    return f"day,{','.join(names)}\n1,{','.join(cells)}\n"


def held(path: str, where: World | None = None) -> Report:
    """A file held against the small campaign."""
    return hold_against(REQUEST, where or World("in-message"), path, lambda _: None, lambda: False)


# -- reading ---------------------------------------------------------------------------------------------------------


def test_metrics_are_pooled_over_days_by_their_base(tmp_path: Path) -> None:
    """10 % of 100 and 20 % of 300 are 17.5 % of 400, over two days; percentages and shares are both read."""
    text = (
        "Metric,value,n,day\ncompletion_rate,10 %,100,1\ncompletion_rate,0.2,300,2\ncall_wait_busy_s,12.5,,\n"
    )
    found = read_actuals(at(tmp_path / "a.csv", text), UNITS)
    assert found.metrics["completion_rate"].value == pytest.approx(0.175)
    assert (found.metrics["completion_rate"].n, found.metrics["completion_rate"].days) == (400, 2)
    assert found.metrics["call_wait_busy_s"].n is None
    assert found.dirty == ()


def test_dirty_rows_are_counted_and_named(tmp_path: Path) -> None:
    """Each row left out says its line, what was found and what is allowed; the others count."""
    text = (
        "metric,value,n\ncompletion_rate,0.2,50\ncompletion_rate,0.3,50\ncompltion_rate,0.2,5\n"
        "call_wait_busy_s,fast,\ncompletion_rat,0.1,1\n"
    )
    found = read_actuals(at(tmp_path / "a.csv", text), UNITS)
    assert found.rows == 5
    assert [line.partition(":")[0] for line in found.dirty] == ["line 3", "line 4", "line 5", "line 6"]
    assert "stands there twice" in found.dirty[0]
    assert "did you mean 'completion_rate'" in found.dirty[1]
    assert "found 'fast'; allowed: a number" in found.dirty[2]
    wrong = at(tmp_path / "b.csv", "metric,value,n\ncompletion_rate,1.4,5\ncompletion_rate,0.4,0\n")
    with pytest.raises(BadInput, match="nothing usable in 2 rows"):
        read_actuals(wrong, UNITS)


@pytest.mark.parametrize("text", ["0,22", "9,5%", "53,5", "1,2345", "12,34,567", "1.200,5", ",5"])
def test_a_decimal_comma_is_refused_not_read_as_ten_times_as_much(tmp_path: Path, text: str) -> None:
    """A comma parts thousands or the row is left out, with what is allowed."""
    path = at(
        tmp_path / "a.csv",
        f'metric,value,n\ncompletion_rate,"{text}",50\ncall_wait_busy_s,"{text}",\ncall_wait_busy_s,"1,234.5",\n',
    )
    found = read_actuals(path, UNITS)
    assert {name: one.value for name, one in found.metrics.items()} == {"call_wait_busy_s": 1234.5}
    assert [line.partition(":")[0] for line in found.dirty] == ["line 2", "line 3"]
    assert all(f"found {text!r}" in line and "a comma parts thousands" in line for line in found.dirty)


def test_counts_with_thousands_are_read_and_with_decimal_commas_refused(tmp_path: Path) -> None:
    """1,200 messages are twelve hundred in every shape; 95,5 clicks are none, and the day says why."""
    wide = at(tmp_path / "a.csv", 'day,sent,clicked\n1,"1,200","1,100"\n2,"1,200","95,5"\n')
    found = read_actuals(wide, {})
    assert found.funnel == {"messaged": 1200, "clicked": 1100}
    assert "clicked '95,5'" in found.dirty[0]
    assert "a comma parts thousands" in found.dirty[0]
    long = at(tmp_path / "b.csv", 'stage,count\nsent,"1,200"\nclicked,"1,100"\nacted,"95,5"\n')
    found = read_actuals(long, {})
    assert found.funnel == {"messaged": 1200, "clicked": 1100}
    assert "a comma parts thousands" in found.dirty[0]


def test_funnels_are_read_wide_and_long_with_providers_names(tmp_path: Path) -> None:
    """Sent, verified and posted are messaged, identified and recorded; channels of one day are added up."""
    wide = "day,Sent,delivered,clicked,verified,acted,posted\n1,100,90,30,28,20,20\n2,100,95,32,30,22,22\n"
    rows = ("1,sms,sent,60", "1,email,sent,40", "1,sms,clicked,30", "2,sms,sent,100", "2,sms,clicked,32")
    long = "\n".join(["day,channel,stage,count", *rows])
    first, second = (
        read_actuals(at(tmp_path / "a.csv", wide), {}),
        read_actuals(at(tmp_path / "b.csv", long), {}),
    )
    assert first.funnel == {
        "messaged": 200, "delivered": 185, "clicked": 62, "identified": 58, "acted": 42, "recorded": 42
    }  # fmt: skip
    assert (first.days, second.days) == (2, 2)
    assert second.funnel == {"messaged": 200, "clicked": 62}


def test_a_day_that_cannot_be_is_left_out(tmp_path: Path) -> None:
    """More clicks than deliveries, or a missing cell: the day is named and does not count."""
    text = "day,sent,delivered,clicked\n1,100,90,30\n2,100,90,95\n3,100,,20\n"
    found = read_actuals(at(tmp_path / "a.csv", text), {})
    assert found.funnel == {"messaged": 100, "delivered": 90, "clicked": 30}
    assert "clicked 95 is more than delivered 90" in found.dirty[0]
    assert "delivered ''" in found.dirty[1]


def test_days_that_are_none_or_far_off_or_there_twice_are_left_out(tmp_path: Path) -> None:
    """A thirteenth month, next year's date and a day sent again are named by their line; the others count once."""
    text = (
        "day,sent,clicked,bounced\n2026-03-02,100,30,1\n2026-13-05,100,30,1\n2026-03-03,100,31,1\n"
        "2026-03-03,100,31,2\n2027-03-03,100,99,1\n2026-03-04,100,90,1\n02.03.2026,100,90,1\n"
    )
    found = read_actuals(at(tmp_path / "a.csv", text), {})
    assert found.funnel == {"messaged": 300, "clicked": 151}
    assert (found.days, found.rows) == (3, 7)
    assert [line.partition(":")[0] for line in found.dirty] == ["line 3", "line 5", "line 6", "line 8"]
    assert "found '2026-13-05'; allowed: a date such as 2026-03-02" in found.dirty[0]
    assert "2026-03-03 stands on line 4 already" in found.dirty[1]
    assert "2027-03-03 is more than 183 days" in found.dirty[2]
    numbered = "day,sent,clicked\n1,100,30\n900,100,99\n2,100,31\n"
    found = read_actuals(at(tmp_path / "n.csv", numbered), {})
    assert (found.funnel, found.days) == ({"messaged": 200, "clicked": 61}, 2)
    assert found.dirty == ("line 3: day: 900 is more than 183 days without a row from the rest",)
    daily = "metric,value,day\ncompletion_rate,0.2,1\ncompletion_rate,0.9,1st\ncompletion_rate,0.4,02\n"
    metrics = read_actuals(at(tmp_path / "b.csv", daily), UNITS)
    assert metrics.metrics["completion_rate"].value == pytest.approx(0.3)
    assert "found '1st'" in metrics.dirty[0]


def test_channels_and_segments_of_a_day_are_no_repeats(tmp_path: Path) -> None:
    """Rows of a day apart by a word are added up, in both shapes of a funnel; the same words again are not."""
    wide = "day,channel,sent,clicked\n1,sms,60,20\n1,email,40,10\n1,SMS,60,20\n"
    long = "\n".join(
        ["day,channel,stage,count", "1,sms,sent,60", "1,email,sent,40", "1,sms,sent,60", "1,sms,clicked,30"]
    )
    found = read_actuals(at(tmp_path / "a.csv", wide), {})
    assert found.funnel == {"messaged": 100, "clicked": 30}
    assert "day 1 stands on line 2 already" in found.dirty[0]
    found = read_actuals(at(tmp_path / "b.csv", long), {})
    assert found.funnel == {"messaged": 100, "clicked": 30}
    assert "sent of day 1 stands on line 2 already" in found.dirty[0]


def test_semicolons_and_tabs_part_cells_as_they_do_for_calibrate(tmp_path: Path) -> None:
    """The same figures whichever of the separators the export has; decimal commas in them are still refused."""
    wide = "day,sent,clicked\n2026-03-02,100,30\n2026-03-03,90,31\n"
    wanted = read_actuals(at(tmp_path / "a.csv", wide), {})
    for separator in (";", "\t"):
        assert read_actuals(at(tmp_path / "b.csv", wide.replace(",", separator)), {}) == wanted
    metrics = "metric;value;n\ncompletion_rate;10%;100\ncall_wait_busy_s;53,5;\n"
    found = read_actuals(at(tmp_path / "c.csv", metrics), UNITS)
    assert found.metrics["completion_rate"].value == 0.1
    assert "found '53,5'" in found.dirty[0]
    assert "a comma parts thousands" in found.dirty[0]


def test_an_empty_file_is_called_empty(tmp_path: Path) -> None:
    """Nothing, or nothing but blank lines: the file is named as empty, not its columns."""
    for text in ("", "\n\n"):
        with pytest.raises(BadInput, match=r"a\.csv: found an empty file; allowed: metric,value"):
            read_actuals(at(tmp_path / "a.csv", text), UNITS)


def test_stages_are_named_as_exports_and_the_readme_name_them(tmp_path: Path) -> None:
    """A refusal lists sent, verified and posted, takes every name it lists, and speaks of a file in its own words."""
    told = SHAPES[SHAPES.index("(") + 1 : SHAPES.index(")")].split(", ")
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    line = next(line for line in readme.splitlines() if line.startswith("`sandbox actuals` reads"))
    inside = line[line.index("per stage (") :].partition(";")[0]
    assert re.findall(r"`(\w+)`", inside) == told
    path = at(tmp_path / "a.csv", f"{','.join(told)}\n{','.join(['5'] * len(told))}\n")
    assert len(read_actuals(path, {}).funnel) == len(told)
    path = at(tmp_path / "b.csv", "day,Sent,posted\n1,10,5\n2,10,11\n3,,1\n")
    assert "posted 11 is more than Sent 10" in read_actuals(path, {}).dirty[0]
    assert "found Sent ''" in read_actuals(path, {}).dirty[1]


@pytest.mark.parametrize("text", ["", "a,b\n1,2\n", "day,sent\n1,5\n", "metric,metric,value\n"])
def test_a_file_of_another_shape_is_refused_with_the_shapes(tmp_path: Path, text: str) -> None:
    """Whatever is no table of metrics and no funnel says what would be."""
    with pytest.raises(BadInput, match="allowed"):
        read_actuals(at(tmp_path / "a.csv", text), UNITS)
    with pytest.raises(BadInput, match="found nothing at"):
        read_actuals(str(tmp_path / "none.csv"), UNITS)


# -- holding ---------------------------------------------------------------------------------------------------------


def test_the_simulations_own_figures_are_inside(tmp_path: Path) -> None:
    """What the scenario itself gives with a run of its own breaks nothing and needs no advice."""
    report = held(at(tmp_path / "a.csv", funnel(stages("in-message"))))
    assert [one.name for one in report.held] == ["delivered", "clicked", "identified", "acted", "recorded"]
    assert all(one.inside for one in report.held)
    assert not report.broken
    assert report.advice is None
    assert report.level == pytest.approx(1 - 0.05 / 6)  # five stages and the whole funnel


def test_the_stage_that_broke_is_found_and_its_setting_fitted(tmp_path: Path) -> None:
    """A third fewer get through identification: it explains the gap, and fewer who start a code give it."""
    counts = stages("in-message")
    report = held(at(tmp_path / "a.csv", funnel(counts, identified=2 / 3)))
    assert report.ranking == ("identified",)
    gap = report.gap
    assert gap is not None
    assert fsum(gap.shares) == pytest.approx(gap.gap)
    broken = next(one for one in report.held if one.name == "identified")
    assert abs(broken.share or 0.0) == max(abs(one.share or 0.0) for one in report.held)
    assert broken.share == pytest.approx(gap.gap, rel=0.3)  # sampling of the other stages has the rest
    assert broken.p is not None
    assert broken.p < 1e-6
    advice = report.advice
    assert advice is not None
    assert (advice.path, advice.met, advice.in_range) == ("identity.code_starts_rate", True, False)
    assert advice.new == pytest.approx(0.95 * 2 / 3, rel=0.2)
    assert advice.gives.value == pytest.approx(broken.actual, rel=0.06)
    assert advice.setting == f"identity.code_starts_rate={advice.new:.4g}"


def test_metrics_are_held_alone_and_by_the_arm_of_a_pilot(tmp_path: Path) -> None:
    """A completion far off is outside, a right one inside; in a pilot of a quarter its arm's own is predicted."""
    path = at(
        tmp_path / "a.csv", "metric,value,n\ncompletion_rate,0.05,900\nwriteback_success_rate,1.0,150\n"
    )
    report = held(path, World("in-message", "sms-to-call", 0.25))
    assert report.ranking == ("completion_rate",)
    assert report.gap is None
    assert report.advice is not None
    assert report.advice.path == "customers.response_rate"
    assert report.advice.new < 0.2


def test_money_is_in_the_scenarios_currency(tmp_path: Path) -> None:
    """A cost is in pounds, as `compare` has it, in text and result."""
    report = held(at(tmp_path / "a.csv", "metric,value\ncost_per_resolution,575\n"))
    assert load_scenario("retail-bank-200k").document.costs.currency == "GBP"
    assert report.held[0].unit == "GBP"
    text = report_text(report, Order(verb="actuals", scenario="retail-bank-200k"), "replay", 80)
    assert "575 GBP" in text
    assert "currency" not in text


def test_a_share_of_time_is_no_share_of_trials(tmp_path: Path) -> None:
    """Occupancy is predicted from how days differ: milliseconds of agents are not so many independent draws."""
    near, far = (
        held(at(tmp_path / "a.csv", f"metric,value\nagent_occupancy,{value}\n")).held[0]
        for value in (0.05, 0.99)
    )
    low, high = near.prediction.low, near.prediction.high
    assert low is not None
    assert high is not None
    assert 0.0 <= low < (near.prediction.value or 0.0) < high
    assert near.n == 0
    assert far.inside is False


def test_what_cannot_be_piloted_is_refused(tmp_path: Path) -> None:
    """A share needs a design beside the baseline, one that can be mixed, and a share that is one."""
    path = at(tmp_path / "a.csv", "metric,value\ncompletion_rate,0.05\n")
    for where, told in (
        (World(None, None, 0.5), "is everybody's design"),
        (World("in-message-sequence", None, 0.5), "cannot be mixed"),
        (World("in-message", None, 0.0), "allowed is above 0, at most 1"),
        (World("in-message", "sms-to-call"), "--against sms-to-call: goes only with --share"),
    ):
        with pytest.raises(BadInput, match=told):
            held(path, where)
    with pytest.raises(BadInput, match="do not occur in this design"):
        held(at(tmp_path / "b.csv", "clicked,engaged\n5,5\n"), World("sms-to-call"))


def test_stages_the_design_lacks_are_named(tmp_path: Path) -> None:
    """Clicks mean nothing where customers call: the other stages are held, and the clicks are named."""
    counts = stages("sms-to-call")
    text = f"sent,delivered,clicked,acted\n{counts['messaged']},{counts['delivered']},5,{min(5, counts['acted'])}\n"
    report = held(at(tmp_path / "a.csv", text), World("sms-to-call"))
    assert [one.name for one in report.held] == ["delivered", "acted"]
    assert report.not_held == ("clicked: does not occur in sms-to-call",)


RATES = {"delivered": 0.96, "clicked": 0.3, "identified": 0.92, "acted": 0.75, "recorded": 0.99}


def made_up(rng: np.random.Generator, days: int, cases: int, luck: float) -> dict[str, list[int]]:
    """Days of a funnel whose stages share a quarter of the variance of a day's luck, on the logit scale."""
    counts = {"messaged": [cases] * days}
    shared = rng.normal(size=days)
    for stage, rate in RATES.items():
        own = luck * (0.5 * shared + math.sqrt(0.75) * rng.normal(size=days))
        share = 1.0 / (1.0 + np.exp(-(math.log(rate / (1.0 - rate)) + own)))
        counts[stage] = rng.binomial(list(counts.values())[-1], share).tolist()
    return counts


def joined(rng: np.random.Generator, luck: float, **changed: float) -> list[HeldFunnel]:
    """Pilots of ten days held against 66 simulated ones, with some actual counts thinned."""
    found = []
    for _ in range(150):
        simulated, pilot = made_up(rng, 66, 400, luck), made_up(rng, 10, 100, luck)
        seen, kept = {}, 1.0
        for stage, days in pilot.items():
            kept *= changed.get(stage, 1.0)
            seen[stage] = round(sum(days) * kept)
        found.append(hold_stages(seen, simulated, 10))
    return found


def any_broken(funnel: HeldFunnel) -> bool:
    """Whether a stage or the whole lies outside."""
    return any(one.inside is False for one in (*funnel.stages, funnel.whole) if one is not None)


@pytest.mark.slow
@pytest.mark.parametrize("luck", [0.0, 0.2])
def test_something_is_wrongly_called_broken_in_at_most_one_of_twenty_pilots(luck: float) -> None:
    """Size under the null, of five stages and their whole together: 150 right pilots, fewer than 5 % + 3 errors."""
    found = joined(np.random.default_rng(11), luck)
    broken = [any_broken(one) for one in found]
    assert np.mean(broken) <= 0.05 + 3 * math.sqrt(0.05 * 0.95 / len(found))
    for one, outside in zip(found, broken, strict=True):
        figures = [held for held in (*one.stages, one.whole) if held is not None]
        assert len(figures) == 6
        assert outside is (min(held.p_joint or 0.0 for held in figures) < 0.05)
    single = [held.p or 0.0 for one in found for held in one.stages]
    assert (
        0.01 < np.mean(np.array(single) < 0.05) < 0.09
    )  # each by itself errs more often than its share of 5 %


@pytest.mark.slow
def test_pilots_of_the_product_itself_are_seldom_called_broken() -> None:
    """Each of 48 simulated campaigns held against three others: the real days' luck, and the scenario is right."""
    scenario, _ = prepare(CompareRequest("retail-bank-200k", SMALL, DESIGNS))
    hours, runs = busy_hours(scenario.document), []
    for number in range(48):
        task = Task(scenario, "in-message", number, hours, keep_cases=True)
        found = stages_of([run_task(task, lambda _: None, lambda: False)], None)
        runs.append({stage: found[stage] for stage in ("messaged", *RATES)})
    broken = []
    for place, pilot in enumerate(runs):
        others = [runs[(place + step) % len(runs)] for step in (1, 2, 3)]
        simulated = {stage: [day for other in others for day in other[stage]] for stage in pilot}
        seen = {stage: sum(days) for stage, days in pilot.items()}
        broken.append(any_broken(hold_stages(seen, simulated, len(pilot["messaged"]))))
    assert np.mean(broken) <= 0.05 + 3 * math.sqrt(0.05 * 0.95 / len(runs))


@pytest.mark.slow
def test_a_broken_stage_and_small_losses_at_every_stage_are_seen() -> None:
    """A stage that loses a quarter is named nearly always; 7 % lost at each of five show in the whole."""
    one_broke = joined(np.random.default_rng(12), 0.1, clicked=0.75)
    assert np.mean([one.stages[1].inside is False for one in one_broke]) > 0.9
    each = joined(np.random.default_rng(13), 0.1, **dict.fromkeys(RATES, 0.93))
    whole = [one.whole.inside is False for one in each if one.whole is not None]
    stages = np.mean([[held.inside is False for held in one.stages] for one in each], axis=0)
    assert np.mean(whole) > stages[1]
    assert np.mean(whole) > 0.5


def test_the_whole_funnel_is_held_beside_its_stages(tmp_path: Path) -> None:
    """Recorded of messaged with an interval, of two neighbours alone no second figure; all share one level."""
    report = held(at(tmp_path / "a.csv", funnel(stages("in-message"), clicked=0.5)))
    assert report.whole is not None
    assert report.gap is not None
    assert (report.whole.of, report.whole.name, report.whole.inside) == ("messaged", "recorded", False)
    assert report.whole.actual == pytest.approx(report.gap.actual)
    assert report.whole.prediction.value == pytest.approx(report.gap.predicted)
    low, high = report.whole.difference.low, report.whole.difference.high
    assert low is not None
    assert high is not None
    assert low < report.gap.gap < high < 0.0
    assert report.joint_p is not None
    assert report.joint_p < 1e-6
    short = held(at(tmp_path / "b.csv", "day,sent,delivered\n1,500,480\n"))
    assert (short.whole, len(short.figures), short.level) == (None, 1, pytest.approx(0.95))
    assert short.end is short.held[0]


def test_small_losses_everywhere_break_the_whole_and_no_stage(tmp_path: Path) -> None:
    """The report says so, exits as broken, and names no assumption."""
    counts = stages("in-message")
    path = at(tmp_path / "a.csv", funnel(counts, delivered=0.985, clicked=0.88, identified=0.985, acted=0.99))
    report = held(path)
    assert (report.broken, report.ranking, report.advice) == (True, (), None)
    text = " ".join(report_text(report, Order(verb="actuals", scenario="retail-bank-200k"), "r", 100).split())
    assert "✔ all 5 inside what was predicted; the whole funnel ✘ is not" in text
    assert "no stage alone does" in text
    assert "WHICH ASSUMPTION BROKE" not in text


def test_advice_names_its_figures_with_intervals(tmp_path: Path) -> None:
    """What the fitted setting gives, and the completion it gives, stand with the interval over the run's days."""
    report = held(at(tmp_path / "a.csv", funnel(stages("in-message"), identified=2 / 3)))
    advice = report.advice
    assert advice is not None
    for one in (advice.gives, advice.primary):
        assert one.value is not None
        assert one.low is not None
        assert one.high is not None
        assert 0.0 <= one.low < one.value < one.high <= 1.0
    text = " ".join(report_text(report, Order(verb="actuals", scenario="retail-bank-200k"), "r", 100).split())
    assert re.search(r"and a completion of \d+\.\d % \[\d+\.\d, \d+\.\d\] \(one run, 95 %", text)


# -- levers ----------------------------------------------------------------------------------------------------------


def test_every_lever_is_a_setting_of_the_shipped_case() -> None:
    """Each path can be set, and holds one number."""
    settings = prepare(CompareRequest("retail-bank-200k", SMALL))[0].settings
    for levers in LEVERS.values():
        for lever in levers:
            assert isinstance(settings[lever.path], int | float), lever.path


def test_levers_are_those_of_the_designs_own_steps() -> None:
    """A portal is entered by login, a mini-app by code, a call by getting through."""
    scenario, _ = prepare(CompareRequest("retail-bank-200k", SMALL, DESIGNS))

    def first(design: str) -> str:
        return levers_for("identified", compile_design(scenario.designs[design]), scenario.settings)[0].path

    assert first("portal") == "identity.login_drop_rate"
    assert first("in-message") == "identity.code_starts_rate"
    assert first("sms-to-call") == "call_centre.other_traffic.calls_per_day"


@pytest.mark.parametrize(
    ("stage", "before", "design", "setting", "up"),
    [
        ("delivered", "messaged", "in-message", "channels.sms.delivered_rate=0.6", False),
        ("clicked", "delivered", "in-message", "customers.response_rate=0.1", False),
        ("identified", "clicked", "in-message", "identity.code_starts_rate=0.5", False),
        ("identified", "clicked", "portal", "identity.login_drop_rate=0.6", False),
        ("acted", "identified", "in-message", "identity.page_drop_rate=0.5", False),
        ("recorded", "acted", "sms-to-call", "back_office.lost_rate=0.5", False),
    ],
)
def test_a_lever_moves_its_stage(stage: str, before: str, design: str, setting: str, up: bool) -> None:
    """Set lower (losses: higher), the stage's rate of the stage before falls."""
    as_it_is, changed = stages(design), stages(design, setting)
    rates = [one[stage] / one[before] for one in (as_it_is, changed)]
    assert (rates[1] > rates[0]) == up
    assert abs(rates[1] - rates[0]) > 0.05


def noted(does: Callable[[float], float], calls: list[float]) -> Callable[[float], float]:
    """A figure that notes the values it was asked for."""

    def gives(value: float) -> float:
        calls.append(value)
        return does(value)

    return gives


def test_a_value_is_found_by_secants_within_bounds() -> None:
    """A line through the origin is met at once, a curve in a few looks, and a share never passes 1."""
    calls: list[float] = []
    rate = Lever("x", True)
    assert fit(rate, (0.5, 0.4), 0.2, noted(lambda x: 0.8 * x, calls)) == (0.25, pytest.approx(0.2))
    assert calls == [0.25]
    curved = fit(rate, (0.5, 0.25), 0.36, noted(lambda x: x * x, calls))
    assert curved is not None
    assert curved[1] == pytest.approx(0.36, rel=0.02)
    assert fit(rate, (0.9, 0.45), 0.9, lambda x: x / 2) == (1.0, 0.5)
    losing = fit(Lever("x", False), (0.1, 0.9), 0.6, lambda x: 1 - x)
    assert losing == (0.4, pytest.approx(0.6))
    calm = fit(Lever("x", True, (), False), (100.0, 0.1), 0.2, lambda x: x / 1000)
    assert calm is not None
    assert calm[1] == pytest.approx(0.2, rel=0.02)


def test_a_lever_that_moves_nothing_is_told() -> None:
    """Where no value changes the figure there is nothing to advise."""
    assert fit(Lever("x", True), (0.5, 0.4), 0.2, lambda _: 0.4) is None
    assert fit(Lever("x", True), (0.5, 0.4), 0.2, lambda _: None) is None
