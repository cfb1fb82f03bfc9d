"""The ramp of a pilot, simulated: a growing share of the customers in the new design, everybody on the same lines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sandbox.errors import BadInput
from sandbox.experiment.intervals import (
    Estimate,
    mean_interval,
    paired_ratio_difference,
    ratio_contrast,
)
from sandbox.experiment.prediction import Prediction, mean_prediction
from sandbox.scorecard.case_table import ARMS
from sandbox.scorecard.outcome import SCALES, RunOutcome, Series
from scenarios.progress import OnProgress, ShouldStop
from scenarios.result import Metric
from scenarios.rollout import why_not_mixed
from scenarios.summarise import judged, pooled, ratio_metric
from scenarios.variants import Variant, VariantRun, run_variants
from scenarios.world.library import metrics_document
from scenarios.world.spec import Scenario

STEPS = (0.10, 0.25, 0.50, 0.95, 1.0)
"""Shares of the ramp, a product choice: each about doubles the last; 0.95 leaves one customer in twenty behind."""

STAYS, MOVES = ARMS

LINES = "call_abandonment_rate"
"""What says whether the lines changed: callers who give up are what they do to an outcome."""

QUEUE_METRICS = (LINES, "call_wait_busy_s", "agent_occupancy")
"""What belongs to the lines and so to no arm."""


@dataclass(frozen=True, slots=True)
class Ramp:
    """Worlds in which a growing share of the customers is moved to a design.

    Attributes:
        scenario: the world.
        against, design: the first design and the one customers are moved to.
        outcomes: by share, one run per replication; 0 and 1 are always among them.
        not_mixed: why the two cannot stand in one world; then only shares 0 and 1 were run.
    """

    scenario: Scenario
    against: str
    design: str
    outcomes: dict[float, list[RunOutcome]]
    not_mixed: tuple[str, ...] = ()

    def arm(self, share: float, metric: str, arm: str) -> Series | None:
        """Return an arm's numerators and denominators per cohort day, all replications; None where it has no arms."""
        outcomes = self.outcomes[share]
        if metric not in outcomes[0].parts["route"]["person"].ratios:
            return None
        if share in (0.0, 1.0):
            return pooled(outcomes, metric)
        found = [outcome.parts["arm"][arm].ratios[metric] for outcome in outcomes]
        return [y for one in found for y in one[0]], [x for one in found for x in one[1]]

    def drawn(self, share: float) -> tuple[float, float]:
        """Return which share of the customers stands in each of the series of `pair`: who is moved is a draw.

        Where nothing is mixed each series is of everybody.
        """
        if not (share in self.outcomes and 0.0 < share < 1.0):
            return 1.0, 1.0
        stays, moves = (
            sum(
                sum(outcome.parts["arm"][arm].ratios["completion_rate"][1])
                for outcome in self.outcomes[share]
            )
            for arm in ARMS
        )
        return stays / (stays + moves), moves / (stays + moves)

    def pair(self, share: float, metric: str) -> tuple[Series, Series]:
        """Return (control, pilot) of a metric that has arms, at a share; where nothing is mixed, of the two worlds.

        Raises:
            BadInput: the metric has no arms.
        """
        mixed = share in self.outcomes and 0.0 < share < 1.0
        control = self.arm(share if mixed else 0.0, metric, STAYS)
        pilot = self.arm(share if mixed else 1.0, metric, MOVES)
        if control is None or pilot is None:
            raise BadInput(
                [f"--metric {metric}: belongs to the shared lines; no arm of a pilot has one of its own"]
            )
        return control, pilot

    def shared(self, share: float, metric: str) -> Series:
        """Return a metric of the whole world at a share."""
        return pooled(self.outcomes[share], metric)


