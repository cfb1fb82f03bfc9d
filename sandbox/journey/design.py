"""A compiled design, and the walk of one visit through it."""

from __future__ import annotations

from dataclasses import dataclass

from sandbox import facts
from sandbox.errors import BadInput, RuleBroken
from sandbox.journey.registry import STEP_KINDS
from sandbox.journey.schema import DesignDocument
from sandbox.journey.steps.base import END, Step, Walk
from sandbox.journey.steps.message import Message
from sandbox.journey.table import CaseEvent
from sandbox.journey.visit import Visit

STEPS_PER_VISIT_MAX = 50
"""Steps one visit may take; a design that loops longer than this is broken."""


@dataclass(frozen=True, slots=True)
class Design:
    """A design ready to walk.

    Attributes:
        name: its name.
        title: one line for tables.
        assisted: the normal path is a person, so a person's work is assisted service and not an exception.
        message: the message that starts a visit.
        steps: all steps by id.
        person_route: the step where a customer begins whom no message can reach; empty where there is none.
    """

    name: str
    title: str
    assisted: bool
    message: Message
    steps: dict[str, Step]
    person_route: str = ""

    def route(self, step: Step, outcome: str) -> str:
        """Return the id of the step that follows, or "end"."""
        if outcome == "done":
            return step.next
        if outcome not in step.outcomes:
            message = f"step {step.id!r} returned unknown outcome {outcome!r}"
            raise RuleBroken(message)
        return step.on.get(outcome, END)


def compile_design(document: DesignDocument) -> Design:
    """Check a design document and compile it.

    Raises:
        BadInput: unknown targets, unknown outcomes, duplicate ids, unreachable steps, no message first, a
            person_route that is no call queue, a sequence whose first touch waits.
    """
    problems: list[str] = []
    steps: dict[str, Step] = {}
    for step in document.steps:
        if step.id in steps:
            problems.append(f"design {document.design}: step id {step.id!r} is used twice")
        steps[step.id] = step
    first = document.steps[0]
    if not isinstance(first, Message):
        problems.append(f"design {document.design}: the first step must be a message, found {first.kind!r}")
    for step in document.steps:
        problems += _wrong_routes(document.design, step, steps)
    problems += _wrong_person_route(document, steps) + _wrong_first_wait(document.design, first)
    person_route = document.person_route or _first_call_queue(document)
    problems += [
        f"design {document.design}: step {name!r} cannot be reached from {first.id!r}"
        for name in steps
        if name not in _reachable(first, steps) | _reachable(steps.get(person_route, first), steps)
    ]
    if problems or not isinstance(first, Message):
        raise BadInput(problems)
    assisted = document.normal_path == "person"
    return Design(document.design, document.title, assisted, first, steps, person_route)


def _first_call_queue(document: DesignDocument) -> str:
    return next((step.id for step in document.steps if step.kind == "call_queue"), "")


def _wrong_person_route(document: DesignDocument, steps: dict[str, Step]) -> list[str]:
    named = document.person_route
    queues = [step.id for step in document.steps if step.kind == "call_queue"]
    if not named or named in queues:
        return []
    allowed = ", ".join(queues) or "none: the design has no call_queue step"
    what = f"step {named!r} of kind {steps[named].kind!r}" if named in steps else f"unknown step {named!r}"  # type: ignore[attr-defined]
    return [f"design {document.design}: person_route goes to {what}; allowed: {allowed}"]


def _wrong_first_wait(design: str, first: Step) -> list[str]:
    """The first planned touch is the trigger, on the same day in every design."""
    if not isinstance(first, Message) or not first.sequence or first.sequence[0].wait_days == 0:
        return []
    begins = f"step {first.id!r} has a sequence that begins with wait_days {first.sequence[0].wait_days}"
    return [f"design {design}: {begins}; allowed: 0, for the first touch is the trigger"]


def _wrong_routes(design: str, step: Step, steps: dict[str, Step]) -> list[str]:
    problems = []
    if "done" in step.on:
        problems.append(f"design {design}: step {step.id!r} routes done under 'on'; use next")
    for outcome, target in {**step.on, "done": step.next}.items():
        if target != END and target not in steps:
            allowed = ", ".join([*steps, END])
            problems.append(
                f"design {design}: step {step.id!r} goes to unknown step {target!r}; allowed: {allowed}"
            )
        elif target != END and isinstance(steps[target], STEP_KINDS["message"]):
            problems.append(f"design {design}: step {step.id!r} goes back to the message; use end")
        if outcome != "done" and outcome not in step.outcomes:
            allowed = ", ".join(step.outcomes) or "none"
            problems.append(
                f"design {design}: step {step.id!r} has no outcome {outcome!r}; allowed: {allowed}"
            )
    return problems


def _reachable(first: Step, steps: dict[str, Step]) -> set[str]:
    found, queue = {first.id}, [first]
    while queue:
        step = queue.pop()
        for target in [step.next, *step.on.values()]:
            if target in steps and target not in found:
                found.add(target)
                queue.append(steps[target])
    return found


def walk(design: Design, visit: Visit, start: str = "") -> Walk:
    """Walk one visit through a design; returns the id of the last step and its outcome, "step:outcome".

    A visit starts after the message, or at the step named.
    """
    here = start or design.message.next
    last = f"{design.message.id}:done"
    steps_heard = facts.StepEntered in visit.desk.heard
    for _ in range(STEPS_PER_VISIT_MAX):
        if here == END:
            return last
        step = design.steps[here]
        if steps_heard:
            visit.tell(facts.StepEntered, step.id)
        if step.changes_channel:
            visit.tell(facts.ChannelChanged, step.id)
        outcome = yield from step.run(visit)
        last = f"{step.id}:{outcome}"
        here = design.route(step, outcome)
        if here == END and outcome != "done":
            visit.move(CaseEvent.DROPPED)
            visit.tell(facts.Dropped, step.id, outcome)
    message = f"visit of case {visit.case_id} took more than {STEPS_PER_VISIT_MAX} steps"
    raise RuleBroken(message)
