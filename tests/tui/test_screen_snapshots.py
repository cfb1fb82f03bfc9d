"""What the screens that look closer show, as text, at the sizes people have."""

from __future__ import annotations

from functools import cache

import pytest
from syrupy.assertion import SnapshotAssertion

from tests.tui.canned_worlds import WorldRunner
from tests.tui.driving import LARGE, SMALL, WIDE, tour

pytestmark = pytest.mark.wide


SIZES = pytest.mark.parametrize(
    "size",
    [
        pytest.param(SMALL, id="80x24"),
        pytest.param(WIDE, id="120x40"),
        pytest.param(LARGE, id="200x60"),
    ],
)
SHOWN = {
    "what-if": "2 plus plus",
    "cases": "3 r",
    "phone": "4 k enter",
}


@cache
def walked(size: tuple[int, int]) -> dict[str, tuple[str, bool]]:
    """One walk per size serves every test; the usual size sees all screens."""
    over = ["v", "escape 1 r c enter", "escape l"]
    others = [*over, "escape 5 r", "6 down", "7 r", "8", "r r", "9", "0"] if size == WIDE else []
    return tour(size, *SHOWN.values(), *others, runner=WorldRunner())


@SIZES
@pytest.mark.parametrize("screen", SHOWN)
def test_the_screen(snapshot: SnapshotAssertion, size: tuple[int, int], screen: str) -> None:
    """What-if after a number was moved twice, the cases of the baseline, a phone whose core is down."""
    assert walked(size)[SHOWN[screen]][0] == snapshot


@pytest.mark.parametrize(
    "stop",
    ["escape 5 r", "6 down", "7 r", "8", "r r", "9", "0"],
    ids=["limits", "runs", "live", "pitfalls", "ranking", "scenarios", "export"],
)
def test_the_other_screens(snapshot: SnapshotAssertion, stop: str) -> None:
    """Limits found, a saved run, designs watched, what can go wrong, what can be run, what can be written."""
    assert walked(WIDE)[stop][0] == snapshot


@pytest.mark.parametrize("stop", ["v", "escape 1 r c enter", "escape l"], ids=["review", "metric", "flips"])
def test_the_pages_over_a_screen(snapshot: SnapshotAssertion, stop: str) -> None:
    """The pre-launch cases, a metric explained, the flip list."""
    assert walked(WIDE)[stop][0] == snapshot
