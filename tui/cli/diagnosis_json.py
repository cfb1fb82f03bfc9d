"""A diagnosis as JSON, schema 1: rates 0..1, what does not apply as null."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from typing import TYPE_CHECKING

from scenarios.metric_decisions import rule_outcome
from scenarios.outputs.as_json import rule_json

if TYPE_CHECKING:
    from sandbox.scorecard.judgement import Finding, Held, Reading
    from scenarios.explain.diagnosis import DesignDiagnosis, Diagnosis, Drop

SCHEMA = 1


def diagnosis_document(found: Diagnosis) -> dict[str, object]:
    """Return the JSON form of a diagnosis."""
    return {
        "schema": SCHEMA,
        "scenario": found.scenario,
        "title": found.title,
        "seed": found.seed,
        "replications": found.replications,
        "baseline": found.baseline,
        "stage": found.stage,
        "rules": found.rules,
        "notes": list(found.notes),
        "designs": {one.design: _design(one) for one in found.designs},
    }


def _design(one: DesignDiagnosis) -> dict[str, object]:
    test = one.closed
    return {
        "title": one.title,
        "service": one.service,
        "decision": one.decision.decide,
        "grounds": [asdict(ground) for ground in one.decision.grounds],
        "rules": [rule_json(rule_outcome(item)) for item in one.verdicts],
        "leaks": [
            {
                "leak": item.leak.leak,
                "presence": item.presence,
                "means": item.leak.means,
                "inspect": item.leak.inspect,
                "evidence": _findings(item.findings),
            }
            for item in one.leaks
        ],
        "reach_drop": _drop(one.reach_drop),
        "resolution_drop": _drop(one.resolution_drop),
        "biggest_loss": None if one.biggest_loss is None else one.biggest_loss._asdict(),
        "engaged": one.engaged,
        "closed_workflow": {**asdict(test), "closed": test.closed, "faults": list(test.faults)},
        "assisted": None
        if one.assisted is None
        else {
            "steps": list(one.assisted.steps),
            "mislabelled": one.assisted.mislabelled,
            "figures": {name: _reading(reading) for name, reading in one.assisted.figures.items()},
        },
        "maturity": {
            "stage": one.maturity.stage,
            "title": one.maturity.title,
            "evidence": _findings(one.maturity.findings),
            "missing": _findings(one.maturity.missing),
        },
        "questions": [
            {
                "question": item.question.question,
                "asks": item.question.asks,
                "reply": item.reply,
                "evidence": _findings(item.findings),
            }
            for item in one.answers
        ],
        "example_case": one.example_case,
    }


def _findings(findings: Iterable[Finding]) -> list[dict[str, object]]:
    return [
        {
            "quantity": one.condition.quantity,
            "line": _line(one.condition.line.comparator, one.held),
            "verdict": one.held.verdict,
            "margin": one.held.margin,
            "found": None if one.reading is None else _reading(one.reading),
        }
        for one in findings
    ]


def _line(comparator: str, held: Held) -> dict[str, object]:
    return {"comparator": comparator, "threshold": held.threshold}


def _reading(reading: Reading) -> dict[str, object]:
    return reading._asdict()


def _drop(drop: Drop | None) -> dict[str, object] | None:
    return None if drop is None else asdict(drop)
