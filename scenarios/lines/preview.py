"""An instant preview of the lines: Erlang-A half hour by half hour, per design, from a scenario and changed settings.

Named *stationary intervals* (SIPP, "stationary independent period by period": L. V. Green, P. J. Kolesar, J. Soares,
"Improving the SIPP Approach for Staffing Service Systems That Have Cyclic Demands", Operations Research 49(4), 2001):
every half hour of every kind of day is an Erlang-A queue with balking in its long-run state. What it keeps of the
scenario: sends by hour, response delay, the design's share of callers, who calls back when, redials on the same day,
other traffic with its weekdays, agents by half hour net of shrinkage. What it leaves out `left_out_by` says; the
simulation decides.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from sandbox.experiment.erlang_a_rows import ErlangARows, Floats, erlang_a_rows_rostered
from sandbox.journey.schema import DesignDocument
from sandbox.simulation.callers import OTHER
from sandbox.simulation.settings import CallCentreModel
from scenarios.lines.expected_calls import ExpectedCalls, expected_calls, redial_kernel
from scenarios.wiring.centre import centre_of
from scenarios.wiring.plan import busy_hours
from scenarios.world.document import ScenarioDocument
from scenarios.world.quick_settings import with_settings
from scenarios.world.spec import Scenario

METHOD = "Erlang-A, stationary half hours"

_ALWAYS_LEFT_OUT = (
    "a queue carried from one half hour into the next",
    "the spread of handling time beyond an exponential's",
    "that the more patient callers make up more of a long queue",
)
"""What no stationary queue knows of, whatever the scenario."""

_ROUNDS_MAX = 12
_SETTLED = 1e-3
_HOUR_MIN = 60
_HALF_HOUR_MIN = 30


@dataclass(frozen=True, slots=True)
class HalfHourPreview:
    """One half hour, mean over the campaign's days.

    Attributes:
        start: local clock time, "HH:MM".
        offered: calls of all traffic, redials included.
        abandonment_rate: abandoned / offered, 0..1.
        wait_s: mean wait of all callers, seconds.
        occupancy: share of agent time on calls, 0..1.
        agents: effective agents.
        handling_s: mean time an agent spends on a call, after-call work included.
        patience_s: mean patience of the mix of callers.
    """

    start: str
    offered: float
    abandonment_rate: float
    wait_s: float
    occupancy: float
    agents: float
    handling_s: float
    patience_s: float


@dataclass(frozen=True, slots=True)
class DesignPreview:
    """One design: its half hours, and the scorecard's metrics of the lines as far as theory gives them."""

    half_hours: tuple[HalfHourPreview, ...]
    metrics: dict[str, float]


@dataclass(frozen=True, slots=True)
class Preview:
    """The lines of every design by theory; `method` names it."""

    designs: dict[str, DesignPreview]
    method: str = METHOD


PREVIEWED = (
    "call_abandonment_rate",
    "campaign_abandonment_rate",
    "call_wait_busy_s",
    "call_wait_all_s",
    "call_wait_answered_s",
    "call_wait_worst_half_hour_s",
    "agent_occupancy",
)
"""Metrics a preview gives; of the others it says nothing."""


def preview(
    scenario: Scenario,
    settings: Mapping[str, object] | None = None,
    *,
    designs: Sequence[str] | None = None,
    hours: frozenset[int] | None = None,
) -> Preview:
    """Preview the lines of a scenario.

    Pure: the same arguments give the same answer, and nothing is read or drawn.

    Args:
        scenario: as loaded.
        settings: dotted path to plain value, on top; blocks of the scenario only, not inside designs or policy.
        designs: names; None is all.
        hours: clock hours called busy; None takes those of the scenario as given.

    Raises:
        BadInput: a setting that does not exist or a value that is not allowed.
    """
    document = with_settings(scenario, settings or {})
    busy = busy_hours(scenario.document) if hours is None else hours
    names = list(scenario.designs) if designs is None else list(designs)
    centre = centre_of(document)
    demands = [expected_calls(document, scenario.policy, scenario.designs[name], centre) for name in names]
    solved = _solve(document, centre, demands)
    return Preview({name: _told(document, one, busy) for name, one in zip(names, solved, strict=True)})


def left_out_by(document: ScenarioDocument, design: DesignDocument) -> tuple[str, ...]:
    """Say what of a scenario the preview of a design leaves out, one phrase each: why the simulation differs."""
    block, kinds = document.call_centre, {step.kind for step in design.steps}
    sometimes = {
        "calls caused by late, lost or wrong items of the back office": "back_office" in kinds,
        "redials on the next working day": bool(
            block.redial.next_day_rate or block.redial.next_day_rate_other
        ),
        "the random level of a day's other traffic": block.other_traffic.day_multiplier_cv > 0,
        "skill groups and priorities": block.skills is not None
        or len(set(dict(block.priority).values())) > 1,
        "hazards of leaving that change with the wait": any(hazard for _, hazard in block.patience_hazard),
        "forms filled in wrongly": document.customers.form_errors_rate > 0,
    }
    return (*_ALWAYS_LEFT_OUT, *(text for text, there in sometimes.items() if there))


