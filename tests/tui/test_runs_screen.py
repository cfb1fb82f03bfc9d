"""The Runs screen: saved runs listed, opened exactly, held against each other; and the store behind it."""

from __future__ import annotations

from pathlib import Path

import pytest

from sandbox.errors import BadInput
from scenarios.saved.runs import SavedRun
from tests.tui.canned import comparison
from tests.tui.canned_worlds import WorldRunner
from tests.tui.driving import Stage, drive
from tui.cli.orders import Order
from tui.cli.saving import SaveOptions
from tui.messages import RunRequested
from tui.run_reading import versus_lines
from tui.runner import LibraryRunner
from tui.screens.compare import CompareScreen
from tui.screens.page import PageScreen

pytestmark = pytest.mark.wide


def test_a_saved_comparison_is_opened_as_it_was() -> None:
    """Enter shows it in Compare with its order, and runs nothing."""

    async def script(stage: Stage) -> None:
        await stage.press("6")
        assert "compare canned-bank --seed 43" in stage.text()
        await stage.press("down")
        assert "since then the code changed" in stage.text()
        assert "$ sandbox show 2" in stage.line(2)
        await stage.press("enter")
        assert isinstance(stage.app.screen, CompareScreen)
        assert "✔ done · seed 43" in stage.text()
        assert "sandbox compare canned-bank --seed 43 --replications 4" in stage.text()
        assert stage.heard(RunRequested) == 0

    drive(script, WorldRunner())


def test_two_runs_are_held_against_each_other() -> None:
    """Space marks one, v on another opens the page; without a mark it says what to do."""

    async def script(stage: Stage) -> None:
        await stage.press("6", "down", "v")
        assert "Mark one comparison" in stage.notices()
        await stage.press("space", "down", "v")
        assert isinstance(stage.app.screen, PageScreen)
        assert "Run 1 against run 2" in stage.text()
        assert "the same settings" in stage.text()

    drive(script, WorldRunner())


def test_what_is_no_comparison_shows_its_words() -> None:
    """The saved report stands there; Enter says that there is nothing to open."""

    async def script(stage: Stage) -> None:
        await stage.press("6")
        assert "it went" in stage.text()
        await stage.press("enter")
        assert "no comparison to open" in stage.notices()

    drive(script, WorldRunner())


def test_runs_that_cannot_be_read_say_why() -> None:
    """And an empty list says how to come by one."""

    class Refusing(WorldRunner):
        def saved_runs(self) -> list[SavedRun]:
            raise BadInput(["runs.sqlite: saved runs: file is not a database"])

    class Empty(WorldRunner):
        def saved_runs(self) -> list[SavedRun]:
            return []

    async def refused(stage: Stage) -> None:
        await stage.press("6", "enter", "space", "v")
        assert "file is not a database" in stage.text()

    async def empty(stage: Stage) -> None:
        await stage.press("6")
        assert "no run is saved yet" in stage.text()

    drive(refused, Refusing())
    drive(empty, Empty())


def test_a_run_of_the_screens_is_saved_and_comes_back_whole(tmp_path: Path) -> None:
    """What the store gives back is the comparison that was run, and its order."""
    runner = LibraryRunner(SaveOptions(db=f"sqlite:///{tmp_path / 'runs.sqlite'}"))
    settings = ("campaign.messages=800", "call_centre.other_traffic.calls_per_day=40")
    order = Order("compare", "retail-bank-200k", settings, ("portal",), replications=1)
    found = runner.compare(order, lambda _: None, lambda: False)
    (run,) = runner.saved_runs()
    assert run.line == order.command()
    back = runner.reopened(run.id)
    assert back.order == order
    assert back.comparison is not None
    assert back.comparison.designs == found.designs
    assert back.comparison.expectations == found.expectations


def test_versus_names_what_was_set_otherwise() -> None:
    """Settings first, then the designs both have, the second minus the first."""
    one, other = comparison(), comparison(seed=7)
    other.settings["campaign.messages"] = 50_000
    lines = [line.plain for line in versus_lines((1, one), (2, other), {}, 100)]
    assert lines[0].rstrip() == "campaign.messages: 200000 → 50000"
    assert sum(line.rstrip() in one.designs for line in lines) == 3
    assert any(line.startswith("Call abandonment rate") and "✘ 52.3" in line for line in lines)
