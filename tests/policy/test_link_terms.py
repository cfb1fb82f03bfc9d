"""What a link is signed for: which payments it covers, and what is left of an offer under it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from pydantic import ValidationError

from sandbox.model import AccountFacts, AssuranceLevel, Choice
from sandbox.policy.compile import compile_policy
from sandbox.policy.decide import Policy
from sandbox.policy.document import PolicyDocument
from sandbox.policy.link_terms import LINK_RULE, NOT_IN_LINK, WRONG_TERMS, LinkTerms

DUE = 40_000


def bound(policy: Policy) -> LinkTerms:
    """The link terms of a policy that has some."""
    assert policy.link_terms is not None
    return policy.link_terms


@pytest.fixture
def exact(policy: Policy) -> Policy:
    """The shipped collections policy, its links good for the whole amount alone."""
    return replace(policy, link_terms=replace(bound(policy), exactly=True))


def written(document: dict[str, Any], **terms: str) -> Policy:
    """The small policy with link terms."""
    return compile_policy(PolicyDocument.model_validate({**document, "link_terms": terms}))


@pytest.mark.parametrize(("amount", "said"), [(1, ""), (DUE - 1, ""), (DUE, ""), (DUE + 1, NOT_IN_LINK)])
def test_up_to_takes_any_part_and_nothing_beyond(policy: Policy, amount: int, said: str) -> None:
    """The collections link covers what was overdue and every part of it; a penny more is refused."""
    assert bound(policy).fault(amount, DUE) == said


@pytest.mark.parametrize(
    ("amount", "said"), [(DUE - 1, NOT_IN_LINK), (DUE, ""), (DUE + 1, NOT_IN_LINK), (1, NOT_IN_LINK)]
)
def test_exactly_takes_that_amount_alone(exact: Policy, amount: int, said: str) -> None:
    """A penny less or more than was signed is another payment."""
    assert bound(exact).fault(amount, DUE) == said


@pytest.mark.parametrize(("signed", "said"), [(0, WRONG_TERMS), (-1, WRONG_TERMS), (1, "")])
def test_a_link_signed_for_no_payment_covers_none(policy: Policy, signed: int, said: str) -> None:
    """Below one minor unit nothing was signed: the reason says so, whatever the amount."""
    assert bound(policy).fault(1, signed) == said


def test_a_link_is_signed_for_what_the_document_says(document: dict[str, Any], account: AccountFacts) -> None:
    """Overdue or balance, as the core has it when the message leaves."""
    owed = account._replace(overdue_minor=40_000, balance_minor=100_000)
    overdue = written(document, payee="books", amount="overdue", accepts="up_to")
    balance = written(document, payee="books", amount="balance", accepts="exactly")
    assert (bound(overdue).due(owed), bound(balance).due(owed)) == (40_000, 100_000)
    assert (bound(overdue).exactly, bound(balance).exactly) == (False, True)
    assert bound(overdue).payments == {"pay_now"}
    assert bound(overdue).payee == "books"


@pytest.mark.parametrize(
    ("signed", "high", "asked"),
    [
        (100_000, 100_000, DUE),
        (99_999, 99_999, DUE),
        (DUE, DUE, DUE),
        (DUE - 1, DUE - 1, DUE - 1),
        (1_000, 1_000, 1_000),
    ],
)
def test_an_offer_ends_where_the_link_does(
    policy: Policy, account: AccountFacts, signed: int, high: int, asked: int
) -> None:
    """The page offers the balance at most, and no more than the link covers; what is asked for stays within."""
    decision = bound(policy).held(policy.decide(account), signed)
    offer = decision.allowed[0]
    assert (offer.action, offer.amount_min_minor, offer.amount_max_minor, offer.asked_minor) == (
        "pay_now",
        1_000,
        high,
        asked,
    )
    assert decision.blocked == policy.decide(account).blocked


@pytest.mark.parametrize(("signed", "reason"), [(999, NOT_IN_LINK), (0, WRONG_TERMS)])
def test_what_a_link_does_not_cover_is_blocked_by_name(
    policy: Policy, account: AccountFacts, signed: int, reason: str
) -> None:
    """Below the least that policy takes the payment is not offered; promise and dispute stay as they are."""
    decision = bound(policy).held(policy.decide(account), signed)
    assert [offer.action for offer in decision.allowed] == ["promise_to_pay", "dispute"]
    assert decision.allowed == policy.decide(account).allowed[1:]
    assert decision.blocked[-1] == ("pay_now", LINK_RULE, reason)


def test_an_exact_link_offers_its_own_amount(exact: Policy, account: AccountFacts) -> None:
    """Lowest, highest and asked are one sum; where the account no longer allows it, it is blocked."""
    terms = bound(exact)
    offer = terms.held(exact.decide(account), DUE - 1).allowed[0]
    assert (offer.amount_min_minor, offer.amount_max_minor, offer.asked_minor) == (DUE - 1,) * 3
    within = exact.check_choice(
        terms.held(exact.decide(account), DUE), Choice("pay_now", DUE, 0), AssuranceLevel.CODE
    )
    assert within == ""
    for signed in (account.balance_minor + 1, 999):
        decision = terms.held(exact.decide(account), signed)
        assert ("pay_now", LINK_RULE, NOT_IN_LINK) in decision.blocked


@pytest.mark.parametrize(
    "wrong", [{"payee": ""}, {"payee": "Two Words"}, {"amount": "arrears"}, {"accepts": "less"}]
)
def test_terms_out_of_their_words_are_refused(document: dict[str, Any], wrong: dict[str, str]) -> None:
    """Payee, amount and what is accepted come from closed alphabets and lists."""
    terms = {"payee": "books", "amount": "overdue", "accepts": "up_to", **wrong}
    with pytest.raises(ValidationError):
        written(document, **terms)


def test_a_policy_without_a_payment_has_nothing_to_sign(document: dict[str, Any]) -> None:
    """Link terms nobody could use are a fault at load, with the place."""
    document["actions"] = {"promise_to_pay": document["actions"].pop("pay_now")}
    with pytest.raises(ValidationError, match="link_terms: no action of this policy is a payment"):
        written(document, payee="books", amount="overdue", accepts="up_to")
