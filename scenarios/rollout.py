"""Two designs in one world: a share of the customers is moved to the second, all stand on the same lines.

Who is moved is a draw of the customer's own, so a larger share moves the same customers and some more, and nobody
else's luck changes.
"""

from __future__ import annotations

from dataclasses import fields

from sandbox.draws import Draws
from sandbox.journey.design import compile_design
from sandbox.journey.steps.message import Message
from scenarios.wiring.systems import attacks_of
from scenarios.world.spec import Scenario

_FREE = frozenset({"id", "next", "on", "engages_by"})
"""Parts of a message step that may differ: where the customer goes, not what is sent when."""


def moved_to_second(draws: Draws, share: float, cases: int) -> bytes:
    """Return one byte per case: 1 where the customer is moved.

    Args:
        draws: of the replication's seed.
        share: of the customers, 0..1.
        cases: how many there are.
    """
    return (draws.uniforms("rollout", 0, 0, cases) < share).tobytes()


def why_not_mixed(scenario: Scenario, first: str, second: str) -> list[str]:
    """Return why two designs cannot be mixed in one world; nothing where they can.

    The campaign is sent once, to everybody alike: both designs need the same message.
    """
    ours, theirs = (compile_design(scenario.designs[name]) for name in (first, second))
    problems = [f"their messages differ in {part}" for part in _differing(ours.message, theirs.message)]
    if bool(ours.person_route) != bool(theirs.person_route):
        problems.append("only one of them has a route to a person")
    if ours.keeps_a_trail != theirs.keeps_a_trail:
        problems.append("only one of them keeps its evidence in one trail")
    if attacks_of(scenario.document, scenario.document.seed) is not None:
        problems.append("the scenario has impostors, who know one design only")
    return problems


def _differing(ours: Message, theirs: Message) -> list[str]:
    return [
        name
        for name in sorted(field.name for field in fields(ours))
        if name not in _FREE and getattr(ours, name) != getattr(theirs, name)
    ]
