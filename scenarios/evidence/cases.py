"""Every case of one run, to be looked through: what happened to whom, and one customer's whole story.

The book of a run is made by running it once more with a listener: the same seed gives the same people and the same
luck, so the story of a case is the one `sandbox trace` tells.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from sandbox import facts
from sandbox.audit.chain import verify
from sandbox.audit.masking import mask_name
from sandbox.errors import BadInput
from sandbox.ports import AuditRow, CoreOutcome
from sandbox.scorecard.marks import BAND_MASK, BAND_SHIFT, Mark
from sandbox.scorecard.outcome import FUNNEL, RunOutcome
from sandbox.scorecard.standing import WORDS, Standing, standings
from scenarios.evidence.trace import CaseTrace, TraceLine, evidence_line, final_record, told
from scenarios.persona import display_name
from scenarios.progress import OnProgress, ShouldStop, until_stopped
from scenarios.run import CompareRequest, chosen_designs, prepare, through_gate
from scenarios.saved.case_book import BookWriter, CaseBook, CaseFilter, CaseLine, body_of
from scenarios.task import Task, replication_seed
from scenarios.wire import Wired
from scenarios.wiring.plan import busy_hours, calendar_of, plan_of
from scenarios.worker import run_task

__all__ = ["CaseBook", "CaseFilter", "CaseLine", "Cases", "collect_cases", "lost_at", "standing_words"]

_EVIDENCE = "audit"
"""Kind of a happening that is a row of evidence, not a fact."""

_BESIDE = ("opened", "closed", "exceptions")
"""Stages that are no step on the way: they say nothing about where a case was lost."""

_FAILED = frozenset({CoreOutcome.UNAVAILABLE.value, CoreOutcome.TIMED_OUT.value})
"""Answers after which a write has failed; a refusal is the core's business answer, not a failure."""

_ANSWERED = frozenset({CoreOutcome.APPLIED.value, CoreOutcome.REFUSED.value})
"""Answers that say nothing beyond what is told of the case anyway."""

_TAGS: dict[type, Callable[[Any], str]] = {
    facts.Excluded: lambda f: f"policy kept it out: {f.reason}",
    facts.RoutedToPerson: lambda f: f"route to a person: {f.reason}",
    facts.TouchSkipped: lambda f: f"touch not sent: {f.reason}",
    facts.SendRefused: lambda f: f"send refused: {f.reason}",
    facts.ReplyReceived: lambda f: f"replied: {f.intent}",
    facts.ContactBreach: lambda f: f"sent against the rules: {f.rule}",
    facts.LinkChecked: lambda f: "" if f.accepted else f"link refused: {f.reason}",
    facts.CodeChecked: lambda f: "" if f.accepted else f"code refused: {f.reason}",
    facts.FactsChecked: lambda f: "" if f.accepted else f"known facts refused: {f.reason}",
    facts.IdentityRefused: lambda f: f"identity refused: {f.method}",
    facts.ImpostorTried: lambda f: f"impostor {'let in' if f.accepted else 'kept out'}: {f.kind}",
    facts.ChannelChanged: lambda f: f"changed channel at {f.step}",
    facts.Chosen: lambda f: f"chose {f.action}",
    facts.Dropped: lambda f: f"left at {f.step}: {f.reason}",
    facts.ExceptionRaised: lambda f: f"exception: {f.reason}",
    facts.PostingQueued: lambda _: "core write kept in the outbox",
    facts.PostingRefused: lambda f: f"core refused: {f.reason}",
    facts.DuplicateEffect: lambda _: "core write took effect twice",
    facts.Recorded: lambda f: "recorded by hand" if f.manual else "",
    facts.PromiseKept: lambda _: "promise kept",
    facts.PromiseBroken: lambda _: "promise broken",
    facts.CallAbandoned: lambda f: "call balked" if f.balked else "call abandoned",
    facts.LineClosed: lambda _: "called outside hours",
    facts.FailureDemand: lambda f: f"called because of the back office: {f.cause}",
    facts.BackOfficeDone: lambda f: (
        "keyed wrongly by the back office" if f.error else "keyed by the back office"
    ),
    facts.ItemFailed: lambda f: f"back office: {f.reason}",
    facts.ReconciliationItem: lambda f: f"to be reconciled: {f.cause}",
}
"""What is worth finding a case by; an empty text is nothing."""


