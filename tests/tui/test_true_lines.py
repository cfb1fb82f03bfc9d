"""Every screen says what is true now: what runs, whose numbers stand there, what is in hand; and nothing is lost."""

# ruff: noqa: ARG002 - a stand-in takes what the real runner takes

from __future__ import annotations

import threading

import pytest

from sandbox.errors import RuleBroken
from scenarios.live import LiveMoment
from tests.tui.canned import CannedRunner, FailingRunner, PatientRunner, read
from tests.tui.canned_worlds import WorldRunner, moment
from tests.tui.driving import Stage, drive
from tui.messages import RunRequested, WorldChanged
from tui.screens.prelaunch import PrelaunchScreen
from tui.session import Session
from tui.work import CasesWork

pytestmark = pytest.mark.wide


def state(stage: Stage) -> str:
    """The line below the bar that says what runs."""
    return str(stage.app.screen.query_one("#run-state").render())


def test_a_screen_opened_during_a_run_says_so_and_the_others_rest_once_it_is_over() -> None:
    """Seen on Limits, opened while Compare runs; then on both after it has ended."""
    runner = PatientRunner()

    async def script(stage: Stage) -> None:
        await stage.pilot.press("6")
        await stage.settle()
        resting = state(stage)
        await stage.pilot.press("1")
        await stage.start_and_wait(runner.running)
        await stage.pilot.press("9")
        await stage.pilot.pause()
        assert "running" in state(stage)
        await stage.press("x", "6")
        assert state(stage) == resting

    drive(script, runner)


def test_numbers_of_another_scenario_or_other_settings_are_named_as_such() -> None:
    """The state line of Compare, after a change and after it is taken back."""

    async def script(stage: Stage) -> None:
        await stage.press("r")
        done = state(stage)
        assert "✔ done" in done
        stage.app.session.settings = ("campaign.messages=7000",)
        stage.app.screen.post_message(WorldChanged())
        await stage.settle()
        assert state(stage) == (
            "△ numbers of canned-bank as in its file · in hand: canned-bank with campaign.messages=7000"
        )
        stage.app.session.settings = ()
        stage.app.screen.post_message(WorldChanged())
        await stage.settle()
        assert state(stage) == done

    drive(script, CannedRunner())


def test_what_was_changed_in_a_scenario_is_there_again_when_it_comes_back() -> None:
    """Another scenario starts as its file has it; a file of one's own joins the list."""
    session = Session(CannedRunner(), "canned-bank", ("seed=2",), library=read())
    session.choose("mine.yaml")
    assert session.settings == ()
    assert session.library is not None
    assert session.library.scenarios[0].name == "mine.yaml"
    session.choose("canned-bank")
    assert session.settings == ("seed=2",)


def test_a_file_of_ones_own_is_named_by_the_picker() -> None:
    """What is in hand is what the picker shows, although it was opened on another screen."""

    async def script(stage: Stage) -> None:
        stage.app.session.choose("mine.yaml")
        stage.app.screen.post_message(WorldChanged())
        await stage.settle()
        assert "mine.yaml" in stage.text()
        await stage.press("r")
        assert " s Scenario  mine.yaml" in stage.text()

    drive(script, CannedRunner())


def test_a_failure_is_put_away_with_the_world_it_was_of() -> None:
    """The panel stands until something else is in hand."""

    async def script(stage: Stage) -> None:
        await stage.press("r")
        assert "The run failed" in stage.text()
        stage.app.session.choose("canned-quiet")
        stage.app.screen.post_message(WorldChanged())
        await stage.settle()
        assert "The run failed" not in stage.text()

    drive(script, FailingRunner(RuleBroken("lost a case")))


@pytest.mark.parametrize("digit", ["2", "4", "8"])
def test_a_failure_stands_on_screens_that_are_first_opened_after_it(digit: str) -> None:
    """The panel and what it repeats; put away there, it is away everywhere, and stays so on the next new screen."""

    async def script(stage: Stage) -> None:
        await stage.press("r", digit)
        assert "The run failed" in stage.text()
        assert "lost a case" in stage.text()
        assert "repeat with: sandbox compare canned-bank" in stage.text()
        await stage.press("escape", "9")
        assert "The run failed" not in stage.text()
        await stage.press("1")
        assert "The run failed" not in stage.text()

    drive(script, FailingRunner(RuleBroken("lost a case")))


