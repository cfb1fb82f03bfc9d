"""Build the command that posts a visit's choice to the core."""

from __future__ import annotations

from sandbox.errors import RuleBroken
from sandbox.journey.visit import Visit
from sandbox.ports import BY_HAND, PostCommand
from sandbox.writeback.keys import fingerprint, idempotency_key

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
    action, version = str(choice.action), account.version
    decision = visit.desk.book.next_decision(visit.case_id)
    return PostCommand(
        idempotency_key(visit.case_id, action, str(decision)),
        fingerprint(action, account.account_id, choice.amount_minor, choice.due_day_offset, version),
        visit.case_id,
        account.account_id,
        action,
        choice.amount_minor,
        choice.due_day_offset,
        version,
        f"{action} {NOTES[source]}",
        source,
    )


def on_version(command: PostCommand, version: int, decision: int) -> PostCommand:
    """Return the command as a decision of its own, taken on an account version: new key, new fingerprint."""
    return command._replace(
        key=idempotency_key(command.case_id, command.action, str(decision)),
        fingerprint=fingerprint(
            command.action, command.account_id, command.amount_minor, command.due_day_offset, version
        ),
        expected_version=version,
    )
