"""The ten-case pre-launch review: five clean completions, five failures, each with what a team has to sign off."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import partial

from sandbox.audit.masking import mask_name
from sandbox.errors import BadInput, Cancelled
from sandbox.simulation.form_filling import filled_in
from scenarios.persona import display_name
from scenarios.progress import ShouldStop
from scenarios.rehearsal.cases import CaseScript, cases_of
from scenarios.rehearsal.drive import Rehearsal
from scenarios.rehearsal.parts import Heard, Moment
from scenarios.rehearsal.player import Player, directions_of, play
from scenarios.rehearsal.stage import Casting, Customer, Stage, set_stage
from scenarios.rehearsal.verdict import Check, Remains, judge_case, next_step_of, owner_of, remains_of
from scenarios.rehearsal.writeback import Trial, writeback_test
from scenarios.run import CompareRequest, chosen_designs, prepare
from scenarios.world.spec import Scenario

DOES_NOT_APPLY = "does not apply"

_TOLD_APART = ("journey: ", "channel: ", "outreach: ", "policy: let the case in")
"""Lines of a transcript that a summary leaves out: where the customer was, not what the system decided."""


@dataclass(frozen=True, slots=True)
class CaseReview:
    """One case as it is signed off.

    Attributes:
        number: 1 to 10, then the further ones.
        title, kind: what it is about; "clean", "failing" or "further".
        customer: masked name, case and the facts it was picked for; empty if the case does not apply.
        picked: whether the customer was picked as they are.
        staged: what was staged, in words.
        saw: what the customer saw, in order.
        did: what the system did, in order.
        seen_by: who sees the case.
        next_action: what has to be done now.
        core: what the core's record says.
        evidence: what the trail holds, and that the chain was verified.
        checks: the rules and what was found.
        transcript: every moment, evidence included.
        not_applicable: why this design has no such case, or empty.
    """

    number: int
    title: str
    kind: str
    customer: str = ""
    picked: bool = False
    staged: tuple[str, ...] = ()
    saw: tuple[str, ...] = ()
    did: tuple[str, ...] = ()
    seen_by: str = ""
    next_action: str = ""
    core: str = ""
    evidence: str = ""
    checks: tuple[Check, ...] = ()
    transcript: tuple[Moment, ...] = ()
    not_applicable: str = ""

    @property
    def verdict(self) -> str:
        """The case's verdict: "ok", "not ok" or "does not apply"."""
        if self.not_applicable:
            return DOES_NOT_APPLY
        return "ok" if all(check.ok for check in self.checks) else "not ok"

    @property
    def reason(self) -> str:
        """Why the verdict is what it is."""
        if self.not_applicable:
            return self.not_applicable
        failed = [f"{check.rule}: {check.found}" for check in self.checks if not check.ok]
        return "; ".join(failed) or f"{len(self.checks)} rules hold"


@dataclass(frozen=True, slots=True)
class Review:
    """A design's pre-launch review.

    Attributes:
        scenario, design, title, seed: what was reviewed.
        assisted: the design's normal path is a person.
        cases: the ten, then the further ones.
        writeback: the three moments of the writeback test.
    """

    scenario: str
    design: str
    title: str
    seed: int
    assisted: bool
    cases: tuple[CaseReview, ...]
    writeback: tuple[Trial, ...]

    @property
    def ok(self) -> bool:
        """Whether no case and no trial failed."""
        return all(case.verdict != "not ok" for case in self.cases) and all(
            trial.ok for trial in self.writeback
        )


def review_design(
    request: CompareRequest, name: str | None, should_stop: ShouldStop, on_case: Callable[[str], None]
) -> Review:
    """Rehearse a design with its ten cases and run the writeback test.

    Args:
        request: scenario, settings and seed.
        name: the design; the scenario's baseline if None.
        should_stop: asked between two cases; True ends the review.
        on_case: told the title of each case before it is rehearsed.

    Raises:
        BadInput: wrong scenario, setting or design, or a population too small to pick from.
        Cancelled: stopped on request.
        RuleBroken: an invariant of our own failed.
    """
    scenario, _ = prepare(replace(request, designs=None if name is None else (name,)))
    (chosen,) = chosen_designs(scenario, (name or scenario.document.baseline,))
    with ExitStack() as stack:
        world = set_stage(scenario, chosen, Heard(), stack).world
        casting = Casting(world)
        scripts = cases_of(world.design, world.link_lifetime_ms, world.policy, casting.anybody)
        cases = tuple(_reviewed(scenario, chosen, casting, scripts, _polled(should_stop, on_case)))
        on_case("writeback test")
        trials = writeback_test(scenario, chosen, cast(casting, scripts[0]))
        return Review(
            scenario.name,
            chosen,
            world.design.title,
            scenario.document.seed,
            world.design.assisted,
            cases,
            trials,
        )


