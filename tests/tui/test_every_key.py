"""Every key of every screen does something or says why not, also where there is nothing yet; and the foot is true."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from textual.binding import Binding
from textual.notifications import Notify
from textual.widgets import Input

from sandbox.errors import RuleBroken
from tests.tui.canned import FailingRunner, PatientRunner, read
from tests.tui.canned_worlds import WorldRunner
from tests.tui.driving import SMALL, WIDE, Stage, drive
from tui.app import PARTS, SCREENS, SandboxApp
from tui.keys import keymap_of, keys_of
from tui.library import Library
from tui.messages import RunRequested
from tui.modes import MODES, Mode
from tui.screens.base import ModeScreen

pytestmark = pytest.mark.wide


KINDS = list(zip(MODES, SCREENS, strict=True))
WITHOUT = ("cases", "phone", "pitfalls", "scenarios", "export")
"""Screens whose keys are also walked where no scenario is in hand."""

BACK = "escape"
"""Takes back what was opened; where nothing is open there is nothing to say of it."""


def nothing_to_run() -> Library:
    """A library without a scenario."""
    return Library((), {})


def as_seen(stage: Stage) -> tuple[object, ...]:
    """Whatever a user can tell that a key did."""
    app = stage.app
    return (
        stage.text(),
        stage.heard(Notify),
        stage.heard(RunRequested),
        app.clipboard,
        app.focused,
        app.return_code,
    )


async def silent_keys(stage: Stage, digit: str, bindings: list[Binding]) -> list[str]:
    """Press each key on a screen and bring it back; return the ids of those nobody would notice."""
    silent = []
    for binding in bindings:
        key = binding.key.split(",")[0]
        before = as_seen(stage)
        await stage.press(key)
        if as_seen(stage) == before:
            silent.append(str(binding.id))
        await stage.press(BACK)
        if stage.app.current_mode != MODES[int(digit) - 1].name:
            await stage.press(digit)
    return silent


@pytest.mark.wide
@pytest.mark.parametrize(
    ("mode", "kind", "library"),
    [pytest.param(mode, kind, read, id=mode.name) for mode, kind in KINDS]
    + [
        pytest.param(mode, kind, nothing_to_run, id=f"{mode.name}, no scenario")
        for mode, kind in KINDS
        if mode.name in WITHOUT
    ],
)
def test_no_key_is_silent_where_there_is_nothing_yet(
    mode: Mode, kind: type[ModeScreen], library: Callable[[], Library]
) -> None:
    """A change on the screen, work asked for, or a word; keys that start work come last."""
    bindings = [binding for binding in keys_of(kind) if binding.key != BACK]
    bindings.sort(key=lambda binding: "run" in binding.action)
    silent: list[str] = []

    async def script(stage: Stage) -> None:
        await stage.press(mode.key)
        silent.extend(await silent_keys(stage, mode.key, bindings))

    drive(script, WorldRunner(), library=library)
    assert silent == []


def test_x_and_r_say_why_they_do_nothing_now() -> None:
    """X where nothing runs; r while something does, with the key that stops it."""
    runner = PatientRunner()

    async def script(stage: Stage) -> None:
        await stage.press("x")
        assert "Nothing runs, so there is nothing to stop." in stage.notices()
        await stage.start_and_wait(runner.running)
        await stage.pilot.press("r")
        await stage.pilot.pause()
        assert "A run is under way; x stops it." in stage.notices()
        await stage.press("x")

    drive(script, runner)
    assert runner.runs == 1


@pytest.mark.wide
@pytest.mark.parametrize("digit", ["4", "9", "0"])
def test_r_speaks_of_a_run_only_where_there_is_one(digit: str) -> None:
    """Phone, Scenarios and Export have no key to run with; r says so while nothing is under way."""

    async def script(stage: Stage) -> None:
        await stage.press(digit, "r")
        assert stage.notices() == "This screen runs nothing; r does in 1 Compare."

    drive(script, WorldRunner())


def test_every_key_has_an_action_of_its_owner() -> None:
    """A key bound to nothing would be listed in help and palette, and do nothing."""
    missing = [
        str(binding.id)
        for kind in (SandboxApp, *SCREENS, *PARTS)
        for binding in keys_of(kind)
        if not hasattr(kind, f"action_{binding.action.partition('(')[0].rpartition('.')[2]}")
    ]
    assert missing == []


def test_escape_puts_a_failure_away_on_every_screen() -> None:
    """The panel says so; what Esc means to the screen below comes after that, and a line being typed before."""

    async def script(stage: Stage) -> None:
        await stage.press("9", "1", "r")
        assert "The run failed" in stage.text()
        assert "Esc closes" in stage.text()
        await stage.press("9")
        assert "The run failed" in stage.text()
        await stage.press("o", "escape")
        assert not isinstance(stage.app.focused, Input)
        assert "The run failed" in stage.text()
        await stage.press("escape")
        assert "The run failed" not in stage.text()
        await stage.press("1")
        assert "The run failed" not in stage.text()
        assert "failed" not in stage.line(1)

    drive(script, FailingRunner(RuleBroken("lost a case")))


@pytest.mark.wide
@pytest.mark.parametrize("keys", ["3 r slash", "4 d d enter enter down e", "9 n", "9 o", "0 o", "5 k"])
def test_the_foot_shows_the_keys_of_the_line_that_is_typed_into(keys: str) -> None:
    """Enter and Esc, and none of the screen's letters: they are typed. Afterwards the screen's own keys are back."""

    async def script(stage: Stage) -> None:
        await stage.press(*keys.split())
        assert isinstance(stage.app.focused, Input)
        await stage.settle()
        assert stage.line(-1).split("▏")[0].split() == ["enter", "Take", "it", "esc", "Leave", "it"]
        await stage.press("escape")
        await stage.settle()
        assert stage.line(-1).startswith(" ? Help")

    drive(script, WorldRunner())


@pytest.mark.wide
@pytest.mark.parametrize("size", [SMALL, WIDE], ids=["80x24", "120x40"])
@pytest.mark.parametrize(
    ("keys", "foot"),
    [
        ("4 v", "? Help s Sign off b Send back w Write y Copy esc Close"),
        ("4 v question_mark", "? Close help"),
        ("3 question_mark", "? Close help"),
        ("3 r n o", "esc Close y Copy"),
        ("r l", "esc Close y Copy"),
    ],
    ids=["review", "help of the review", "help", "page", "flips"],
)
def test_a_page_over_a_screen_has_the_foot(keys: str, foot: str, size: tuple[int, int]) -> None:
    """The keys of the screen beneath are out of use, and so out of sight."""

    async def script(stage: Stage) -> None:
        await stage.press(*keys.split())
        assert " ".join(stage.line(-1).split()) == foot

    drive(script, WorldRunner(), size)


def test_keys_of_pages_and_lines_can_be_bound_otherwise() -> None:
    """Every key has an id of its own, those of what stands over a screen included."""
    ids = [str(binding.id) for kind in PARTS for binding in keys_of(kind)]
    assert {"prelaunch.sign", "help.close", "line.leave", "panel.up"} <= set(ids)
    assert keymap_of("prelaunch.sign=f2", ids) == {"prelaunch.sign": "f2"}
    every = [str(binding.id) for kind in (SandboxApp, *PARTS) for binding in keys_of(kind)]
    assert len(every) == len(set(every))