@pytest.mark.parametrize(("key", "then"), [("l", "l shows the flip list"), ("g", "g diagnoses it")])
def test_what_is_about_a_comparison_says_that_one_is_being_run(key: str, then: str) -> None:
    """And when the key may be used; before there is one, that it has to be run."""
    runner = PatientRunner()

    async def script(stage: Stage) -> None:
        await stage.press(key)
        assert "Run a comparison first" in stage.notices()
        await stage.start_and_wait(runner.running)
        await stage.pilot.press(key)
        await stage.pilot.pause()
        assert stage.notices() == f"The comparison is being run; {then} when it is done."
        await stage.press("x")

    drive(script, runner)


def test_other_screens_say_that_live_holds_a_run_and_whether_it_is_computed() -> None:
    """On one that stands and on one that is opened; on Live itself its pace; at the end nobody speaks of it."""
    over = threading.Event()

    class Paused(WorldRunner):
        starts_paused = True

        def live(self, *asked: object) -> LiveMoment:
            assert over.wait(10.0)
            return moment(2)

    async def script(stage: Stage) -> None:
        resting = state(stage)
        await stage.press("7")
        await stage.pilot.press("r")
        await stage.pilot.pause(0.05)
        held = "❙❙ 7 Live holds canned-bank, paused: nothing is computed; Space goes on there, x ends it"
        for digit, says in (("1", held), ("8", held), ("7", "❙❙ paused; . steps, Space goes on")):
            await stage.pilot.press(digit)
            await stage.app.keyboard.quiet()
            assert state(stage) == says
        control = stage.app.session.work.control
        control.paused = False
        await stage.pilot.press("1")
        await stage.app.keyboard.quiet()
        assert state(stage) == "▶ 7 Live is watching canned-bank; runs wait until that is over, x ends it"
        over.set()
        await stage.settle()
        await stage.press("7", "1")
        assert state(stage) == resting

    drive(script, Paused())


def test_the_newest_notice_of_a_kind_takes_the_place_of_the_one_before() -> None:
    """Of three refusals the last one stands; what was copied stands beside it."""

    async def script(stage: Stage) -> None:
        stage.app.NOTIFICATION_TIMEOUT = 600.0
        await stage.press("x", "y", "l", "g")
        await stage.shows("a diagnosis is about its designs")
        assert stage.notices().splitlines() == [
            "sandbox compare canned-bank",
            "Run a comparison first; a diagnosis is about its designs.",
        ]

    drive(script, CannedRunner())


@pytest.mark.wide
def test_cases_are_run_as_they_are_in_hand_not_as_they_were() -> None:
    """After a change r asks for the changed world; what is listed still says whose it is."""

    async def script(stage: Stage) -> None:
        await stage.press("3", "r")
        stage.app.session.settings = ("campaign.messages=300000",)
        stage.app.screen.post_message(WorldChanged())
        await stage.settle()
        assert "△ numbers of canned-bank as in its file" in state(stage)
        await stage.press("r")
        asked = [m.work for m in stage.messages if isinstance(m, RunRequested)]
        works = [work for work in asked if isinstance(work, CasesWork)]
        assert works[-1].order.settings == ("campaign.messages=300000",)

    drive(script, WorldRunner())


@pytest.mark.wide
def test_sign_offs_outlast_the_review_and_it_opens_only_over_its_own_screen() -> None:
    """Escape loses nothing; v opens the same review again."""

    async def script(stage: Stage) -> None:
        await stage.press("4", "v")
        assert isinstance(stage.app.screen, PrelaunchScreen)
        await stage.press("s", "s", "escape", "v")
        assert stage.text().count("[✔] ✔") == 2

    drive(script, WorldRunner())
