"""Posting one decision to the core so that it takes effect at most once, and is never lost.

    intent committed ──▶ call ──▶ answer known   ──▶ result + audit row committed ──▶ fact
          │               ▲            │
          │             wait      answer unknown ──▶ noted, tried again with the SAME key
          │               └────────────┘                      │ tries used up, or breaker open
          └──────────── crash ────────────────▶ the outbox row waits for `settle`

A posting whose outcome is unknown is never called failed: it stays in the outbox until the core, asked by
key, says what became of it. A row belongs to whoever wrote it until its `next_try_at_ms` (its lease). Only a
sweep takes it after that, and a worker who outlived its lease looks whether that happened before it writes:
no key is finished twice.

Facts are emitted after the commit they report. If the process dies between the two, the audit trail has the
record.
"""

from __future__ import annotations

from sandbox.bundle import CORE_UNAVAILABLE
from sandbox.effects import Answer, PostToCore, ReadByKey, Wait
from sandbox.errors import RuleBroken
from sandbox.evidence import CanonicalEvidence, quoted
from sandbox.facts import PostingQueued, PostingRefused, PostingTried, Recorded
from sandbox.model import record_of
from sandbox.ports import (
    BY_HAND,
    WINDOW_CLOSED,
    CoreOutcome,
    CoreReply,
    OutboxRow,
    OutboxState,
    PostCommand,
    Receipt,
)
from sandbox.writeback.breaker import answered
from sandbox.writeback.desk import NEVER_DUE_MS, PostingFlow, PostingResult, PostingState, WritebackDesk
from sandbox.writeback.handover import hand_over_later

_TELL_TIME = Wait(0)
_SAID = {outcome: outcome.value for outcome in CoreOutcome}
_PENDING, _DONE = OutboxState.PENDING, OutboxState.DONE  # a member asked of its class costs ten times a name
_RECORDED = PostingState.RECORDED
_SUCCESSES = frozenset({CoreOutcome.APPLIED, CoreOutcome.REPLAYED})
_REFUSALS = frozenset({CoreOutcome.REFUSED, CoreOutcome.KEY_REUSED})


def post(command: PostCommand, desk: WritebackDesk, link: str = "") -> PostingFlow:
    """Post one decision, retrying unknown outcomes with the same key.

    Submitting the same command again is safe at any time: what is recorded is answered from the record, what
    is under way or in the outbox is left to whoever has it.

    Args:
        command: the change; its key and fingerprint come from `sandbox.writeback.keys`.
        desk: see WritebackDesk.
        link: see OutboxRow; durable with the intent, so that a restart does not forget that the link has acted.

    Returns:
        A PostingResult. On STALE the caller reads the account again, decides again and posts under a new key.
    """
    at_ms = (yield _TELL_TIME).at_ms
    due_ms = at_ms + desk.outbox_retry_ms
    row = record_of(OutboxRow, (command, _PENDING, 0, at_ms, due_ms, link))
    if not desk.store.add_intent(row):
        return (yield from _post_again(command, desk, at_ms))
    desk.store.commit()
    for attempt in range(1, desk.backoff.tries_max + 1):
        if _taken_over(row, desk, at_ms):
            return PostingResult(PostingState.QUEUED, None, attempt - 1, "in_hand", at_ms)
        if not desk.breaker.allow(at_ms):
            return _queue(row, desk, attempt - 1, "breaker_open", at_ms)
        answer = yield record_of(PostToCore, (command,))
        at_ms = answer.at_ms
        result = _hear(row, desk, answer, attempt)
        if result is not None:
            return result
        if answer.value.reason == WINDOW_CLOSED:  # no backoff outlasts a batch window
            return _queue(row, desk, attempt, WINDOW_CLOSED, at_ms)
        if attempt < desk.backoff.tries_max:
            reason: str = answer.value.outcome.value
            row = _keep(row, desk, attempt, reason, at_ms)
            delay_ms = desk.backoff.delay_ms(attempt, desk.jitter(command.key, attempt))
            at_ms = (yield Wait(delay_ms)).at_ms
    return _queue(row, desk, desk.backoff.tries_max, "tries_used_up", at_ms)


def settle(row: OutboxRow, desk: WritebackDesk) -> PostingFlow:
    """Find out what became of an unfinished intent, and post it again if the core never saw it.

    For every row of `CaseStore.due_intents`, on a timer and after a restart. At most one read and one post
    per run; the next run is `outbox_retry_ms` later, and after `outbox_give_up_ms` the intent is left to a
    person (reason "gave_up"), still unknown.

    Args:
        row: a due outbox row; a row that was finished or taken meanwhile is left alone.
        desk: see WritebackDesk.

    Returns:
        A PostingResult; QUEUED with reason "gave_up" or "key_expired" means that no sweep takes the intent any more:
        an exception has been raised for a person.

    Raises:
        RuleBroken: the intent is not in the store.
    """
    at_ms = (yield _TELL_TIME).at_ms
    current = _stored(row.command.key, desk)
    if current.state in _ENDINGS:
        return _ended_before(current, at_ms)
    if current.next_try_at_ms > at_ms:
        return PostingResult(PostingState.QUEUED, None, current.attempts, "in_hand", at_ms)
    claimed = current._replace(next_try_at_ms=at_ms + desk.outbox_retry_ms)
    desk.store.update_intent(row.command.key, current.state, current.attempts, claimed.next_try_at_ms)
    desk.store.commit()

    reason = "breaker_open"
    attempt = current.attempts
    for effect in (ReadByKey(current.command.key), PostToCore(current.command)):
        if not desk.breaker.allow(at_ms):
            break
        answer = yield effect
        at_ms = answer.at_ms
        attempt += 1
        result = _hear(claimed, desk, answer, attempt)
        if result is not None:
            return result
        reason = answer.value.outcome.value
        if answer.value.outcome is not CoreOutcome.NOT_FOUND:
            break
    return _postpone(claimed, desk, attempt, reason, at_ms)


