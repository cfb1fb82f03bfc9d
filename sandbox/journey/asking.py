"""A customer calls to ask what became of what was agreed: the demand a back office makes by failing."""

from __future__ import annotations

from typing import Final

from sandbox import facts
from sandbox.effects import Wait
from sandbox.journey.steps.base import Walk
from sandbox.journey.steps.call_queue import CallQueue
from sandbox.journey.table import CaseState
from sandbox.journey.visit import Visit

INTENT: Final = "chase"
"""Why they call, as the lines know it; talk time depends on it."""

LATE: Final = "late"
REDO: Final = "redo"

_LINES = CallQueue(id="ask_after")


def ask_after(visit: Visit, cause: str) -> Walk:
    """Call the lines, in the same queue as everybody, and ask.

    Args:
        visit: whose call this is, with what was agreed.
        cause: "late", or why the item came to nothing.

    Returns:
        "abandoned", "told" that it is on its way, or "redo": the agent finds that nothing is, and leaves a new note.
    """
    visit.tell(facts.FailureDemand, (cause,))
    visit.evidence("asked_after", cause=cause)
    visit.intent = INTENT
    outcome = yield from _LINES.run(visit)
    if outcome != "done" or visit.call is None:
        return outcome
    visit.hear((yield Wait(visit.call.talk_ms)))
    still_open = visit.desk.book.state[visit.case_id] == CaseState.ACTED
    return REDO if still_open and cause != LATE else "told"
