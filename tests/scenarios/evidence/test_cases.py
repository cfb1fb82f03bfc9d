"""The case book of a run: the same story as a trace tells, every case once in the funnel, tags counted anew."""

from __future__ import annotations

from collections import Counter
from functools import cache
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from sandbox import facts
from sandbox.errors import BadInput, Cancelled
from sandbox.scorecard.outcome import FUNNEL
from scenarios.evidence.cases import CaseFilter, Cases, collect_cases, lost_at, standing_words
from scenarios.evidence.trace import trace_case
from scenarios.run import CompareRequest, prepare
from scenarios.task import Task
from scenarios.wiring.plan import busy_hours
from scenarios.worker import run_task
from tests.scenarios.recorded import SMALL, scenario_with
from tests.scenarios.small_tasks import TINY

FAULTY = (*SMALL, "core.faults.unavailable_rate=0.2")
REQUEST = CompareRequest("retail-bank-200k", FAULTY)
TINY_REQUEST = CompareRequest("retail-bank-200k", (*TINY, "campaign.messages=60"))
"""So few rows that each pass over them asks once, before the first."""

STAGES = ("triggered", "messaged", "delivered", "clicked", "engaged", "identified", "acted", "recorded")

_FOLDER = TemporaryDirectory()


@cache
def found() -> Cases:
    """The book of in-message completion on a core that is often away."""
    path = Path(_FOLDER.name) / "cases.sqlite"
    return collect_cases(REQUEST, "in-message", path, lambda _: None, lambda: False)


@cache
def failed_writes() -> Counter[int]:
    """Failed writes by case, counted from the facts of another run of the same world."""
    scenario = scenario_with(FAULTY)
    counts: Counter[int] = Counter()

    def listen(fact: tuple[object, ...]) -> None:
        if isinstance(fact, facts.PostingTried) and fact.outcome in ("unavailable", "timed_out"):
            counts[fact.case_id] += 1

    task = Task(scenario, "in-message", 0, busy_hours(scenario.document))
    run_task(task, lambda _: None, lambda: False, listen)
    return counts


def test_the_book_tells_the_story_a_trace_tells() -> None:
    """Line by line, for a customer whose write failed twice and for one who never reacted."""
    twice = found().book.page(CaseFilter(tags=("core write failed twice",)), 0, 1)[0].case_id
    silent = found().book.page(CaseFilter(tags=("ended: not engaged",)), 0, 1)[0].case_id
    for case_id in (twice, silent):
        traced = trace_case(REQUEST, "in-message", case_id, lambda: False)
        told = found().story(case_id)
        assert told.lines == traced.lines
        assert told.customer == traced.customer
    assert (
        found().story(twice).final_state
        == trace_case(REQUEST, "in-message", twice, lambda: False).final_state
    )
    assert "chose nothing" in found().story(silent).final_state


def test_failed_writes_are_those_a_second_run_counts() -> None:
    """Once, twice, three times or more: the same cases, and a refusal is no failure."""
    counts = failed_writes()
    words = {1: "once", 2: "twice"}
    for times, word in words.items():
        tagged = found().book.page(CaseFilter(tags=(f"core write failed {word}",)), 0, 10_000)
        assert [line.case_id for line in tagged] == sorted(case for case, n in counts.items() if n == times)
    assert any(n == 2 for n in counts.values())


def test_every_triggered_case_is_lost_at_one_stage_or_recorded() -> None:
    """The cases listed for the stages of a funnel add up to those policy let in."""
    book = found().book
    parts = [book.count(lost_at(stage, STAGES)) for stage in STAGES]
    assert sum(parts) == book.count(CaseFilter(has=int(FUNNEL["triggered"][1])))
    assert all(parts[stage] for stage in (2, 4, 5))


def test_stages_not_shown_are_passed_over() -> None:
    """Leaving a stage out of the funnel moves its cases to the stage before, and loses none."""
    book = found().book
    fewer = tuple(stage for stage in STAGES if stage != "identified")
    moved = book.count(lost_at("engaged", fewer))
    assert moved == book.count(lost_at("engaged", STAGES)) + book.count(lost_at("identified", STAGES))


def test_pages_hold_every_case_once() -> None:
    """Page after page in order of number, ranks that agree, and one line by its number."""
    book, wanted = found().book, CaseFilter(tags=("ended: recorded untouched",))
    ids = [line.case_id for first in range(0, book.count(wanted), 7) for line in book.page(wanted, first, 7)]
    assert ids == sorted(set(ids))
    assert len(ids) == book.count(wanted)
    assert book.rank(wanted, ids[11]) == 11
    line = book.line(ids[11])
    assert line is not None
    assert standing_words(line) == "recorded untouched"
    assert book.line(10**9) is None


def test_several_things_must_all_have_happened() -> None:
    """Two tags narrow each other, and a case names everything that happened to it."""
    book = found().book
    both = CaseFilter(tags=("core write failed once", "ended: recorded untouched"))
    line = book.page(both, 0, 1)[0]
    assert book.count(both) < book.count(CaseFilter(tags=both.tags[:1]))
    assert set(both.tags) <= set(book.tags_of(line.case_id))


def test_where_everybody_ended_adds_up() -> None:
    """The tags of standings cover all cases without overlap."""
    ended = [cases for tag, cases in found().tags if tag.startswith("ended: ")]
    assert sum(ended) == found().cases


def test_a_case_that_does_not_exist_is_refused() -> None:
    """The message says which there are."""
    with pytest.raises(BadInput, match="allowed: 0 to"):
        found().story(found().cases)


def test_stopping_ends_the_run(tmp_path: Path) -> None:
    """A run that is told to stop raises, and its file can be thrown away."""
    with pytest.raises(Cancelled):
        collect_cases(TINY_REQUEST, None, tmp_path / "cases.sqlite", lambda _: None, lambda: True)


def test_keeping_the_book_can_be_stopped_until_its_last_rows(tmp_path: Path) -> None:
    """Evidence, chain, ends and cases are seconds of work at full size: every one of these passes asks."""

    def polls_of(stop_at: int) -> int:
        polls = count(1)
        asked = 0

        def should_stop() -> bool:
            nonlocal asked
            asked = next(polls)
            return asked == stop_at

        try:
            collect_cases(TINY_REQUEST, None, tmp_path / f"{stop_at}.sqlite", lambda _: None, should_stop)
        except Cancelled:
            return -asked
        return asked

    asked = polls_of(0)
    scenario, _ = prepare(TINY_REQUEST)
    plain = count()
    run_task(
        Task(scenario, scenario.document.baseline, 0, busy_hours(scenario.document)),
        lambda _: None,
        lambda: next(plain) < 0,
    )
    in_the_run = next(plain)
    assert asked == in_the_run + len(("evidence", "chain", "who acted", "cases", "ends"))
    for stop_at in range(in_the_run + 1, asked + 1):
        assert polls_of(stop_at) == -stop_at