@dataclass(frozen=True, slots=True)
class StepWorld:
    """One step of the ramp as simulated.

    Attributes:
        share: of the customers in the new design.
        pilot, control: the primary metric in each arm; None for an arm nobody is in.
        difference: pilot minus control, same days.
        beyond: that difference less what moving everybody changes, same days; None without a difference.
        lines: abandonment of all calls less that of the world in which nobody is moved, same days.
        queue: the metrics of the lines.
        abandonment: where a week's abandonment of all calls should fall.
        calls_per_day: offered on the lines, all traffic.
        calls: the same with its 95 % interval over days.
    """

    share: float
    pilot: Metric | None
    control: Metric | None
    difference: Estimate | None
    beyond: Estimate | None
    lines: Estimate
    queue: dict[str, Metric]
    abandonment: Prediction
    calls_per_day: float
    calls: Estimate


def run_ramp(
    scenario: Scenario,
    designs: tuple[str, str],
    shares: Sequence[float],
    how: VariantRun,
    on_progress: OnProgress,
    should_stop: ShouldStop,
) -> Ramp:
    """Run the worlds of a ramp.

    Args:
        scenario: the world.
        designs: the first design, and the one customers are moved to.
        shares: steps between 0 and 1; both ends are added.
        how: replications and workers.
        on_progress: told about every run.
        should_stop: polled; True stops everything.

    Raises:
        Cancelled: stopped on request.
    """
    against, design = designs
    reasons = tuple(why_not_mixed(scenario, against, design))
    between = [] if reasons else sorted({share for share in shares if 0.0 < share < 1.0})
    variants = [
        Variant("0", scenario, against),
        *(Variant(repr(share), scenario, against, (design, share)) for share in between),
        Variant("1", scenario, design),
    ]
    outcomes = run_variants(variants, how, on_progress, should_stop)
    return Ramp(scenario, against, design, {float(name): runs for name, runs in outcomes.items()}, reasons)


def runs_in(shares: Sequence[float], replications: int) -> int:
    """Return how many runs a ramp of these shares takes, both ends included."""
    return (2 + len({share for share in shares if 0.0 < share < 1.0})) * replications


def steps_of(ramp: Ramp, primary: str, days: float) -> tuple[StepWorld, ...]:
    """Return every simulated share as a step, smallest first.

    Args:
        ramp: the worlds.
        primary: a metric that has arms.
        days: working days a step lasts, for what its lines should show.
    """
    return tuple(_step(ramp, share, primary, days) for share in sorted(ramp.outcomes))


def arm_metric(ramp: Ramp, metric: str, series: Series) -> Metric:
    """Return an arm's metric with interval, judged by its rule."""
    definition = metrics_document().metrics[metric]
    scale = SCALES.get(metric, 1.0)
    unit = ramp.scenario.document.costs.currency if definition.unit == "currency" else definition.unit
    found = replace(
        ratio_metric(*series, unit=unit, base=definition.base, scale=scale), n_unit=definition.n_unit
    )
    return judged(ramp.scenario, metric, definition.rule, found)


def _step(ramp: Ramp, share: float, primary: str, days: float) -> StepWorld:
    control = ramp.arm(share, primary, STAYS) if share < 1.0 else None
    pilot = ramp.arm(share, primary, MOVES) if share > 0.0 else None
    difference = beyond = None
    if control is not None and pilot is not None:
        shares = metrics_document().metrics[primary].unit == "rate"
        difference = paired_ratio_difference(*pilot, *control, shares=shares)
        all_moved, nobody = ramp.shared(1.0, primary), ramp.shared(0.0, primary)
        beyond = ratio_contrast([(1, *pilot), (-1, *control), (-1, *all_moved), (1, *nobody)], shares=shares)
    lines = paired_ratio_difference(*ramp.shared(share, LINES), *ramp.shared(0.0, LINES), shares=True)
    offered = [
        sum(outcome.calls["offered"]) / len(outcome.calls["offered"]) for outcome in ramp.outcomes[share]
    ]
    return StepWorld(
        share,
        None if pilot is None else arm_metric(ramp, primary, pilot),
        None if control is None else arm_metric(ramp, primary, control),
        difference,
        beyond,
        lines,
        {name: arm_metric(ramp, name, ramp.shared(share, name)) for name in QUEUE_METRICS},
        mean_prediction(*ramp.shared(share, LINES), days),
        sum(offered) / len(offered),
        mean_interval([float(day) for outcome in ramp.outcomes[share] for day in outcome.calls["offered"]]),
    )
