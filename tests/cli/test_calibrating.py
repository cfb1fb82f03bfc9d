"""`sandbox calibrate` as a user meets it: what it prints, writes, refuses, and the replay's score."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
from rich.cells import cell_len
from typer.testing import CliRunner

from scenarios.calibration.call_log import read_call_log
from scenarios.calibration.replay import replay_log
from tests.repository import SHARED
from tests.scenarios.call_logs import HEADER, call_log
from tests.scenarios.interval_reports import interval_report, mondays_busier
from tui.cli.calibration_json import replay_json
from tui.cli.main import app
from tui.cli.replay_text import replay_lines

REAL = SHARED / "data" / "calls_1999_01.csv"
runner = CliRunner()


@pytest.fixture
def log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Ten days of a small call centre, in the current folder."""
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "calls.csv"
    path.write_text("\n".join([HEADER, *call_log(10, 160, 2, 240.0)]) + "\n", encoding="utf-8")
    return path


def test_text_says_what_was_read_found_and_not_found(log: Path):
    """Sections in order, no line wider than asked, the next command at the end."""
    done = runner.invoke(app, ["calibrate", "calls.csv"], env={"COLUMNS": "80"})
    assert done.exit_code == 0
    order = [
        "a call-level log",
        "PATIENCE",
        "HANDLING TIME",
        "ARRIVALS",
        "CALL CENTRE",
        "SETTINGS",
        "CANNOT SHOW",
    ]
    places = [done.stdout.index(word) for word in order]
    assert places == sorted(places)
    *body, _, _ = done.stdout.splitlines()  # commands are never broken
    assert max(map(len, body)) <= 80
    assert done.stdout.splitlines()[-1].startswith("next:   sandbox calibrate calls.csv --replay")


def test_the_fragment_is_written_whole_and_runs(log: Path):
    """--out writes a scenario that check accepts; JSON goes to standard output beside it."""
    done = runner.invoke(app, ["calibrate", "calls.csv", "--out", "my-bank.yaml", "--json"])
    assert done.exit_code == 0
    document = json.loads(done.stdout)
    assert document["schema"] == 1
    assert document["kind"] == "calls"
    assert document["patience"]["exponential_mean_s"] == pytest.approx(240, rel=0.3)
    assert runner.invoke(app, ["check", "my-bank.yaml"]).exit_code == 0
    assert Path("my-bank.yaml").read_text(encoding="utf-8").count("source: measured") >= 10


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nowhere.csv"], "nowhere.csv: found nothing"),
        (["calls.csv", "--out", "My Bank.yaml"], "the file's name is the scenario's"),
        (["calls.csv", "--out", "calls.csv"], "lower-case letters, digits"),
        (["calls.csv", "--column", "wait_s"], "allowed: NAME=HEADER"),
        (["calls.csv", "--kind", "funnel"], "as a message funnel"),
        (["calls.csv", "--seed", "3"], "--seed: goes only with --replay"),
        (["calls.csv", "--replay", "--head-start", "2=x"], "allowed: PRIORITY=SECONDS"),
        (["calls.csv", "--replay", "--head-start", "2=90"], "no call has priority '2'"),
        (["calls.csv", "--from", "nosuch"], "nosuch"),
    ],
)
def test_wrong_orders_are_refused_before_anything_is_written(log: Path, arguments: list[str], said: str):
    """Exit 2 with what was found and allowed; no fragment appears."""
    done = runner.invoke(app, ["calibrate", *arguments])
    assert done.exit_code == 2
    assert said in done.stderr
    assert sorted(path.name for path in Path().iterdir()) == ["calls.csv"]


