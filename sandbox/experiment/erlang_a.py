"""Exact Erlang-A (M/M/n+M): Poisson calls, exponential handling and patience, first come first served.

The stationary distribution is the birth-death sum

    pi_k  proportional to  product over i = 1..k of  lambda / (min(i, n) mu + max(i - n, 0) theta)

kept in logs, so nothing overflows at any load, and every load has an answer because callers leave. Erlang-B
(callers leave at once) and Erlang-C (callers never leave) are its limits and stand here as bounds.

Sources: C. Palm (1953); Garnett, Mandelbaum, Reiman, "Designing a Call Center with Impatient Customers",
M&SOM 4(3), 2002; Mandelbaum, Zeltyn, "Service Engineering in Action: The Palm/Erlang-A Queue", 2007.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import accumulate
from typing import NamedTuple

from sandbox.errors import BadInput

SECONDS_PER_HOUR = 3600.0

MAX_AGENTS = 100_000
"""Largest staff accepted: far above any call centre, and still well under a second of work."""

MAX_STATES = 2_000_000
"""Longest queue ever summed (a second or two); only absurd inputs, such as a patience of years, come near."""

# The tail left out is below this share of every sum: finer than the rounding of the sums themselves.
_LOG_TAIL_SHARE = math.log(1e-17)


class ErlangA(NamedTuple):
    """Long-run figures of one staffed load.

    Attributes:
        abandonment_rate: abandoned / offered, 0..1.
        mean_wait_s: mean wait of all callers, abandoned ones until they left, seconds.
        wait_probability: share of callers who find no free agent, 0..1.
        occupancy: share of agent time spent on calls, 0..1.
        mean_wait_answered_s: mean wait of answered callers only (what most reports call ASA), seconds.
        mean_queue: time-averaged number of callers waiting.
    """

    abandonment_rate: float
    mean_wait_s: float
    wait_probability: float
    occupancy: float
    mean_wait_answered_s: float
    mean_queue: float


class _Waiting(NamedTuple):
    """Sums over the states in which every agent is busy."""

    weight: float
    queue: float  # sum of callers waiting x weight
    answered: float  # sum of P(answered) x weight, for the caller who arrives to the state
    answered_wait_s: float  # the same times that caller's mean wait if answered


def erlang_a(calls_per_hour: float, handling_s: float, patience_s: float, agents: int) -> ErlangA:
    """Solve the queue exactly.

    Args:
        calls_per_hour: offered calls per hour, above 0.
        handling_s: mean handling time, seconds, above 0.
        patience_s: mean time a caller is willing to wait, seconds, above 0.
        agents: agents taking calls, 1 to MAX_AGENTS.

    Raises:
        BadInput: an argument is out of its range, or more than MAX_STATES callers would wait.
    """
    _check_load(calls_per_hour, handling_s, patience_s)
    _check_agents(agents)
    arrivals = calls_per_hour / SECONDS_PER_HOUR
    answering, leaving = agents / handling_s, 1.0 / patience_s
    free_logs = _free_agent_logs(arrivals * handling_s, agents)
    busy_logs = _all_busy_logs(arrivals, answering, leaving)
    peak = max(*free_logs, *busy_logs)
    free = math.fsum(math.exp(log - peak) for log in free_logs)
    waiting = _sum_waiting([math.exp(log - peak) for log in busy_logs], answering, leaving)
    total = free + waiting.weight
    mean_queue = waiting.queue / total
    answered_share = (free + waiting.answered) / total
    return ErlangA(
        abandonment_rate=min(1.0, mean_queue * leaving / arrivals),  # leavers per second / calls per second
        mean_wait_s=mean_queue / arrivals,  # Little's law over all callers
        wait_probability=waiting.weight / total,
        occupancy=min(1.0, arrivals * answered_share / answering),
        mean_wait_answered_s=waiting.answered_wait_s / (free + waiting.answered),
        mean_queue=mean_queue,
    )


def agents_for(calls_per_hour: float, handling_s: float, patience_s: float, abandonment_limit: float) -> int:
    """Fewest agents that hold abandonment at or below a limit.

    Args:
        calls_per_hour: offered calls per hour, above 0.
        handling_s: mean handling time, seconds, above 0.
        patience_s: mean patience, seconds, above 0.
        abandonment_limit: the highest acceptable abandoned / offered, above 0 and below 1.

    Raises:
        BadInput: an argument is out of its range, or more than MAX_AGENTS would be needed.
    """
    _check_load(calls_per_hour, handling_s, patience_s)
    if not 0.0 < abandonment_limit < 1.0:
        raise BadInput([f"abandonment_limit: found {abandonment_limit!r}; allowed is above 0 and below 1"])
    load = calls_per_hour / SECONDS_PER_HOUR * handling_s
    return fewest_agents(
        lambda agents: erlang_a(calls_per_hour, handling_s, patience_s, agents).abandonment_rate,
        abandonment_limit,
        least=_fluid_agents(load, abandonment_limit),
    )


def agents_from_abandonment(
    calls_per_hour: float, handling_s: float, patience_s: float, abandonment_rate: float
) -> float:
    """Effective agents that give an observed abandonment rate; inferred, never measured.

    Between two whole numbers the abandonment is taken as linear: 7.3 agents means 7 for 70 % and 8 for 30 %
    of the time, which is how a roster makes a fraction. No agents means everybody abandons.

    Args:
        calls_per_hour: offered calls per hour, above 0.
        handling_s: mean handling time, seconds, above 0.
        patience_s: mean patience, seconds, above 0.
        abandonment_rate: observed abandoned / offered, above 0 (no finite staff gives 0) and at most 1.

    Raises:
        BadInput: an argument is out of its range, or more than MAX_AGENTS would be needed.
    """
    _check_load(calls_per_hour, handling_s, patience_s)
    load = calls_per_hour / SECONDS_PER_HOUR * handling_s
    return solve_agents(
        lambda agents: erlang_a(calls_per_hour, handling_s, patience_s, agents).abandonment_rate,
        abandonment_rate,
        load,
    )


def solve_agents(abandonment: Callable[[int], float], abandonment_rate: float, load_erlangs: float) -> float:
    """Staff, with fractions, at which a falling abandonment curve meets an observed rate.

    Args:
        abandonment: abandonment at a whole number of agents from 1 up; must not rise with agents.
        abandonment_rate: the observed rate, above 0 and at most 1.
        load_erlangs: mean offered load behind the curve; the search starts at the staff no queue can do
            without.

    Raises:
        BadInput: the rate is out of its range, or more than MAX_AGENTS would be needed.
    """
    if not 0.0 < abandonment_rate <= 1.0:
        allowed = "above 0 (no finite staff gives 0) and at most 1"
        raise BadInput([f"abandonment_rate: found {abandonment_rate!r}; allowed is {allowed}"])
    if abandonment_rate == 1.0:
        return 0.0
    upper = fewest_agents(abandonment, abandonment_rate, _fluid_agents(load_erlangs, abandonment_rate))
    at_upper = abandonment(upper)
    at_lower = 1.0 if upper == 1 else abandonment(upper - 1)
    return upper - (abandonment_rate - at_upper) / (at_lower - at_upper)


def fewest_agents(abandonment: Callable[[int], float], limit: float, least: int) -> int:
    """Smallest whole number of agents, from `least` up, whose abandonment is at or below a limit.

    Args:
        abandonment: abandonment at a whole number of agents; must not rise with agents.
        limit: the abandonment to hold.
        least: a number known not to be above the answer, at least 1.

    Raises:
        BadInput: more than MAX_AGENTS would be needed.
    """
    below, above, stride = least - 1, least, 1
    while abandonment(above) > limit:
        if above >= MAX_AGENTS:
            raise BadInput(
                [f"agents: more than {MAX_AGENTS:,} would be needed to hold abandonment at {limit:g}"]
            )
        below, above, stride = above, min(above + stride, MAX_AGENTS), 2 * stride
    while above - below > 1:
        middle = (above + below) // 2
        if abandonment(middle) > limit:
            below = middle
        else:
            above = middle
    return above


def erlang_b(load_erlangs: float, agents: int) -> float:
    """Share of calls lost when callers never wait; the upper bound of Erlang-A's abandonment.

    Args:
        load_erlangs: calls per second x handling seconds, above 0.
        agents: agents taking calls, 1 to MAX_AGENTS.

    Raises:
        BadInput: an argument is out of its range.
    """
    _check_positive([("load_erlangs", load_erlangs)])
    _check_agents(agents)
    blocked = 1.0
    for agent in range(1, agents + 1):
        blocked = load_erlangs * blocked / (agent + load_erlangs * blocked)
    return blocked


def erlang_c(load_erlangs: float, agents: int) -> float:
    """Probability of waiting when callers never leave; 1 when the load reaches the staff.

    Args:
        load_erlangs: calls per second x handling seconds, above 0.
        agents: agents taking calls, 1 to MAX_AGENTS.

    Raises:
        BadInput: an argument is out of its range.
    """
    blocked = erlang_b(load_erlangs, agents)
    if load_erlangs >= agents:
        return 1.0
    return blocked / (1.0 - load_erlangs / agents * (1.0 - blocked))


def _free_agent_logs(load: float, agents: int) -> list[float]:
    """Log weights of the states with 0 .. agents - 1 callers, relative to that with `agents` callers."""
    downward = accumulate(math.log(busy / load) for busy in range(agents, 0, -1))
    return list(downward)


def _all_busy_logs(arrivals: float, answering: float, leaving: float) -> list[float]:
    """Log weights of the states with 0, 1, 2 .. callers waiting, relative to the first.

    The ratio r of neighbouring weights falls with the queue, so beyond a state the sum of (waiting + 1) x
    weight is below weight x (waiting + 2) / (1 - r)^2. The list ends where that is a negligible share of the
    largest weight. Once 2 arrivals / leaving callers wait, r is below 1/2, so the end comes.
    """
    if (arrivals - answering) / leaving < MAX_STATES:
        logs, log_weight, peak = [0.0], 0.0, -math.inf
        for waiting in range(1, MAX_STATES):
            ratio = arrivals / (answering + waiting * leaving)
            log_weight += math.log(ratio)
            logs.append(log_weight)
            peak = max(peak, log_weight)
            if ratio < 1.0:
                log_tail = log_weight + math.log(waiting + 2.0) - 2.0 * math.log1p(-ratio)
                if log_tail < peak + _LOG_TAIL_SHARE:
                    return logs
    allowed = "fewer calls, more agents or less patience"
    raise BadInput([f"load: found more than {MAX_STATES:,} callers waiting at once; allowed are {allowed}"])


def _sum_waiting(weights: list[float], answering: float, leaving: float) -> _Waiting:
    """Fold the all-busy states.

    A caller who finds `ahead` waiting is answered before leaving with probability
    answering / (answering + (ahead + 1) leaving), and then waited the sum over i = 1 .. ahead + 1 of
    1 / (answering + i leaving): each step is the next departure, by answer or by leaving.
    """
    total = queue = answered = answered_wait = wait_s = 0.0
    for ahead, weight in enumerate(weights):
        departures = answering + (ahead + 1) * leaving
        wait_s += 1.0 / departures
        reached = weight * answering / departures
        total += weight
        queue += ahead * weight
        answered += reached
        answered_wait += reached * wait_s
    return _Waiting(total, queue, answered, answered_wait)


def _fluid_agents(load: float, abandonment_rate: float) -> int:
    """Staff no queue can do without: answered work load x (1 - rate) cannot exceed the agents."""
    return max(1, math.floor(load * (1.0 - abandonment_rate)))


def _check_positive(values: list[tuple[str, float]]) -> None:
    problems = [
        f"{name}: found {value!r}; allowed is a finite number above 0"
        for name, value in values
        if not (math.isfinite(value) and value > 0.0)
    ]
    if problems:
        raise BadInput(problems)


def _check_load(calls_per_hour: float, handling_s: float, patience_s: float) -> None:
    _check_positive(
        [("calls_per_hour", calls_per_hour), ("handling_s", handling_s), ("patience_s", patience_s)]
    )


def _check_agents(agents: int) -> None:
    if isinstance(agents, bool) or not isinstance(agents, int) or not 1 <= agents <= MAX_AGENTS:
        raise BadInput([f"agents: found {agents!r}; allowed is a whole number from 1 to {MAX_AGENTS:,}"])
