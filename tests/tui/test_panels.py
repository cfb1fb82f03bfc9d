from dataclasses import replace

import pytest
from textual.content import Content

from scenarios.notes import NOT_REPRODUCED
from scenarios.result import FunnelStage, HalfHour
from tests.tui.canned import NAMES, comparison
from tests.tui.canned_worlds import study
from tui.figures import MINUS
from tui.readings import day_of
from tui.whatif_reading import simulated_lines, theory_lines
from tui.widgets.decision import decision_text
from tui.widgets.funnel import design_lines, funnel_lines
from tui.widgets.queue_chart import band_height, chart_lines
from tui.widgets.scorecard import table_lines


def plain(lines: list[Content]) -> list[str]:
    """The lines as text."""
    return [line.plain for line in lines]


@pytest.mark.parametrize("width", [54, 60, 76, 82, 120, 190])
def test_no_line_is_wider_than_its_panel(width: int) -> None:
    """Scorecard, funnels and queue keep to the cells they are given."""
    result = comparison()
    lines = table_lines(result, {}, width) + funnel_lines(result, width)
    lines += chart_lines(NAMES, day_of(result), width, 4)
    assert max(line.cell_length for line in lines) <= width


def test_the_scorecard_is_flat_where_labels_have_room_and_stacked_elsewhere() -> None:
    """One line per metric on a wide panel, and one more for each of four long labels; stacked on a narrow one."""
    flat, stacked = (plain(table_lines(comparison(), {}, width)) for width in (82, 60))
    assert len(flat) == 19 + 4
    assert flat[0].split() == ["Metric", "Rule", "●", NAMES[0], "▲", NAMES[1], "■", NAMES[2], "■", "−", "●"]  # noqa: RUF001
    assert stacked[0].split() == ["●", NAMES[0], "▲", NAMES[1], "■", NAMES[2]]
    assert len(stacked) == 37


@pytest.mark.parametrize("width", [60, 82])
def test_long_names_of_designs_are_told_to_their_end(width: int) -> None:
    """Over the scorecard's columns, and in front of what theory and a few simulated days say."""
    result = comparison()
    long = {f"message-first-on-{name}-for-all": design for name, design in result.designs.items()}
    result = replace(result, designs=long, baseline=next(iter(long)))
    look = study().look(())
    assert look.preview is not None
    seen = dict(zip(long, look.preview.designs.values(), strict=True))
    look = replace(look, preview=replace(look.preview, designs=seen))
    for drawn in (
        table_lines(result, {}, width),
        simulated_lines(result, {}, "sandbox compare x", width),
        theory_lines(look, look, width),
    ):
        lines = plain(drawn)
        assert "…" not in "".join(lines)
        assert max(map(len, lines)) <= width
        assert all(part in " ".join(lines) for part in ("● message-", "▲ message-", "portal-", "for-"))


def test_many_designs_wrap_onto_more_lines() -> None:
    """Eight designs on eighty columns lose no figure."""
    result = comparison()
    many = {f"design-{index}": result.designs[NAMES[index % 3]] for index in range(8)}
    lines = plain(table_lines(replace(result, designs=many, baseline="design-0"), {}, 76))
    row = lines.index(next(line for line in lines if line.startswith(" Call abandonment")))
    figures = " ".join(lines[row + 1 : row + 4])
    assert figures.count("52.3") == 3
    assert figures.count("1.9 ±0.3") == 2


def test_a_design_that_loses_nobody_says_so() -> None:
    """No loss is a finding; no cases is another."""
    design = replace(
        comparison().designs["portal"], funnel=[FunnelStage("a", "A", 5), FunnelStage("b", "B", 5)]
    )
    shown = [stage.title for stage in design.funnel]
    assert plain(design_lines("▲", design, 5, 40, shown))[-1].strip() == "nobody is lost"
    assert plain(design_lines("▲", replace(design, funnel=[]), 5, 40, []))[-1].strip() == "no cases"


