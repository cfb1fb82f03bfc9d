"""What the link in a message is signed for: one payee and one amount, as they stood when the message left.

Whoever comes by the link may pay no more than that and nobody else, whatever a page or a form submits (dynamic
linking, PSD2 RTS article 5). Everything else the policy offers is not touched: a link opens, a payment is held.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from sandbox.model import AccountFacts, record_of
from sandbox.policy.decision import Blocked, Decision, Offer
from sandbox.policy.vocabulary import Code, Part

NOT_IN_LINK = "amount_not_in_link"
"""Why a payment is refused that is not the one, or not within the one, its link was signed for."""

WRONG_TERMS = "wrong_terms"
"""Why a payment is refused whose link was signed for another payee or amount than ours, or for no payment."""

LINK_FAULTS = frozenset({NOT_IN_LINK, WRONG_TERMS})
"""Every reason for which a link's terms refuse a payment."""

LINK_RULE = "link-terms"
"""The rule named when an action is not offered because of them."""


class LinkTermsRule(Part):
    """What every link of this policy is signed for.

    Attributes:
        payee: whom a payment goes to, as the core names them.
        amount: what is owed or overdue when the message leaves.
        accepts: that amount exactly, or any part of it.
    """

    payee: Code
    amount: Literal["overdue", "balance"]
    accepts: Literal["exactly", "up_to"]


@dataclass(frozen=True, slots=True)
class LinkTerms:
    """Compiled link terms.

    Attributes:
        payee: whom a payment goes to.
        due: reads from the facts at sending what a link is signed for, minor units; below 1 it is signed for nothing.
        exactly: nothing less is accepted either.
        payments: the actions that are held to it.
    """

    payee: str
    due: Callable[[AccountFacts], int]
    exactly: bool
    payments: frozenset[str]

    def fault(self, amount_minor: int, signed_minor: int) -> str:
        """Say why a payment does not agree with a link, or nothing.

        Args:
            amount_minor: what is to be paid.
            signed_minor: what the link is good for; below 1 where it is good for no payment of ours.
        """
        if signed_minor < 1:
            return WRONG_TERMS
        if amount_minor > signed_minor or (self.exactly and amount_minor != signed_minor):
            return NOT_IN_LINK
        return ""

    def held(self, decision: Decision, signed_minor: int) -> Decision:
        """Return a decision whose payments stay within a link: what it does not cover is blocked."""
        offers, blocked, person_reason, policy_version, account_version, segment = decision
        payments = self.payments
        within: list[Offer] = []
        beyond: list[Blocked] = []
        for offer in offers:
            if offer.action not in payments:
                within.append(offer)
                continue
            narrowed, reason = self._narrowed(offer, signed_minor)
            if narrowed is None:
                beyond.append(Blocked(offer.action, LINK_RULE, reason))
            else:
                within.append(narrowed)
        if beyond:
            blocked = (*blocked, *beyond)
        held = tuple(within), blocked, person_reason, policy_version, account_version, segment
        return record_of(Decision, held)

    def _narrowed(self, offer: Offer, signed_minor: int) -> tuple[Offer | None, str]:
        """Return what is left of an offer, and why nothing is."""
        action, level, low, high, due_min, due_max, routine, asked, effect = offer
        if signed_minor < 1:
            return None, WRONG_TERMS
        if signed_minor < low or (self.exactly and signed_minor > high):
            return None, NOT_IN_LINK
        if self.exactly:
            low = high = asked = signed_minor
        elif high <= signed_minor:
            return offer, ""
        else:
            high, asked = signed_minor, asked if asked < signed_minor else signed_minor
        held = action, level, low, high, due_min, due_max, routine, asked, effect
        return record_of(Offer, held), ""
