"""Live, Pitfalls, Scenarios and Export: what they run, check and write, and that it is what the commands write."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest
from textual.widgets import OptionList

from scenarios.outputs.as_json import comparison_json
from scenarios.world.spec import CheckReport
from tests.tui.canned import comparison, read
from tests.tui.canned_worlds import WorldRunner, moment, ranking
from tests.tui.driving import Stage, drive
from tui.app import SandboxApp
from tui.figures import MINUS
from tui.library import ScenarioFile
from tui.live_reading import clock_axis, figures, live_lines
from tui.messages import RunFailed, RunRequested
from tui.pitfall_reading import ranking_rows, title_width
from tui.scenario_reading import scenario_lines
from tui.screens.compare import CompareScreen

pytestmark = pytest.mark.wide


def test_pitfalls_asks_for_the_scenario_in_hand_and_survives_a_failure() -> None:
    """R asks with the changes; what failed and how to repeat it stand there."""

    async def script(stage: Stage) -> None:
        await stage.press("2", "plus", "8")
        assert "$ sandbox pitfalls canned-bank --set campaign.messages=210000" in stage.text()
        await stage.press("r")
        assert stage.heard(RunRequested) == 1
        assert stage.heard(RunFailed) == 1
        assert "repeat with: sandbox pitfalls canned-bank --set campaign.messages=210000" in " ".join(
            stage.text().replace("│", " ").split()
        )

    drive(script, WorldRunner())


def test_the_ranking_is_walked_through_mode_by_mode() -> None:
    """The whole report first; a mode under the cursor is told below, Enter moves the keyboard there, Escape back."""

    async def script(stage: Stage) -> None:
        await stage.press("8", "r", "r")
        text = stage.text()
        rows = [line.split() for line in text.splitlines()]
        assert ["┃", "1", "Weak", "identity", f"{MINUS}90.0", "+104", "·", "┃"] in rows
        assert ["┃", "2", "Rigid", "timing", f"≈{MINUS}4.6", f"≈{MINUS}1.0", "·", "┃"] in rows
        assert "RANKING   switched on in in-message" in text
        ranking, report = (
            stage.app.screen.query_one("#ranking"),
            stage.app.screen.query_one("#pitfalls-scroll"),
        )
        assert stage.app.focused is ranking
        await stage.press("down", "down")
        assert "2. RIGID TIMING" in stage.text()
        assert "RANKING" not in stage.text()
        await stage.press("enter")
        assert stage.app.focused is report
        await stage.press("escape", "up")
        assert stage.app.focused is ranking
        assert "1. WEAK IDENTITY" in stage.text()

    drive(script, WorldRunner())


def test_a_mode_is_told_to_its_end_where_there_is_room() -> None:
    """A title gets what the longest takes, not a fixed width; on a narrow list what the figures leave."""
    found = ranking()
    long = replace(found.pitfalls[0], title="Bot that escalates on any transactional request")
    found = replace(found, pitfalls=(long, *found.pitfalls[1:]))
    assert title_width(found, 112) == len(long.title)
    assert long.title in ranking_rows(found, title_width(found, 112))[0]
    narrow = ranking_rows(found, title_width(found, 72))[0]
    assert len(narrow) == 72
    assert "…" in narrow


def test_a_scenario_says_whether_its_file_is_sound_before_it_is_run() -> None:
    """Checked as the cursor moves; Enter takes it in hand on Compare."""

    async def script(stage: Stage) -> None:
        await stage.press("9")
        assert "✔ the file is sound" in stage.text()
        assert "$ sandbox check canned-bank" in stage.line(2)
        await stage.press("down")
        assert "✘ canned-quiet.yaml: line 3: unknown key" in stage.text()
        await stage.press("enter")
        assert isinstance(stage.app.screen, CompareScreen)
        assert stage.app.session.scenario == "canned-quiet"

    drive(script, WorldRunner())


def test_a_copy_and_a_file_of_ones_own_are_taken_in_hand() -> None:
    """N writes a copy and lists it first; o opens what is named; Escape leaves either."""
    runner = WorldRunner()

    async def script(stage: Stage) -> None:
        await stage.press("9", "n", "enter")
        assert stage.app.session.scenario == "my-scenario.yaml"
        assert "my-scenario.yaml  a scenario of your own" in stage.text()
        await stage.press("o")
        stage.app.screen.query_one("AskLine Input").value = "./mine.yaml"
        await stage.press("enter")
        assert stage.app.session.scenario == "./mine.yaml"
        await stage.press("n", "escape", "o", "escape")
        assert stage.app.session.scenario == "./mine.yaml"

    drive(script, runner)
    assert runner.saved == [("canned-bank", "my-scenario.yaml", ())]


def test_the_last_result_stands_beside_the_story() -> None:
    """Per design, how many rules passed, failed and were unsure; nothing while the file is being read."""
    one, report = (
        ScenarioFile("canned-bank", "A title", "A story."),
        CheckReport(True, [], {"published": 3}, {"seed": 1}),
    )
    text = "\n".join(line.plain for line in scenario_lines(one, report, comparison(), 80))
    assert "■ in-message           ✔ 11 ✘ 0 ? 0" in text
    assert "numbers by source     3 published" in text
    assert scenario_lines(one, None, None, 80)[-1].plain == "reading the file …"


def test_what_is_exported_is_what_the_writers_give(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """J and t write to the folder chosen; without a result they say how to come by one."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "there").mkdir()

    async def script(stage: Stage) -> None:
        await stage.press("0", "j")
        assert "There is no result" in stage.notices()
        await stage.press("1", "r", "0", "o")
        stage.app.screen.query_one("AskLine Input").value = "there"
        await stage.press("enter", "j", "t")
        assert "✔ written: there/canned-bank-result.json" in stage.text()
        await stage.press("o")
        stage.app.screen.query_one("AskLine Input").value = "nowhere"
        await stage.press("enter", "j")
        assert "nowhere" in stage.notices()

    drive(script, WorldRunner())
    assert (tmp_path / "there/canned-bank-result.json").read_text(encoding="utf-8") == comparison_json(
        comparison()
    )
    assert (tmp_path / "there/canned-bank-report.txt").read_text(encoding="utf-8") == "the report\n"


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
def test_what_is_said_leaves_the_line_being_typed_in_sight(size: tuple[int, int]) -> None:
    """The words why a name is refused end above the line for another one: they stood on it before."""
    app = SandboxApp(WorldRunner(), read)

    async def play() -> None:
        async with app.run_test(
            size=size, notifications=True
        ) as pilot:  # `drive` shows nothing said in passing
            stage = Stage(app, pilot)
            await stage.press("0", "t", "o")
            await stage.settle()
            assert "There is no result" in stage.text()
            below = app.screen.query_one("ToastRack").styles.margin.bottom
            assert app.screen.query_one("AskLine").region.y >= app.screen.size.height - below

    asyncio.run(play())


