"""Posting without idempotency, the way a plain integration does it: what `workflow.post` is there to prevent.

Every submission is a call of its own: a new key, no precondition, no intent in the outbox, no question by key
afterwards. Nobody may repeat such a call for the customer, so nobody does; whoever sees an error submits again or
leaves it at that. A lost answer and a second submission are two effects in the core; a lost request and none are a
miss. This is no second path for a posting: a design has to ask for it, to show what it costs.
"""

from __future__ import annotations

from collections.abc import Callable

from sandbox.effects import Ask, PostToCore
from sandbox.facts import PostingRefused, PostingTried, Recorded
from sandbox.ports import AT_FACE_VALUE, CoreOutcome, CoreReply, PostCommand
from sandbox.writeback.desk import PostingFlow, PostingResult, PostingState, WritebackDesk

SUBMISSIONS_MAX = 3
"""Times one outcome is submitted before whoever does it gives up; as many as an action page takes."""


def post_blindly(
    decide: Callable[[], PostCommand], desk: WritebackDesk, submits_again_rate: float
) -> PostingFlow:
    """Post an outcome, each submission under a new key and at face value.

    Args:
        decide: makes the next command; each is a decision of its own, with its own key.
        desk: store, trail and listeners; breaker, backoff and outbox are not used.
        submits_again_rate: share who submit again after an error or no answer, 0..1.

    Returns:
        A PostingResult: RECORDED when the core said so, REFUSED, or LOST when nobody knows and nobody tries again.
    """
    at_ms = 0
    for attempt in range(1, SUBMISSIONS_MAX + 1):
        command = decide()._replace(expected_version=AT_FACE_VALUE)
        answer = yield PostToCore(command)
        reply: CoreReply = answer.value
        at_ms = answer.at_ms
        desk.facts.emit(PostingTried(command.case_id, at_ms, attempt, reply.outcome.value))
        if reply.receipt is not None:
            return _recorded(command, desk, reply, attempt, at_ms)
        if reply.outcome is CoreOutcome.REFUSED:
            return _refused(command, desk, reply.reason, attempt, at_ms)
        if attempt < SUBMISSIONS_MAX:
            again = yield Ask("submit_again", submits_again_rate, attempt)
            at_ms = again.at_ms
            if not again.value:
                return PostingResult(PostingState.LOST, None, attempt, "left", at_ms)
    return PostingResult(PostingState.LOST, None, SUBMISSIONS_MAX, "tries_used_up", at_ms)


def _recorded(
    command: PostCommand, desk: WritebackDesk, reply: CoreReply, attempt: int, at_ms: int
) -> PostingResult:
    _note(command, desk, "posting_recorded", attempt, at_ms)
    desk.facts.emit(Recorded(command.case_id, at_ms, command.action, command.amount_minor, attempt, False))
    return PostingResult(PostingState.RECORDED, reply.receipt, attempt, "", at_ms)


def _refused(
    command: PostCommand, desk: WritebackDesk, reason: str, attempt: int, at_ms: int
) -> PostingResult:
    _note(command, desk, "posting_refused", attempt, at_ms)
    desk.facts.emit(PostingRefused(command.case_id, at_ms, reason))
    return PostingResult(PostingState.REFUSED, None, attempt, reason, at_ms)


def _note(command: PostCommand, desk: WritebackDesk, kind: str, attempt: int, at_ms: int) -> None:
    evidence: dict[str, object] = {"key": command.key, "attempts": attempt, "idempotent": False}
    desk.audit.record(command.case_id, at_ms, kind, evidence)
    desk.store.commit()
