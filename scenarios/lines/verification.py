"""`sandbox verify`: the product's own call queue beside exact Erlang-A, at one point or over a table of points.

An interval's half width is the larger of two: what the run's own batches show, and what theory says a run of this
length scatters by. The second matters where what is counted hardly ever happens (a free agent at twice the load):
by luck all batches may agree on a value that is a little off, and a width of zero would be a false alarm. It is
never wider than an honest interval has to be, so no real fault hides behind it.

Batches are independent as far as theory can tell: each lasts at least 20 times the queue's relaxation time, which
`erlang_a_scatter` gives exactly, so neighbours' means correlate by less than 1 / 38.
"""

from __future__ import annotations

import math
import multiprocessing
import signal
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, wait
from dataclasses import dataclass
from multiprocessing.synchronize import Event
from typing import NamedTuple

from sandbox.errors import BadInput, Cancelled, RuleBroken
from sandbox.experiment.erlang_a import MAX_AGENTS
from sandbox.experiment.intervals import LEVEL, ratio_interval, student_t
from sandbox.experiment.sequential import Batch
from sandbox.simulation.stationary import Load, StationaryQueue
from scenarios.lines.erlang_a_table import TABLE
from scenarios.lines.verification_plan import FIGURES, POINT_BATCHES, PROBABILITIES, Theory, plan_for, solve
from scenarios.progress import ShouldStop

FAMILY_LEVEL = 0.999
"""Confidence that no exact value at all falls outside by luck; shared out by Bonferroni's inequality."""

TABLE_CALLS = 300_000
"""Calls per point of the table: the figures are then known to about 1 %."""

TABLE_BATCHES = 30
"""Batches per point of the table: enough to know a spread (Student t at 29 degrees of freedom), and 10,000 calls
each last 23 relaxation times even at the point with the most agents."""

SHORTEST_S = 1.0
"""Shortest mean time accepted: simulated time is whole milliseconds, which below a second begin to show."""

_POLL_S = 0.1


@dataclass(frozen=True, slots=True)
class Simulated:
    """A simulated figure and its interval, in the figure's unit.

    Attributes:
        value: the figure.
        low, high: the interval, cut to what the figure can be.
        half_width: half the interval before that cut.
    """

    value: float
    low: float
    high: float
    half_width: float


@dataclass(frozen=True, slots=True)
class VerifyPoint:
    """One load, solved exactly and simulated.

    Attributes:
        name: the load in words.
        given: calls_per_hour, aht_s, patience_s, agents.
        exact: the four figures by theory.
        simulated: the four figures by the product's queue, each with the interval named in `interval`.
        calls: calls simulated, warm-up not counted.
        inside: whether every exact value lies inside its interval, at FAMILY_LEVEL for all of them together.
        interval: what `low` and `high` stand for.
        unmet: figures not as precise as `verify` promises, because POINT_CALLS_MAX does not reach so far.
    """

    name: str
    given: dict[str, float]
    exact: dict[str, float]
    simulated: dict[str, Simulated]
    calls: int
    inside: bool
    interval: str
    unmet: tuple[str, ...] = ()


def verify(
    calls_per_hour: float | None,
    aht_s: float | None,
    patience_s: float | None,
    agents: int | None,
    seed: int,
    on_progress: Callable[[str], None],
    should_stop: ShouldStop,
) -> list[VerifyPoint]:
    """Hold the product's call queue against theory.

    With all four numbers: that one point, with 95 % intervals, run on until the half width of the wait is within
    2 % of it and that of each probability within 0.002, or within 2 % of it where 0.002 would take more than
    POINT_CALLS_MAX calls. With none: every point of `TABLE`, TABLE_CALLS calls each, with intervals
    that all hold together at FAMILY_LEVEL, on all cores.

    Args:
        calls_per_hour: offered calls per hour.
        aht_s: mean handling time, seconds.
        patience_s: mean patience, seconds.
        agents: agents on the lines.
        seed: same seed, same figures.
        on_progress: told what has been done, in words.
        should_stop: polled about ten times a second.

    Raises:
        BadInput: only part of a point was given, or no queue has these numbers.
        Cancelled: stopped on request; no worker is left running.
    """
    if calls_per_hour is None and aht_s is None and patience_s is None and agents is None:
        # Late: it brings the whole engine, which the workers, who import this module, do without.
        from scenarios.executor import default_jobs

        return verify_table(TABLE, TABLE_CALLS, seed, default_jobs(), on_progress, should_stop)
    load = _load(calls_per_hour, aht_s, patience_s, agents)
    return [verify_point(load, seed, on_progress, should_stop)]


