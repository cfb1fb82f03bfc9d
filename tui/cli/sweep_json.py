"""A sweep as JSON.

    {"schema": 1, "scenario", "title", "seed", "replications", "baseline",
     "over": [{"path", "values": [number], "log"}],
     "metrics": [name], "designs": {NAME: title},
     "points": [{"values": [number],
                 "designs": {NAME: {"metrics": {METRIC: as in a comparison},
                                    "differences": {METRIC: as in a comparison, or nothing for the baseline},
                                    "decision": go, hold or stop, "grounds": [name of a rule]}}}],
     "crossings": [{"design", "metric", "rule", "beside", "at", "low", "high", "rising", "interval", "interpolated"}],
     "crossings_down": [the same along the second setting],
     "notes": [text], "replay": command line}

`metrics` of a point holds those asked for. `interval` is false where a neighbouring point has none; else a missing
end lies beyond what was run. `beside` is the value of the other setting of a grid. `crossings` goes along the first
setting; `crossings_down` is empty without a second one.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from scenarios.sweeps.sweeping import LineCrossed, Sweep, SweepPoint

SCHEMA = 1


def sweep_document(found: Sweep, replay: str) -> dict[str, object]:
    """Return the JSON form this module's docstring lays down."""
    return {
        "schema": SCHEMA,
        "scenario": found.scenario,
        "title": found.title,
        "seed": found.seed,
        "replications": found.replications,
        "baseline": found.baseline,
        "over": [{"path": axis.path, "values": list(axis.values), "log": axis.log} for axis in found.axes],
        "metrics": list(found.metrics),
        "designs": found.designs,
        "points": [_point(found, point) for point in found.points],
        "crossings": [_crossing(one) for one in found.crossings],
        "crossings_down": [_crossing(one) for one in found.crossings_down],
        "notes": list(found.notes),
        "replay": replay,
    }


def _crossing(one: LineCrossed) -> dict[str, object]:
    return {
        "design": one.design,
        "metric": one.metric,
        "rule": one.rule,
        "beside": one.beside,
        "at": one.crossing.at,
        "low": one.crossing.low,
        "high": one.crossing.high,
        "rising": one.crossing.rising,
        "interval": one.crossing.bounded,
        "interpolated": True,
    }


def _point(found: Sweep, point: SweepPoint) -> dict[str, object]:
    return {
        "values": list(point.values),
        "designs": {
            name: {
                "metrics": {metric: asdict(metrics[metric]) for metric in found.metrics if metric in metrics},
                "differences": {
                    metric: asdict(row) for metric, row in point.differences.get(name, {}).items()
                },
                "decision": point.decisions[name].decide,
                "grounds": [ground.name for ground in point.decisions[name].grounds],
            }
            for name, metrics in point.metrics.items()
        },
    }
