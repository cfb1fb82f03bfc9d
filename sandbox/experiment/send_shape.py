"""In which hours to send, so that the lines meet the least peak: a linear programme, then Erlang-A.

Calls follow sends by the response delay, so the calls of a half hour are linear in the shares of the hours. First the
peak load per agent is made as small as any shape can make it (fluid view: callers are a flow, agents a capacity).
Many shapes reach the same peak, often one that no campaign could lower, so among those within `SLACK` of it the one
with the fewest abandoned calls by Erlang-A is taken. Fluid approximations of staffed queues: W. Whitt, "Fluid Models
for Multiserver Queues with Abandonments", Operations Research 54(1), 2006.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from sandbox.errors import RuleBroken
from sandbox.experiment.erlang_a import SECONDS_PER_HOUR
from sandbox.experiment.erlang_a_rows import Floats, erlang_a_rows_rostered

SLACK = 0.02
"""Share by which the peak may exceed the least one, so that a level peak is not bought with calls elsewhere."""

_HALF_HOUR_S = SECONDS_PER_HOUR / 2.0

_NOBODY = 0.5
"""Agents a half hour without any counts as: its load is then the worst of all, and still a number."""


class Lines(NamedTuple):
    """A day on the lines, by half hour.

    Attributes:
        campaign: calls a day that follow the sends.
        kernel: share of the calls of each hour of sends that come in each half hour, (hours, half hours).
        other: calls of other traffic.
        agents: effective agents.
        campaign_handling_s, other_handling_s: mean time an agent spends on a call.
        campaign_patience_s, other_patience_s: mean patience.
        balk_rate: share who leave at once when nobody is free.
    """

    campaign: float
    kernel: Floats
    other: Floats
    agents: Floats
    campaign_handling_s: float
    campaign_patience_s: float
    other_handling_s: float
    other_patience_s: float
    balk_rate: float


def peak_load(lines: Lines, shares: Floats) -> float:
    """Highest offered load per agent in a half hour, erlangs per agent, for shares of the hours that sum to 1."""
    return float(_loads(lines, shares).max())


def abandonment(lines: Lines, shares: Floats) -> float:
    """Abandoned / offered over the day by Erlang-A half hour by half hour, first calls only."""
    campaign = lines.campaign * (shares @ lines.kernel)
    total = np.maximum(campaign + lines.other, 1e-9)
    handling = (campaign * lines.campaign_handling_s + lines.other * lines.other_handling_s) / total
    leaving = (campaign / lines.campaign_patience_s + lines.other / lines.other_patience_s) / total
    rows = erlang_a_rows_rostered(2.0 * total, handling, 1.0 / leaving, lines.agents, lines.balk_rate)
    return float((rows.abandonment_rate * total).sum() / total.sum())


def best_shape(lines: Lines) -> Floats:
    """Return the shares of the hours: least peak load per agent, then fewest abandoned.

    Raises:
        RuleBroken: the programme has no answer, which no kernel of shares can cause.
    """
    # Late: SciPy costs start-up time that most commands need not pay.
    from scipy.optimize import linprog, minimize  # type: ignore[import-untyped]

    hours = len(lines.kernel)
    per_share, fixed = _slopes(lines), _loads(lines, np.zeros(hours))
    solved = linprog(
        np.append(np.zeros(hours), 1.0),
        A_ub=np.hstack([per_share.T, -np.ones((len(fixed), 1))]),
        b_ub=-fixed,
        A_eq=np.append(np.ones(hours), 0.0)[None, :],
        b_eq=[1.0],
        bounds=[(0.0, 1.0)] * hours + [(0.0, None)],
    )
    if not solved.success:
        raise RuleBroken(f"no shape of sending found: {solved.message}")
    least, ceiling = solved.x[:hours], (1.0 + SLACK) * solved.x[hours]
    polished = minimize(
        lambda shares: abandonment(lines, np.maximum(shares, 0.0)),
        least,
        method="SLSQP",
        bounds=[(0.0, 1.0)] * hours,
        constraints=[
            {"type": "eq", "fun": lambda shares: shares.sum() - 1.0},
            {"type": "ineq", "fun": lambda shares: ceiling - fixed - shares @ per_share},
        ],
        options={"maxiter": 100, "ftol": 1e-9},
    )
    found: Floats = np.maximum(polished.x, 0.0)
    found /= found.sum()
    better = abandonment(lines, found) <= abandonment(lines, least)
    return found if better and peak_load(lines, found) <= ceiling * (1.0 + 1e-6) else np.asarray(least)


def _slopes(lines: Lines) -> Floats:
    """Erlangs per agent that all of a day's sends in one hour would add to each half hour."""
    slopes: Floats = lines.campaign * lines.kernel * lines.campaign_handling_s / _capacity(lines)
    return slopes


def _loads(lines: Lines, shares: Floats) -> Floats:
    loads: Floats = lines.other * lines.other_handling_s / _capacity(lines) + shares @ _slopes(lines)
    return loads


def _capacity(lines: Lines) -> Floats:
    capacity: Floats = _HALF_HOUR_S * np.maximum(lines.agents, _NOBODY)
    return capacity
