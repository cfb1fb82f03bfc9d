"""Build the command that posts a visit's choice to the core."""

from __future__ import annotations

import json
from collections.abc import Iterable

from sandbox import facts
from sandbox.errors import RuleBroken
from sandbox.journey.table import CaseEvent, CaseState
from sandbox.journey.visit import Visit
from sandbox.model import Choice, record_of
from sandbox.policy.decide import Policy
from sandbox.ports import BY_HAND, AuditRow, PostCommand
from sandbox.writeback.keys import fingerprint, idempotency_key

NOTE_LEFT, NOTE_KEYED = "note_left", "note_keyed"
"""Kinds of evidence between which a note waits for a person."""

WITHHELD = "withheld"
"""The inputs of a note rebuilt after a restart whose own the trail may not hold; what a form gives is JSON."""

NOTES = {
    "customer": "by customer, in self-service",
    "agent": "by agent, on the phone",
    BY_HAND: "rekeyed",
}


def command_for(visit: Visit, source: str) -> PostCommand:
    """Return the command for the visit's choice, on the account version it was decided on.

    Each call is one decision: it takes the next decision number, so the key never depends on attempt or clock.
    """
    account, choice = visit.account, visit.choice
    if choice is None or account is None:
        message = f"no choice to post in case {visit.case_id}"
        raise RuleBroken(message)
    action, version, policy = str(choice.action), account.version, visit.desk.policy
    inputs, effect = choice.inputs, policy.effect_text(choice)
    decision = visit.desk.book.next_decision(visit.case_id)
    case_id, account_id, due = visit.case_id, account.account_id, choice.due_day_offset
    amount_minor = choice.amount_minor
    key = idempotency_key(case_id, action, str(decision))
    mark = fingerprint(action, account_id, amount_minor, due, version, inputs, effect)
    note = _note(action, source, policy.note_of(action))
    payload = action, amount_minor, due, version, note, source, inputs, effect
    return record_of(PostCommand, (key, mark, case_id, account_id, *payload))


def _note(action: str, source: str, said: str) -> str:
    """What the record says: what was done and by whom, and what the policy has to say of it."""
    return f"{action} {NOTES[source]}: {said}" if said else f"{action} {NOTES[source]}"


def note_for(visit: Visit) -> PostCommand:
    """Return the command a person will post; a choice nobody has completed yet is completed by handing it in."""
    if visit.choice is not None and visit.desk.book.state[visit.case_id] != CaseState.ACTED:
        visit.move(CaseEvent.COMPLETED)
        visit.tell(facts.ActionCompleted, (str(visit.choice.action), visit.with_agent))
    return command_for(visit, BY_HAND)


def what_is_left(note: PostCommand, policy: Policy) -> dict[str, object]:
    """Return the evidence of a note: all it takes to work on it after a restart.

    Where a customer put something sensitive into the form, the trail holds neither inputs nor effect, only which
    fields are withheld: after a restart such a note is not posted, and a person asks the customer again.
    """
    left = _bare_note(note)
    if note.inputs or note.effect:
        choice = Choice(note.action, note.amount_minor, note.due_day_offset, note.inputs)
        withheld = policy.withheld_inputs(choice)
        left |= {"withheld": withheld} if withheld else {"inputs": note.inputs, "effect": note.effect}
        left["note"] = note.note
    return left


def _bare_note(note: PostCommand) -> dict[str, object]:
    return {
        "key": note.key,
        "account_id": note.account_id,
        "action": note.action,
        "amount_minor": note.amount_minor,
        "due_day_offset": note.due_day_offset,
        "version": note.expected_version,
    }


def unkeyed_notes(rows: Iterable[AuditRow]) -> list[PostCommand]:
    """Rebuild the notes nobody has keyed yet from stored rows: what waits after a restart, the oldest first.

    A lost note looks the same from here as one that waits. A note left again takes the place of the one before. One
    whose inputs were withheld comes back with the inputs `WITHHELD`; `aftermath.rekey` hands it to a person.
    """
    waiting: dict[int, PostCommand] = {}
    for row in rows:
        if row.kind == NOTE_KEYED:
            waiting.pop(row.case_id, None)
        elif row.kind == NOTE_LEFT:
            waiting.pop(row.case_id, None)
            waiting[row.case_id] = _note_of(row)
    return list(waiting.values())


def _note_of(row: AuditRow) -> PostCommand:
    left = json.loads(row.body)
    action, account_id, version = left["action"], left["account_id"], left["version"]
    amount_minor, due = left["amount_minor"], left["due_day_offset"]
    inputs = WITHHELD if left.get("withheld") else left.get("inputs", "")
    effect = left.get("effect", "")
    return PostCommand(
        left["key"],
        fingerprint(action, account_id, amount_minor, due, version, inputs, effect),
        row.case_id,
        account_id,
        action,
        amount_minor,
        due,
        version,
        left.get("note", f"{action} {NOTES[BY_HAND]}"),
        BY_HAND,
        inputs,
        effect,
    )


def on_version(command: PostCommand, version: int, decision: int) -> PostCommand:
    """Return the command as a decision of its own, taken on an account version: new key, new fingerprint."""
    return command._replace(
        key=idempotency_key(command.case_id, command.action, str(decision)),
        fingerprint=fingerprint(
            command.action,
            command.account_id,
            command.amount_minor,
            command.due_day_offset,
            version,
            command.inputs,
            command.effect,
        ),
        expected_version=version,
    )
