"""Line plots in text: where points, whiskers and the threshold stand."""

from __future__ import annotations

from tui.cli.plots import PlotPoint, line_plot

WIDTH = 60


def rows(**curves: list[PlotPoint]) -> list[str]:
    """A plot with a line at 10, ten rows high."""
    return line_plot(curves, WIDTH, lambda x: f"{x:,.0f}", lambda y: f"{y:.0f}", line=10.0, height=11)


def test_points_stand_at_their_values_and_the_line_between_them() -> None:
    """Nought below, the largest on top, the threshold across with its label, nothing wider than asked."""
    plot = rows(a=[PlotPoint(1, 0, None, None), PlotPoint(2, 20, None, None)])
    assert max(map(len, plot)) <= WIDTH
    assert plot[0].endswith("●")
    assert plot[10].split("┤")[1].startswith("●")
    assert plot[5].startswith("  10 ┤┈")
    assert plot[-1] == "  ● a   ┈┈ 10"


def test_intervals_are_whiskers() -> None:
    """From the lower end to the upper, with the point on top of them."""
    plot = rows(a=[PlotPoint(1, 10, 4, 16), PlotPoint(2, 20, None, None)])
    column = [line.replace("┤", "│", 1).split("│", 1)[1][:1] for line in plot[:11]]
    assert "".join(column).rstrip() == "  │││●│││"


def test_two_curves_have_two_marks() -> None:
    """Told apart without colour, and named below."""
    plot = rows(a=[PlotPoint(1, 5, None, None)], b=[PlotPoint(2, 15, None, None)])
    assert any("●" in line for line in plot[:11])
    assert any("○" in line for line in plot[:11])
    assert plot[-1].startswith("  ● a   ○ b")


def test_a_wide_range_is_drawn_by_ratio() -> None:
    """From ten times on the axis is logarithmic: 100 stands in the middle of 10 and 1,000."""
    plot = rows(a=[PlotPoint(x, 1, None, None) for x in (10, 100, 1000)])
    low = next(line for line in plot if "●" in line).split("│")[1]
    first, middle, last = (place for place, mark in enumerate(low) if mark == "●")
    assert abs((first + last) / 2 - middle) <= 1
    assert [word for word in plot[-2].split() if word] == ["10", "100", "1,000"]


def test_nothing_to_draw_is_no_plot() -> None:
    """Without a point there is no axis either."""
    assert line_plot({}, WIDTH, str, str) == []
