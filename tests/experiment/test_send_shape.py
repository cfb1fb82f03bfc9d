"""Hours of sending: the least peak against every shape on a lattice, fewer abandoned calls than an even spread."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from sandbox.experiment.send_shape import SLACK, Lines, abandonment, best_shape, peak_load


def lines(agents: list[float], kernel: list[list[float]], campaign: float = 200.0) -> Lines:
    """A short day: calls last five minutes, patience as in the headline."""
    other = np.full(len(agents), 10.0)
    return Lines(campaign, np.array(kernel), other, np.array(agents), 300.0, 190.0, 300.0, 369.0, 0.03)


SPREAD = [[0.6, 0.3, 0.1, 0.0], [0.0, 0.6, 0.3, 0.1], [0.0, 0.0, 0.7, 0.3]]


def test_no_shape_of_a_lattice_has_a_lower_peak() -> None:
    """Every shape in steps of a twentieth peaks at least as high as the proposal without its slack."""
    day = lines([8, 12, 14, 9], SPREAD)
    found = best_shape(day)
    lattice = [np.array([a, b, 20 - a - b]) / 20 for a, b in product(range(21), repeat=2) if a + b <= 20]
    assert peak_load(day, found) <= (1 + SLACK) * min(peak_load(day, shape) for shape in lattice) + 1e-9
    assert found.sum() == pytest.approx(1.0)
    assert (found >= 0).all()


def test_by_hand_the_loads_are_levelled() -> None:
    """Calls at once and no other traffic to speak of: shares in proportion to the agents, 1 to 2 to 3."""
    day = lines([4, 8, 12], np.eye(3).tolist())._replace(other=np.full(3, 1e-6))
    assert best_shape(day) == pytest.approx([1 / 6, 2 / 6, 3 / 6], abs=0.02)
    assert peak_load(day, np.array([1 / 6, 2 / 6, 3 / 6])) == pytest.approx(200 / 6 * 300 / (4 * 1800))


def test_it_abandons_less_than_an_even_spread() -> None:
    """Uneven agents: fewer lost by Erlang-A than with the same share in each hour."""
    day = lines([4, 10, 16, 6], SPREAD)
    assert abandonment(day, best_shape(day)) < abandonment(day, np.full(3, 1 / 3)) - 0.005


def test_where_the_campaign_cannot_lower_the_peak_it_still_loses_fewest() -> None:
    """The peak is a half hour no send reaches: the linear programme is indifferent, Erlang-A is not."""
    day = lines([1, 10, 10, 10], [[0.0, 1.0, 0.0, 0.0], [0.0, 0.0, 1.0, 0.0]], campaign=80.0)
    assert best_shape(day) == pytest.approx([0.5, 0.5], abs=0.02)
