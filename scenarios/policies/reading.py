"""A policy document by the name of a shipped policy or scenario, or by a file; and its rules in plain words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from sandbox.errors import BadInput
from sandbox.policy.document import PolicyDocument
from sandbox.policy.vocabulary import SIZED, FactRule, FactTest, FactValue
from scenarios.files.places import Place, problem
from scenarios.files.reader import read_yaml
from scenarios.result import Provenance
from scenarios.world.library import IN_WORDS, find, is_path, kind_of, shipped
from scenarios.world.parts import check_policy, policy_document
from scenarios.world.spec import load_scenario

_MONEY = frozenset({"balance_minor", "overdue_minor"})
_MINOR = 100


class ReadPolicy(NamedTuple):
    """A policy as it was read.

    Attributes:
        document: the policy.
        sources: dotted path below "policy." to where the number there comes from.
        source: the file, as messages name it.
    """

    document: PolicyDocument
    sources: Mapping[str, Provenance]
    source: str


def read_policy_of(name_or_path: str) -> ReadPolicy:
    """Read a policy file, a shipped policy, or the policy a scenario decides by.

    Raises:
        BadInput: unknown, a design, or every fault of the file with its place.
    """
    kind = "policy" if is_path(name_or_path) or name_or_path in shipped("policy") else "scenario"
    if kind == "scenario" and name_or_path not in shipped("scenario"):
        find("policy", name_or_path)  # refuses, and names every shipped policy
    found = find("policy" if kind == "policy" else "scenario", name_or_path)
    what = kind_of(read_yaml(found.path, found.source).data)
    if what not in ("scenario", "policy"):
        text = f"is {IN_WORDS[what]}; allowed: a policy, or a scenario that names one"
        raise BadInput([problem(Place(found.source), "", text)])
    if what == "scenario":
        scenario = load_scenario(name_or_path)
        return ReadPolicy(scenario.policy, _by_path(scenario.provenance), found.source)
    tree, origins = check_policy(found)
    document, _ = policy_document(tree)
    return ReadPolicy(document, _by_path(origins), found.source)


def _by_path(origins: list[Provenance]) -> dict[str, Provenance]:
    own = (one for one in origins if one.path.startswith("policy."))
    return {one.path.removeprefix("policy."): one for one in own}


def money(minor: int) -> str:
    """Write minor units as a sum."""
    return f"{minor / _MINOR:,.2f}"


def fact_words(fact: str) -> str:
    """Return a fact's name as words."""
    return fact.removesuffix("_minor").replace("_", " ")


def when_words(when: Mapping[str, FactTest], declared: Mapping[str, FactRule]) -> str:
    """Return the tests of a rule as words, such as "broken promises at least 3"."""
    return " and ".join(_test_words(fact, test, declared) for fact, test in when.items())


def _test_words(fact: str, test: FactTest, declared: Mapping[str, FactRule]) -> str:
    rule, name = declared.get(fact), fact_words(fact)
    is_money = fact in _MONEY or (rule is not None and rule.kind == "money")

    def shown(value: FactValue | None) -> str:
        if isinstance(value, int) and not isinstance(value, bool):
            return money(value) if is_money else f"{value:,}"
        return str(value)

    if not test.ranged:
        if len(test.values) == 1 and isinstance(test.values[0], bool):
            return name if test.values[0] else f"not {name}"
        return f"{name} is {' or '.join(map(shown, test.values))}"
    if test.at_least is None:
        return f"{name} at most {shown(test.at_most)}"
    if test.at_most is None:
        return f"{name} at least {shown(test.at_least)}"
    return f"{name} from {shown(test.at_least)} to {shown(test.at_most)}"


def fact_kind_words(rule: FactRule) -> str:
    """Return what a workflow's own fact can be."""
    sized = f"{rule.kind}, {rule.allowed}" if rule.kind in SIZED else rule.allowed
    return f"{sized}; without it: {'to a person' if rule.default is None else rule.default}"
