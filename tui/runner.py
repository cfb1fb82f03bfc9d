"""Does work off the screen's thread, and says in messages how it goes.

A run is a thread that waits on `scenarios`. It stops by a flag that the run polls, never by
killing. The same order gives the command line the same numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from multiprocessing import resource_tracker
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from typing import TYPE_CHECKING
from weakref import finalize

from sandbox.errors import BadInput, Cancelled, NotReproduced
from scenarios.progress import OnProgress, ShouldStop, TaskProgress
from tui.cli.orders import Order
from tui.cli.saving import SaveOptions, Saving, open_store
from tui.cli.streams import WIDTH_DEFAULT
from tui.clock import Clock
from tui.messages import News, RunFailed, RunFinished, RunProgressed, RunStopped
from tui.ports import ReadBack, Runner, Told, Varied
from tui.progress_board import ProgressBoard
from tui.work import LimitWork, StaffWork

if TYPE_CHECKING:
    from scenarios.evidence.cases import Cases
    from scenarios.explain.diagnosis import Diagnosis
    from scenarios.explain.flips import Flips
    from scenarios.explain.pitfalls import Pitfalls
    from scenarios.limits.limit import Limits, TheoryLimit
    from scenarios.limits.staffing_search import StaffFound
    from scenarios.lines.agents_by_theory import TheoryAgents
    from scenarios.live import LiveControl, LiveMoment
    from scenarios.rehearsal.phone import Phone
    from scenarios.rehearsal.prelaunch import Review
    from scenarios.result import Comparison
    from scenarios.saved.runs import SavedRun
    from scenarios.whatif import WhatIf
    from scenarios.world.spec import CheckReport
    from tui.work import Work

FLIP_EXAMPLES = 5
"""Cases named per flip: enough to follow one that is not the odd one out."""


def replay_command(order: Order, comparison: Comparison) -> str:
    """Return the command line that gives a result's numbers again, seed and replications spelt out."""
    return replace(order, seed=comparison.seed, replications=comparison.replications).command()


NOT_SAVED = SaveOptions(save=False)
"""What tests and pictures want: nothing is written into the user's data folder."""


