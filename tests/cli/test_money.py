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


@pytest.mark.parametrize("width", [80, 110])
def test_costs_keep_to_the_width(width: int) -> None:
    """Words are wrapped, designs broken into blocks."""
    assert max(map(len, costs(canned.comparison(), width))) <= width


def test_without_costs_there_is_no_section() -> None:
    """Results made elsewhere may have none."""
    assert costs(replace(canned.comparison(), costs=None), 110) == []
