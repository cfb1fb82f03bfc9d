"""The command palette: what people type finds the command they mean, and a command out of use says why."""

from __future__ import annotations

import pytest
from textual.command import CommandPalette
from textual.widgets import Input, OptionList

from tests.tui.driving import Stage, drive
from tui.palette import DARK_TITLE, LIGHT_TITLE
from tui.themes import DARK, LIGHT

pytestmark = pytest.mark.wide

MEANT = {
    "light": LIGHT_TITLE,
    "dark": DARK_TITLE,
    "bright": LIGHT_TITLE,
    "theme": "Theme",
    "quit": "Quit",
    "exit": "Quit",
    "cancel": "Cancel",
    "stop": "Cancel",
    "export": "Screen 0: Export",
    "save": "Screen 0: Export",
    "copy": "Copy",
    "clipboard": "Copy",
    "failure modes": "Screen 8: Pitfalls",
}


async def found(stage: Stage, words: str) -> list[str]:
    """Type into the palette and return the titles it offers, best first."""
    await stage.press("ctrl+p")
    assert isinstance(stage.app.screen, CommandPalette)
    stage.app.screen.query_one(Input).value = words
    listed = stage.app.screen.query_one(OptionList)
    for _ in range(100):
        await stage.pilot.pause(0.02)
        if listed.option_count and stage.app.screen.workers:
            continue
        if listed.option_count:
            break
    return [str(option.hit.text) for option in listed.options if hasattr(option, "hit")]


@pytest.mark.parametrize("words", MEANT)
def test_everyday_words_find_their_command(words: str) -> None:
    """By title, by another word for it, or by what the help says it does."""

    async def script(stage: Stage) -> None:
        assert MEANT[words] in await found(stage, words)

    drive(script)


def test_the_themes_are_chosen_by_name() -> None:
    """Enter on what `light` finds turns the screens light; `dark` turns them back."""

    async def script(stage: Stage) -> None:
        for words, theme in (("light", LIGHT), ("dark", DARK)):
            assert (await found(stage, words))[0].endswith("theme")
            await stage.press("enter")
            assert stage.app.theme == theme.name

    drive(script)


def test_a_command_out_of_use_says_why() -> None:
    """Cancel while nothing runs is no silent command."""

    async def script(stage: Stage) -> None:
        await found(stage, "cancel")
        await stage.press("enter")
        assert "Nothing runs, so there is nothing to stop." in stage.notices()

    drive(script)
