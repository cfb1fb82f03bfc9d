from functools import cache

import pytest
from syrupy.assertion import SnapshotAssertion

from tests.tui.driving import LARGE, SMALL, WIDE, tour


@cache
def pictures(size: tuple[int, int]) -> dict[str, tuple[str, bool]]:
    """One walk per size serves every test: before a run, the result, each panel, the help over the last."""
    return tour(size, "r", "c", "f", "u", "question_mark")


@pytest.mark.parametrize("size", [WIDE, SMALL], ids=["120x40", "80x24"])
def test_the_picker_before_a_run(snapshot: SnapshotAssertion, size: tuple[int, int]) -> None:
    """The scenarios, the story of the highlighted one, and the command that would run it."""
    assert pictures(size)[""][0] == snapshot


@pytest.mark.parametrize("size", [WIDE, SMALL, LARGE], ids=["120x40", "80x24", "200x60"])
def test_the_result(snapshot: SnapshotAssertion, size: tuple[int, int]) -> None:
    """Decision and scorecard first; everything at once where it fits."""
    shown = tour(size, "r") if size == LARGE else pictures(size)
    assert shown["r"][0] == snapshot


@pytest.mark.parametrize("letter", ["c", "f", "u"])
def test_the_panels_stack_and_scroll_on_a_small_terminal(snapshot: SnapshotAssertion, letter: str) -> None:
    """A letter brings its panel into view at 80x24, with every figure readable."""
    assert pictures(SMALL)[letter][0] == snapshot


@pytest.mark.parametrize("size", [WIDE, SMALL], ids=["120x40", "80x24"])
def test_help_over_the_result(snapshot: SnapshotAssertion, size: tuple[int, int]) -> None:
    """The page of the queue: what it shows, the keys, the numbers."""
    assert pictures(size)["question_mark"][0] == snapshot


def test_without_colour_nothing_is_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    """NO_COLOR turns everything grey and changes no character: glyphs and words carry the meaning."""
    text, coloured = pictures(WIDE)["r"]
    assert coloured
    monkeypatch.setenv("NO_COLOR", "1")
    assert tour(WIDE, "r")["r"] == (text, False)
    assert all(word in text for word in ("✔", "✘", "pass", "fail", "unsure"))