# What is already known of a key, and whose it is ------------------------------------------------------------

_ENDINGS = {OutboxState.DONE: PostingState.RECORDED, OutboxState.REFUSED: PostingState.REFUSED}


def _stored(key: str, desk: WritebackDesk) -> OutboxRow:
    row = desk.store.intent(key)
    if row is None:
        raise RuleBroken(f"writeback: intent {key} is not in the store")
    return row


def _taken_over(row: OutboxRow, desk: WritebackDesk, at_ms: int) -> bool:
    """Whether our lease ran out and a sweep has taken the row; within the lease nobody else may touch it."""
    if at_ms < row.next_try_at_ms:
        return False
    return _stored(row.command.key, desk).next_try_at_ms != row.next_try_at_ms


def _ended_before(row: OutboxRow, at_ms: int) -> PostingResult:
    return PostingResult(_ENDINGS[row.state], None, row.attempts, "duplicate", at_ms)


def _post_again(command: PostCommand, desk: WritebackDesk, at_ms: int) -> PostingFlow:
    """Answer a repeated submission without a second effect and without a second fact."""
    row = _stored(command.key, desk)
    if row.command.fingerprint != command.fingerprint:
        evidence: dict[str, object] = {
            "key": command.key,
            "fingerprint": command.fingerprint,
            "reason": "key_reused",
        }
        desk.audit.record(command.case_id, at_ms, "posting_refused", evidence)
        desk.store.commit()
        desk.facts.emit(PostingRefused(command.case_id, at_ms, "key_reused"))
        return PostingResult(PostingState.REFUSED, None, row.attempts, "key_reused", at_ms)
    if row.state is OutboxState.REFUSED:
        return _ended_before(row, at_ms)
    if row.state is not OutboxState.DONE:
        return PostingResult(PostingState.QUEUED, None, row.attempts, "in_hand", at_ms)
    if not desk.breaker.allow(at_ms):
        return _ended_before(row, at_ms)
    answer = yield ReadByKey(command.key)
    reply: CoreReply = answer.value
    desk.breaker.record(answer.at_ms, answered(reply))
    result = _ended_before(row, answer.at_ms)
    return result._replace(receipt=reply.receipt) if _is_ours(reply, command) else result


# One answer of the core -------------------------------------------------------------------------------------


def _is_ours(reply: CoreReply, command: PostCommand) -> bool:
    """A success counts only if its receipt echoes our key and payload, not another request's."""
    receipt = reply.receipt
    return (
        reply.outcome in _SUCCESSES
        and receipt is not None
        and receipt.key == command.key
        and receipt.fingerprint == command.fingerprint
    )


def _hear(row: OutboxRow, desk: WritebackDesk, answer: Answer, attempt: int) -> PostingResult | None:
    """Take in one answer; None means that the truth is not known yet."""
    reply: CoreReply = answer.value
    at_ms = answer.at_ms
    command = row.command
    desk.breaker.record(at_ms, answered(reply))
    desk.facts.emit(record_of(PostingTried, (command.case_id, at_ms, attempt, _SAID[reply.outcome])))
    ours = _is_ours(reply, command)
    if _taken_over(row, desk, at_ms):
        state = PostingState.RECORDED if ours else PostingState.QUEUED
        return PostingResult(state, reply.receipt if ours else None, attempt, "in_hand", at_ms)
    if ours:
        return _record(row, desk, reply, attempt, at_ms)
    outcome = reply.outcome
    if outcome in _REFUSALS:
        return _refuse(row, desk, attempt, reply.reason or outcome.value, at_ms)
    if outcome is CoreOutcome.STALE:
        return _end_stale(row, desk, attempt, reply.version, at_ms)
    if outcome is CoreOutcome.KEY_EXPIRED:
        # Applied once, but the core no longer says how: only a person can tell, so it is not "failed".
        return _leave_to_person(row, desk, attempt, outcome.value, at_ms)
    return None


