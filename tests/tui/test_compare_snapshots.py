import pytest
from syrupy.assertion import SnapshotAssertion

from tests.tui.driving import SMALL, WIDE, Stage, drive

LARGE = (200, 60)


def picture(size: tuple[int, int], *keys: str) -> tuple[str, bool]:
    """The screen after some keys, and whether any colour on it is not grey."""
    shown: list[tuple[str, bool]] = []

    async def script(stage: Stage) -> None:
        await stage.press(*keys)
        coloured = any(max(colour.rgb) - min(colour.rgb) > 2 for colour in stage.colours())
        shown.append((stage.text(), coloured))

    drive(script, size=size)
    return shown[0]


@pytest.mark.parametrize("size", [WIDE, SMALL], ids=["120x40", "80x24"])
def test_the_picker_before_a_run(snapshot: SnapshotAssertion, size: tuple[int, int]) -> None:
    """The scenarios, the story of the highlighted one, and the command that would run it."""
    assert picture(size)[0] == snapshot


@pytest.mark.parametrize("size", [WIDE, SMALL, LARGE], ids=["120x40", "80x24", "200x60"])
def test_the_result(snapshot: SnapshotAssertion, size: tuple[int, int]) -> None:
    """Decision and scorecard first; everything at once where it fits."""
    assert picture(size, "r")[0] == snapshot


@pytest.mark.parametrize("digit", ["3", "4", "5"])
def test_the_panels_stack_and_scroll_on_a_small_terminal(snapshot: SnapshotAssertion, digit: str) -> None:
    """A digit brings its panel into view at 80x24, with every figure readable."""
    assert picture(SMALL, "r", digit)[0] == snapshot


def test_help_over_the_result(snapshot: SnapshotAssertion) -> None:
    """The page of the funnels: what they show, the keys, the numbers."""
    assert picture(WIDE, "r", "4", "question_mark")[0] == snapshot


@pytest.mark.parametrize("size", [WIDE, SMALL], ids=["120x40", "80x24"])
def test_without_colour_nothing_is_lost(monkeypatch: pytest.MonkeyPatch, size: tuple[int, int]) -> None:
    """NO_COLOR turns everything grey and changes no character: glyphs and words carry the meaning."""
    text, coloured = picture(size, "r")
    assert coloured
    monkeypatch.setenv("NO_COLOR", "1")
    assert picture(size, "r") == (text, False)
    assert all(word in text for word in ("✔", "✘", "pass", "fail", "unsure"))
