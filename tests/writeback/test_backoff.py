"""Backoff with full jitter stays inside its bounds."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.errors import BadInput
from sandbox.writeback import BackoffRules


@pytest.mark.parametrize(
    ("attempt", "longest_ms"),
    [(1, 500), (2, 1_000), (3, 2_000), (6, 16_000), (7, 30_000), (8, 30_000), (10_000, 30_000)],
)
def test_step_doubles_up_to_the_cap(attempt: int, longest_ms: int) -> None:
    """The longest wait doubles with every try until the cap holds it, for any number of tries."""
    rules = BackoffRules()
    assert rules.delay_ms(attempt, 0.0) == 0
    assert rules.delay_ms(attempt, 0.5) == longest_ms // 2
    assert rules.delay_ms(attempt, 1 - 2**-53) == longest_ms - 1


@given(
    base_ms=st.integers(1, 10_000),
    extra_ms=st.integers(0, 100_000),
    attempt=st.integers(1, 200),
    u=st.floats(0, 1, exclude_max=True),
)
def test_delay_is_a_share_of_its_step(base_ms: int, extra_ms: int, attempt: int, u: float) -> None:
    """Every wait is a whole number of milliseconds below both the step and the cap."""
    cap_ms = base_ms + extra_ms
    delay_ms = BackoffRules(base_ms, cap_ms).delay_ms(attempt, u)
    assert isinstance(delay_ms, int)
    assert 0 <= delay_ms <= min(cap_ms, base_ms * 2 ** (attempt - 1))


@pytest.mark.parametrize(
    ("values", "named"),
    [((0, 1, 1), "base_ms"), ((10, 9, 1), "cap_ms"), ((1, 1, 0), "tries_max")],
)
def test_impossible_bounds_are_refused(values: tuple[int, int, int], named: str) -> None:
    """Rules that cannot bound a retry are refused by the name of the faulty bound."""
    with pytest.raises(BadInput, match=named):
        BackoffRules(*values)
