"""How long one point of `sandbox verify` has to run: theory knows the scatter of every figure beforehand."""

from __future__ import annotations

import math
from typing import NamedTuple

from sandbox.errors import BadInput
from sandbox.experiment.erlang_a import ErlangA, erlang_a
from sandbox.experiment.erlang_a_scatter import Scatter, scatter
from sandbox.experiment.intervals import LEVEL, student_t
from sandbox.experiment.sequential import PROBABILITY_HALF_WIDTH, RELATIVE_HALF_WIDTH
from sandbox.simulation.stationary import Load

FIGURES = ("abandonment_rate", "mean_wait_s", "wait_probability", "occupancy")
PROBABILITIES = ("abandonment_rate", "wait_probability", "occupancy")

BATCH_RELAXATIONS = 20
"""Shortest batch, in relaxation times."""

POINT_BATCHES = 40
"""Batches a single point always runs."""

POINT_BATCHES_MAX = 200
"""Batches a single point never passes: five times what theory expects it to need."""

POINT_BATCH_CALLS = 2_500
"""Fewest calls in a batch, so that even an easy point rests on 100,000."""

POINT_CALLS_MAX = 10_000_000
"""Calls a single point never passes: a minute or so of work."""


class Theory(NamedTuple):
    """What is known of one load without running it."""

    exact: ErlangA
    scatter: Scatter


class Plan(NamedTuple):
    """How long one point runs.

    Attributes:
        batch_calls: calls per batch.
        batches_max: batches never passed.
        allowed: per figure, the widest half width that is precise enough.
    """

    batch_calls: int
    batches_max: int
    allowed: dict[str, float]


def solve(load: Load) -> Theory:
    """Exact figures and their scatter.

    Raises:
        BadInput: the load has no exact answer within the bounds of `erlang_a`.
    """
    exact = erlang_a(*load)
    return Theory(exact, scatter(*load, exact))


def plan_for(load: Load, theory: Theory) -> Plan:
    """Plan a run that will be just precise enough by theory; the run itself has the last word.

    Raises:
        BadInput: the load changes too slowly to be simulated within POINT_CALLS_MAX.
    """
    slow = BATCH_RELAXATIONS * theory.scatter.relaxation_s * load.calls_per_s
    least = load.warm_up_s * load.calls_per_s + POINT_BATCHES * slow
    if not least <= POINT_CALLS_MAX:
        found = f"found a queue so slow to settle that it takes {least:,.0f} calls"
        allowed_calls = f"allowed are at most {POINT_CALLS_MAX:,}: fewer calls, more agents or less patience"
        raise BadInput([f"point: {found}; {allowed_calls}"])
    allowed = {figure: _allowed(figure, theory) for figure in FIGURES}
    needed = [_calls_needed(figure, theory, half) for figure, half in allowed.items()]
    within = [calls for calls in needed if calls <= POINT_CALLS_MAX]
    batch_calls = math.ceil(max(slow, max(within, default=0.0) / POINT_BATCHES, POINT_BATCH_CALLS))
    # Where a figure is out of reach, running past what the others need would not bring it nearer.
    most = min(POINT_BATCHES_MAX, POINT_CALLS_MAX // batch_calls) if len(within) == len(needed) else 0
    return Plan(batch_calls, max(most, POINT_BATCHES), allowed)


def _allowed(figure: str, theory: Theory) -> float:
    """The widest half width that is precise enough."""
    relative = RELATIVE_HALF_WIDTH * float(getattr(theory.exact, figure))
    if figure not in PROBABILITIES:
        return relative
    if _calls_needed(figure, theory, PROBABILITY_HALF_WIDTH) <= POINT_CALLS_MAX:
        return PROBABILITY_HALF_WIDTH
    return max(relative, PROBABILITY_HALF_WIDTH)


def _calls_needed(figure: str, theory: Theory, half_width: float) -> float:
    """Calls after which theory's own interval is that narrow."""
    of_one_call = student_t(LEVEL, POINT_BATCHES - 1) * float(getattr(theory.scatter, figure))
    reachable = half_width > of_one_call * 1e-9  # keeps the square finite; far beyond any number of calls
    return (of_one_call / half_width) ** 2 if reachable else math.inf
