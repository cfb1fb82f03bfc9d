"""The Phone screen: answering, typing, making things go wrong, and the sign-off."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.widgets import Input, OptionList

from sandbox.errors import BadInput
from scenarios.rehearsal.phone import Phone
from tests.tui.canned_worlds import WorldRunner
from tests.tui.driving import SMALL, WIDE, Stage, drive
from tui.cli.orders import Order
from tui.screens.phone import SWITCH_KEYS, SWITCH_TITLES, PhoneScreen
from tui.screens.prelaunch import PrelaunchScreen

pytestmark = pytest.mark.wide


async def in_message(stage: Stage) -> None:
    """Take the phone of the in-message design."""
    await stage.press("4", "d", "d")
    assert "Phone · in-message" in stage.text()


def test_a_customer_pays_in_the_message() -> None:
    """Link, code, payment, confirmation: beside it identity, policy and the core, and the record at the end."""

    async def script(stage: Stage) -> None:
        await in_message(stage)
        await stage.press("enter")
        assert "signed link accepted" in stage.text()
        await stage.press("enter", "enter")
        text = stage.text()
        assert "the visit is over" in text
        assert "pay_now: done, " in text
        assert "complete; pay_now GBP" in text
        assert "chain intact" in " ".join(text.replace("│", " ").split())
        assert "--design in-message --do 1 --do 1 --do 1" in " ".join(text.split())

    drive(script, WorldRunner())


def test_what_is_typed_is_judged_by_the_real_policy() -> None:
    """Too much to promise is refused with the reason, and the page is shown again; a fair amount is taken."""

    async def script(stage: Stage) -> None:
        await in_message(stage)
        await stage.press("enter", "enter", "down")
        line = stage.app.screen.query_one("#typed", Input)
        assert line.display
        line.value = "99999, 7"
        await stage.press("enter")
        assert "The amount is above what can be taken" in stage.text()
        await stage.press("down", "e")
        assert isinstance(stage.app.focused, Input)
        line.value = "20.50, 7"
        await stage.press("enter")
        assert "promise_to_pay GBP 20.50" in " ".join(stage.text().split())

    drive(script, WorldRunner())


def test_an_amount_that_is_no_number_is_said_and_nothing_happens() -> None:
    """The page stays as it was."""

    async def script(stage: Stage) -> None:
        await in_message(stage)
        await stage.press("enter", "enter", "down")
        stage.app.screen.query_one("#typed", Input).value = "much"
        await stage.press("enter")
        assert "allowed: an amount" in stage.notices()
        assert "on the phone now" in stage.text()

    drive(script, WorldRunner())


@pytest.mark.parametrize(
    ("keys", "seen"),
    [
        (("t", "enter"), "signed link refused"),
        (("enter", "down", "enter"), "one-time code refused"),
        (("k", "enter", "enter", "enter"), "kept in the outbox"),
        (("w", "enter", "enter", "enter"), "sends the same form again"),
        (("u", "enter", "enter", "enter"), "timed_out"),
        (("i", "enter"), "lost on its way"),
    ],
    ids=["expired link", "wrong code", "core down", "sent twice", "answer lost", "code lost"],
)
def test_what_goes_wrong_shows_beside_the_phone(keys: tuple[str, ...], seen: str) -> None:
    """Each switch, and a wrong code, leaves its trace in what the real code did."""

    async def script(stage: Stage) -> None:
        await in_message(stage)
        await stage.press(*keys)
        shown = " ".join("".join(part for part in stage.text().replace("│", " ").splitlines()).split())
        moments = " ".join(moment.text for moment in stage.app.screen._page.moments)
        assert seen in shown or seen in moments

    drive(script, WorldRunner())


def test_a_switch_is_seen_to_be_on_and_goes_off_again() -> None:
    """● and ○ say so without colour."""

    async def script(stage: Stage) -> None:
        await stage.press("4")
        for key, name in SWITCH_KEYS.items():
            await stage.press(key)
            assert f"{key} ● {SWITCH_TITLES[name]}" in stage.text()
            await stage.press(key)
            assert f"{key} ○ {SWITCH_TITLES[name]}" in stage.text()

    drive(script, WorldRunner())


def test_next_customer_and_again() -> None:
    """N passes on to somebody else; g begins the same case anew with the switches as they are."""

    async def script(stage: Stage) -> None:
        await stage.press("4")
        first = stage.line(1)
        await stage.press("n")
        assert stage.line(1) != first
        assert "--customer 1" in stage.line(2)
        await stage.press("k", "enter", "g")
        assert "--customer 1 --do core_down " in stage.line(2)
        assert stage.app.screen.query_one("#options", OptionList).option_count == 2

    drive(script, WorldRunner())


def test_a_scenario_with_faults_says_them() -> None:
    """There is no phone, and the keys do no harm."""

    class Faulty(WorldRunner):
        def phone(self, order: Order, design: str | None) -> Phone:  # noqa: ARG002
            raise BadInput(["line 3: unknown key"])

    async def script(stage: Stage) -> None:
        await stage.press("4", "n", "g", "d", "k", "v", "e", "escape")
        assert "✘ line 3: unknown key" in stage.text()
        assert isinstance(stage.app.screen, PhoneScreen)

    drive(script, Faulty())


def test_cases_are_signed_off_one_by_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """S goes on to the next case, b sends back, w writes what was said of each, y copies the command."""
    monkeypatch.chdir(tmp_path)

    async def script(stage: Stage) -> None:
        await stage.press("4", "v")
        assert isinstance(stage.app.screen, PrelaunchScreen)
        await stage.press("s", "s", "b", "w", "y")
        text = stage.text()
        assert text.count("[✔] ✔") == 2
        assert text.count("[✘] ✔") == 1
        assert stage.app.clipboard == "sandbox prelaunch canned-bank --design sms-to-call"
        await stage.press("up", "enter", "down")
        assert "sign-off: sent back" in stage.text()
        await stage.press("escape")

    drive(script, WorldRunner())
    lines = (tmp_path / "prelaunch-retail-bank-200k-sms-to-call.md").read_text(encoding="utf-8").splitlines()
    assert sum("| signed off |" in line for line in lines) == 2
    assert sum("| open |" in line for line in lines) == 9


def test_everything_that_can_go_wrong_is_seen_on_a_short_terminal() -> None:
    """All six switches with their keys at 80x24, side by side; one below the other where there is room."""

    async def script(stage: Stage) -> None:
        await stage.press("4", "k")
        rows = [line for line in stage.text().splitlines() if "○" in line or "● Core down" in line]
        words = " ".join(rows)
        assert all(
            f"{key} ○ {SWITCH_TITLES[name]}" in words for key, name in SWITCH_KEYS.items() if key != "k"
        )
        assert "k ● Core down" in words
        assert len(rows) == (3 if stage.app.size.height < 38 else 6)

    for size in (SMALL, WIDE):
        drive(script, WorldRunner(), size)
