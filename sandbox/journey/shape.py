"""What can be said of a design before anybody walks through it: its normal path, and whether it closes the case."""

from __future__ import annotations

from dataclasses import dataclass

from sandbox.journey.design import Design
from sandbox.journey.steps.base import END, Step

CHANNEL_CHANGES_MAX = 1
"""Context switches a customer may need before they can act, by the closed-workflow test."""

IDENTITY_CHECKS_MAX = 1
"""Times a customer gives identity details; more is asking again."""


@dataclass(frozen=True, slots=True)
class ClosedWorkflow:
    """The closed-workflow test of a design's normal path; each entry is a step's id, in order.

    Attributes:
        channel_changes: steps that take the customer out of the message.
        identity_checks: steps at which they give identity details; another proof on top of one is not counted again.
        person_waits: steps after which the record waits for a person.
    """

    channel_changes: tuple[str, ...]
    identity_checks: tuple[str, ...]
    person_waits: tuple[str, ...]

    @property
    def faults(self) -> tuple[str, ...]:
        """Why the workflow is not closed, in words; nothing when it is."""
        found = []
        if len(self.channel_changes) > CHANNEL_CHANGES_MAX:
            found.append("more than one channel change")
        if len(self.identity_checks) > IDENTITY_CHECKS_MAX:
            found.append("identity details are asked for again")
        if self.person_waits:
            found.append("the record waits for a person after the customer has acted")
        return tuple(found)

    @property
    def closed(self) -> bool:
        """Whether the customer's action reaches the record in one go."""
        return not self.faults


def normal_path(design: Design) -> tuple[Step, ...]:
    """Return the steps of a visit in which everything goes well, the message first."""
    path: list[Step] = []
    here = design.message.id
    while here != END and all(step.id != here for step in path):
        path.append(design.steps[here])
        here = path[-1].next
    return tuple(path)


def closed_workflow(design: Design) -> ClosedWorkflow:
    """Hold a design's normal path against the closed-workflow test."""
    path = normal_path(design)
    return ClosedWorkflow(
        tuple(step.id for step in path if step.changes_channel),
        tuple(step.id for step in path if step.asks_identity and not step.steps_up),
        tuple(step.id for step in path if step.person_posts),
    )