class _Solved(NamedTuple):
    """One design's kinds of day by half hours."""

    days: Floats
    offered: Floats
    campaign: Floats
    campaign_abandoned: Floats
    rows: ErlangARows
    handling_s: Floats
    patience_s: Floats
    agents: Floats


class _Offered(NamedTuple):
    """Calls per half hour, (designs, kinds of day, half hours), redials so far included."""

    campaign: Floats
    other: Floats


def _solve(
    document: ScenarioDocument, centre: CallCentreModel, demands: list[ExpectedCalls]
) -> list[_Solved]:
    """All designs side by side: one pass over the states serves every half hour."""
    first = _Offered(np.stack([one.campaign for one in demands]), np.stack([one.other for one in demands]))
    talk = np.stack([one.campaign_handling_s for one in demands])[:, None, None]
    leaving = 1.0 / np.stack([one.campaign_patience_s for one in demands])[:, None, None]
    other_talk, other_leaving = demands[0].other_handling_s, 1.0 / demands[0].other_patience_s
    kernel = redial_kernel(document, centre)
    agents = np.array(centre.agents)
    now = first
    for _ in range(_ROUNDS_MAX):
        total = np.maximum(now.campaign + now.other, 1e-12)
        handling = (now.campaign * talk + now.other * other_talk) / total
        rate = (now.campaign * leaving + now.other * other_leaving) / total
        rows = erlang_a_rows_rostered(total * 2.0, handling, 1.0 / rate, agents, centre.balk_rate)
        balked = rows.wait_probability * centre.balk_rate
        lost = np.maximum(rows.abandonment_rate - balked, 0.0)
        theirs = np.minimum(1.0, balked + lost * leaving / rate)
        others = np.minimum(1.0, balked + lost * other_leaving / rate)
        again = _Offered(
            first.campaign + centre.redial_rate["campaign"] * (now.campaign * theirs) @ kernel,
            first.other + centre.redial_rate[OTHER] * (now.other * others) @ kernel,
        )
        moved = max(float(np.abs(a - b).max(initial=0.0)) for a, b in zip(again, now, strict=True))
        now = again
        if moved < _SETTLED * max(1.0, float(total.max())):
            break
    return [
        _Solved(
            one.days,
            total[at],
            now.campaign[at],
            (now.campaign * theirs)[at],
            ErlangARows(*(figure[at] for figure in rows)),
            handling[at],
            1.0 / rate[at],
            agents,
        )
        for at, one in enumerate(demands)
    ]


def _told(document: ScenarioDocument, one: _Solved, busy: frozenset[int]) -> DesignPreview:
    weight = one.days[:, None] / one.days.sum()
    offered = (one.offered * weight).sum(0)
    base = np.maximum(offered, 1e-12)

    def mean(figure: Floats) -> Floats:
        found: Floats = (figure * one.offered * weight).sum(0) / base
        return found

    abandoned, wait = mean(one.rows.abandonment_rate), mean(one.rows.mean_wait_s)
    occupancy = (one.rows.occupancy * weight).sum(0)
    handling, patience = mean(one.handling_s), 1.0 / mean(1.0 / one.patience_s)
    opens = document.calendar.open_minute
    starts = [opens + _HALF_HOUR_MIN * slot for slot in range(len(offered))]
    in_busy = np.array([start // _HOUR_MIN in busy for start in starts])
    answered = one.offered * (1.0 - one.rows.abandonment_rate) * weight
    campaign = float((one.campaign * weight).sum())

    def share(figure: Floats, base: Floats) -> float:
        return float(figure.sum() / base.sum()) if base.sum() > 0 else 0.0

    metrics = {
        "call_abandonment_rate": share(abandoned * offered, offered),
        "campaign_abandonment_rate": float((one.campaign_abandoned * weight).sum()) / campaign
        if campaign
        else 0.0,
        "call_wait_busy_s": share((wait * offered)[in_busy], offered[in_busy]),
        "call_wait_all_s": share(wait * offered, offered),
        "call_wait_answered_s": share(one.rows.mean_wait_answered_s * answered, answered),
        "call_wait_worst_half_hour_s": float(wait.max(initial=0.0)),
        "agent_occupancy": share(occupancy * one.agents, one.agents),
    }
    rows = zip(starts, offered, abandoned, wait, occupancy, one.agents, handling, patience, strict=True)
    half_hours = tuple(
        HalfHourPreview(
            f"{start // _HOUR_MIN:02d}:{start % _HOUR_MIN:02d}", *(float(value) for value in rest)
        )
        for start, *rest in rows
    )
    return DesignPreview(half_hours, metrics)
