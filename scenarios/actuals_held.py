"""Actual figures of a pilot held against what its simulation predicts for them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from math import fsum

import numpy as np

from sandbox.errors import BadInput
from sandbox.experiment.attribution import Attribution, attribute
from sandbox.experiment.prediction import Prediction, mean_prediction, rate_prediction, rate_tail
from sandbox.experiment.survival import kaplan_meier_quantile
from sandbox.model import MS_PER_MINUTE
from sandbox.scorecard.case_table import CaseTable
from sandbox.scorecard.definitions import MetricDefinition
from sandbox.scorecard.marks import Mark
from sandbox.scorecard.outcome import FUNNEL, SCALES, RunOutcome, Series, int64s, stages_per_day
from scenarios.actuals_rows import ActualMetric, Actuals
from scenarios.library import metrics_document

LEVEL = 0.95
"""Chance that every figure of a file falls inside its interval when the scenario is right (Bonferroni)."""

_QUANTILES = {"time_to_resolution_median_min": 0.5, "time_to_resolution_p90_min": 0.9}


@dataclass(frozen=True, slots=True)
class Held:
    """One actual figure held against its prediction.

    Attributes:
        name, title, unit: of the stage or metric.
        of: the stage a stage's rate is of; empty for a metric.
        actual: as reported.
        n: its base; taken from the simulation where `n_given` is False; 0 where it has none.
        prediction: with the interval at the level all figures share.
        inside: None where no interval could be made.
        p: chance of a stage as far out as this, from the distribution its prediction comes from; None for a metric.
        alone, share: of the gap in the deciding rate: this stage alone replaced, and its Shapley share; None for
            metrics.
        levers: settings behind it.
    """

    name: str
    title: str
    unit: str
    of: str
    actual: float
    n: int
    n_given: bool
    prediction: Prediction
    inside: bool | None
    p: float | None = None
    alone: float | None = None
    share: float | None = None
    levers: tuple[str, ...] = ()


def level_for(figures: int) -> float:
    """Return the level of each of so many intervals with which all of them hold together at LEVEL."""
    return 1.0 - (1.0 - LEVEL) / max(figures, 1)


def stages_of(outcomes: Sequence[RunOutcome], arm: str | None) -> dict[str, list[int]]:
    """Return the cases of the pilot's arm at each stage, per cohort day, one replication after the other."""
    found: dict[str, list[int]] = {}
    for outcome in outcomes:
        marks = np.frombuffer(outcome.case_marks, dtype=np.int64)
        days = len(outcome.ratios["completion_rate"][0])
        cohort = np.arange(len(marks), dtype=np.int64) * days // len(marks)
        table = CaseTable(marks, cohort, np.ones(len(marks), dtype=np.int64), {}, days)
        if arm is not None:
            table = table.part((marks & int(Mark.MOVED)) != 0)
        for stage, counts in stages_per_day(table).items():
            found.setdefault(stage, []).extend(counts)
    return found


def hold_funnel(
    actuals: Actuals, outcomes: Sequence[RunOutcome], arm: str | None
) -> tuple[tuple[Held, ...], Attribution]:
    """Hold each stage's rate of the stage before against the simulation's, and share the gap among the stages.

    Raises:
        BadInput: fewer than two of the file's stages occur in the design.
    """
    stages, simulated = _way(actuals, outcomes, arm)
    level = level_for(len(stages) - 1)
    per_run = len(simulated[stages[0]]) / len(outcomes)
    rates: list[tuple[float, float]] = []
    held: list[Held] = []
    for before, stage in pairwise(stages):
        n, count = actuals.funnel[before], actuals.funnel[stage]
        series: Series = (simulated[stage], simulated[before])
        rate = sum(series[0]) / sum(series[1]) if sum(series[1]) else 0.0
        actual = count / n if n else 0.0
        if (
            count > n or rate > 1.0
        ):  # who was written to may call without a message: no share of the stage before
            prediction, p = mean_prediction(*series, actuals.days or per_run, level), None
        elif n:
            prediction = rate_prediction(*series, n, actuals.days or per_run, level)
            p = rate_tail(*series, count, n, actuals.days or per_run) if sum(series[1]) else None
        else:
            prediction, p = Prediction(rate, None, None), None
        rates.append((rate, actual))
        title = " / ".join((FUNNEL[stage][0], FUNNEL[before][0].lower())).replace(" (receipt)", "")
        held.append(
            Held(stage, title, "rate", before, actual, n, True, prediction, prediction.holds(actual), p)
        )
    gap = attribute([rate for rate, _ in rates], [actual for _, actual in rates])
    told = zip(held, gap.alone, gap.shares, strict=True)
    return tuple(replace(one, alone=alone, share=share) for one, alone, share in told), gap


