"""The cost section of the report."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.cli import canned
from tui.cli.money import costs


def test_the_parts_sum_to_what_is_shown() -> None:
    """Fixed and variable add up, prices stand below, each break-even or why there is none."""
    lines = costs(canned.comparison(), 110)
    rows = {line.strip().split("  ")[0]: line.split() for line in lines}
    assert lines[0] == "COSTS   GBP a month at 200,000 planned messages"
    assert rows["Total"][1:] == ["90,000", "75,500", "26,000"]
    assert rows["Per resolution"][2:] == ["21.42", "12.91", "4.85"]
    text = " ".join(" ".join(lines).split())
    assert "agent minute 0.4667, message 0.04" in text
    assert "portal against sms-to-call: total equal at 18,750 messages a month" in text
    assert "in-message against sms-to-call: total none: in-message is cheaper at every volume" in text
    assert "an extrapolation, not a run" in text


def test_names_keep_their_own_capitals() -> None:
    """A row begins with a capital and changes nothing else of a name."""
    found = canned.comparison()
    assert found.costs is not None
    parts = {
        name: replace(one, parts={"WhatsApp messages": 1.0, "emails": 2.0})
        for name, one in found.costs.designs.items()
    }
    lines = costs(replace(found, costs=replace(found.costs, designs=parts)), 110)
    assert {"WhatsApp messages", "Emails"} <= {line.strip().split("  ")[0] for line in lines}


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        (
            {"messages_low": 15_000.0, "messages_high": 25_000.0},
            "total equal at 18,750 [15,000, 25,000] messages a month (portal is cheaper above it",
        ),
        (
            {"messages_low": 15_000.0},
            (
                "total equal at 18,750 [15,000, not reached] messages a month (portal is cheaper above it, "
                "sms-to-call below); the runs do not rule out that they never meet;"
            ),
        ),
        ({"far_outside": True}, "messages a month, far outside what was run (9.4 % of it) (portal"),
        (
            {"messages": 4_000_000.0, "far_outside": True},
            "equal at 4,000,000 messages a month, far outside what was run (20 times it) (portal",
        ),
        (
            {"messages_per_resolution_low": 9_000.0},
            "per resolution none; the runs do not rule out one from 9,000 messages a month on",
        ),
        ({"messages_per_resolution_low": 0.0}, "none; the runs do not rule out one at any volume"),
        (
            {"messages_per_resolution_low": 7_000.0, "messages_per_resolution_high": 9_000.0},
            "none; the runs do not rule out one between 7,000 and 9,000 messages a month",
        ),
    ],
)
def test_a_break_even_says_what_the_runs_leave_open(changed: dict[str, float], told: str) -> None:
    """Interval, open end, a volume far outside, and where there is none what is not ruled out; all in any width."""
    found = canned.comparison()
    assert found.costs is not None
    meets = [replace(found.costs.break_even[0], **changed), *found.costs.break_even[1:]]
    for width in (80, 110):
        lines = costs(replace(found, costs=replace(found.costs, break_even=meets)), width)
        assert told in " ".join(" ".join(lines).split())
        assert max(map(len, lines)) <= width


@pytest.mark.parametrize("width", [80, 110])
def test_costs_keep_to_the_width(width: int) -> None:
    """Words are wrapped, designs broken into blocks."""
    assert max(map(len, costs(canned.comparison(), width))) <= width


def test_without_costs_there_is_no_section() -> None:
    """Results made elsewhere may have none."""
    assert costs(replace(canned.comparison(), costs=None), 110) == []
