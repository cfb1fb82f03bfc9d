"""How far the figures of a finite Erlang-A run lie from their long-run values, by theory.

Each figure is a ratio of two totals that grow with time: things that happen at calls and departures (an abandoned
call), and time spent in states (agents busy). With the long-run value put in, numerator minus value times
denominator has mean zero, and over a long time its variance grows at a constant rate,

    v  =  sum over states i of  pi_i [ sum over jumps i -> j of  rate (jump reward + h_j - h_i)^2 ],

where h solves Poisson's equation; for a birth-death chain its steps are partial sums,
h_(j+1) - h_j = -(sum over i <= j of  pi_i r_i) / (lambda pi_j), with r_i the total reward rate in state i.

Batches of a simulation show the same scatter, but not when what matters hardly ever happens: a run that by luck
never met an idle agent has batches that all agree. There theory knows the scatter and the run does not.

Source: W. Whitt, "Asymptotic Formulas for Markov Processes with Applications to Simulation", Operations Research
40(2), 1992, for time averages; jump rewards follow from the same equation.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sandbox.experiment.erlang_a import SECONDS_PER_HOUR, ErlangA

_LOG_TAIL_SHARE = math.log(1e-40)
"""States left out weigh less than this share of the likeliest: squares of rewards in the hundreds of thousands
stay negligible."""

_NEVER = 1e-290
"""Shares below this are treated as never seen: their quotients would lose their digits to underflow."""

Column = NDArray[np.float64]


class Scatter(NamedTuple):
    """Standard errors of a run of one call; divide by the square root of the number of calls.

    Attributes:
        abandonment_rate: of abandoned / offered.
        mean_wait_s: of the mean wait of all callers, seconds.
        wait_probability: of the share of callers who find no free agent.
        occupancy: of busy agent time / agent time, over the time those calls take to arrive.
        relaxation_s: how long the number of callers in the system, or in the queue if that is longer, stays
            correlated: the integral of its autocorrelation, seconds.
    """

    abandonment_rate: float
    mean_wait_s: float
    wait_probability: float
    occupancy: float
    relaxation_s: float


class _Chain(NamedTuple):
    """The birth-death chain of callers in the system; columns by state."""

    arrivals: float
    shares: Column  # stationary
    answering: Column
    leaving: Column
    busy: Column
    waiting: Column


def scatter(
    calls_per_hour: float, handling_s: float, patience_s: float, agents: int, exact: ErlangA
) -> Scatter:
    """Standard errors of one load's figures, and its relaxation time.

    Args:
        calls_per_hour: offered calls per hour.
        handling_s: mean handling time, seconds.
        patience_s: mean patience, seconds.
        agents: agents taking calls.
        exact: the same load solved by `erlang_a`, which also checks the four numbers above.
    """
    chain = _chain(calls_per_hour / SECONDS_PER_HOUR, handling_s, patience_s, agents)
    arrivals = chain.arrivals
    nothing = np.zeros_like(chain.shares)
    waits = (chain.busy >= agents).astype(np.float64)

    def per_call(variance_rate: float) -> float:
        return math.sqrt(variance_rate / arrivals)

    abandonment = _variance_rate(chain, nothing, nothing - exact.abandonment_rate, 1.0)
    wait = _variance_rate(chain, chain.waiting, nothing - exact.mean_wait_s, 0.0)
    found_busy = _variance_rate(chain, nothing, waits - exact.wait_probability, 0.0)
    busy_share = _variance_rate(chain, chain.busy / agents - exact.occupancy, nothing, 0.0)
    return Scatter(
        abandonment_rate=per_call(abandonment),
        mean_wait_s=per_call(wait),
        wait_probability=per_call(found_busy),
        occupancy=math.sqrt(busy_share * arrivals),
        relaxation_s=max(
            _relaxation_s(chain, chain.busy + chain.waiting), _relaxation_s(chain, chain.waiting)
        ),
    )


def _chain(arrivals: float, handling_s: float, patience_s: float, agents: int) -> _Chain:
    answering, leaving = 1.0 / handling_s, 1.0 / patience_s
    longest = _longest_queue(arrivals, agents * answering, leaving)
    callers = np.arange(agents + longest + 1, dtype=np.float64)
    busy = np.minimum(callers, agents)
    waiting = callers - busy
    departures = busy * answering + waiting * leaving
    logs = np.concatenate(([0.0], np.cumsum(np.log(arrivals / departures[1:]))))
    weights = np.exp(logs - logs.max())
    return _Chain(arrivals, weights / weights.sum(), busy * answering, waiting * leaving, busy, waiting)


def _longest_queue(arrivals: float, answering: float, leaving: float) -> int:
    """Callers waiting, beyond which the states are left out; the doubling ends because callers leave."""
    longest = 64
    while True:
        longest *= 2
        ratios = arrivals / (answering + np.arange(1, longest + 1) * leaving)
        logs = np.cumsum(np.log(ratios))
        last = float(ratios[-1])
        if last < 1.0 and logs[-1] - math.log1p(-last) < max(0.0, logs.max()) + _LOG_TAIL_SHARE:
            return longest


def _variance_rate(chain: _Chain, per_second: Column, at_arrival: Column, at_leaving: float) -> float:
    """Variance per second of a total whose mean rate is zero.

    Args:
        chain: the callers in the system.
        per_second: reward rate of each state.
        at_arrival: reward of an arrival to each state.
        at_leaving: reward of a caller who loses patience.
    """
    rates = per_second + chain.arrivals * at_arrival + chain.leaving * at_leaving
    steps = _poisson_steps(chain, rates)
    up = chain.arrivals * (at_arrival + steps) ** 2
    below = np.concatenate(([0.0], steps[:-1]))
    down = chain.answering * below**2 + chain.leaving * (at_leaving - below) ** 2
    return float(np.sum(chain.shares * (up + down)))


def _poisson_steps(chain: _Chain, rates: Column) -> Column:
    """h_(j+1) - h_j per state j; each partial sum is taken from the nearer end, where its terms are small.

    The two sides differ by the total, which is zero but for rounding.
    """
    flows = chain.shares * rates
    from_below = np.cumsum(flows)
    from_above = np.concatenate((np.cumsum(flows[::-1])[::-1][1:], [0.0]))
    peak = int(np.argmax(chain.shares))
    sums = np.where(np.arange(flows.size) < peak, from_below, -from_above)
    reachable = chain.shares > _NEVER
    return np.divide(-sums, chain.arrivals * chain.shares, out=np.zeros_like(sums), where=reachable)


def _relaxation_s(chain: _Chain, level: Column) -> float:
    """Integral of the autocorrelation of a state's level: half its variance rate over its variance."""
    off = level - float(np.sum(chain.shares * level))
    variance = float(np.sum(chain.shares * off**2))
    if variance <= 0.0:
        return 0.0
    return _variance_rate(chain, off, np.zeros_like(off), 0.0) / (2.0 * variance)
