"""What a command of several rounds says of the time it still takes, on a clock of the test's."""

from __future__ import annotations

from scenarios.progress import TaskProgress
from scenarios.sweeps.tornado import Round
from tui.cli.timetable import Timetable

BASE, FULL = Round("as it is", 2, 1.0, 12), Round("at full length", 6, 1.0, 0)
SCREENING = Round("screening", 40, 0.25, 12)


class Bench:
    """A timetable, its clock, and runs that are heard of."""

    def __init__(self, workers: int | None) -> None:
        self.now_s = 0.0
        self.timetable = Timetable(lambda: self.now_s, workers)

    def runs(self, words: list[tuple[float, int, bool]], *, kept: bool = False) -> None:
        """Say when which run was heard of, and whether it was done then."""
        heard = self.timetable.listening(lambda _: None)
        for at_s, run, done in words:
            self.now_s = at_s
            heard(TaskProgress("d", run, 0, 20, 0, 1_000, done, kept))


def side_by_side(began_s: float, ended_s: float, runs: int = 2) -> list[tuple[float, int, bool]]:
    """Words of runs that begin and end together."""
    return [*((began_s, run, False) for run in range(runs)), *((ended_s, run, True) for run in range(runs))]


def test_what_comes_is_reckoned_from_how_long_a_run_takes() -> None:
    """A run takes 4 s: 40 of a quarter's length and 12 full ones, two at a time, take 44 s; starting is no part."""
    bench = Bench(2)
    assert bench.timetable.before(BASE) == ""
    bench.runs(side_by_side(10.0, 14.0))  # ten seconds until the workers stood
    bench.now_s = 30.0  # and sixteen to lay out what is screened
    told = bench.timetable.before(SCREENING)
    assert told == "screening: 40 runs, then up to 12 at full length; about 44 s in all"


def test_more_workers_take_less_than_the_first_two_runs_show() -> None:
    """Eight workers have two runs to begin with and all eight busy afterwards: 4 s x (10 + 12) / 8."""
    bench = Bench(8)
    bench.timetable.before(BASE)
    bench.runs(side_by_side(1.0, 5.0))
    assert bench.timetable.before(SCREENING).endswith("about 11 s in all")
    alone = Bench(8)
    alone.timetable.before(BASE)
    alone.runs(side_by_side(1.0, 5.0))
    assert alone.timetable.before(Round("at full length", 2, 1.0, 0)).endswith("about 4 s in all")


def test_the_last_round_is_reckoned_from_the_one_before() -> None:
    """Screening at a quarter's length took 2 s a run, twice what the first round promised: six full ones, 24 s."""
    bench = Bench(2)
    bench.timetable.before(BASE)
    bench.runs(side_by_side(0.0, 4.0))
    bench.timetable.before(SCREENING)
    bench.runs(side_by_side(4.0, 6.0))
    assert bench.timetable.before(FULL) == "at full length: 6 runs; about 24 s in all"
    assert bench.timetable.before(Round("at full length", 0, 1.0, 0)) == ""


def test_where_runs_are_heard_of_at_their_end_the_round_is_timed() -> None:
    """On a cluster nobody knows how many run at once: two runs in 20 s are 10 s each, six of them a minute."""
    bench = Bench(None)
    bench.timetable.before(BASE)
    bench.runs([(20.0, 0, True), (20.0, 1, True)])
    assert bench.timetable.before(FULL).endswith("6 runs; about 1 min in all")


def test_nothing_is_claimed_without_a_run_that_was_timed() -> None:
    """Runs kept from a stopped run, or a history without a campaign, say nothing of how long a campaign takes."""
    bench = Bench(2)
    bench.timetable.before(BASE)
    bench.runs([(0.0, 0, True), (0.0, 1, True)], kept=True)
    assert bench.timetable.before(SCREENING) == "screening: 40 runs, then up to 12 at full length"
    bench.runs(side_by_side(0.0, 1.0))
    assert bench.timetable.before(FULL).endswith("about 12 s in all")
    gated = Bench(2)
    gated.timetable.before(Round("history", 2, 0.0, 0.0))
    gated.runs(side_by_side(0.0, 9.0))
    assert gated.timetable.before(BASE) == ""
