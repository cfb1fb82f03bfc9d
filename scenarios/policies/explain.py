"""What a policy says to one customer, given as facts, and which rule said it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from sandbox.errors import BadInput
from sandbox.model import AccountFacts
from sandbox.policy.compile import compile_policy
from sandbox.policy.decide import Policy
from sandbox.policy.decision import Admission, Decision
from sandbox.policy.document import PolicyDocument
from sandbox.policy.postings import canonical_json
from sandbox.policy.vocabulary import FLAG_FACTS, NUMBER_FACTS, WORD_FACTS, FactRule
from scenarios.files.places import instead_of
from scenarios.policies.reading import ReadPolicy

FILE_BYTES_MAX = 100_000
"""Facts of one customer take some 500 bytes."""


@dataclass(frozen=True, slots=True)
class Explained:
    """A decision with what it rests on.

    Attributes:
        policy: the policy's name.
        facts: what was given.
        admission: whether a case comes in.
        decision: what is allowed, and what is blocked by which rule.
        person_rule: the rule that sends this customer to a person, or empty.
    """

    policy: str
    facts: dict[str, object]
    admission: Admission
    decision: Decision
    person_rule: str


def explain(read: ReadPolicy, facts_file: str) -> Explained:
    """Decide for the customer in a facts file.

    Args:
        read: the policy.
        facts_file: JSON of fact name to value; every fact of the policy has to be there unless it has a default.

    Raises:
        BadInput: not JSON, an unknown or missing fact, or a value a fact cannot have.
    """
    given = _read_facts(facts_file)
    rules = _allowed(read.document)
    problems = [
        f"{facts_file}: {name}: unknown fact{instead_of(name, rules)}" for name in given if name not in rules
    ]
    for name, rule in rules.items():
        if name not in given:
            if rule.default is None:
                problems.append(f"{facts_file}: {name}: missing; allowed: {rule.allowed}")
        elif not rule.allows(given[name]):
            shown = json.dumps(given[name])
            problems.append(f"{facts_file}: {name}: found {shown}; allowed: {rule.allowed}")
    if problems:
        raise BadInput(problems)
    account, policy = _account(read.document, given), compile_policy(read.document)
    decision = policy.decide(account)
    return Explained(policy.name, given, policy.admit(account), decision, _person_rule(policy, decision))


def _person_rule(policy: Policy, decision: Decision) -> str:
    return decision.blocked[0].rule if decision.person_reason and policy.terms else ""


def _allowed(document: PolicyDocument) -> dict[str, FactRule]:
    """Every fact the policy can decide by, and what it can be."""
    rules = {name: FactRule(kind="word", one_of=tuple(sorted(words))) for name, words in WORD_FACTS.items()}
    rules |= {name: FactRule(kind="number") for name in sorted(NUMBER_FACTS)}
    rules |= {name: FactRule(kind="flag") for name in sorted(FLAG_FACTS - {"complete"})}
    rules["complete"] = FactRule(kind="flag", default=False)
    return rules | document.facts


def _account(document: PolicyDocument, given: dict[str, object]) -> AccountFacts:
    own = {name: value for name, value in given.items() if name in document.facts}
    base: dict[str, object] = {name: value for name, value in given.items() if name not in own}
    filled = {"account_id": 0, "version": 1, "complete": False, "details": canonical_json(own)} | base
    return AccountFacts(**filled)  # type: ignore[arg-type]  # every value was judged by its rule


def _read_facts(path: str) -> dict[str, object]:
    try:
        with Path(path).open("rb") as file:
            raw = file.read(FILE_BYTES_MAX + 1)
        if len(raw) > FILE_BYTES_MAX:
            raise BadInput([f"{path}: found more than {FILE_BYTES_MAX:,} bytes; allowed: at most that many"])
        found = json.loads(raw)
    except (OSError, ValueError, RecursionError) as error:
        reason = getattr(error, "strerror", None) or error
        raise BadInput([f"{path}: cannot be read: {reason}; allowed: a JSON object of facts"]) from None
    if not isinstance(found, dict):
        raise BadInput([f"{path}: found no object; allowed: a JSON object of fact names to values"])
    return found
