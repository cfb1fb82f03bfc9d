"""Run one task to its outcome: what a worker does."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack

from sandbox.ports import SelectiveSink
from sandbox.scorecard.outcome import RunOutcome, close
from sandbox.scorecard.tally import Fanout, Layout, Tally
from sandbox.simulation.engine import Engine
from scenarios.progress import OnProgress, ShouldStop, TaskProgress
from scenarios.wire import Hooks, Task, Wired, prices_of, wire

FactListener = Callable[[tuple[object, ...]], None]


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
    tallies: list[Tally] = []

    def facts(layout: Layout) -> SelectiveSink:
        tally = Tally.start(layout)
        tallies.append(tally)
        return tally if listener is None else Fanout([tally.emit, listener])

    plan_cases = 0
    days = 0

    def tell(day: int, cases: int, *, done: bool = False) -> None:
        on_progress(TaskProgress(task.design, task.replication, day, days, cases, plan_cases, done))

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
        outcome = close(tally, prices_of(task.scenario.document), staffed, end.cases, end.head.digest)
        if inspect is not None:
            inspect(wired)
    tell(days, plan_cases, done=True)
    return outcome
