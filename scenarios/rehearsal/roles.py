"""Which of a policy's actions play which part in a pre-launch review, and how they are called."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from sandbox.model import LEDGER_EFFECTS, AccountFacts, Action, LedgerEffect
from sandbox.policy.decide import Policy

Fits = Callable[[AccountFacts], bool]
"""Says whether a case can be played with a customer."""

_TITLES: Mapping[str, str] = {
    Action.PAY_NOW: "Pay now",
    Action.PROMISE_TO_PAY: "Promise to pay",
    Action.DISPUTE: "Dispute",
}


@dataclass(frozen=True, slots=True)
class Roles:
    """The parts of a review.

    Attributes:
        main: what most cases are about: the first routine action.
        second: another routine action, or the same where there is none.
        judged: the first action that is judgement work; empty where there is none.
        effects: what each action does in the core's ledger.
        policy: whose actions they are; None for those a core knows by name.
    """

    main: str = Action.PAY_NOW.value
    second: str = Action.PROMISE_TO_PAY.value
    judged: str = Action.DISPUTE.value
    effects: Mapping[str, str] = field(default_factory=LEDGER_EFFECTS.copy)
    policy: Policy | None = None

    @property
    def every(self) -> frozenset[str]:
        """All actions."""
        return frozenset(self.effects)

    @property
    def by_name(self) -> bool:
        """Whether the actions are those a core knows by name, whose accounts can be staged."""
        return self.main == Action.PAY_NOW and self.second == Action.PROMISE_TO_PAY

    @property
    def takes_payment(self) -> bool:
        """Whether the main action takes money, so that a payment can be declined."""
        return self.effects[self.main] == LedgerEffect.PAYMENT

    def offered(self, action: str, fits: Fits) -> Fits:
        """Return the test for who fits and is offered an action now."""
        policy = self.policy
        if policy is None:
            return fits
        return lambda account: (
            fits(account) and any(offer.action == action for offer in policy.decide(account).allowed)
        )

    def blocked(self, action: str, fits: Fits) -> Fits:
        """Return the test for who fits, is not offered an action now, and is offered a routine one."""
        policy = self.policy
        if policy is None:
            return fits

        def is_blocked(account: AccountFacts) -> bool:
            offers = policy.decide(account).allowed
            named = {offer.action for offer in offers}
            return fits(account) and action not in named and any(offer.routine for offer in offers)

        return is_blocked


def roles_of(policy: Policy | None) -> Roles:
    """Return the parts a policy's actions play; those of the actions a core knows by name without one."""
    if policy is None:
        return Roles()
    routine = [action for action in policy.actions if policy.is_routine(action)] or list(policy.actions)
    judged = next((action for action in policy.actions if not policy.is_routine(action)), "")
    second = routine[1] if len(routine) > 1 else routine[0]
    return Roles(routine[0], second, judged, policy.effects, policy)


def title_of(action: str) -> str:
    """Return what people call an action."""
    return _TITLES.get(action, action.replace("_", " ").capitalize())