def test_a_scenario_of_ones_own_is_extended_by_its_path(log: Path):
    """A fragment in another folder names the scenario from where it stands."""
    Path("own.yaml").write_text("extends: retail-bank-200k\n", encoding="utf-8")
    Path("sub").mkdir()
    done = runner.invoke(app, ["calibrate", "calls.csv", "--from", "own.yaml", "--out", "sub/bank.yaml"])
    assert done.exit_code == 0
    assert 'extends: "../own.yaml"' in Path("sub/bank.yaml").read_text(encoding="utf-8")
    assert runner.invoke(app, ["check", "sub/bank.yaml"]).exit_code == 0


def test_a_replay_scores_even_days_and_depends_on_the_seed_alone(log: Path):
    """Odd days are fitted, even days scored with their misses; twice the same seed gives the same score."""
    read = read_call_log(log)

    def played(seed: int):
        return replay_log(read, seed, {}, lambda _: None, lambda: False, repetitions=3)

    score = played(1)
    days = {call.arrived_at.date().isoformat() for call in read.calls}
    assert set(score.fitted) == {day for day in days if int(day[-2:]) % 2}
    assert [day.day for day in score.days] == sorted(days - set(score.fitted))
    assert replay_json(played(1)) == replay_json(score)
    assert replay_json(played(2)) != replay_json(score)
    assert [line for line in replay_lines(score, 80) if cell_len(line) > 80] == []
    errors = [day.predicted - day.actual for day in score.days]
    assert score.mean_absolute_error == pytest.approx(sum(map(abs, errors)) / len(errors))
    assert abs(score.worst.error) == max(map(abs, errors))
    assert score.mean_absolute_error < 0.08


def test_a_replay_of_a_large_centre_fits_a_narrow_terminal(log: Path):
    """Days outside their replays are marked; five-digit days and two-digit shares stay within 80 columns."""
    score = replay_log(read_call_log(log), 1, {}, lambda _: None, lambda: False, repetitions=2)
    outside, worst = (
        day._replace(offered=12_345, actual=0.9, predicted=0.5, low=0.112, high=1.0 if place else 0.512)
        for place, day in enumerate(score.days[:2])
    )
    lines = replay_lines(
        replace(score, days=[outside, worst], unscored=[("2026-03-08", "no odd Sunday")]), 80
    )
    assert [line for line in lines if cell_len(line) > 80] == []
    rows = {line.split()[0]: line for line in lines if line.startswith("  2026")}
    assert rows[outside.day].endswith("✘")
    assert "11.2-51.2 %" in rows[outside.day]
    assert not rows[worst.day].endswith("✘")


def _long_log() -> str:
    """A log with long headers, groups and priorities, and callers who call again."""
    rows = []
    for number, row in enumerate(call_log(10, 160, 2, 240.0)):
        arrived, wait, outcome, handling = row.split(",")
        kind = ("a kind of call with a name of more than forty letters", "short")[number % 2]
        cells = [
            arrived,
            wait,
            outcome,
            handling,
            kind,
            f"priority-{number % 3}-of-the-old-switch",
            f"c{number % 90}",
        ]
        rows.append(",".join(cells))
    head = "arrived_at,wait_s,outcome,handling_s,call_type,priority,caller_id"
    return "\n".join([head, *rows]) + "\n"


def _long_funnel() -> str:
    """Two weeks of two channels, one of them with a long name."""
    rows = [
        f"2026-03-{2 + day:02d},{channel},100000,95000,20000,18000,15000,14000"
        for day in range(14)
        for channel in ("sms", "a channel of a provider with a name of forty letters")
    ]
    return "\n".join(["day,channel,sent,delivered,clicked,verified,acted,posted", *rows]) + "\n"


