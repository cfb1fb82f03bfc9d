"""What is wrong with a design before a customer meets it: dead ends, loops, and steps that lack what they need.

Every fault shows the way a customer would come to it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sandbox.identity.assurance import Method, proves, raised, sufficient
from sandbox.journey.registry import STEP_KINDS
from sandbox.journey.steps.base import END, Step
from sandbox.journey.ways import DONE, Node, Ways, every_way
from sandbox.model import AssuranceLevel


def unreachable(starts: Sequence[Step], steps: Mapping[str, Step]) -> list[str]:
    """Return the steps no route leads to from where a visit may begin, each with what does lead to it."""
    reached, queue = {start.id for start in starts}, list(starts)
    while queue:
        for target in _targets(queue.pop()):
            if target in steps and target not in reached:
                reached.add(target)
                queue.append(steps[target])
    found = []
    for name in steps:
        if name not in reached:
            sources = [step.id for step in steps.values() if name in _targets(step) and step.id != name]
            why = f"only {', '.join(sources)} leads there" if sources else "no step leads there"
            found.append(f"step {name!r} cannot be reached from {starts[0].id!r}: {why}")
    return found


def faults(starts: Sequence[Step], steps: Mapping[str, Step], steps_max: int) -> list[str]:
    """Return what is wrong with a design whose routes all lead to known steps.

    Args:
        starts: the message, then the steps a visit may begin at without one.
        steps: all steps by id.
        steps_max: a visit takes fewer steps than this; the message is none of them.
    """
    ways = every_way(starts, steps)
    found = _told(ways, ways.unmet)
    found += _without_customer(steps, ways)
    found += _lost_outcomes(steps, ways)
    if not found:  # a way that breaks off there would be told as a dead end once more
        found += _dead_ends(steps, ways)
    return found + _endless(ways, starts[0].id, steps_max)


def weak_identity(
    starts: Sequence[Step], steps: Mapping[str, Step], needed: Mapping[str, AssuranceLevel]
) -> list[str]:
    """Return the steps at which policy would offer an action and then refuse it for want of identity.

    Args:
        starts: where a visit may begin.
        steps: all steps by id, of a design without other faults.
        needed: action to the weakest proof of identity policy accepts for it.
    """
    ways = every_way(starts, steps)
    weak: dict[Node, str] = {}
    for node in ways.exits:
        short = [name for name, level in needed.items() if not sufficient(node.had.level, level)]
        if steps[node.step].held_to_policy and short:
            least = max(needed[name] for name in short)
            weak[node] = (
                f"is reached with identity level {node.had.level.name.lower()}, and policy takes "
                f"{', '.join(short)} from level {least.name.lower()} on{_proving(least)}"
            )
    return _told(ways, weak)


def _targets(step: Step) -> list[str]:
    return [step.next, *step.on.values()]


def _proving(least: AssuranceLevel) -> str:
    alone = [
        kind
        for kind, step in STEP_KINDS.items()
        if step.proof is not None and sufficient(proves(step.proof), least) and not step.on_the_line
    ]
    if alone:
        return f" (put {' or '.join(alone)} before it)"
    code = next(kind for kind, step in STEP_KINDS.items() if step.proof is Method.ONE_TIME_CODE)
    after_code = [
        kind
        for kind, step in STEP_KINDS.items()
        if step.proof is not None
        and sufficient(raised(AssuranceLevel.CODE, step.proof), least)
        and not step.on_the_line
    ]
    return f" (put {code} and then {' or '.join(after_code)} before it)" if after_code else ""


def _without_customer(steps: Mapping[str, Step], ways: Ways) -> list[str]:
    """Steps that need the customer, behind one that runs behind the customer's back."""
    alone: dict[Node, str] = {}
    for node in ways.exits:
        if steps[node.step].behind_the_scenes:
            for follower in ways.followers(node):
                if steps[follower.step].needs_customer:
                    alone[follower] = f"needs the customer, who has left before {node.step!r}"
    return _told(ways, alone)


def _lost_outcomes(steps: Mapping[str, Step], ways: Ways) -> list[str]:
    """Outcomes a customer has chosen or agreed that end without reaching the core.

    An end the design names for an outcome other than done is its author's decision; any other is an oversight.
    """
    lost: dict[Node, str] = {}
    for node, exits in ways.exits.items():
        step = steps[node.step]
        for outcome, follower in exits:
            agreed = outcome in step.agrees
            stands = (node.had.chosen or agreed) and not node.had.posted and not step.posts
            if follower is None and stands and (outcome == DONE or (agreed and outcome not in step.on)):
                lost[node] = f"ends with {outcome!r}, and what was agreed never reaches the core"
    return _told(ways, lost, [END])


def _dead_ends(steps: Mapping[str, Step], ways: Ways) -> list[str]:
    """Steps after which nothing can complete any more, each where a way first comes to one."""
    before: dict[Node, list[Node]] = {}
    for node in ways.exits:
        for follower in ways.followers(node):
            before.setdefault(follower, []).append(node)
    alive = {node for node in ways.exits if node.had.posted or steps[node.step].posts}
    queue = list(alive)
    while queue:
        fresh = [node for node in before.get(queue.pop(), ()) if node not in alive]
        alive.update(fresh)
        queue += fresh
    living = {node.step for node in alive}
    found: dict[Node, str] = {}
    for node, came in ways.came_from.items():
        if node.step not in living and (came is None or came.step in living):
            found.setdefault(node, "is a dead end: no way from it reaches the core")
    return [
        f"step {node.step!r} {text}: {_arrows([*ways.to(node), *ways.onward(node, None)])}"
        for node, text in _once(found).items()
    ]


def _endless(ways: Ways, message: str, steps_max: int) -> list[str]:
    """A way that comes back to where it was with nothing used up; else a way longer than a visit may be."""
    order, again = ways.in_order()
    if again is not None:
        kinds = ", ".join(kind for kind, step in STEP_KINDS.items() if step.bounded)
        text = f"a loop without a bound; only {kinds} after a refusal by the core may be come back to"
        there = ways.to(
            again
        )  # it may come by once before with less in hand: the reader needs the first time
        round_again = [*there[: there.index(again.step) + 1], *ways.onward(again, again)]
        return [f"step {again.step!r} is in {text}: {_arrows(round_again)} …"]
    longest: dict[Node, list[str]] = {}
    for node in order:
        onward = max((longest[follower] for follower in ways.followers(node)), key=len, default=[])
        longest[node] = [node.step, *onward]
    way = max(longest.values(), key=len)
    taken = len(way) - (way[0] == message)  # a visit begins after the message
    return (
        [f"a visit could take {taken} steps; allowed: fewer than {steps_max}: {_arrows(way)}"]
        if taken >= steps_max
        else []
    )


def _told(ways: Ways, found: Mapping[Node, str], then: list[str] | None = None) -> list[str]:
    return [
        f"step {node.step!r} {text}: {_arrows([*ways.to(node), *(then or [])])}"
        for node, text in _once(found).items()
    ]


def _once(found: Mapping[Node, str]) -> dict[Node, str]:
    """Keep the first node of each (step, text): the same fault with other things in hand is not told twice."""
    kept: dict[tuple[str, str], Node] = {}
    for node, text in found.items():
        kept.setdefault((node.step, text), node)
    return {node: text for (_, text), node in kept.items()}


def _arrows(ids: list[str]) -> str:
    return " → ".join(ids)
