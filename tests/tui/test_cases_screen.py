# ruff: noqa: ARG002 - a stand-in takes what the real runner takes
"""The Cases screen: found by what happened, paged, told, and the same customer elsewhere."""

from __future__ import annotations

import pytest
from textual.widgets import Input, OptionList

from sandbox.errors import RuleBroken
from scenarios.evidence.cases import Cases
from scenarios.progress import OnProgress, ShouldStop
from tests.tui.canned_worlds import WorldRunner, cases
from tests.tui.driving import SMALL, WIDE, Stage, drive
from tui.cli.orders import Order
from tui.messages import RunFailed, RunRequested
from tui.screens.cases import CasesScreen
from tui.screens.page import PageScreen
from tui.widgets.story import OTHERS, StoryPanel

pytestmark = pytest.mark.wide


def test_one_customer_whose_core_write_failed_twice() -> None:
    """Nine keys after the run: the case, and both failed tries in its story."""

    async def script(stage: Stage) -> None:
        await stage.press("3", "r")
        await stage.press("slash", *"twice", "enter")  # one thing is found: its cases are listed at once
        wanted = next(count for tag, count in cases("sms-to-call").tags if tag == "core write failed twice")
        assert f"core write failed twice · {wanted}" in stage.text()
        await stage.press("enter", "end")
        text = stage.text()
        assert "try 1: " in text
        assert "try 2: " in text
        assert "chain intact" in text
        assert "sandbox trace canned-bank --design sms-to-call --case" in stage.line(2)

    drive(script, WorldRunner())


def test_pages_are_turned_and_cases_stepped_through() -> None:
    """] and [ turn, n goes over the end of a page, all cases can be reached."""

    async def script(stage: Stage) -> None:
        await stage.press("3", "r")
        assert "1–200 of 400" in stage.text()  # noqa: RUF001
        await stage.press("right_square_bracket")
        assert "201–400 of 400" in stage.text()  # noqa: RUF001
        await stage.press("left_square_bracket", "n")
        assert "case 1 " in stage.text()
        await stage.press("p")
        assert "case 0 " in stage.text()
        stage.app.screen.query_one("#list", OptionList).highlighted = 199
        await stage.settle()
        await stage.press("n")
        assert "case 200 " in stage.text()

    drive(script, WorldRunner())


def test_what_a_search_finds_is_chosen_among_where_it_is_more_than_one() -> None:
    """Enter goes to the list; a second one lists the cases of the first."""

    async def script(stage: Stage) -> None:
        await stage.press("3", "r", "slash", *"promise", "enter")
        assert stage.app.focused is stage.app.screen.query_one("#tags", OptionList)
        await stage.press("enter")
        assert "chose promise_to_pay · " in stage.line(1)

    drive(script, WorldRunner())


def test_the_ends_of_the_list_say_that_they_are() -> None:
    """N at the last case and p at the first say so; p from the top of a page goes to the end of the one before."""

    async def script(stage: Stage) -> None:
        await stage.press("3", "r", "p")
        assert "These are the first cases." in stage.notices()
        await stage.press("right_square_bracket", "p")
        assert "case 199 " in stage.text()
        await stage.press("right_square_bracket", "right_square_bracket")
        assert "There are no further cases." in stage.notices()
        stage.app.clear_notifications()
        await stage.press("end", "n")
        assert "case 399 " in stage.text()
        assert "There are no further cases." in stage.notices()

    drive(script, WorldRunner())


def test_evidence_is_shown_on_demand() -> None:
    """The check of the chain always; the rows of the trail after e."""

    async def script(stage: Stage) -> None:
        await stage.press("3", "r", "n")
        assert "rows of evidence are left out" in stage.text()
        await stage.press("e")
        assert "triggered:" in stage.text()

    drive(script, WorldRunner())


def test_the_same_customer_in_every_design() -> None:
    """O runs what is missing, once, and shows how each ended; the second time nothing is run."""
    runner = WorldRunner()

    async def script(stage: Stage) -> None:
        await stage.press("3", "r", "n", "o")
        assert isinstance(stage.app.screen, PageScreen)
        text = stage.text()
        assert all(name in text for name in ("● sms-to-call", "▲ portal", "■ in-message"))
        await stage.press("escape", "o")
        assert isinstance(stage.app.screen, PageScreen)

    drive(script, runner)
    assert runner.kept == ["sms-to-call", "portal", "in-message"]


