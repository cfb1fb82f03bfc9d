"""Crossings against closed forms: a straight line with a band of constant width, and its logarithmic counterpart."""

from __future__ import annotations

import math

import numpy as np
import pytest

from sandbox.experiment.crossing import CurvePoint, crossings


def straight(slope: float, half: float | None, places: list[float]) -> list[CurvePoint]:
    """Points of y = slope * x with a band of +- half."""
    return [
        CurvePoint(
            x,
            slope * x,
            None if half is None else slope * x - half,
            None if half is None else slope * x + half,
        )
        for x in places
    ]


@pytest.mark.parametrize("slope", [2.0, -2.0])
def test_a_straight_line_is_crossed_where_algebra_says(slope: float) -> None:
    """With y = bx meets T at T/b; the band of +-h holds T from T/b - h/b to T/b + h/b, whatever the points."""
    (found,) = crossings(straight(slope, 0.6, [0, 0.7, 1.1, 2.5, 3]), slope * 1.3)
    assert found.at == pytest.approx(1.3)
    assert (found.low, found.high) == pytest.approx((1.0, 1.6))
    assert found.rising == (slope > 0)
    assert found.bounded


def test_an_interval_may_span_several_points() -> None:
    """A wide band over close points: the ends lie points away from the crossing, still at +- h/b."""
    (found,) = crossings(straight(1.0, 2.2, [0.5 * place for place in range(20)]), 4.25)
    assert (found.low, found.high) == pytest.approx((2.05, 6.45))


def test_an_end_beyond_what_was_run_is_open() -> None:
    """Where the band still holds the line at the last point, nothing is claimed about what lies beyond."""
    (found,) = crossings(straight(1.0, 1.0, [0, 1, 2]), 0.5)
    assert (found.low, found.high) == (None, pytest.approx(1.5))
    assert found.bounded
    (found,) = crossings(straight(1.0, 1.0, [0, 1, 2]), 1.5)
    assert (found.low, found.high) == (pytest.approx(0.5), None)


def test_without_intervals_there_is_a_place_and_no_interval() -> None:
    """One replication of one day has no spread: the place is told, an interval is not made up."""
    (found,) = crossings(straight(1.0, None, [0, 1]), 0.25)
    assert (found.at, found.low, found.high, found.bounded) == (pytest.approx(0.25), None, None, False)


def test_on_a_logarithmic_axis_the_logarithm_is_straight() -> None:
    """With y = ln x meets ln 5 at 5; the band of +-h ends at 5 exp(-h) and 5 exp(h)."""
    points = [CurvePoint(x, math.log(x), math.log(x) - 0.3, math.log(x) + 0.3) for x in (1, 4, 9, 50)]
    (found,) = crossings(points, math.log(5), log=True)
    assert found.at == pytest.approx(5)
    assert (found.low, found.high) == pytest.approx((5 * math.exp(-0.3), 5 * math.exp(0.3)))


def test_every_crossing_is_told_in_order() -> None:
    """A curve that dips below its line and comes back crosses it twice; one that only touches it does not dip."""
    dips = [CurvePoint(x, y, y, y) for x, y in enumerate((1, -1, -1, 3))]
    down, up = crossings(dips, 0.0)
    assert (down.at, down.rising, up.at, up.rising) == (0.5, False, 2.25, True)
    assert (down.low, down.high) == (0.5, 0.5)
    touches = [CurvePoint(x, y, y, y) for x, y in enumerate((1, 0, 1))]
    assert crossings(touches, 0.0) == ()
    assert crossings(dips[:1], 0.0) == ()


def test_the_interval_is_the_inverted_band() -> None:
    """Against a dense scan: all places from `low` to `high` hold the line in the band, those just beside do not."""
    draws = np.random.Generator(np.random.PCG64(7))
    for _ in range(200):
        places = np.cumsum(draws.uniform(0.5, 2, 9))
        values = np.cumsum(draws.normal(0.4, 1, 9))
        below, above = draws.uniform(0.1, 1, (2, 9))
        points = [
            CurvePoint(*map(float, one))
            for one in zip(places, values, values - below, values + above, strict=True)
        ]
        for found in crossings(points, 1.0):
            ends = [
                places[0] if found.low is None else found.low,
                places[-1] if found.high is None else found.high,
            ]
            inside = np.linspace(*ends, 50)
            assert (np.interp(inside, places, values - below) <= 1 + 1e-9).all()
            assert (np.interp(inside, places, values + above) >= 1 - 1e-9).all()
            assert ends[0] <= found.at <= ends[1]
            assert float(np.interp(found.at, places, values)) == pytest.approx(1.0)
            for beside in ([found.low - 1e-6] if found.low else []) + (
                [found.high + 1e-6] if found.high else []
            ):
                low, high = (
                    float(np.interp(beside, places, end)) for end in (values - below, values + above)
                )
                assert not low <= 1.0 <= high
