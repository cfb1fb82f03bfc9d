"""What policy says about one account now: does it come in, what may it do, within which limits, why not.

Decisions are pure functions of the account's facts. A policy never looks at a clock, a store or a customer's
name, so a decision can be repeated from its evidence: policy version, account version and the facts.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import compress
from typing import Any, NamedTuple

from sandbox.model import LEDGER_ACTIONS, AccountFacts, AssuranceLevel, Choice, record_of
from sandbox.policy.decision import Admission, Blocked, Decision, Offer
from sandbox.policy.forms import Form
from sandbox.policy.inputs import Field, fault_in, masked, read_inputs
from sandbox.policy.link_terms import LinkTerms
from sandbox.policy.postings import Writeback
from sandbox.policy.vocabulary import FactRule

AMOUNT_RULE = "amount-limits"
"""The rule named when an account leaves no amount to act on, whatever the document says."""

NO_AMOUNT = "nothing_to_act_on"
"""Its reason code."""

BASIS_POINTS = 10_000

MISSING_FACTS_RULE = "missing-data"
"""The rule named when the core lacks a fact this policy cannot decide without."""

SEGMENT_RULE = "not-in-segment"
"""The rule named when an action is for other segments only."""

NOT_IN_SEGMENT = "not_in_segment"
"""Its reason code."""

TOO_WEAK = "identity_too_weak"
"""Why a choice is refused whose action needs a stronger proof of identity."""


OPENED_BY_CODE_ALONE = frozenset({"payment", "promise", "dispute"})
"""Effects a link or code alone may open, whatever a document says: nothing that outlasts the case it was sent for."""

_CODE = AssuranceLevel.CODE

RULINGS_MAX = 1_024
"""Sorts of accounts whose rulings a policy remembers, some 1 kB each; the shipped collections policy has 512."""


class Guard(NamedTuple):
    """A compiled rule."""

    rule: str
    reason: str
    holds: Callable[[AccountFacts], bool]


class SegmentTest(NamedTuple):
    """A compiled segment; `holds` is None for everybody who is left."""

    segment: str
    holds: Callable[[AccountFacts], bool] | None


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
        maximum_minor: reads the largest amount from the facts; None for an action without an amount.
        due_days_min, due_days_max: days from today.
        effect: what the core's ledger does.
        segments: those it is for; None = all.
    """

    action: str
    identity_level: AssuranceLevel
    routine: bool
    evidence: tuple[str, ...]
    guards: tuple[Guard, ...]
    minimum_minor: int
    minimum_basis_points: int
    maximum_minor: Callable[[AccountFacts], int] | None
    due_days_min: int
    due_days_max: int
    effect: str
    segments: frozenset[str] | None


class Ruling(NamedTuple):
    """What the rules of a policy say to an account, whatever its amounts.

    Attributes:
        person_reason: as in a `Decision`.
        segment: as in a `Decision`.
        open: terms of the actions no rule forbids, each as a plain tuple, which unpacks five times as fast.
        blocked: the other actions.
    """

    person_reason: str
    segment: str
    open: tuple[tuple[Any, ...], ...]
    blocked: tuple[Blocked, ...]


def _first(guards: tuple[Guard, ...], facts: AccountFacts) -> Guard | None:
    for guard in guards:
        if guard.holds(facts):
            return guard
    return None


