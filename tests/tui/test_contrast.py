"""Everything on every screen can be read: in both themes, and without colour."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.color import Color
from textual.theme import Theme

from tests.tui.canned_worlds import WorldRunner
from tests.tui.driving import SMALL, WIDE, Stage, drive
from tui.themes import DARK, LIGHT

pytestmark = pytest.mark.wide

TEXT, DRAWING = 4.5, 3.0
"""Least contrast of text, and of lines, bars and blocks that carry a meaning (WCAG 2.2, 1.4.3 and 1.4.11)."""

STOPS = {
    "picker": "",
    "compare": "r",
    "scorecard": "c down",
    "metric": "enter",
    "help": "escape question_mark",
    "flips": "escape l",
    "cases lost": "escape f enter",
    "a case in every design": "o",
    "what-if": "escape 2 plus",
    "an edit": "enter",
    "out of range": "0 enter",
    "a few days": "f",
    "phone": "escape 4 k enter",
    "pre-launch": "v",
    "limits": "escape 5 r",
    "runs": "6 down space",
    "versus": "down v",
    "live": "escape 7 r",
    "scenarios": "9 down",
    "a name being asked for": "n",
    "export": "escape 0 j",
    "pitfalls, failed": "8 r",
    "pitfalls": "r down",
}
"""What is pressed for each thing to look at, one after the other."""


def contrast(one: Color, other: Color) -> float:
    """Contrast ratio of two colours as WCAG 2.2 defines it: 1 to 21."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: Color) -> float:
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in colour.normalized]
    return sum(weight * value for weight, value in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def too_faint(stage: Stage) -> list[str]:
    """What is on the screen and cannot be read, with its contrast."""
    found = set()
    for text, colour, ground in stage.coloured():
        drawn = all("\u2500" <= letter <= "\u259f" or letter.isspace() for letter in text)
        ratio = contrast(colour, ground)
        if ratio < (DRAWING if drawn else TEXT):
            found.add(f"{ratio:.2f} {colour.hex} on {ground.hex}: {text.strip()[:30]}")
    return sorted(found)


@pytest.mark.parametrize("without_colour", [False, True], ids=["coloured", "NO_COLOR"])
@pytest.mark.parametrize(
    ("theme", "size"), [(LIGHT, SMALL), (DARK, WIDE)], ids=["light-80x24", "dark-120x40"]
)
def test_everything_stands_out_from_its_ground(
    theme: Theme, size: tuple[int, int], without_colour: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Text by 4.5 and what is drawn by 3, on every screen and every page over one; the greys of NO_COLOR too."""
    monkeypatch.chdir(tmp_path)  # Export writes
    if without_colour:
        monkeypatch.setenv("NO_COLOR", "1")
    found: dict[str, list[str]] = {}

    async def script(stage: Stage) -> None:
        stage.app.theme = theme.name
        for name, keys in STOPS.items():
            await stage.press(*keys.split())
            await stage.settle()
            assert stage.coloured()
            if bad := too_faint(stage):
                found[name] = bad

    drive(script, WorldRunner(), size)
    assert found == {}


def test_the_ruler_is_right() -> None:
    """Black on white is 21, equal colours are 1, Textual's own grey on our light ground is below 4.5."""
    assert contrast(Color(0, 0, 0), Color(255, 255, 255)) == pytest.approx(21.0)
    assert contrast(Color(9, 9, 9), Color(9, 9, 9)) == 1.0
    assert contrast(Color.parse("#74797E"), Color.parse("#FBFBF9")) == pytest.approx(4.24, abs=0.01)


def test_what_is_too_faint_is_found() -> None:
    """A grey close to the ground is named with its place; a walk over screens that have one does not pass."""

    async def script(stage: Stage) -> None:
        assert too_faint(stage) == []
        stage.app.screen.query_one("#run-command").styles.color = Color.parse("#444444")
        await stage.settle()
        assert ["$ sandbox compare canned-bank" in line for line in too_faint(stage)] == [True]

    drive(script, WorldRunner())


def test_every_theme_of_textual_can_be_chosen() -> None:
    """The palette offers them all: each is drawn, and none changes a character."""

    async def script(stage: Stage) -> None:
        await stage.press("r")
        before = stage.text()
        for name in stage.app.available_themes:
            stage.app.theme = name
            await stage.settle()
            assert stage.text() == before, name

    drive(script, WorldRunner())
