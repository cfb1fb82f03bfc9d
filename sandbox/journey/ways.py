"""Every way through a design, walked in the abstract: what a visit has in hand is followed along all routes at once.

Kinds of step tell what they give and need in their class variables; no kind is known here by name.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from sandbox.identity.assurance import proves
from sandbox.journey.registry import STEP_KINDS
from sandbox.journey.steps.base import END, REFUSALS_MAX, Step
from sandbox.model import AssuranceLevel

DONE = "done"


class Standing(NamedTuple):
    """What a visit has in hand when it reaches a step.

    Attributes:
        level: the last proof of identity.
        identified: the case was proven or handed to a person at some time.
        on_line: a person is on the line, not yet spoken to.
        called: a person was on the line at some time.
        chosen: a choice stands.
        acted: the customer's own part is over.
        posted: the choice went to the core.
        refused: actions the core refused, as far as they bound what may be chosen again.
    """

    level: AssuranceLevel = AssuranceLevel.NONE
    identified: bool = False
    on_line: bool = False
    called: bool = False
    chosen: bool = False
    acted: bool = False
    posted: bool = False
    refused: int = 0


class Node(NamedTuple):
    """A step, reached with something in hand."""

    step: str
    had: Standing


@dataclass(slots=True)
class Ways:
    """Every way through a design.

    Attributes:
        exits: node to (outcome, following node); a None is the end.
        came_from: node to the node before it on a shortest way; None where a visit begins.
        unmet: nodes at which the step lacks something, and what; nobody goes on from there.
    """

    exits: dict[Node, list[tuple[str, Node | None]]] = field(default_factory=dict)
    came_from: dict[Node, Node | None] = field(default_factory=dict)
    unmet: dict[Node, str] = field(default_factory=dict)

    def to(self, node: Node) -> list[str]:
        """Return the ids of the steps on a shortest way to a node, itself included."""
        ids: list[str] = []
        here: Node | None = node
        while here is not None:
            ids.append(here.step)
            here = self.came_from[here]
        return ids[::-1]

    def onward(self, start: Node, target: Node | None) -> list[str]:
        """Return the ids after `start` on a shortest way to another node or the end (None); nothing without one."""
        ways: dict[Node, list[str]] = {start: []}
        queue = deque([start])
        while queue:
            node = queue.popleft()
            for _, follower in self.exits[node]:
                if follower == target:
                    return [*ways[node], END if follower is None else follower.step]
                if follower is not None and follower not in ways:
                    ways[follower] = [*ways[node], follower.step]
                    queue.append(follower)
        return []

    def followers(self, node: Node) -> list[Node]:
        """Return the nodes one step further."""
        return [follower for _, follower in self.exits[node] if follower is not None]

    def in_order(self) -> tuple[list[Node], Node | None]:
        """Return the nodes, each after its followers; or as far as that goes and a node that comes back to itself."""
        order: list[Node] = []
        left: dict[Node, bool] = {}  # False while a node is on the way looked along
        stack: list[tuple[Node, Iterator[Node]]] = []
        for start in self.exits:
            if start not in left:
                left[start] = False
                stack.append((start, iter(self.followers(start))))
            while stack:
                node, ahead = stack[-1]
                for follower in ahead:
                    if follower not in left:
                        left[follower] = False
                        stack.append((follower, iter(self.followers(follower))))
                        break
                    if not left[follower]:
                        return order, follower
                else:
                    left[node] = True
                    order.append(node)
                    stack.pop()
        return order, None


def every_way(starts: Sequence[Step], steps: Mapping[str, Step]) -> Ways:
    """Walk a design along all its routes; each must lead to a known step or the end.

    A step and what may be in hand there are finitely many, so this ends whatever the routes do.

    Args:
        starts: where a visit may begin, with nothing in hand.
        steps: all steps by id.
    """
    ways = Ways()
    for (
        start
    ) in starts:  # one after the other: a way from the message tells a reader more than one from elsewhere
        begin = Node(start.id, Standing())
        if begin not in ways.came_from:
            ways.came_from[begin] = None
            _walk_on(begin, steps, ways)
    return ways


def _walk_on(begin: Node, steps: Mapping[str, Step], ways: Ways) -> None:
    queue = deque([begin])
    while queue:
        node = queue.popleft()
        step, exits = steps[node.step], ways.exits.setdefault(node, [])
        if lacks := _lacks(step, node.had):
            ways.unmet[node] = lacks
            continue
        for outcome, target, now in _ways_on(step, node.had):
            follower = None if target == END else Node(target, now)
            exits.append((outcome, follower))
            if follower is not None and follower not in ways.came_from:
                ways.came_from[follower] = node
                queue.append(follower)


def _ways_on(step: Step, had: Standing) -> Iterator[tuple[str, str, Standing]]:
    for outcome in (DONE, *step.outcomes):
        now = _after(step, outcome, had)
        if now is not None:
            yield outcome, step.next if outcome == DONE else step.on.get(outcome, END), now


def _after(step: Step, outcome: str, had: Standing) -> Standing | None:
    """Return what a visit has in hand after an outcome; None where this outcome cannot come."""
    done, agreed = outcome == DONE, outcome in step.agrees
    if agreed and (had.acted or (step.bounded and had.refused >= REFUSALS_MAX)):
        return None
    now = had._replace(
        level=proves(step.proof) if done and step.proof is not None else had.level,
        identified=had.identified or step.to_person or (done and step.asks_identity),
        on_line=(had.on_line or (done and step.connects)) and not step.on_the_line,
        called=had.called or (done and step.connects),
        chosen=had.chosen or agreed,
        acted=had.acted or (agreed and step.on_the_line),
    )
    if not (step.posts or step.person_posts):
        return now
    if outcome not in step.refuses:
        return now._replace(acted=True, posted=step.posts)
    # A person on the line does not look at what the core refused before: those turns use nothing up.
    refused = min(had.refused + (not had.called), REFUSALS_MAX)
    return now._replace(chosen=False, acted=False, refused=refused)


def _lacks(step: Step, had: Standing) -> str:
    """Return what a step needs and a visit has not, or nothing."""
    if step.on_the_line and not had.on_line:
        kinds = ", ".join(kind for kind, other in STEP_KINDS.items() if other.connects)
        return f"needs a person on the line, and no call was answered before it (put {kinds} there)"
    if not (step.posts or step.person_posts):
        return ""
    needs = (
        (had.chosen, "has nothing to post: no outcome was chosen or agreed before it"),
        (not had.posted, "posts what was posted before"),
        (had.acted or not had.called, "posts what the person on the line did not agree"),
        (had.acted or step.completes, "waits for a person to post what no person has agreed"),
        (had.acted or had.identified, "posts before the customer has proven who they are"),
    )
    return next((text for met, text in needs if not met), "")
