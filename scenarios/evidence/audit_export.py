"""The audit trail of a run, taken out of it: all rows with the head to keep apart, or the evidence of some cases."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from sandbox.audit.chain import Head, head_to_text
from sandbox.audit.evidence_bundle import EvidenceBundle, evidence_bundle
from sandbox.audit.masking import mask_name
from sandbox.errors import BadInput
from scenarios.evidence.trail_file import row_line
from scenarios.persona import display_name
from scenarios.progress import OnProgress, ShouldStop, until_stopped
from scenarios.run import CompareRequest, chosen_designs, prepare
from scenarios.task import Task
from scenarios.wire import Wired
from scenarios.wiring.plan import busy_hours, calendar_of, plan_of
from scenarios.worker import run_task

_ROWS_A_PIECE = 500
"""Rows written at once, some 100 kB; whoever wants to stop is heard between two pieces."""

WriteRows = Callable[[Iterator[bytes]], None]
"""Takes the trail as pieces of JSON Lines; whole or not at all is its business."""


@dataclass(frozen=True, slots=True)
class TrailExport:
    """An exported trail.

    Attributes:
        scenario, design, seed: the run.
        rows: rows written.
        head: where the trail stood; kept elsewhere, it shows a cut tail.
    """

    scenario: str
    design: str
    seed: int
    rows: int
    head: Head

    @property
    def head_text(self) -> str:
        """The head as one line of JSON, as `head_from_text` reads it."""
        return head_to_text(self.head)


@dataclass(frozen=True, slots=True)
class CaseEvidence:
    """The evidence of one case, and the masked name of whose it is."""

    customer: str
    bundle: EvidenceBundle


@dataclass(frozen=True, slots=True)
class EvidenceExport:
    """The evidence of some cases.

    Attributes:
        scenario, design, seed: the run.
        cases: in the order asked for.
        clock: local time of a row's milliseconds, in words.
    """

    scenario: str
    design: str
    seed: int
    cases: tuple[CaseEvidence, ...]
    clock: Callable[[int], str]


def export_trail(
    request: CompareRequest,
    design: str | None,
    write: WriteRows,
    should_stop: ShouldStop,
    on_progress: OnProgress | None = None,
) -> TrailExport:
    """Run one replication of a design and write its whole trail.

    Args:
        request: what to run.
        design: which design; None is the scenario's baseline.
        write: takes the rows while the run's store is still open.
        should_stop: polled while running and while writing.
        on_progress: told at the start of every simulated day.

    Raises:
        BadInput: wrong scenario, setting or design, or `write` could not write.
        Cancelled: stopped on request.
    """
    task = _task(request, design)
    heads: list[Head] = []

    def inspect(wired: Wired) -> None:
        heads.append(wired.world.audit.head)
        write(_pieces(wired, should_stop))

    run_task(task, on_progress or _silent, should_stop, None, inspect)
    scenario = task.scenario
    return TrailExport(scenario.name, task.design, scenario.document.seed, heads[0].seq, heads[0])


def export_evidence(
    request: CompareRequest,
    design: str | None,
    cases: Sequence[int],
    should_stop: ShouldStop,
    on_progress: OnProgress | None = None,
) -> EvidenceExport:
    """Run one replication of a design and fold the rows of some cases into their evidence.

    Raises:
        BadInput: wrong scenario, setting, design or case.
        Cancelled: stopped on request.
    """
    task = _task(request, design)
    document = task.scenario.document
    count = plan_of(document).cases
    problems = [f"case {case} does not exist; allowed: 0 to {count - 1}" for case in cases if case >= count]
    if problems:
        raise BadInput(problems)
    found: list[CaseEvidence] = []

    def inspect(wired: Wired) -> None:
        for case in cases:
            bundle = evidence_bundle(case, wired.store.audit_rows(case))
            found.append(CaseEvidence(mask_name(display_name(task.seed, case)), bundle))

    run_task(task, on_progress or _silent, should_stop, None, inspect)
    clock = calendar_of(document).clock
    return EvidenceExport(task.scenario.name, task.design, document.seed, tuple(found), clock)


def _task(request: CompareRequest, design: str | None) -> Task:
    scenario, _ = prepare(replace(request, designs=None if design is None else (design,)))
    name = scenario.document.baseline if design is None else design
    chosen_designs(scenario, (name,))
    return Task(scenario, name, 0, busy_hours(scenario.document))


def _pieces(wired: Wired, should_stop: ShouldStop) -> Iterator[bytes]:
    lines: list[str] = []
    for row in until_stopped(wired.store.audit_rows(), should_stop):
        lines.append(row_line(row) + "\n")
        if len(lines) == _ROWS_A_PIECE:
            yield "".join(lines).encode()
            lines.clear()
    yield "".join(lines).encode()


def _silent(_progress: object) -> None:
    """Tell nobody."""
