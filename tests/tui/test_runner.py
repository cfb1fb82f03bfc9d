from collections.abc import Iterator
from dataclasses import replace

import pytest

import scenarios.explain.flips
import scenarios.explain.pitfalls
import scenarios.run
from sandbox.errors import BadInput, Cancelled, RuleBroken
from scenarios.progress import OnProgress, RunsAhead, ShouldStop, TaskProgress
from scenarios.result import Comparison
from tests.tui.canned import CannedRunner, FailingRunner, comparison, progress
from tui.cli.orders import Order
from tui.library import load_library, with_named
from tui.messages import News, RunFailed, RunFinished, RunProgressed, RunStopped
from tui.progress_board import ProgressBoard, RunProgress
from tui.runner import (
    LibraryRunner,
    Runner,
    describe,
    replay_command,
    run_and_report,
)
from tui.widgets.run_strip import progress_words
from tui.work import CompareWork

ORDER = Order("compare", "canned-bank")


def ticking(*seconds: float) -> Iterator[float]:
    """A clock's readings, one per look."""
    return iter(seconds)


def reported(runner: Runner) -> list[News]:
    """Everything a run says, on a clock that stands still."""
    heard: list[News] = []
    run_and_report(runner, CompareWork(ORDER), heard.append, lambda: 0.0, lambda: False)
    return heard


def test_summaries_come_at_most_ten_times_a_second() -> None:
    """Updates within a tenth of a second of the last summary are held back, none of their content is lost."""
    clock = ticking(0.0, 0.0, 0.05, 0.09, 0.11)
    posted: list[RunProgress] = []
    board = ProgressBoard(lambda: next(clock), posted.append)
    for day in (1, 2, 3, 4):
        board.update(progress(day=day))
    assert [item.latest.day for item in posted] == [1, 4]
    # three of 22 days of the only run since its first word, in 0.11 s
    assert posted[-1].left_s == pytest.approx(0.11 * 18 / 3)


def test_a_summary_adds_up_all_runs_announced() -> None:
    """One run done, one half way, two not begun: three eighths of the work."""
    posted: list[RunProgress] = []
    clock = ticking(0.0, 1.0, 2.0, 3.0, 4.0)
    board = ProgressBoard(lambda: next(clock), posted.append)
    board.update(progress(day=22, done=True))
    board.update(progress(day=11, replication=1))
    for replication in (2, 3):
        board.update(TaskProgress("sms-to-call", replication, 0, 0, 0, 0, done=False))
    assert (posted[-1].tasks_done, posted[-1].tasks) == (1, 4)
    assert posted[-1].fraction == pytest.approx(0.375)


def test_the_time_left_is_that_of_runs_at_work() -> None:
    """Nine seconds of starting, what is announced and what was kept say nothing of the pace; three of a run do."""
    posted: list[RunProgress] = []
    clock = ticking(0.0, 0.0, 8.0, 9.0, 12.0)
    board = ProgressBoard(lambda: next(clock), posted.append)
    board.update(TaskProgress("sms-to-call", 1, 0, 0, 0, 0, done=False))
    board.update(replace(progress(day=22, replication=2, done=True), kept=True))
    board.update(progress(day=0))
    assert [one.left_s for one in posted] == [None, None, None]
    board.update(progress(day=11))
    assert posted[-1].left_s == pytest.approx(9.0)  # half a run in 3 s, one and a half to come
    assert posted[-1].fraction == pytest.approx(0.5)


def test_long_runs_weigh_more_than_short_ones() -> None:
    """As on the command line: a run that is done is a tenth of the work beside one of nine times its cases."""
    posted: list[RunProgress] = []
    clock = ticking(0.0, 0.0, 1.0, 2.0)
    board = ProgressBoard(lambda: next(clock), posted.append)
    board.update(TaskProgress("a", 0, 0, 20, 0, 1_000, done=False))
    board.update(TaskProgress("b", 0, 0, 20, 0, 9_000, done=False))
    board.update(TaskProgress("a", 0, 20, 20, 1_000, 1_000, done=True))
    assert (posted[-1].fraction, posted[-1].left_s) == (pytest.approx(0.1), pytest.approx(18.0))


def test_a_search_is_measured_by_what_is_still_likely() -> None:
    """Two runs of a first round are not all: what likely follows counts, and what comes at most is told."""
    posted: list[RunProgress] = []
    clock = ticking(*map(float, range(6)))
    board = ProgressBoard(lambda: next(clock), posted.append)
    board.expect(RunsAhead(likely=8, most=30))
    board.update(progress(day=22, done=True))
    board.update(progress(day=22, replication=1, done=True))
    assert (posted[-1].tasks_done, posted[-1].tasks, posted[-1].most) == (2, 8, 30)
    assert posted[-1].fraction == pytest.approx(0.25)
    assert "2 of about 8 runs, 30 at most" in progress_words(posted[-1])
    board.expect(RunsAhead(likely=2, most=4))
    board.update(progress(day=11, replication=2))
    assert (posted[-1].tasks_done, posted[-1].tasks, posted[-1].most) == (2, 4, 6)
    assert posted[-1].fraction == pytest.approx(2.5 / 4)


