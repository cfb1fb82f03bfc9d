"""Runs what searches ask for: several designs side by side, one batch of runs a round, the same luck in each."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import ceil

from sandbox.errors import BadInput
from sandbox.experiment.asks_ahead import AsksAhead, likely_ahead, most_ahead
from sandbox.experiment.limits import Ask, Asking, LimitFound, Seen, Stage
from sandbox.experiment.verdict import Condition, judge, parse_that
from sandbox.scorecard.definitions import MetricDefinition
from sandbox.scorecard.outcome import RunOutcome
from scenarios.executor import Jobs, default_jobs, run_all
from scenarios.progress import OnAhead, OnProgress, RunsAhead, ShouldStop
from scenarios.result import Metric
from scenarios.summarise import metric_at
from scenarios.task import Task
from scenarios.world.library import metrics_document, rates
from scenarios.world.spec import Scenario

ABREAST_ALONE = 2
"""Values a search without company asks for side by side: a machine of two cores has work, and hardly any is for
nothing."""

SEARCH_DAYS_MIN = 10
"""Days a value is looked at in the search: fewer leave the spread itself unknown."""

STAGES: Mapping[Stage, str] = {"search": "searching", "confirm": "confirming"}
"""What a run of a search is for, in words."""


@dataclass(frozen=True, slots=True)
class Lane:
    """One search: a design over a grid of worlds.

    Attributes:
        name: unique among the searches; progress shows it.
        design: which of its designs.
        world: the scenario at a place of the grid.
        asking: the search itself, not yet begun, made with the `abreast` of its `SearchRun`.
        said: a place of the grid in words, for progress; one that tells it from every other place.
        heard: told every ask with the runs that answer it, for what a search itself does not look at.
    """

    name: str
    design: str
    world: Callable[[int], Scenario]
    asking: Asking
    said: Callable[[int], str]
    heard: Callable[[Ask, list[RunOutcome]], None] = lambda _, __: None


@dataclass(frozen=True, slots=True)
class SearchRun:
    """How searches are run.

    Attributes:
        conditions: what is kept.
        hours: clock hours every world calls busy.
        search_replications: replications 0 .. of the search, the same at every value.
        replications: fresh ones behind them, for confirmation.
        jobs: worker processes; None uses all cores.
        abreast: values a search asks for side by side; never a matter of the workers, so that no answer is.
    """

    conditions: tuple[Condition, ...]
    hours: frozenset[int]
    search_replications: int
    replications: int
    jobs: Jobs | None = None
    abreast: int = 1

    def numbers(self, ask: Ask) -> range:
        """The replications an ask is answered with."""
        if ask.stage == "search":
            return range(self.search_replications)
        return range(self.search_replications, self.search_replications + self.replications)

    def runs_of(self, asks: AsksAhead) -> int:
        """Runs it takes to answer so many asks."""
        return asks.looks * self.search_replications + asks.trials * self.replications

    @property
    def gain(self) -> float:
        """Replications of a confirmation over those of the search."""
        return self.replications / self.search_replications


def search_run(
    scenario: Scenario, keep: Sequence[str], hours: frozenset[int], jobs: Jobs | None, *, searches: int
) -> SearchRun:
    """Say how so many searches of a scenario are run side by side; the replications are the scenario's.

    Raises:
        BadInput: a condition does not follow the grammar or names no metric; all of them are told.
    """
    document = scenario.document
    days = document.calendar.working_days
    return SearchRun(
        conditions(keep),
        hours,
        max(1, ceil(SEARCH_DAYS_MIN / days)),
        document.replications,
        jobs,
        ABREAST_ALONE if searches == 1 else 1,
    )


def conditions(keep: Sequence[str]) -> tuple[Condition, ...]:
    """Read what is to be kept.

    Raises:
        BadInput: nothing to keep, a text off the grammar or an unknown metric; all of them are told.
    """
    found, problems = [], []
    for text in keep:
        try:
            found.append(parse_that(text, metrics_document().metrics, rates()))
        except BadInput as refused:
            problems += [f"--keep {text}: {fault}" for fault in refused.problems]
    if not keep:
        problems.append('--keep: found nothing; allowed: a condition, such as "call_abandonment_rate<0.10"')
    if problems:
        raise BadInput(problems)
    return tuple(found)


def run_searches(
    lanes: Sequence[Lane],
    how: SearchRun,
    on_progress: OnProgress,
    should_stop: ShouldStop,
    on_ahead: OnAhead = lambda _: None,
) -> dict[str, LimitFound]:
    """Drive every search to its answer; all that is asked for in one round runs as one batch.

    The answers depend neither on the workers nor on which other searches run beside.

    Raises:
        Cancelled: stopped on request.
    """
    definitions = metrics_document().metrics
    answers: dict[str, LimitFound] = {}
    rounds = {lane.name: Rounds(next(lane.asking)) for lane in lanes}
    while rounds:
        on_ahead(runs_ahead(list(rounds.values()), how))
        batch = [(lane, ask) for lane in lanes if lane.name in rounds for ask in rounds[lane.name].asked]
        seen = _run(batch, how, definitions, on_progress, should_stop)
        for lane in lanes:
            if lane.name not in rounds:
                continue
            try:
                told = tuple(one for whose, one in seen if whose == lane.name)
                rounds[lane.name] = rounds[lane.name].next(lane.asking.send(told))
            except StopIteration as ended:
                del rounds[lane.name]
                answers[lane.name] = ended.value
    return {lane.name: answers[lane.name] for lane in lanes}


@dataclass(frozen=True, slots=True)
class Rounds:
    """Where a search is.

    Attributes:
        asked: what it waits for.
        before: rounds of the same stage that came before.
    """

    asked: tuple[Ask, ...]
    before: int = 0

    def next(self, asked: tuple[Ask, ...]) -> Rounds:
        """Return where it is when it asks again."""
        return Rounds(asked, self.before + 1 if asked[0].stage == self.asked[0].stage else 0)


def runs_ahead(searches: Sequence[Rounds], how: SearchRun) -> RunsAhead:
    """Say how many runs probably come, and how many at most."""
    likely, most = (
        sum(how.runs_of(ahead(one.asked, one.before, how.abreast)) for one in searches)
        for ahead in (likely_ahead, most_ahead)
    )
    return RunsAhead(likely, most)


def _run(
    batch: list[tuple[Lane, Ask]],
    how: SearchRun,
    definitions: dict[str, MetricDefinition],
    on_progress: OnProgress,
    should_stop: ShouldStop,
) -> list[tuple[str, Seen]]:
    worlds = [lane.world(ask.place) for lane, ask in batch]
    tasks = [
        Task(
            world,
            lane.design,
            number,
            how.hours,
            label=f"{lane.name}, {lane.said(ask.place)}, {STAGES[ask.stage]}",
        )
        for (lane, ask), world in zip(batch, worlds, strict=True)
        for number in how.numbers(ask)
    ]
    outcomes = iter(run_all(tasks, how.jobs or default_jobs(), on_progress, should_stop))
    found = []
    for (lane, ask), world in zip(batch, worlds, strict=True):
        runs: list[RunOutcome] = [next(outcomes) for _ in how.numbers(ask)]
        readings = tuple(
            metric_at(world, one.metric, definitions[one.metric], runs, ask.level) for one in how.conditions
        )
        lane.heard(ask, runs)
        found.append((lane.name, Seen(ask, readings)))
    return found


def held(condition: Condition, reading: object) -> Metric:
    """A reading of a search as a metric, held against its condition at the level it was asked at."""
    assert isinstance(reading, Metric)  # noqa: S101 - what `run_searches` gives
    verdict = None if reading.value is None else judge(reading, condition.comparator, condition.threshold)
    return replace(reading, verdict=verdict, rule=f"{condition.comparator} {condition.threshold:g}")
