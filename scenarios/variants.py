"""Run variants of a world side by side: the same customers and the same luck, one thing changed in each.

What compares more than the designs of one scenario (a failure mode switched on, a handoff fixed, another sequence
of messages) names its variants here; pairing them is sound because the seed of a replication is the scenario's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sandbox.errors import RuleBroken
from sandbox.scorecard.outcome import RunOutcome
from scenarios.executor import Jobs, default_jobs, run_all
from scenarios.progress import OnProgress, ShouldStop
from scenarios.task import Task
from scenarios.wiring.kept import forget
from scenarios.world.spec import Scenario


@dataclass(frozen=True, slots=True)
class Variant:
    """One world to run.

    Attributes:
        name: unique among the variants of a run; progress shows it.
        scenario: the world, with whatever the variant changes already in it.
        design: which of its designs.
        rollout: a second design and the share of customers moved to it; None without.
    """

    name: str
    scenario: Scenario
    design: str
    rollout: tuple[str, float] | None = None


@dataclass(frozen=True, slots=True)
class VariantRun:
    """How variants are run.

    Attributes:
        busy_hours: clock hours every variant calls busy.
        replications: runs of each variant, with the seeds 0 to replications - 1 of its scenario.
        jobs: worker processes, or who else runs them; None uses all cores.
        keep_cases: outcomes also say what became of every case.
    """

    busy_hours: frozenset[int]
    replications: int
    jobs: Jobs | None = None
    keep_cases: bool = False


def run_variants(
    variants: Sequence[Variant], how: VariantRun, on_progress: OnProgress, should_stop: ShouldStop
) -> dict[str, list[RunOutcome]]:
    """Run every variant and return its outcomes by name, one per replication.

    Args:
        variants: in the order they are to be reported.
        how: replications and workers; the outcomes do not depend on the workers.
        on_progress: told about every run's progress.
        should_stop: polled; True stops everything.

    Raises:
        Cancelled: stopped on request.
        RuleBroken: two variants have one name.
    """
    outcomes: dict[str, list[RunOutcome]] = {variant.name: [] for variant in variants}
    if len(outcomes) != len(variants):
        raise RuleBroken(f"variants need names of their own: {[variant.name for variant in variants]}")
    tasks = [
        Task(
            variant.scenario,
            variant.design,
            replication,
            how.busy_hours,
            label=variant.name,
            keep_cases=how.keep_cases,
            rollout=variant.rollout,
            shares=True,
        )
        for replication in range(how.replications)
        for variant in variants
    ]
    try:
        found = run_all(tasks, how.jobs or default_jobs(), on_progress, should_stop)
    finally:
        forget()  # with one worker it was this process that kept something
    for task, outcome in zip(tasks, found, strict=True):
        outcomes[task.label].append(outcome)
    return outcomes
