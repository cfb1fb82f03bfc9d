"""Keys typed before a screen stands wait for it: none is lost, and none acts on the screen that is being left."""

# ruff: noqa: ARG002 - a stand-in takes what the real runner takes

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest

from tests.tui.canned import read
from tests.tui.canned_worlds import WorldRunner, study
from tests.tui.driving import Stage, drive
from tui import keyboard
from tui.library import Library
from tui.messages import RunRequested
from tui.work import CompareWork, StaffWork

pytestmark = pytest.mark.wide


if TYPE_CHECKING:
    from scenarios.limits.answer import TheoryLimit
    from scenarios.saved.runs import SavedRun
    from scenarios.whatif import WhatIf
    from tui.cli.orders import Order
    from tui.ports import Varied


class SlowReader(WorldRunner):
    """Reads a scenario, and the saved runs, only once it is told to."""

    def __init__(self) -> None:
        super().__init__()
        self.may = threading.Event()

    def study(self, scenario: str) -> WhatIf:
        """The shipped scenario, in time."""
        assert self.may.wait(10.0)
        return study()

    def saved_runs(self) -> list[SavedRun]:
        """The saved runs, in time."""
        assert self.may.wait(10.0)
        return super().saved_runs()

    def theory(self, order: Order, keep: str, vary: Varied) -> dict[str, TheoryLimit]:
        """What theory says, in time."""
        assert self.may.wait(10.0)
        return super().theory(order, keep, vary)


def test_a_number_typed_ahead_at_the_first_what_if_is_entered_there() -> None:
    """The scenario takes its time; Enter edits the number the cursor comes to stand on, `0` opens no other screen."""
    runner = SlowReader()

    async def script(stage: Stage) -> None:
        stage.type_ahead("2", "enter", *["backspace"] * 6, *"100020", "enter")
        await stage.pilot.pause()
        assert stage.app.current_mode == "whatif"
        runner.may.set()
        await stage.settle()
        assert stage.app.session.settings == ("campaign.messages=100020",)
        assert stage.app.current_mode == "whatif"
        assert stage.notices() == ""

    drive(script, runner)


def test_a_run_is_opened_that_was_not_listed_yet_when_enter_was_typed() -> None:
    """The second of the saved runs, in Compare; nothing is run."""
    runner = SlowReader()

    async def script(stage: Stage) -> None:
        stage.type_ahead("6", "down", "enter")
        await stage.pilot.pause()
        runner.may.set()
        await stage.settle()
        assert stage.app.current_mode == "compare"
        assert "seed 43" in stage.text()
        assert stage.heard(RunRequested) == 0

    drive(script, runner)


def test_the_design_chosen_before_theory_has_spoken_is_the_one_that_is_staffed() -> None:
    """Limits knows its designs with theory only; until then `d` and `g` wait instead of acting on none."""
    runner = SlowReader()

    async def script(stage: Stage) -> None:
        stage.type_ahead("5", "d", "g")
        await stage.pilot.pause()
        runner.may.set()
        await stage.settle()
        asked = [message.work for message in stage.messages if isinstance(message, RunRequested)]
        assert {work.design for work in asked if isinstance(work, StaffWork)} == {"portal"}
        assert stage.notices() == ""

    drive(script, runner)


def test_what_is_typed_over_several_screens_acts_on_each_in_turn() -> None:
    """A scenario is taken in hand, its messages changed, and the change is run and told of."""

    async def script(stage: Stage) -> None:
        stage.type_ahead("9", "down", "enter", "2", "enter", "end", "backspace", "1", "enter", "1", "r")
        await stage.settle()
        asked = [message.work for message in stage.messages if isinstance(message, RunRequested)]
        assert {(type(work), work.order.scenario, work.order.settings) for work in asked} == {
            (CompareWork, "canned-quiet", ("campaign.messages=200001",))
        }
        assert stage.app.current_mode == "compare"

    drive(script, WorldRunner())


def test_r_typed_before_the_library_is_read_runs_the_first_scenario() -> None:
    """From the first frame on a key may be pressed."""
    may = threading.Event()

    def slowly() -> Library:
        assert may.wait(10.0)
        return read()

    async def script(stage: Stage) -> None:
        await stage.settle()
        assert stage.heard(RunRequested) == 1
        assert stage.notices() == ""

    async def at_once(stage: Stage) -> None:
        stage.type_ahead("r")
        await stage.pilot.pause()
        may.set()
        await script(stage)

    drive(at_once, WorldRunner(), library=slowly, settled=False)


def test_a_reading_that_does_not_end_holds_the_keys_for_a_while_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """After that they act, all of them without another wait."""
    monkeypatch.setattr(keyboard, "PATIENCE_S", 0.1)
    runner = SlowReader()

    async def script(stage: Stage) -> None:
        stage.type_ahead("2", "question_mark", "escape", "9")
        await stage.pilot.pause()
        await stage.app.keyboard.quiet()
        assert stage.app.current_mode == "scenarios"
        runner.may.set()

    drive(script, runner)


def test_keys_that_are_held_down_are_not_slowed() -> None:
    """Moving in a list and typing into a line wait for nothing; the key behind them acts where they have come to."""

    async def script(stage: Stage) -> None:
        await stage.press("2")
        turned: list[object] = []
        settled = keyboard.Keyboard._settled

        async def counted(self: keyboard.Keyboard) -> None:
            turned.append(self)
            await settled(self)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(keyboard.Keyboard, "_settled", counted)
            stage.type_ahead("down", "up", "enter", *["backspace"] * 6, *"1000234", "backspace", "enter")
            await stage.settle()
        assert len(turned) == 2
        assert stage.app.session.settings == ("campaign.messages=100023",)

    drive(script, WorldRunner())


def test_control_q_waits_for_nothing() -> None:
    """The app is left although keys before it wait for a scenario that is being read."""
    runner = SlowReader()

    async def script(stage: Stage) -> None:
        stage.type_ahead("2", "enter", "ctrl+q")
        await stage.pilot.pause()
        assert stage.app.return_code == 0
        runner.may.set()

    drive(script, runner)
