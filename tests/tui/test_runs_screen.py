"""The Runs screen: saved runs listed, opened exactly, held against each other; and the store behind it."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path

import pytest

from sandbox.errors import BadInput
from scenarios.notes import NOT_REPRODUCED
from scenarios.result import Comparison, Spread
from scenarios.saved.runs import SavedRun
from scenarios.versus import Ran
from tests.tui.canned import comparison
from tests.tui.canned_worlds import TINY, WorldRunner, saved
from tests.tui.driving import Stage, drive
from tui.cli.limit_text import limits_text
from tui.cli.orders import Order
from tui.cli.saving import SaveOptions
from tui.cli.staff_text import staff_text
from tui.messages import RunRequested
from tui.ports import ReadBack, Told, Varied
from tui.run_reading import run_lines, versus_lines
from tui.runner import LibraryRunner
from tui.screens.compare import CompareScreen
from tui.screens.page import PageScreen
from tui.widgets.decision import DecisionPanel
from tui.work import LimitWork, StaffWork

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
        assert isinstance(stage.app.focused, DecisionPanel)
        assert "sandbox compare canned-bank --seed 43 --replications 4" in stage.text()
        assert stage.heard(RunRequested) == 0

    drive(script, WorldRunner())


def test_two_runs_are_held_against_each_other() -> None:
    """Space marks one, v on another opens the page, whose command shows both."""

    async def script(stage: Stage) -> None:
        await stage.press("6", "down", "space", "down", "v")
        assert isinstance(stage.app.screen, PageScreen)
        assert "Run 1 against run 2" in stage.text()
        assert "seed: 43 → 42" in stage.text()
        assert "not paired: seeds differ" in stage.text()
        await stage.press("y")
        assert "sandbox show 2; sandbox show 1" in stage.notices()

    drive(script, WorldRunner())


def test_v_says_what_is_missing() -> None:
    """No mark, the marked run itself, a run without figures: each has its own words."""

    async def script(stage: Stage) -> None:
        await stage.press("6", "down", "v")
        assert "Mark one comparison" in stage.notices()
        await stage.press("space", "v")
        assert "Run 2 is the marked one" in stage.notices()
        await stage.press("up", "v")
        assert "Run 3 gave no comparison" in stage.notices()

    drive(script, WorldRunner())


def test_what_is_no_comparison_shows_its_words() -> None:
    """The saved report stands there; Enter says that there is nothing to open."""

    async def script(stage: Stage) -> None:
        await stage.press("6")
        assert "it went" in stage.text()
        await stage.press("enter")
        assert "no comparison to open" in stage.notices()

    drive(script, WorldRunner())


@pytest.mark.parametrize("opened", [True, False])
def test_a_run_that_is_still_being_read_is_opened_as_soon_as_it_is_read(opened: bool) -> None:
    """Enter typed ahead of the reading is not lost; it is forgotten where the cursor moves on meanwhile."""
    reading = threading.Event()

    class Slow(WorldRunner):
        def reopened(self, number: int) -> ReadBack:
            reading.wait(10.0)
            return super().reopened(number)

    async def script(stage: Stage) -> None:
        await stage.pilot.press("6")
        for _ in range(200):
            await stage.pilot.pause(0.01)
            if stage.app.screen.query("#saved") and stage.app.screen.query_one("#saved").option_count:
                break
        await stage.pilot.press("down", "enter", "down", "up", *["enter"] * opened)
        await stage.pilot.pause()
        assert stage.app.current_mode == "runs"
        reading.set()
        await stage.settle()
        assert stage.app.current_mode == ("compare" if opened else "runs")
        assert stage.notices() == ""

    drive(script, Slow())


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
        for key in ("space", "v", "enter"):
            await stage.press(key)
            assert stage.notices().count("No run is listed") == 1
            stage.app.clear_notifications()

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


def test_what_limits_finds_is_saved_as_the_command_saves_it(tmp_path: Path) -> None:
    """A search takes minutes: what it found outlasts the screen, with the command that finds it again."""
    runner = LibraryRunner(SaveOptions(db=f"sqlite:///{tmp_path / 'runs.sqlite'}"))
    told = Told(lambda _: None, lambda _: None)
    order = Order("limit", "retail-bank-200k", TINY, ("sms-to-call",), seed=1, replications=1)
    keep, vary = "call_abandonment_rate<0.15", Varied("campaign.messages", "400:4000")
    found = runner.limits(order, keep, vary, told, lambda: False)
    needed = runner.staff(order, keep, "in-message", told, lambda: False)
    staff, limit = runner.saved_runs()
    assert limit.line == LimitWork(order, keep, *vary).command()
    assert staff.line == StaffWork(order, keep, "in-message").command()
    for saved_run, made in (
        (limit, limits_text(found, [], order, limit.line, 110)),
        (staff, staff_text(needed, replace(order, designs=("in-message",)), (staff.line, None), 110)),
    ):
        assert runner.reopened(saved_run.id).run.text == made


def ran(number: int, given: Comparison) -> Ran:
    """A saved run that gave this."""
    return Ran(saved(number, "sandbox compare canned-bank"), given)


def versus(one: Ran, other: Ran, width: int = 110) -> list[str]:
    """The page as text."""
    return [line.plain.rstrip() for line in versus_lines(one, other, {}, width)]


def test_versus_names_what_was_set_otherwise() -> None:
    """What differs stands first, then the designs both have, every figure with its unit and interval."""
    other = comparison(seed=7)
    other.settings["campaign.messages"] = 50_000
    for name, design in other.designs.items():
        other.designs[name] = replace(design, digest=name)
    other.settings["seed"] = 7  # set by hand; a seed is told once all the same
    lines = versus(ran(1, comparison()), ran(2, other))
    assert lines[1:3] == ["  seed: 42 → 7", "  campaign.messages: 200000 → 50000"]
    assert lines[3].startswith("not paired: seeds differ.")
    assert sum(line in other.designs for line in lines) == 3
    (abandoned, *_) = [line for line in lines if line.startswith("Call abandonment rate (%)")]
    assert abandoned.split("(%)")[1].split() == ["✘", "52.3", "±1.9", "✘", "52.3", "±1.9", "0.0", "±2.7"]


def test_versus_says_that_the_same_customers_are_paired() -> None:
    """Same seed and replications: by replication where it has values, marked where not; the arrow is no chance."""
    one, other = comparison(), comparison()
    changed = other.designs["sms-to-call"]
    runs = changed.spread["completion_of_engaged_rate"].replications
    further = Spread((), tuple(value + gap for value, gap in zip(runs, (0.1, 0.11, 0.12, 0.11), strict=True)))
    other.designs["sms-to-call"] = replace(
        changed, digest="f" * 64, spread={**changed.spread, "completion_of_engaged_rate": further}
    )
    lines = versus(ran(1, one), ran(2, other))
    assert any(line.startswith("paired replication by replication") for line in lines)
    start = lines.index("sms-to-call")
    (moved, *_) = [line for line in lines[start:] if line.startswith("Completion of engaged")]
    assert "▲ +11.0 ±1.3" in moved
    (apart, *_) = [line for line in lines[start:] if line.startswith("Call abandonment rate")]
    assert apart.endswith("~")
    assert lines[lines.index("portal") + 1] == "the same facts in both, byte for byte"


def test_versus_has_room_at_every_width() -> None:
    """A narrow page gives a metric's name a line of its own; no figure is cut."""
    for width in (64, 92, 160):
        lines = versus(ran(1, comparison()), ran(2, comparison(seed=7)), width)
        assert "…" not in "".join(lines)
        assert max(map(len, lines)) <= width


def test_versus_carries_the_warning_of_either() -> None:
    """A run made despite its history says so beside another, too."""
    other = comparison()
    other.notes.append(f"{NOT_REPRODUCED}: made up")
    assert versus(ran(1, comparison()), ran(2, other))[0].startswith("✘ HISTORY NOT REPRODUCED")


def test_a_long_title_is_told_to_its_end() -> None:
    """A narrow panel wraps it."""
    given = comparison()
    text = " ".join(line.plain.strip() for line in run_lines(saved(1, "sandbox compare x"), given, 30))
    assert f"{given.title}, seed {given.seed}" in text
