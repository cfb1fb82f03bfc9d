"""One replication of a design, looked at closely: what its structure and its facts say, as readings for the rules."""

from __future__ import annotations

from dataclasses import dataclass

from sandbox.audit.chain import ChainCheck, verify
from sandbox.experiment.intervals import Estimate, paired_ratio_difference, ratio_interval
from sandbox.journey.design import Design, compile_design
from sandbox.journey.shape import ClosedWorkflow, closed_workflow, normal_path
from sandbox.policy.compile import compile_policy
from sandbox.scorecard.examination import COMPUTED, Examination, Series
from sandbox.scorecard.judgement import Reading, counted
from sandbox.scorecard.ledger import Ending, Ledger
from sandbox.scorecard.outcome import int64s
from sandbox.scorecard.tally import Mark
from sandbox.simulation.population import accounts
from scenarios.percent import in_percent
from scenarios.progress import OnProgress, ShouldStop, until_stopped
from scenarios.task import Task
from scenarios.wire import Wired
from scenarios.wiring.plan import calendar_of, layout_of
from scenarios.worker import run_task
from scenarios.world.spec import Scenario

SEGMENT_ENGAGED_MIN = 100
"""Engaged cases below which a segment is too small to be called the worst."""

Proofs = dict[str, tuple[str, ...]]
"""Evidence key to the kinds of audit row that prove it."""


@dataclass(frozen=True, slots=True)
class Examined:
    """What a close look at one design found.

    Attributes:
        readings: the computed quantities.
        closed: the closed-workflow test.
        person_steps: steps of the normal path that a person does.
        declared_assisted: the design's file says its normal path is a person.
        endings: where every case ended; they sum to all cases.
        chain: whether the audit trail holds.
        example_case: a case worth tracing: it acted and is not in the core, or was rekeyed, or is the first.
        digest: of the outcome, to be held against that of the comparison's own first replication.
    """

    readings: dict[str, Reading]
    closed: ClosedWorkflow
    person_steps: tuple[str, ...]
    declared_assisted: bool
    endings: tuple[Ending, ...]
    chain: ChainCheck
    example_case: int
    digest: str


def examine(
    scenario: Scenario,
    name: str,
    busy_hours: frozenset[int],
    proofs: Proofs,
    on_progress: OnProgress,
    should_stop: ShouldStop,
) -> Examined:
    """Run the first replication of a design again and look at every fact and every audit row.

    Args:
        scenario: the world.
        name: which of its designs.
        busy_hours: clock hours called busy.
        proofs: what proves which evidence.
        on_progress: told as the run goes on, under the design's name with "(facts)" behind it.
        should_stop: polled; True ends the run with Cancelled.
    """
    task = Task(scenario, name, 0, busy_hours, label=facts_label(name), keep_cases=True)
    layout = layout_of(scenario.document, calendar_of(scenario.document), busy_hours)
    ledger = Ledger(layout.cases)
    seen = Examination(layout.cases, layout.cohort_days, compile_policy(scenario.policy))
    checks: list[ChainCheck] = []

    def listen(fact: tuple[object, ...]) -> None:
        ledger.emit(fact)
        seen.emit(fact)

    def inspect(wired: Wired) -> None:
        world, core = wired.world, wired.core
        seen.hold_against_policy(accounts(world.people, world.draws, layout.cases))

        def whole(case_id: int) -> bool:
            postings = core.postings_for(case_id)
            last = postings[-1] if postings else None
            return last is not None and bool(last.status and last.note) and last.posted_at_ms > 0

        rows = until_stopped(wired.store.audit_rows(), should_stop)
        checks.append(verify(seen.read_trail(rows, proofs, whole), world.audit.head))

    outcome = run_task(task, on_progress, should_stop, listen, inspect)
    design = compile_design(scenario.designs[name])
    by_person = person_steps(design)
    readings = _structure(design, by_person)
    for quantity, series in seen.series(outcome.case_marks).items():
        readings[quantity] = _reading(quantity, ratio_interval(*series, share=True), sum(series[1]))
    missing = seen.missing_evidence(outcome.case_marks)
    readings["proven_rate"] = readings["proven_rate"]._replace(note=_missing_words(missing))
    readings["trail_breaks"] = counted(
        float(not checks[0].ok), COMPUTED["trail_breaks"].base, checks[0].problem, n=checks[0].rows
    )
    readings["segment_exception_excess"] = worst_segment(seen.segments(outcome.case_marks))
    readings["later_disputes_rise"] = later_rise(seen.disputes())
    return Examined(
        readings,
        closed_workflow(design),
        by_person,
        design.assisted,
        tuple(ledger.endings()),
        checks[0],
        _example(outcome.case_marks),
        outcome.digest,
    )


