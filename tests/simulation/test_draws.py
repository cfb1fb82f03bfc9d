from __future__ import annotations

from math import erf, sqrt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox.draws import CHUNK, Draws, generator

INDICES = st.integers(0, 5 * CHUNK)
MANY = 200_000
PINNED = (0.9750681533818992, 0.9315249342052017, -0.9455766909455039)


@given(st.integers(0, 2**63 - 1), st.text(max_size=12), st.integers(0, 500), INDICES)
@settings(max_examples=50)
def test_a_draw_depends_on_its_arguments_alone(seed, purpose, attempt, index):
    """Two streams of one seed agree on every draw, whatever one of them was asked before."""
    asked_before, fresh = Draws(seed), Draws(seed)
    asked_before.uniform("something else", 0, 17)
    asked_before.normals(purpose, attempt, 0, 3)
    assert asked_before.uniform(purpose, attempt, index) == fresh.uniform(purpose, attempt, index)
    assert asked_before.normal(purpose, attempt, index) == fresh.normal(purpose, attempt, index)


@given(st.permutations(range(12)))
@settings(max_examples=20)
def test_the_order_of_asking_does_not_matter(order):
    """Customers may be drawn in any order, by any number of workers."""
    draws = Draws(7)
    places = [index * CHUNK // 2 for index in order]
    found = dict(zip(places, [draws.uniform("wish", 0, place) for place in places], strict=True))
    straight = Draws(7)
    assert found == {place: straight.uniform("wish", 0, place) for place in sorted(places)}


@given(INDICES, st.integers(1, 3 * CHUNK))
@settings(max_examples=30)
def test_a_column_holds_the_values_of_single_draws(start, count):
    """Slices across chunk borders equal the scalars, bit by bit."""
    draws = Draws(3)
    uniforms, normals = draws.uniforms("a", 1, start, count), draws.normals("a", 1, start, count)
    assert len(uniforms) == len(normals) == count
    for place in {0, count // 2, count - 1}:
        assert uniforms[place] == draws.uniform("a", 1, start + place)
        assert normals[place] == draws.normal("a", 1, start + place)


def test_no_draws_are_no_draws():
    """An empty slice is empty."""
    assert len(Draws(1).uniforms("a", 0, CHUNK, 0)) == 0


def test_draws_do_not_change_between_versions():
    """A seed in a report means the same people next year: a few values are pinned."""
    draws = Draws(1)
    assert draws.uniform("responds", 1, 0) == pytest.approx(PINNED[0], abs=1e-15)
    assert draws.uniform("responds", 1, CHUNK) == pytest.approx(PINNED[1], abs=1e-15)
    assert draws.normal("talk", 2, 5) == pytest.approx(PINNED[2], abs=1e-12)


def test_uniform_draws_are_uniform():
    """Mean and largest distance from the uniform distribution lie within chance at one in ten thousand."""
    column = np.sort(Draws(11).uniforms("responds", 1, 0, MANY))
    assert column[0] >= 0.0
    assert column[-1] < 1.0
    assert column.mean() == pytest.approx(0.5, abs=3.9 * sqrt(1 / 12 / MANY))
    steps = np.arange(1, MANY + 1) / MANY
    assert np.abs(column - steps).max() < 2.3 / sqrt(MANY)  # Kolmogorov's 1e-4 point is 2.23


def test_normal_draws_are_standard_normal():
    """Mean, variance and the distribution function at the quartiles and tails fit N(0, 1)."""
    column = Draws(11).normals("talk", 1, 0, MANY)
    assert column.mean() == pytest.approx(0.0, abs=3.9 / sqrt(MANY))
    assert column.var() == pytest.approx(1.0, abs=3.9 * sqrt(2 / MANY))
    for z in (-2.5, -0.6745, 0.0, 0.6745, 2.5):
        exact = 0.5 * (1.0 + erf(z / sqrt(2.0)))
        assert (column <= z).mean() == pytest.approx(exact, abs=3.9 * sqrt(exact * (1 - exact) / MANY))


@pytest.mark.parametrize(
    "other",
    [(11, "responds", 2), (11, "redial", 1), (12, "responds", 1), (11, "responds1", 1), (11, "", 1)],
)
def test_draws_for_different_purposes_attempts_and_seeds_are_unrelated(other):
    """The correlation of two columns is what chance allows, also between neighbouring names and numbers."""
    seed, purpose, attempt = other
    here = Draws(11).uniforms("responds", 1, 0, MANY)
    there = Draws(seed).uniforms(purpose, attempt, 0, MANY)
    assert abs(np.corrcoef(here, there)[0, 1]) < 3.9 / sqrt(MANY)


def test_neighbouring_customers_are_unrelated():
    """Within a column there is no memory, chunk borders included."""
    column = Draws(11).uniforms("responds", 1, 0, MANY)
    for lag in (1, 2, CHUNK):
        assert abs(np.corrcoef(column[:-lag], column[lag:])[0, 1]) < 3.9 / sqrt(MANY - lag)


def test_a_fresh_generator_repeats_itself():
    """For draws of more than one word: the same arguments give the same stream from its start."""
    first, second = generator(5, "day_multiplier", 3), generator(5, "day_multiplier", 3)
    assert first.gamma(2.0, 1.0, 5).tolist() == second.gamma(2.0, 1.0, 5).tolist()