@dataclass(frozen=True, slots=True)
class Cases:
    """The book of one run, and what is needed to tell a story from it.

    Attributes:
        scenario, design, seed: what was run.
        designs: all there are to look at the same customer in.
        book: the file.
        cases: how many there are.
        chain: what verifying the whole audit chain found.
        ends: when the observation ends, as a local time.
        clock: milliseconds of the run as a local time.
        tags: everything that happened to a case at least once, with the number of cases.
        notes: what has to be said of it; first a history that is not reproduced.
    """

    scenario: str
    design: str
    seed: int
    designs: tuple[str, ...]
    book: CaseBook
    cases: int
    chain: str
    ends: str
    clock: Callable[[int], str]
    tags: tuple[tuple[str, int], ...]
    notes: tuple[str, ...] = ()

    def story(self, case_id: int) -> CaseTrace:
        """Return one case from trigger to record, as `sandbox trace` tells it.

        Raises:
            BadInput: there is no such case.
        """
        if not 0 <= case_id < self.cases:
            raise BadInput([f"case {case_id} does not exist; allowed: 0 to {self.cases - 1}"])
        lines = list(self._lines(case_id))
        evidence = sum(line.kind == _EVIDENCE for line in lines)
        lines.append(TraceLine(self.ends, _EVIDENCE, f"{evidence} rows of this case; {self.chain}"))
        lines.sort(key=lambda line: line.clock)  # stable: facts and evidence of one moment keep their order
        masked = mask_name(display_name(replication_seed(self.seed, 0), case_id))
        end = self.book.end(case_id) or "the core's record: the customer chose nothing"
        return CaseTrace(
            self.scenario, self.design, self.seed, case_id, masked, tuple(lines), end, self.notes
        )

    def _lines(self, case_id: int) -> Iterator[TraceLine]:
        for at_ms, kind, body in self.book.happenings(case_id):
            if kind == _EVIDENCE:
                seq, what, detail = json.loads(body)
                yield evidence_line(self.clock(at_ms), seq, what, detail)
            else:
                fact = getattr(facts, kind)(*json.loads(body))
                line = told(fact, self.clock)
                if line is not None:
                    yield line


class _Listener:
    """Writes what happens into a book and remembers what cases can be found by."""

    def __init__(self, writer: BookWriter) -> None:
        self._writer = writer
        self.tags: dict[str, set[int]] = defaultdict(set)
        self._failed: Counter[int] = Counter()
        self.acted: set[int] = set()

    def hear(self, fact: tuple[object, ...]) -> None:
        """Take in one fact; those of nobody's case are let go."""
        case_id: int = getattr(fact, "case_id", -1)
        if case_id < 0:
            return
        kind = type(fact)
        self._writer.add(case_id, fact.at_ms, kind.__name__, body_of(fact))  # type: ignore[attr-defined]
        tagger = _TAGS.get(kind)
        if tagger is not None and (tag := tagger(fact)):
            self.tags[tag].add(case_id)
        elif isinstance(fact, facts.PostingTried):
            self._tried(fact)
        elif isinstance(fact, facts.ActionCompleted):
            self.acted.add(case_id)

    def _tried(self, fact: facts.PostingTried) -> None:
        if fact.outcome in _FAILED:
            self._failed[fact.case_id] += 1
        if fact.outcome not in _ANSWERED:
            self.tags[f"core answered: {fact.outcome}"].add(fact.case_id)

    def all_tags(self) -> dict[str, set[int]]:
        """Return every tag, with how often a case's writes to the core failed."""
        found = dict(self.tags)
        for case_id, times in self._failed.items():
            word = ("once", "twice")[times - 1] if times < 3 else "three times or more"
            found.setdefault(f"core write failed {word}", set()).add(case_id)
        return found


