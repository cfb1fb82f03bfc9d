"""Patience against closed forms: exponential, and hazards that change with the wait."""

from __future__ import annotations

from itertools import pairwise
from math import exp, log, sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.draws import Draws
from sandbox.errors import BadInput
from sandbox.simulation.distributions import exponential_ms
from sandbox.simulation.hazard import LEAST_PER_1000_S, ExponentialPatience, Piece, PiecewiseHazard

MANY = 100_000
SIGMAS = 3.9  # one in ten thousand

ANNOUNCED = PiecewiseHazard([Piece(20, 3.5), Piece(45, 2.0), Piece(60, 3.3), Piece(None, 2.0)])
"""What a bank's log of January 1999 shows: haste at first, a bump at the announcement, then a steady loss."""

UNIFORMS = st.floats(0.0, 1.0, exclude_max=True)


@given(UNIFORMS, st.floats(0.01, 5_000))
def test_one_piece_is_the_exponential_to_the_millisecond(u: float, per_1000_s: float) -> None:
    """A hazard that never changes is the exponential with the mean it says, exactly, for every caller."""
    one = PiecewiseHazard([Piece(None, per_1000_s)])
    assert one.ms(u) == ExponentialPatience(1_000 / per_1000_s).ms(u) == exponential_ms(u, 1_000 / per_1000_s)
    assert one.mean_s == 1_000 / per_1000_s


def test_a_quantile_is_where_the_hazards_add_up() -> None:
    """By hand: 20 s at 3.5 and 25 s at 2 per 1,000 s leave exp(-0.12); 15 s at 3.3 leave exp(-0.1695)."""
    assert ANNOUNCED.ms(0.0) == 0
    assert ANNOUNCED.ms(1 - exp(-0.035)) == 10_000
    assert ANNOUNCED.ms(1 - exp(-0.07)) == 20_000
    assert ANNOUNCED.ms(1 - exp(-0.12)) == 45_000
    assert ANNOUNCED.ms(1 - exp(-0.1695)) == 60_000
    assert ANNOUNCED.ms(1 - exp(-0.1695 - 0.2)) == 160_000
    assert ANNOUNCED.ms(0.5) == pytest.approx(60_000 + (log(2) - 0.1695) / 0.002 * 1_000, abs=1)


def test_survival_is_what_the_quantiles_come_from() -> None:
    """Share still waiting after t seconds: exp of minus the hazard so far; the two are inverse to each other."""
    assert ANNOUNCED.survival(0) == 1.0
    assert ANNOUNCED.survival(45) == pytest.approx(exp(-0.12))
    assert ANNOUNCED.survival(160) == pytest.approx(exp(-0.3695))
    for u in (0.01, 0.05, 0.1, 0.16, 0.4, 0.99):
        assert ANNOUNCED.survival(ANNOUNCED.ms(u) / 1_000) == pytest.approx(1 - u, abs=1e-5)


def test_the_mean_is_the_area_below_the_survival_curve() -> None:
    """Closed form against a sum over seconds of the survival curve, and against a hundred thousand callers."""
    middles = np.arange(0, 20_000) + 0.5
    area = sum(ANNOUNCED.survival(float(second)) for second in middles)
    assert ANNOUNCED.mean_s == pytest.approx(area, rel=1e-3)
    sample = np.array([ANNOUNCED.ms(u) for u in Draws(1).uniforms("patience", 1, 0, MANY)]) / 1_000
    assert sample.mean() == pytest.approx(ANNOUNCED.mean_s, abs=SIGMAS * sample.std() / sqrt(MANY))


def test_nobody_leaves_in_a_piece_without_hazard() -> None:
    """Between 10 and 30 s the curve is flat; who would have left then leaves right after it."""
    music = PiecewiseHazard([Piece(10, 5), Piece(30, 0), Piece(None, 5)])
    times = [music.ms(u) for u in Draws(1).uniforms("patience", 1, 0, 20_000)]
    assert not [ms for ms in times if 10_000 < ms < 30_000]
    assert music.survival(10) == music.survival(30) == pytest.approx(exp(-0.05))
    # 10 s before, 20 s for those still there, then the exponential's mean for the same.
    assert music.mean_s == pytest.approx((1 - exp(-0.05)) * 200 + 20 * exp(-0.05) + 200 * exp(-0.05))


@given(
    st.lists(st.tuples(st.floats(1, 100), st.just(0.0) | st.floats(LEAST_PER_1000_S, 50)), max_size=5),
    st.floats(0.1, 50),
    st.lists(UNIFORMS, min_size=2, max_size=20),
)
def test_a_more_patient_caller_is_so_under_every_hazard(
    stretches: list[tuple[float, float]], last: float, draws: list[float]
) -> None:
    """Patience rises with the draw, so settings are compared on the same people in the same order."""
    until, pieces = 0.0, []
    for lasts, rate in stretches:
        until += lasts
        pieces.append(Piece(until, rate))
    hazard = PiecewiseHazard([*pieces, Piece(None, last)])
    times = [hazard.ms(u) for u in sorted(draws)]
    assert all(sooner <= later for sooner, later in pairwise(times))


@pytest.mark.parametrize(
    ("pieces", "told"),
    [
        ([], "found no piece"),
        ([Piece(20, 1)], "piece 1: found until_s 20; allowed: the last piece has no until_s"),
        (
            [Piece(None, 1), Piece(None, 1)],
            "piece 1: found until_s None; allowed: the last piece has no until_s",
        ),
        ([Piece(20, 1), Piece(20, 1), Piece(None, 1)], "piece 2: found until_s 20; allowed: above 20"),
        ([Piece(20, -1), Piece(None, 1)], "piece 1: found per_1000_s -1; allowed: at least 1e-06, or 0"),
        (
            [Piece(20, 1), Piece(None, 0)],
            "piece 2: found per_1000_s 0; allowed: at least 1e-06, or somebody never leaves",
        ),
    ],
)
def test_pieces_that_do_not_follow_on_each_other_are_refused(pieces: list[Piece], told: str) -> None:
    """Each misfit is told with the number of its piece."""
    with pytest.raises(BadInput) as refused:
        PiecewiseHazard(pieces)
    assert refused.value.problems[0].startswith(told)
