"""The core's own business rules, pure: what it refuses, and what an accepted command changes.

They are deliberately few. Policy decides what a customer may do; a core only protects its books.
"""

from __future__ import annotations

from fake_core.effects import ledger_kind, read_effect, written_details
from sandbox.model import LEDGER_ACTIONS, AccountFacts, AccountStatus, LedgerEffect, record_of
from sandbox.ports import PostCommand

_CLOSED = AccountStatus.CLOSED.value
_PAYMENT, _PROMISE, _DISPUTE, _CHANGE = (
    kind.value
    for kind in (LedgerEffect.PAYMENT, LedgerEffect.PROMISE, LedgerEffect.DISPUTE, LedgerEffect.CHANGE)
)


def refusal(facts: AccountFacts, command: PostCommand, looks_back: bool) -> str:
    """Return why the core refuses a command, or an empty string.

    Args:
        facts: the account as it stands.
        command: what is asked.
        looks_back: whether the core regards what it has recorded before.
    """
    if facts.status == _CLOSED:
        return "account_closed"
    if looks_back and facts.complete:
        return "already_complete"
    kind = ledger_kind(command)
    if kind == _PAYMENT:
        return _payment_refusal(facts, command, looks_back)
    if kind == _PROMISE:
        return "" if command.amount_minor > 0 else "invalid_amount"
    if kind == _DISPUTE:
        return "already_disputed" if looks_back and facts.disputed else ""
    return "" if kind == _CHANGE else "invalid_effect" if command.effect else "unknown_action"


def _payment_refusal(facts: AccountFacts, command: PostCommand, looks_back: bool) -> str:
    if not facts.payment_method_ok:
        return "declined"
    if command.amount_minor <= 0:
        return "invalid_amount"
    # A core that does not look back takes the same money twice, even below zero: that is the harm it shows.
    return "amount_above_balance" if looks_back and command.amount_minor > facts.balance_minor else ""


def change(facts: AccountFacts, command: PostCommand) -> tuple[AccountFacts, str, str]:
    """Return an account after an accepted command, the status its record gets, and what was done in the ledger."""
    number, state, band, balance, overdue, broken, frail, disputed, method, version, complete, details = facts
    effect = read_effect(command.effect) if command.effect else None
    if effect is None:
        kind, status = LEDGER_ACTIONS[command.action]
        complete = True
    else:
        kind, status = effect.kind, effect.status
        complete = complete or effect.completes
        details = written_details(details, effect)
    if kind == _PAYMENT:
        paid = command.amount_minor
        balance -= paid
        overdue = overdue - paid if overdue > paid else 0
    elif kind == _DISPUTE:
        # A recorded dispute completes the case too: what is owed is a person's question now, messages must stop.
        disputed = True
    version += 1
    after = record_of(
        AccountFacts,
        (number, state, band, balance, overdue, broken, frail, disputed, method, version, complete, details),
    )
    return after, status, kind
