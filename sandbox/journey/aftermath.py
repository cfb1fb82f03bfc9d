"""What becomes of a posting once the visit it came from is over: settled from the outbox, or rekeyed by a person.

A customer who was told "we will confirm this shortly" is told how it ended, well or badly; a refusal that ends
self-service goes to a person with what the trail knows.
"""

from __future__ import annotations

import json
from collections.abc import Generator, Iterable

from sandbox import facts
from sandbox.bundle import MISSING_DATA, REFUSAL_TRIGGERS
from sandbox.effects import Answer, Effect, Send
from sandbox.journey.posting import WITHHELD, on_version
from sandbox.journey.table import CaseEvent, CaseState
from sandbox.journey.visit import Desk
from sandbox.model import Channel
from sandbox.ports import BY_HAND, AuditRow, Message, OutboxRow, PostCommand
from sandbox.writeback.desk import PostingFlow, PostingResult, PostingState
from sandbox.writeback.handover import hand_over_later
from sandbox.writeback.workflow import post, settle

RECORDED_TEXT = "Thank you. We have recorded this."
NOT_RECORDED_TEXT = (
    "We could not complete what you asked for. Nothing was taken and nothing has changed. "
    "Please choose again from our message, or call us."
)

_TOLD_BEFORE = frozenset({"duplicate", "in_hand"})
"""Reasons of a result that somebody else has heard, and told, already."""


def conclude(row: OutboxRow, desk: Desk) -> PostingFlow:
    """Settle an unfinished intent, move its case on and tell the customer how it ended."""
    result = yield from settle(row, desk.writeback)
    yield from _ended(row.command, result, desk)
    return result


def rekey(command: PostCommand, desk: Desk, at_ms: int) -> PostingFlow:
    """Post a back-office note; the person rekeys on the account as it is now, at `at_ms`.

    What cannot be posted is handed over as missing data: an account the core does not know, and a note whose
    sensitive inputs were lost in a restart, of which the core must not hear half.
    """
    case_id = command.case_id
    if command.inputs == WITHHELD:
        hand_over_later(desk.writeback, case_id, at_ms, MISSING_DATA, "inputs_withheld")
        return PostingResult(PostingState.REFUSED, None, 0, "inputs_withheld", at_ms)
    try:
        version = desk.core.read_account(command.account_id).version
    except KeyError:
        hand_over_later(desk.writeback, case_id, at_ms, MISSING_DATA, "unknown_account")
        return PostingResult(PostingState.REFUSED, None, 0, "unknown_account", at_ms)
    if version != command.expected_version:
        command = on_version(command, version, desk.book.next_decision(case_id))
    result = yield from post(command, desk.writeback)
    yield from _ended(command, result, desk)
    return result


def _ended(command: PostCommand, result: PostingResult, desk: Desk) -> Generator[Effect, Answer, None]:
    """A posting outside a visit ended, unless it is queued: move the case, tell whoever has to know."""
    if result.state is PostingState.QUEUED:
        return
    case_id, recorded = command.case_id, result.state is PostingState.RECORDED
    if result.state is PostingState.STALE:
        desk.emit(facts.PostingRefused(case_id, result.at_ms, "account_changed"))
    desk.link_uses.settled(case_id, recorded=recorded)
    book = desk.book
    if book.state[case_id] == CaseState.ACTED:
        book.move(case_id, CaseEvent.POSTED if recorded else CaseEvent.REFUSED)
        if not recorded and not book.visiting[case_id]:  # who is visiting may choose again
            book.move(case_id, CaseEvent.DROPPED)
    trigger = REFUSAL_TRIGGERS.get(result.reason)
    if trigger is not None:
        hand_over_later(desk.writeback, case_id, result.at_ms, trigger, result.reason)
    # What a person rekeys was agreed on the phone and needs no word more, unless it came to nothing.
    if result.reason not in _TOLD_BEFORE and (command.source != BY_HAND or trigger is not None):
        yield from tell_outcome(desk, case_id, result.at_ms, recorded)


def tell_outcome(desk: Desk, case_id: int, at_ms: int, recorded: bool) -> Generator[Effect, Answer, None]:
    """Tell the customer how a posting ended; durable once it was sent, so that a restart does not tell it again.

    A crash just after the message is the one case in which they hear it twice: better than never.
    """
    desk.emit(facts.ServiceMessageSent(case_id, at_ms, "outcome"))
    desk.record(case_id, at_ms, "outcome_told", {"recorded": recorded})
    message = Message(case_id, 0, Channel.SMS, "outcome", case_id)
    yield Send(message, RECORDED_TEXT if recorded else NOT_RECORDED_TEXT)
    desk.writeback.store.commit()


def untold(rows: Iterable[AuditRow]) -> list[tuple[int, bool]]:
    """Rebuild from stored rows who was promised a confirmation and not told how it ended: (case, recorded).

    After a restart they are told with `tell_outcome`. What a person rekeyed was agreed on the phone: nobody waits.
    """
    waiting: dict[int, bool | None] = {}
    for row in rows:
        if row.kind == "posting_queued":
            waiting[row.case_id] = None
        elif row.kind == "outcome_told" or (row.kind == "posting_recorded" and _by_hand(row)):
            waiting.pop(row.case_id, None)
        elif row.kind in _ENDS and row.case_id in waiting:
            waiting[row.case_id] = row.kind == "posting_recorded"
    return [(case_id, recorded) for case_id, recorded in waiting.items() if recorded is not None]


_ENDS = frozenset({"posting_recorded", "posting_refused", "posting_stale"})


def _by_hand(row: AuditRow) -> bool:
    return bool(json.loads(row.body)["source"] == BY_HAND)