def facts_label(design: str) -> str:
    """Return what progress calls the close look at a design."""
    return f"{design} (facts)"


def person_steps(design: Design) -> tuple[str, ...]:
    """Return the steps of the normal path that a person does, by id."""
    return tuple(
        step.id for step in normal_path(design) if step.person_posts or getattr(step, "kind", "") == "agent"
    )


def worst_segment(segments: dict[str, tuple[Series, Series]]) -> Reading:
    """Return how far the exception rate of the worst segment lies above that of all other customers.

    Args:
        segments: exceptions of engaged cases per day, inside and outside each segment.
    """
    quantity, best = "segment_exception_excess", None
    for name, (inside, outside) in segments.items():
        if min(sum(inside[1]), sum(outside[1])) < SEGMENT_ENGAGED_MIN:
            continue
        estimate = paired_ratio_difference(*inside, *outside, shares=True)
        shares = [sum(over) / sum(base) for over, base in (inside, outside)]
        if estimate.value is not None and (best is None or estimate.value > (best[0].value or 0.0)):
            note = f"{name}: {in_percent(shares[0], 1)} against {in_percent(shares[1], 1)} of all others"
            best = (estimate, sum(inside[1]), note)
    if best is None:
        note = f"does not apply: no two segments with {SEGMENT_ENGAGED_MIN} engaged cases"
        return _reading(quantity, Estimate(None, None, None, 0, None), 0, note)
    return _reading(quantity, *best)


def later_rise(disputes: Series) -> Reading:
    """Return the share of disputes in the second half of the campaign minus that in the first, day by day."""
    half = len(disputes[1]) // 2
    late, early = ([part[-half:] for part in disputes], [part[:half] for part in disputes])
    if not half:
        note = "does not apply: a campaign of one day has no halves"
        return _reading("later_disputes_rise", Estimate(None, None, None, 0, None), 0, note)
    estimate = paired_ratio_difference(late[0], late[1], early[0], early[1], shares=True)
    return _reading("later_disputes_rise", estimate, sum(late[1]) + sum(early[1]))


def _missing_words(missing: dict[str, int]) -> str:
    if not missing:
        return ""
    key = max(missing, key=lambda name: missing[name])
    return f"most often missing: {key}, in {missing[key]:,} recorded cases"


def _example(case_marks: bytes) -> int:
    """Find a case whose posting did not go as it should."""
    marks = int64s(case_marks)
    for wanted, lacks in ((Mark.ACTED, Mark.RECORDED), (Mark.MANUAL, Mark.EXCLUDED)):
        has, without = int(wanted), int(lacks)
        for case, mark in enumerate(marks):
            if mark & has and not mark & without:
                return case
    return 0


def _structure(design: Design, by_person: tuple[str, ...]) -> dict[str, Reading]:
    test = closed_workflow(design)
    found = {
        "channel_changes": test.channel_changes,
        "identity_checks": test.identity_checks,
        "person_waits": test.person_waits,
        "person_steps": by_person,
    }
    return {
        name: counted(float(len(steps)), COMPUTED[name].base, ", ".join(steps))
        for name, steps in found.items()
    }


def _reading(quantity: str, estimate: Estimate, n: int, note: str = "") -> Reading:
    what = COMPUTED[quantity]
    if estimate.value is None:
        return Reading(
            None, None, None, 0, what.unit, what.base, note or "does not apply: nothing in its base"
        )
    return Reading(estimate.value, estimate.low, estimate.high, n, what.unit, what.base, note)
