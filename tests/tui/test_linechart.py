"""Line charts as text: where points, intervals and the rule stand, and what is written beside them."""

from __future__ import annotations

from tui.linechart import Dot, Line, Scale, by_ratio, line_chart


def layout(width: int = 21, height: int = 5, *, log: bool = False, rule: float | None = None) -> Scale:
    """A small chart with plain numbers."""
    return Scale(width, height, log, rule, lambda value: f"{value:g}", lambda value: f"{value:g}")


def test_points_stand_where_their_numbers_say() -> None:
    """A straight line climbs from the lowest left to the highest right cell, led by dots; the axis has its ticks."""
    line = Line("●", tuple(Dot(at, at, None, None) for at in (0.0, 10.0, 20.0)))
    drawn = line_chart([line], layout())
    assert [row.find("●") - 4 for row in drawn[:5]] == [20, -5, 10, -5, 0]
    assert [row.count("·") for row in drawn[:5]] == [2, 5, 4, 5, 2]
    assert [row[:4] for row in drawn[:5]] == ["20 ┤", "   │", "10 ┤", "   │", " 0 ┤"]
    assert drawn[5:] == ["   └┬─────────┬─────────┬", "    0        10        20"]


def test_intervals_and_the_rule_are_drawn() -> None:
    """`│` spans low to high, the rule runs across and is labelled, the mark stands above both."""
    line = Line("▲", (Dot(0, 4, 2, 6), Dot(1, 8, None, None)))
    drawn = line_chart([line], layout(width=9, height=9, rule=5.0))
    assert [row[3:4] or " " for row in drawn[:9]] == [" ", " ", "│", "│", "▲", "│", "│", " ", " "]
    assert drawn[3].startswith("5 ┤")
    assert "╌" in drawn[3]
    assert drawn[0].endswith("▲")


def test_no_point_is_hidden_by_an_interval() -> None:
    """Where the interval of one line crosses the point of another the point is seen, whichever is drawn later."""
    lines = [Line("●", (Dot(0, 5, None, None), Dot(1, 5, None, None))), Line("▲", (Dot(0, 8, 0, 9),))]
    for order in (lines, lines[::-1]):
        first = "".join(row[3] for row in line_chart(order, layout(width=9, height=10))[:10])
        assert first.count("●") == first.count("▲") == 1
        assert first.count("│") == 8


def test_ratios_count_from_ten_times_on() -> None:
    """And never where a place is not above nought."""
    assert by_ratio([10, 50, 100])
    assert not by_ratio([10, 50, 99])
    assert not by_ratio([0, 50, 100])


def test_a_logarithmic_axis_has_equal_ratios_apart() -> None:
    """1, 10, 100 lie at equal distances."""
    line = Line("●", tuple(Dot(at, 1, 0, 2) for at in (1.0, 10.0, 100.0)))
    ticks = line_chart([line], layout(log=True))[-2]
    assert [place for place, cell in enumerate(ticks) if cell == "┬"] == [3, 13, 23]


def test_a_chart_of_nothing_is_nothing_and_a_flat_one_is_drawn() -> None:
    """No point, no chart; one value over and over has a scale of its own."""
    assert line_chart([Line("●", ())], layout()) == []
    drawn = line_chart([Line("●", (Dot(1, 3, None, None), Dot(2, 3, None, None)))], layout())
    assert sum(row.count("●") for row in drawn) == 2


def test_labels_never_touch() -> None:
    """Where places are close only some are told, the ends always."""
    line = Line("●", tuple(Dot(at, at, None, None) for at in range(1000, 1030)))
    labels = line_chart([line], layout(width=40))[-1].split()
    assert labels[0] == "1000"
    assert labels[-1] == "1029"
    assert all(len(label) == 4 for label in labels)