@pytest.mark.parametrize("key", ["down", "up"])
def test_export_names_whose_numbers_it_would_write(key: str) -> None:
    """They stay those of the comparison when another scenario is taken in hand."""

    async def script(stage: Stage) -> None:
        await stage.press("r", "0")
        assert "△" not in stage.line(1)
        await stage.press("1", "s", key, "0")
        assert stage.app.session.scenario != "canned-bank"
        assert stage.line(1).strip().startswith("△ numbers of canned-bank as in its file · in hand: ")

    drive(script, WorldRunner())


def test_an_export_never_overwrites_and_offers_a_free_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A text of one's own under that name stays; Enter writes beside it, and the command says where."""
    monkeypatch.chdir(tmp_path)
    mine = tmp_path / "canned-bank-report.txt"
    mine.write_text("my own notes\n", encoding="utf-8")

    async def script(stage: Stage) -> None:
        await stage.press("r", "0", "t")
        assert (
            "canned-bank-report.txt: exists already, and an export never overwrites; allowed: another name"
            in stage.notices()
        )
        assert stage.app.screen.query_one("AskLine Input").value == "canned-bank-report-2.txt"
        await stage.press("escape")
        assert not (tmp_path / "canned-bank-report-2.txt").exists()
        await stage.press("t", "enter")
        assert "✔ written: canned-bank-report-2.txt" in stage.text()
        await stage.press("t", "ctrl+a", "enter")
        assert stage.app.screen.query_one("AskLine Input").value == "canned-bank-report-3.txt"

    drive(script, WorldRunner())
    assert mine.read_text(encoding="utf-8") == "my own notes\n"
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "canned-bank-report-2.txt",
        "canned-bank-report-3.txt",
        "canned-bank-report.txt",
    ]


