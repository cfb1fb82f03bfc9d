"""A compiled design, and the walk of one visit through it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from sandbox import facts
from sandbox.errors import BadInput, RuleBroken
from sandbox.journey import checks
from sandbox.journey.registry import STEP_KINDS
from sandbox.journey.schema import DesignDocument
from sandbox.journey.steps.base import END, Step, Walk
from sandbox.journey.steps.message import Message
from sandbox.journey.table import CaseEvent
from sandbox.journey.visit import Visit
from sandbox.model import AssuranceLevel

STEPS_PER_VISIT_MAX = 50
"""Steps one visit may take; a design that loops longer than this is broken."""


_Stop = tuple[Callable[[Visit], Walk], str, bool, bool]
"""What a walk asks of every step: its `run` and `next`, whether it is behind the scenes and changes the channel."""


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
        stops: what a walk asks of every step, by its id: one look-up where steps of many kinds would cost five.
    """

    name: str
    title: str
    assisted: bool
    message: Message
    steps: dict[str, Step]
    person_route: str = ""
    stops: dict[str, _Stop] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        stops = {
            name: (step.run, step.next, step.behind_the_scenes, step.changes_channel)
            for name, step in self.steps.items()
        }
        object.__setattr__(self, "stops", stops)

    @property
    def keeps_a_trail(self) -> bool:
        """Whether no step that posts an outcome leaves its evidence scattered over systems and notes."""
        return all(
            getattr(step, "evidence", "trail") == "trail" for step in self.steps.values() if step.posts
        )

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
        BadInput: unknown targets, unknown outcomes, duplicate ids, unreachable steps, no message first; a
            person_route that is no call queue; a sequence whose first touch waits; dead ends, loops without a
            bound, and steps that lack a choice, a call or a proof of identity.
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
    starts = _starts(first, steps, person_route)
    problems += [f"design {document.design}: {text}" for text in checks.unreachable(starts, steps)]
    if not problems:  # what follows trusts every route
        found = checks.faults(starts, steps, STEPS_PER_VISIT_MAX)
        problems += [f"design {document.design}: {text}" for text in found]
    if problems or not isinstance(first, Message):
        raise BadInput(problems)
    assisted = document.normal_path == "person"
    return Design(document.design, document.title, assisted, first, steps, person_route)


def _starts(first: Step, steps: dict[str, Step], person_route: str) -> list[Step]:
    """Where a visit may begin: after the message, or at the call a letter asks for."""
    return [first, steps[person_route]] if person_route in steps else [first]


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


def weak_identity(design: Design, needed: Mapping[str, AssuranceLevel]) -> list[str]:
    """Return where a design asks policy for more than the identity it has proven by then; see `checks`.

    Args:
        design: compiled.
        needed: action to the weakest proof of identity policy accepts for it.
    """
    starts = _starts(design.message, design.steps, design.person_route)
    found = checks.weak_identity(starts, design.steps, needed)
    return [f"design {design.name}: {text}" for text in found]


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


def walk(design: Design, visit: Visit, start: str = "") -> Walk:
    """Walk one visit through a design; returns the id of the last step and its outcome, "step:outcome".

    The customer's visit ends before the first step behind the scenes: `visit.goes_on` then names it, and a second
    walk, from that step, is the work behind their back. Its steps move the case themselves.

    Args:
        design: where to walk.
        visit: whose visit; the same one in both walks.
        start: where to start; empty for the step after the message.
    """
    stops = design.stops
    behind = bool(start) and design.steps[start].behind_the_scenes
    last, here = design.message.id, start or design.message.next
    outcome = "done"
    steps_heard = facts.StepEntered in visit.desk.heard
    for _ in range(STEPS_PER_VISIT_MAX):
        if here == END:
            return f"{last}:{outcome}"
        run, after, hidden, changes_channel = stops[here]
        if hidden and not behind:
            visit.goes_on = here
            visit.tell(facts.HandedOn, (here,))
            return f"{last}:{outcome}"
        if steps_heard:
            visit.tell(facts.StepEntered, (here, behind))
        if changes_channel:
            visit.tell(facts.ChannelChanged, (here,))
        outcome, last = (yield from run(visit)), here
        if outcome == "done":
            here = after
            continue
        here = design.route(design.steps[last], outcome)
        if here == END and not behind:
            visit.move(CaseEvent.DROPPED)
            visit.tell(facts.Dropped, (last, outcome))
    message = f"visit of case {visit.case_id} took more than {STEPS_PER_VISIT_MAX} steps"
    raise RuleBroken(message)
