"""Staffings from lean to ample, each with the next agent where that agent helps most: marginal allocation.

What is lost in a half hour falls with its agents, and each further agent saves less than the one before, so giving
agents one by one to the half hour where the next saves most loses least for every total (B. Fox, "Discrete
Optimization Via Marginal Analysis", Management Science 13(3), 1966). The result is one order of staffings, each
holding the one before: fewest agents for a condition is then a search along a line.
"""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from math import fsum
from typing import Literal, NamedTuple

import numpy as np

from sandbox.errors import RuleBroken
from sandbox.experiment.erlang_a import SECONDS_PER_HOUR
from sandbox.experiment.erlang_a_rows import Floats, erlang_a_rows_rostered

Loss = Literal["abandoned", "waited"]
"""What a further agent is to save: abandoned calls, or waiting time of all callers."""

_HALF_HOURS = 2.0

AGENTS_MAX = 2_000
"""Most agents looked at in one half hour."""


class IntervalLoad(NamedTuple):
    """What comes to the lines in one half hour of the mean day.

    Attributes:
        calls: offered.
        handling_s: mean time an agent spends on one.
        patience_s: mean patience.
    """

    calls: float
    handling_s: float
    patience_s: float


def staffings(
    loads: Sequence[IntervalLoad],
    loss: Loss,
    *,
    balk_rate: float = 0.0,
    shrinkage: float = 0.0,
    spare: float = 0.001,
) -> tuple[tuple[int, ...], ...]:
    """Return scheduled agents by half hour, leanest first: one in each to begin with, one more at every step.

    Args:
        loads: one a half hour.
        loss: what the next agent is to save.
        balk_rate: share of callers who leave at once when nobody is free.
        shrinkage: share of scheduled time that is lost, 0..1 without the end.
        spare: the order ends where less than this share of all calls is lost (abandoned, or their patience waited).

    Raises:
        RuleBroken: a load would take more than AGENTS_MAX agents, or everybody's time is lost.
    """
    if not 0.0 <= shrinkage < 1.0:
        raise RuleBroken(f"shrinkage {shrinkage!r} leaves nobody at work")
    table = _losses(loads, loss, balk_rate, shrinkage)
    agents = [1] * len(loads)
    left = float(table[1].sum())
    enough = spare * _scale(loads, loss)
    gains = [(-_gain(table, 1, place), place) for place in range(len(loads))]
    heapq.heapify(gains)
    found = [tuple(agents)]
    while left > enough:
        gain, place = heapq.heappop(gains)
        if agents[place] + 1 >= len(table):
            raise RuleBroken(f"half hour {place} would take more than {len(table) - 1} agents")
        agents[place] += 1
        left += gain
        heapq.heappush(gains, (-_gain(table, agents[place], place), place))
        found.append(tuple(agents))
    return tuple(found)


def _losses(loads: Sequence[IntervalLoad], loss: Loss, balk_rate: float, shrinkage: float) -> Floats:
    """What is lost a day, (agents, half hours)."""
    calls, handling, patience = (np.array(column, float) for column in zip(*loads, strict=True))
    erlangs = calls * _HALF_HOURS / SECONDS_PER_HOUR * handling
    most = min(AGENTS_MAX, int((erlangs.max() + 8.0 * erlangs.max() ** 0.5 + 8.0) / (1.0 - shrinkage)) + 2)
    agents = np.arange(most + 1)[:, None] * (1.0 - shrinkage)
    rows = erlang_a_rows_rostered(calls * _HALF_HOURS, handling, patience, agents, balk_rate)
    lost: Floats = calls * (rows.abandonment_rate if loss == "abandoned" else rows.mean_wait_s)
    return lost


def _gain(table: Floats, agents: int, place: int) -> float:
    """What one more agent saves; nothing beyond the table."""
    return float(table[agents, place] - table[agents + 1, place]) if agents + 1 < len(table) else 0.0


def _scale(loads: Sequence[IntervalLoad], loss: Loss) -> float:
    """All that could be lost: every call, or every caller's patience."""
    return fsum(one.calls * (1.0 if loss == "abandoned" else one.patience_s) for one in loads)