def test_a_run_reports_progress_then_its_result() -> None:
    """The outcome comes last and carries what was asked."""
    heard = reported(CannedRunner())
    assert [type(news) for news in heard] == [RunProgressed, RunFinished]
    assert isinstance(heard[-1], RunFinished)
    assert heard[-1].work.order.scenario == "canned-bank"
    assert heard[-1].result == comparison()


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (Cancelled("stopped on request"), RunStopped),
        (BadInput(["one", "two"]), RunFailed),
        (RuleBroken("cases do not add up"), RunFailed),
        (ZeroDivisionError("division by zero"), RunFailed),
    ],
)
def test_every_fault_ends_in_one_message(fault: Exception, kind: type[News]) -> None:
    """Stopped, refused, broken: never an exception that escapes the thread."""
    assert [type(news) for news in reported(FailingRunner(fault))] == [kind]


def test_wrong_input_speaks_for_itself_and_a_bug_names_its_kind() -> None:
    """All problems of the user's input show; an error of ours says what it is, even when it is mute."""
    assert describe(BadInput(["one", "two"])) == "one\ntwo"
    assert describe(RuleBroken("lost a case")) == "RuleBroken: lost a case"
    assert describe(KeyError()) == "KeyError"


def test_the_replay_spells_out_what_the_scenario_left_open() -> None:
    """The command names the seed and the replications that gave these numbers."""
    assert replay_command(ORDER, comparison(seed=7)) == (
        "sandbox compare canned-bank --seed 7 --replications 4"
    )


def test_the_library_runner_announces_all_runs_before_it_starts(monkeypatch: pytest.MonkeyPatch) -> None:
    """The share done is of all the work from the first update on."""
    asked = []

    def stand_in(
        request: scenarios.run.CompareRequest, on_progress: OnProgress, should_stop: ShouldStop
    ) -> Comparison:
        asked.append((request, len(told)))
        return comparison()

    told: list[TaskProgress] = []
    monkeypatch.setattr(scenarios.run, "compare", stand_in)
    assert (
        LibraryRunner().compare(Order("compare", "retail-bank-200k"), told.append, lambda: False)
        == comparison()
    )
    scenario, _ = scenarios.run.prepare(scenarios.run.CompareRequest("retail-bank-200k"))
    runs = len(scenario.designs) * scenario.document.replications
    assert len({(task.design, task.replication) for task in told}) == runs
    (request, told_before), *others = asked
    assert not others
    assert told_before == runs
    assert replace(request, jobs=None) == scenarios.run.CompareRequest("retail-bank-200k")


def test_pitfalls_and_flips_announce_all_runs_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sixteen variants five times, two designs as often as asked: known before the first of them starts."""
    told: list[TaskProgress] = []
    announced: list[int] = []

    def stand_in(*_: object) -> None:
        announced.append(len({(task.design, task.replication) for task in told}))
        told.clear()

    monkeypatch.setattr(scenarios.explain.pitfalls, "find_pitfalls", stand_in)
    monkeypatch.setattr(scenarios.explain.flips, "find_flips", stand_in)
    LibraryRunner().pitfalls(Order("pitfalls", "retail-bank-200k"), told.append, lambda: False)
    order = Order("flips", "retail-bank-200k", replications=4)
    LibraryRunner().flips(order, "portal", "in-message", told.append, lambda: False)
    assert announced == [16 * 5, 2 * 4]


def test_the_runs_announced_for_a_flip_list_are_those_that_are_made() -> None:
    """None is told of that was not announced: else the share done ends at a half, and the time left is doubled."""
    told: list[TaskProgress] = []
    order = Order("flips", "retail-bank-200k", settings=("campaign.messages=400",), replications=2, jobs=1)
    LibraryRunner().flips(order, "portal", "in-message", told.append, lambda: False)
    runs = [(task.design, task.replication) for task in told]
    assert set(runs) == set(runs[:4])
    assert {(task.design, task.replication) for task in told if task.done} == set(runs)


def test_the_library_runner_refuses_what_is_not_there() -> None:
    """An unknown scenario is the user's input, and says so."""
    with pytest.raises(BadInput, match="no-such-scenario"):
        LibraryRunner().compare(Order("compare", "no-such-scenario"), lambda _: None, lambda: False)


def test_the_shipped_library_has_scenarios_and_words() -> None:
    """The picker and the help find what they show."""
    library = load_library()
    assert "retail-bank-200k" in {entry.name for entry in library.scenarios}
    assert "recorded" in library.words["completion_of_engaged_rate"].definition


def test_a_file_of_the_users_own_is_listed_first() -> None:
    """A named scenario the library lacks can still be run; one it has is not listed twice."""
    library = load_library()
    assert with_named(library, "mine.yaml").scenarios[0].name == "mine.yaml"
    assert with_named(library, "retail-bank-200k") == library
