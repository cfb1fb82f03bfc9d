"""What policy says about one account now: does it come in, what may it do, within which limits, why not.

Decisions are pure functions of the account's facts. A policy never looks at a clock, a store or a customer's
name, so a decision can be repeated from its evidence: policy version, account version and the facts.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from sandbox.model import AccountFacts, Action, AssuranceLevel, Choice, record_of

AMOUNT_RULE = "amount-limits"
"""The rule named when an account leaves no amount to act on, whatever the document says."""

NO_AMOUNT = "nothing_to_act_on"
"""Its reason code."""

BASIS_POINTS = 10_000

TOO_WEAK = "identity_too_weak"
"""Why a choice is refused whose action needs a stronger proof of identity."""


OPENED_BY_CODE_ALONE = frozenset({Action.PAY_NOW.value, Action.PROMISE_TO_PAY.value, Action.DISPUTE.value})
"""What a link or code alone may open, whatever a document says: nothing that outlasts the case it was sent for."""

_CODE = AssuranceLevel.CODE


class Admission(NamedTuple):
    """Whether a case comes in; `reason` and `rule` are empty when it does."""

    admitted: bool
    reason: str
    rule: str


class Offer(NamedTuple):
    """An action this customer may take now, and the inputs it accepts (all ends included).

    `asked_minor` is what the page asks for: what is overdue, within the limits.
    """

    action: Action
    identity_level: AssuranceLevel
    amount_min_minor: int
    amount_max_minor: int
    due_days_min: int
    due_days_max: int
    routine: bool
    asked_minor: int


class Blocked(NamedTuple):
    """An action this customer may not take now: the first rule that forbids it, and its reason code."""

    action: Action
    rule: str
    reason: str


class Decision(NamedTuple):
    """Everything policy says to one account. Every action of the policy is either allowed or blocked.

    Attributes:
        allowed: what may be shown.
        blocked: what may not, and why.
        person_reason: not empty when this customer goes to a person; then nothing is allowed.
        policy_version: version of the policy that decided.
        account_version: version of the account the decision rests on.
    """

    allowed: tuple[Offer, ...]
    blocked: tuple[Blocked, ...]
    person_reason: str
    policy_version: int
    account_version: int


class Guard(NamedTuple):
    """A compiled rule."""

    rule: str
    reason: str
    holds: Callable[[AccountFacts], bool]


class ActionTerms(NamedTuple):
    """One action of a policy, compiled.

    Attributes:
        action: which.
        identity_level: the weakest proof of identity it accepts.
        routine: False for judgement work.
        evidence: keys the audit trail must hold once it is done.
        guards: rules that block it, first match wins.
        minimum_minor: fixed part of the smallest amount, minor units.
        minimum_basis_points: the other part, in hundredths of a percent of the overdue amount.
        maximum_minor: reads the largest amount from the facts.
        due_days_min, due_days_max: days from today.
    """

    action: Action
    identity_level: AssuranceLevel
    routine: bool
    evidence: tuple[str, ...]
    guards: tuple[Guard, ...]
    minimum_minor: int
    minimum_basis_points: int
    maximum_minor: Callable[[AccountFacts], int]
    due_days_min: int
    due_days_max: int


def _first(guards: tuple[Guard, ...], facts: AccountFacts) -> Guard | None:
    for guard in guards:
        if guard.holds(facts):
            return guard
    return None


def _offer(terms: ActionTerms, facts: AccountFacts) -> Offer:
    """Put this account's amounts into an action's terms."""
    overdue = facts.overdue_minor
    highest = terms.maximum_minor(facts)
    share = -(-overdue * terms.minimum_basis_points // BASIS_POINTS)  # rounded up: a share is never undercut
    lowest = min(max(terms.minimum_minor, share), overdue if overdue > 0 else highest, highest)
    asked = min(max(overdue, lowest), highest)
    action, level, routine = terms.action, terms.identity_level, terms.routine
    return record_of(
        Offer, (action, level, lowest, highest, terms.due_days_min, terms.due_days_max, routine, asked)
    )


@dataclass(frozen=True, slots=True)
class Policy:
    """A compiled policy document.

    Attributes:
        name: the document's name.
        version: the document's version.
        exclusions: rules that keep a case out.
        person_rules: rules that send a customer to a person.
        terms: each action, in the order shown.
        completion_evidence: keys a complete case must leave behind.
        exception_triggers: events that hand a case to a person.
        trigger: the event that opens a case, in words.
    """

    name: str
    version: int
    exclusions: tuple[Guard, ...]
    person_rules: tuple[Guard, ...]
    terms: tuple[ActionTerms, ...]
    completion_evidence: tuple[str, ...]
    exception_triggers: tuple[str, ...]
    trigger: str = ""

    @property
    def actions(self) -> tuple[Action, ...]:
        """Every action the policy knows, in the order shown."""
        return tuple(terms.action for terms in self.terms)

    def admit(self, facts: AccountFacts) -> Admission:
        """Say whether a case comes in, before any contact."""
        guard = _first(self.exclusions, facts)
        return _ADMITTED if guard is None else Admission(False, guard.reason, guard.rule)

    def decide(self, facts: AccountFacts) -> Decision:
        """Say what this account may do now.

        An excluded account is offered nothing and sent to nobody (there is nothing left to do); otherwise a
        person rule wins over every action; otherwise an action is offered unless one of its rules forbids it.
        """
        guard = _first(self.exclusions, facts)
        if guard is not None:
            return self._nothing_allowed(guard, "", facts)
        guard = _first(self.person_rules, facts)
        if guard is not None:
            return self._nothing_allowed(guard, guard.reason, facts)
        allowed: list[Offer] = []
        blocked: list[Blocked] = []
        for terms in self.terms:
            guard = _first(terms.guards, facts)
            if guard is not None:
                blocked.append(Blocked(terms.action, guard.rule, guard.reason))
                continue
            offer = _offer(terms, facts)
            # A core can hold an overdue amount without a balance; zero must never pass as a payment.
            if offer.amount_max_minor < 1:
                blocked.append(Blocked(terms.action, AMOUNT_RULE, NO_AMOUNT))
            else:
                allowed.append(offer)
        return Decision(tuple(allowed), tuple(blocked), "", self.version, facts.version)

    def _nothing_allowed(self, guard: Guard, person_reason: str, facts: AccountFacts) -> Decision:
        blocked = tuple(Blocked(terms.action, guard.rule, guard.reason) for terms in self.terms)
        return Decision((), blocked, person_reason, self.version, facts.version)

    @staticmethod
    def check_choice(decision: Decision, choice: Choice, level: AssuranceLevel) -> str:
        """Judge a submitted choice against the decision it answers.

        Identity is judged before the inputs, so nobody unproven learns the limits by trying.

        Returns:
            "" when acceptable, else action_not_offered, identity_too_weak, amount_below_minimum,
            amount_above_maximum or date_out_of_range.
        """
        for offer in decision.allowed:
            if offer.action == choice.action:
                break
        else:
            return "action_not_offered"
        if level < offer.identity_level or (level <= _CODE and offer.action not in OPENED_BY_CODE_ALONE):
            return TOO_WEAK
        if choice.amount_minor < offer.amount_min_minor:
            return "amount_below_minimum"
        if choice.amount_minor > offer.amount_max_minor:
            return "amount_above_maximum"
        if not offer.due_days_min <= choice.due_day_offset <= offer.due_days_max:
            return "date_out_of_range"
        return ""

    def identity_level(self, action: Action) -> AssuranceLevel:
        """Return the weakest proof of identity an action accepts; KeyError if the policy does not know it."""
        return self._terms_of(action).identity_level

    def is_routine(self, action: Action) -> bool:
        """Say whether an action is routine work; KeyError if the policy does not know it."""
        return self._terms_of(action).routine

    def required_evidence(self, action: Action) -> tuple[str, ...]:
        """Return the evidence keys an action must leave; KeyError if the policy does not know it."""
        return self._terms_of(action).evidence

    def minimum_level(self) -> AssuranceLevel:
        """Return the lowest level with which any action opens."""
        return min(terms.identity_level for terms in self.terms)

    def _terms_of(self, action: Action) -> ActionTerms:
        for terms in self.terms:
            if terms.action == action:
                return terms
        raise KeyError(action)


_ADMITTED = Admission(True, "", "")