def _record(row: OutboxRow, desk: WritebackDesk, reply: CoreReply, attempt: int, at_ms: int) -> PostingResult:
    command, receipt = row.command, reply.receipt
    if receipt is None:
        raise RuleBroken(f"writeback: success without receipt for {command.key}")
    desk.store.update_intent(command.key, _DONE, attempt, NEVER_DUE_MS)
    evidence = recorded_evidence(command, receipt, attempt)
    desk.audit.record(command.case_id, at_ms, "posting_recorded", evidence)
    desk.store.commit()
    manual = command.source == BY_HAND
    done = command.action, command.amount_minor, attempt, manual, command.due_day_offset
    desk.facts.emit(record_of(Recorded, (command.case_id, at_ms, *done)))
    return record_of(PostingResult, (_RECORDED, receipt, attempt, "", at_ms))


def recorded_evidence(command: PostCommand, receipt: Receipt, attempts: int) -> CanonicalEvidence:
    """Return what the trail says of an outcome that stands in the core, spelt out (see `evidence.quoted`)."""
    text = (
        f'{{"action":{quoted(command.action)},"amount_minor":{command.amount_minor:d},"attempts":{attempts:d},'
        f'"due_day_offset":{command.due_day_offset:d},"fingerprint":{quoted(command.fingerprint)},'
        f'"key":{quoted(command.key)},"posted_at_ms":{receipt.posted_at_ms:d},"posting_id":{receipt.posting_id:d},'
        f'"source":{quoted(command.source)},"status":{quoted(receipt.status)},"version":{receipt.version:d}}}'
    )
    return record_of(CanonicalEvidence, (text,))


def _refuse(row: OutboxRow, desk: WritebackDesk, attempt: int, reason: str, at_ms: int) -> PostingResult:
    _note(row, desk, OutboxState.REFUSED, attempt, NEVER_DUE_MS, ("posting_refused", reason, at_ms))
    desk.facts.emit(PostingRefused(row.command.case_id, at_ms, reason))
    return PostingResult(PostingState.REFUSED, None, attempt, reason, at_ms)


def _end_stale(row: OutboxRow, desk: WritebackDesk, attempt: int, version: int, at_ms: int) -> PostingResult:
    reason = f"version {version}, decided on {row.command.expected_version}"
    _note(row, desk, OutboxState.REFUSED, attempt, NEVER_DUE_MS, ("posting_stale", reason, at_ms))
    return PostingResult(PostingState.STALE, None, attempt, reason, at_ms)


# Not known yet ----------------------------------------------------------------------------------------------


def _keep(row: OutboxRow, desk: WritebackDesk, attempt: int, reason: str, at_ms: int) -> OutboxRow:
    """Note an unknown outcome between two tries and renew the lease."""
    due_ms = at_ms + desk.outbox_retry_ms
    _note(row, desk, OutboxState.UNKNOWN, attempt, due_ms, ("posting_unknown", reason, at_ms))
    return row._replace(state=OutboxState.UNKNOWN, attempts=attempt, next_try_at_ms=due_ms)


def _queue(row: OutboxRow, desk: WritebackDesk, attempts: int, reason: str, at_ms: int) -> PostingResult:
    """Hand the intent to the outbox."""
    state = OutboxState.UNKNOWN if attempts else OutboxState.PENDING
    due_ms = at_ms + desk.outbox_retry_ms
    _note(row, desk, state, attempts, due_ms, ("posting_queued", reason, at_ms))
    desk.facts.emit(PostingQueued(row.command.case_id, at_ms))
    return PostingResult(PostingState.QUEUED, None, attempts, reason, at_ms)


def _postpone(row: OutboxRow, desk: WritebackDesk, attempts: int, reason: str, at_ms: int) -> PostingResult:
    """Leave the intent in the outbox for the next sweep, or for a person once it is too old."""
    if at_ms - row.created_at_ms >= desk.outbox_give_up_ms:
        return _leave_to_person(row, desk, attempts, "gave_up", at_ms)
    state = OutboxState.UNKNOWN if attempts else OutboxState.PENDING
    due_ms = at_ms + desk.outbox_retry_ms
    _note(row, desk, state, attempts, due_ms, ("posting_unsettled", reason, at_ms))
    return PostingResult(PostingState.QUEUED, None, attempts, reason, at_ms)


def _leave_to_person(
    row: OutboxRow, desk: WritebackDesk, attempts: int, reason: str, at_ms: int
) -> PostingResult:
    _note(row, desk, OutboxState.UNKNOWN, attempts, NEVER_DUE_MS, ("posting_given_up", reason, at_ms))
    hand_over_later(desk, row.command.case_id, at_ms, CORE_UNAVAILABLE, reason)
    return PostingResult(PostingState.QUEUED, None, attempts, reason, at_ms)


# Durable notes ----------------------------------------------------------------------------------------------


def _note(
    row: OutboxRow,
    desk: WritebackDesk,
    state: OutboxState,
    attempts: int,
    due_ms: int,
    what: tuple[str, str, int],
) -> None:
    """Commit an intent's new state together with its audit row, given as (kind, reason, at_ms)."""
    kind, reason, at_ms = what
    command = row.command
    desk.store.update_intent(command.key, state, attempts, due_ms)
    evidence: dict[str, object] = {"key": command.key, "attempts": attempts, "reason": reason}
    desk.audit.record(command.case_id, at_ms, kind, evidence)
    desk.store.commit()
