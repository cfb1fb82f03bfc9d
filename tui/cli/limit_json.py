"""The JSON forms of `sandbox limit` and `sandbox staff`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sandbox.experiment.verdict import Condition
    from scenarios.limits.limit import DesignLimit, Limits, TheoryLimit
    from scenarios.limits.send_shapes import ShapeCheck
    from scenarios.limits.staffing_search import StaffFound
    from scenarios.result import Metric

SCHEMA = 1
_TOLD_BY = {"known": "runs", "runs": "runs", "theory": "preview", "nothing": None}


def limits_json(found: Limits, shapes: Sequence[ShapeCheck], replay: str) -> dict[str, object]:
    """Return the limits of all designs: answer, preview, curve, knee, and the hours of sending if looked for."""
    return {
        "schema": SCHEMA,
        "scenario": found.scenario,
        "title": found.title,
        "seed": found.seed,
        "replications": found.replications,
        "search_replications": found.search_replications,
        "vary": found.vary,
        "current": found.current,
        "between": [found.values[0], found.values[-1]],
        "values": len(found.values),
        "keep": [_condition(one) for one in found.keep],
        "confidence": found.confidence,
        "one_sided": True,
        "preview_method": found.method,
        "designs": {name: _design(one) for name, one in found.designs.items()},
        "send_shapes": {one.design: _shape(one) for one in shapes},
        "notes": list(found.notes),
        "replay": replay,
    }


def _design(one: DesignLimit) -> dict[str, object]:
    return {
        "title": one.title,
        "kind": one.kind,
        "limit": one.value,
        "direction": _direction(one.rising),
        "direction_from": _TOLD_BY[one.told_by],
        "preview": None if one.theory is None else _theory(one.theory),
        "preview_leaves_out": list(one.left_out),
        "knee": None if one.knee is None else one.knee.at,
        "knee_range": None if one.knee is None or one.knee.low is None else [one.knee.low, one.knee.high],
        "knee_direction": None if one.knee is None else "below" if one.knee.falling else "above",
        "not_monotone_between": [list(pair) for pair in one.bends],
        "curve": [
            {
                "value": point.value,
                "stage": point.stage,
                "level": point.level,
                "metrics": [metric_json(metric) for metric in point.metrics],
                "preview": None if one.theory is None else list(one.theory.curve.get(point.value, ())),
            }
            for point in one.points
        ],
    }


def _theory(limit: TheoryLimit) -> dict[str, object]:
    direction = None if limit.rising is None else _direction(limit.rising)
    return {"kind": limit.kind, "limit": limit.value, "direction": direction}


def _direction(rising: bool) -> str:
    return "largest" if rising else "smallest"


def _condition(one: Condition) -> dict[str, object]:
    return {"metric": one.metric, "comparator": one.comparator, "threshold": one.threshold}


def metric_json(metric: Metric) -> dict[str, object]:
    """Return an estimate with its interval and verdict."""
    return {
        "value": metric.value,
        "low": metric.low,
        "high": metric.high,
        "unit": metric.unit,
        "n": metric.n,
        "n_unit": metric.n_unit,
        "verdict": metric.verdict,
    }


def _shape(one: ShapeCheck) -> dict[str, object]:
    return {
        "messages": one.messages,
        "settings": list(one.settings),
        "preview": {
            "today": {"peak_load": one.today.peak_load, "abandonment_rate": one.today.abandonment_rate},
            "proposed": {
                "peak_load": one.proposed.peak_load,
                "abandonment_rate": one.proposed.abandonment_rate,
            },
        },
        "simulation": {
            name: {"today": metric_json(today), "proposed": metric_json(proposed)}
            for name, (today, proposed) in one.simulated.items()
        },
        "difference": {
            name: {"value": one_.value, "low": one_.low, "high": one_.high}
            for name, one_ in one.differences.items()
        },
        "limit": {"kind": one.limit.kind, "value": one.limit.value},
        "limit_today": {"kind": one.limit_today.kind, "value": one.limit_today.value},
    }


def staff_json(found: StaffFound, replay: str) -> dict[str, object]:
    """Return the fewest agents per half hour, theory's and today's beside them."""
    return {
        "schema": SCHEMA,
        "scenario": found.scenario,
        "design": found.design,
        "seed": found.seed,
        "replications": found.replications,
        "search_replications": found.search_replications,
        "keep": [_condition(one) for one in found.keep],
        "confidence": found.confidence,
        "one_sided": True,
        "kind": found.kind,
        "method": found.method,
        "half_hours": [
            {
                "start": start,
                "agents": None if found.agents is None else found.agents[place],
                "preview": None if found.theory is None else found.theory[place],
                "today": found.today[place],
            }
            for place, start in enumerate(found.starts)
        ],
        "agent_hours_a_day": {
            "simulated": found.hours(found.agents),
            "preview": found.hours(found.theory),
            "today": found.hours(found.today),
        },
        "metrics": {
            "simulated": [metric_json(metric) for metric in found.confirmed],
            "today": [metric_json(metric) for metric in found.at_today],
        },
        "settings": list(found.settings),
        "notes": list(found.notes),
        "replay": replay,
    }
