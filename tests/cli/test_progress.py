"""The progress line."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest

from scenarios.progress import RunsAhead, TaskProgress
from tui.cli.progress import Board, ProgressLine, share_done


class Terminal(io.StringIO):
    """A stream a person looks at."""

    def isatty(self) -> bool:
        """Say so."""
        return True


def _task(design: str, day: int, cases: int, *, done: bool = False) -> TaskProgress:
    return TaskProgress(design, 0, day, 20, cases, 1_000, done)


def test_the_line_adds_up_all_runs() -> None:
    """The day is that of the slowest run at work; cases and finished runs are summed."""
    board = Board(4)
    board.update(_task("a", 20, 1_000, done=True), 0.0)
    board.update(_task("b", 10, 1_000), 0.0)
    board.update(_task("c", 5, 500), 0.0)
    # done: (1 + 0.75 + 0.375 + 0) / 4 = 17/32 after 30 s, so 30 s x 15/17 = 26 s are left
    assert board.text(at_s=30.0) == "day 5/20, cases 2,500/4,000, 1 of 4 runs done, about 26 s left"


def test_a_search_says_what_may_still_come() -> None:
    """What is likely and what comes at most are told anew with every round, beside the runs that are done."""
    board = Board(0)
    board.expect(RunsAhead(likely=7, most=20))
    board.update(_task("a", 20, 1_000, done=True), 0.0)
    board.update(_task("b", 10, 1_000), 0.0)
    # done: 1.75 of 7 runs after 12 s, so three times as long is left
    assert board.text(at_s=12.0) == ("day 10/20, 1 run done, about 6 to come (19 at most), about 36 s left")
    board.update(_task("b", 20, 1_000, done=True), 0.0)
    board.expect(RunsAhead(likely=2, most=12))
    board.update(_task("c", 0, 0), 40.0)
    assert board.text(at_s=40.0) == ("day 0/20, 2 runs done, about 2 to come (12 at most), about 40 s left")


def test_long_runs_weigh_more_than_short_ones() -> None:
    """Runs of many cases take long: what nobody has heard of yet is taken to be like those at work."""
    board = Board(4)
    board.update(TaskProgress("a", 0, 20, 20, 1_000, 1_000, done=True), 0.0)
    board.update(TaskProgress("b", 0, 10, 20, 4_500, 9_000, done=False), 0.0)
    # 1,000 + 4,500 of 1,000 + 9,000 + two more of 9,000 cases after 55 s, so 225 s are left
    assert board.text(at_s=55.0).endswith("1 of 4 runs done, about 4 min left")


def test_no_guess_before_there_is_ground_for_one() -> None:
    """The time left is not shown while next to nothing is done."""
    board = Board(10)
    board.update(_task("a", 1, 10), 0.0)
    assert board.text(at_s=1.0) == "day 1/20, cases 10/10,000, 0 of 10 runs done"


def test_time_counts_from_the_first_run_at_work() -> None:
    """Nine seconds of reading and starting workers make no run longer: half of two runs in 3 s leaves 3 s."""
    board = Board(2)
    board.update(_task("a", 0, 0), 9.0)
    assert "left" not in board.text(at_s=9.0)
    board.update(_task("b", 0, 0), 9.5)
    board.update(_task("a", 20, 1_000, done=True), 12.0)
    assert board.text(at_s=12.0).endswith("1 of 2 runs done, about 3 s left")


def test_runs_kept_from_before_say_nothing_of_the_pace() -> None:
    """Eight of ten runs came from a stopped run in no time; one of the other two took 5 s, so 5 s are left."""
    board = Board(10)
    for place in range(8):
        board.update(replace(_task(f"kept {place}", 20, 1_000, done=True), kept=True), 0.0)
    assert "left" not in board.text(at_s=0.1)
    board.update(_task("a", 0, 0), 2.0)
    board.update(_task("a", 20, 1_000, done=True), 7.0)
    assert board.text(at_s=7.0).endswith("9 of 10 runs done, about 5 s left")


def test_runs_heard_of_at_their_end_are_timed_from_the_start() -> None:
    """A cluster tells of a run when it is done: two of six after a minute leave two minutes."""
    board = Board(6)
    board.update(_task("a", 20, 1_000, done=True), 60.0)
    board.update(_task("b", 20, 1_000, done=True), 60.0)
    assert board.text(at_s=60.0).endswith("2 of 6 runs done, about 2 min left")


@pytest.mark.parametrize(
    ("task", "share"),
    [
        (_task("a", 0, 0), 0.0),
        (_task("a", 10, 1_000), 0.75),
        (_task("a", 3, 0, done=True), 1.0),
        (TaskProgress("a", 0, 0, 0, 0, 0, False), 0.0),
    ],
)
def test_share_of_a_run(task: TaskProgress, share: float) -> None:
    """A run is as far as its cases begun and its days finished, on average."""
    assert share_done(task) == pytest.approx(share)


def test_a_pipe_sees_nothing() -> None:
    """Not a character is written to a stream nobody looks at."""
    stream = io.StringIO()
    with ProgressLine(stream, lambda: 0.0) as line:
        line.say("reading")
        line.follow(1)(_task("a", 1, 1))
    assert stream.getvalue() == ""


def test_the_line_is_rewritten_and_then_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every text starts at the left edge in full width, and the last one is blank."""
    monkeypatch.setenv("COLUMNS", "60")
    stream = Terminal()
    with ProgressLine(stream, lambda: 0.0) as line:
        line.say("reading the scenario")
    assert stream.getvalue() == "\r" + "reading the scenario".ljust(59) + "\r" + " " * 59 + "\r"


def test_updates_are_thinned_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """At most one rewrite in a tenth of a second reaches the terminal."""
    monkeypatch.setenv("COLUMNS", "60")
    now_s = [0.0]
    stream = Terminal()
    with ProgressLine(stream, lambda: now_s[0]) as line:
        on_progress = line.follow(1)
        for tick in range(41):
            now_s[0] = tick / 100
            on_progress(_task("a", tick, tick))
        texts = stream.getvalue().count("\r")
    assert 4 <= texts <= 5
