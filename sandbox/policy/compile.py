"""Turn a validated policy document into closures, once, so that a decision costs microseconds."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from operator import attrgetter
from typing import Any

from sandbox.model import AccountFacts, AssuranceLevel, LedgerEffect
from sandbox.policy.decide import MISSING_FACTS_RULE, ActionTerms, Guard, Policy, SegmentTest
from sandbox.policy.details import lacks, reader
from sandbox.policy.document import PolicyDocument
from sandbox.policy.inputs import compiled_fields
from sandbox.policy.likeness import likeness
from sandbox.policy.link_terms import LinkTerms
from sandbox.policy.postings import compiled_writeback
from sandbox.policy.schema import ActionRule, AmountLimits, Rule
from sandbox.policy.vocabulary import FactRule, FactTest

Test = Callable[[AccountFacts], bool]

_AMOUNT: dict[str, Callable[[AccountFacts], int]] = {
    "overdue": attrgetter("overdue_minor"),
    "balance": attrgetter("balance_minor"),
}

_BASIS_POINTS_PER_PERCENT = 100
_MISSING = "missing_data"


def compile_policy(document: PolicyDocument) -> Policy:
    """Compile a policy document.

    Args:
        document: already validated, so every fact is known and every limit is a range.
    """
    declared = document.facts
    writebacks = {
        action: compiled_writeback(action, rule.effect_of(action), rule.written)
        for action, rule in document.actions.items()
    }
    forms = {action: compiled_fields(rule.form) for action, rule in document.actions.items()}
    return Policy(
        name=document.policy,
        version=document.version,
        exclusions=_guards(document.exclude_when, declared),
        person_rules=_person_rules(document),
        terms=tuple(_terms(action, rule, declared) for action, rule in document.actions.items()),
        completion_evidence=document.completion.evidence,
        exception_triggers=document.exception_triggers,
        trigger=document.trigger,
        segments=tuple(
            SegmentTest(one.segment, None if one.when is None else _all_of(one.when, declared))
            for one in document.segments
        ),
        forms={action: fields for action, fields in forms.items() if fields},
        pages={action: rule.form for action, rule in document.actions.items() if rule.form is not None},
        declared=declared,
        link_terms=_link_terms(document),
        likeness=_likeness(document),
        writebacks={action: one for action, one in writebacks.items() if not one.plain},
    )


def _person_rules(document: PolicyDocument) -> tuple[Guard, ...]:
    """The document's own, and after them: who lacks a fact that rules test goes to a person."""
    guards = _guards(document.person_when, document.facts)
    lacking = lacks(document.facts)
    return guards if lacking is None else (*guards, Guard(MISSING_FACTS_RULE, _MISSING, lacking))


def _likeness(document: PolicyDocument) -> Callable[[AccountFacts], Hashable] | None:
    """What sorts accounts, where rules test nothing but what every account has."""
    rules = [*document.exclude_when, *document.person_when]
    rules += [rule for action in document.actions.values() for rule in action.blocked_when]
    tests = [rule.when for rule in rules]
    tests += [one.when for one in document.segments if one.when is not None]
    tested = {fact for when in tests for fact in when}
    apart = tested & document.facts.keys() or lacks(document.facts) is not None
    return None if apart else likeness(tests)


def _link_terms(document: PolicyDocument) -> LinkTerms | None:
    rule = document.link_terms
    if rule is None:
        return None
    actions = document.actions.items()
    payments = frozenset(name for name, action in actions if action.effect_of(name) == LedgerEffect.PAYMENT)
    return LinkTerms(rule.payee, _AMOUNT[rule.amount], rule.accepts == "exactly", payments)


def _terms(action: str, rule: ActionRule, declared: Mapping[str, FactRule]) -> ActionTerms:
    amount = rule.amount
    return ActionTerms(
        action=action,
        identity_level=AssuranceLevel[rule.identity.upper()],
        routine=rule.routine,
        evidence=rule.evidence,
        guards=_guards(rule.blocked_when, declared),
        minimum_minor=0 if amount is None else amount.minimum_minor,
        minimum_basis_points=0 if amount is None else _basis_points(amount),
        maximum_minor=None if amount is None else _AMOUNT[amount.maximum],
        due_days_min=rule.due_days.min,
        due_days_max=rule.due_days.max,
        effect=rule.effect_of(action),
        segments=None if rule.segments is None else frozenset(rule.segments),
    )


def _basis_points(amount: AmountLimits) -> int:
    return int(
        amount.minimum_percent_of_overdue * _BASIS_POINTS_PER_PERCENT
    )  # exact: the schema allows two decimals


def _guards(rules: tuple[Rule, ...], declared: Mapping[str, FactRule]) -> tuple[Guard, ...]:
    return tuple(Guard(rule.rule, rule.reason, _all_of(rule.when, declared)) for rule in rules)


def _all_of(when: dict[str, FactTest], declared: Mapping[str, FactRule]) -> Test:
    tests = tuple(_test(fact, test, declared) for fact, test in when.items())
    if len(tests) == 1:  # nearly every rule: spare the loop on the hot path
        return tests[0]
    return lambda facts: all(test(facts) for test in tests)


def _test(fact: str, test: FactTest, declared: Mapping[str, FactRule]) -> Test:
    if fact in declared:
        return _known(reader(fact, declared[fact]), test)
    place = AccountFacts._fields.index(fact)
    if test.ranged:
        return _range(place, test.at_least, test.at_most)
    if len(test.values) == 1:
        (wanted,) = test.values
        return lambda facts: facts[place] == wanted
    accepted = frozenset(test.values)
    return lambda facts: facts[place] in accepted


def _known(read: Callable[[AccountFacts], Any], test: FactTest) -> Test:
    """A test of a fact that may be lacking: then it does not hold."""
    if not test.ranged:
        accepted = frozenset(test.values)
        return lambda facts: read(facts) in accepted
    inside = _range(0, test.at_least, test.at_most)

    def holds(facts: AccountFacts) -> bool:
        value = read(facts)
        return value is not None and inside((value,))

    return holds


def _range(place: int, at_least: int | None, at_most: int | None) -> Callable[[Sequence[Any]], bool]:
    """A test of the number at a place of a record."""
    if at_most is None:
        least = at_least or 0
        return lambda record: record[place] >= least
    most = at_most
    if at_least is None:
        return lambda record: record[place] <= most
    low = at_least
    return lambda record: low <= record[place] <= most
