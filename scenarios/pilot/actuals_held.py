"""Actual figures of a pilot held against what its simulation predicts for them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from math import fsum

import numpy as np

from sandbox.errors import BadInput
from sandbox.experiment.attribution import Attribution, attribute
from sandbox.experiment.intervals import Estimate, ratio_interval
from sandbox.experiment.prediction import (
    NO_GAP,
    Gap,
    Prediction,
    joint_p,
    mean_prediction,
    mean_tail,
    moved,
    rate_gap,
    rate_prediction,
    rate_tail,
)
from sandbox.experiment.survival import kaplan_meier_quantile
from sandbox.model import MS_PER_MINUTE
from sandbox.scorecard.case_table import CaseTable
from sandbox.scorecard.definitions import MetricDefinition
from sandbox.scorecard.marks import Mark
from sandbox.scorecard.outcome import FUNNEL, SCALES, RunOutcome, int64s, stages_per_day
from scenarios.pilot.actuals_rows import ActualMetric, Actuals
from scenarios.world.library import metrics_document

LEVEL = 0.95
"""Chance that every figure of a file, and its whole funnel, falls inside its interval when the scenario is right
(Bonferroni): whether anything broke is wrongly said with at most what is left of 1."""

_Days = tuple[Sequence[float], Sequence[float]]
"""Numerators and denominators, per simulated day."""

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
        difference: actual less predicted, at the same level; it holds nought where the figure is inside.
        p: chance of a figure as far out as this, from the distribution its prediction comes from; None without one.
        p_joint: chance that any of the figures held lies as far out; below 1 - LEVEL where the figure is outside.
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
    difference: Gap = NO_GAP
    p: float | None = None
    p_joint: float | None = None
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


@dataclass(frozen=True, slots=True)
class HeldFunnel:
    """A funnel held against its prediction.

    Attributes:
        stages: each as a rate of the one before.
        whole: the last as a rate of the first; None where these are neighbours.
        gap: what explains that `whole` is not as predicted.
    """

    stages: tuple[Held, ...]
    whole: Held | None
    gap: Attribution


def hold_funnel(actuals: Actuals, outcomes: Sequence[RunOutcome], arm: str | None) -> HeldFunnel:
    """Hold each stage's rate of the stage before, and the last of the first, against the simulation's.

    Raises:
        BadInput: fewer than two of the file's stages occur in the design.
    """
    stages, simulated = _way(actuals, outcomes, arm)
    per_run = len(simulated[stages[0]]) / len(outcomes)
    return hold_stages(actuals.funnel, {stage: simulated[stage] for stage in stages}, actuals.days or per_run)


def hold_stages(counts: Mapping[str, int], simulated: Mapping[str, Sequence[int]], days: float) -> HeldFunnel:
    """Hold a funnel against simulated days, all its figures together at LEVEL.

    Args:
        counts: actual, by stage.
        simulated: per day, by stage, in the order of the way; two stages at least.
        days: days the actual counts come from, above 0.
    """
    stages = list(simulated)
    figures = len(stages) - 1 + (len(stages) > 2)
    held = [_hold_stage(counts, simulated, days, pair, figures) for pair in pairwise(stages)]
    whole = None
    if len(stages) > 2:
        whole = _hold_stage(counts, simulated, days, (stages[0], stages[-1]), figures)
    gap = attribute([one.prediction.value or 0.0 for one in held], [one.actual for one in held])
    told = zip(held, gap.alone, gap.shares, strict=True)
    return HeldFunnel(tuple(replace(one, alone=alone, share=share) for one, alone, share in told), whole, gap)


def _hold_stage(
    counts: Mapping[str, int],
    simulated: Mapping[str, Sequence[int]],
    days: float,
    pair: tuple[str, str],
    figures: int,
) -> Held:
    before, stage = pair
    n, count = counts[before], counts[stage]
    series: _Days = (simulated[stage], simulated[before])
    base = sum(series[1])
    actual = count / n if n else 0.0
    # Who was written to may call without a message: then it is no share of the stage before.
    is_share = count <= n and sum(series[0]) <= base
    title = " / ".join((FUNNEL[stage][0], FUNNEL[before][0].lower())).replace(" (receipt)", "")
    one = Held(stage, title, "rate", before, actual, n, True, Prediction(None, None, None), None)
    if not n or not base:
        return replace(one, prediction=Prediction(sum(series[0]) / base if base else None, None, None))
    return _judged(one, series, days, level_for(figures), figures, count if is_share else None)


def _judged(one: Held, series: _Days, days: float, level: float, figures: int, count: int | None) -> Held:
    """The figure with its prediction, gap and tail: of a share by its count, else by how days differ."""
    if count is None:
        prediction = mean_prediction(*series, days, level)
        found, p, gap = one.actual, mean_tail(*series, one.actual, days), moved(prediction, one.actual)
    else:
        prediction = rate_prediction(*series, one.n, days, level)
        found, p = count / one.n, rate_tail(*series, count, one.n, days)
        gap = rate_gap(*series, count, one.n, days, level)
    return replace(
        one,
        prediction=prediction,
        inside=prediction.holds(found),
        difference=gap,
        p=p,
        p_joint=None if p is None else joint_p(p, figures),
    )


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
    found = [
        _hold_metric(name, actual, definitions[name], outcomes, arm, len(actuals.metrics))
        for name, actual in actuals.metrics.items()
    ]
    return tuple(replace(one, unit=currency) if one.unit == "currency" else one for one in found)


def _hold_metric(
    name: str,
    actual: ActualMetric,
    definition: MetricDefinition,
    outcomes: Sequence[RunOutcome],
    arm: str | None,
    figures: int,
) -> Held:
    series, scale = series_of(name, definition, outcomes, arm), SCALES.get(name, 1.0)
    told = definition.title, definition.unit, "", actual.value, actual.n or 0, actual.n is not None
    one = Held(name, *told, Prediction(None, None, None), None)
    if series is None or not fsum(series[1]):
        return one
    level = level_for(figures)
    per_run = len(series[1]) / len(outcomes)
    days = actual.days or per_run
    # A share of time is no share of so many trials: its days differ, and nothing is sampled within them.
    if definition.unit == "rate" and definition.kind == "ratio" and definition.n_unit == "count":
        n = actual.n or max(1, round(fsum(series[1]) / len(series[1]) * days))
        return _judged(replace(one, n=n), series, days, level, figures, round(actual.value * n))
    times = scale * (per_run if definition.kind == "total" else 1.0)
    scaled = [value * times for value in series[0]], series[1]
    return _judged(one, scaled, 1.0 if definition.kind == "quantile" else days, level, figures, None)


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


def figure_of(one: Held, outcomes: Sequence[RunOutcome], arm: str | None) -> Estimate:
    """Return a stage's rate or a metric as simulated, with its interval over the days; empty where none applies."""
    if one.of:
        counts = stages_of(outcomes, arm)
        return ratio_interval(counts[one.name], counts[one.of], share=True)
    definition = metrics_document().metrics[one.name]
    series = series_of(one.name, definition, outcomes, arm)
    if series is None:
        return Estimate(None, None, None, 0, None)
    scale = SCALES.get(one.name, 1.0)
    return ratio_interval([value * scale for value in series[0]], series[1], share=definition.unit == "rate")


def recorded_rate(outcomes: Sequence[RunOutcome], arm: str | None) -> Estimate:
    """Return recorded out of triggered of the pilot's arm, its interval over the days."""
    counts = stages_of(outcomes, arm)
    return ratio_interval(counts["recorded"], counts["triggered"], share=True)