def verify_point(
    load: Load, seed: int, on_progress: Callable[[str], None], should_stop: ShouldStop
) -> VerifyPoint:
    """Run one load until its figures are known closely enough, or POINT_CALLS_MAX would be passed.

    Raises:
        BadInput: the load changes too slowly to be simulated within the bound.
        Cancelled: stopped on request.
    """
    theory = solve(load)
    plan = plan_for(load, theory)
    queue = StationaryQueue(load, plan.batch_calls, seed, 0, should_stop)
    batches: list[Batch] = []
    simulated: dict[str, Simulated] = {}
    unmet: tuple[str, ...] = FIGURES
    while unmet and len(batches) < plan.batches_max:
        batches.append(queue.next_batch().ratios())
        calls = len(batches) * plan.batch_calls
        on_progress(f"{calls:,} calls")
        if len(batches) >= POINT_BATCHES:
            simulated = _measure(batches, theory, calls, LEVEL)
            unmet = _too_wide(simulated, plan.allowed)
    judged = _measure(batches, theory, calls, _share_of_family(len(FIGURES)))
    return _point(load, theory, simulated, calls, _inside(theory, judged), "95 %", unmet)


def verify_table(
    loads: Sequence[Load],
    calls_each: int,
    seed: int,
    jobs: int,
    on_progress: Callable[[str], None],
    should_stop: ShouldStop,
) -> list[VerifyPoint]:
    """Run several loads on one or many processes; the figures do not depend on how many.

    Args:
        loads: the points, in the order of the result.
        calls_each: calls per point, a multiple of TABLE_BATCHES.
        seed: same seed, same figures; each point has its own luck.
        jobs: worker processes at most; 1 runs in this process.
        on_progress: told after each point.
        should_stop: polled about ten times a second.

    Raises:
        Cancelled: stopped on request; no worker is left running.
    """
    level = _share_of_family(len(FIGURES) * len(loads))
    tasks = [_Task(load, calls_each, seed, stream, level) for stream, load in enumerate(loads)]
    if jobs <= 1 or len(tasks) <= 1:
        points = []
        for task in tasks:
            points.append(_run(task, should_stop))
            on_progress(f"{len(points)} of {len(tasks)} points")
        return points
    return _run_all(tasks, jobs, on_progress, should_stop)


class _Task(NamedTuple):
    """One point of the table, for a worker."""

    load: Load
    calls: int
    seed: int
    stream: int
    level: float


