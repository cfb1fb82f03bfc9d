"""Turn a validated policy document into closures, once, so that a decision costs microseconds."""

from __future__ import annotations

from collections.abc import Callable
from operator import attrgetter

from sandbox.model import AccountFacts, Action, AssuranceLevel
from sandbox.policy.decide import ActionTerms, Guard, Policy
from sandbox.policy.schema import ActionRule, FactTest, PolicyDocument, Rule

Test = Callable[[AccountFacts], bool]

_MAXIMUM: dict[str, Callable[[AccountFacts], int]] = {
    "overdue": attrgetter("overdue_minor"),
    "balance": attrgetter("balance_minor"),
}

_BASIS_POINTS_PER_PERCENT = 100


def compile_policy(document: PolicyDocument) -> Policy:
    """Compile a policy document.

    Args:
        document: already validated, so every fact is known and every limit is a range.
    """
    return Policy(
        name=document.policy,
        version=document.version,
        exclusions=_guards(document.exclude_when),
        person_rules=_guards(document.person_when),
        terms=tuple(_terms(action, rule) for action, rule in document.actions.items()),
        completion_evidence=document.completion.evidence,
        exception_triggers=document.exception_triggers,
        trigger=document.trigger,
    )


def _terms(action: Action, rule: ActionRule) -> ActionTerms:
    return ActionTerms(
        action=action,
        identity_level=AssuranceLevel[rule.identity.upper()],
        routine=rule.routine,
        evidence=rule.evidence,
        guards=_guards(rule.blocked_when),
        minimum_minor=rule.amount.minimum_minor,
        # Exact: the schema allows two decimals of a percent.
        minimum_basis_points=int(rule.amount.minimum_percent_of_overdue * _BASIS_POINTS_PER_PERCENT),
        maximum_minor=_MAXIMUM[rule.amount.maximum],
        due_days_min=rule.due_days.min,
        due_days_max=rule.due_days.max,
    )


def _guards(rules: tuple[Rule, ...]) -> tuple[Guard, ...]:
    return tuple(Guard(rule.rule, rule.reason, _all_of(rule.when)) for rule in rules)


def _all_of(when: dict[str, FactTest]) -> Test:
    tests = tuple(_test(fact, test) for fact, test in when.items())
    if len(tests) == 1:  # nearly every rule: spare the loop on the hot path
        return tests[0]
    return lambda facts: all(test(facts) for test in tests)


def _test(fact: str, test: FactTest) -> Test:
    read = attrgetter(fact)
    if test.ranged:
        return _range(read, test.at_least, test.at_most)
    if len(test.values) == 1:
        (wanted,) = test.values
        return lambda facts: bool(read(facts) == wanted)
    accepted = frozenset(test.values)
    return lambda facts: read(facts) in accepted


def _range(read: Callable[[AccountFacts], int], at_least: int | None, at_most: int | None) -> Test:
    if at_most is None:
        least = at_least or 0
        return lambda facts: read(facts) >= least
    most = at_most
    if at_least is None:
        return lambda facts: read(facts) <= most
    low = at_least
    return lambda facts: low <= read(facts) <= most
