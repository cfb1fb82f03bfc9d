"""Run one task to its outcome: what a worker does."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace

from sandbox.ports import SelectiveSink
from sandbox.scorecard.contacts import Contacts
from sandbox.scorecard.outcome import RunOutcome, close
from sandbox.scorecard.tally import Fanout, Layout, Tally
from sandbox.scorecard.touches import touches
from sandbox.simulation.engine import Engine
from scenarios.progress import OnProgress, ShouldStop, TaskProgress
from scenarios.task import Task
from scenarios.wire import Hooks, Wired, wire
from scenarios.wiring.centre import prices_of

FactListener = Callable[[tuple[object, ...]], None]

_OBJECTS_BETWEEN_COLLECTIONS = 100_000
"""Containers that may pile up before the cycle collector looks: some 10 MB. Python's own figure is 700."""

_YOUNG_BETWEEN_OLD = 1_000
"""Looks at the young before a look at the old: what a run keeps (who waits for what) is looked through at its end."""


def run_task(
    task: Task,
    on_progress: OnProgress,
    should_stop: ShouldStop,
    listener: FactListener | None = None,
    inspect: Callable[[Wired], None] | None = None,
) -> RunOutcome:
    """Run one design with one seed.

    Args:
        task: what to run.
        on_progress: told at the start of every simulated day, and at the end.
        should_stop: polled; True ends the run with Cancelled.
        listener: also hears every fact (the trace does).
        inspect: sees the core and the store before they are closed.
    """
    with (
        _collector_rested()
    ):  # around a call, so that nothing here still holds the run's world when it collects
        return _run(task, on_progress, should_stop, listener, inspect)


def _run(
    task: Task,
    on_progress: OnProgress,
    should_stop: ShouldStop,
    listener: FactListener | None,
    inspect: Callable[[Wired], None] | None,
) -> RunOutcome:
    tallies: list[Tally] = []
    contacts: list[Contacts] = []

    def facts(layout: Layout) -> SelectiveSink:
        tally = Tally.start(layout)
        tallies.append(tally)
        if task.contacts:
            contacts.append(Contacts(layout.cases, layout.cohort_days))
        further = [*(one.emit for one in contacts), *([] if listener is None else [listener])]
        return Fanout([tally.emit, *further]) if further else tally

    plan_cases = 0
    days = 0

    def tell(day: int, cases: int, *, done: bool = False) -> None:
        on_progress(
            TaskProgress(task.label or task.design, task.replication, day, days, cases, plan_cases, done)
        )

    with ExitStack() as stack:
        wired = wire(task, Hooks(tell, should_stop, facts), stack)
        plan_cases, days = wired.world.plan.cases, wired.world.calendar.days
        engine = Engine(wired.world)
        end = engine.run()
        tally = tallies[0]
        staffed = [
            engine.agents_on(day, slot)
            for day in range(wired.layout.campaign_days)
            for slot in range(wired.layout.slots)
        ]
        prices = prices_of(task.scenario.document, task.design)
        outcome = replace(
            close(tally, prices, staffed, end.cases, end.head.digest),
            touches=touches(tally, wired.world.plan.touches),
        )
        if task.keep_cases:
            outcome = replace(outcome, case_marks=tally.marks.tobytes())
        if task.contacts:
            outcome = replace(outcome, contacts=contacts[0].series())
        if inspect is not None:
            inspect(wired)
    tell(days, plan_cases, done=True)
    return outcome


@contextmanager
def _collector_rested() -> Iterator[None]:
    """Let the cycle collector look rarely while a run goes on.

    A run makes millions of short-lived objects and next to no cycles (16 objects in 100,000 cases). At the usual
    thresholds the collector walks everything loaded again and again, for 5 % of the run, and finds nothing.
    """
    before = gc.get_threshold()
    gc.set_threshold(_OBJECTS_BETWEEN_COLLECTIONS, _YOUNG_BETWEEN_OLD, _YOUNG_BETWEEN_OLD)
    # What was there before the run is none of its garbage; looking through all of it again after every run would cost
    # a process that keeps much half a second each time.
    gc.freeze()
    try:
        yield
    finally:
        gc.set_threshold(*before)
        # The world of a finished run is one of the few cycles, with its drawn columns: 15 MB that would stay until
        # the collector comes by, in every run of a worker that does forty.
        gc.collect()
        gc.unfreeze()
