"""A tornado as JSON.

    {"schema": 1, "scenario", "title", "seed", "replications", "metric", "design", "against": name or null, "unit",
     "base": {"value", "low", "high", "decision", "ground", "winner", "verdict"},
     "assumptions": [{"path", "value", "source", "range", "note", "swing", "run": "full" or "screened",
                      "could_change_decision": true, false or null (only screened),
                      "ends": {"low" or "high": {"value", "effect", "effect_low", "effect_high",
                                                 "decision", "ground", "winner", "verdict", "refused"}},
                      "export": null or {"export", "holds", "command"}}],
     "left_out": [{"path", "reason"}], "screening_days": number, "notes": [text],
     "replay": command line}

Effects are the figure at that end minus the figure as it is, in `unit` (rates 0..1), paired. A screened assumption
was run once, on a campaign of `screening_days` working days with the same load a day (0: at full length). `winner` is
the better of two designs, "neither", or empty without `against`; `verdict` that of the metric's own rule, or empty.
An end with a `refused` could not be run.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from scenarios.sweeps.tornado import End, Sensitivity, Varied

SCHEMA = 1


def sensitivity_document(found: Sensitivity, replay: str) -> dict[str, object]:
    """Return the JSON form this module's docstring lays down."""
    return {
        "schema": SCHEMA,
        "scenario": found.scenario,
        "title": found.title,
        "seed": found.seed,
        "replications": found.replications,
        "metric": found.metric,
        "design": found.design,
        "against": found.against,
        "unit": found.unit,
        "base": {
            "value": found.base.value,
            "low": found.base.low,
            "high": found.base.high,
            **found.standing._asdict(),
        },
        "assumptions": [_varied(one) for one in found.varied],
        "left_out": [asdict(one) for one in found.left_out],
        "screening_days": found.screening_days,
        "notes": list(found.notes),
        "replay": replay,
    }


def _varied(one: Varied) -> dict[str, object]:
    origin, export = one.assumption.origin, one.assumption.export
    return {
        **asdict(origin),
        "swing": one.swing,
        "run": "screened" if one.screened else "full",
        "could_change_decision": None if one.screened else bool(one.changes),
        "ends": {name: _end(end) for name, end in one.ends.items()},
        "export": None
        if export is None
        else {"export": export.export, "holds": export.holds, "command": export.command},
    }


def _end(end: End) -> dict[str, object]:
    effect, standing = end.effect, end.standing
    return {
        "value": end.value,
        "effect": None if effect is None else effect.value,
        "effect_low": None if effect is None else effect.low,
        "effect_high": None if effect is None else effect.high,
        **(
            dict.fromkeys(("decision", "ground", "winner", "verdict"))
            if standing is None
            else standing._asdict()
        ),
        "refused": end.refused,
    }