def test_the_next_design_keeps_the_customer() -> None:
    """D looks at the same case in the next design."""

    async def script(stage: Stage) -> None:
        await stage.press("3", "r", "n", "n", "d")
        assert "case 2 · portal" in stage.text()

    drive(script, WorldRunner())


def test_the_case_says_how_to_see_its_customer_elsewhere() -> None:
    """At the story itself and in the foot, once there is a case; not before."""

    async def script(stage: Stage) -> None:
        await stage.press("3")
        assert OTHERS not in stage.text()
        await stage.press("r")
        assert OTHERS in stage.text()
        assert "d Design" in stage.line(-1)

    for size in (SMALL, WIDE):
        drive(script, WorldRunner(), size)


def test_a_stage_of_a_funnel_lists_those_lost_there() -> None:
    """From Compare with the settings of its run, in the design of the column."""

    async def script(stage: Stage) -> None:
        await stage.press("r", "f", "down", "down", "right", "enter")
        assert isinstance(stage.app.screen, CasesScreen)
        assert "portal, first replication · came as far as: Engaged" in stage.line(1)

    drive(script, WorldRunner())


def test_a_run_that_fails_leaves_the_screen_alive() -> None:
    """The error panel says what failed and how to repeat it; r tries again."""

    class Failing(WorldRunner):
        def cases(
            self, order: Order, design: str | None, on_progress: OnProgress, should_stop: ShouldStop
        ) -> Cases:
            raise RuleBroken("two cases were lost")

    async def script(stage: Stage) -> None:
        await stage.press("3", "r")
        assert "✘ The run failed" in stage.text()
        assert "repeat with: sandbox cases canned-bank" in stage.text()
        await stage.press("r")
        assert stage.heard(RunFailed) == 2

    drive(script, Failing())


def test_keys_do_nothing_before_there_is_a_case() -> None:
    """No run is started by them, and nothing breaks; typing stays in the search line."""

    async def script(stage: Stage) -> None:
        await stage.press("3", "n", "p", "o", "d", "e", "a", "right_square_bracket", "slash", "r")
        assert stage.heard(RunRequested) == 0
        assert stage.app.screen.query_one("#search", Input).value == "r"
        await stage.press("escape")
        assert stage.app.screen.query_one("#search", Input).value == ""
        assert isinstance(stage.app.screen.query_one(StoryPanel), StoryPanel)

    drive(script, WorldRunner())


def test_all_lists_everybody_again() -> None:
    """A takes the filter away."""

    async def script(stage: Stage) -> None:
        await stage.press("3", "r", "slash", *"promise", "space", *"kept", "enter", "enter")
        assert "promise kept" in stage.line(1)
        await stage.press("a")
        assert "all cases · 400" in stage.line(1)

    drive(script, WorldRunner())


def test_finding_says_that_no_case_is_kept_yet_and_esc_takes_the_words_back() -> None:
    """What was typed before is looked for once there are cases; Enter keeps what it found, Esc lists everything."""

    async def script(stage: Stage) -> None:
        await stage.press("3", "slash")
        assert "No cases are kept yet" in stage.notices()
        await stage.press(*"twice", "enter")
        assert "no case is kept yet" in stage.text()
        await stage.press("r")
        tags = stage.app.screen.query_one("#tags")
        found = tags.option_count
        assert "twice" in str(tags.get_option_at_index(0).id)
        await stage.press("slash", "escape")
        assert tags.option_count > found > 0
        assert stage.app.focused is tags

    drive(script, WorldRunner())


def test_words_that_nothing_holds_are_named() -> None:
    """An empty list would leave open whether anything was looked for."""

    async def script(stage: Stage) -> None:
        await stage.press("3", "r", "slash", *"zzq")
        assert "nothing holds “zzq”" in stage.text()
        await stage.press("enter", "enter")
        assert "all cases" in stage.line(1)

    drive(script, WorldRunner())