def collect_cases(
    request: CompareRequest, name: str | None, path: Path, on_progress: OnProgress, should_stop: ShouldStop
) -> Cases:
    """Run the first replication of a design and keep what happened to every case.

    Args:
        request: scenario, report, settings and seed.
        name: a design of the scenario, or a shipped one; the scenario's baseline if None.
        path: where the book goes; a file that is not there yet.
        on_progress: told as the run goes on.
        should_stop: polled; True ends the run with Cancelled.

    Raises:
        BadInput: wrong scenario, setting, design or report.
        NotReproduced: the call centre without the campaign does not come back to the history given.
        Cancelled: stopped on request; what was written is of no use.
    """
    asked = replace(request, designs=None if name is None else (name,))
    world = prepare(asked)
    scenario = world[0]
    (design,) = chosen_designs(scenario, (name or scenario.document.baseline,))
    passed = through_gate(asked, world, design, on_progress, should_stop)
    calendar, cases = calendar_of(scenario.document), plan_of(scenario.document).cases
    writer = BookWriter(path)
    listener = _Listener(writer)
    ends: list[tuple[int, str]] = []
    chain: list[str] = []

    def inspect(wired: Wired) -> None:
        for row in until_stopped(wired.store.audit_rows(), should_stop):
            writer.add(row.case_id, row.at_ms, _EVIDENCE, _evidence(row))
        check = verify(until_stopped(wired.store.audit_rows(), should_stop), wired.world.audit.head)
        chain.append(f"{check.rows:,} rows, chain intact" if check.ok else f"chain broken: {check.problem}")
        ends.extend(
            (case_id, final_record(wired, case_id, calendar.clock))
            for case_id in until_stopped(sorted(listener.acted), should_stop)
        )

    task = Task(scenario, design, 0, busy_hours(scenario.document), keep_cases=True)
    try:
        outcome = run_task(task, on_progress, should_stop, listener.hear, inspect)
        lines = until_stopped(_case_lines(outcome), should_stop)
        writer.finish(lines, listener.all_tags() | _standing_tags(outcome), until_stopped(ends, should_stop))
    except BaseException:
        writer.abandon()
        raise
    book = CaseBook(path)
    return Cases(
        scenario.name,
        design,
        scenario.document.seed,
        tuple(scenario.designs),
        book,
        cases,
        chain[0],
        calendar.clock(calendar.end_ms),
        calendar.clock,
        tuple(book.tags()),
        (*passed.notes, *scenario.notes),
    )


def lost_at(stage: str, shown: tuple[str, ...]) -> CaseFilter:
    """Return the filter for cases that came to a stage of the funnel and to none of those after it.

    Over all stages shown these are the triggered cases, each of them once.

    Args:
        stage: its name in the result.
        shown: the stages the funnel shows, in order; others are passed over.
    """
    way = [name for name in shown if name not in _BESIDE]
    later = 0
    for name in way[way.index(stage) + 1 :]:
        later |= _reached(name)
    return CaseFilter(has=int(Mark.TRIGGERED), any_of=_reached(stage), lacks=later)


def _reached(stage: str) -> int:
    """The marks that say a case came to a stage; any of them will do, as the funnel counts."""
    also = {"messaged": Mark.LETTER, "acted": Mark.RECORDED}
    return int(FUNNEL[stage][1] | also.get(stage, Mark(0)))


def standing_words(line: CaseLine) -> str:
    """Say where a case stands at the end."""
    return WORDS[Standing(line.standing)]


def _evidence(row: AuditRow) -> str:
    """A row as `body_of` writes it; the row's own body is such JSON already (reading it again would cost seconds)."""
    return f"[{row.seq},{json.dumps(row.kind)},{row.body}]"


def _case_lines(outcome: RunOutcome) -> Iterator[CaseLine]:
    names = ("", *outcome.bands)
    marks = np.frombuffer(outcome.case_marks, dtype=np.int64)
    for case_id, (mark, standing) in enumerate(
        zip(marks.tolist(), standings(outcome.case_marks).tolist(), strict=True)
    ):
        yield CaseLine(case_id, names[mark >> BAND_SHIFT & BAND_MASK], mark, standing)


def _standing_tags(outcome: RunOutcome) -> dict[str, set[int]]:
    found = standings(outcome.case_marks)
    tags = {
        f"ended: {WORDS[standing]}": set(np.flatnonzero(found == int(standing)).tolist())
        for standing in Standing
    }
    marks = np.frombuffer(outcome.case_marks, dtype=np.int64)
    tags["reopened after the record"] = set(np.flatnonzero(marks & int(Mark.REOPENED)).tolist())
    return {tag: members for tag, members in tags.items() if members}