def test_a_small_change_does_not_read_as_none() -> None:
    """It is told with more digits, and only where there is none is it nought; lines keep their width."""
    counts = (100_000, 99_970, 99_970, 40_000, 40_400, 0)
    stages = [FunnelStage(str(n), f"S{n}", count) for n, count in enumerate(counts)]
    design = replace(comparison().designs["portal"], funnel=stages)
    for width in (36, 60):
        lines = plain(design_lines("▲", design, counts[0], width, [stage.title for stage in stages]))
        told = ["", f"{MINUS}0.03 %", "0 %", f"{MINUS}60 %", "+1 %", f"{MINUS}100 %"]
        assert [line[-8:].strip() for line in lines[1:-1]] == told
        assert {len(line) for line in lines} == {width}


def test_a_title_too_long_drops_its_remark() -> None:
    """The remark in brackets goes before letters of the title do."""
    stages = [FunnelStage("a", "Delivered (receipt)", 9), FunnelStage("b", "Engaged", 4)]
    design = replace(comparison().designs["portal"], funnel=stages)
    lines = plain(design_lines("▲", design, 9, 36, ["Delivered (receipt)", "Engaged"]))
    assert lines[1].startswith(" Delivered ")
    assert lines[-1].rstrip() == "▼ most lost: Delivered → Engaged"


def test_the_chart_says_when_there_is_nothing_to_draw() -> None:
    """No calls in any design, or a panel with fewer columns than half hours."""
    result = comparison()
    silent = {name: replace(design, half_hours=[]) for name, design in result.designs.items()}
    assert plain(chart_lines(NAMES, day_of(replace(result, designs=silent)), 100, 3)) == ["no calls"]
    assert plain(chart_lines(NAMES, day_of(result), 40, 3)) == ["too narrow for a chart"]


def test_less_than_one_person_waiting_does_not_fill_the_chart() -> None:
    """The scale never ends below one person."""
    result = comparison()
    quiet = replace(result.designs["portal"], half_hours=[HalfHour("08:00", 10, 0, 1.0, 0.25, 2.0, 9.0)])
    lines = plain(chart_lines(("portal",), day_of(replace(result, designs={"portal": quiet})), 60, 4))
    assert "█" not in "".join(lines[:3])
    assert "█" in lines[3]
    assert "peak 0.2" in lines[1]


def test_bands_share_the_rows_there_are() -> None:
    """Three to eight rows each; four where the panel grows with its content."""
    assert [band_height(3, rows) for rows in (None, 5, 20, 90)] == [4, 3, 6, 8]
    assert band_height(0, 20) == 4


def test_the_decision_names_what_decided_and_where_customers_ended() -> None:
    """Go, hold or stop first, each with its weightiest ground; then the reasons per design."""
    text = decision_text(comparison()).plain
    assert text.startswith(
        "In front: ■ in-message\n● STOP sms-to-call\n✘ call-abandonment " + MINUS + "42.3 pp\n"
    )
    assert (
        f"▲ HOLD at best portal\n? call-abandonment {MINUS}0.6 pp\n■ GO at best in-message\n✔ 11 rules pass"
        in text
    )
    assert "Expected: ✔ 2 ✘ 0 ? 0 · 1" in text
    assert (
        "▲ Portal login\n✔ 8 pass ✘ 0 fail ? 3 unsure\nwhy: call-abandonment unsure (10.6 % [9.4, 11.8]"
        in text
    )
    assert "Completed untouched 66.0 %" in text
    assert text.endswith("Patience and load are fitted to the case, not measured.")


def test_a_design_saved_without_a_decision_is_not_called_a_success() -> None:
    """A result of an earlier version is said to have none; nothing is made up for it."""
    result = comparison()
    bare = replace(result.designs["portal"], metrics={}, calls={}, buckets={}, decision=None)
    text = decision_text(replace(result, designs={**result.designs, "portal": bare})).plain
    assert "▲ portal\nsaved without a decision" in text
    assert text.count("GO") == 1


def test_a_history_that_is_not_reproduced_stands_above_the_decision() -> None:
    """Whoever ran despite it reads so before any go."""
    result = replace(comparison(), notes=[f"{NOT_REPRODUCED}: abandonment is off"])
    assert decision_text(result).plain.startswith(
        "✘ HISTORY NOT REPRODUCED: run all the same, see NOTES\nIn front"
    )
