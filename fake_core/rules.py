"""The core's own business rules, pure: what it refuses, and what an accepted command changes.

They are deliberately few. Policy decides what a customer may do; a core only protects its books.
"""

from __future__ import annotations

from typing import NamedTuple

from sandbox.model import AccountFacts, AccountStatus, Action
from sandbox.ports import PostCommand


class Change(NamedTuple):
    """An account after an accepted command, and the status its record gets."""

    balance_minor: int
    overdue_minor: int
    disputed: bool
    complete: bool
    status: str


def refusal(facts: AccountFacts, command: PostCommand, looks_back: bool) -> str:
    """Return why the core refuses a command, or an empty string.

    Args:
        facts: the account as it stands.
        command: what is asked.
        looks_back: whether the core regards what it has recorded before.
    """
    if facts.status == AccountStatus.CLOSED:
        return "account_closed"
    if looks_back and facts.complete:
        return "already_complete"
    if command.action == Action.PAY_NOW:
        return _payment_refusal(facts, command, looks_back)
    if command.action == Action.PROMISE_TO_PAY:
        return "" if command.amount_minor > 0 else "invalid_amount"
    if command.action == Action.DISPUTE:
        return "already_disputed" if looks_back and facts.disputed else ""
    return "unknown_action"


def _payment_refusal(facts: AccountFacts, command: PostCommand, looks_back: bool) -> str:
    if not facts.payment_method_ok:
        return "declined"
    if command.amount_minor <= 0:
        return "invalid_amount"
    # A core that does not look back takes the same money twice, even below zero: that is the harm it shows.
    return "amount_above_balance" if looks_back and command.amount_minor > facts.balance_minor else ""


def change(facts: AccountFacts, command: PostCommand) -> Change:
    """Return what an accepted command makes of an account."""
    balance, overdue = facts.balance_minor, facts.overdue_minor
    if command.action == Action.PAY_NOW:
        paid = command.amount_minor
        return Change(balance - paid, max(overdue - paid, 0), facts.disputed, True, "paid")
    if command.action == Action.PROMISE_TO_PAY:
        return Change(balance, overdue, facts.disputed, True, "promised")
    # A recorded dispute completes the case too: what is owed is a person's question now, messages must stop.
    return Change(balance, overdue, True, True, "disputed")