def _way(
    actuals: Actuals, outcomes: Sequence[RunOutcome], arm: str | None
) -> tuple[list[str], dict[str, list[int]]]:
    """Stages both the file and the simulation have. Who clicked is engaged: with both, clicks are the stage."""
    simulated = stages_of(outcomes, arm)
    stages = [stage for stage in actuals.funnel if sum(simulated[stage])]
    if "clicked" in stages and "engaged" in stages:
        stages.remove("engaged")
    if len(stages) < 2:
        raise BadInput([f"stages {', '.join(actuals.funnel)}: do not occur in this design; check --design"])
    return stages, simulated


def hold_metrics(
    actuals: Actuals,
    outcomes: Sequence[RunOutcome],
    arm: str | None,
    definitions: Mapping[str, MetricDefinition],
    currency: str,
) -> tuple[Held, ...]:
    """Hold each metric against the simulation's; money is in the scenario's currency."""
    level = level_for(len(actuals.metrics))
    found = [
        _hold_metric(name, actual, definitions[name], outcomes, arm, level)
        for name, actual in actuals.metrics.items()
    ]
    return tuple(replace(one, unit=currency) if one.unit == "currency" else one for one in found)


def _hold_metric(
    name: str,
    actual: ActualMetric,
    definition: MetricDefinition,
    outcomes: Sequence[RunOutcome],
    arm: str | None,
    level: float,
) -> Held:
    series, scale = series_of(name, definition, outcomes, arm), SCALES.get(name, 1.0)
    n, prediction = actual.n or 0, Prediction(None, None, None)
    if series is not None and fsum(series[1]):
        per_run = len(series[1]) / len(outcomes)
        days = actual.days or per_run
        # A share of time is no share of so many trials: its days differ, and nothing is sampled within them.
        if definition.unit == "rate" and definition.kind == "ratio" and definition.n_unit == "count":
            n = actual.n or max(1, round(fsum(series[1]) / len(series[1]) * days))
            prediction = rate_prediction(*series, n, days, level)
        else:
            found = mean_prediction(*series, 1.0 if definition.kind == "quantile" else days, level)
            times = scale * (per_run if definition.kind == "total" else 1.0)
            prediction = Prediction(*(None if end is None else end * times for end in found))
    inside = prediction.holds(actual.value)
    told = definition.title, definition.unit, "", actual.value, n, actual.n is not None
    return Held(name, *told, prediction, inside)


def series_of(
    name: str, definition: MetricDefinition, outcomes: Sequence[RunOutcome], arm: str | None
) -> tuple[Sequence[float], Sequence[float]] | None:
    """Return a metric's units: of the pilot's arm where it has arms, else of everybody; None if not predicted."""
    if definition.kind == "ratio":
        found = [
            (outcome.parts["arm"][arm].ratios if arm else {}).get(name) or outcome.ratios[name]
            for outcome in outcomes
        ]
        return [y for one in found for y in one[0]], [x for one in found for x in one[1]]
    if definition.kind == "total":
        totals = [
            (outcome.parts["arm"][arm].totals if arm else {}).get(name) or outcome.totals[name]
            for outcome in outcomes
        ]
        return [y for one in totals for y in one], [1.0 for one in totals for _ in one]
    if definition.kind == "quantile" and arm is None:
        each = [
            kaplan_meier_quantile(int64s(one.resolved_ms), int64s(one.censored_ms), _QUANTILES[name])
            for one in outcomes
        ]
        kept = [value / MS_PER_MINUTE for value in each if value is not None]
        return kept, [1.0] * len(kept)
    return None


def ranked(held: Sequence[Held]) -> tuple[str, ...]:
    """Return the broken ones: stages by what they explain of the gap, metrics by how far outside they lie."""

    def weight(one: Held) -> float:
        if one.share is not None:
            return abs(one.share)
        low, high, value = one.prediction.low, one.prediction.high, one.prediction.value
        if low is None or high is None or value is None:
            return 0.0
        return abs(one.actual - value) / max(high - low, 1e-9)

    broken = [one for one in held if one.inside is False]
    return tuple(one.name for one in sorted(broken, key=weight, reverse=True))


def figure_of(one: Held, outcomes: Sequence[RunOutcome], arm: str | None) -> float | None:
    """Return a stage's rate or a metric as simulated; None where it does not apply."""
    if one.of:
        counts = stages_of(outcomes, arm)
        base = sum(counts[one.of])
        return sum(counts[one.name]) / base if base else None
    series = series_of(one.name, metrics_document().metrics[one.name], outcomes, arm)
    if series is None or not fsum(series[1]):
        return None
    return fsum(series[0]) / fsum(series[1]) * SCALES.get(one.name, 1.0)


def recorded_rate(outcomes: Sequence[RunOutcome], arm: str | None) -> float | None:
    """Return recorded out of triggered of the pilot's arm."""
    counts = stages_of(outcomes, arm)
    base = sum(counts["triggered"])
    return sum(counts["recorded"]) / base if base else None
