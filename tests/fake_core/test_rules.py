"""The core's own business rules, at every boundary."""

from __future__ import annotations

import pytest

from fake_core.rules import change, refusal
from sandbox.model import AccountFacts
from sandbox.ports import PostCommand

OPEN = AccountFacts(1, "open", "1m", 9_000, 900, 0, False, False, True, 1, False)
PAY = PostCommand("k", "f", 1, 1, "pay_now", 100, 0, 1, "", "customer")
PROMISE = PAY._replace(action="promise_to_pay")
DISPUTE = PAY._replace(action="dispute", amount_minor=0)


@pytest.mark.parametrize(
    ("facts", "command", "reason"),
    [
        (OPEN, PAY, ""),
        (OPEN, PROMISE, ""),
        (OPEN, DISPUTE, ""),
        (OPEN._replace(status="closed"), PAY, "account_closed"),
        (OPEN._replace(complete=True), DISPUTE, "already_complete"),
        (OPEN._replace(payment_method_ok=False), PAY, "declined"),
        (OPEN._replace(payment_method_ok=False), PROMISE, ""),
        (OPEN, PAY._replace(amount_minor=0), "invalid_amount"),
        (OPEN, PAY._replace(amount_minor=9_000), ""),
        (OPEN, PAY._replace(amount_minor=9_001), "amount_above_balance"),
        (OPEN, PROMISE._replace(amount_minor=0), "invalid_amount"),
        (OPEN._replace(disputed=True), DISPUTE, "already_disputed"),
        (OPEN._replace(disputed=True), PAY, ""),
        (OPEN, PAY._replace(action="write_off"), "unknown_action"),
    ],
)
def test_refusals(facts: AccountFacts, command: PostCommand, reason: str) -> None:
    """Each rule refuses with its reason, and its neighbour across the boundary passes."""
    assert refusal(facts, command, looks_back=True) == reason


@pytest.mark.parametrize(
    ("facts", "command"),
    [
        (OPEN._replace(complete=True), PAY),
        (OPEN._replace(disputed=True), DISPUTE),
        (OPEN, PAY._replace(amount_minor=9_001)),
    ],
)
def test_a_core_that_does_not_look_back_accepts_repetitions(
    facts: AccountFacts, command: PostCommand
) -> None:
    """Without looking back, what was recorded before refuses nothing."""
    assert refusal(facts, command, looks_back=False) == ""


def test_a_payment_never_makes_overdue_negative() -> None:
    """Paying more than is overdue clears the overdue amount and lowers the balance by the whole payment."""
    after, status, kind = change(OPEN, PAY._replace(amount_minor=1_000))
    assert after == OPEN._replace(balance_minor=8_000, overdue_minor=0, complete=True, version=2)
    assert (status, kind) == ("paid", "payment")


def test_a_dispute_completes_the_case_and_moves_no_money() -> None:
    """A recorded dispute marks the account and ends the outreach; what is owed stays as it is."""
    after, status, kind = change(OPEN, DISPUTE)
    assert after == OPEN._replace(disputed=True, complete=True, version=2)
    assert (status, kind) == ("disputed", "dispute")
