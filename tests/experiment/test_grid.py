"""What a sweep varies: texts to values, refusals that say what is allowed, and the grid."""

from __future__ import annotations

import numpy as np
import pytest

from sandbox.errors import BadInput
from sandbox.experiment.grid import POINTS_MAX, VALUES_MAX, Axis, parse_axis, points, rounded


def test_a_range_is_evenly_spaced_with_both_ends() -> None:
    """FROM:TO:COUNT gives what numpy's linspace gives; whole numbers come out as integers."""
    axis = parse_axis("campaign.messages=50000:400000:8")
    assert axis.path == "campaign.messages"
    assert axis.values == tuple(np.linspace(50000, 400000, 8))
    assert all(isinstance(value, int) for value in axis.values)
    assert (axis.log, axis.spaced) == (False, True)


def test_a_logarithmic_range_has_equal_ratios() -> None:
    """FROM:TO:COUNT:log gives what numpy's geomspace gives, to the digits one would type."""
    axis = parse_axis("a.b=1:7:5:log")
    assert axis.values == pytest.approx(np.geomspace(1, 7, 5), rel=1e-9)
    assert (axis.values[0], axis.values[-1], axis.log) == (1, 7, True)


def test_a_list_is_sorted_and_each_value_taken_once() -> None:
    """A,B,C may come in any order and with repetitions; nothing is put in between."""
    assert parse_axis("x=0.3, 0.1,0.3,2").values == (0.1, 0.3, 2)
    assert not parse_axis("x=1,2").spaced


def test_whole_numbers_that_fall_together_are_refused() -> None:
    """Rounding never hands the same world out twice under two names."""
    assert rounded(parse_axis("x=1:4:3")).values == (1, 2, 4)
    with pytest.raises(BadInput, match="found 5 values for 2 whole numbers"):
        rounded(parse_axis("x=1:2:5"))


def test_the_last_setting_of_a_grid_varies_fastest() -> None:
    """Every pair once, in reading order."""
    found = points([parse_axis("x=1,2"), parse_axis("y=3,4,5")])
    assert found == ((1, 3), (1, 4), (1, 5), (2, 3), (2, 4), (2, 5))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("campaign.messages", "PATH=FROM:TO:COUNT"),
        ("=1,2", "PATH=FROM:TO:COUNT"),
        ("a..b=1,2", "PATH=FROM:TO:COUNT"),
        ("a=", "PATH=FROM:TO:COUNT"),
        ("a=1:2", "found '1:2'"),
        ("a=1:2:3:lin", "found '1:2:3:lin'"),
        ("a=1:2:1", "from 2 to 50"),
        (f"a=1:2:{VALUES_MAX + 1}", "from 2 to 50"),
        ("a=1:2:2.5", "found '2.5' as the count"),
        ("a=2:1:3", "the lower end first"),
        ("a=1:1:3", "the lower end first"),
        ("a=0:1:3:log", "above 0"),
        ("a=1,two", "found 'two'"),
        ("a=1,nan", "found 'nan'"),
        ("a=1,inf", "found 'inf'"),
        ("a=5", "at least 2"),
        ("a=5,5.0", "at least 2"),
        ("a=" + ",".join(map(str, range(VALUES_MAX + 1))), "at most 50"),
    ],
)
def test_wrong_texts_are_refused(text: str, told: str) -> None:
    """Each refusal names the option, what was found and what is allowed."""
    with pytest.raises(BadInput) as refused:
        parse_axis(text)
    (problem,) = refused.value.problems
    assert problem.startswith(f"--over {text}: found")
    assert "allowed" in problem
    assert told in problem


def test_a_grid_is_bounded() -> None:
    """One or two different settings, and no more points than anybody waits for."""
    wide = Axis("x", tuple(range(21)), log=False, spaced=True, text="x")
    for axes, told in (
        ([], "found 0 settings"),
        ([parse_axis(f"{name}=1,2") for name in "xyz"], "found 3 settings"),
        ([parse_axis("x=1,2"), parse_axis("x=3,4")], "x twice"),
        ([wide, wide._replace(path="y")], f"at most {POINTS_MAX}"),
    ):
        with pytest.raises(BadInput, match=told):
            points(axes)


def test_a_star_makes_the_values_factors() -> None:
    """The path keeps it, so that it is set as a factor; the setting itself is named without."""
    axis = parse_axis("call_centre.agents *=0.8:1.4:7")
    assert (axis.path, axis.setting, axis.factor) == ("call_centre.agents*", "call_centre.agents", True)
    assert axis.values == (0.8, 0.9, 1, 1.1, 1.2, 1.3, 1.4)
    assert not parse_axis("x=1,2").factor
    with pytest.raises(BadInput, match="each setting once"):
        points([axis, parse_axis("call_centre.agents=5,6")])
    with pytest.raises(BadInput, match="PATH=FROM"):
        parse_axis("*=1,2")
