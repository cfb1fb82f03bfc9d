"""Every screen reached, worked and left by keys alone, and by the mouse where a mouse is quicker."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
from textual._callback import invoke

from sandbox.errors import BadInput
from tests.tui.canned_worlds import WorldRunner
from tests.tui.driving import SMALL, WIDE, Stage, drive
from tui.app import SCREENS, SandboxApp
from tui.keys import keymap_of, keys_of
from tui.messages import CasesWanted, ModeRequested, RunFinished, RunRequested
from tui.modes import MODES, tab_spans
from tui.screens.cases import CasesScreen
from tui.screens.compare import CompareScreen
from tui.screens.flips import FlipsScreen
from tui.screens.page import PageScreen
from tui.screens.phone import PhoneScreen
from tui.screens.prelaunch import PrelaunchScreen
from tui.screens.whatif import WhatIfScreen
from tui.work import CasesWork, CompareWork, FlipsWork, ReviewWork

pytestmark = pytest.mark.wide


@pytest.mark.parametrize("size", [SMALL, WIDE], ids=["80x24", "120x40"])
def test_a_walk_through_every_screen(
    size: tuple[int, int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Compare, a metric, the flip list, the lost customers, one of them in every design, What-if, Phone, sign-off."""
    monkeypatch.chdir(tmp_path)

    async def script(stage: Stage) -> None:
        screens = []

        async def go(*keys: str) -> None:
            await stage.press(*keys)
            screens.append(type(stage.app.screen))

        await go("r")
        await go("c", "down", "enter")
        await go("escape", "l")
        await go("enter")
        await go("1", "f", "down", "down", "enter")
        await go("n", "o")
        await go("escape", "2", "plus", "f")
        await go("4", "enter", "enter")
        await go("v")
        await go("s", "b", "w", "escape")
        await go("1")
        assert screens == [
            CompareScreen, PageScreen, FlipsScreen, CasesScreen, CasesScreen, PageScreen, WhatIfScreen, PhoneScreen,
            PrelaunchScreen, PhoneScreen, CompareScreen,
        ]  # fmt: skip
        kinds = [type(work).__name__ for work in _asked(stage)]
        assert kinds == [
            "CompareWork",
            "FlipsWork",
            "CasesWork",
            "CasesWork",
            "CasesWork",
            "QuickWork",
            "ReviewWork",
        ]

    drive(script, WorldRunner(), size)
    text = (tmp_path / "prelaunch-retail-bank-200k-sms-to-call.md").read_text(encoding="utf-8")
    assert "1 of 12 cases signed off" in text
    assert "| sent back |" in text


def _asked(stage: Stage) -> list[object]:
    """The work that was asked for, each once, in order."""
    found = {id(message): message.work for message in stage.messages if isinstance(message, RunRequested)}
    return list(found.values())


def test_digits_switch_screens_and_keep_what_was_open() -> None:
    """A result stays on Compare while another screen is looked at; the bar marks the one shown."""

    async def script(stage: Stage) -> None:
        await stage.press("r", "3")
        assert "[3 Cases]" in stage.line(0)
        await stage.press("1")
        assert "[1 Compare]" in stage.line(0)
        assert "In front: ■ in-message" in stage.text()

    drive(script, WorldRunner())


def test_the_flip_list_is_reckoned_once() -> None:
    """The second time it is simply shown."""

    async def script(stage: Stage) -> None:
        await stage.press("r", "l", "escape", "l")
        assert isinstance(stage.app.screen, FlipsScreen)
        assert [type(work).__name__ for work in _asked(stage)] == ["CompareWork", "FlipsWork"]

    drive(script, WorldRunner())


def test_nothing_is_cut_at_eighty_columns() -> None:
    """On every screen the names of all others, what to do and all keys of the foot are whole."""

    async def script(stage: Stage) -> None:
        for mode, kind in zip(MODES, SCREENS, strict=True):
            await stage.press(mode.key)
            bar = f"{stage.line(0)}\n{stage.line(1)}"
            assert all(f"{other.key} {other.title}" in bar for other in MODES)
            assert "canned-bank" in stage.line(0)
            assert len(kind.IDLE) < SMALL[0] - 1
            assert "q Quit" in stage.line(-1), mode.name

    drive(script, WorldRunner(), SMALL)


@pytest.mark.parametrize("size", [WIDE, SMALL])
def test_a_click_on_the_bar_shows_a_screen(size: tuple[int, int]) -> None:
    """The mouse does what the digit does, in either row of the bar."""

    async def script(stage: Stage) -> None:
        for mode in ("whatif", "export", "pitfalls"):
            span = next(span for span in tab_spans(size[0]) if span.mode == mode)
            await stage.pilot.click(offset=(span.start + 2, span.row))
            await stage.settle()
            assert stage.app.current_mode == mode
        assert stage.heard(ModeRequested) == 3

    drive(script, WorldRunner(), size)


