"""The core's own business rules, pure: what it refuses, and what an accepted command changes.

They are deliberately few. Policy decides what a customer may do; a core only protects its books.
"""

from __future__ import annotations

from typing import NamedTuple

from fake_core.effects import ledger_kind, read_effect, written_details
from sandbox.model import LEDGER_ACTIONS, AccountFacts, AccountStatus, LedgerEffect, record_of
from sandbox.ports import PostCommand


class Change(NamedTuple):
    """An account after an accepted command, the status its record gets, and what was done in the ledger."""

    balance_minor: int
    overdue_minor: int
    disputed: bool
    complete: bool
    status: str
    details: str
    kind: str


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
    kind = ledger_kind(command)
    if kind == LedgerEffect.PAYMENT:
        return _payment_refusal(facts, command, looks_back)
    if kind == LedgerEffect.PROMISE:
        return "" if command.amount_minor > 0 else "invalid_amount"
    if kind == LedgerEffect.DISPUTE:
        return "already_disputed" if looks_back and facts.disputed else ""
    return "" if kind == LedgerEffect.CHANGE else "invalid_effect" if command.effect else "unknown_action"


def _payment_refusal(facts: AccountFacts, command: PostCommand, looks_back: bool) -> str:
    if not facts.payment_method_ok:
        return "declined"
    if command.amount_minor <= 0:
        return "invalid_amount"
    # A core that does not look back takes the same money twice, even below zero: that is the harm it shows.
    return "amount_above_balance" if looks_back and command.amount_minor > facts.balance_minor else ""


def change(facts: AccountFacts, command: PostCommand) -> Change:
    """Return what an accepted command makes of an account."""
    effect = read_effect(command.effect) if command.effect else None
    if effect is None:
        kind, status = LEDGER_ACTIONS[command.action]
        completes, details = True, facts.details
    else:
        kind, status, completes = effect.kind, effect.status, effect.completes
        details = written_details(facts.details, effect)
    balance, overdue, complete = facts.balance_minor, facts.overdue_minor, facts.complete or completes
    if kind == LedgerEffect.PAYMENT:
        paid = command.amount_minor
        left = balance - paid, max(overdue - paid, 0)
        return record_of(Change, (*left, facts.disputed, complete, status, details, kind))
    # A recorded dispute completes the case too: what is owed is a person's question now, messages must stop.
    disputed = facts.disputed or kind == LedgerEffect.DISPUTE
    return record_of(Change, (balance, overdue, disputed, complete, status, details, kind))