def test_every_what_if_has_files_and_commands_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both formats of one bear one number, the next one another; the settings stand there, whole at 80 columns."""
    monkeypatch.chdir(tmp_path)

    async def script(stage: Stage) -> None:
        await stage.press("2", "plus", "r", "0", "j", "t", "2", "plus", "r", "0")
        words = " ".join(stage.text().replace("┃", " ").split())
        assert "changed: campaign.messages=220000" in words
        assert "designs sms-to-call, portal, in-message" in words
        command = "sandbox compare canned-bank --set campaign.messages=220000 --seed 42 --replications 4"
        assert f"t the report for people: canned-bank-what-if-2-report.txt {command} --out canned-" in words
        assert f"$ {command} --out canned-" in words
        assert f"every number: canned-bank-what-if-2-result.json {command} --json --out canned-" in words
        await stage.press("t")

    drive(script, WorldRunner(), (80, 24))
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "canned-bank-what-if-1-report.txt",
        "canned-bank-what-if-1-result.json",
        "canned-bank-what-if-2-report.txt",
    ]


def test_designs_are_watched_side_by_side_to_their_end() -> None:
    """Figures and queue of each on one scale; the end is said, and the command names the replication watched."""

    async def script(stage: Stage) -> None:
        await stage.press("7", "r")
        text = stage.text()
        assert "2026-03-02 09:30:00" in text
        assert "● sms-to-call (at its end)" in text
        assert "80 calls, 10 % gave up" in text
        assert "core: 3 of last 20 failed" in text
        assert "? breaker half-open" in text
        assert "since 09:29, opened 4 times" in text
        assert "✔ breaker closed" in text
        assert "has not opened" in text
        assert "✔ every design has come to its end" in stage.line(1)
        assert "sandbox compare canned-bank --replications 1" in stage.line(2)

    drive(script, WorldRunner())


def test_watching_pauses_steps_and_changes_its_pace() -> None:
    """Space and . while paused, + and - say the new pace, x ends it."""

    class Paused(WorldRunner):
        starts_paused = True

    async def script(stage: Stage) -> None:
        await stage.pilot.press("7")
        await stage.pilot.pause()
        await stage.pilot.press("r")
        for _ in range(3):
            await stage.pilot.pause(0.05)
        assert "09:00:00" in stage.text()
        assert "paused" in stage.line(1)
        await stage.pilot.press("minus", "full_stop")
        for _ in range(5):
            await stage.pilot.pause(0.05)
        assert "09:15:00" in stage.text()
        await stage.press("x")
        assert "■ stopped" in stage.line(1)

    drive(script, Paused())


def test_pausing_what_is_not_watched_says_what_to_do() -> None:
    """Space, . and the pace act on what is watched; before that, and after it, each says so."""

    async def script(stage: Stage) -> None:
        await stage.press("7")
        for key in ("space", "full_stop", "plus", "minus"):
            await stage.press(key)
            assert "Nothing is being watched; r watches" in stage.notices()
            stage.app.clear_notifications()
        await stage.press("r", "space")
        assert "Nothing is being watched" in stage.notices()

    drive(script, WorldRunner())


def test_bands_keep_to_their_width_and_one_scale() -> None:
    """Figures on the left, the newest mark on the right; a design without a queue is as high as the others allow."""
    lines = [line.plain for line in live_lines(moment(2), 80)]
    assert max(map(len, lines)) <= 80
    assert len(lines) == 4 + 2 * 8 + 1
    assert lines[5].rstrip().endswith("█")
    assert lines[13].split("│")[0].endswith("4")


def test_bands_take_the_rows_there_are() -> None:
    """On a high terminal the queues are drawn higher, and nothing that stands beside them is lost."""
    low, high = ([line.plain for line in live_lines(moment(2), 80, rows)] for rows in (0, 50))
    assert len(low) < len(high) <= 50
    assert len(high) > 47
    for words in ("waiting", "breaker", "has not opened"):
        assert sum(words in line for line in high) == sum(words in line for line in low) > 0


def test_a_watched_queue_says_when_it_was() -> None:
    """The window that is shown, each design by its mark, and the hours below each band."""
    lines = [line.plain.rstrip() for line in live_lines(moment(2), 80)]
    assert lines[1] == "shown: 2026-03-02 09:00 to 09:30"
    assert lines[3] == "● sms-to-call   ▲ in-message"
    assert lines[11].endswith("└─────────────────────────────────────┬──")
    assert lines[12].startswith("▲ in-message")
    assert lines[12].endswith("09:00")
    assert lines[20].endswith("09:00")


def test_the_clock_below_a_queue_names_hours_and_the_day_that_begins() -> None:
    """A tick under each full hour; a new day has its date where its first hour would stand; nights take no room."""
    day = [f"{hour:02d}:{minute:02d}:00" for hour in range(8, 18) for minute in (0, 15, 30, 45)]
    marks = [f"2026-03-0{date} {time}" for date in (2, 3) for time in day]
    ticks, labels = clock_axis(marks, 90)
    assert len(ticks) == len(labels) == 90
    assert ticks.count("┬") == 19
    assert ticks.index("┼") == labels.index("03-03") == 10 + 40
    assert labels.split() == [
        "08:00",
        "10:00",
        "12:00",
        "14:00",
        "16:00",
        "03-03",
        "10:00",
        "12:00",
        "14:00",
        "16:00",
    ]
    assert ticks[labels.index("14:00")] == "┬"


def test_a_breaker_is_told_in_words_with_the_day_if_it_is_not_todays() -> None:
    """Open since a time of today is the time alone; of an earlier day, month and day."""
    one = moment(1).designs[0]
    assert figures(one, "2026-03-02 09:15:00")[-2:] == [
        ("✘ breaker open", "bold $error"),
        ("  since 09:14, opened 2 times", "$foreground-muted"),
    ]
    assert figures(one, "2026-03-05 09:15:00")[-1][0] == "  since 03-02, opened 2 times"


def test_help_names_keys_as_the_screens_do() -> None:
    """No key by its internal name, and a gap behind every one."""

    async def script(stage: Stage) -> None:
        await stage.press("3", "question_mark")
        page = str(stage.app.screen.query_one("#help-text").render())
        assert "]       List the next cases." in page
        assert "bracket" not in page
        assert "escape" not in page
        assert "\nEsc     " in page

    drive(script, WorldRunner())


def test_what_if_saved_as_a_scenario_is_listed_and_chosen_on_scenarios() -> None:
    """Whether Scenarios was open before or is opened afterwards: first in the list, under the cursor, in hand."""

    async def script(stage: Stage) -> None:
        for before in ((), ("9",)):
            await stage.press(*before, "2", "plus", "w", "ctrl+u", *f"mine{len(before)}.yaml", "enter", "9")
            listed = stage.app.screen.query_one("#all-scenarios", OptionList)
            name = f"mine{len(before)}.yaml"
            assert stage.app.session.scenario == name
            assert listed.highlighted == 0
            assert listed.highlighted_option.prompt.plain.startswith(name)
            assert stage.line(0).endswith(name)

    drive(script, WorldRunner())