def _polled(should_stop: ShouldStop, on_case: Callable[[str], None]) -> Callable[[str], None]:
    def next_case(title: str) -> None:
        if should_stop():
            raise Cancelled("stopped on request")
        on_case(title)

    return next_case


def _reviewed(
    scenario: Scenario,
    design: str,
    casting: Casting,
    scripts: tuple[CaseScript, ...],
    on_case: Callable[[str], None],
) -> Iterator[CaseReview]:
    for number, script in enumerate(scripts, 1):
        on_case(script.title)
        if script.does_not_apply:
            yield CaseReview(number, script.title, script.kind, not_applicable=script.does_not_apply)
            continue
        customer = cast(casting, script)
        with ExitStack() as stack:
            heard = Heard()
            stage = set_stage(scenario, design, heard, stack)
            yield _rehearsed(number, script, stage, customer, heard)


def cast(casting: Casting, script: CaseScript) -> Customer:
    """Pick a customer for a case, and change what the case says has changed since the message left."""
    customer = casting.pick(script.fits, script.otherwise)
    if customer is None:
        raise BadInput([f"{casting.more}: too few customers to pick a case's customer from; allowed: more"])
    changed = script.account_now
    if changed is None:
        return replace(customer, now=None)
    return replace(customer, now=customer.before._replace(**changed))


def _rehearsed(number: int, script: CaseScript, stage: Stage, customer: Customer, heard: Heard) -> CaseReview:
    for name, value in script.core.items():
        setattr(stage.core, name, value)
    people = stage.world.people
    rehearsal = Rehearsal(stage, customer, directions_of(script, people), heard)
    draws, effects = stage.world.draws, stage.world.policy.effects
    fill = partial(filled_in, draws=draws, case_id=customer.case_id)
    stuck = play(rehearsal, Player(script, people, customer.before.overdue_minor, effects, fill))
    settled = rehearsal.settle_down()
    remains = remains_of(rehearsal, settled)
    clock = stage.world.calendar.clock
    transcript = [
        *rehearsal.moments,
        *(Moment(clock(row.at_ms), "evidence", row.kind) for row in remains.rows),
    ]
    transcript.sort(key=lambda moment: moment.at)  # stable: what happened and its evidence keep their order
    masked = mask_name(display_name(stage.seed, customer.case_id))
    known = rehearsal.words.facts(customer.before, effects.values())
    return CaseReview(
        number=number,
        title=script.title,
        kind=script.kind,
        customer=f"{masked}, case {customer.case_id}{': ' if known else ''}{', '.join(known)}",
        picked=not customer.staged,
        staged=(*customer.staged, *script.staged),
        saw=_in_order(rehearsal.moments, "customer sees"),
        did=tuple(
            text for text in _in_order(rehearsal.moments, "system does") if not text.startswith(_TOLD_APART)
        ),
        seen_by=owner_of(rehearsal, remains),
        next_action=next_step_of(rehearsal, remains),
        core=_record(remains, clock, rehearsal.words.posted),
        evidence=_trail(remains),
        checks=judge_case(script, rehearsal, remains, stuck),
        transcript=tuple(transcript),
    )


def _in_order(moments: list[Moment], who: str) -> tuple[str, ...]:
    return tuple(moment.text for moment in moments if moment.who == who)


def _record(remains: Remains, clock: Callable[[int], str], posted: Callable[[str, int], str]) -> str:
    if remains.complete is None:
        return "no such account"
    standing = "complete" if remains.complete else "not complete"
    postings = [
        f"{posted(row.action, row.amount_minor)}, status {row.status}, note {row.note!r}, {clock(row.posted_at_ms)}"
        for row in remains.postings
    ]
    return "; ".join([standing, *(postings or ["no posting"])])


def _trail(remains: Remains) -> str:
    kinds = ", ".join(kind if times == 1 else f"{kind} x{times}" for kind, times in remains.kinds.items())
    chain = remains.chain or "chain intact against the head kept outside"
    outbox = f"{remains.unfinished} unfinished in the outbox" if remains.unfinished else "outbox empty"
    return f"{kinds}; {chain}; {outbox}"
