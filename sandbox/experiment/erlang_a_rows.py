"""Erlang-A for many intervals at once, callers who leave at once (balk) included: the arithmetic of a live preview.

The model of `erlang_a` with one thing more: a share of the callers who find every agent busy does not join. States
with a free agent keep the arrival rate, the others have that of the callers who join; everything else is the same
birth-death sum, taken for all intervals side by side. Relative to the state in which every agent is busy and nobody
waits, the states below sum to 1 / B - 1 with Erlang's B (A. K. Erlang 1917; the recursion is that of `erlang_b`), so
no interval overflows however little it is loaded. Balking as in C. J. Ancker and A. V. Gafarian, "Some Queuing
Problems with Balking and Reneging", Operations Research 11(1), 1963.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from sandbox.errors import RuleBroken
from sandbox.experiment.erlang_a import MAX_STATES, SECONDS_PER_HOUR

Floats = npt.NDArray[np.float64]

_TAIL = 1e-13
"""States are left out once they weigh less than this share of those summed: finer than any rate shown."""

_LOOK_EVERY = 16
"""States between two looks at whether the rest is negligible, or has grown too large for a float."""

_LARGE = 1e200


class ErlangARows(NamedTuple):
    """Long-run figures, one entry an interval; an interval without calls has no abandonment and no wait.

    Attributes:
        abandonment_rate: abandoned / offered, balked callers among the abandoned, 0..1.
        mean_wait_s: mean wait of all callers, seconds; those who balk wait 0.
        wait_probability: share who find no free agent, 0..1.
        occupancy: share of agent time spent on calls, 0..1; 0 without agents.
        mean_wait_answered_s: mean wait of answered callers, seconds; 0 where nobody is answered.
        mean_queue: time-averaged number waiting.
    """

    abandonment_rate: Floats
    mean_wait_s: Floats
    wait_probability: Floats
    occupancy: Floats
    mean_wait_answered_s: Floats
    mean_queue: Floats


def erlang_a_rows(
    calls_per_hour: npt.ArrayLike,
    handling_s: npt.ArrayLike,
    patience_s: npt.ArrayLike,
    agents: npt.ArrayLike,
    balk_rate: float = 0.0,
) -> ErlangARows:
    """Solve every interval exactly; the arguments are broadcast against each other.

    Args:
        calls_per_hour: offered calls per hour, 0 or more.
        handling_s: mean handling time, seconds, above 0.
        patience_s: mean patience of those who join, seconds, above 0.
        agents: whole numbers, 0 or more.
        balk_rate: share of callers who leave at once when no agent is free, 0..1.

    Raises:
        RuleBroken: a number is out of its range.
    """
    rows = np.broadcast_arrays(
        *(np.asarray(one, float) for one in (calls_per_hour, handling_s, patience_s, agents))
    )
    arrivals, handling, patience, staff = (np.array(one, float).ravel() for one in rows)
    arrivals /= SECONDS_PER_HOUR
    _check(arrivals, handling, patience, staff, balk_rate)
    shape = rows[0].shape
    some = arrivals > 0.0
    calls = np.where(some, arrivals, 1e-12)
    answering, leaving = staff / handling, 1.0 / patience
    free = _free_weight(calls * handling, staff)
    waiting = _waiting(calls * (1.0 - balk_rate), answering, leaving)
    free = free * waiting.scale
    total = free + waiting.weight
    queue = waiting.queue / total
    busy = waiting.weight / total
    abandoned = np.minimum(1.0, busy * balk_rate + queue * leaving / calls)
    answered = (free + (1.0 - balk_rate) * waiting.answered) / total
    wait_answered = (1.0 - balk_rate) * waiting.answered_wait_s / np.maximum(answered * total, 1e-300)
    occupied = np.minimum(1.0, calls * (1.0 - abandoned) / np.maximum(answering, 1e-300))
    figures = (abandoned, queue / calls, busy, np.where(staff > 0, occupied, 0.0), wait_answered, queue)
    return ErlangARows(*(np.where(some, one, 0.0).reshape(shape) for one in figures))


def erlang_a_rows_rostered(
    calls_per_hour: npt.ArrayLike,
    handling_s: npt.ArrayLike,
    patience_s: npt.ArrayLike,
    agents: npt.ArrayLike,
    balk_rate: float = 0.0,
) -> ErlangARows:
    """Solve intervals whose agents may be fractions: one more than the whole number on that share of days.

    Raises:
        RuleBroken: a number is out of its range.
    """
    given = np.asarray(agents, float)
    lower = np.floor(given)
    share = given - lower
    below = erlang_a_rows(calls_per_hour, handling_s, patience_s, lower, balk_rate)
    if not share.any():
        return below
    above = erlang_a_rows(calls_per_hour, handling_s, patience_s, lower + (share > 0), balk_rate)
    return ErlangARows(*(low + share * (high - low) for low, high in zip(below, above, strict=True)))


class _Waiting(NamedTuple):
    """Sums over the states in which every agent is busy; `scale` is the weight of the one in which nobody waits."""

    weight: Floats
    queue: Floats
    answered: Floats
    answered_wait_s: Floats
    scale: Floats


def _free_weight(load: Floats, staff: Floats) -> Floats:
    """Weight of the states with a free agent, relative to the first without one: 1 / B - 1."""
    inverse = np.ones_like(load)
    with np.errstate(over="ignore"):
        for busy in range(1, int(staff.max(initial=0.0)) + 1):
            inverse = np.where(busy <= staff, 1.0 + inverse * (busy / load), inverse)
    return np.minimum(inverse - 1.0, _LARGE)  # beyond that nobody ever waits, to any digit shown


def _waiting(joining: Floats, answering: Floats, leaving: Floats) -> _Waiting:
    """Fold the states with 0, 1, 2 .. waiting; see `erlang_a` for what a caller who joins each of them meets.

    A weight that grows beyond what a float holds is scaled down: the free states then weigh nothing beside it.
    """
    weight = np.ones_like(joining)
    sums = [np.zeros_like(joining) for _ in range(4)]
    total, queue, answered, answered_wait = sums
    wait_s = np.zeros_like(joining)
    scale = np.ones_like(joining)
    for ahead in range(MAX_STATES):
        departures = answering + (ahead + 1) * leaving
        wait_s += 1.0 / departures
        reached = weight * answering / departures
        total += weight
        queue += ahead * weight
        answered += reached
        answered_wait += reached * wait_s
        weight = weight * joining / departures
        if ahead % _LOOK_EVERY == 0:
            ratio = joining / departures
            if bool(np.all((ratio < 1.0) & (weight * (ahead + 2) < _TAIL * total * (1.0 - ratio) ** 2))):
                break
            shrink = np.where(weight > _LARGE, 1.0 / _LARGE, 1.0)
            if bool(np.any(shrink < 1.0)):
                scale = scale * shrink
                weight = weight * shrink
                for place in sums:
                    np.multiply(place, shrink, out=place)
    return _Waiting(total, queue, answered, answered_wait, scale)


def _check(*numbers: Any) -> None:
    arrivals, handling, patience, staff, balk_rate = numbers
    finite = all(bool(np.all(np.isfinite(one))) for one in (arrivals, handling, patience, staff))
    whole = bool(np.all(staff == np.floor(staff)) and np.all(staff >= 0))
    if (
        not finite
        or not whole
        or bool(np.any(arrivals < 0) or np.any(handling <= 0) or np.any(patience <= 0))
    ):
        raise RuleBroken("an interval's calls, handling, patience or agents are out of range")
    if not 0.0 <= balk_rate <= 1.0:
        raise RuleBroken(f"balk rate {balk_rate!r} is not a share")