class LibraryRunner:
    """The real one: hands the order to `scenarios`; books of cases are kept in a folder that goes with the runner."""

    def __init__(self, how: SaveOptions = NOT_SAVED) -> None:
        """Have no folder yet.

        Args:
            how: whether and where comparisons are saved, as the command saves them.
        """
        self._how = how
        self._folder: Path | None = None
        self._books = 0

    def compare(self, order: Order, on_progress: OnProgress, should_stop: ShouldStop) -> Comparison:
        """Run and save it; the imports are late because they bring the engine with them."""
        from scenarios.outputs.as_json import comparison_json
        from scenarios.run import chosen_designs, compare, prepare
        from tui.cli.comparing import shown_again

        scenario, _ = prepare(order.request())
        _announce(chosen_designs(scenario, order.designs), scenario.document.replications, on_progress)
        with Saving(order.command(), self._how) as run:
            run.begin()
            found = compare(order.request(run.workers(order.jobs)), on_progress, should_stop)
            run.finish(
                lambda: comparison_json(found), about=lambda: shown_again(found, scenario.story, order)
            )
        return found

    def pitfalls(self, order: Order, on_progress: OnProgress, should_stop: ShouldStop) -> Pitfalls:
        """Switch what `sandbox pitfalls` switches."""
        from scenarios.explain.pitfalls import checked_replications, find_pitfalls, variant_names

        _announce(variant_names(), checked_replications(order.replications), on_progress)
        return find_pitfalls(order.request(), on_progress, should_stop)

    def live(
        self,
        order: Order,
        control: LiveControl,
        on_moment: Callable[[LiveMoment], object],
        should_stop: ShouldStop,
    ) -> LiveMoment:
        """Watch what `compare` would run first."""
        from scenarios.live import watch

        return watch(order.request(), control, on_moment, should_stop)

    def control(self) -> LiveControl:
        """Start running at ten marks a second."""
        from scenarios.live import LiveControl

        return LiveControl()

    def check(self, scenario: str) -> CheckReport:
        """Check what `sandbox check` checks."""
        from scenarios.world.spec import check

        return check(scenario)

    def written(self, order: Order, comparison: Comparison) -> str:
        """Write with the command's own writers."""
        from scenarios.outputs.as_json import comparison_json
        from scenarios.world.spec import load_scenario
        from tui.cli.comparing import report

        if order.as_json:
            return comparison_json(comparison)
        return report(comparison, load_scenario(order.scenario, order.settings).story, order)

    def saved_runs(self) -> list[SavedRun]:
        """List them, newest first, without what they gave."""
        store = open_store(self._how.db)
        try:
            return store.listed()
        finally:
            store.close()

    def reopened(self, number: int) -> ReadBack:
        """Read one run back."""
        from scenarios.outputs.again import comparison_from
        from tui.cli.saved_runs import order_from

        store = open_store(self._how.db)
        try:
            run = store.find(str(number))
        finally:
            store.close()
        if "order" not in run.about:
            return ReadBack(run, None, None)
        return ReadBack(run, order_from(run.about["order"]), comparison_from(run.about["comparison"]))

    def cases(
        self, order: Order, design: str | None, on_progress: OnProgress, should_stop: ShouldStop
    ) -> Cases:
        """Keep every case of one run in a file of its own."""
        from scenarios.evidence.cases import collect_cases

        if self._folder is None:
            self._folder = Path(mkdtemp(prefix="sandbox-cases-"))
            finalize(
                self, rmtree, self._folder, ignore_errors=True
            )  # with the runner, or when the process ends
        self._books += 1
        path = self._folder / f"{self._books}.sqlite"
        return collect_cases(order.request(), design, path, on_progress, should_stop)

    def flips(
        self, order: Order, before: str, after: str, on_progress: OnProgress, should_stop: ShouldStop
    ) -> Flips:
        """Follow the same customers through both designs."""
        from scenarios.explain.flips import find_flips, flip_replications, flip_runs

        _announce(flip_runs(before, after), flip_replications(order.request()), on_progress)
        return find_flips(order.request(), before, after, FLIP_EXAMPLES, on_progress, should_stop)

    def diagnose(
        self, order: Order, comparison: Comparison, on_progress: OnProgress, should_stop: ShouldStop
    ) -> Diagnosis:
        """Examine what `sandbox diagnose` examines; the comparison itself is not run again."""
        from scenarios.examining import facts_label
        from scenarios.explain.diagnosis import diagnose_compared

        for design in comparison.designs:
            on_progress(TaskProgress(facts_label(design), 0, 0, 0, 0, 0, done=False))
        return diagnose_compared(order.request(), comparison, None, on_progress, should_stop)

    def study(self, scenario: str) -> WhatIf:
        """Read it, and preview its lines by theory."""
        from scenarios.whatif import WhatIf

        return WhatIf(scenario)

    def phone(self, order: Order, design: str | None) -> Phone:
        """Take a phone of the scenario's own population."""
        from scenarios.rehearsal.phone import Phone

        return Phone(order.request(), design)

    def review(self, order: Order, design: str, should_stop: ShouldStop) -> Review:
        """Rehearse what `sandbox prelaunch` rehearses."""
        from scenarios.rehearsal.prelaunch import review_design

        return review_design(order.request(), design, should_stop, lambda _title: None)

    def theory(self, order: Order, keep: str, vary: Varied) -> dict[str, TheoryLimit]:
        """Preview the search that `sandbox limit` makes."""
        from scenarios.limits.limit import LimitRequest, plan_limits, theory_limits

        return theory_limits(plan_limits(LimitRequest(order.request(), (keep,), *vary)))

    def agents(self, order: Order, keep: str) -> dict[str, TheoryAgents | None]:
        """Reckon before `sandbox staff` simulates."""
        from scenarios.limits.searching import conditions
        from scenarios.lines.agents_by_theory import METRIC, agents_by_theory
        from scenarios.run import prepare

        (condition,) = conditions((keep,))
        scenario, _ = prepare(order.request())
        if condition.metric != METRIC or "<" not in condition.comparator:
            return dict.fromkeys(scenario.designs)
        return {name: agents_by_theory(scenario, name, condition.threshold) for name in scenario.designs}

    def limits(self, order: Order, keep: str, vary: Varied, told: Told, should_stop: ShouldStop) -> Limits:
        """Search what `sandbox limit` searches, and save it."""
        from scenarios.limits.limit import LimitRequest, find_limits, plan_limits
        from scenarios.outputs.as_json import json_text
        from tui.cli.limit_text import limits_document, limits_text

        command = LimitWork(order, keep, *vary).command()
        with Saving(command, self._how) as run:
            run.begin()
            plan = plan_limits(LimitRequest(order.request(run.workers(order.jobs)), (keep,), *vary))
            found = find_limits(plan, told.progress, should_stop, on_ahead=told.ahead)
            run.finish(
                lambda: json_text(limits_document(found, [], command)),
                lambda: limits_text(found, [], order, command, WIDTH_DEFAULT),
            )
        return found

    def staff(self, order: Order, keep: str, design: str, told: Told, should_stop: ShouldStop) -> StaffFound:
        """Search what `sandbox staff` searches, and save it."""
        from scenarios.limits.staffing_plan import StaffRequest, plan_staffing
        from scenarios.limits.staffing_search import find_staffing
        from scenarios.outputs.as_json import json_text
        from tui.cli.limit_json import staff_json
        from tui.cli.staff_text import staff_text

        command, order = StaffWork(order, keep, design).command(), replace(order, designs=(design,))
        with Saving(command, self._how) as run:
            run.begin()
            plan = plan_staffing(StaffRequest(order.request(run.workers(order.jobs)), (keep,)))
            found = find_staffing(plan, told.progress, should_stop, told.ahead)
            run.finish(
                lambda: json_text(staff_json(found, command)),
                lambda: staff_text(found, order, (command, None), WIDTH_DEFAULT),
            )
        return found

    def save(self, source: str, target: str, settings: tuple[str, ...]) -> None:
        """Write what `sandbox new` writes."""
        from tui.cli.authoring import write_copy

        write_copy(target, source, (), settings)


