"""The case's state table: every legal move stands here and nowhere else.

Rules of this file: anything that affects a transition lives in `MOVES`; nothing here knows which design a case is
in, who drives it or what time it is. A journey asks `advance` for permission before each move; an illegal move
raises and leaves the caller's state as it was.

What the table does not say: a visit that ends while the outcome is still on its way to the core leaves the case in
ACTED. Reminders, repeat calls and a second proof of identity may happen there; they change nothing, which is
exactly what they cost.
"""

from __future__ import annotations

from enum import IntEnum

from sandbox.errors import RuleBroken


class CaseState(IntEnum):
    """Where a case stands."""

    TRIGGERED = 0  # policy let it in; nothing sent yet
    CONTACTED = 1  # at least one message sent; the customer is not acting
    ENGAGED = 2  # clicked, replied or called
    IDENTIFIED = 3  # proved who they are
    WITH_PERSON = 4  # left the normal path, or the path is a person
    ACTED = 5  # the customer has done their part; the core does not say so yet
    RECORDED = 6  # the core's record says complete
    EXCLUDED = 7  # policy kept it out
    EXPIRED = 8  # the campaign ended without the customer acting


class CaseEvent(IntEnum):
    """What can happen to a case."""

    SENT = 0
    RESPONDED = 1
    PROVEN = 2
    HANDED_OVER = 3
    COMPLETED = 4  # the customer's part is done
    REFUSED = 5  # the core refused for a business reason
    POSTED = 6
    DROPPED = 7
    CLOSED = 8  # the campaign's window ended
    BARRED = 9  # policy excluded the case


S, E = CaseState, CaseEvent

MOVES: dict[tuple[CaseState, CaseEvent], CaseState] = {
    (S.TRIGGERED, E.BARRED): S.EXCLUDED,
    (S.TRIGGERED, E.SENT): S.CONTACTED,
    (S.TRIGGERED, E.CLOSED): S.EXPIRED,
    (S.CONTACTED, E.SENT): S.CONTACTED,
    (S.CONTACTED, E.RESPONDED): S.ENGAGED,
    (S.CONTACTED, E.CLOSED): S.EXPIRED,
    (S.ENGAGED, E.SENT): S.ENGAGED,
    (S.ENGAGED, E.PROVEN): S.IDENTIFIED,
    (S.ENGAGED, E.HANDED_OVER): S.WITH_PERSON,
    (S.ENGAGED, E.DROPPED): S.CONTACTED,
    (S.IDENTIFIED, E.SENT): S.IDENTIFIED,
    (S.IDENTIFIED, E.PROVEN): S.IDENTIFIED,
    (S.IDENTIFIED, E.HANDED_OVER): S.WITH_PERSON,
    (S.IDENTIFIED, E.COMPLETED): S.ACTED,
    (S.IDENTIFIED, E.DROPPED): S.CONTACTED,
    (S.WITH_PERSON, E.SENT): S.WITH_PERSON,
    (S.WITH_PERSON, E.PROVEN): S.WITH_PERSON,
    (S.WITH_PERSON, E.HANDED_OVER): S.WITH_PERSON,
    (S.WITH_PERSON, E.COMPLETED): S.ACTED,
    (S.WITH_PERSON, E.DROPPED): S.CONTACTED,
    (S.ACTED, E.SENT): S.ACTED,
    (S.ACTED, E.RESPONDED): S.ACTED,
    (S.ACTED, E.PROVEN): S.ACTED,
    (S.ACTED, E.HANDED_OVER): S.ACTED,
    (S.ACTED, E.DROPPED): S.ACTED,
    (S.ACTED, E.REFUSED): S.IDENTIFIED,
    (S.ACTED, E.POSTED): S.RECORDED,
    (S.RECORDED, E.RESPONDED): S.RECORDED,
    (S.RECORDED, E.PROVEN): S.RECORDED,
    (S.RECORDED, E.HANDED_OVER): S.RECORDED,
    (S.RECORDED, E.DROPPED): S.RECORDED,
}
"""All legal moves. A pair that is not here is a bug in whoever tried it."""

OPEN_STATES = frozenset({S.ENGAGED, S.IDENTIFIED, S.WITH_PERSON, S.ACTED})
"""States that count as open when the observation ends."""


def advance(state: CaseState, event: CaseEvent) -> CaseState:
    """Return the state after `event`; RuleBroken if the move is not in the table."""
    try:
        return MOVES[state, event]
    except KeyError:
        message = f"illegal move: {CaseEvent(event).name} in state {CaseState(state).name}"
        raise RuleBroken(message) from None