def _offer(terms: tuple[Any, ...], facts: AccountFacts, overdue: int) -> Offer | None:
    """Put this account's amounts into an action's terms; None where that leaves no amount to act on."""
    action, level, routine, _, _, lowest, basis_points, read_highest, due_min, due_max, effect, _ = terms
    if read_highest is None:
        return record_of(Offer, (action, level, 0, 0, 0, 0, routine, 0, effect))
    highest = read_highest(facts)
    if highest < 1:  # a core can hold an overdue amount without a balance; zero must never pass as a payment
        return None
    share = -(-overdue * basis_points // BASIS_POINTS)  # rounded up: a share is never undercut
    # Comparisons where min and max would do: they are three times as fast, in three offers a visit.
    if share > lowest:
        lowest = share
    if lowest > overdue > 0:
        lowest = overdue
    if lowest > highest:
        lowest = highest
    asked = overdue if overdue > lowest else lowest
    if asked > highest:
        asked = highest
    return record_of(Offer, (action, level, lowest, highest, due_min, due_max, routine, asked, effect))


def _beyond_limits(offer: Offer, choice: Choice) -> str:
    """Say why a choice's amount or day is not acceptable, or nothing."""
    if choice.amount_minor < offer.amount_min_minor:
        return "amount_below_minimum"
    if choice.amount_minor > offer.amount_max_minor:
        return "amount_above_maximum"
    if not offer.due_days_min <= choice.due_day_offset <= offer.due_days_max:
        return "date_out_of_range"
    return ""


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
        segments: parts of the customers, first match wins; empty where all are one.
        forms: the fields of every action that has some.
        writebacks: what every action changes of which its name does not say it all.
        pages: what the form of every action says that has one.
        declared: the workflow's own facts.
        link_terms: what the link in a message is signed for; None where it is signed for no payment.
        likeness: sorts accounts: the rules say the same to all of one sort; None where nobody has told such sorts.
    """

    name: str
    version: int
    exclusions: tuple[Guard, ...]
    person_rules: tuple[Guard, ...]
    terms: tuple[ActionTerms, ...]
    completion_evidence: tuple[str, ...]
    exception_triggers: tuple[str, ...]
    trigger: str = ""
    segments: tuple[SegmentTest, ...] = ()
    forms: Mapping[str, tuple[Field, ...]] = field(default_factory=dict)
    writebacks: Mapping[str, Writeback] = field(default_factory=dict)
    pages: Mapping[str, Form] = field(default_factory=dict)
    declared: Mapping[str, FactRule] = field(default_factory=dict)
    link_terms: LinkTerms | None = None
    likeness: Callable[[AccountFacts], Hashable] | None = None
    _by_action: dict[str, ActionTerms] = field(init=False, repr=False, compare=False)
    _confirmations: dict[str, str] = field(init=False, repr=False, compare=False)
    _rulings: dict[Hashable, Ruling] = field(default_factory=dict, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        confirmations = {action: form.confirms for action, form in self.pages.items()}
        object.__setattr__(self, "_by_action", {terms.action: terms for terms in self.terms})
        object.__setattr__(self, "_confirmations", confirmations)

    @property
    def actions(self) -> tuple[str, ...]:
        """Every action the policy knows, in the order shown."""
        return tuple(terms.action for terms in self.terms)

    @property
    def effects(self) -> dict[str, str]:
        """What the core's ledger does, by action."""
        return {terms.action: terms.effect for terms in self.terms}

    @property
    def judgement(self) -> frozenset[str]:
        """Actions that are judgement work: always a person's."""
        return frozenset(terms.action for terms in self.terms if not terms.routine)

    @property
    def confirmations(self) -> frozenset[str]:
        """What customers are told once an action with a form stands in the core."""
        return frozenset(self._confirmations.values())

    def admit(self, facts: AccountFacts) -> Admission:
        """Say whether a case comes in, before any contact."""
        return self.admissions((facts,))[0]

    def admissions(self, accounts: Sequence[AccountFacts]) -> list[Admission]:
        """Say of many cases whether each comes in, rule by rule; the first rule that holds is named."""
        found = [_ADMITTED] * len(accounts)
        for rule, reason, holds in reversed(self.exclusions):
            barred = Admission(False, reason, rule)
            for place in compress(range(len(accounts)), map(holds, accounts)):
                found[place] = barred
        return found

    def decide(self, facts: AccountFacts) -> Decision:
        """Say what this account may do now.

        An excluded account is offered nothing and sent to nobody (there is nothing left to do); otherwise a
        person rule wins over every action; otherwise an action is offered unless one of its rules forbids it.
        """
        person_reason, segment, open_terms, blocked = self._ruling(facts)
        overdue = facts.overdue_minor
        allowed = []
        for terms in open_terms:
            offer = _offer(terms, facts, overdue)
            if offer is not None:
                allowed.append(offer)
        if len(allowed) < len(open_terms):
            blocked = self._without_amount(blocked, allowed)
        found = tuple(allowed), blocked, person_reason, self.version, facts.version, segment
        return record_of(Decision, found)

    def _ruling(self, facts: AccountFacts) -> Ruling:
        """Ask the rules, or remember what they said to an account of the same sort."""
        likeness = self.likeness
        if likeness is None:
            return self._ruled(facts)
        sort, known = likeness(facts), self._rulings
        found = known.get(sort)
        if found is None:
            found = self._ruled(facts)
            if len(known) < RULINGS_MAX:
                known[sort] = found
        return found

    def _ruled(self, facts: AccountFacts) -> Ruling:
        guard = _first(self.exclusions, facts)
        if guard is not None:
            return self._nothing_allowed(guard, "")
        guard = _first(self.person_rules, facts)
        if guard is not None:
            return self._nothing_allowed(guard, guard.reason)
        segment = self.segment_of(facts) if self.segments else ""
        open_terms: list[tuple[Any, ...]] = []
        blocked: list[Blocked] = []
        for terms in self.terms:
            if terms.segments is not None and segment not in terms.segments:
                blocked.append(Blocked(terms.action, SEGMENT_RULE, NOT_IN_SEGMENT))
            elif (guard := _first(terms.guards, facts)) is not None:
                blocked.append(Blocked(terms.action, guard.rule, guard.reason))
            else:
                open_terms.append(tuple(terms))
        return Ruling("", segment, tuple(open_terms), tuple(blocked))

    def _without_amount(self, blocked: tuple[Blocked, ...], allowed: list[Offer]) -> tuple[Blocked, ...]:
        """Block what neither a rule forbids nor an offer allows; all of it in the policy's order."""
        offered = {offer.action for offer in allowed}
        said = {one.action: one for one in blocked}
        return tuple(
            said.get(action) or Blocked(action, AMOUNT_RULE, NO_AMOUNT)
            for action in self.actions
            if action not in offered
        )

    def segment_of(self, facts: AccountFacts) -> str:
        """Return the account's segment; empty in a policy without segments."""
        for segment, holds in self.segments:
            if holds is None or holds(facts):
                return segment
        return ""

    def _nothing_allowed(self, guard: Guard, person_reason: str) -> Ruling:
        blocked = tuple(Blocked(terms.action, guard.rule, guard.reason) for terms in self.terms)
        return Ruling(person_reason, "", (), blocked)

    def check_choice(self, decision: Decision, choice: Choice, level: AssuranceLevel, today: int = 0) -> str:
        """Judge a submitted choice against the decision it answers.

        Identity is judged before the inputs, so nobody unproven learns the limits by trying.

        Args:
            decision: what was offered.
            choice: what was submitted.
            level: the proof of identity given.
            today: the day of submission, as `date.toordinal` counts; only forms with dates ask.

        Returns:
            "" when acceptable, else action_not_offered, identity_too_weak, amount_below_minimum,
            amount_above_maximum, date_out_of_range, or a reason of `inputs.fault_in`.
        """
        action = choice.action
        for offer in decision.allowed:
            if offer.action == action:
                break
        else:
            return "action_not_offered"
        if level < offer.identity_level or (level <= _CODE and offer.effect not in OPENED_BY_CODE_ALONE):
            return TOO_WEAK
        fields = self.forms.get(action, ())
        reason = _beyond_limits(offer, choice)
        if reason or not (fields or choice.inputs):
            return reason
        fault = fault_in(fields, choice.inputs, today)
        return "" if fault is None else fault.reason

    def confirmation_of(self, action: str) -> str:
        """Return what a customer is told once an action stands in the core; empty where its form does not say."""
        return self._confirmations.get(action, "")

    def masked_inputs(self, choice: Choice) -> dict[str, object]:
        """Return a choice's inputs as a trail may hold them; nothing for an action without a form."""
        return masked(self.forms.get(choice.action, ()), choice.inputs)

    def withheld_inputs(self, choice: Choice) -> list[str]:
        """Return which of a choice's inputs a trail may not hold, sorted."""
        given = read_inputs(choice.inputs) or {}
        fields = self.forms.get(choice.action, ())
        return sorted(one.name for one in fields if one.rule.sensitive and one.name in given)

    def note_of(self, action: str) -> str:
        """Return what the policy wants the record of an action to say; empty where it leaves it to others."""
        writeback = self.writebacks.get(action)
        return "" if writeback is None else writeback.note

    def status_of(self, action: str) -> str:
        """Return the status the core's record of an action gets; empty for one the policy does not know."""
        writeback = self.writebacks.get(action)
        if writeback is not None:
            return writeback.status
        return LEDGER_ACTIONS[action][1] if action in LEDGER_ACTIONS and action in self.actions else ""

    def effect_text(self, choice: Choice) -> str:
        """Return what a choice changes in the core, canonical JSON; empty where the action's name says it all.

        An action the policy does not know has none: the core will refuse it.
        """
        writeback = self.writebacks.get(choice.action)
        return "" if writeback is None else writeback.text(choice.inputs)

    def identity_level(self, action: str) -> AssuranceLevel:
        """Return the weakest proof of identity an action accepts; KeyError if the policy does not know it."""
        return self._by_action[action].identity_level

    def is_routine(self, action: str) -> bool:
        """Say whether an action is routine work; KeyError if the policy does not know it."""
        return self._by_action[action].routine

    def required_evidence(self, action: str) -> tuple[str, ...]:
        """Return the evidence keys an action must leave; KeyError if the policy does not know it."""
        return self._by_action[action].evidence

    def minimum_level(self) -> AssuranceLevel:
        """Return the lowest level with which any action opens."""
        return min(terms.identity_level for terms in self.terms)


_ADMITTED = Admission(True, "", "")
