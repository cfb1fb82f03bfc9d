"""`sandbox calibrate` as a user meets it: what it prints, writes, refuses, and the replay's score."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from scenarios.calibration.call_log import read_call_log
from scenarios.calibration.replay import replay_log
from tests.repository import SHARED
from tests.scenarios.call_logs import HEADER, call_log
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
    errors = [day.predicted - day.actual for day in score.days]
    assert score.mean_absolute_error == pytest.approx(sum(map(abs, errors)) / len(errors))
    assert abs(score.worst.error) == max(map(abs, errors))
    assert score.mean_absolute_error < 0.08
    assert all(len(line) <= 100 for line in replay_lines(score, 100))


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
