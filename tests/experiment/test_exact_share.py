"""The exact interval of a share, against SciPy, by hand and by its definition."""

from __future__ import annotations

import math

import pytest
from scipy.special import betainc  # type: ignore[import-untyped]
from scipy.stats import beta, binom  # type: ignore[import-untyped]

from sandbox.errors import RuleBroken
from sandbox.experiment.exact_share import beta_below, exact_share_interval


@pytest.mark.parametrize("base", [1, 2, 10, 44, 401, 97_979, 5_000_000])
@pytest.mark.parametrize("level", [0.8, 0.95, 0.9999])
def test_ends_agree_with_scipy(base: int, level: float) -> None:
    """Few and many of few and of many."""
    for events in sorted({0, 1, base // 3, base // 2, base - 1, base}):
        low, high = exact_share_interval(events, base, level)
        tail = (1 - level) / 2
        expected = beta.ppf(tail, events, base - events + 1) if events else 0.0
        assert low == pytest.approx(expected, rel=1e-7)
        assert high == pytest.approx(
            beta.ppf(1 - tail, events + 1, base - events) if events < base else 1.0, rel=1e-7
        )


def test_by_hand() -> None:
    """None of n leaves open up to 1 - 0.025^(1/n); both ends mirror."""
    low, high = exact_share_interval(0, 10, 0.95)
    assert (low, high) == (0.0, pytest.approx(1 - 0.025**0.1))
    assert exact_share_interval(10, 10, 0.95) == (pytest.approx(0.025**0.1), 1.0)
    assert exact_share_interval(3, 20, 0.95) == pytest.approx((0.0321, 0.3789), abs=5e-5)


def test_it_covers_at_least_its_level() -> None:
    """Over all counts of every true share, at most 5 % of the chance lies where the interval misses it."""
    for base in (7, 30):
        for share in (0.01, 0.05, 0.3, 0.5, 0.98):
            covered = sum(
                binom.pmf(events, base, share)
                for events in range(base + 1)
                if (ends := exact_share_interval(events, base, 0.95))[0] <= share <= ends[1]
            )
            assert covered >= 0.95


def test_incomplete_beta_agrees_with_scipy() -> None:
    """On both sides of the mean, for small and large parameters."""
    for a, b in ((1, 1), (2, 5), (0.5, 0.5), (400, 20), (20_000, 3), (1e6, 1e6)):
        for x in (0.0, 0.01, 0.3, 0.5, 0.97, 0.9999, 1.0):
            assert beta_below(x, a, b) == pytest.approx(betainc(a, b, x), rel=1e-8, abs=1e-14)
    assert math.isclose(beta_below(0.5, 3, 3), 0.5)


@pytest.mark.parametrize(("events", "base"), [(-1, 5), (6, 5), (0, 0)])
def test_impossible_counts_are_refused(events: int, base: int) -> None:
    """More events than things, or nothing to count, is a fault of the caller."""
    with pytest.raises(RuleBroken):
        exact_share_interval(events, base, 0.95)