FILES = {
    "log": _long_log(),
    "busy Mondays": interval_report(mondays_busier(30, 18), factors=(1.0, 1.4, 0.7)),
    "Mondays stand out": interval_report(mondays_busier(4000, 1800)),
    "one day": interval_report({0: 40}, days=1),
    "funnel": _long_funnel(),
}


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("width", [80, 100])
def test_every_table_fits_the_terminal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, width: int
):
    """Whatever the file is called and whatever it names: no line but the commands is wider than the terminal."""
    monkeypatch.chdir(tmp_path)
    path = "an export of the switch with a name longer than most terminals are wide, part 1 of 12.csv"
    Path(path).write_text(FILES[name], encoding="utf-8")
    done = runner.invoke(app, ["calibrate", path], env={"COLUMNS": str(width)})
    assert done.exit_code == 0
    *body, _, _ = done.stdout.splitlines()  # commands are never broken
    assert [line for line in body if cell_len(line) > width] == []
    table = body[body.index(next(line for line in body if line.startswith("SETTINGS"))) + 1 :]
    rows = [line for line in table[: table.index("")] if "." in line]
    assert len(rows) >= 5
    assert all(
        re.search(r"(measured|fitted-to-case|set aside|\])$", line) for line in rows
    )  # no source is cut


def test_the_kaplan_meier_median_has_its_interval_with_an_open_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """Few callers seen to wait long: the median is reached, the upper end of its interval is not, and it says so."""
    monkeypatch.chdir(tmp_path)
    rows = [f"2026-03-02 09:{n:02d},{20 * n},abandoned," for n in range(1, 13)]
    rows += [f"2026-03-02 10:{n:02d},{18 * n},answered,100" for n in range(1, 13)]
    Path("calls.csv").write_text("\n".join([HEADER, *rows]) + "\n", encoding="utf-8")
    patience = json.loads(runner.invoke(app, ["calibrate", "calls.csv", "--json"]).stdout)["patience"]
    assert patience["km_median_high_s"] is None
    median, low = patience["km_median_s"], patience["km_median_low_s"]
    text = runner.invoke(app, ["calibrate", "calls.csv"]).stdout
    assert f"Kaplan-Meier, median  {median:.0f} s [{low:.0f}, not reached]" in text


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "",
            "calls.csv: found an empty file; allowed: a call-level log or an ACD interval report or",
        ),
        ("\n\n", "calls.csv: found an empty file"),
        (f"{HEADER}\n", "calls.csv: found a header and no rows"),
    ],
)
def test_a_file_with_nothing_in_it_is_said_to_be_empty(log: Path, text: str, said: str):
    """Not a list of columns that are missing from a file that has none."""
    log.write_text(text, encoding="utf-8")
    done = runner.invoke(app, ["calibrate", "calls.csv"])
    assert done.exit_code == 2
    assert said in done.stderr
    assert "columns found" not in done.stderr


def test_even_days_do_not_touch_what_they_are_scored_by(log: Path, tmp_path: Path):
    """Changing outcomes and handling of even days changes their actual abandonment and nothing that was predicted."""
    rows = log.read_text(encoding="utf-8").splitlines()
    changed = [rows[0]]
    for number, row in enumerate(rows[1:]):
        arrived, wait, _, _ = row.split(",")
        changed.append(row if int(arrived[8:10]) % 2 else f"{arrived},{wait},answered,{900 + number}")
    other = tmp_path / "other.csv"
    other.write_text("\n".join(changed) + "\n", encoding="utf-8")
    scores = [
        replay_log(read_call_log(path), 1, {}, lambda _: None, lambda: False, 2) for path in (log, other)
    ]
    assert [day.predicted for day in scores[0].days] == [day.predicted for day in scores[1].days]
    assert all(day.actual == 0.0 for day in scores[1].days)


@pytest.mark.slow
@pytest.mark.skipif(not REAL.exists(), reason="the bank's log is not part of the project")
def test_the_banks_even_days_are_predicted_better_than_by_carrying_a_rate_over():
    """January 1999: a mean absolute error under three points, and below that of no model at all."""
    score = replay_log(read_call_log(REAL), 1, {}, lambda _: None, lambda: False)
    assert score.mean_absolute_error < 0.03
    assert score.mean_absolute_error < score.carried_over
