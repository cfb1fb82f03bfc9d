"""Alpha spending and exact count limits: published boundaries, sums to alpha, and pilots played out at random."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
from scipy.stats import binom, norm

from sandbox.errors import BadInput
from sandbox.experiment.count_limits import chance_of_stop, count_limits
from sandbox.experiment.sample_size import fixed_drift
from sandbox.experiment.spending import boundaries, crossing, drift_for, linear, obrien_fleming

FIFTHS = (0.2, 0.4, 0.6, 0.8, 1.0)


def test_the_boundary_is_the_published_one() -> None:
    """Five looks, 5 % two-sided, O'Brien-Fleming spending: 4.8769, 3.3569, 2.6803, 2.2898, 2.0310 (Lan-DeMets)."""
    found = [look.z for look in boundaries(FIFTHS, 0.05)]
    assert found == pytest.approx([4.8769, 3.3569, 2.6803, 2.2898, 2.0310], abs=2e-4)


@pytest.mark.parametrize("spending", [obrien_fleming, linear])
@pytest.mark.parametrize("fractions", [(1.0,), (0.5, 1.0), (0.1, 0.35, 1.0), FIFTHS])
def test_spending_sums_to_alpha(spending: object, fractions: tuple[float, ...]) -> None:
    """What all looks cross with under no effect is alpha, look by look as the function allows."""
    looks = boundaries(fractions, 0.05, spending)  # type: ignore[arg-type]
    crossed = [both for both, _ in crossing(looks)]
    assert sum(crossed) == pytest.approx(0.05, abs=1e-6)
    spent = [look.spent for look in looks]
    assert np.cumsum(crossed) == pytest.approx(spent, abs=1e-6)
    assert spent[-1] == pytest.approx(0.05)


def test_one_look_is_the_usual_test() -> None:
    """A single look has the normal quantile for its boundary and the fixed plan's drift."""
    (look,) = boundaries((1.0,), 0.05)
    assert look.z == pytest.approx(norm.ppf(0.975))
    assert look.nominal_p == pytest.approx(0.05)
    assert drift_for((look,), 0.80) == pytest.approx(fixed_drift(0.05, 0.80), abs=1e-3)


def test_random_walks_cross_as_computed() -> None:
    """Simulated pilots with and without an effect stop at each look as often as the recursion says."""
    rng = np.random.default_rng(11)
    looks = boundaries((0.25, 0.5, 0.75, 1.0), 0.10, linear)
    for drift in (0.0, 2.5):
        steps = rng.normal(drift * 0.25, 0.5, size=(60_000, 4)).cumsum(axis=1)
        z = steps / np.sqrt([0.25, 0.5, 0.75, 1.0])
        over = np.abs(z) >= [look.z for look in looks]
        first = np.where(over.any(axis=1), over.argmax(axis=1), -1)
        seen = [float(np.mean(first == place)) for place in range(4)]
        assert seen == pytest.approx([both for both, _ in crossing(looks, drift)], abs=0.006)


def test_power_is_met_with_the_drift_and_looks_cost_little() -> None:
    """The drift found gives the power asked for, and five looks cost about 2.5 % more cases than one."""
    looks = boundaries(FIFTHS, 0.05)
    drift = drift_for(looks, 0.80)
    assert sum(upper for _, upper in crossing(looks, drift)) == pytest.approx(0.80, abs=1e-4)
    assert (drift / fixed_drift(0.05, 0.80)) ** 2 == pytest.approx(1.025, abs=0.005)


def test_wrong_looks_are_refused() -> None:
    """Fractions must rise to one; alpha and power are chances."""
    for fractions in ((), (0.5,), (0.6, 0.5, 1.0), (0.0, 1.0)):
        with pytest.raises(BadInput, match="rising fractions"):
            boundaries(fractions, 0.05)
    with pytest.raises(BadInput, match="alpha"):
        boundaries((1.0,), 0.0)
    with pytest.raises(BadInput, match="power"):
        drift_for(boundaries((1.0,), 0.05), 1.0)


def test_one_count_limit_is_the_binomial_quantile() -> None:
    """With one look the limit is the smallest count whose upper tail is within alpha."""
    (limit,) = count_limits([200], 0.05, 0.05)
    assert limit is not None
    assert binom.sf(limit - 1, 200, 0.05) <= 0.05 < binom.sf(limit - 2, 200, 0.05)


def test_count_limits_keep_alpha_and_use_most_of_it() -> None:
    """On the line the pilot stops with at most alpha; one bad outcome fewer anywhere would pass what is allowed."""
    bases = [50, 100, 200, 400]
    limits = count_limits(bases, 0.15, 0.05)
    stop = chance_of_stop(bases, limits, 0.15)
    assert 0.03 < stop <= 0.05
    for place, limit in enumerate(limits):
        assert limit is not None
        stricter = [*limits[:place], limit - 1]
        spent = linear(bases[place] / 400, 0.05)
        assert chance_of_stop(bases[: place + 1], stricter, 0.15) > spent


def test_count_limits_stop_bad_pilots_and_spare_good_ones() -> None:
    """Played out at random, the chance to stop is as computed: small below the line, large above."""
    rng = np.random.default_rng(5)
    bases, gaps = [60, 120, 300], [60, 60, 180]
    limits = count_limits(bases, 0.10, 0.05)
    for rate in (0.05, 0.10, 0.20):
        counts = np.stack([rng.binomial(gap, rate, size=40_000) for gap in gaps], axis=1).cumsum(axis=1)
        seen = float(np.mean((counts >= [limit or math.inf for limit in limits]).any(axis=1)))
        assert chance_of_stop(bases, limits, rate) == pytest.approx(seen, abs=0.006)
    assert chance_of_stop(bases, limits, 0.05) < 0.001
    assert chance_of_stop(bases, limits, 0.20) > 0.99


def test_a_handful_of_cases_may_have_no_limit() -> None:
    """Where even all of them bad would be no surprise, there is no count that stops."""
    assert count_limits([2, 200], 0.5, 0.05)[0] is None
    with pytest.raises(BadInput, match="rising"):
        count_limits([5, 5], 0.1, 0.05)
    with pytest.raises(BadInput, match="line"):
        count_limits([5], 1.0, 0.05)


def test_boundaries_fall_as_information_comes() -> None:
    """O'Brien-Fleming's lines come down look by look."""
    found = [look.z for look in boundaries(FIFTHS, 0.05)]
    assert all(a > b for a, b in pairwise(found))