def _run(task: _Task, should_stop: ShouldStop) -> VerifyPoint:
    theory = solve(task.load)
    queue = StationaryQueue(task.load, task.calls // TABLE_BATCHES, task.seed, task.stream, should_stop)
    batches = [queue.next_batch().ratios() for _ in range(TABLE_BATCHES)]
    simulated = _measure(batches, theory, task.calls, task.level)
    return _point(
        task.load, theory, simulated, task.calls, _inside(theory, simulated), "99.9 % for the whole table", ()
    )


def _run_all(
    tasks: Sequence[_Task], jobs: int, on_progress: Callable[[str], None], should_stop: ShouldStop
) -> list[VerifyPoint]:
    context = multiprocessing.get_context("spawn")
    stop = context.Event()
    pool = ProcessPoolExecutor(min(jobs, len(tasks)), context, _start_worker, (stop,))
    try:
        futures = [pool.submit(_work, task) for task in tasks]
        _watch(futures, on_progress, should_stop)
        return [future.result() for future in futures]
    finally:
        stop.set()  # nothing is running any more, unless this ends early; then workers look within milliseconds
        pool.shutdown(wait=True, cancel_futures=True)


def _watch(
    futures: Sequence[Future[VerifyPoint]], on_progress: Callable[[str], None], should_stop: ShouldStop
) -> None:
    """Wait for all, telling how many are done; the first failure is raised, a request to stop too."""
    pending = set(futures)
    while pending:
        done, pending = wait(pending, timeout=_POLL_S)
        for future in done:
            future.result()
        if done:
            on_progress(f"{len(futures) - len(pending)} of {len(futures)} points")
        if should_stop():
            message = "stopped on request"
            raise Cancelled(message)


_channel: dict[str, Event] = {}
"""What a worker process was given when it started: its stop flag."""


def _start_worker(stop: Event) -> None:
    """Ctrl-C is the parent's to handle: it tells us by the flag."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _channel["stop"] = stop


def _work(task: _Task) -> VerifyPoint:
    return _run(task, _channel["stop"].is_set)


def _too_wide(simulated: Mapping[str, Simulated], allowed: Mapping[str, float]) -> tuple[str, ...]:
    return tuple(figure for figure, found in simulated.items() if found.half_width > allowed[figure])


def _measure(batches: Sequence[Batch], theory: Theory, calls: int, level: float) -> dict[str, Simulated]:
    """Every figure with its interval at one level."""
    measured = {}
    for figure in FIGURES:
        pairs = [batch[figure] for batch in batches]
        found = ratio_interval([pair[0] for pair in pairs], [pair[1] for pair in pairs], level)
        if found.value is None or found.half_width is None:
            raise RuleBroken(f"{figure}: a run of {calls} calls has no calls")
        known = student_t(level, len(batches) - 1) * getattr(theory.scatter, figure) / math.sqrt(calls)
        half = max(found.half_width, known)
        most = 1.0 if figure in PROBABILITIES else math.inf
        low, high = max(found.value - half, 0.0), min(found.value + half, most)
        measured[figure] = Simulated(found.value, low, high, half)
    return measured


def _inside(theory: Theory, simulated: Mapping[str, Simulated]) -> bool:
    return all(
        found.low <= getattr(theory.exact, figure) <= found.high for figure, found in simulated.items()
    )


def _share_of_family(figures: int) -> float:
    """Level of each interval at which all of them hold together at FAMILY_LEVEL."""
    return 1.0 - (1.0 - FAMILY_LEVEL) / figures


def _point(
    load: Load,
    theory: Theory,
    simulated: dict[str, Simulated],
    calls: int,
    inside: bool,
    interval: str,
    unmet: tuple[str, ...],
) -> VerifyPoint:
    people = "agent" if load.agents == 1 else "agents"
    return VerifyPoint(
        name=f"{load.agents} {people}, {load.calls_per_hour:,g} calls/h, handling {load.aht_s:g} s, "
        f"patience {load.patience_s:g} s",
        given=dict(load._asdict()),
        exact={figure: getattr(theory.exact, figure) for figure in FIGURES},
        simulated=simulated,
        calls=calls,
        inside=inside,
        interval=interval,
        unmet=unmet,
    )


def _load(
    calls_per_hour: float | None, aht_s: float | None, patience_s: float | None, agents: int | None
) -> Load:
    """The point, or every reason why it is none."""
    given = {"calls_per_hour": calls_per_hour, "aht_s": aht_s, "patience_s": patience_s, "agents": agents}
    problems = [
        f"{name}: missing; one point needs {', '.join(given)}"
        for name, value in given.items()
        if value is None
    ]
    least = {"calls_per_hour": 0.0, "aht_s": SHORTEST_S, "patience_s": SHORTEST_S}
    for name, floor in least.items():
        value = given[name]
        if value is not None and not (math.isfinite(value) and value > 0.0 and value >= floor):
            allowed = f"a number of at least {floor:g}" if floor else "a number above 0"
            problems.append(f"{name}: found {value!r}; allowed is {allowed}")
    whole = isinstance(agents, int) and not isinstance(agents, bool)
    if agents is not None and not (whole and 1 <= agents <= MAX_AGENTS):
        problems.append(f"agents: found {agents!r}; allowed is a whole number from 1 to {MAX_AGENTS:,}")
    if problems or calls_per_hour is None or aht_s is None or patience_s is None or agents is None:
        raise BadInput(problems)
    return Load(calls_per_hour, aht_s, patience_s, agents)