def test_a_second_click_on_a_stage_lists_its_customers() -> None:
    """The first click moves the cursor there, the second opens it."""

    async def script(stage: Stage) -> None:
        await stage.press("r", "f")
        await stage.pilot.click("FunnelView", offset=(5, 3))
        await stage.settle()
        assert stage.heard(CasesWanted) == 0
        assert "▸Engaged" in stage.text()
        await stage.pilot.click("FunnelView", offset=(5, 3))
        await stage.settle()
        assert isinstance(stage.app.screen, CasesScreen)
        assert "came as far as: Engaged" in stage.text()

    drive(script, WorldRunner())


def test_a_second_click_on_a_metric_explains_it() -> None:
    """Where the line is, whatever heading stands above it."""

    async def script(stage: Stage) -> None:
        await stage.press("r", "c")
        for _ in range(2):
            await stage.pilot.click("ScorecardView", offset=(5, 5))
            await stage.settle()
        assert isinstance(stage.app.screen, PageScreen)
        assert "95 % interval" in stage.text()

    drive(script, WorldRunner())


def test_every_screen_has_its_palette_entries_and_its_command() -> None:
    """Each binding of a screen stands in the palette on that screen, and the command is shown."""

    async def script(stage: Stage) -> None:
        for mode, kind in zip(MODES, SCREENS, strict=True):
            await stage.press(mode.key)
            assert isinstance(stage.app.screen, kind)
            titles = [command.title for command in stage.app.get_system_commands(stage.app.screen)]
            assert {binding.description for owner in (SandboxApp, kind) for binding in keys_of(owner)} <= set(
                titles
            )
            assert "$ sandbox " in stage.text()
            assert stage.line(-1).startswith(" ? Help")
            await stage.press("question_mark")
            assert f"Help: {kind.TITLE_WORDS}" in stage.text() or "Help: s Scenario" in stage.text()
            await stage.press("question_mark")

    drive(script, WorldRunner())


def test_palette_entries_of_a_screen_act_on_it() -> None:
    """Undo by name takes back what the key changed."""

    async def script(stage: Stage) -> None:
        await stage.press("2", "plus")
        assert stage.app.session.settings == ("campaign.messages=210000",)
        commands = {item.title: item for item in stage.app.get_system_commands(stage.app.screen)}
        await invoke(commands["Undo"].callback)
        await stage.settle()
        assert stage.app.session.settings == ()

    drive(script, WorldRunner())


def test_keys_can_be_bound_otherwise() -> None:
    """By id: the new key works, the old one no longer does."""

    async def script(stage: Stage) -> None:
        stage.app.set_keymap(
            keymap_of("app.mode.cases = f3, compare.run=f5", {"app.mode.cases", "compare.run"})
        )
        await stage.press("r")
        assert stage.heard(RunRequested) == 0
        await stage.press("f5")
        assert stage.heard(RunRequested) == 1
        await stage.press("f3")
        assert isinstance(stage.app.screen, CasesScreen)

    drive(script, WorldRunner())


def test_a_key_that_does_not_exist_is_refused_with_the_closest() -> None:
    """All faults at once; nothing said changes nothing."""
    assert keymap_of("", ["app.quit"]) == {}
    with pytest.raises(BadInput, match=r"did you mean 'app\.quit'") as refused:
        keymap_of("app.qiut=x, app.quit=", ["app.quit"])
    assert len(refused.value.problems) == 2


@pytest.mark.parametrize(
    ("width", "rows"), [(20, 10), (40, 3), (60, 2), (80, 2), (100, 2), (101, 1), (200, 1)]
)
def test_the_bar_keeps_to_its_width_and_cuts_no_name(width: int, rows: int) -> None:
    """Every name is whole; where one row does not hold them there are more, side by side without a gap."""
    spans = tab_spans(width)
    assert [span.text.strip() for span in spans] == [f"{mode.key} {mode.title}" for mode in MODES]
    assert all(span.end <= width for span in spans)
    assert spans[-1].row + 1 == rows
    for before, after in pairwise(spans):
        assert after.start == (before.end if after.row == before.row else 0)


@pytest.mark.parametrize(
    ("work", "command"),
    [
        (CompareWork, "sandbox compare canned-bank --set a.b=1"),
        (
            lambda order: CasesWork(order, ("portal",)),
            "sandbox cases canned-bank --design portal --set a.b=1",
        ),
        (lambda order: FlipsWork(order, "x", "y"), "sandbox flips canned-bank --from x --to y --set a.b=1"),
        (lambda order: ReviewWork(order, "x"), "sandbox prelaunch canned-bank --design x --set a.b=1"),
    ],
)
def test_every_work_names_its_command(work: object, command: str) -> None:
    """The command line that does the same, with the settings."""
    from tui.cli.orders import Order

    assert work(Order("compare", "canned-bank", ("a.b=1",))).command() == command  # type: ignore[operator]


def test_work_on_another_screen_leaves_a_result_alone() -> None:
    """A few days simulated in What-if take no comparison's place."""

    async def script(stage: Stage) -> None:
        await stage.press("2", "f")
        assert stage.heard(RunFinished) == 1
        assert stage.app.session.compared is None

    drive(script, WorldRunner())
