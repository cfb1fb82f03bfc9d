"""A provider's limits by hand: the next free moment, and unique users in a moving day."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fake_channels.limits import PER_S_UNLIMITED, SendLimit, UserLimit, send_limit
from sandbox.model import MS_PER_DAY


def test_a_burst_is_spread_evenly() -> None:
    """Three a second: whole microseconds apart, waits rounded up to the millisecond, never below the limit."""
    limit = SendLimit(3.0)
    assert [limit.wait_ms(0) for _ in range(5)] == [0, 334, 667, 1_001, 1_334]


def test_who_comes_late_enough_does_not_wait() -> None:
    """A place that was not used is gone: a pause does not save up places for a burst."""
    limit = SendLimit(1.0)
    assert [limit.wait_ms(at_ms) for at_ms in (0, 0, 2_000, 60_000, 60_000)] == [0, 1_000, 0, 0, 1_000]


@given(
    st.floats(0.5, 500),
    st.lists(st.integers(0, 3_000), min_size=1, max_size=60).map(sorted),
)
def test_no_second_holds_more_than_the_limit(per_s: float, times: Sequence[int]) -> None:
    """Whatever the burst: leaving times keep their order and their distance, and nobody leaves before they came."""
    limit = SendLimit(per_s)
    leaves = [at_ms + limit.wait_ms(at_ms) for at_ms in times]
    assert all(left >= came for left, came in zip(leaves, times, strict=True))
    apart = [after - before for before, after in pairwise(leaves)]
    assert all(gap >= 1_000 / per_s - 2 for gap in apart)


def test_a_limit_nobody_can_feel_is_none() -> None:
    """A million a second is no limit, and then none is asked."""
    assert send_limit(PER_S_UNLIMITED) is None
    assert send_limit(PER_S_UNLIMITED - 1) is not None


def write(limit: UserLimit, user: int, at_ms: int) -> bool:
    """Write to a user if the tier allows it."""
    allowed = limit.allows(user, at_ms)
    if allowed:
        limit.count(user, at_ms)
    return allowed


def test_users_are_counted_once_and_for_24_hours() -> None:
    """Two users a day: a third is refused, a counted one is not; exactly 24 hours later a place is free again."""
    limit = UserLimit(2)
    assert [write(limit, user, 0) for user in (1, 2, 3, 1)] == [True, True, False, True]
    assert not write(limit, 3, MS_PER_DAY - 1)
    assert write(limit, 3, MS_PER_DAY)


def test_writing_again_keeps_a_user_counted() -> None:
    """The last message counts: a user written to at noon is still counted at noon of the next day less a moment."""
    limit = UserLimit(1)
    noon = MS_PER_DAY // 2
    assert write(limit, 1, 0)
    assert write(limit, 1, noon)
    assert not write(limit, 2, MS_PER_DAY)
    assert not write(limit, 2, noon + MS_PER_DAY - 1)
    assert write(limit, 2, noon + MS_PER_DAY)


@pytest.mark.parametrize("tier", [250, 2_000])
def test_a_tier_lets_its_number_of_users_through_a_day(tier: int) -> None:
    """Of 5,000 users on each of three days as many get a message as the tier has places."""
    limit = UserLimit(tier)
    for day in range(3):
        at_ms = day * MS_PER_DAY
        assert sum(write(limit, 5_000 * day + user, at_ms) for user in range(5_000)) == tier
