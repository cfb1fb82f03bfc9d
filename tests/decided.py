"""Decisions on invented figures, made by the shipped rules through the product's own functions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from sandbox.scorecard.judgement import judge_rules
from sandbox.scorecard.rules import Service
from scenarios.metric_decisions import metric_decision, reading_of
from scenarios.result import DesignResult, Metric
from scenarios.rulebook import read_rules

LIMITS = {"call_centre.abandonment_limit": 0.10, "call_centre.wait_limit_s": 60.0}


def with_decision(
    design: DesignResult, further: Mapping[str, Metric] | None = None, service: Service = "self_service"
) -> DesignResult:
    """A design with what the shipped rules decide by its metrics, and by some further ones."""
    document = read_rules()[0].document
    metrics = {**design.metrics, **(further or {})}
    readings = {name: reading_of(metric) for name, metric in metrics.items()}
    verdicts = judge_rules(document.rules, readings, LIMITS, service, document.stage)
    return replace(design, decision=metric_decision(document, verdicts, metrics))