def _announce(names: Sequence[str], replications: int, on_progress: OnProgress) -> None:
    """Tell of every run before the first one starts, so that the share done is of all the work."""
    for replication in range(replications):
        for name in names:
            on_progress(TaskProgress(name, replication, 0, 0, 0, 0, done=False))


def run_and_report(
    runner: Runner, work: Work, post: Callable[[News], object], clock: Clock, should_stop: ShouldStop
) -> None:
    """Run to the end on this thread; every outcome, a crash included, ends in exactly one `RunEnded` message.

    Args:
        runner: does the work.
        work: what to do.
        post: thread-safe; takes progress and the outcome.
        clock: seconds, monotonic; paces progress messages.
        should_stop: polled by the run.
    """
    board = ProgressBoard(clock, lambda progress: post(RunProgressed(progress)))
    try:
        result = work.do(runner, Told(board.update, board.expect), should_stop)
    except Cancelled:
        post(RunStopped())
    except Exception as fault:  # noqa: BLE001 - whatever breaks a run must not break the screen that shows it
        post(RunFailed(work, describe(fault), history=isinstance(fault, NotReproduced)))
    else:
        post(RunFinished(work, result))


def describe(fault: BaseException) -> str:
    """Say what went wrong: the fault's own words, with its kind in front unless it is the user's input."""
    words = str(fault)
    if isinstance(fault, BadInput | NotReproduced) and words:
        return words
    return f"{type(fault).__name__}: {words}" if words else type(fault).__name__


def prepare_process_pools() -> None:
    """Start multiprocessing's resource tracker; call before the app runs.

    A running app replaces standard error by an object without a file descriptor. A process pool first made
    then would hand that to the tracker it starts and fail with "bad value(s) in fds_to_keep". A tracker that
    already runs is simply used.
    """
    resource_tracker.ensure_running()
