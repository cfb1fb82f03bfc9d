"""All runs of a comparison: so many replications as were asked for, or as it takes."""

from __future__ import annotations

from dataclasses import replace

from sandbox.experiment.sequential import Width, run_to_width
from sandbox.scorecard.outcome import RunOutcome
from scenarios.executor import Jobs, Workers, run_all
from scenarios.precision import Precisely, first_look, stopping, targets_of, widths
from scenarios.progress import OnProgress, ShouldStop
from scenarios.result import Stopping
from scenarios.task import Task
from scenarios.world.library import metrics_document
from scenarios.world.spec import Scenario


class Replications:
    """The runs of one comparison, each design facing the same seeds.

    Args:
        scenario: the world.
        designs: those to run.
        hours: clock hours called busy.
        jobs: worker processes, or who else runs them; None uses all cores.
        until: how closely the figures are to be known; None for the replications of the scenario.
        core_db: where the cores are kept, see `core_url`; None for nowhere.
    """

    def __init__(
        self,
        scenario: Scenario,
        designs: list[str],
        hours: frozenset[int],
        jobs: Jobs | None,
        until: Precisely | None,
        core_db: str | None,
    ) -> None:
        """Start without a run."""
        self._scenario = scenario
        self._hours = hours
        self._workers = jobs if isinstance(jobs, Workers) else Workers(jobs)
        self._until = until
        self._core_db = core_db
        self._done = 0
        self.by_design: dict[str, list[RunOutcome]] = {name: [] for name in designs}
        """Outcomes by design, one per replication."""

    def run(self, on_progress: OnProgress, should_stop: ShouldStop) -> tuple[Scenario, Stopping | None]:
        """Run all; return the scenario with the number of replications run, and why no more where that was open.

        Raises:
            BadInput: half widths that mean nothing, or a cluster that does not answer.
            Cancelled: stopped on request.
        """
        until = self._until
        if until is None:
            self._run_to(self._scenario.document.replications, on_progress, should_stop)
            return self._scenario, None
        known = metrics_document().metrics
        targets = targets_of(self._scenario, until, known)
        found: dict[tuple[str, str], Width] = {}

        def widths_after(replications: int) -> dict[str, Width]:
            self._run_to(replications, on_progress, should_stop)
            found.clear()
            found.update(widths(self._scenario, self.by_design, targets, known))
            return {f"{design} {metric}": width for (design, metric), width in found.items()}

        with self._workers.held():
            looks = run_to_width(widths_after, first_look(self._scenario, until), until.most)
        return with_replications(self._scenario, looks.runs), stopping(looks, found, until)

    def _run_to(self, replications: int, on_progress: OnProgress, should_stop: ShouldStop) -> None:
        """Bring every design to so many replications in all."""
        tasks = self._tasks(replications)
        outcomes = run_all(tasks, self._workers, on_progress, should_stop)
        for task, outcome in zip(tasks, outcomes, strict=True):
            self.by_design[task.design].append(outcome)
        self._done = replications

    def _tasks(self, replications: int) -> list[Task]:
        """The runs still to do, replication by replication, so that an early look sees every design."""
        url = self._core_db
        single = len(self.by_design) * replications == 1
        return [
            Task(
                self._scenario,
                design,
                replication,
                self._hours,
                True,
                core_url(url, design, replication, single),
            )
            for replication in range(self._done, replications)
            for design in self.by_design
        ]


def core_url(url: str | None, design: str, replication: int, single: bool) -> str | None:
    """The core's database of one run: the file itself for a single run, else one file a run beside it."""
    if url is None or single:
        return url
    stem, dot, suffix = url.rpartition(".")
    if not dot or "/" in suffix:
        stem, suffix = url, "sqlite"
    return f"{stem}.{design}.r{replication}.{suffix}"


def with_replications(scenario: Scenario, replications: int) -> Scenario:
    """Return the scenario as if it had asked for so many replications."""
    document = scenario.document.model_copy(update={"replications": replications})
    return replace(scenario, document=document, settings={**scenario.settings, "replications": replications})
